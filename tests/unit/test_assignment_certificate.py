"""The certificate against answers that were tampered with: whatever is changed must be seen."""

from dataclasses import replace

import numpy as np
import pytest

from simgrid.assignment import Answer, AssignmentProblem, Relaxation, certify, solve
from simgrid.assignment.answer import objective_of, relative_gap, relaxations
from tests.exact.assignment_oracle import FLAVOURS


def problem_and_answer(flavour: str, seed: int) -> tuple[AssignmentProblem, Answer]:
    problem = AssignmentProblem(**FLAVOURS[flavour](np.random.default_rng(seed), 7, 3))
    return problem, solve(problem)


def moved(problem: AssignmentProblem, answer: Answer, row: int, radiologist: int) -> Answer:
    """The answer with one row elsewhere and its numbers made to agree; ``relaxed`` stays as it was."""
    chosen = answer.radiologist.copy()
    chosen[row] = radiologist
    objective = objective_of(problem, chosen)
    bound = max(answer.bound, objective)
    return replace(
        answer,
        radiologist=chosen,
        objective=objective,
        bound=bound,
        gap=relative_gap(bound, objective),
        status="time_limit",
    )


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_single_move_is_accepted_exactly_when_it_is_eligible_and_truly_reported(flavour: str) -> None:
    rejected = 0
    for seed in range(6):
        problem, answer = problem_and_answer(flavour, seed)
        assert certify(problem, answer).valid
        for row, j in np.ndindex(problem.rating.shape):
            if answer.radiologist[row] == j:
                continue
            candidate = moved(problem, answer, row, j)
            eligible = bool(problem.eligible[row, j])
            reported = relaxations(problem, candidate.radiologist) == answer.relaxed
            assert certify(problem, candidate).valid == (eligible and reported), (row, j)
            rejected += not (eligible and reported)
            if eligible:
                honest = replace(candidate, relaxed=relaxations(problem, candidate.radiologist))
                assert certify(problem, honest).valid
    assert rejected > 10


@pytest.mark.parametrize("flavour", ["overloaded", "storage-bound", "limits of zero"])
def test_every_entry_of_relaxed_must_be_there_once_and_true(flavour: str) -> None:
    seen = 0
    for seed in range(8):
        problem, answer = problem_and_answer(flavour, seed)
        for k, item in enumerate(answer.relaxed):
            others = answer.relaxed[:k] + answer.relaxed[k + 1 :]
            for wrong in (
                others,
                (*answer.relaxed, item),
                (*others, replace(item, excess=item.excess * 1.001)),
                (*others, replace(item, excess=item.excess * 0.999)),
                (*others, replace(item, excess=float("nan"))),
                (*others, replace(item, limit=item.limit + 1.0)),
                (*others, replace(item, index=item.index + 100)),
            ):
                assert not certify(problem, replace(answer, relaxed=wrong)).valid, wrong
                seen += 1
        extra = (*answer.relaxed, Relaxation("effort", 99, 1.0, 1.0))
        assert not certify(problem, replace(answer, relaxed=extra)).valid
    assert seen > 50


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: replace(a, objective=a.objective - 1e-6), "the ratings of the assigned pairs sum to"),
        (lambda a: replace(a, objective=a.objective + 1e-6, bound=a.bound + 1), "ratings of the assigned"),
        (lambda a: replace(a, bound=a.objective - 0.5), "is below the objective"),
        (lambda a: replace(a, bound=a.bound + 1.0), "bound and objective make it"),
        (lambda a: replace(a, bound=float("nan")), "must be finite"),
        (lambda a: replace(a, gap=0.5), "gap is 0.5"),
        (lambda a: replace(a, status="perfect"), "status is 'perfect'"),
        (lambda a: replace(a, bound=a.objective * 2, gap=0.5, status="optimal"), "optimal with a gap"),
        (lambda a: replace(a, radiologist=a.radiologist[:-1]), r"radiologist has shape \(6,\)"),
        (lambda a: replace(a, radiologist=a.radiologist + 50), r"radiologist\[0\] is 5\d"),
        (lambda a: replace(a, radiologist=a.radiologist - 50), r"radiologist\[0\] is -"),
        (lambda a: replace(a, radiologist=a.radiologist.astype(float)), "indices are integers"),
    ],
)
def test_wrong_numbers_are_named(change, message: str) -> None:
    problem, answer = problem_and_answer("loose", 3)
    assert answer.objective > 0
    violations = " ".join(certify(problem, change(answer)).violations)
    import re

    assert re.search(message, violations), violations


@pytest.mark.parametrize("value", [None, "x", [], {}, 1j, 10**400, float("nan"), np.zeros(2), object()])
@pytest.mark.parametrize("field", ["radiologist", "objective", "bound", "gap", "status", "relaxed"])
def test_a_field_of_another_kind_is_a_violation_and_never_an_exception(field: str, value: object) -> None:
    problem, answer = problem_and_answer("overloaded", 3)
    assert answer.relaxed
    certificate = certify(problem, replace(answer, **{field: value}))
    assert any(field in text or "relaxed" in text for text in certificate.violations)


@pytest.mark.parametrize("field", ["kind", "index", "excess", "limit"])
@pytest.mark.parametrize("value", [None, "x", [], 10**400, float("nan"), float("inf")])
def test_an_entry_of_another_kind_is_a_violation(field: str, value: object) -> None:
    problem, answer = problem_and_answer("overloaded", 3)
    first = replace(answer.relaxed[0], **{field: value})
    assert not certify(problem, replace(answer, relaxed=(first, *answer.relaxed[1:]))).valid
    assert not certify(problem, replace(answer, relaxed=(value, *answer.relaxed))).valid  # type: ignore[arg-type]


def test_a_list_of_radiologists_is_named() -> None:
    problem, answer = problem_and_answer("loose", 3)
    listed = replace(answer, radiologist=answer.radiologist.tolist(), objective=None, relaxed=None)  # type: ignore[arg-type]
    assert certify(problem, listed).violations == (
        "radiologist is a list: it must be an array of indices",
        "objective is None: it must be a number",
        "relaxed is None: it must be a tuple of Relaxation",
    )


def test_an_unassigned_row_that_someone_could_read_is_rejected_even_if_reported() -> None:
    problem = AssignmentProblem([[0.0, 0.0]], [1], [1, 1])
    answer = replace(
        solve(problem),
        radiologist=np.array([-1]),
        relaxed=(Relaxation("unassigned", 0, 1.0, 1.0),),
    )
    assert certify(problem, answer).violations == ("row 0 is unassigned although radiologist 0 is eligible",)


def test_a_row_that_nobody_may_read_must_be_reported() -> None:
    problem = AssignmentProblem([[0.0]], [1], [1], [[False]])
    answer = solve(problem)
    assert certify(problem, answer).valid
    assert not certify(problem, replace(answer, relaxed=())).valid
    assert not certify(problem, replace(answer, radiologist=np.array([0]))).valid
