"""Verdicts by hand: each of paper/definitions.md's lines, and the arithmetic of gains."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simgrid.reproduction import gains
from simgrid.reproduction.claims import Band
from simgrid.reproduction.verdicts import Interval, Singles, counted, judged, room, singles_of

AROUND = Band(0.1, 0.2)
ABOVE = Band(low=0.0)
NOWHERE = Singles(5.0, 6.0, 0.0)


def interval(low: float, high: float) -> Interval:
    return Interval((low + high) / 2, low, high, 20)


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.12, 0.18, "within"),
        (0.1, 0.2, "within"),
        (0.05, 0.15, "run more replications"),
        (0.0, 0.5, "run more replications"),
        (0.21, 0.3, "differs"),
        (-0.3, 0.09, "differs"),
        (math.nan, math.nan, "run more replications"),
    ],
)
def test_a_stated_value_outside_the_single_worlds(low: float, high: float, word: str) -> None:
    assert judged(interval(low, high), AROUND, 0.15, NOWHERE) == word


@pytest.mark.parametrize(("low", "high"), [(0.05, 0.15), (0.21, 0.3), (-0.3, 0.09)])
def test_a_value_among_the_single_worlds_is_compatible(low: float, high: float) -> None:
    assert judged(interval(low, high), AROUND, 0.15, Singles(-1.0, 1.0, 60.0)) == "compatible"
    assert judged(interval(low, high), AROUND, None, Singles(-1.0, 1.0, 60.0)) != "compatible"


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.001, 0.2, "within"),
        (0.0, 0.2, "run more replications"),
        (-0.1, 0.1, "run more replications"),
        (-0.2, 0.0, "differs"),
        (0.0, 0.0, "differs"),  # a tie in every world is no ordering
        (-0.2, -0.1, "differs"),
    ],
)
def test_an_ordering_needs_its_whole_interval_on_its_side(low: float, high: float, word: str) -> None:
    assert judged(interval(low, high), ABOVE) == word
    assert judged(interval(-high, -low), Band(high=0.0)) == word


def test_an_ordering_that_does_not_survive_the_correction_is_undecided() -> None:
    assert judged(interval(0.01, 0.2), ABOVE, p_holm=0.05) == "within"
    assert judged(interval(0.01, 0.2), ABOVE, p_holm=0.051) == "run more replications"
    assert judged(interval(-0.2, -0.01), ABOVE, p_holm=0.051) == "run more replications"
    assert judged(interval(0.01, 0.2), ABOVE, p_holm=math.nan) == "run more replications"
    assert judged(interval(0.0, 0.0), ABOVE, p_holm=1.0) == "differs"  # more of the same would not help


def test_counts_are_the_same_digits_or_not() -> None:
    assert counted([52, 30], [52, 30]) == "same digits"
    assert counted([6202], [6225]) == "differs"
    assert counted([math.nan], [math.nan]) == "differs"


def test_single_worlds_by_hand() -> None:
    worlds = np.arange(101.0)
    found = singles_of(worlds, 25.0)
    assert found == Singles(2.0, 98.0, pytest.approx(100 * 25.5 / 101))
    spoilt = singles_of(np.array([1.0, 2.0, 3.0, math.inf, math.nan]), 2.0)
    assert spoilt == Singles(1.0, math.inf, pytest.approx(100 * 1.5 / 4))
    assert singles_of(np.array([1.0, math.nan]), 1.0) is None


def test_room_in_a_band() -> None:
    assert room(interval(0.12, 0.19), AROUND) == pytest.approx(0.01)
    assert room(interval(0.05, 0.19), AROUND) == pytest.approx(-0.05)
    assert room(interval(0.3, 0.4), ABOVE) == pytest.approx(0.3)


def test_gains_are_ratios_of_means() -> None:
    ours, theirs = np.array([0.9, 0.6, 0.9]), np.array([0.3, 0.6, 0.6])
    found = gains.gain(ours, theirs)
    assert found.interval.mean == pytest.approx(2.4 / 1.5 - 1)
    assert found.interval.low < found.interval.mean < found.interval.high
    assert found.worlds == pytest.approx([2.0, 0.0, 0.5])
    fewer = gains.reduction(ours, theirs)
    assert fewer.interval.mean == pytest.approx(-found.interval.mean)
    assert (fewer.interval.low, fewer.interval.high) == pytest.approx(
        (-found.interval.high, -found.interval.low)
    )


def test_the_interval_of_a_gain_is_the_delta_method_on_the_log() -> None:
    ours, theirs = np.array([0.8, 0.7, 0.9, 0.8]), np.array([0.4, 0.5, 0.4, 0.5])
    error = (ours / ours.mean() - theirs / theirs.mean()).std(ddof=1) / 2
    ratio = ours.mean() / theirs.mean()
    low = ratio * np.exp(-3.182446 * error) - 1  # t of 3 degrees of freedom
    assert gains.gain(ours, theirs).interval.low == pytest.approx(low, rel=1e-6)


def test_no_gain_over_next_to_nothing() -> None:
    assert gains.tells(np.array([0.4, 0.5, 0.6]))
    assert not gains.tells(np.array([0.01, 0.02, 0.03]))
    assert not gains.tells(np.array([0.0, 0.9]))  # its lower bound is far below 0


def test_growth_of_a_gain_by_hand() -> None:
    far = np.array([1.0, 1.2, 1.1]), np.array([0.5, 0.5, 0.5])
    near = np.array([0.6, 0.6, 0.6]), np.array([0.5, 0.5, 0.5])
    found = gains.growth(far, near)
    assert found.interval.mean == pytest.approx(2.2 - 1.2)
    assert found.worlds == pytest.approx([0.8, 1.2, 1.0])
    # The baseline is constant: the interval is that of the mean of far / 0.5.
    half = 4.302653 * (np.array([2.0, 2.4, 2.2]).std(ddof=1) / math.sqrt(3))
    assert found.interval.high - found.interval.mean == pytest.approx(half, rel=1e-5)
