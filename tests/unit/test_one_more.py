"""Bounds of a mean with one replication more than was seen: against closed forms, and what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from simgrid.domain.targets import Target
from simgrid.statistics.bounds import unfavourable
from simgrid.statistics.one_more import low_reaches, mean_high, mean_low


@pytest.mark.parametrize(("hits", "n"), [(1, 1), (1, 2), (4, 5), (58, 59), (59, 59), (1, 400), (390, 400)])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.999])
def test_of_noughts_and_ones_it_is_clopper_and_pearsons(hits: int, n: int, confidence: float) -> None:
    values = np.repeat([1.0, 0.0], [hits, n - hits])
    exact = special.betaincinv(hits, n - hits + 1, 1.0 - confidence)
    assert mean_low(values, confidence, 0.0) == pytest.approx(exact, abs=1e-7)
    assert mean_high(1.0 - values, confidence, 1.0) == pytest.approx(1.0 - exact, abs=1e-7)


@pytest.mark.parametrize("n", [2, 20, 300])
def test_of_equal_shares_a_worst_one_may_still_be_missing(n: int) -> None:
    assert mean_low(np.full(n, 0.96), 0.95, 0.0) == pytest.approx(0.96 * 0.05 ** (1 / n), abs=1e-7)


def test_59_evenings_in_full_are_the_first_to_show_95_percent() -> None:
    assert mean_low(np.ones(58), 0.95, 0.0) < 0.95 <= mean_low(np.ones(59), 0.95, 0.0)


@pytest.mark.parametrize("worst", [0.0, None])
def test_it_is_the_quantile_of_randomly_weighted_means(worst: float | None) -> None:
    values = np.random.default_rng(1).beta(9.0, 1.0, 40)
    weights = np.random.default_rng(2).exponential(size=(100_000, 41))
    weights /= weights.sum(axis=1, keepdims=True)
    drawn = weights @ np.append(values, values.min() if worst is None else worst)
    found = mean_low(values, 0.95, worst)
    assert float((drawn < found).mean()) == pytest.approx(0.05, abs=0.0025)


@pytest.mark.parametrize("n", [2, 3, 30, 1000])
def test_places_and_units_change_nothing(n: int) -> None:
    values = np.random.default_rng(n).exponential(size=n)
    low, high = mean_low(values, 0.95), mean_high(values, 0.95)
    assert low < values.mean() < high
    assert mean_low(60.0 * values + 7.0, 0.95) == pytest.approx(60.0 * low + 7.0, rel=1e-7)
    assert mean_high(-values, 0.95) == pytest.approx(-low, rel=1e-9)
    assert mean_low(values[::-1], 0.95) == pytest.approx(low, rel=1e-9)


def test_values_without_spread_or_without_values() -> None:
    assert mean_low([3.0, 3.0], 0.95) == 3.0
    assert mean_low([0.0, 0.0], 0.95, 0.0) == 0.0
    assert math.isnan(mean_low([], 0.95)) and math.isnan(mean_high([math.nan], 0.95))
    assert mean_low([0.5, math.nan, 0.7], 0.95, 0.0) == mean_low([0.5, 0.7], 0.95, 0.0)
    with pytest.raises(ValueError, match=r"-0.1 is below 0"):
        mean_low([0.5, -0.1], 0.95, 0.0)


@pytest.mark.parametrize("tiny", [1e-200, 2.2e-308, 5e-324])
def test_values_too_near_each_other_for_doubles_are_one(tiny: float) -> None:
    assert mean_low([0.0, tiny, 3 * tiny], 0.95, 0.0) == 0.0
    assert mean_high([0.0, tiny], 0.95) == tiny
    assert low_reaches([0.0, tiny], 0.0, 0.95, 0.0) and not low_reaches([0.0, tiny], 0.1, 0.95, 0.0)


def test_a_mean_above_the_target_is_not_enough() -> None:
    urgent = Target("urgent", "urgency=urgent", "response_time_success", 0.95, "higher")
    assert unfavourable(np.full(40, 0.97), urgent, 0.95).met == "cannot be told apart"
    assert unfavourable(np.full(200, 0.97), urgent, 0.95).met == "met"
    assert unfavourable(np.full(40, 0.6), urgent, 0.95).met == "missed"


def test_periods_are_counted_and_never_averaged() -> None:
    months = Target("months", "all", "response_time_success", 0.95, "higher", periods=(19, 20))
    barely = np.append(np.full(100, 0.951), 0.0)
    assert unfavourable(barely, months, 0.95).met == "met"  # 100 of 101 months, whatever the one was like
    assert unfavourable(np.full(101, 0.949), months, 0.95).met == "missed"


def test_a_late_month_makes_a_time_miss_its_bound() -> None:
    slow = Target("p95", "all", "tat_p95_min", 120.0, "lower", "metric")
    assert unfavourable(np.full(40, 119.0), slow, 0.95).met == "met"
    assert unfavourable(np.append(np.full(39, 110.0), 300.0), slow, 0.95).met == "cannot be told apart"
    assert unfavourable(np.append(np.full(39, 110.0), math.inf), slow, 0.95).met == "missed"
