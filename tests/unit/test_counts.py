"""Exact intervals: shares against scipy, quantiles by counting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simgrid.statistics.counts import fewest_for_quantile, quantile_interval, share_interval


@pytest.mark.parametrize(("hits", "of"), [(0, 20), (1, 20), (19, 20), (20, 20), (7, 7), (3, 1000)])
def test_shares_agree_with_scipy(hits: int, of: int) -> None:
    found = share_interval(hits, of)
    theirs = stats.binomtest(hits, of).proportion_ci(0.95, method="exact")
    assert float(found.share) == hits / of
    assert (float(found.low), float(found.high)) == pytest.approx((theirs.low, theirs.high))


def test_shares_by_rows_without_trials_and_impossible_ones() -> None:
    found = share_interval([0, 2], [0, 4])
    assert np.isnan([found.share[0], found.low[0], found.high[0]]).all()
    assert found.share[1] == 0.5
    for hits, of in ((5, 4), (-1, 4)):
        with pytest.raises(ValueError, match="between 0 and"):
            share_interval(hits, of)


def test_the_median_of_ten_by_hand() -> None:
    # P(0 or 1 of 10 below) = 11/1024 = .0107, P(2) would make .0547 > .025: ranks 2 and 9, 1 - 22/1024.
    found = quantile_interval([7, 3, 1, 9, 10, 2, 8, 4, 6, 5], 0.5)
    assert (found.quantile, found.low, found.high, found.n) == (5.5, 2.0, 9.0, 10)
    assert found.coverage == pytest.approx(1 - 22 / 1024)


def test_the_quantile_agrees_with_scipy() -> None:
    values = np.random.default_rng(8).normal(size=130)
    found = quantile_interval(values, 0.95)
    theirs = stats.quantile_test(values, p=0.95).confidence_interval(0.95)
    assert found.low == pytest.approx(theirs.low)
    assert found.high == pytest.approx(theirs.high)
    assert found.coverage >= 0.95


def test_too_few_months_have_no_bounds() -> None:
    # One of n values must be above the 95 % quantile with probability .975: .95^n <= .025 from n = 72 on.
    assert fewest_for_quantile(0.95) == fewest_for_quantile(0.05) == 72
    assert 0.95**72 <= 0.025 < 0.95**71
    values = np.arange(72.0)
    assert quantile_interval(values, 0.95).high == 71.0
    few = quantile_interval(values[:71], 0.95)
    assert np.isnan([few.low, few.high, few.coverage]).all()
    assert few.quantile == pytest.approx(66.5)


def test_undefined_values_do_not_count_and_levels_are_inside_0_and_1() -> None:
    assert quantile_interval([1.0, np.nan, 3.0], 0.5).n == 2
    assert quantile_interval([np.nan], 0.5).n == 0
    for level in (0.0, 1.0, 95.0):
        with pytest.raises(ValueError, match="inside 0 to 1"):
            quantile_interval([1.0], level)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 300), st.floats(0.02, 0.98))
def test_the_coverage_is_exact_and_the_ranks_are_the_tightest(n: int, level: float) -> None:
    found = quantile_interval(np.arange(1.0, n + 1), level)
    below = stats.binom(n, level)
    if np.isnan(found.low):
        assert n < fewest_for_quantile(level) or min(level, 1 - level) ** n > 0.025 or found.n == n
        assert below.cdf(0) > 0.025 or below.sf(n - 1) > 0.025
        return
    first, last = int(found.low), int(found.high)
    assert found.coverage == pytest.approx(float(below.cdf(last - 1) - below.cdf(first - 1)))
    assert below.cdf(first - 1) <= 0.025 < below.cdf(first)
    assert below.sf(last - 1) <= 0.025 < below.sf(last - 2)
