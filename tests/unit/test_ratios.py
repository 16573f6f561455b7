"""Fieller's interval: by hand, against the t-test it inverts, and where it has no end."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simgrid.statistics.ratios import delta_log, fieller

LUCK = np.random.default_rng(2)


def test_by_hand() -> None:
    # a = 2 4, b = 1 3: var a = var b = cov = 2, so g = t^2 * 2 / 2 = t^2 with t(1, .975) = 12.7: 4 - g < 0.
    assert fieller([2.0, 4.0], [1.0, 3.0]).bounded.tolist() is False
    # With confidence .5, t(1, .75) = 1: (4 - 1) r^2 - 2 (6 - 1) r + (9 - 1) = 0: r = 4/3 or 2.
    found = fieller([2.0, 4.0], [1.0, 3.0], confidence=0.5)
    assert (float(found.low), float(found.high)) == pytest.approx((4 / 3, 2.0))
    assert float(found.ratio) == 1.5


def test_its_ends_are_where_the_t_test_begins_to_reject() -> None:
    a, b = LUCK.gamma(4, 2, 15), LUCK.gamma(4, 1, 15)
    found = fieller(a, b)
    for end in (float(found.low), float(found.high)):
        assert stats.ttest_1samp(a - end * b, 0.0).pvalue == pytest.approx(0.05)
    assert float(found.ratio) == pytest.approx(a.mean() / b.mean())


def test_a_baseline_that_may_be_zero_leaves_the_ratio_without_bounds() -> None:
    a, b = np.array([5.0, 6.0, 7.0, 5.5]), np.array([0.4, -0.5, 0.6, -0.2])
    found = fieller(a, b)
    assert (float(found.low), float(found.high), bool(found.bounded)) == (-np.inf, np.inf, False)
    low, high = stats.ttest_1samp(b, 0.0).confidence_interval(0.95)
    assert low < 0 < high


def test_rows_undefined_pairs_and_single_pairs() -> None:
    nan = np.nan
    found = fieller(
        [[2.0, nan, 4.0, 6.0], [1.0, nan, nan, 2.0]], [[1.0, 5.0, 2.1, 2.9], [nan, 1.0, nan, 1.0]]
    )
    alone = fieller([2.0, 4.0, 6.0], [1.0, 2.1, 2.9])
    assert found.n.tolist() == [3, 1]
    assert float(found.low[0]) == pytest.approx(float(alone.low))
    assert np.isnan([found.low[1], found.high[1]]).all()


def test_equal_and_proportional_arms_have_no_width() -> None:
    a = LUCK.gamma(4, 1, 20)
    found = fieller(3 * a, a)
    assert [float(found.low), float(found.high)] == pytest.approx([3.0, 3.0])


def test_with_many_even_replications_both_ways_agree() -> None:
    a, b = LUCK.normal(10, 1, 400), LUCK.normal(8, 1, 400)
    one, other = fieller(a, b), delta_log(a, b)
    assert float(one.low) == pytest.approx(float(other.low), rel=1e-3)
    assert float(one.high) == pytest.approx(float(other.high), rel=1e-3)
