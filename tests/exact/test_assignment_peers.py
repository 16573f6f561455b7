"""Medium problems: ``solve`` against the PuLP reference, solved by CBC and by HiGHS through PuLP."""

from typing import Any

import numpy as np
import pulp
import pytest

from simgrid.assignment import AssignmentProblem, certify, solve
from simgrid.assignment.answer import objective_of, relaxations, strain_of
from simgrid.assignment.pulp_reference import solve_reference


def problem_of(S: int, R: int, slack: float, seed: int, storage_slack: float = 1.5) -> AssignmentProblem:
    rng = np.random.default_rng(seed)
    effort, size = rng.integers(1, 20, S).astype(float), rng.uniform(1e6, 2e9, S)
    U = max(1, R // 3)
    return AssignmentProblem(
        rating=rng.random((S, R)) ** 2,
        effort=effort,
        effort_limit=np.full(R, effort.sum() / R * slack),
        eligible=rng.random((S, R)) < 0.9,
        size_bytes=size,
        unit_of=np.arange(R) % U,
        storage_bytes=np.full(U, size.sum() / U * storage_slack),
        storage_factor=1.1,
    )


def solvers() -> list[Any]:
    return [pulp.PULP_CBC_CMD(msg=False, gapRel=0.0, threads=1), pulp.HiGHS(msg=False, gapRel=0.0, threads=1)]


@pytest.mark.parametrize("solver", solvers(), ids=["CBC", "HiGHS"])
@pytest.mark.parametrize(
    "problem",
    [
        problem_of(30, 6, 1.1, 1),
        problem_of(30, 6, 1.3, 2, storage_slack=1.15),
        problem_of(50, 9, 1.2, 3),
        problem_of(50, 9, 1.5, 4),
        problem_of(9, 4, 0.8, 5),
        problem_of(8, 3, 1.5, 6, storage_slack=0.7),
    ],
    ids=["30x6", "30x6 storage", "50x9", "50x9 loose", "9x4 overloaded", "8x3 storage overloaded"],
)
def test_the_reference_formulation_agrees(problem: AssignmentProblem, solver: Any) -> None:
    answer = solve(problem)
    assert answer.status == "optimal"
    assert certify(problem, answer).valid
    theirs = solve_reference(problem, solver)
    assert theirs is not None
    assert answer.objective == pytest.approx(objective_of(problem, theirs), abs=1e-6)
    ours, peer = strain_of(problem, answer.relaxed), strain_of(problem, relaxations(problem, theirs))
    assert ours.relative == pytest.approx(peer.relative, abs=1e-6)
    assert ours.on_closed == peer.on_closed == 0.0


def test_the_reference_handles_limits_of_zero_as_a_stage_of_its_own() -> None:
    problem = AssignmentProblem(
        [[0.9, 0.2, 0.1], [0.8, 0.3, 0.1]],
        [2, 3],
        [0, 1, 0],
        [[True, True, False], [True, False, True]],
        [100, 300],
        [0, 0, 1],
        [400, 0],
        1.0,
    )
    theirs = solve_reference(problem, solvers()[0])
    assert theirs is not None
    assert theirs.tolist() == solve(problem).radiologist.tolist() == [1, 0]
