"""Shares in the long run: the share of all inspections, bounded over replications."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.statistics.bounds import bound_reaches, unfavourable, unfavourable_bound
from simgrid.statistics.long_run import counted, known, linear, long_run, ratio_differences

SHARE = Target("share", "all", "response_time_success", 0.9, "higher")
OFTEN = Target("share", "all", "response_time_success", 0.9, "higher", periods=(3, 4))
STUDIES = st.tuples(st.integers(0, 30), st.integers(0, 200))
"""Of one replication: studies that are late, and those that are in time."""


def measured(studies: list[tuple[int, int]]) -> FloatArray:
    """As a run measures it: no share of nothing."""
    sums = [late + good for late, good in studies]
    shares = [good / both if both else np.nan for (_, good), both in zip(studies, sums, strict=True)]
    return counted(shares, sums)


@given(studies=st.lists(STUDIES, min_size=2, max_size=25))
@settings(deadline=None, max_examples=80)
def test_the_mean_is_the_pooled_share_between_its_bounds(studies: list[tuple[int, int]]) -> None:
    values, every = measured(studies), sum(late + good for late, good in studies)
    if every == 0:
        assert np.isnan(long_run(known(values)))
        return
    pooled = float(Fraction(sum(good for _, good in studies), every))
    found = unfavourable(values, SHARE)
    assert found.mean == pytest.approx(pooled, abs=1e-12)
    assert found.n == sum(late + good > 0 for late, good in studies)
    if found.n > 1:
        assert 0.0 <= found.low <= pooled + 1e-12
        assert pooled - 1e-12 <= found.high <= 1.0
        assert found.bound == unfavourable_bound(known(values), SHARE, 0.95)
        for goal in (found.low - 1e-6, found.low + 1e-6):
            assert bound_reaches(values, SHARE, goal, 0.95) == (goal < found.low)


@given(pairs=st.lists(st.tuples(STUDIES, STUDIES), min_size=2, max_size=25))
@settings(deadline=None, max_examples=80)
def test_the_mean_of_differences_is_that_of_the_pooled_shares(
    pairs: list[tuple[tuple[int, int], tuple[int, int]]],
) -> None:
    both = [one for one in pairs if sum(one[0]) and sum(one[1])]
    found = ratio_differences(*(measured([one[side] for one in pairs]) for side in (0, 1)))
    assert len(found) == len(both)
    if both:
        pooled = [
            Fraction(sum(one[side][1] for one in both), sum(sum(one[side]) for one in both))
            for side in (0, 1)
        ]
        assert found.mean() == pytest.approx(float(pooled[0] - pooled[1]), abs=1e-12)
        same = ratio_differences(*(measured([one[0] for one in pairs]) for _ in range(2)))
        assert (same == 0.0).all()


@given(
    shares=st.lists(st.floats(0.0, 1.0), min_size=2, max_size=30),
    count=st.integers(1, 5000),
    confidence=st.sampled_from((0.8, 0.95)),
)
@settings(deadline=None, max_examples=60)
def test_equal_counts_change_no_bit(shares: list[float], count: int, confidence: float) -> None:
    alike = counted(shares, np.full(len(shares), float(count)))
    assert unfavourable(alike, SHARE, confidence) == unfavourable(shares, SHARE, confidence)
    assert (linear(known(alike)) == shares).all()


@given(studies=st.lists(STUDIES, min_size=3, max_size=20), times=st.integers(2, 50), empty=st.integers(1, 9))
@settings(deadline=None, max_examples=50)
def test_units_and_replications_without_a_study_change_nothing(
    studies: list[tuple[int, int]], times: int, empty: int
) -> None:
    more = [(late * times, good * times) for late, good in studies] + [(0, 0)] * empty
    one, other = unfavourable(measured(studies), SHARE), unfavourable(measured(more), SHARE)
    assert (one.n, one.met) == (other.n, other.met)
    assert (one.mean, one.low, one.high) == pytest.approx(
        (other.mean, other.low, other.high), nan_ok=True, abs=1e-7
    )


@given(studies=st.lists(STUDIES, min_size=2, max_size=20))
@settings(deadline=None, max_examples=50)
def test_periods_take_no_notice_of_counts(studies: list[tuple[int, int]]) -> None:
    values = measured(studies)
    one, other = unfavourable(values, OFTEN), unfavourable(values[:, 0], OFTEN)
    assert (one.n, one.met) == (other.n, other.met)
    assert (one.mean, one.bound) == pytest.approx((other.mean, other.bound), nan_ok=True)


@given(studies=st.lists(STUDIES, min_size=2, max_size=25))
@settings(deadline=None, max_examples=50)
def test_linear_values_have_the_ratio_for_their_mean(studies: list[tuple[int, int]]) -> None:
    values = known(measured(studies))
    if len(values):
        assert float(linear(values).mean()) == pytest.approx(long_run(values), abs=1e-12)


def test_busy_months_count_for_more_than_quiet_ones() -> None:
    """Nine quiet months in full, a busy one late: the mean of the shares would pass at 0.95."""
    months = counted([1.0] * 9 + [0.55], [100.0] * 9 + [1000.0])
    assert unfavourable(months, SHARE).mean == pytest.approx((900 + 550) / 1900)
    assert float(months[:, 0].mean()) > 0.95


def test_the_bound_is_the_quantile_of_randomly_weighted_ratios() -> None:
    """And the one replication that was not seen has share 0 and the largest count."""
    rng = np.random.default_rng(3)
    load = rng.gamma(4.0, 0.25, 40)
    counts = rng.poisson(50 * load) + 1.0
    shares = np.clip(1.0 - 0.06 * load**2, 0.0, 1.0)
    weights = np.random.default_rng(4).exponential(size=(100_000, 41))
    every, size = np.append(shares, 0.0), np.append(counts, counts.max())
    drawn = (weights @ (size * every)) / (weights @ size)
    found = unfavourable(counted(shares, counts), SHARE)
    assert float((drawn < found.low).mean()) == pytest.approx(0.05, abs=0.0025)
    every[-1] = 1.0
    drawn = (weights @ (size * every)) / (weights @ size)
    assert float((drawn > found.high).mean()) == pytest.approx(0.05, abs=0.0025)


def test_with_counts_of_nought_and_one_it_is_clopper_and_pearsons() -> None:
    """With one inspection in some replications and none in others as much is known as of those alone."""
    values = counted([1.0] * 58 + [np.nan] * 30 + [0.0], [1.0] * 58 + [0.0] * 30 + [1.0])
    known_ones = unfavourable([1.0] * 58 + [0.0], SHARE)
    assert unfavourable(values, SHARE) == known_ones
