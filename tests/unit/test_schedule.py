"""Local working hours in simulated seconds: zones, daylight saving, nights, holidays."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.schedule import ROUND_THE_CLOCK, Roster, WeeklySchedule, WeeklySpan

EVENINGS = tuple(WeeklySpan(day, 17 * 60, 20 * 60) for day in range(5))
SATURDAY_NIGHT = (WeeklySpan(5, 22 * 60, 30 * 60),)
HOUR = 3600.0


def test_evening_hours_of_one_week() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    roster = WeeklySchedule(EVENINGS).roster(start, start + timedelta(days=7))
    assert next(iter(roster)) == (17 * HOUR, 20 * HOUR)
    assert roster.total_s == 15 * HOUR


def test_saturday_night_loses_an_hour_in_spring_and_gains_one_in_autumn() -> None:
    # Dublin, by hand: clocks go forward on 2026-03-29 at 01:00 and back on 2026-10-25 at 02:00.
    zone = ZoneInfo("Europe/Dublin")
    nights = WeeklySchedule(SATURDAY_NIGHT, zone="Europe/Dublin")
    spring = datetime(2026, 3, 23, tzinfo=zone)
    autumn = datetime(2026, 10, 19, tzinfo=zone)
    assert nights.roster(spring, spring + timedelta(days=7)).total_s == 7 * HOUR
    assert nights.roster(autumn, autumn + timedelta(days=7)).total_s == 9 * HOUR


def test_a_week_over_a_change_of_clocks_is_measured_in_instants() -> None:
    start = datetime(2026, 3, 23, tzinfo=ZoneInfo("Europe/Dublin"))
    assert ROUND_THE_CLOCK.roster(start, start + timedelta(days=7)).total_s == 167 * HOUR


def test_a_shift_that_began_before_the_start_is_cut_at_the_start() -> None:
    sunday = datetime(2026, 1, 4, 2, tzinfo=UTC)
    roster = WeeklySchedule(SATURDAY_NIGHT).roster(sunday, sunday + timedelta(days=1))
    assert list(roster) == [(0.0, 4 * HOUR)]


def test_no_shift_begins_on_a_holiday() -> None:
    start = datetime(2026, 3, 16, tzinfo=ZoneInfo("Europe/Dublin"))
    hours = WeeklySchedule(EVENINGS, zone="Europe/Dublin", holidays=frozenset({date(2026, 3, 17)}))
    assert hours.roster(start, start + timedelta(days=7)).total_s == 12 * HOUR
    worked = WeeklySchedule(EVENINGS, "Europe/Dublin", hours.holidays, off_on_holidays=False)
    assert worked.roster(start, start + timedelta(days=7)).total_s == 15 * HOUR


def test_round_the_clock_is_one_interval() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    assert list(ROUND_THE_CLOCK.roster(start, start + timedelta(days=3))) == [(0.0, 72 * HOUR)]


@pytest.mark.parametrize("span", [(7, 0, 60), (0, 60, 60), (0, -1, 60), (0, 0, 2881)])
def test_impossible_spans_are_refused(span: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"weekday|span"):
        WeeklySpan(*span)


ROSTER = Roster.of([(10.0, 20.0), (30.0, 40.0), (20.0, 22.0), (5.0, 5.0)])


def test_intervals_are_joined_and_empty_ones_dropped() -> None:
    assert list(ROSTER) == [(10.0, 22.0), (30.0, 40.0)]
    assert ROSTER.is_disjoint()


@pytest.mark.parametrize(
    ("at", "on", "next_start", "worked"),
    [(0.0, False, 10.0, 0.0), (10.0, True, 10.0, 0.0), (21.0, True, 21.0, 11.0), (22.0, False, 30.0, 12.0),
     (39.5, True, 39.5, 21.5), (40.0, False, float("inf"), 22.0), (99.0, False, float("inf"), 22.0)],
)  # fmt: skip
def test_questions_to_a_roster(at: float, on: bool, next_start: float, worked: float) -> None:
    assert ROSTER.on_duty(at) is on
    assert ROSTER.next_start(at) == next_start
    assert ROSTER.worked_before(at) == worked


@pytest.mark.parametrize(
    ("at", "work", "done"),
    [(0.0, 5.0, 15.0), (0.0, 12.0, 22.0), (0.0, 13.0, 31.0), (15.0, 7.0, 22.0), (15.0, 17.0, 40.0),
     (15.0, 18.0, float("inf")), (25.0, 0.0, 30.0), (12.0, 0.0, 12.0), (45.0, 1.0, float("inf"))],
)  # fmt: skip
def test_work_is_done_in_working_time(at: float, work: float, done: float) -> None:
    assert ROSTER.after_work(at, work) == done


def test_union_sessions_and_ends() -> None:
    both = ROSTER.union(Roster.of([(35.0, 50.0)]))
    assert list(both) == [(10.0, 22.0), (30.0, 50.0)]
    assert [both.sessions_begun(at) for at in (0.0, 10.0, 29.0, 30.0)] == [0, 1, 1, 2]
    assert ROSTER.end_of_shift(12.0) == 22.0
    assert ROSTER.end_of_shift(25.0) == 25.0
    assert ROSTER.as_array().tolist() == [[10.0, 22.0], [30.0, 40.0]]
    assert Roster.of([]).as_array().shape == (0, 2)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e5)), max_size=6),
    st.floats(0, 2e5),
    st.sampled_from([0.0, 5.7e-14, 1e-9, 1.0, 3600.0, 1e5]),
)
def test_work_is_never_done_before_it_can_begin(
    intervals: list[tuple[float, float]], at: float, work: float
) -> None:
    roster = Roster.of([(start, start + length) for start, length in intervals])
    assert roster.after_work(at, work) >= roster.next_start(at)


def test_a_rounding_left_in_a_queue_does_not_finish_yesterday() -> None:
    days = Roster.of([(0.0, 28800.0), (86400.0, 115200.0)])
    assert days.after_work(50000.0, 5.7e-14) == 86400.0
