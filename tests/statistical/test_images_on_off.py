"""What each way of delivery, the viewer and priors are worth: a declared metric and its direction.

Paired over the replications of ``grid/images-on-off``: the 95 % interval of the difference, on minus off,
excludes zero on the declared side. Less than a minute in all.
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
POLICY = PolicyChoice.parse("shortest-queue@feasible")
DECLARED = [
    ("broadcast", "viewer", "all", "sent_gb", "up"),
    ("pull", "base", "all", "stall_share", "up"),
    ("streaming", "base", "urgency=urgent", "tat_mean_min", "down"),
    ("pull-streaming", "pull", "all", "first_image_p95_s", "down"),
    ("priors", "base", "all", "reading_mean_min", "up"),
    ("prefetch", "priors", "all", "stall_mean_min", "down"),
    ("unit-cache", "priors", "all", "prior_fetches", "down"),
]


@cache
def cell_of(variant: str) -> Scenario:
    (found,) = [one for one in load("grid/images-on-off").cells if one.swept == (("variant", variant),)]
    return found


@cache
def measured(variant: str, replication: int) -> dict[tuple[str, str], float]:
    return {(one.group, one.metric): one.value for one in run_once(cell_of(variant), POLICY, replication)}


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("variant", "against", "group", "metric", "way"), DECLARED, ids=[one[0] for one in DECLARED]
)
def test_the_declared_metric_moves_as_declared(
    variant: str, against: str, group: str, metric: str, way: str
) -> None:
    key = group, metric
    observed = [measured(variant, one)[key] - measured(against, one)[key] for one in range(REPLICATIONS)]
    mean, half = np.mean(observed), stats.t.ppf(0.975, REPLICATIONS - 1) * stats.sem(observed)
    assert (mean - half > 0) if way == "up" else (mean + half < 0), (mean, half)
