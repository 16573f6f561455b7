"""KN where it promises nothing, and OCBA, which is not below an even share; the rest is in ``suite``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simgrid.statistics import ranking
from tests.statistical.measures import Measure
from tests.statistical.ranking import CASES, PROMISES, SKEWED, fewest, ocba_against_equal, power

pytestmark = pytest.mark.statistical


def test_a_share_of_92_percent_would_be_found_out() -> None:
    assert power() > 0.99
    assert fewest() > 0.93 * PROMISES[0].samples


@pytest.mark.parametrize("measure", SKEWED, ids=lambda one: one.name)
def test_skewed_observations_cost_what_is_told(measure: Measure) -> None:
    assert measure.holds()


@pytest.mark.parametrize("case", CASES)
def test_ocba_is_not_below_an_even_share(case: str) -> None:
    assert ocba_against_equal(case).not_below


def test_ocba_is_better_where_many_are_far_from_the_best() -> None:
    assert ocba_against_equal("ten in a row, equal spread").above


def test_more_for_those_that_are_far_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = ranking.budget_shares

    def far(means: Any, variances: Any, way: ranking.Way = "higher") -> np.ndarray:
        own = 1 / np.maximum(shares(means, variances, way), 1e-6)
        return np.asarray(own / own.sum())

    monkeypatch.setattr(ranking, "budget_shares", far)
    assert not ocba_against_equal("ten in a row, equal spread").not_below
