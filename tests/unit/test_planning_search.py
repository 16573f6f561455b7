"""The search against exhaustive search: the same answers from a small part of the runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.planning.answer import of_stage
from simgrid.planning.evidence import WrongShape
from simgrid.planning.findings import Found, Tried
from simgrid.planning.search import search
from simgrid.planning.settings import Settings
from simgrid.scenario import load
from simgrid.statistics.long_run import known, long_run
from tests.planning_worlds import BUSY, INFEASIBLE, NOT_MONOTONE, RIVALS, SPACES, Space, at_most, share

SETTINGS = Settings(tolerance=0.02, runs=1000)
TRUTH = 300


@dataclass
class Counted:
    """Asks the space, and counts each replication of a plan once."""

    space: Space
    seed: int
    had: dict[tuple[str, int], int] = field(default_factory=dict)

    def __call__(self, plans: Sequence[int], stage: str, upto: int) -> FloatArray:
        for plan in plans:
            self.had[stage, plan] = max(self.had.get((stage, plan), 0), upto)
        return self.space.observe(self.seed)(plans, stage, upto)


def ahead(space: Space) -> FloatArray:
    """By how much each plan's mean of many runs is beyond each target, in tolerances; (plans, targets)."""
    means = space.observe(20261122)(range(len(space.plans)), "truth", TRUTH).mean(axis=1)
    way = np.array([1.0 if one.better == "higher" else -1.0 for one in space.targets])
    bound = np.array([one.bound for one in space.targets])
    unit = np.array([1.0 if one.kind == "share" else one.bound for one in space.targets])
    return np.asarray(way * (means - bound) / (SETTINGS.tolerance * unit))


@pytest.fixture(scope="module")
def exhaustive() -> dict[str, FloatArray]:
    return {space.name: ahead(space) for space in SPACES}


def planned(space: Space, seed: int = 1) -> tuple[Found, Counted]:
    counted = Counted(space, seed)
    return search(space.costs, space.targets, counted, SETTINGS), counted


@pytest.mark.parametrize("space", SPACES, ids=lambda one: one.name)
def test_runs_are_a_small_part_of_every_plan_at_test_length_and_counted_right(space: Space) -> None:
    found, counted = planned(space)
    assert len(space.plans) >= 200
    assert found.runs.search == sum(n for (stage, _), n in counted.had.items() if stage == "search")
    assert found.runs.test == sum(n for (stage, _), n in counted.had.items() if stage == "test")
    assert found.runs.exhaustive == len(space.plans) * found.test_runs
    assert found.runs.search + found.runs.test <= found.runs.exhaustive / 4


def test_the_cheapest_is_found_though_more_bandwidth_is_worse(exhaustive: dict[str, FloatArray]) -> None:
    far = exhaustive[NOT_MONOTONE.name]
    meets = (far > 1.0).all(axis=1)
    best = int(meets.argmax())
    assert ((far[:best] < -1.0).any(axis=1)).all()  # every cheaper plan misses by more than the tolerance
    chosen = NOT_MONOTONE.plans[best]
    more = [
        place
        for place, one in enumerate(NOT_MONOTONE.plans)
        if one.radiologists == chosen.radiologists
        and one.routine_mbit_s > chosen.routine_mbit_s
        and one.urgent_mbit_s == chosen.urgent_mbit_s
    ]
    assert more and (far[more, 0] < -1.0).all()  # with more bandwidth the same people miss the urgent target
    found, _ = planned(NOT_MONOTONE)
    assert found.status == "found" and found.plan == best
    assert [one.met for one in found.bounds] == ["met", "met"]
    assert [one for one in found.rivals if (far[one.plan] < -1.0).any()] == []


def test_where_none_meets_it_says_so_and_how_near_the_best_came(exhaustive: dict[str, FloatArray]) -> None:
    far = exhaustive[INFEASIBLE.name]
    assert ((far < -1.0).any(axis=1)).all() and (far > 1.0).any(axis=0).all()  # each can be met, but not both
    found, _ = planned(INFEASIBLE)
    assert found.status == "none meets" and found.plan is None and found.rivals == ()
    assert {one.alone for one in found.in_the_way} == {False}
    nearest = {one.plan for one in found.in_the_way}
    assert len(nearest) == 1
    shortfall = np.maximum(-far, 0.0).max(axis=1)
    assert shortfall[nearest.pop()] <= shortfall.min() + 1.0


def test_no_plan_has_more_replications_than_are_allowed() -> None:
    """Not even the one that comes nearest where none meets, which is looked at more closely."""
    asked = Counted(INFEASIBLE, 1)
    found = search(INFEASIBLE.costs, INFEASIBLE.targets, asked, Settings(tolerance=0.02, runs=12))
    assert found.plan is None and found.in_the_way
    assert max(asked.had.values()) == 12


def test_a_share_is_of_all_studies_where_busy_evenings_are_late() -> None:
    plan, evenings = 52, 100
    values = BUSY.observe(1)([plan], "search", evenings)
    assert values.shape == (1, evenings, 1, 2)
    shares, counts = values[0, ~np.isnan(values[0, :, 0, 0]), 0].T
    assert len(shares) < evenings  # and one evening had none
    assert np.corrcoef(shares, counts)[0, 1] < -0.3
    ratio = float((shares * counts).sum() / counts.sum())
    assert long_run(known(values[0, :, 0])) == pytest.approx(ratio)
    assert ratio < shares.mean()
    found = search(BUSY.costs, BUSY.targets, BUSY.observe(1), Settings(tolerance=0.03, runs=400))
    assert found.plan is not None
    (length,) = (len(one.values) for one in found.tried if (one.plan, one.stage) == (found.plan, "test"))
    tested = known(BUSY.observe(1)([found.plan], "test", length)[0, :, 0])
    assert found.bounds[0].mean == pytest.approx(float(tested[:, 0] @ tested[:, 1] / tested[:, 1].sum()))


