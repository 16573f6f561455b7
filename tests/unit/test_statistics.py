"""Intervals and decisions against worked numbers and scipy's own tests."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from simgrid.statistics.decisions import holm, verdict
from simgrid.statistics.intervals import mean_interval, paired, reciprocal_scores
from simgrid.statistics.ratios import delta_log

NAN = float("nan")


def test_interval_of_a_mean_by_hand() -> None:
    # Values 1..5: mean 3, s = sqrt(2.5), t(4, .975) = 2.776445; half = 2.776445 * sqrt(2.5 / 5) = 1.963243.
    found = mean_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    assert found.mean == 3.0
    assert float(found.high - found.mean) == pytest.approx(1.963243, abs=1e-6)
    assert float(found.low) == pytest.approx(3 - 1.963243, abs=1e-6)
    assert found.n == 5


def test_interval_counts_defined_values_only_and_works_by_rows() -> None:
    found = mean_interval([[1.0, NAN, 3.0], [NAN, NAN, 2.0], [NAN, NAN, NAN]])
    assert found.n.tolist() == [2, 1, 0]
    assert found.mean[:2].tolist() == [2.0, 2.0]
    assert math.isnan(found.mean[2])
    assert np.isnan(found.low).tolist() == [False, True, True]


def test_paired_agrees_with_scipy() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(1, 2, 25), rng.normal(0, 1, 25)
    ours, theirs = paired(a, b), stats.ttest_rel(a, b)
    low, high = theirs.confidence_interval(0.95)
    assert float(ours.p) == pytest.approx(theirs.pvalue, rel=1e-12)
    assert (float(ours.low), float(ours.high)) == pytest.approx((low, high), rel=1e-12)


def test_a_pair_needs_both_sides() -> None:
    ours = paired([1.0, 2.0, NAN, 4.0], [0.0, NAN, 5.0, 2.0])
    assert ours.n == 2
    assert ours.difference == 1.5


@pytest.mark.parametrize(("shift", "p"), [(0.0, 1.0), (0.1, 0.0)])
def test_differences_without_spread(shift: float, p: float) -> None:
    base = np.array([0.5, 0.25, 0.75, 0.125])
    ours = paired(np.full(4, shift), np.zeros(4)) if shift else paired(base, base)
    assert (ours.low, ours.high, ours.p) == (shift, shift, p)


def test_one_pair_decides_nothing() -> None:
    ours = paired([1.0], [0.0])
    assert ours.n == 1
    assert np.isnan([ours.low, ours.high, ours.p]).all()


def test_ratio_by_the_delta_method_by_hand() -> None:
    # a = (2, 4), b = (1, 3): ratio 3/2; terms a/3 - b/2 = (1/6, -1/6), s = sqrt(2)/6, error = 1/6,
    # t(1, .975) = 12.706205; bounds 1.5 exp(-+ 12.706205 / 6).
    found = delta_log([2.0, 4.0], [1.0, 3.0])
    assert float(found.mean) == 1.5
    assert float(found.high) == pytest.approx(1.5 * math.exp(12.706205 / 6), rel=1e-6)
    assert float(found.low) == pytest.approx(1.5 * math.exp(-12.706205 / 6), rel=1e-6)


def test_ratio_is_of_means_and_not_a_mean_of_ratios() -> None:
    assert float(delta_log([1.0, 9.0], [1.0, 1.0]).mean) == 5.0
    assert float(delta_log([1.0, 1.0], [1.0, 9.0]).mean) == 0.2
    assert math.isnan(float(delta_log([1.0, 2.0], [0.0, 0.0]).mean))


def test_reciprocal_scores_have_the_reciprocal_of_the_mean() -> None:
    distance = np.array([0.2, 0.4, 0.9])
    scores = reciprocal_scores(distance)
    assert float(scores.mean()) == pytest.approx(1 / 0.5)
    # Delta method: sd of 1/mean is sd(distance) / mean^2.
    assert float(scores.std(ddof=1)) == pytest.approx(float(distance.std(ddof=1)) / 0.25)


def test_gain_in_eq_10_is_the_ratio_of_mean_distances() -> None:
    base, policy = np.array([0.4, 0.8]), np.array([0.1, 0.3])
    gain = delta_log(reciprocal_scores(policy), reciprocal_scores(base))
    assert float(gain.mean) - 1 == pytest.approx(0.6 / 0.2 - 1)


def test_holm_by_hand() -> None:
    # Sorted .01 .02 .03 .04, times 4 3 2 1: .04 .06 .06 .04, made to ascend: .04 .06 .06 .06.
    assert holm([0.04, 0.01, 0.03, 0.02]).tolist() == pytest.approx([0.06, 0.04, 0.06, 0.06])


def test_holm_counts_comparisons_that_could_not_be_made() -> None:
    adjusted = holm([0.01, NAN, 0.9])
    assert adjusted[0] == pytest.approx(0.03)
    assert math.isnan(adjusted[1])
    assert adjusted[2] == 1.0
    assert len(holm([])) == 0


@pytest.mark.parametrize(
    ("low", "high", "better", "p", "word"),
    [
        (0.1, 0.2, "higher", None, "holds"),
        (0.1, 0.2, "lower", None, "reversed"),
        (-0.2, -0.1, "lower", 0.01, "holds"),
        (-0.2, -0.1, "higher", 0.05, "reversed"),
        (-0.1, 0.1, "higher", None, "cannot be told apart"),
        (0.0, 0.0, "higher", 1.0, "cannot be told apart"),
        (0.1, 0.2, "higher", 0.06, "cannot be told apart"),
        (0.1, 0.2, "neither", 0.01, "cannot be told apart"),
        (NAN, NAN, "higher", NAN, "cannot be told apart"),
    ],
)
def test_verdict(low: float, high: float, better: str, p: float | None, word: str) -> None:
    assert verdict(low, high, better, p) == word  # type: ignore[arg-type]
