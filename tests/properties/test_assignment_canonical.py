"""Of several best assignments ``canonical`` gives the first, against every assignment there is."""

from itertools import product

import numpy as np
import pytest

from simgrid.assignment import AssignmentProblem, certify, search, solve
from simgrid.assignment.answer import relaxations, strain_of


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
    for _ in range(60):
        problem = tied_problem(rng)
        expected = first_of_the_best(problem)
        if expected is None:
            continue
        answer = solve(problem, canonical=True)
        assert certify(problem, answer).valid
        assert answer.status == "optimal"
        assert answer.first
        assert answer.radiologist.tolist() == expected
        several += solve(problem).radiologist.tolist() != expected
    assert several >= 3, "the problems must have ties that a search breaks otherwise"


def first_of_the_least_strained(problem: AssignmentProblem) -> list[int]:
    """Least strain, then the highest rating, then the lowest radiologists, row after row."""
    S, R, _ = problem.shape
    ranked = []
    for tried in product(range(R), repeat=S):
        who = np.array(tried, dtype=np.int64)
        if problem.eligible[np.arange(S), who].all():
            strain = strain_of(problem, relaxations(problem, who)).relative
            ranked.append((round(strain, 7), -problem.rating[np.arange(S), who].sum(), list(tried)))
    return min(ranked)[2]


def test_the_first_of_the_least_strained_is_found() -> None:
    """Limits that cannot hold: what a sweep over all assignments in reach says is the first, is."""
    rng = np.random.default_rng(12)
    told = several = 0
    for _ in range(40):
        S, R = int(rng.integers(3, 6)), 3
        rating, effort = rng.integers(0, 2, (S, R)), rng.integers(1, 3, S)
        most = max(1, int(0.9 * effort.sum() / R))
        problem = AssignmentProblem(rating, effort, rng.integers(1, most + 1, R))
        answer, expected = solve(problem, canonical=True), first_of_the_least_strained(problem)
        several += solve(problem).radiologist.tolist() != expected
        told += answer.first
        assert not answer.first or answer.radiologist.tolist() == expected
    assert told >= 38
    assert several >= 1, "the problems must have ties that a search breaks otherwise"


def test_an_answer_that_is_not_proven_first_does_not_say_so() -> None:
    rng = np.random.default_rng(2)
    effort = rng.integers(1, 21, 60).astype(float)
    problem = AssignmentProblem(rng.random((60, 8)), effort, np.full(8, effort.sum() / 8 * 1.02))
    assert not solve(problem).first, "nobody asked"
    cut_short = solve(problem, node_limit=0, canonical=True)
    assert cut_short.status == "time_limit"
    assert not cut_short.first


def test_the_gate_gives_the_first() -> None:
    problem = AssignmentProblem([[1.0, 1.0], [0.5, 0.7]], [1.0, 1.0], [2.0, 2.0])
    answer = solve(problem)
    assert answer.first
    assert answer.radiologist.tolist() == [0, 1]


def test_many_rows_alike_are_still_told_apart() -> None:
    """Twenty equal rows on three desks: of all their arrangements the one in order."""
    problem = AssignmentProblem(np.tile([0.5, 0.7, 0.6], (20, 1)), np.ones(20), [7, 8, 9])
    answer = solve(problem, canonical=True)
    assert answer.radiologist.tolist() == [0] * 3 + [1] * 8 + [2] * 9
    assert answer.status == "optimal"
    assert answer.first


def test_it_is_the_best_of_all_that_counts_first() -> None:
    rng = np.random.default_rng(8)
    for _ in range(3):
        effort = rng.integers(1, 21, 40).astype(float)
        limit = np.full(8, effort.sum() / 8 * 1.1)
        problem = AssignmentProblem(np.round(rng.random((40, 8)) * 4) / 4, effort, limit)
        plain, first = solve(problem), solve(problem, canonical=True)
        assert first.objective == pytest.approx(plain.objective, abs=1e-9)
        assert first.radiologist.tolist() <= plain.radiologist.tolist()
