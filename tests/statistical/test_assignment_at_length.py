"""``solve`` against every assignment there is, ten times as many problems as at every change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simgrid.assignment import AssignmentProblem, certify, solve
from tests.exact.assignment_oracle import FLAVOURS, small_problem
from tests.properties import test_assignment_bruteforce as brute
from tests.properties import test_assignment_canonical as canonical

pytestmark = pytest.mark.statistical
way = brute.way
SHARED = [HealthCheck.function_scoped_fixture]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_no_assignment_is_better(flavour: str, way: str) -> None:
    # Other problems than those of every change.
    rng = np.random.default_rng([1, sum(map(ord, flavour + way))])
    for _ in range(800 if way == "sweeps" else 300):
        problem = small_problem(flavour, rng)
        brute.assert_best(problem, solve(problem))


@pytest.mark.usefixtures("way")
@settings(max_examples=2000, deadline=None, suppress_health_check=SHARED)
@given(brute.problems())
def test_no_assignment_is_better_on_awkward_numbers(problem: AssignmentProblem) -> None:
    brute.assert_best(problem, solve(problem))


@settings(max_examples=1000, deadline=None)
@given(brute.problems(), st.sampled_from([0.0, 1e-4, 1e-3]))
def test_a_short_time_still_gives_a_true_bound(problem: AssignmentProblem, seconds: float) -> None:
    brute.assert_honest_when_short(problem, seconds)


@pytest.mark.usefixtures("way")
@settings(max_examples=600, deadline=None, suppress_health_check=SHARED)
@given(brute.problems(), st.sampled_from([0.01, 0.1, 0.5]))
def test_a_gap_is_kept_and_the_strain_is_still_least(problem: AssignmentProblem, gap: float) -> None:
    brute.assert_within(problem, gap)


def test_the_first_of_the_best_is_found() -> None:
    rng = np.random.default_rng(1)
    for _ in range(1000):
        problem = canonical.tied_problem(rng)
        expected = canonical.first_of_the_best(problem)
        if expected is not None:
            answer = solve(problem, canonical=True)
            assert certify(problem, answer).valid
            assert answer.first
            assert answer.radiologist.tolist() == expected
