"""What the radiologists' own knapsacks prove holds for any prices; nothing is lost on the way to the best."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.assignment import AssignmentProblem, certify, decomposition, search, solve
from simgrid.assignment.answer import relaxations
from simgrid.assignment.bound import lagrangian
from simgrid.assignment.desks import desks, evaluated, loads, raised, regrets
from simgrid.assignment.formulation import Stage, core_of, fitting_pairs, located, usable_pairs
from tests.exact.assignment_oracle import FLAVOURS, small_problem


def knapsack_tables(problem: AssignmentProblem, rng: np.random.Generator):
    core = core_of(problem, fitting_pairs(problem, usable_pairs(problem)))
    stage = Stage(core, rng.random(core.row.size))
    of = loads(stage, lagrangian(stage, rng.exponential(1.0, len(core.knapsacks))))
    every, place = np.arange(core.row.size), rng.permutation(core.first.size)
    return stage, of, desks(stage, of, every, place, of.room, of.limit)


def kept_limits(problem: AssignmentProblem, stage: Stage) -> list[np.ndarray]:
    """Every assignment of the stage's rows to its pairs that keeps the limits, as pairs of the core."""
    usable = np.zeros(problem.rating.shape, dtype=bool)
    usable[stage.core.row, stage.core.radiologist] = True
    kept = []
    for chosen in product(*[np.flatnonzero(row).tolist() or [-1] for row in usable]):
        assignment = np.array(chosen, dtype=np.int64)
        if all(item.kind == "unassigned" or item.limit == 0 for item in relaxations(problem, assignment)):
            kept.append(located(stage.core, assignment))
    return kept


@settings(max_examples=150, deadline=None)
@given(
    flavour=st.sampled_from(sorted(FLAVOURS)),
    seed=st.integers(0, 10_000),
    size=st.sampled_from([0.0, 0.1, 1.0, 30.0]),
    steps=st.integers(0, 20),
)
def test_bound_and_regret_hold_for_any_prices(flavour: str, seed: int, size: float, steps: int) -> None:
    rng = np.random.default_rng(seed)
    problem = small_problem(flavour, rng)
    stage, _, tables = knapsack_tables(problem, rng)
    if not stage.core.row.size:
        return
    point = evaluated(tables, rng.normal(0, size, tables.rows), rng.exponential(size, tables.limit.size))
    point = raised(tables, point, point.bound + size, steps)
    regret = np.zeros(stage.cost.size)
    regret[tables.pair] = regrets(tables, point)
    for pairs in kept_limits(problem, stage):
        cost = stage.cost[pairs].sum()
        rounding = 1e-9 * max(1.0, abs(point.bound), size)
        assert cost >= point.bound - rounding
        assert cost >= point.bound + regret[pairs].max(initial=0.0) - rounding


@settings(max_examples=60, deadline=None)
@given(flavour=st.sampled_from(sorted(FLAVOURS)), seed=st.integers(0, 10_000))
def test_whole_loads_never_exceed_the_true_ones(flavour: str, seed: int) -> None:
    """What keeps the true limits keeps the whole-numbered ones."""
    rng = np.random.default_rng(seed)
    problem = small_problem(flavour, rng)
    stage, of, _ = knapsack_tables(problem, rng)
    for pairs in kept_limits(problem, stage):
        used = np.bincount(stage.core.radiologist[pairs], of.effort[pairs], of.room.size)
        assert (used <= of.room).all()
        assert (of.other[pairs].sum(axis=0) <= of.limit * (1 + 1e-9)).all()


def generated(seed: int, effort: str, S: int = 24, R: int = 5, slack: float = 1.08) -> AssignmentProblem:
    rng = np.random.default_rng(seed)
    points = rng.integers(1, 21, S).astype(float)
    if effort == "tenths":
        points = points / 10
    if effort == "real":
        points = points + rng.random(S)
    if effort == "pair":
        points = rng.integers(5, 26, (S, R)).astype(float)
    total = points.sum() if points.ndim == 1 else points.min(axis=1).sum() * 1.5
    size = rng.lognormal(17, 1, S)
    storage = (size, np.arange(R) % 2, np.full(2, size.sum() / 2 * 1.1), 1.0) if seed % 2 else ()
    limit = np.full(R, total / R * slack)
    return AssignmentProblem(rng.random((S, R)) - 0.5, points, limit, rng.random((S, R)) < 0.9, *storage)


@pytest.mark.parametrize("effort", ["points", "tenths", "real", "pair"])
@pytest.mark.parametrize("seed", range(4))
def test_knapsacks_and_programme_agree(effort: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = generated(seed, effort)
    monkeypatch.setattr(search, "_SWEPT", ())
    found = solve(problem)
    monkeypatch.setattr(search, "decomposed", lambda *arguments: None)
    other = solve(problem)
    assert certify(problem, found).valid
    assert found.status == other.status == "optimal"
    assert found.objective == pytest.approx(other.objective, rel=1e-9)


@pytest.mark.parametrize("states", [0, 5])
def test_what_the_search_leaves_open_goes_to_the_solver(states: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = generated(3, "points", slack=1.02)
    best = solve(problem)
    monkeypatch.setattr(search, "_SWEPT", ())
    monkeypatch.setattr(decomposition, "_most_states", lambda stage: states)
    programmes = []
    true = search.minimise
    monkeypatch.setattr(
        search, "minimise", lambda one, *rest, **more: programmes.append(one) or true(one, *rest, **more)
    )
    found = solve(problem)
    assert found.status == best.status == "optimal"
    assert found.objective == pytest.approx(best.objective, rel=1e-9)
    assert len(programmes) > 1


def test_tables_that_would_be_too_large_are_left_to_the_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = generated(5, "points")
    best = solve(problem)
    monkeypatch.setattr(search, "_SWEPT", ())
    monkeypatch.setattr(decomposition, "_LARGEST", 10)
    assert solve(problem).objective == pytest.approx(best.objective, rel=1e-9)
