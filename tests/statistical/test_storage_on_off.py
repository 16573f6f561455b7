"""What caches, redundancy and the index are worth: a metric and its direction, declared before measuring.

Paired over the replications of ``grid/storage-on-off``: the 95 % interval of the difference, variant minus
base, excludes zero on the declared side. About two minutes in all.
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
    ("nearest", "transfer_mean_min", "down"),
    ("least-loaded", "transfer_mean_min", "down"),
    ("nearest", "cache_hit_ratio", "up"),
    ("two-copies", "copies_mean", "up"),
    ("small-caches", "blocked", "up"),
    ("without-caches", "stored_max_gb", "down"),
    ("slow-deletion", "blocked", "up"),
    ("late-index", "index_stale_share", "up"),
    ("without-redundancy", "messages", "down"),
]


@cache
def cell_of(variant: str) -> Scenario:
    (found,) = [one for one in load("grid/storage-on-off").cells if one.swept == (("variant", variant),)]
    return found


@cache
def measured(variant: str, replication: int) -> dict[str, float]:
    found = run_once(cell_of(variant), POLICY, replication)
    return {one.metric: one.value for one in found if one.group == "all"}


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("variant", "metric", "way"), DECLARED, ids=[f"{one[0]} {one[1]}" for one in DECLARED]
)
def test_the_declared_metric_moves_as_declared(variant: str, metric: str, way: str) -> None:
    observed = [
        measured(variant, replication)[metric] - measured("base", replication)[metric]
        for replication in range(REPLICATIONS)
    ]
    mean, half = np.mean(observed), stats.t.ppf(0.975, REPLICATIONS - 1) * stats.sem(observed)
    assert (mean - half > 0) if way == "up" else (mean + half < 0), (mean, half)
