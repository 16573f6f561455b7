"""The Lagrangian bound and the regrets hold for any multipliers, whatever the solver says."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.assignment.answer import relaxations, strain_of
from simgrid.assignment.bound import lagrangian
from simgrid.assignment.formulation import Stage, core_of, located, usable_pairs
from tests.exact.assignment_oracle import FLAVOURS, small_problem


@pytest.mark.parametrize("form", ["hard", "priced", "budget"])
@settings(max_examples=120, deadline=None)
@given(
    flavour=st.sampled_from(sorted(FLAVOURS)),
    seed=st.integers(0, 10_000),
    size=st.sampled_from([0.0, 0.01, 0.3, 3.0, 1e6]),
)
def test_no_assignment_costs_less_than_bound_and_regret(
    form: str, flavour: str, seed: int, size: float
) -> None:
    rng = np.random.default_rng(seed)
    problem = small_problem(flavour, rng)
    usable = usable_pairs(problem)
    core = core_of(problem, usable)
    budget = float(rng.uniform(0.01, 1)) if form == "budget" else 0.0
    cost = np.zeros(core.row.size) if form == "priced" else rng.random(core.row.size)
    stage = Stage(core, cost, priced=form == "priced", budget=budget)
    proof = lagrangian(stage, rng.exponential(1.0, len(core.knapsacks)) * size)
    options = [np.flatnonzero(row).tolist() or [-1] for row in usable]
    for chosen in product(*options):
        assignment = np.array(chosen, dtype=np.int64)
        strain = strain_of(problem, relaxations(problem, assignment)).relative
        if form != "priced" and strain > budget:
            continue
        pairs = located(core, assignment)
        value = strain if form == "priced" else cost[pairs].sum()
        rounding = 1e-9 * max(1.0, abs(proof.bound), float(proof.regret.max(initial=0.0)))
        assert value >= proof.bound - rounding
        assert value >= proof.bound + proof.regret[pairs].max(initial=0.0) - rounding
