import math

import numpy as np
import pytest

from simgrid.assignment import AssignmentProblem, Relaxation, certify, search, solve, solve_in_chunks
from simgrid.assignment.answer import objective_of, relaxations, strain_of

INF = float("inf")


def random_problem(
    S: int, R: int, slack: float, seed: int = 1, storage: bool = True, equal: bool = True
) -> AssignmentProblem:
    rng = np.random.default_rng(seed)
    effort, size = rng.integers(1, 20, S).astype(float), rng.uniform(1e6, 1e9, S)
    U = max(1, R // 3)
    units = (size, np.arange(R) % U, np.full(U, size.sum() / U * slack), 1.0) if storage else ()
    limits = np.full(R, effort.sum() / R * slack)
    if not equal:
        limits *= rng.dirichlet(np.full(R, 9.0)) * R
    return AssignmentProblem(rng.random((S, R)), effort, limits, rng.random((S, R)) < 0.9, *units)


@pytest.mark.parametrize(("S", "R"), [(0, 0), (0, 3), (3, 0)])
def test_nothing_to_assign_is_an_answer(S: int, R: int) -> None:
    problem = AssignmentProblem(np.zeros((S, R)), np.ones(S), np.ones(R))
    answer = solve(problem)
    assert certify(problem, answer).valid
    assert (answer.objective, answer.bound, answer.gap, answer.status) == (0.0, 0.0, 0.0, "optimal")
    assert answer.unassigned.tolist() == list(range(S))
    assert [item.kind for item in answer.relaxed] == ["unassigned"] * S


def test_a_row_without_an_eligible_radiologist_is_listed_and_the_others_are_assigned() -> None:
    problem = AssignmentProblem([[1, 2], [3, 4]], [1, 1], [INF, INF], [[False, False], [True, True]])
    answer = solve(problem)
    assert answer.radiologist.tolist() == [-1, 1]
    assert answer.relaxed == (Relaxation("unassigned", 0, 1.0, 1.0),)
    assert answer.unassigned.tolist() == [0]
    assert answer.status == "optimal"


def test_a_full_radiologist_sends_the_lesser_loss_elsewhere() -> None:
    problem = AssignmentProblem([[0.9, 0.1], [0.9, 0.8]], [5, 5], [5, 5])
    answer = solve(problem)
    assert answer.radiologist.tolist() == [0, 1]
    assert answer.relaxed == ()


def test_an_eligible_row_is_assigned_even_when_every_limit_is_short() -> None:
    problem = AssignmentProblem([[0.9, 0.8]], [5], [2, 4])
    answer = solve(problem)
    assert answer.radiologist.tolist() == [1], "5 over 4 is a quarter, 5 over 2 is one and a half"
    assert answer.relaxed == (Relaxation("effort", 1, 1.0, 4.0),)


def test_excess_over_a_limit_of_zero_is_the_last_resort() -> None:
    problem = AssignmentProblem([[1.0, 0.1]], [100], [0, 1])
    assert solve(problem).radiologist.tolist() == [1]
    only = AssignmentProblem([[1.0, 0.1]], [100], [0, 0])
    assert solve(only).relaxed == (Relaxation("effort", 0, 100.0, 0.0),)


def test_storage_is_shared_by_the_radiologists_of_a_unit() -> None:
    problem = AssignmentProblem(
        [[0.9, 0.8, 0.1], [0.8, 0.9, 0.1]], [1, 1], [INF] * 3, None, [600, 600], [0, 0, 1], [1000, 1000], 1.0
    )
    answer = solve(problem)
    assert sorted(answer.radiologist.tolist()) != [0, 1]
    assert answer.relaxed == ()
    doubled = AssignmentProblem(
        [[0.9, 0.1]], [1], [INF] * 2, None, [600], [0, 1], [1000, 1300], storage_factor=2.0
    )
    assert solve(doubled).radiologist.tolist() == [1]


def test_decimal_efforts_that_add_up_to_the_limit_keep_it() -> None:
    problem = AssignmentProblem(np.ones((10, 1)), np.full(10, 0.1), [1.0])
    assert solve(problem).relaxed == ()
    above = AssignmentProblem(np.ones((10, 1)), np.full(10, 0.1 + 1e-8), [1.0])
    assert [item.kind for item in solve(above).relaxed] == ["effort"]


def test_equal_ratings_go_to_the_lowest_radiologist_when_limits_are_loose() -> None:
    problem = AssignmentProblem(np.ones((4, 3)), np.ones(4), np.full(3, INF))
    assert solve(problem).radiologist.tolist() == [0, 0, 0, 0]


def test_negative_ratings_do_not_leave_rows_unassigned() -> None:
    problem = AssignmentProblem(-np.ones((3, 2)), np.ones(3), [2, 2])
    answer = solve(problem)
    assert answer.objective == -3.0
    assert answer.unassigned.size == 0


@pytest.mark.parametrize("slack", [1.05, 0.7])
def test_the_same_problem_gives_the_same_answer(slack: float) -> None:
    problem = random_problem(12, 4, slack)
    first, second = solve(problem), solve(problem)
    assert first.radiologist.tolist() == second.radiologist.tolist()
    assert (first.bound, first.status) == (second.bound, second.status)


@pytest.mark.parametrize("slack", [0.9, 1.02, 1.2])
@pytest.mark.parametrize("seconds", [0.0, 1e-3, 0.05])
def test_time_may_run_out_at_any_moment(slack: float, seconds: float) -> None:
    problem = random_problem(60, 9, slack)
    answer = solve(problem, time_limit_s=seconds)
    assert certify(problem, answer).valid
    assert answer.unassigned.tolist() == np.flatnonzero(~problem.eligible.any(axis=1)).tolist()
    assert answer.status == "time_limit" or answer.gap == 0


def test_the_bound_at_a_deadline_holds_for_the_true_optimum() -> None:
    problem = random_problem(40, 6, 1.3)
    best, hurried = solve(problem), solve(problem, time_limit_s=0.0)
    assert best.status == "optimal"
    assert hurried.objective <= best.objective <= hurried.bound


def test_a_gap_is_proven() -> None:
    problem = random_problem(60, 9, 1.1)
    answer = solve(problem, gap=0.05)
    assert answer.status in ("optimal", "within_gap")
    assert 0 <= answer.gap <= 0.05
    assert answer.bound >= solve(problem, gap=1e-3).objective


@pytest.mark.parametrize("seconds", [None, 5.0], ids=["no deadline", "deadline"])
def test_an_answer_within_the_gap_keeps_an_honest_bound(
    seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_SWEPT", ())
    within = 0
    for seed in range(20):
        problem = random_problem(15, 4, 1.25, seed)
        best, answer = solve(problem), solve(problem, gap=0.1, time_limit_s=seconds)
        assert answer.objective <= best.objective + 1e-9
        assert answer.bound >= best.objective - 1e-9
        assert answer.gap <= 0.1
        within += answer.status == "within_gap"
    assert within > 5


def test_a_hard_overloaded_batch_is_least_strain_first() -> None:
    problem = random_problem(9, 4, 0.8)
    answer = solve(problem)
    hurried = solve(problem, time_limit_s=0.0)
    assert answer.relaxed
    assert strain_of(problem, answer.relaxed).at_most(strain_of(problem, hurried.relaxed))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gap": -0.1}, "gap is -0.1"),
        ({"gap": math.nan}, "gap is nan"),
        ({"time_limit_s": -1.0}, "time_limit_s is -1.0"),
        ({"time_limit_s": math.nan}, "time_limit_s is nan"),
        ({"node_limit": -1}, "node_limit is -1"),
        ({"node_limit": 0.5}, "node_limit is 0.5"),
        ({"node_limit": math.inf}, "node_limit is inf"),
        ({"node_limit": math.nan}, "node_limit is nan"),
        ({"node_limit": "many"}, "node_limit is 'many'"),
        ({"gap": "x"}, "gap is 'x'"),
        ({"gap": None}, "gap is None"),
        ({"time_limit_s": "1 s"}, "time_limit_s is '1 s'"),
    ],
)
def test_a_wrong_setting_is_named(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        solve(random_problem(3, 2, 1.0), **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("chunk_size", [0, 1.5, math.inf, math.nan, "x", None])
def test_a_wrong_chunk_size_is_named(chunk_size: object) -> None:
    with pytest.raises(ValueError, match=f"chunk_size is {chunk_size!r}: give a whole number"):
        solve_in_chunks(random_problem(3, 2, 1.0), chunk_size)  # type: ignore[arg-type]


def test_chunks_see_what_earlier_chunks_left() -> None:
    problem = AssignmentProblem([[1.0, 0.9], [1.0, 0.2], [1.0, 0.8]], [1, 1, 1], [1, 2])
    assert solve(problem).radiologist.tolist() == [1, 0, 1]
    chunked = solve_in_chunks(problem, 1)
    assert chunked.radiologist.tolist() == [0, 1, 1]
    assert certify(problem, chunked).valid
    assert chunked.bound == pytest.approx(3.0)
    assert chunked.status == "time_limit"


def test_one_chunk_is_the_whole_problem_and_an_unloaded_one_is_proven() -> None:
    problem = random_problem(20, 5, 1.2)
    assert solve_in_chunks(problem, 20).objective == solve(problem).objective
    loose = random_problem(20, 5, 50.0)
    assert solve_in_chunks(loose, 4).status == "optimal"
    with pytest.raises(ValueError, match="chunk_size is 0"):
        solve_in_chunks(loose, 0)


@pytest.mark.parametrize("slack", [0.7, 1.1])
def test_chunks_are_never_better_than_the_whole(slack: float) -> None:
    problem = random_problem(14, 3, slack)
    whole, chunked = solve(problem), solve_in_chunks(problem, 5)
    assert certify(problem, chunked).valid
    whole_strain, strain = strain_of(problem, whole.relaxed), strain_of(problem, chunked.relaxed)
    assert whole_strain.at_most(strain)
    assert chunked.objective <= whole.objective or not strain.at_most(whole_strain)


def test_loads_and_objective_are_summed_without_rounding_error() -> None:
    problem = AssignmentProblem([[1e16], [1.0], [-1e16]], [1e16, 1.0, 1.0], [1e16])
    chosen = np.zeros(3, dtype=np.int64)
    assert objective_of(problem, chosen) == 1.0
    assert relaxations(problem, chosen) == ()


def test_a_node_limit_cuts_short_without_a_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work gives the same answer, on a slow machine too."""
    monkeypatch.setattr("time.monotonic", lambda: pytest.fail("a clock was read"))
    problem = random_problem(20, 5, 0.9, storage=False, equal=False)
    answers = [solve(problem, node_limit=nodes) for nodes in (0, 1, 8, 8)]
    assert {answer.status for answer in answers} == {"time_limit"}
    assert answers[2].radiologist.tolist() == answers[3].radiologist.tolist()
    assert (answers[2].bound, answers[2].objective) == (answers[3].bound, answers[3].objective)
    strains = [strain_of(problem, answer.relaxed) for answer in answers]
    for answer, strain, before in zip(answers, strains, [strains[0], *strains], strict=False):
        assert certify(problem, answer).valid
        assert strain.at_most(before)
        top = objective_of(problem, np.where(problem.eligible, problem.rating, -1).argmax(axis=1))
        assert answer.objective <= answer.bound <= top


@pytest.mark.parametrize("slack", [0.7, 1.0, 1.05])
@pytest.mark.parametrize("nodes", [0, 1, 3, 100])
def test_a_cut_short_bound_holds_for_the_true_optimum(slack: float, nodes: int) -> None:
    for seed in range(3):
        problem = random_problem(9, 4, slack, seed)
        best, cut = solve(problem), solve(problem, node_limit=nodes)
        assert best.status == "optimal"
        least, strain = strain_of(problem, best.relaxed), strain_of(problem, cut.relaxed)
        assert least.at_most(strain)
        if strain.at_most(least):
            assert cut.objective <= best.objective + 1e-9
            assert best.objective <= cut.bound + 1e-9
        else:
            assert cut.status == "time_limit"


def test_what_was_solved_before_leaves_no_trace() -> None:
    """A solver instance is kept between calls: neither its basis nor its random numbers may be."""
    problems = [random_problem(30, 6, slack, seed) for slack in (1.05, 1.3) for seed in range(3)]
    first = [solve(problem, node_limit=20) for problem in problems]
    again = [solve(problem, node_limit=20) for problem in reversed(problems)][::-1]
    for one, other in zip(first, again, strict=True):
        assert one.radiologist.tolist() == other.radiologist.tolist()
        assert (one.bound, one.status) == (other.bound, other.status)
