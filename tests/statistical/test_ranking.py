"""KN keeps its promise, OCBA is not below an even share, and planted faults are found (two minutes)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simgrid.statistics import ranking
from tests.statistical.coverage import Measure
from tests.statistical.ranking import CASES, PROMISES, SKEWED, fewest, ocba_against_equal, power

pytestmark = pytest.mark.statistical


def test_a_share_of_92_percent_would_be_found_out() -> None:
    assert power() > 0.99
    assert fewest() > 0.93 * PROMISES[0].samples


@pytest.mark.parametrize("measure", PROMISES, ids=lambda one: one.name)
def test_the_best_is_selected_as_often_as_promised(measure: Measure) -> None:
    assert measure.holds()


@pytest.mark.parametrize("measure", SKEWED, ids=lambda one: one.name)
def test_skewed_observations_cost_what_is_told(measure: Measure) -> None:
    assert measure.holds()


@pytest.mark.parametrize("measure", PROMISES, ids=lambda one: one.name)
def test_half_the_constant_is_found_out(measure: Measure, monkeypatch: pytest.MonkeyPatch) -> None:
    constant = ranking.continuation_constant
    monkeypatch.setattr(ranking, "continuation_constant", lambda *given: constant(*given) / 2)
    assert not measure.holds()


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
