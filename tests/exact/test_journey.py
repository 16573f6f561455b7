"""Journeys small enough to be worked by hand, second by second."""

from dataclasses import replace

import numpy as np
import pytest

from simgrid.domain.network import Access, DataCentre
from simgrid.domain.observer import Observer
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.scenario import GateChoice
from simgrid.domain.schedule import WeeklySchedule, WeeklySpan
from simgrid.domain.site import Site
from simgrid.domain.world import Acquisition, Dispatch
from simgrid.metrics import audit
from simgrid.quality import gates
from simgrid.simulation import Deciders, Fit, run
from tests.worlds import (
    NO_RETRIEVALS,
    WIDE,
    Always,
    inspections,
    radiologist,
    simulate,
    team_of,
    world,
)


def test_every_leg_of_one_inspection() -> None:
    # 1 MB: 8 s up at 1 Mbit/s; the window closes at 60 s; 4 s down at 2 Mbit/s; 5 min at speed 1.2; the
    # report of 1 kB needs .004 s on the unit's 2 Mbit/s.
    one = world(
        [radiologist(speed=1.2)],
        sites=(Site("site", Access(1e6, 1e9)),),
        units=(ReportingUnit("unit", Access(2e6, 2e6), 1e9, 1, 3.0),),
        data_centre=DataCentre(Access(1e9, 1e9)),
        dispatch=Dispatch(60.0, 100),
        report_bytes=1000.0,
    )
    journal = simulate(one, inspections([10.0], [5.0], size_bytes=np.array([1e6])))
    row = journal.inspections
    assert row.acquired_s[0] == 10.0
    assert row.uploaded_s[0] == pytest.approx(18.0, rel=1e-12)
    assert row.assigned_s[0] == pytest.approx(60.0, rel=1e-12)
    assert row.delivered_s[0] == pytest.approx(64.0, rel=1e-12)
    assert row.opened_s[0] == pytest.approx(64.0, rel=1e-12)
    assert row.read_s[0] == pytest.approx(64.0 + 360.0, rel=1e-12)
    assert row.reported_s[0] == pytest.approx(424.004, rel=1e-12)
    # Planned at 60 s: 50 s waited, 4 s transfer, 10 expected minutes at the believed speed of 1.2.
    assert row.planned_s[0] == pytest.approx(50 + 4 + 720, rel=1e-12)
    assert journal.transfers.leg == ("upload", "delivery", "report")
    assert journal.ended_s == row.reported_s[0]


def test_two_uploads_share_the_sites_link() -> None:
    one = world(sites=(Site("site", Access(1e6, 1e9)),))
    work = inspections([0.0, 0.0], [1.0, 1.0], size_bytes=np.array([1e6, 1e6]))
    shared = simulate(one, work).inspections.uploaded_s
    separate = simulate(replace(one, sharing="separate"), work).inspections.uploaded_s
    assert shared == pytest.approx([16.0, 16.0])
    assert separate == pytest.approx([8.0, 8.0])


def test_urgent_studies_are_read_first_and_nothing_is_interrupted() -> None:
    work = inspections([0.0, 1.0, 2.0], [10.0, 10.0, 10.0], urgent=np.array([False, False, True]))
    row = simulate(world(), work).inspections
    assert row.opened_s.tolist() == [0.0, 1200.0, 600.0]


def test_workstations_limit_how_many_read_at_once() -> None:
    team = [radiologist("a"), radiologist("b")]
    one = world(team, units=(ReportingUnit("unit", WIDE, 1e15, 1, 3.0),))

    class Alternate(Always):
        def assign(self, worklist):  # type: ignore[no-untyped-def]
            answer = super().assign(worklist)
            return replace(answer, radiologist=worklist.inspection % 2)

    journal = simulate(one, inspections([0.0, 0.0], [10.0, 10.0]), Alternate())
    assert sorted(journal.inspections.opened_s.tolist()) == [0.0, 600.0]
    assert journal.peak_desks_busy.tolist() == [1]


def test_an_open_study_is_finished_after_the_shift_and_the_next_waits_for_the_morning() -> None:
    hours = WeeklySchedule(tuple(WeeklySpan(day, 9 * 60, 10 * 60) for day in range(5)))
    one = world([radiologist(schedule=hours)])
    journal = simulate(one, inspections([0.0, 0.0], [90.0, 5.0]))
    row = journal.inspections
    assert row.opened_s.tolist() == [9 * 3600.0, (24 + 9) * 3600.0]
    assert row.read_s[0] == 10.5 * 3600.0
    assert journal.in_hours[0].tolist() == [9 * 3600.0, 10 * 3600.0]


