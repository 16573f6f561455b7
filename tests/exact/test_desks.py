"""What happens at the desks, worked by hand: ends of shift, interruptions, monitors, habits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simgrid.domain.decision import Assignment, Worklist
from simgrid.domain.desk_rules import DeskRules, SessionSpeedUp
from simgrid.domain.grid import Grid
from simgrid.domain.journal import Journal
from simgrid.domain.network import Access
from simgrid.domain.reporting_unit import ReportingUnit, SharedMonitors
from simgrid.domain.schedule import Roster, WeeklySchedule, WeeklySpan
from simgrid.domain.world import World
from simgrid.metrics import audit
from simgrid.simulation.clock import Clock
from simgrid.simulation.delivery import UnitStorage
from simgrid.simulation.stalls import Stalls
from tests.worlds import CT_BRAIN, MR_KNEE, WIDE, inspections, radiologist, simulate, team_of, world

MAMMOGRAM = replace(MR_KNEE, modality="MG", image_megapixels=5.0)
HOUR = 3600.0


def hours(start: int, end: int) -> WeeklySchedule:
    return WeeklySchedule(tuple(WeeklySpan(day, start * 60, end * 60) for day in range(7)))


def ruled(rules: DeskRules, *team: Any, **changes: Any) -> World:
    return world(team or (radiologist(),), grid=Grid(reading=rules), **changes)


def desks_of(journal: Journal) -> Any:
    assert audit.problems(journal) == ()
    return journal.grid.desks


class InTurn:
    """Everything to the first on duty, else to the first; remembers what it was shown."""

    def __init__(self) -> None:
        self.seen: list[Worklist] = []

    def assign(self, worklist: Worklist) -> Assignment:
        self.seen.append(worklist)
        return Assignment(np.full(len(worklist), int(np.argmax(worklist.desks.on_duty)), dtype=np.int64))


def test_a_parked_study_is_read_on_at_the_next_shift() -> None:
    one = ruled(DeskRules("park", resume_s=120.0), radiologist(schedule=hours(9, 10)))
    journal = simulate(one, inspections([0.0, 0.0], [90.0, 5.0]))
    rows, desks = journal.inspections, desks_of(journal)
    # An hour today, two minutes to find the place again, half an hour tomorrow, then the other one.
    assert rows.opened_s.tolist() == [9 * HOUR, 33 * HOUR + 1920.0]
    assert rows.read_s.tolist() == [33 * HOUR + 1920.0, 33 * HOUR + 2220.0]
    assert (desks.kind, desks.at_s.tolist(), desks.until_s.tolist()) == (
        ("parked",),
        [10 * HOUR],
        [33 * HOUR],
    )
    assert journal.radiologists.reading_s.tolist() == [95 * 60.0]


def test_a_study_may_take_many_shifts_and_who_never_comes_back_leaves_it_open() -> None:
    one = ruled(DeskRules("park"), radiologist(schedule=hours(9, 10)))
    assert simulate(one, inspections([0.0], [210.0])).inspections.read_s.tolist() == [
        3 * 24 * HOUR + 9.5 * HOUR
    ]
    monday = WeeklySchedule((WeeklySpan(0, 540, 600),))
    journal = simulate(
        ruled(DeskRules("park"), radiologist(schedule=monday), give_up_s=86400.0), inspections([0.0], [90.0])
    )
    assert np.isnan(journal.inspections.read_s[0])
    assert journal.radiologists.reading_s.tolist() == [HOUR]
    assert np.isnan(desks_of(journal).until_s[0])


def test_an_urgent_study_interrupts_a_routine_one_and_no_other() -> None:
    work = inspections([0.0, 120.0, 180.0], [10.0, 5.0, 5.0], urgent=np.array([False, True, True]))
    journal = simulate(ruled(DeskRules(interruption=True, resume_s=30.0)), work)
    rows, desks = journal.inspections, desks_of(journal)
    assert rows.opened_s.tolist() == [0.0, 120.0, 420.0]
    # Two of ten minutes had been read; back after both, thirty seconds to find the place, eight minutes.
    assert rows.read_s.tolist() == [720.0 + 30.0 + 480.0, 420.0, 720.0]
    assert desks.kind == ("interrupted",)
    assert (desks.at_s.tolist(), desks.until_s.tolist()) == ([120.0], [720.0])
    assert journal.radiologists.reading_s.tolist() == [1200.0]


def test_who_is_called_away_while_finding_the_place_has_only_the_rest_of_the_way() -> None:
    urgent = np.array([False, True, True])
    work = inspections([0.0, 60.0, 130.0], [10.0, 1.0, 1.0], urgent=urgent)
    rows = simulate(ruled(DeskRules(interruption=True, resume_s=30.0)), work).inspections
    # Back at 120 s, called away at 130 s with 20 of 30 s to go, back at 190 s: 20 s, then nine minutes.
    assert rows.read_s.tolist() == [190.0 + 20.0 + 540.0, 120.0, 190.0]


def test_the_monitored_backlog_counts_what_an_interrupted_study_has_had() -> None:
    policy = InTurn()
    work = inspections([0.0, 120.0, 180.0], [60.0, 60.0, 60.0], urgent=np.array([False, True, False]))
    simulate(ruled(DeskRules(interruption=True)), work, policy)
    # Expected are 10 min each: the routine one has had 2, the urgent one 1.
    assert policy.seen[2].desks.queue_s.tolist() == [17 * 60.0]


def test_what_lies_unopened_is_handed_over_and_the_open_study_is_finished() -> None:
    early, late = radiologist("early", schedule=hours(9, 10)), radiologist("late", schedule=hours(10, 12))
    policy = InTurn()
    work = inspections([9 * HOUR] * 3, [70.0, 5.0, 5.0], urgent=np.array([False, False, True]))
    journal = simulate(ruled(DeskRules("hand-over"), early, late), work, policy, timing="online")
    rows, desks = journal.inspections, desks_of(journal)
    # All three at 9 h; the first is opened at once, read over the end of the shift; the others go at 10 h.
    assert rows.radiologist.tolist() == [0, 1, 1]
    assert rows.read_s[0] == 9 * HOUR + 70 * 60
    assert rows.opened_s.tolist()[1:] == [10 * HOUR + 300.0, 10 * HOUR]
    assert rows.assigned_s.tolist() == [9 * HOUR, 10 * HOUR, 10 * HOUR]
    assert rows.delivered_s.tolist() == [9 * HOUR, 10 * HOUR, 10 * HOUR]
    assert desks.kind == ("handed-over", "handed-over")
    assert desks.inspection.tolist() == [2, 1]
    assert desks.until_s.tolist() == [10 * HOUR] * 2
    # They are decided together, with nothing but the open study left in the books of who went.
    last = policy.seen[-1]
    assert last.inspection.tolist() == [2, 1]
    assert last.desks.queue_count.tolist() == [1, 0]
    assert last.desks.effort_done.tolist() == [10.0, 0.0]


def handed_to(unit: str, storage_bytes: float, more: int = 0) -> Journal:
    """A study of 1 MB handed over at 10 h to somebody of ``unit``, with ``more`` alike requested at 9.9 h."""
    team = [radiologist("early", schedule=hours(9, 10)), radiologist("late", unit, schedule=hours(10, 14))]
    units = tuple(ReportingUnit(name, Access(8e6, 8e6), storage_bytes, 1, 3.0) for name in ("unit", "other"))
    one = ruled(DeskRules("hand-over"), *team, units=units)
    at_s = [9 * HOUR, 9 * HOUR] + [9.9 * HOUR] * more
    work = inspections(at_s, [60.0, 5.0] + [1.0] * more, size_bytes=np.full(2 + more, 1e6))
    return simulate(one, work, InTurn(), timing="online")


def test_a_study_handed_over_within_the_unit_is_not_sent_again() -> None:
    journal = handed_to("unit", 2e6)
    assert journal.transfers.leg.count("delivery") == 2
    assert journal.inspections.delivered_s[1] == 10 * HOUR
    assert journal.peak_storage_share.tolist() == [1.0, 0.0]


def test_a_study_handed_over_to_another_unit_is_sent_there_and_leaves_its_room_when_it_has_arrived() -> None:
    journal = handed_to("other", 2e6)
    assert journal.transfers.leg.count("delivery") == 3
    assert journal.inspections.delivered_s[1] == pytest.approx(10 * HOUR + 1.0)
    assert journal.peak_storage_share.tolist() == [1.0, 0.5]


def test_the_copy_of_a_study_handed_over_makes_room_for_what_waits() -> None:
    # Room for two: the third study waits at the data centre until the second is nobody's any more.
    journal = handed_to("other", 2e6, more=1)
    rows = journal.inspections
    assert rows.delivered_s[2] == pytest.approx(10 * HOUR + 1.0, abs=1e-6)
    assert journal.peak_storage_share[0] == 1.0
    assert not np.isnan(rows.reported_s).any()


def test_policies_see_the_room_of_copies_as_free() -> None:
    policy = InTurn()
    team = [radiologist("early", schedule=hours(9, 10))]
    units = (ReportingUnit("unit", WIDE, 4e6, 1, 3.0),)
    one = ruled(DeskRules("hand-over"), *team, units=units)
    simulate(
        one, inspections([9 * HOUR] * 2, [70.0, 5.0], size_bytes=np.full(2, 1e6)), policy, timing="online"
    )
    assert policy.seen[-1].units.storage_free_bytes.tolist() == [3e6]


def monitors(count: int) -> tuple[ReportingUnit, ...]:
    return (ReportingUnit("unit", WIDE, 1e15, 4, 3.0, SharedMonitors(count, 5.0)),)


class ByRow:
    def __init__(self, *who: int) -> None:
        self._who = np.array(who)

    def assign(self, worklist: Worklist) -> Assignment:
        return Assignment(self._who[worklist.inspection])


def test_a_study_waits_for_a_monitor_and_its_reader_takes_another_one_meanwhile() -> None:
    team = [radiologist("a"), radiologist("b")]
    kinds = np.array([1, 1, 0])
    work = inspections([0.0] * 3, [10.0, 5.0, 20.0], kinds=(CT_BRAIN, MAMMOGRAM), kind=kinds)
    journal = simulate(world(team, units=monitors(1)), work, ByRow(0, 1, 1))
    assert journal.inspections.opened_s.tolist() == [0.0, 1200.0, 0.0]
    assert desks_of(journal).peak_monitors.tolist() == [1]
    assert desks_of(journal).seat_wait_s.tolist() == [0.0, 0.0]


def test_who_has_nothing_else_waits_for_the_monitor_in_turn() -> None:
    team = [radiologist(name) for name in "abc"]
    work = inspections([0.0, 1.0, 2.0], [10.0, 5.0, 5.0], kinds=(MAMMOGRAM,))
    journal = simulate(world(team, units=monitors(1)), work, ByRow(0, 2, 1))
    assert journal.inspections.opened_s.tolist() == [0.0, 600.0, 900.0]
    assert desks_of(journal).seat_wait_s.tolist() == [0.0, 898.0, 599.0]


def test_a_waiting_reader_begins_what_comes_and_needs_no_monitor() -> None:
    work = inspections(
        [0.0, 1.0, 60.0], [10.0, 5.0, 1.0], kinds=(CT_BRAIN, MAMMOGRAM), kind=np.array([1, 1, 0])
    )
    journal = simulate(world([radiologist("a"), radiologist("b")], units=monitors(1)), work, ByRow(0, 1, 1))
    assert journal.inspections.opened_s.tolist() == [0.0, 600.0, 60.0]


def test_an_urgent_study_without_a_monitor_interrupts_nothing() -> None:
    work = inspections(
        [0.0, 0.0, 60.0],
        [10.0, 5.0, 1.0],
        kinds=(CT_BRAIN, MAMMOGRAM),
        kind=np.array([1, 0, 1]),
        urgent=np.array([False, False, True]),
    )
    one = ruled(DeskRules(interruption=True), radiologist("a"), radiologist("b"), units=monitors(1))
    journal = simulate(one, work, ByRow(0, 1, 1))
    assert journal.inspections.opened_s.tolist() == [0.0, 0.0, 600.0]
    assert desks_of(journal).kind == ()


def test_shared_monitors_make_a_reader_eligible_and_her_own_spares_one() -> None:
    team = [radiologist("a"), radiologist("b", monitor_megapixels=5.0)]
    one = world(team, units=monitors(1))
    work = inspections([0.0, 0.0], [10.0, 10.0], kinds=(MAMMOGRAM,))
    assert team_of(one, work).monitor_suffices.tolist() == [[True], [True]]
    journal = simulate(one, work, ByRow(0, 1))
    assert journal.inspections.opened_s.tolist() == [0.0, 0.0]
    assert desks_of(journal).peak_monitors.tolist() == [1]


def test_who_picks_takes_the_shortest_expected_study_after_the_urgent_ones() -> None:
    kinds = (CT_BRAIN, replace(MR_KNEE, effort_min=3.0), replace(MR_KNEE, effort_min=5.0))
    work = inspections(
        [0.0, 1.0, 2.0, 3.0, 4.0],
        [10.0] * 5,
        kinds=kinds,
        kind=np.array([0, 0, 2, 1, 0]),
        urgent=np.array([False, False, False, False, True]),
    )
    picked = simulate(world(cherry_picking=(True,)), work).inspections.opened_s
    in_order = simulate(world(cherry_picking=(False,)), work).inspections.opened_s
    assert np.argsort(picked).tolist() == [0, 4, 3, 2, 1]
    assert np.argsort(in_order).tolist() == [0, 4, 1, 2, 3]


def test_reading_quickens_over_the_first_hour_of_each_span() -> None:
    rules = DeskRules(session=SessionSpeedUp(0.2, HOUR))
    one = ruled(rules, radiologist(schedule=hours(9, 12)))
    at_s = [0.0, 9.5 * HOUR, 11 * HOUR, 33.5 * HOUR]
    rows = simulate(one, inspections(at_s, [10.0] * 4)).inspections
    assert (rows.read_s - rows.opened_s).tolist() == pytest.approx([600.0, 540.0, 480.0, 540.0])


def test_who_is_called_away_gives_the_monitor_to_whoever_waits_for_it() -> None:
    work = inspections(
        [0.0, 1.0, 60.0],
        [10.0, 5.0, 2.0],
        kinds=(CT_BRAIN, MAMMOGRAM),
        kind=np.array([1, 1, 0]),
        urgent=np.array([False, False, True]),
    )
    one = ruled(DeskRules(interruption=True), radiologist("a"), radiologist("b"), units=monitors(1))
    rows = simulate(one, work, ByRow(0, 1, 0)).inspections
    # The second reader has it from 60 s to 360 s; the first, back at 180 s, waits for it.
    assert rows.opened_s.tolist() == [0.0, 60.0, 60.0]
    assert rows.read_s.tolist() == [360.0 + 540.0, 360.0, 180.0]


def test_nothing_interrupts_who_only_finishes_what_she_has_begun() -> None:
    one = ruled(DeskRules(interruption=True), radiologist(schedule=hours(9, 10)))
    work = inspections([9.5 * HOUR, 10.1 * HOUR], [60.0, 5.0], urgent=np.array([False, True]))
    journal = simulate(one, work)
    assert journal.inspections.opened_s.tolist() == [9.5 * HOUR, 33 * HOUR]
    assert desks_of(journal).kind == ()


def test_a_shift_whose_end_the_clock_cannot_hit_exactly_ends_once() -> None:
    pairs = np.random.default_rng(0).uniform((1.0, 100.0), (50.0, 200.0), (2000, 2)).tolist()
    missed = [(now, end) for now, end in pairs if now + (end - now) < end]
    assert missed, "the draws must contain the case"
    for now, end in missed[:20]:
        roster = Roster.of([(0.0, end), (1000.0, 5000.0)])
        journal = simulate(ruled(DeskRules("park"), rosters=(roster,)), inspections([now], [30.0]))
        assert desks_of(journal).kind == ("parked",)
        assert desks_of(journal).until_s.tolist() == [1000.0]


def test_a_copy_leaves_its_room_when_the_study_has_arrived_elsewhere() -> None:
    sent: list[tuple[int, int]] = []
    there: list[int] = []
    units = tuple(ReportingUnit(name, WIDE, 2.0, 1, 3.0) for name in ("unit", "other"))
    work = inspections([0.0] * 4, [1.0] * 4, size_bytes=np.ones(4))
    stalls = Stalls(Clock(), len(work))
    storage = UnitStorage(units, work, lambda row, unit: sent.append((row, unit)), there.append, stalls)
    for row in (0, 1):
        storage.deliver(row, 0)
        storage.arrived(row, 0)
    storage.keep(0, 0)
    storage.keep(1, 0)
    assert storage.free_bytes().tolist() == [2.0, 2.0]
    storage.deliver(0, 1)
    storage.arrived(0, 1)
    storage.deliver(1, 0)  # where its copy lies
    assert (sent, there) == ([(0, 0), (1, 0), (0, 1)], [1])
    assert storage.free_bytes().tolist() == [1.0, 1.0]
    storage.deliver(0, 0)  # back again: no copy of it is left here
    storage.deliver(3, 0)  # no room: the second study is no copy any more
    assert (sent[3:], there) == ([(0, 0)], [1])
    assert storage.peak_share().tolist() == [1.0, 0.5]
