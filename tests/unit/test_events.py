"""Limits on links become changes of capacity, absences become gaps: by hand, and against the definition."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.events import Absence, CapacityStep, LinkLimit, absences, capacity_steps
from simgrid.domain.network import Access
from simgrid.domain.schedule import Roster

OWN = {"a": Access(8.0, 4.0), "b": Access(8.0, 8.0)}


def limit(start_s: float, end_s: float, bps: float = 0.0, place: str = "a") -> LinkLimit:
    return LinkLimit(place, start_s, end_s, bps, bps)


def steps(*limits: LinkLimit) -> list[tuple[float, float, float]]:
    """Time, upwards, downwards of place a."""
    made = capacity_steps(OWN, limits)
    assert {one.place for one in made} <= {"a"}
    return [(one.at_s, one.access.up_bps, one.access.down_bps) for one in made]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ([], []),
        ([limit(10, 20)], [(10, 0, 0), (20, 8, 4)]),
        ([limit(10, 20, 5.0)], [(10, 5, 4), (20, 8, 4)]),
        ([limit(10, 20, 9.0)], []),
        ([limit(10, 20, math.inf)], []),
        # The shorter outage lies within the longer slow spell, and the slow spell goes on after it.
        ([limit(0, 100, 2.0), limit(40, 60)], [(0, 2, 2), (40, 0, 0), (60, 2, 2), (100, 8, 4)]),
        # A slow spell that begins during an outage shows when the outage ends.
        ([limit(40, 60), limit(50, 80, 3.0)], [(40, 0, 0), (60, 3, 3), (80, 8, 4)]),
        # Two alike that touch or overlap are one.
        ([limit(10, 20), limit(20, 30)], [(10, 0, 0), (30, 8, 4)]),
        ([limit(10, 25), limit(20, 30)], [(10, 0, 0), (30, 8, 4)]),
        ([limit(20, 30, 1.0), limit(10, 20, 2.0)], [(10, 2, 2), (20, 1, 1), (30, 8, 4)]),
        # The tighter one ends first, then the looser one, whatever the order in which they came.
        ([limit(10, 20, 1.0), limit(10, 30, 3.0)], [(10, 1, 1), (20, 3, 3), (30, 8, 4)]),
        ([limit(10, math.inf)], [(10, 0, 0)]),
        ([limit(-5, 5, 1.0)], [(-5, 1, 1), (5, 8, 4)]),
        # Each way for itself: 5 bit/s limits the way up only.
        ([LinkLimit("a", 1, 2, 5.0, math.inf)], [(1, 5, 4), (2, 8, 4)]),
        (
            [LinkLimit("a", 1, 3, math.inf, 0.0), limit(2, 4, 1.0)],
            [(1, 8, 0), (2, 1, 0), (3, 1, 1), (4, 8, 4)],
        ),
        ([limit(1, 2, place="elsewhere"), Absence("r", 0, 9)], []),
    ],
)
def test_steps_by_hand(limits: list[LinkLimit], expected: list[tuple[float, float, float]]) -> None:
    assert steps(*limits) == expected


def test_steps_of_all_places_come_by_time_and_in_the_order_of_the_places() -> None:
    made = capacity_steps(OWN, [limit(5, 9, place="b"), limit(5, 7)])
    assert made == (
        CapacityStep(5, "a", Access(0.0, 0.0)),
        CapacityStep(5, "b", Access(0.0, 0.0)),
        CapacityStep(7, "a", OWN["a"]),
        CapacityStep(9, "b", OWN["b"]),
    )


SPANS = st.tuples(st.integers(-3, 20), st.integers(1, 12) | st.just(math.inf))
LIMITS = st.builds(
    lambda span, up, down: LinkLimit("a", span[0], span[0] + span[1], up, down),
    SPANS,
    *(st.sampled_from([0.0, 1.0, 3.0, 5.0, 20.0, math.inf]) for _ in range(2)),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(LIMITS, max_size=8))
def test_at_any_time_the_least_limit_in_force_holds(limits: list[LinkLimit]) -> None:
    made = capacity_steps(OWN, limits)
    assert [one.at_s for one in made] == sorted({one.at_s for one in made})
    for tick in range(-8, 80):
        at_s = tick / 2
        in_force = [one for one in limits if one.start_s <= at_s < one.end_s]
        expected = Access(
            min([8.0, *(one.up_bps for one in in_force)]), min([4.0, *(one.down_bps for one in in_force)])
        )
        now = next((one.access for one in reversed(made) if one.at_s <= at_s), OWN["a"])
        assert now == expected, at_s
    assert all(one.access != other.access for one, other in pairwise(made))


@pytest.mark.parametrize(
    ("span", "problem"),
    [((5, 5), "must end after"), ((5, 4), "must end after"), ((-math.inf, 4), "must end after")],
)
def test_an_event_without_duration_is_refused(span: tuple[float, float], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        LinkLimit("a", *span)
    with pytest.raises(ValueError, match=problem):
        Absence("r", *span)


@pytest.mark.parametrize("bps", [-1.0, math.nan])
def test_a_capacity_below_nothing_is_refused(bps: float) -> None:
    with pytest.raises(ValueError, match="neither may be below 0"):
        LinkLimit("a", 0, 1, 1.0, bps)


WORK = Roster.of([(0, 10), (20, 30), (40, 50)])


@pytest.mark.parametrize(
    ("gaps", "left"),
    [
        ([], [(0, 10), (20, 30), (40, 50)]),
        ([(3, 5)], [(0, 3), (5, 10), (20, 30), (40, 50)]),
        ([(3, 5), (6, 7)], [(0, 3), (5, 6), (7, 10), (20, 30), (40, 50)]),
        ([(5, 25)], [(0, 5), (25, 30), (40, 50)]),
        ([(5, 45)], [(0, 5), (45, 50)]),
        ([(10, 20)], [(0, 10), (20, 30), (40, 50)]),
        ([(0, 10)], [(20, 30), (40, 50)]),
        ([(-5, 3), (48, math.inf)], [(3, 10), (20, 30), (40, 48)]),
        ([(-5, 99)], []),
    ],
)
def test_gaps_in_a_roster_by_hand(gaps: list[tuple[float, float]], left: list[tuple[float, float]]) -> None:
    assert list(WORK.without(Roster.of(gaps))) == left


INTERVALS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=6).map(
    lambda pairs: Roster.of((start, start + length) for start, length in pairs)
)


@settings(max_examples=150, deadline=None)
@given(INTERVALS, INTERVALS)
def test_on_duty_without_is_on_duty_and_not_in_the_gap(roster: Roster, gaps: Roster) -> None:
    left = roster.without(gaps)
    assert left.is_disjoint()
    for tick in range(110):
        at_s = tick / 2
        assert left.on_duty(at_s) == (roster.on_duty(at_s) and not gaps.on_duty(at_s))


def test_absences_are_her_own() -> None:
    events = [Absence("r", 5, 9), Absence("s", 0, 99), limit(0, 3), Absence("r", 7, 12)]
    assert list(absences("r", events)) == [(5, 12)]
