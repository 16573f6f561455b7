"""``solve`` against every assignment there is, in rational numbers.

The heavier run, ten times as many problems, is among the statistical tests: ``python -m pytest -m statistical
tests/statistical/test_assignment_at_length.py``.
"""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simgrid.assignment import TOLERANCE, Answer, AssignmentProblem, Strain, certify, relax, search, solve
from simgrid.assignment.answer import strain_of
from tests.exact.assignment_oracle import FLAVOURS, brute_force, small_problem

# The fixture sets the same thing for all examples of a test.
SHARED = [HealthCheck.function_scoped_fixture]


def assert_best(problem: AssignmentProblem, answer: Answer) -> None:
    best = brute_force(problem)
    certificate = certify(problem, answer)
    assert certificate.valid, certificate.violations
    assert answer.unassigned.size == best.unassigned
    strain = strain_of(problem, answer.relaxed)
    assert strain.at_most(Strain(float(best.on_closed), float(best.relative))), (strain, best)
    size = max(1.0, float(np.abs(problem.rating).max(initial=0.0)))
    assert abs(Fraction(answer.objective) - best.rating) <= Fraction(TOLERANCE * size), (answer, best)
    assert answer.status == "optimal"
    assert answer.bound >= float(best.rating) - TOLERANCE * size
    assert bool(answer.relaxed) == bool(best.unassigned or best.on_closed or best.relative)


@pytest.fixture(params=["sweeps", "knapsacks", "solver", "prices"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Small problems end in a sweep; here they also take the ways of larger and of very large ones."""
    if request.param != "sweeps":
        monkeypatch.setattr(search, "_SWEPT", ())
        monkeypatch.setattr(relax, "exchanged", lambda of, chosen, *rest: chosen)
    if request.param in ("solver", "prices"):
        monkeypatch.setattr(search, "decomposed", lambda *arguments: None)
    if request.param == "prices":
        monkeypatch.setattr(relax, "LARGE", 0)
        monkeypatch.setattr(relax, "MANY", 0)
    return str(request.param)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_no_assignment_is_better(flavour: str, way: str) -> None:
    rng = np.random.default_rng(sum(map(ord, flavour + way)))
    for _ in range(40 if way == "sweeps" else 20):
        problem = small_problem(flavour, rng)
        assert_best(problem, solve(problem))


@st.composite
def problems(draw: st.DrawFn) -> AssignmentProblem:
    S, R = draw(st.integers(0, 4)), draw(st.integers(1, 3))
    U = draw(st.integers(1, 2))

    def numbers(values: st.SearchStrategy[float], *shape: int) -> np.ndarray:
        count = int(np.prod(shape))
        return np.array(draw(st.lists(values, min_size=count, max_size=count))).reshape(shape)

    amounts = st.sampled_from([0.0, 0.1, 0.2, 0.3, 1.0, 2.0, 3.0, 1e-3, 1e3])
    limits = st.one_of(amounts, st.just(np.inf))
    return AssignmentProblem(
        rating=numbers(st.sampled_from([-1.0, 0.0, 0.1, 0.2, 0.3, 0.7, 1.0]), S, R),
        effort=numbers(amounts, S, R) if draw(st.booleans()) else numbers(amounts, S),
        effort_limit=numbers(limits, R),
        eligible=numbers(st.booleans(), S, R).astype(bool),
        size_bytes=numbers(amounts, S),
        unit_of=numbers(st.integers(0, U - 1), R).astype(int),
        storage_bytes=numbers(limits, U),
        storage_factor=draw(st.sampled_from([0.0, 1.0, 1.3])),
    )


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("way", ["sweeps", "knapsacks", "prices"], indirect=True)
@settings(max_examples=100, deadline=None, suppress_health_check=SHARED)
@given(problems())
def test_no_assignment_is_better_on_awkward_numbers(problem: AssignmentProblem) -> None:
    assert_best(problem, solve(problem))


def assert_honest_when_short(problem: AssignmentProblem, seconds: float) -> None:
    """A certified answer with a true bound, however early the search ended."""
    answer = solve(problem, time_limit_s=seconds)
    assert certify(problem, answer).valid
    best = brute_force(problem)
    assert answer.unassigned.size == best.unassigned
    strain = strain_of(problem, answer.relaxed)
    assert Strain(float(best.on_closed), float(best.relative)).at_most(strain)
    assert answer.bound >= float(best.rating) - TOLERANCE or not strain.at_most(
        Strain(float(best.on_closed), float(best.relative))
    )
    if answer.status == "optimal":
        assert_best(problem, answer)


def assert_within(problem: AssignmentProblem, gap: float) -> None:
    """The gap is kept, and the strain is still the least."""
    answer = solve(problem, gap=gap)
    best = brute_force(problem)
    assert certify(problem, answer).valid
    assert answer.status in ("optimal", "within_gap")
    assert answer.gap <= gap
    least = Strain(float(best.on_closed), float(best.relative))
    assert strain_of(problem, answer.relaxed).at_most(least)
    assert answer.objective - TOLERANCE <= float(best.rating) <= answer.bound + TOLERANCE


@settings(max_examples=60, deadline=None)
@given(problems(), st.sampled_from([0.0, 1e-4, 1e-3]))
def test_a_short_time_still_gives_a_certified_answer_and_a_true_bound(
    problem: AssignmentProblem, seconds: float
) -> None:
    assert_honest_when_short(problem, seconds)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("way", ["sweeps", "knapsacks", "prices"], indirect=True)
@settings(max_examples=40, deadline=None, suppress_health_check=SHARED)
@given(problems(), st.sampled_from([0.01, 0.1, 0.5]))
def test_a_gap_is_kept_and_the_strain_is_still_least(problem: AssignmentProblem, gap: float) -> None:
    assert_within(problem, gap)
