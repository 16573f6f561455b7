"""The rule of when there are replications enough, by hand and against a second writing of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simgrid.domain.precision import FIRST_LOOK
from simgrid.statistics.stopping import (
    LOOK_ERROR,
    PROMISED_ERROR,
    Goal,
    Stopped,
    confidence,
    looks,
    stopping_count,
    widths,
)


def goal(*asked: tuple[float, bool]) -> Goal:
    return Goal(np.array([width for width, _ in asked]), np.array([relative for _, relative in asked]))


def by_hand(values: np.ndarray, asked: Goal, counts: tuple[int, ...]) -> Stopped:
    """The rule written once more, series by series, with another library's quantiles."""
    for count in counts:
        enough = True
        for row, width, relative in zip(values, asked.width, asked.relative, strict=True):
            first = row[:count]
            half = stats.t.ppf(1 - 0.0125 / len(values), count - 1) * first.std(ddof=1) / count**0.5
            enough &= bool(half <= (width * abs(first.mean()) if relative else width))
        if enough:
            return Stopped(count, True)
    return Stopped(counts[-1], False)


def test_the_counts_are_fixed_beforehand_and_do_not_depend_on_the_most() -> None:
    assert looks(1000) == (40, 60, 90, 135, 203, 305, 458, 687, 1000)
    assert looks(200) == (*looks(1000)[:4], 200)
    assert looks(FIRST_LOOK) == (FIRST_LOOK,)
    assert looks(41) == (40, 41)
    assert FIRST_LOOK >= 30
    with pytest.raises(ValueError, match="fewer than the first look's 40"):
        looks(39)


def test_an_interval_s_error_is_shared_among_the_series() -> None:
    assert confidence(1) == 1 - LOOK_ERROR == 0.975
    assert confidence(5) == pytest.approx(0.995)
    assert LOOK_ERROR <= PROMISED_ERROR / 2


def test_a_look_by_hand() -> None:
    """Twenty pairs of 9 and 11 have mean 10 and variance 40/39; t at 39 and 1 - .025/4 is 2.619."""
    values = np.tile([[9.0, 11.0], [0.0, 0.0]], 20)
    found = widths(values, goal((0.05, True), (0.1, True)))
    assert found.mean.tolist() == [10.0, 0.0]
    assert found.half[0] == pytest.approx(2.619 / 39**0.5, rel=1e-3)
    assert found.half[1] == 0.0
    assert found.allowed.tolist() == [0.5, 0.0]
    assert found.enough.tolist() == [True, True]
    assert widths(values, goal((0.04, True), (0.1, True))).enough.tolist() == [False, True]
    assert widths(values, goal((0.42, False), (1.0, False))).enough.tolist() == [True, True]
    assert widths(-values, goal((0.05, True), (0.1, True))).enough.tolist() == [True, True]


def test_what_is_undefined_is_never_precise() -> None:
    values = np.full((2, 40), np.nan)
    values[1, :2] = (5.0, 5.0)
    assert widths(values, goal((9.0, False), (9.0, False))).enough.tolist() == [False, True]
    assert stopping_count(values, goal((9.0, False), (9.0, False)), (40,)) == Stopped(40, reached=False)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(1, 4),
    st.floats(0.01, 0.5),
    st.booleans(),
    st.sampled_from([40, 45, 100, 140]),
)
def test_it_stops_where_a_second_writing_of_the_rule_does(
    seed: int, series: int, width: float, relative: bool, most: int
) -> None:
    values = np.random.default_rng(seed).gamma(4, 0.5, (series, most))
    asked = goal(*[(width, relative)] * series)
    stopped = stopping_count(values, asked, looks(most))
    assert stopped == by_hand(values, asked, looks(most))
    # Nothing after the count has been looked at, and the order within it does not matter.
    other = np.random.default_rng(seed + 1).permuted(values[:, : stopped.count], axis=1)
    if stopped.reached and stopped.count == FIRST_LOOK:
        assert stopping_count(other, asked, looks(stopped.count)) == stopped
