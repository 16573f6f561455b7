"""Large problems: bounds that hold, answers that keep the limits, and work that ends."""

import numpy as np
import pytest

from simgrid.assignment import AssignmentProblem, certify, exchange, large, relax, solve
from simgrid.assignment.dual import scaled
from simgrid.assignment.exchange import exchanged


def many_rows(S: int, R: int, slack: float, kind: str = "plain", seed: int = 1) -> AssignmentProblem:
    rng = np.random.default_rng(seed)
    effort = rng.integers(1, 21, S).astype(float)
    rating = rng.random((S, R)) ** 2
    limit = np.full(R, effort.sum() / R * slack)
    if kind == "experts":
        rating = 0.7 * rng.random(R) + 0.3 * rating
    if kind == "ties":
        rating = np.round(rating * 3) / 3
    if kind == "pair":
        effort = rng.integers(5, 26, (S, R)).astype(float)
        limit = np.full(R, effort.min(axis=1).sum() / R * slack * 1.4)
    size = rng.lognormal(17, 1, S)
    free = np.full(2, size.sum() / 2 * slack)
    return AssignmentProblem(
        rating, effort, limit, rng.random((S, R)) < 0.9, size, np.arange(R) % 2, free, 1.0
    )


@pytest.mark.parametrize("kind", ["plain", "experts", "ties", "pair"])
@pytest.mark.parametrize("slack", [1.02, 1.2])
def test_prices_and_programme_agree(kind: str, slack: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever way the answer comes, its bound is above and its rating below what the other proves."""
    problem = many_rows(80, 6, slack, kind)
    by_programme = solve(problem, gap=5e-3, node_limit=5)
    monkeypatch.setattr(relax, "MANY", 0)
    by_prices = solve(problem, gap=5e-3, node_limit=5)
    for answer in (by_programme, by_prices):
        assert certify(problem, answer).valid
        assert not answer.relaxed
    assert by_prices.objective <= by_programme.bound + 1e-9
    assert by_programme.objective <= by_prices.bound + 1e-9


def test_a_large_problem_is_proven_to_one_in_ten_thousand() -> None:
    problem = many_rows(2500, 40, 1.05)
    answer = solve(problem, gap=1e-4)
    assert certify(problem, answer).valid
    assert answer.status in ("within_gap", "optimal")
    assert answer.gap <= 1e-4
    again = solve(problem, gap=1e-4)
    assert again.radiologist.tolist() == answer.radiologist.tolist()
    assert again.bound == answer.bound


def test_kept_pairs_hold_every_better_assignment(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = many_rows(60, 5, 1.3)
    best = solve(problem)
    assert best.status == "optimal"
    monkeypatch.setattr(relax, "LARGE", 0)
    answer = solve(problem)
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(best.objective, abs=1e-9)
    monkeypatch.setattr(relax, "KEPT", 80)
    fewer = solve(problem, node_limit=20)
    assert certify(problem, fewer).valid
    assert fewer.objective <= best.objective + 1e-9
    assert best.objective <= fewer.bound + 1e-9


def test_an_overloaded_problem_beyond_any_programme_is_answered_as_cut_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = many_rows(100, 5, 0.9)
    for name in ("MANY", "LARGE", "HUGE"):
        monkeypatch.setattr(relax, name, 0)
    answer = solve(problem)
    assert certify(problem, answer).valid
    assert answer.relaxed
    assert answer.status == "time_limit"
    assert answer.unassigned.size == 0


@pytest.mark.parametrize("few", [0, 250], ids=["by radiologists", "all at once"])
def test_exchanges_never_lose(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within limits an exchange adds rating; an overload it lessens."""
    monkeypatch.setattr(exchange, "FEW", few)
    problem = many_rows(80, 6, 1.3)
    of = scaled(problem, problem.eligible)
    chosen = solve(problem, node_limit=0).radiologist[of.rows]
    worst = np.where(problem.eligible, problem.rating, np.inf).argmin(axis=1)[of.rows]
    for start in (chosen, worst):
        end = exchanged(of, start, large._HARD)
        assert problem.eligible[of.rows, end].all()
        before, after = (problem.rating[of.rows, one].sum() for one in (start, end))
        over = [np.bincount(one, problem.effort[of.rows], 6) - problem.effort_limit for one in (start, end)]
        assert np.maximum(over[1], 0).sum() <= np.maximum(over[0], 0).sum() + 1e-6
        assert after >= before - 1e-9 or np.maximum(over[0], 0).sum() > np.maximum(over[1], 0).sum()
