"""A class in somebody's own file, as data: what a choice names and a run key holds, not the class itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlugIn:
    """The class ``name`` in the Python file ``file``, whose bytes have the SHA-256 ``sha256``."""

    file: str
    name: str
    sha256: str
