"""Every kind of interval keeps its promise, in a declared band; narrower or unpaired ones are found out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from simgrid.statistics import intervals
from tests.statistical import coverage
from tests.statistical.coverage import MEASURES, Measure

pytestmark = pytest.mark.statistical
OF_INTERVALS = [one for one in MEASURES if not one.name.startswith("Holm")]


@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.name)
def test_the_share_covered_is_in_its_band(measure: Measure) -> None:
    assert measure.low <= measure.share() <= measure.high


@pytest.mark.parametrize("measure", OF_INTERVALS, ids=lambda one: one.name)
def test_half_widths_times_0_85_are_found_out(measure: Measure, monkeypatch: pytest.MonkeyPatch) -> None:
    def narrower(low: Any, truth: Any, high: Any) -> np.ndarray:
        middle, half = (np.asarray(low) + high) / 2, 0.85 * (np.asarray(high) - low) / 2
        return np.asarray((middle - half <= truth) & (truth <= middle + half))

    monkeypatch.setattr(coverage, "within", narrower)
    assert not measure.holds()


def test_unpaired_instead_of_paired_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def unpaired(policy: np.ndarray, baseline: np.ndarray) -> intervals.Paired:
        found = stats.ttest_ind(policy, baseline, axis=-1, equal_var=False)
        bounds = found.confidence_interval(0.95)
        difference = policy.mean(axis=-1) - baseline.mean(axis=-1)
        return intervals.Paired(difference, bounds.low, bounds.high, found.pvalue, np.full(len(policy), 1))

    monkeypatch.setattr(intervals, "paired", unpaired)
    (measure,) = (one for one in MEASURES if one.name == "paired difference, 10")
    assert not measure.holds()


def test_fieller_keeps_its_promise_where_the_delta_method_does_not() -> None:
    """Lognormal replications with a coefficient of variation of 0.95, as in waiting times under load."""
    for n in (10, 30):
        assert coverage.fieller(n, 0.8) >= 0.945
        assert coverage.delta_log(n, 0.8) <= 0.935


def test_bonferroni_would_not_hold_for_skewed_members() -> None:
    """Why the largest t is bootstrapped: t-quantiles know nothing of skewness."""
    rng, hits = np.random.default_rng(coverage.SEED), 0
    for _ in range(1000):
        values = np.exp(0.5 * rng.normal(size=(12, 30)))
        found = intervals.mean_interval(values, 1 - 0.05 / 12)
        hits += bool(coverage.within(found.low, np.exp(0.125), found.high).all())
    assert hits / 1000 < 0.93
