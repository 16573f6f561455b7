"""How long a test is: a plan beyond a target by the tolerance passes it, and one at the target does not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.planning.prospects import fewest_kept, is_sure, misses, prospect
from simgrid.planning.sizing import FEWEST, needed, resolved
from simgrid.statistics.bounds import bound_reaches, unfavourable
from tests.planning_worlds import at_most, share

URGENT, MEAN = share("urgent", 0.9), at_most("mean", 100.0)
MONTHS = share("urgent", 0.9, periods=(4, 5))
TESTS = 200


def shares(mean: float, size: tuple[int, ...], seed: int = 1) -> FloatArray:
    return np.asarray(np.random.default_rng(seed).beta(20.0 * mean, 20.0 * (1.0 - mean), size))


def times(mean: float, size: tuple[int, ...], seed: int = 1) -> FloatArray:
    return np.asarray(mean * np.random.default_rng(seed).gamma(25.0, 1.0 / 25.0, size))


def passed(rows: FloatArray, target: Target) -> float:
    return float(np.mean([bound_reaches(row, target, target.bound, 0.95) for row in rows]))


@pytest.mark.parametrize("tolerance", [0.02, 0.04])
def test_a_share_beyond_the_tolerance_passes_and_one_at_the_target_does_not(tolerance: float) -> None:
    runs = needed(shares(0.93, (200,)), URGENT, 0.95, tolerance, 5000)
    assert passed(shares(0.9 + tolerance, (TESTS, runs), 2), URGENT) >= 0.9
    assert passed(shares(0.9, (TESTS, runs), 3), URGENT) <= 0.05
    assert passed(shares(0.9 + tolerance, (TESTS, runs // 2), 4), URGENT) < 0.9  # half as long would not do


def test_a_time_beyond_the_tolerance_passes_and_one_at_the_target_does_not() -> None:
    runs = needed(times(90.0, (300,)), MEAN, 0.95, 0.04, 5000)
    assert passed(times(96.0, (TESTS, runs), 2), MEAN) >= 0.92
    assert passed(times(100.0, (TESTS, runs), 3), MEAN) <= 0.08


def test_periods_are_sized_by_the_binomial_distribution() -> None:
    runs = needed(np.ones(5), MONTHS, 0.95, 0.05, 5000)
    goal = fewest_kept(MONTHS, 0.95, runs)
    assert stats.binom.sf(goal - 1, runs, 0.85) >= 0.975 > stats.binom.sf(goal - 1, runs, 0.8)
    assert stats.binom.sf(goal - 1, runs, 0.8) <= 0.05
    assert fewest_kept(share("urgent", 0.9, periods=(19, 20)), 0.95, 58) == 59  # not even all 58


def test_what_it_resolves_shrinks_with_its_length_and_is_the_tolerance_at_what_is_needed() -> None:
    values = shares(0.92, (200,))
    runs = needed(values, URGENT, 0.95, 0.02, 5000)
    far = [resolved(values, URGENT, 0.95, count) for count in (100, 200, 400, 800)]
    assert far == sorted(far, reverse=True)
    assert resolved(values, URGENT, 0.95, runs) == pytest.approx(0.02, rel=0.2)
    assert resolved(np.empty(0), URGENT, 0.95, 100) == math.inf
    assert resolved(np.ones(5), share("urgent", 0.9, periods=(19, 20)), 0.95, 40) == math.inf


def test_a_test_has_its_fewest_and_its_most() -> None:
    assert needed(np.full(20, 50.0), MEAN, 0.95, 0.04, 400) == FEWEST
    assert needed(shares(0.92, (50,)), URGENT, 0.95, 0.0005, 400) == 400
    assert needed(np.empty(0), URGENT, 0.95, 0.02, 400) == 400


def test_five_equal_values_are_no_certainty_unless_they_lie_far_off() -> None:
    assert misses(np.full(5, 0.5), URGENT) and misses(np.full(5, 150.0), MEAN)
    assert not misses(np.full(5, 0.9), URGENT) and not misses(np.array([0.5]), URGENT)
    assert not misses(np.array([0.99, 0.99, 0.99, 0.99, 0.3]), URGENT)  # one bad evening of five
    assert misses(np.full(5, 0.8), MONTHS) and not misses(np.append(np.full(4, 0.95), 0.8), MONTHS)
    assert not is_sure(np.full((1, 1), 50.0), [MEAN], 0.95, 40)
    assert is_sure(np.full((5, 1), 50.0), [MEAN], 0.95, 40)


def test_the_prospect_is_that_of_the_worst_target() -> None:
    values = np.stack([shares(0.95, (100,)), times(99.0, (100,))], axis=1)
    alone = [prospect(values[:, [place]], [one], 0.95, 400) for place, one in enumerate((URGENT, MEAN))]
    assert prospect(values, [URGENT, MEAN], 0.95, 400) == min(alone) == alone[1]
    assert unfavourable(values[:, 0], URGENT, 0.95).met == "met"
