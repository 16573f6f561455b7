"""What ``simgrid plan`` promises is kept: plannings, bounds, and real scenarios against exhaustive search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.planning import testing
from simgrid.statistics.bounds import Bound
from tests.statistical import planning, planning_real
from tests.statistical.mutants import Mutant

pytestmark = pytest.mark.statistical


def test_95_of_100_plannings_are_correct() -> None:
    assert planning.plannings() == []


def test_bounds_of_shares_miss_no_more_than_they_say() -> None:
    assert planning.bounds() == []


def test_selecting_on_the_seeds_of_the_search_names_plans_that_miss() -> None:
    """Or the test on unseen seeds would be for nothing."""
    assert planning.planned(planning.on_the_edge()).lucky_mean > 2 * planning.ERROR * planning.PLANNINGS


def test_a_test_by_means_would_be_found_out() -> None:
    def by_means(values: FloatArray, targets: Sequence[Target], confidence: float) -> tuple[Bound, ...]:
        honest = judged(values, targets, confidence)
        reached = [
            one.mean >= target.bound if target.better == "higher" else one.mean <= target.bound
            for one, target in zip(honest, targets, strict=True)
        ]
        return tuple(
            replace(one, met="met" if good else "missed") for one, good in zip(honest, reached, strict=True)
        )

    judged = testing.judged
    with Mutant("plans judged by their means", ((judged, by_means),), {}).planted():
        assert planning.planned.__wrapped__(planning.just_missed(), 60).p < planning.LEVEL


@pytest.mark.parametrize("name", planning_real.SPACES)
def test_real_plans_are_those_of_exhaustive_search(name: str) -> None:
    one = planning_real.compared(name)
    assert one.wrong == []
    assert one.share <= planning_real.MOST
    assert len(one.those) >= 200
    if name == "not-monotone":  # with more of the clinic's bandwidth, the same people miss the ward's target
        chosen = dict(one.those[one.found.plan or 0].values)
        wide = chosen | {"sites.clinic.link.bandwidth": "32 Mbit/s"}
        more = next(place for place, plan in enumerate(one.those) if dict(plan.values) == wide)
        assert one.truth.ahead[more, 0] < -1.0 < 1.0 < one.truth.ahead[one.found.plan or 0, 0]
    if name == "infeasible":
        assert one.found.status == "none meets"
        assert bool(np.any(one.truth.ahead > 1.0, axis=0).all())  # each target can be met by itself
    if name == "rivals":
        assert {rival.why for rival in one.found.rivals} >= {"costs the same"}
