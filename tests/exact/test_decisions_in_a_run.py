"""What a policy is shown during a run, and what becomes of its answers, worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgrid.domain.decision import Assignment, Relaxed, Worklist
from simgrid.domain.network import Access
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.scenario import Discrepancy
from simgrid.domain.schedule import WeeklySchedule, WeeklySpan
from simgrid.domain.world import Dispatch
from simgrid.metrics import evaluate
from simgrid.quality.gates import NoGate
from simgrid.simulation import Deciders, Fit, run
from simgrid.simulation.dispatch import PolicyError
from tests.worlds import NO_RETRIEVALS, Always, inspections, radiologist, simulate, team_of, world

MORNINGS = WeeklySchedule(tuple(WeeklySpan(day, 9 * 60, 10 * 60) for day in range(7)))


class Watching(Always):
    """Keeps every worklist it was shown; refuses inspections of kind 1."""

    def __init__(self) -> None:
        super().__init__(0)
        self.seen: list[Worklist] = []

    def assign(self, worklist: Worklist) -> Assignment:
        self.seen.append(worklist)
        return Assignment(np.where(worklist.kind == 1, -1, 0))


def test_what_nobody_takes_blocks_nobody_else() -> None:
    policy = Watching()
    kinds = np.array([1, 1, 1, 0, 0, 1, 0])
    work = inspections([0.0] * 7, [1.0] * 7, kind=kinds)
    journal = simulate(world(dispatch=Dispatch(60.0, 3), give_up_s=3600.0), work, policy)
    reported = ~np.isnan(journal.inspections.reported_s)
    assert reported.tolist() == (kinds == 0).tolist()
    assert max(len(worklist) for worklist in policy.seen) == 3


def test_a_radiologist_off_duty_is_available_when_her_shift_begins() -> None:
    policy = Watching()
    one = world([radiologist(schedule=MORNINGS)])
    simulate(one, inspections([9.1 * 3600, 12 * 3600.0], [7.3, 1.0]), policy)
    assert policy.seen[1].desks.available_in_s[0] == (24 + 9 - 12) * 3600.0
    assert policy.seen[1].desks.queue_s[0] == 0.0


def test_availability_counts_the_open_study_the_queue_and_the_other_duties() -> None:
    policy = Watching()
    one = world([radiologist(non_reading=1 / 3)])
    # At 240 s the first of three 10-minute studies has had 4 min: 26 min of reading, 39 with duties.
    simulate(one, inspections([0.0, 1.0, 2.0, 240.0], [60.0] * 4), policy)
    assert policy.seen[3].desks.queue_s[0] == pytest.approx(26 * 60)
    assert policy.seen[3].desks.available_in_s[0] == pytest.approx(39 * 60)
    assert policy.seen[3].desks.queue_count[0] == 3


def test_storage_that_is_promised_is_not_free() -> None:
    policy = Watching()
    unit = ReportingUnit("unit", Access(8e6, 8e6), 2.5e6, 1, 3.0)
    work = inspections([0.0, 0.0, 0.0, 0.5], [60.0] * 4, size_bytes=np.array([1e6, 1e6, 5e5, 1e6]))
    simulate(world(units=(unit,), dispatch=Dispatch(0.25, 3)), work, policy)
    assert policy.seen[0].units.storage_free_bytes.tolist() == [2.5e6]
    assert policy.seen[1].units.storage_free_bytes.tolist() == [0.0]


def test_urgent_studies_take_the_next_room_in_the_storage() -> None:
    unit = ReportingUnit("unit", Access(8e9, 8e9), 1e6, 1, 3.0)
    work = inspections(
        [0.0, 1.0, 2.0], [10.0] * 3, size_bytes=np.full(3, 1e6), urgent=np.array([False, False, True])
    )
    delivered = simulate(world(units=(unit,)), work).inspections.delivered_s
    assert delivered[2] < delivered[1]


def test_a_workstation_that_comes_free_after_the_shift_opens_no_study() -> None:
    night = WeeklySchedule(tuple(WeeklySpan(day, 9 * 60, 12 * 60) for day in range(7)))
    team = [radiologist("late", schedule=night), radiologist("early", schedule=MORNINGS)]
    unit = replace(world().units[0], workstations=1)

    class One(Always):
        def assign(self, worklist: Worklist) -> Assignment:
            return Assignment(worklist.inspection % 2)

    # The late reader holds the only workstation from 9:00 to 10:30; the early one's shift ends at 10:00.
    row = simulate(world(team, units=(unit,)), inspections([0.0, 1.0], [90.0, 5.0]), One()).inspections
    assert row.opened_s.tolist() == [9 * 3600.0, (24 + 9) * 3600.0]


class Overruling(Always):
    """Says that it exceeded radiologist 0's limit, unit 0's storage and one deadline."""

    def __init__(self, relaxed: tuple[Relaxed, ...]) -> None:
        super().__init__(0)
        self._relaxed = relaxed

    def assign(self, worklist: Worklist) -> Assignment:
        return replace(super().assign(worklist), relaxed=self._relaxed)


@pytest.mark.parametrize(
    ("relaxed", "concerned"),
    [
        (Relaxed("deadline", 1, 0, 30.0), [False, True]),
        (Relaxed("effort", -1, 0, 12.0), [True, True]),
        (Relaxed("storage", -1, -1, 5e5, unit=0), [True, True]),
        (Relaxed("storage", -1, -1, 5e5, unit=1), [False, False]),
    ],
)
def test_what_gave_way_is_in_the_journal_with_its_excess(relaxed: Relaxed, concerned: list[bool]) -> None:
    one = world(dispatch=Dispatch(60.0, 10))
    journal = simulate(one, inspections([1.0, 2.0], [1.0, 1.0]), Overruling((relaxed,)))
    assert journal.relaxations.condition == (relaxed.condition,)
    assert journal.relaxations.excess.tolist() == [relaxed.excess]
    assert journal.relaxations.at_s.tolist() == [60.0]
    assert journal.inspections.relaxed.tolist() == concerned
    counted = {one.metric: one.value for one in evaluate(journal, Discrepancy()) if one.group == "all"}
    assert counted["relaxed"] == sum(concerned)


def test_the_best_fit_is_sought_among_those_rostered() -> None:
    team = [radiologist("here"), radiologist("never", schedule=WeeklySchedule(()))]
    one, work = world(team), inspections([0.0], [1.0])
    fit = np.array([[0.5, 0.5], [0.9, 0.9]])
    deciders = Deciders(team_of(one, work), Always(), "batched", NoGate())
    records = run(one, work, NO_RETRIEVALS, deciders, Fit(fit, fit)).inspections
    assert records.fit_true_best.tolist() == [0.5]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "returned a NoneType: expected simgrid.domain.decision.Assignment"),
        (Assignment(np.array([0.0])), "choices of type float64: expected whole numbers"),
        (Assignment(np.array([True])), "choices of type bool: expected whole numbers"),
        (Assignment(np.array([0, 0])), r"choices of shape \(2,\) for 1 inspections"),
        (Assignment(np.array([7])), "chose radiologist 7 for inspection 0: expected -1"),
    ],
)
def test_a_policys_wrong_answer_is_named(answer: object, said: str) -> None:
    class Wrong:
        def assign(self, worklist: Worklist) -> Assignment:
            return answer  # type: ignore[return-value]

    with pytest.raises(PolicyError, match=said):
        simulate(world(), inspections([0.0], [1.0]), Wrong())


def test_a_policy_may_answer_with_a_list() -> None:
    class Listing:
        def assign(self, worklist: Worklist) -> Assignment:
            return Assignment([0] * len(worklist))  # type: ignore[arg-type]

    assert simulate(world(), inspections([0.0], [1.0]), Listing()).inspections.radiologist.tolist() == [0]
