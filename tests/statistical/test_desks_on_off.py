"""What each thing at the desks is worth: a declared metric and its direction.

Paired over the replications of ``grid/desks-on-off``: the 95 % interval of the difference, on minus off,
excludes zero on the declared side. About a minute in all.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import stats

from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments.assemble import run_once
from simgrid.scenario import load

REPLICATIONS = 20
QUEUE, RATING = "shortest-queue@feasible", "rbsm"
DECLARED = [
    ("park", QUEUE, "all", "tat_mean_min", "up"),
    ("hand-over", QUEUE, "all", "tat_mean_min", "down"),
    ("interruption", QUEUE, "urgency=urgent", "tat_mean_min", "down"),
    ("session", QUEUE, "all", "reading_mean_min", "down"),
    ("cherry-picking", QUEUE, "all", "wait_mean_min", "down"),
    ("few-workstations", QUEUE, "all", "wait_mean_min", "up"),
    ("one-monitor", QUEUE, "modality=MG", "tat_mean_min", "up"),
    ("feedback", RATING, "all", "rating_error", "down"),
]
AGAINST = {"feedback": "reviews-unheard"}


@cache
def cell_of(variant: str) -> Scenario:
    (found,) = [one for one in load("grid/desks-on-off").cells if one.swept == (("variant", variant),)]
    return found


@cache
def measured(variant: str, policy: str, replication: int) -> dict[tuple[str, str], float]:
    choice = PolicyChoice.parse(policy)
    return {(one.group, one.metric): one.value for one in run_once(cell_of(variant), choice, replication)}


def differences(variant: str, policy: str, group: str, metric: str) -> list[float]:
    key = group, metric
    return [
        measured(variant, policy, replication)[key]
        - measured(AGAINST.get(variant, "base"), policy, replication)[key]
        for replication in range(REPLICATIONS)
    ]


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("variant", "policy", "group", "metric", "way"), DECLARED, ids=[one[0] for one in DECLARED]
)
def test_the_declared_metric_moves_as_declared(
    variant: str, policy: str, group: str, metric: str, way: str
) -> None:
    observed = differences(variant, policy, group, metric)
    mean, half = np.mean(observed), stats.t.ppf(0.975, REPLICATIONS - 1) * stats.sem(observed)
    assert (mean - half > 0) if way == "up" else (mean + half < 0), (mean, half)
