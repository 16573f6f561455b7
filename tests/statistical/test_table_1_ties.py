"""What Table 1's second ordering owes to the order of the team: docs/explanation/where-orderings-end.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from simgrid.assignment import Answer, AssignmentProblem, solve
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments.assemble import run_once
from simgrid.policies import rwoa
from simgrid.scenario import load

pytestmark = pytest.mark.statistical


def last_of_the_best(problem: AssignmentProblem, *arguments: Any, **options: Any) -> Answer:
    """Of equally good assignments the one with the highest radiologists, row after row."""
    _, R, U = problem.shape
    storage = (problem.size_bytes, problem.unit_of[::-1], problem.storage_bytes, problem.storage_factor)
    mirrored = AssignmentProblem(
        problem.rating[:, ::-1],
        problem.effort if problem.effort.ndim == 1 else problem.effort[:, ::-1],
        problem.effort_limit[::-1],
        problem.eligible[:, ::-1],
        *(storage if U else ()),
    )
    answer = solve(mirrored, *arguments, **options)
    assert answer.first
    return replace(answer, radiologist=np.where(answer.radiologist < 0, -1, R - 1 - answer.radiologist))


def in_time(scenario: Scenario, policy: str) -> np.ndarray:
    return np.array(
        [
            one.value
            for world in range(scenario.replications)
            for one in run_once(scenario, PolicyChoice(policy), world)
            if (one.group, one.metric) == ("all", "response_time_success")
        ]
    )


def test_the_last_of_the_best_moves_one_world_and_the_interval_across_zero(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table_1 = load("paper/table-1").cells[0]
    rbsm, first = in_time(table_1, "rbsm"), in_time(table_1, "rwoa")
    monkeypatch.setattr(rwoa, "solve", last_of_the_best)
    last = in_time(table_1, "rwoa")
    assert np.count_nonzero(first != last) == 1
    p_first, p_last = (stats.ttest_1samp(policy - rbsm, 0.0).pvalue for policy in (first, last))
    assert p_first == pytest.approx(0.0498, abs=5e-5)
    assert p_last == pytest.approx(0.059, abs=5e-4)
