"""Bounds for a whole family: Bonferroni by hand, the largest t where replications allow it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simgrid.statistics.families import FEWEST_DEPARTURES, FEWEST_FOR_MAX_T, simultaneous
from simgrid.statistics.intervals import mean_interval

LUCK = np.random.default_rng(9)
COMMON = LUCK.normal(size=(1, 40))
ALIKE = COMMON + 0.1 * LUCK.normal(size=(8, 40))
APART = LUCK.normal(size=(8, 40))


def test_few_replications_have_bonferroni() -> None:
    values = APART[:5, : FEWEST_FOR_MAX_T - 1]
    found = simultaneous(values)
    theirs = stats.ttest_1samp(values, 0.0, axis=1).confidence_interval(1 - 0.05 / 5)
    assert found.low == pytest.approx(theirs.low)
    assert found.high == pytest.approx(theirs.high)
    assert not found.by_max_t.any()


def test_a_family_of_one_is_its_own_interval() -> None:
    one = mean_interval(APART[0])
    found = simultaneous(APART[:1])
    assert [found.low[0], found.high[0]] == pytest.approx([float(one.low), float(one.high)])


def test_members_that_say_the_same_are_not_paid_for_twice() -> None:
    alike, apart = simultaneous(ALIKE), simultaneous(APART)
    assert alike.by_max_t.all()
    assert apart.by_max_t.all()
    widths = [
        ((found.high - found.low) / (one.high - one.low))[0]
        for found, one in ((alike, mean_interval(ALIKE)), (apart, mean_interval(APART)))
    ]
    bonferroni = stats.t.ppf(1 - 0.025 / 8, 39) / stats.t.ppf(0.975, 39)
    assert 0.9 < widths[0] < 1.15 < widths[1] < 1.15 * bonferroni


def test_the_limit_is_that_of_a_plain_bootstrap() -> None:
    from simgrid.statistics import families

    draws = families._weights(4, 40, 99).astype(int)
    largest = []
    for times in draws:
        again = np.repeat(APART, times, axis=1)
        t = (again.mean(axis=1) - APART.mean(axis=1)) / stats.sem(again, axis=1)
        largest.append(np.abs(t).max())
    limit = np.quantile(largest, 0.95, method="higher")
    found = simultaneous(APART, seed=4, resamples=99)
    error = stats.sem(APART, axis=1)
    assert found.high == pytest.approx(APART.mean(axis=1) + limit * error)
    assert found.low == pytest.approx(APART.mean(axis=1) - limit * error)


def test_a_member_that_hardly_ever_differs_does_not_widen_the_others() -> None:
    rare = np.zeros((1, 40))
    rare[0, : FEWEST_DEPARTURES - 1] = 1.0
    found = simultaneous(np.vstack([APART, rare]))
    assert found.by_max_t.tolist() == [True] * 8 + [False]
    assert np.isfinite(found.high).all()
    theirs = stats.ttest_1samp(rare[0], 0.0).confidence_interval(1 - 0.05 / 9)
    assert (found.low[8], found.high[8]) == pytest.approx((theirs.low, theirs.high))


def test_a_member_that_could_not_be_measured_keeps_its_share_and_has_no_bounds() -> None:
    short = APART[:3, :15]
    found = simultaneous(np.vstack([short, np.full((1, 15), np.nan)]))
    theirs = stats.ttest_1samp(short, 0.0, axis=1).confidence_interval(1 - 0.05 / 4)
    assert found.low[:3] == pytest.approx(theirs.low)
    assert np.isnan(found.low[3])


def test_undefined_replications_and_equal_differences() -> None:
    values = APART.copy()
    values[0, :4] = np.nan
    values[1] = 0.25
    found = simultaneous(values)
    assert found.by_max_t.tolist() == [True, False] + [True] * 6
    assert found.low[1] == found.high[1] == 0.25
    assert found.low[0] < np.nanmean(values[0]) < found.high[0]


def test_the_same_seed_gives_the_same_bounds() -> None:
    assert simultaneous(APART, 3).low.tolist() == simultaneous(APART, 3).low.tolist()
    assert simultaneous(APART, 3).low.tolist() != simultaneous(APART, 4).low.tolist()
    assert simultaneous(np.empty((0, 30))).low.shape == (0,)
