"""Inspections as columns: one row an inspection, in order of request.

The columns hold what a request and its images say, and the draws that belong to the inspection. The true
reading time is ``reading_draw_min`` times the true speed of whoever reads it; no policy ever sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from simgrid.domain.imaging import Chances, Pictures
from simgrid.domain.kind import Kind
from simgrid.domain.units import BoolArray, FloatArray, IntArray

POLICY_LUCK = 3
"""Columns of ``luck`` that policies may use; the further ones belong to the quality gate, one an attempt."""
GATE_ATTEMPTS = 3
"""Acquisitions that have draws of their own at least; more where patients may be called back."""


Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
"""Whole numbers, in as many bits as their source needs."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What is shown of each inspection's urgency, shape (S,): a label, and the time allowed by that label."""

    urgent: BoolArray
    required_s: FloatArray


@dataclass(frozen=True, slots=True)
class Inspections:
    """S inspections; every array has shape (S,) unless stated.

    ``identifier``: pseudonymous names. ``kind``, ``site``: index into ``kinds`` and ``sites``.
    ``required_s``: time allowed from request to report (t_req). ``images``: image count.
    ``reading_draw_min``: true reading minutes at speed 1. ``luck`` (S, POLICY_LUCK + GATE_ATTEMPTS):
    uniforms in [0, 1) for choices made about the inspection. ``defect`` (S, GATE_ATTEMPTS): whether the
    acquisition is defective at each attempt. ``logged``: index of the radiologist whom the replayed log
    names, -1 where it names none of the scenario's; None where nothing is replayed. ``label``: what is shown
    in place of ``urgent`` and ``required_s``; None where these are shown. ``pictures``: the real images, with
    their defects; None where the scenario has none. ``chances``: of what comes after the gate, None where
    nothing does. Both arrays of attempts are wider where there are more acquisitions to draw for.
    """

    identifier: Sequence[str]
    kinds: tuple[Kind, ...]
    sites: tuple[str, ...]
    kind: Codes
    site: Codes
    requested_s: FloatArray
    required_s: FloatArray
    urgent: BoolArray
    size_bytes: FloatArray
    images: Codes
    reading_draw_min: FloatArray
    luck: FloatArray
    defect: BoolArray
    logged: Codes | None = None
    label: Labels | None = None
    pictures: Pictures | None = None
    chances: Chances | None = None

    def __post_init__(self) -> None:
        rows = len(self.identifier)
        for name in (
            "kind",
            "site",
            "requested_s",
            "required_s",
            "urgent",
            "size_bytes",
            "images",
            "reading_draw_min",
            "luck",
            "defect",
        ):
            if len(getattr(self, name)) != rows:
                raise ValueError(f"{name} has {len(getattr(self, name))} rows: expected {rows}")
        if self.logged is not None and len(self.logged) != rows:
            raise ValueError(f"logged has {len(self.logged)} rows: expected {rows}")
        if self.label is not None and {len(self.label.urgent), len(self.label.required_s)} != {rows}:
            raise ValueError(f"label has not one entry a row: expected {rows}")
        if rows and np.any(np.diff(self.requested_s) < 0):
            raise ValueError("requested_s: inspections must be in order of request")

    def __len__(self) -> int:
        return len(self.identifier)

    def as_labelled(self) -> Inspections:
        """The same inspections as everybody is shown them: ``urgent`` and ``required_s`` by the labels."""
        if self.label is None:
            return self
        return replace(self, urgent=self.label.urgent, required_s=self.label.required_s, label=None)

    def of_kind(self, attribute: str) -> FloatArray:
        """A numeric attribute of each inspection's kind, shape (S,)."""
        table = np.array([getattr(kind, attribute) for kind in self.kinds], dtype=np.float64)
        return table[self.kind] if len(self.kinds) else np.zeros(0)

    def labels(self, attribute: str) -> list[str]:
        """A textual attribute of each inspection's kind, in row order."""
        return [getattr(self.kinds[k], attribute) for k in self.kind]


@dataclass(frozen=True, slots=True)
class Retrievals:
    """Image retrievals by non-local clients; every array has shape (N,), ascending in time.

    ``luck``: uniforms in [0, 1) that choose the study asked for; none means one half each.
    """

    client: IntArray
    at_s: FloatArray
    size_bytes: FloatArray
    luck: FloatArray = field(default_factory=lambda: np.zeros(0))
