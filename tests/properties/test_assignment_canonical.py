"""Of several best assignments ``canonical`` gives the first, against every assignment there is."""

from itertools import product

import numpy as np
import pytest

from simgrid.assignment import AssignmentProblem, certify, search, solve
from simgrid.assignment.answer import relaxations


def tied_problem(rng: np.random.Generator) -> AssignmentProblem:
    """Whole numbers all over, so that nothing rounds; often the same row several times."""
    S, R = int(rng.integers(2, 7)), int(rng.integers(2, 4))
    rating = rng.integers(-1, 3, (S, R))
    effort = rng.integers(1, 4, (S, R) if rng.random() < 0.3 else S)
    if rng.random() < 0.5:
        same = rng.integers(0, 2, S)
        rating, effort = rating[same], effort[same]
    limit = np.full(R, np.ceil(effort.mean() * S / R * 1.1))
    if rng.random() < 0.5:
        return AssignmentProblem(rating, effort, limit)
    U, size = int(rng.integers(1, 3)), rng.integers(1, 4, S)
    storage = (size, np.arange(R) % U, np.full(U, np.ceil(size.sum() / U * 1.2)), 1.0)
    return AssignmentProblem(rating, effort, limit, rng.random((S, R)) < 0.9, *storage)


def first_of_the_best(problem: AssignmentProblem) -> list[int] | None:
    """Lowest radiologists, row after row; None where limits cannot hold."""
    S, R, _ = problem.shape
    best, chosen = None, None
    for tried in product(range(R), repeat=S):
        who = np.array(tried, dtype=np.int64)
        if not problem.eligible[np.arange(S), who].all() or relaxations(problem, who):
            continue
        rating = problem.rating[np.arange(S), who].sum()
        if best is None or rating > best:
            best, chosen = rating, list(tried)
    return chosen


@pytest.mark.parametrize("way", ["sweeps", "knapsacks", "solver"])
def test_the_first_of_the_best_is_found(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way != "sweeps":
        monkeypatch.setattr(search, "_SWEPT", ())
    if way == "solver":
        monkeypatch.setattr(search, "decomposed", lambda *arguments: None)
    rng = np.random.default_rng(sum(map(ord, way)))
    several = 0
    for _ in range(100):
        problem = tied_problem(rng)
        expected = first_of_the_best(problem)
        if expected is None:
            continue
        answer = solve(problem, canonical=True)
        assert certify(problem, answer).valid
        assert answer.status == "optimal"
        assert answer.radiologist.tolist() == expected
        several += solve(problem).radiologist.tolist() != expected
    assert several >= 3, "the problems must have ties that a search breaks otherwise"


def test_many_rows_alike_are_still_told_apart() -> None:
    """Twenty equal rows on three desks: of all their arrangements the one in order."""
    problem = AssignmentProblem(np.tile([0.5, 0.7, 0.6], (20, 1)), np.ones(20), [7, 8, 9])
    answer = solve(problem, canonical=True)
    assert answer.radiologist.tolist() == [0] * 3 + [1] * 8 + [2] * 9
    assert answer.status == "optimal"


def test_it_is_the_best_of_all_that_counts_first() -> None:
    rng = np.random.default_rng(8)
    for _ in range(6):
        effort = rng.integers(1, 21, 40).astype(float)
        limit = np.full(8, effort.sum() / 8 * 1.1)
        problem = AssignmentProblem(np.round(rng.random((40, 8)) * 4) / 4, effort, limit)
        plain, first = solve(problem), solve(problem, canonical=True)
        assert first.objective == pytest.approx(plain.objective, abs=1e-9)
        assert first.radiologist.tolist() <= plain.radiologist.tolist()
