"""Why Fieller and not the delta method, and why the largest t is bootstrapped; the rest is in ``suite``."""

from __future__ import annotations

import numpy as np
import pytest

from simgrid.statistics import intervals
from tests.statistical import coverage

pytestmark = pytest.mark.statistical


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
