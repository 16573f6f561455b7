"""One server by Lindley's recursion: worked by hand, and against serving second by second."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.network.server import Server


def served(jobs: list[tuple[float, float]], stops: list[tuple[float, float]]) -> list[float]:
    server = Server(stops)
    return [server.serve(at_s, work_s) for at_s, work_s in jobs]


def test_who_comes_while_it_is_busy_waits() -> None:
    assert served([(0, 5), (1, 2), (10, 1)], []) == [5, 7, 11]


@pytest.mark.parametrize(
    ("stops", "done"),
    [
        ([(2, 4)], 7),  # two seconds before, three after
        ([(0, 4)], 9),  # it stands still already
        ([(5, 9)], 5),  # done as it stops
        ([(2, 3), (3, 4), (4.5, 6)], 8.5),
        ([(-3, 1), (20, 30)], 6),
        ([(3, math.inf)], math.inf),
    ],
)
def test_work_goes_on_after_a_stop(stops: list[tuple[float, float]], done: float) -> None:
    assert served([(0, 5)], stops) == [done]


def test_even_what_takes_no_time_waits_until_it_is_back() -> None:
    assert served([(0, 0), (1, 0), (2, 0)], [(1, 2)]) == [0, 2, 2]


def test_after_a_stop_without_an_end_nobody_is_served() -> None:
    assert served([(0, 1), (4, 1), (9, 1)], [(2, math.inf)]) == [1, math.inf, math.inf]


JOBS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)), max_size=12).map(sorted)
STOPS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=5)


@settings(max_examples=200, deadline=None)
@given(JOBS, STOPS)
def test_as_second_by_second(jobs: list[tuple[int, int]], spans: list[tuple[int, int]]) -> None:
    stops = [(begin, begin + length) for begin, length in spans]
    still = {second for begin, end in stops for second in range(begin, end)}
    clock, expected = 0, []
    for at, work in jobs:
        clock = max(clock, at)
        left = work
        while left or clock in still:
            left -= clock not in still
            clock += 1
            if not left and work:
                break
        expected.append(clock)
    assert served(jobs, stops) == expected  # type: ignore[arg-type]