def test_a_target_beyond_every_plan_stands_in_the_way_alone() -> None:
    targets = (share("urgent", 0.5), at_most("mean", 12.0))
    found, _ = planned(Space("too fast", NOT_MONOTONE.plans, NOT_MONOTONE.load, targets))
    assert found.status == "none meets"
    assert [(one.target, one.alone, one.bound.met) for one in found.in_the_way] == [(1, True, "missed")]
    assert found.in_the_way[0].plan == len(NOT_MONOTONE.plans) - 1  # most of everything is fastest


def test_rivals_within_noise_are_those_of_exhaustive_search(exhaustive: dict[str, FloatArray]) -> None:
    far = exhaustive[RIVALS.name]
    meets = np.flatnonzero((far > 1.0).all(axis=1))
    cost = RIVALS.costs[meets[0]]
    alike = {int(one) for one in meets if RIVALS.costs[one] == cost}
    assert len(alike) == 5
    for seed in (1, 2, 3):
        found, _ = planned(RIVALS, seed)
        assert {found.plan, *(one.plan for one in found.rivals)} == alike
        assert {one.why for one in found.rivals} == {"costs the same"}


def test_what_the_search_did_not_leave_is_not_called_missed() -> None:
    """At 95 % such values miss; among many plans that is no reason to leave one, and no word is put on it."""
    values = np.tile([105.0, 96.0, 112.0, 93.0], 25)[:, None] + 0.0
    target = at_most("mean", 100.2)
    in_search, in_test = (Tried(0, stage, values, (target,), 0.95).bounds[0] for stage in ("search", "test"))
    assert in_test.met == "missed"
    assert in_search.met == "cannot be told apart"
    assert (in_search.mean, in_search.bound) == (in_test.mean, in_test.bound)
    surely = Tried(0, "search", values + 5.0, (target,), 0.95).bounds[0]
    assert surely.met == "missed"


def test_of_months_the_share_is_tested_and_not_the_mean() -> None:
    months = share("urgent", 0.8, periods=(4, 5))
    space = Space("four of five evenings", NOT_MONOTONE.plans, NOT_MONOTONE.load, (months,))
    found, counted = planned(space)
    assert found.plan is not None
    kept = counted([found.plan], "test", found.bounds[0].n)[0, :, 0] >= 0.8
    assert found.bounds[0].mean == kept.mean()
    assert found.bounds[0].bound >= 0.8


def test_no_seed_of_the_search_is_tested_on() -> None:
    """A plan that is lucky in the search only is not named."""

    def observe(plans: Sequence[int], stage: str, upto: int) -> FloatArray:
        lucky = 90.0 if stage == "search" else 110.0
        level = np.array([lucky, 90.0])[list(plans)]
        return np.tile(level[:, None, None], (1, upto, 1))

    found = search([1.0, 2.0], [at_most("mean", 100.0)], observe)
    assert found.plan is None and found.status == "cannot be told"
    assert found.short_list == (0,)


def test_a_plan_is_tested_in_worlds_of_another_seed_than_it_was_searched_in() -> None:
    cell = load("tiny/plan").cells[0]
    assert of_stage(cell, "search").seed == cell.seed
    assert of_stage(cell, "test") == replace(cell, seed=of_stage(cell, "test").seed)
    assert of_stage(cell, "test").seed != cell.seed


def test_a_plan_that_theory_excludes_is_never_looked_at() -> None:
    seen: set[int] = set()

    def observe(plans: Sequence[int], _: str, upto: int) -> FloatArray:
        seen.update(plans)
        return np.full((len(plans), upto, 1), 50.0)

    found = search([1.0, 2.0, 3.0], [at_most("mean", 100.0)], observe, screened={0})
    assert found.plan == 1 and 0 not in seen


def test_times_that_never_end_are_missed_and_values_that_are_missing_are_left_out() -> None:
    def observe(plans: Sequence[int], _: str, upto: int) -> FloatArray:
        rows = np.array([np.inf, 90.0, 50.0])[list(plans)]
        values = np.tile(rows[:, None, None], (1, upto, 1))
        values[:, ::3] = np.nan
        return values

    found = search([1.0, 2.0, 3.0], [at_most("mean", 100.0)], observe)
    assert found.plan == 1 and found.bounds[0].n < found.runs.test


def test_what_cannot_be_asked_is_refused() -> None:
    def too_few(plans: Sequence[int], _: str, upto: int) -> FloatArray:
        return np.zeros((len(plans), upto - 1, 1))

    goal: list[Target] = [at_most("mean", 1.0)]
    with pytest.raises(ValueError, match="cheapest plan first"):
        search([2.0, 1.0], goal, too_few)
    with pytest.raises(ValueError, match="0 plans"):
        search([], goal, too_few)
    with pytest.raises(ValueError, match="tolerance above 0"):
        search([1.0], goal, too_few, Settings(tolerance=0.0))
    with pytest.raises(WrongShape, match=r"asked for \(1, 5, 1\)"):
        search([1.0], goal, too_few)
