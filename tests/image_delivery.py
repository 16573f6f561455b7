"""Worlds in which a unit's line carries 1 MB in a second and nothing else takes time worth noting."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from simgrid.domain.grid import Grid
from simgrid.domain.inspection import Inspections
from simgrid.domain.journal import Journal
from simgrid.domain.network import Access
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.viewing import Viewer
from simgrid.domain.world import World
from simgrid.metrics import audit
from tests.worlds import Always, Shortest, inspections, world

MB = 1e6
LINE = Access(8e6, 8e6)
STREAMING = Viewer(streaming=True)
SOON = 1e-2
"""Seconds that all the wide lines take together."""


def units(count: int = 1, storage: float = 1e15, **changes: Any) -> tuple[ReportingUnit, ...]:
    names = ("unit", *(f"unit{n}" for n in range(1, count)))
    return tuple(ReportingUnit(name, LINE, storage, 9, 10.0, **changes) for name in names)


def one_world(grid: Grid, count: int = 1, storage: float = 1e15, **changes: Any) -> World:
    return world(units=units(count, storage), grid=grid, **changes)


def work(
    sizes_mb: list[float], minutes: list[float], at: list[float] | None = None, **columns: Any
) -> Inspections:
    rows = len(sizes_mb)
    images = np.full(rows, 100, dtype=np.int64)
    requested_s = at or [0.0] * rows
    return inspections(
        requested_s, minutes, **{"size_bytes": np.array(sizes_mb) * MB, "images": images, **columns}
    )


def leg_bytes(journal: Journal, *legs: str) -> float:
    return sum(one.carried_bytes for one in journal.carried if one.leg in legs)


def sound(journal: Journal) -> Journal:
    assert audit.problems(journal) == ()
    return journal


def streamed(groups: int) -> Grid:
    return Grid(viewer=Viewer(streaming=True, groups=groups))


class EachItsOwn(Always):
    """Even inspections to the first, odd ones to the second radiologist, whatever their desks look like."""

    def assign(self, worklist: Any) -> Any:
        answer = super().assign(worklist)
        return replace(answer, radiologist=worklist.inspection % 2)


class OnDuty(Shortest):
    """To whoever is on duty."""

    def assign(self, worklist: Any) -> Any:
        answer = super().assign(worklist)
        return replace(answer, radiologist=np.full(len(worklist), int(np.argmax(worklist.desks.on_duty))))