def test_a_study_waits_for_room_in_the_units_storage() -> None:
    one = world(units=(ReportingUnit("unit", Access(8e6, 8e6), 1.5e6, 1, 3.0),))
    work = inspections([0.0, 0.0], [10.0, 10.0], size_bytes=np.array([1e6, 1e6]))
    journal = simulate(one, work)
    first, second = journal.inspections.delivered_s
    assert first == pytest.approx(1.0, abs=1e-4)
    assert second == pytest.approx(601.0 + 1.0, abs=1e-3)
    assert journal.peak_storage_share[0] == pytest.approx(1e6 / 1.5e6)


def test_the_technologist_catches_a_defect_and_the_repeat_keeps_the_scanner() -> None:
    gate = GateChoice("technologist", {"check_s": 30.0, "sensitivity": 1.0, "specificity": 1.0})
    one = world(acquisition=Acquisition(scan_s=60.0, repeat_s=300.0))
    defect = np.array([[True, False, False], [False, False, False]])
    journal = simulate(one, inspections([0.0, 0.0], [1.0, 1.0], defect=defect), gate=gate)
    row = journal.inspections
    assert row.acquired_s.tolist() == [60 + 30 + 300 + 30, 420 + 60 + 30]
    assert row.repeats.tolist() == [1, 0]
    assert not row.defect_missed.any()


def test_a_gate_without_eyes_lets_the_defect_pass() -> None:
    work = inspections([0.0], [1.0], defect=np.array([[True, False, False]]))
    row = simulate(world(), work).inspections
    assert row.defect_missed.tolist() == [True]
    assert row.repeats.tolist() == [0]


def test_non_reading_time_follows_each_study() -> None:
    journal = simulate(world([radiologist(non_reading=1 / 3)]), inspections([0.0, 0.0], [10.0, 10.0]))
    assert journal.inspections.opened_s.tolist() == pytest.approx([0.0, 900.0])
    assert journal.radiologists.reading_s.tolist() == [1200.0]


def test_batches_form_by_window_and_by_size() -> None:
    one = world(dispatch=Dispatch(100.0, 2))
    row = simulate(one, inspections([10.0, 20.0, 30.0], [1.0, 1.0, 1.0])).inspections
    assert row.assigned_s.tolist() == [20.0, 20.0, 100.0]
    online = simulate(one, inspections([10.0, 20.0, 30.0], [1.0, 1.0, 1.0]), timing="online").inspections
    assert online.assigned_s.tolist() == [10.0, 20.0, 30.0]


def test_what_is_left_at_the_end_is_open_and_accounted_for() -> None:
    never = WeeklySchedule(())
    journal = simulate(world([radiologist(schedule=never)], give_up_s=1000.0), inspections([0.0], [1.0]))
    assert np.isnan(journal.inspections.reported_s[0])
    assert journal.ended_s == 1000.0
    assert journal.area_in_system_s == 1000.0


def test_a_request_whose_time_the_clock_cannot_hit_exactly_is_no_step_back() -> None:
    # Found on Table 1: now + (at - now) is a rounding below at, so a stage came before its request.
    pairs = np.random.default_rng(0).uniform((1.0, 100.0), (50.0, 200.0), (2000, 2)).tolist()
    missed = [(now, at) for now, at in pairs if now + (at - now) < at]
    assert missed, "the draws must contain the case"
    for now, at in missed[:20]:
        assert audit.problems(simulate(world(), inspections([now, at], [0.1, 0.1]))) == ()


def test_a_run_tells_what_share_of_the_requests_has_been_made() -> None:
    heard: list[float] = []
    work = inspections(np.arange(20_000.0), np.full(20_000, 0.001))
    one = world()
    team, fit = team_of(one, work), np.ones((1, len(work.kinds)))
    deciders = Deciders(team, Always(), "batched", gates.make(GateChoice()))
    quiet = run(one, work, NO_RETRIEVALS, deciders, Fit(fit, fit))
    told = run(one, work, NO_RETRIEVALS, deciders, Fit(fit, fit), observer=Observer(heard.append))
    assert len(heard) == 3
    assert sum(heard) == pytest.approx(1.0)
    assert told.fingerprint == quiet.fingerprint
