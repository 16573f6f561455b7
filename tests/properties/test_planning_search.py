"""No plan is named against its test; order among equals is nothing; without noise there is no error."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.planning.search import search
from simgrid.planning.settings import Settings
from simgrid.statistics.bounds import unfavourable
from tests.planning_worlds import at_most, share

GOALS: list[Target] = [share("urgent", 0.9), at_most("mean", 100.0)]
ASKED = Settings(tolerance=0.02, runs=100)
COSTS = st.lists(st.integers(1, 6), min_size=1, max_size=14).map(sorted)
CALM = settings(max_examples=12, deadline=None)


def noisy(levels: FloatArray, noise: float, seed: int) -> Callable[[Sequence[int], str, int], FloatArray]:
    """Shares and times around the levels (plans, 2), own to each plan's levels and replication."""

    def observe(plans: Sequence[int], stage: str, upto: int) -> FloatArray:
        values = np.empty((len(plans), upto, 2))
        for row, plan in enumerate(plans):
            named = [seed, stage == "test", *(int(1e6 * one) for one in levels[plan])]
            drawn = np.random.default_rng(named).normal(size=(upto, 2))
            values[row] = levels[plan] + noise * np.array([0.1, 10.0]) * drawn
        values[..., 0] = np.clip(values[..., 0], 0.0, 1.0)
        return values

    return observe


def levels_of(costs: Sequence[int], seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    return np.stack([rng.uniform(0.8, 1.0, len(costs)), rng.uniform(80.0, 120.0, len(costs))], axis=1)


@CALM
@given(costs=COSTS, seed=st.integers(0, 10_000), noise=st.floats(0.0, 3.0))
def test_no_plan_is_named_whose_test_misses(costs: list[int], seed: int, noise: float) -> None:
    observe = noisy(levels_of(costs, seed), noise, seed)
    found = search(costs, GOALS, observe, ASKED)
    assert (found.plan is not None) == (found.status == "found")
    if found.plan is not None:
        values = observe([found.plan], "test", found.bounds[0].n)[0]
        judged = [unfavourable(values[:, place], one, ASKED.confidence) for place, one in enumerate(GOALS)]
        assert tuple(judged) == found.bounds and {one.met for one in judged} == {"met"}
        assert all(costs[one.plan] <= costs[found.plan] for one in found.rivals)
    else:
        assert found.in_the_way


@CALM
@example(costs=[1, 1, 1, 1, 1], seed=115, noise=0.25)
@example(costs=[1, 1, 1, 1, 1, 1, 1, 1], seed=23, noise=1.29)
@given(costs=COSTS, seed=st.integers(0, 10_000), noise=st.floats(0.01, 2.0))
def test_the_order_among_equal_costs_changes_nothing(costs: list[int], seed: int, noise: float) -> None:
    levels = levels_of(costs, seed)
    shuffled = np.lexsort((np.random.default_rng(seed).permutation(len(costs)), costs))
    one = search(costs, GOALS, noisy(levels, noise, seed), ASKED)
    other = search(costs, GOALS, noisy(levels[shuffled], noise, seed), ASKED)
    assert one.status == other.status and one.runs == other.runs
    assert one.plan == (None if other.plan is None else shuffled[other.plan])
    assert {rival.plan for rival in one.rivals} == {shuffled[rival.plan] for rival in other.rivals}


@CALM
@given(costs=COSTS, seed=st.integers(0, 10_000))
def test_without_noise_it_is_brute_force(costs: list[int], seed: int) -> None:
    """Shares and times in steps of twice the tolerance from their goals, on either side."""
    rng = np.random.default_rng(seed)
    steps = np.array([0.9, 100.0]) * np.array([0.0, 1.0]) + np.array([0.9, 0.0])
    levels = steps + np.array([0.04, 4.0]) * (rng.integers(-3, 2, (len(costs), 2)) + 0.5)
    meets = (levels[:, 0] >= 0.9) & (levels[:, 1] <= 100.0)
    found = search(costs, GOALS, noisy(levels, 0.0, seed), Settings(tolerance=0.02, runs=400))
    cheapest = costs[int(meets.argmax())] if meets.any() else None
    assert (None if found.plan is None else costs[found.plan]) == cheapest
    if found.plan is None:
        assert found.status == "none meets"
    else:
        named = {found.plan, *(one.plan for one in found.rivals)}
        assert named == {place for place in np.flatnonzero(meets) if costs[place] == cheapest}
