"""The reference runs that travel with simgrid: what stands behind the verdicts of ``--full``, kept small.

``values/NAME.json`` as ``evidence`` writes them, ``verdicts-full.csv``, tables and figures made of them, and
``manifest.json``, which tells how and on what machine they were made.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def reference_folder() -> Path:
    """Where the reference runs are: in the package, or in results/ of a checkout."""
    inside = _PACKAGE / "paper" / "reference"
    return inside if inside.is_dir() else _PACKAGE.parent / "results" / "reference"
