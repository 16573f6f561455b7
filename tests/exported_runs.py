"""A run over two sites and two units as the export tests write it: some inspections stay open."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np

from simgrid.codes import CodeTables
from simgrid.domain.journal import Journal
from simgrid.domain.network import Access
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.site import Site
from simgrid.kinds import kind_from_codes
from simgrid.presentation.logs.steps import STEPS
from tests.worlds import Shortest, inspections, radiologist, simulate, world

CODES = CodeTables.default()
START = datetime(2026, 3, 28, 22, tzinfo=timezone(timedelta(hours=1)))
KINDS = (
    kind_from_codes(CODES, "CT", "Brain", "C71", 0.25),
    kind_from_codes(CODES, "MR", "Knee", "S83", 0.25),
)
SITES = ("north", "süd & <west>")


def make_run(count: int = 40, give_up_s: float = 86400.0) -> Journal:
    """A run over two sites and two units; the last inspections stay open."""
    draw = np.random.default_rng(7)
    wide = Access(1e9, 1e8)
    one = world(
        (radiologist('Dr Ä, "x"'), radiologist("r2", "unit-2")),
        sites=tuple(Site(name, wide) for name in SITES),
        units=tuple(ReportingUnit(name, wide, 1e15, 1, 10.0) for name in ("unit", "unit-2")),
        report_bytes=1e4,
        give_up_s=give_up_s,
    )
    work = inspections(
        np.sort(draw.uniform(0, 20_000, count)),
        draw.uniform(1, 30, count),
        identifier=tuple(f"i{n:016x}" for n in range(count)),
        kinds=KINDS,
        kind=draw.integers(0, 2, count),
        sites=SITES,
        site=draw.integers(0, 2, count),
        urgent=draw.random(count) < 0.3,
        size_bytes=np.rint(draw.uniform(1e6, 2e8, count)),
        images=draw.integers(1, 500, count),
    )
    return simulate(one, work, Shortest())


def reached(journal: Journal) -> int:
    """How many steps of its inspections a run came to."""
    of = journal.inspections
    return sum(int(np.isfinite(getattr(of, f"{step}_s")).sum()) for step in STEPS)
