"""What studies waited for, in worlds small enough to work out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgrid.domain.desk_rules import DeskRules
from simgrid.domain.events import LinkLimit
from simgrid.domain.grid import Grid
from simgrid.domain.inspection import Inspections
from simgrid.domain.network import Access, DataCentre
from simgrid.domain.reporting_unit import ReportingUnit, SharedMonitors
from simgrid.domain.scenario import GateChoice
from simgrid.domain.schedule import WeeklySchedule, WeeklySpan
from simgrid.domain.site import Site
from simgrid.domain.world import Acquisition, Dispatch, World
from simgrid.experiments.waits import Follower, table_of, waits_of
from tests.worlds import CT_BRAIN, WIDE, Always, inspections, radiologist, simulate, world

MEGABIT = Access(1e6, 1e6)
ONE_O_CLOCK = WeeklySchedule((WeeklySpan(0, 60, 120), WeeklySpan(1, 60, 120)))


def told(one: World, work: Inspections, row: int, **options: object) -> list[tuple[str, float, int]]:
    follower = Follower(len(work))
    journal = simulate(one, work, Always(), observer=follower.observer, **options)  # type: ignore[arg-type]
    course = follower.course(journal, one)
    assert np.allclose(table_of(course).seconds.sum(axis=1), table_of(course).turnaround_s)
    return [(part.kind, pytest.approx(part.seconds, abs=1e-6), part.others) for part in waits_of(course, row)]


def test_two_studies_share_lines_wait_for_the_window_the_hours_and_each_other() -> None:
    one = world(
        [radiologist(schedule=ONE_O_CLOCK)],
        sites=(Site("site", MEGABIT),),
        units=(ReportingUnit("unit", MEGABIT, 1e15, 1, 10.0),),
        dispatch=Dispatch(60.0, 1000),
        report_bytes=125_000.0,
    )
    work = inspections([0.0, 0.0], [40.0, 10.0], size_bytes=np.full(2, 1e6))
    before = [
        ("upload-line", 8.0, 0),
        ("upload", 8.0, 0),
        ("decision", 44.0, 0),
        ("delivery-line", 8.0, 0),
        ("delivery", 8.0, 0),
        ("nobody", 3600.0 - 76.0, 0),
    ]
    assert told(one, work, 0) == [*before, ("reading", 2400.0, 0), ("report", 1.0, 0)]
    second = [*before, ("others", 2400.0, 1), ("reading", 600.0, 0), ("report", 1.0, 0)]
    assert told(one, work, 1) == second


def test_an_outage_full_storage_and_somebody_elses_hours() -> None:
    """The line up is dead from 4 s to 104 s, the unit has room for one study, r2 is there all day."""
    early = radiologist("r2", schedule=WeeklySchedule((WeeklySpan(0, 0, 1440),)))
    one = world(
        [radiologist(schedule=ONE_O_CLOCK), early],
        sites=(Site("site", MEGABIT),),
        units=(ReportingUnit("unit", WIDE, 1.5e6, 2, 10.0),),
        events=(LinkLimit("site", 4.0, 104.0),),
    )
    work = inspections([0.0, 200.0], [1.0, 1.0], size_bytes=np.full(2, 1e6))
    first = told(one, work, 0)
    assert first[:2] == [("upload", 4.0, 0), ("upload-down", 100.0, 0)]
    assert first[2] == ("upload", 4.0, 0)
    assert ("off-duty", 3600.0 - 108.0 - 8e-6, 0) in first
    second = told(one, work, 1)
    assert [kind for kind, *_ in second] == ["upload", "delivery-room", "delivery", "reading"]
    assert second[1] == ("delivery-room", 3660.0 - 208.0, 0)


def test_scans_repeats_the_gate_and_another_patient_before() -> None:
    one = world(acquisition=Acquisition(120.0, 300.0, 2))
    work = inspections([0.0, 10.0], [1.0, 1.0], defect=np.array([[True, False, False], [False] * 3]))
    gate = GateChoice("technologist", {"check_s": 24.0, "sensitivity": 1.0, "specificity": 1.0})
    first = told(one, work, 0, gate=gate)
    assert first[:4] == [("scan", 120.0, 0), ("gate", 24.0, 0), ("repeat", 300.0, 0), ("gate", 24.0, 0)]
    second = told(one, work, 1, gate=gate)
    assert second[:3] == [("scanner", 458.0, 0), ("scan", 120.0, 0), ("gate", 24.0, 0)]


def test_an_urgent_one_comes_first_and_her_other_duties_and_the_monitor_follow() -> None:
    rules = Grid(reading=DeskRules("finish", True, 0.0))
    one = world([radiologist(non_reading=0.25)], grid=rules)
    work = inspections([0.0, 60.0, 61.0], [10.0, 3.0, 2.0], urgent=np.array([False, True, False]))
    # A quarter of her time is for other duties: they follow each study, for a third of what it took.
    first = [("reading", 60.0, 0), ("urgent-first", 180.0, 1), ("duties", 60.0, 0), ("reading", 540.0, 0)]
    assert told(one, work, 0) == first
    assert told(one, work, 1) == [("reading", 180.0, 0)]
    behind = [("others", 179.0, 1), ("duties", 60.0, 0), ("others", 540.0, 1), ("duties", 200.0, 0)]
    assert told(one, work, 2) == [*behind, ("reading", 120.0, 0)]


def test_two_radiologists_and_one_monitor() -> None:
    sharp = replace(CT_BRAIN, image_megapixels=8.0)
    unit = ReportingUnit("unit", WIDE, 1e15, 2, 3.0, SharedMonitors(1, 8.0))
    one = world([radiologist(), radiologist("r2")], units=(unit,))
    work = inspections([0.0, 5.0], [10.0, 10.0], kinds=(sharp,), logged=np.array([0, 1]))

    class Named(Always):
        def assign(self, worklist):  # type: ignore[no-untyped-def]
            answer = super().assign(worklist)
            return replace(answer, radiologist=worklist.inspection.copy())

    follower = Follower(2)
    course = follower.course(simulate(one, work, Named(), observer=follower.observer), one)
    kinds = [(part.kind, part.seconds) for part in waits_of(course, 1)]
    assert kinds == [("seat", 595.0), ("reading", 600.0)]


def test_what_was_not_reported_ends_with_the_run() -> None:
    one = world([radiologist(schedule=ONE_O_CLOCK)], give_up_s=1000.0)
    work = inspections([0.0], [1.0])
    assert told(one, work, 0) == [("nobody", 1000.0, 0)]


def test_followed_runs_are_the_same_runs() -> None:
    one, work = world(data_centre=DataCentre(MEGABIT)), inspections([0.0], [1.0])
    follower = Follower(1)
    assert simulate(one, work, observer=follower.observer).fingerprint == simulate(one, work).fingerprint
