"""What a solver says is never passed on unmeasured: it may fail, lie or break a limit by its own rounding."""

from dataclasses import replace

import numpy as np
import pytest

from simgrid.assignment import AssignmentProblem, certify, highs, relax, search, solve
from simgrid.assignment.highs import Outcome, Programme

PROBLEM = AssignmentProblem(
    rating=[[0.9, 0.5, 0.1], [0.8, 0.7, 0.2], [0.9, 0.4, 0.3], [0.6, 0.5, 0.5]],
    effort=[3.0, 2.0, 2.0, 3.0],
    effort_limit=[4.5, 4.0, 3.0],
)


def solver_that(monkeypatch: pytest.MonkeyPatch, change) -> list[Programme]:
    seen: list[Programme] = []
    true = highs.minimise

    def minimise(programme: Programme, *arguments, **settings) -> Outcome:
        seen.append(programme)
        return change(programme, true(programme, *arguments, **settings))

    monkeypatch.setattr(search, "minimise", minimise)
    monkeypatch.setattr(search, "_SWEPT", ())
    monkeypatch.setattr(search, "decomposed", lambda *arguments: None)
    monkeypatch.setattr(relax, "exchanged", lambda of, chosen, *rest: chosen)
    return seen


def test_a_solver_that_fails_leaves_a_constructed_answer_with_a_true_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    best = solve(PROBLEM)
    seen = solver_that(monkeypatch, lambda programme, outcome: Outcome("failed", None, np.inf, -np.inf))
    answer = solve(PROBLEM)
    assert seen
    assert answer.status == "invalid"
    assert certify(PROBLEM, answer).valid
    assert answer.relaxed or answer.bound >= best.objective


def test_a_solver_that_overfills_a_radiologist_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    def everyone_to_the_first(programme: Programme, outcome: Outcome) -> Outcome:
        if outcome.columns is None or not programme.integer.any():
            return outcome
        wrong = np.where(programme.cost == 0, 1.0, 0.0)
        return replace(outcome, columns=wrong, cost=0.0, bound=0.0)

    seen = solver_that(monkeypatch, everyone_to_the_first)
    answer = solve(PROBLEM)
    assert certify(PROBLEM, answer).valid
    assert answer.status != "optimal"
    assert max(programme.row_lower.size for programme in seen) > 4 + 3, "what was rejected has been cut off"


def test_one_wrong_answer_is_cut_off_and_the_next_one_is_optimal(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = solve(PROBLEM)
    lies = []

    def one_lie(programme: Programme, outcome: Outcome) -> Outcome:
        if outcome.columns is None or not programme.integer.any() or lies:
            return outcome
        lies.append(programme)
        return replace(outcome, columns=np.where(programme.cost == 0, 1.0, 0.0))

    solver_that(monkeypatch, one_lie)
    answer = solve(PROBLEM)
    assert lies
    assert answer.status == "optimal"
    assert answer.radiologist.tolist() == expected.radiologist.tolist()


def test_exactness_is_asked_of_highs() -> None:
    """1e-5 of rating decides here: the solver's own default gap of 1e-4 would not see it."""
    rng = np.random.default_rng(5)
    for _ in range(20):
        rating = 1000 + rng.random((8, 3)) * 1e-5
        problem = AssignmentProblem(rating, rng.integers(1, 5, 8), [8, 8, 8])
        answer = solve(problem)
        assert answer.status == "optimal"
        tenfold = AssignmentProblem((rating - 1000) * 1e5, problem.effort, problem.effort_limit)
        best = solve(tenfold)
        assert answer.objective - 8000 == pytest.approx(best.objective * 1e-5, abs=1e-10)


def test_bytes_and_points_meet_the_same_tolerance() -> None:
    """A byte too many in a gigabyte is seen, a billionth of it is not."""
    for extra, expected in ((0.0, ()), (10.0, ("storage",))):
        problem = AssignmentProblem(
            [[1.0], [1.0]], [1e-3, 1e-3], [2e-3], None, [5e8, 5e8 + extra], [0], [1e9], 1.0
        )
        assert tuple(item.kind for item in solve(problem).relaxed) == expected
