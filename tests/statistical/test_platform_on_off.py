"""What the data platform and monitoring are worth: metrics and directions declared before they were measured.

Paired over the replications of ``grid/platform-on-off``: the 95 % interval of the difference, on minus off,
excludes zero on the declared side. About a minute in all.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import stats

from simgrid.domain.scenario import Scenario
from simgrid.experiments.assemble import run_once
from simgrid.scenario import load

REPLICATIONS = 20
DECLARED = [
    ("platform", "base", "all", "transfer_mean_min", "up"),
    ("recent", "platform", "all", "transfer_mean_min", "down"),
    ("recent", "platform", "all", "app_cache_hit_ratio", "up"),
    ("frequent", "platform", "all", "app_cache_hit_ratio", "up"),
    ("one-shard", "platform", "all", "shard_p95_ms", "up"),
    ("hot-shard", "platform", "all", "shard_skew", "up"),
    ("hot-shard", "platform", "all", "shard_p95_ms", "up"),
    ("shard-down", "platform", "all", "transfer_mean_min", "up"),
    ("data-centre-down", "platform", "all", "tat_mean_min", "up"),
    ("streaming", "platform", "all", "retrieval_first_image_p95_s", "down"),
    ("stale", "monitored", "all", "tat_mean_min", "up"),
    ("narrow", "monitored", "link=main/down", "link_utilisation", "up"),
]


@cache
def cell_of(variant: str) -> Scenario:
    (found,) = [one for one in load("grid/platform-on-off").cells if one.swept == (("variant", variant),)]
    return found


@cache
def measured(variant: str, replication: int) -> dict[tuple[str, str], float]:
    cell = cell_of(variant)
    return {(one.group, one.metric): one.value for one in run_once(cell, cell.policies[0], replication)}


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("variant", "against", "group", "metric", "way"), DECLARED, ids=[f"{one[0]}-{one[3]}" for one in DECLARED]
)
def test_the_declared_metric_moves_as_declared(
    variant: str, against: str, group: str, metric: str, way: str
) -> None:
    key = group, metric
    off = [measured(against, replication)[key] for replication in range(REPLICATIONS)]
    on = [measured(variant, replication)[key] for replication in range(REPLICATIONS)]
    observed = np.subtract(on, off)
    half = stats.t.ppf(0.975, REPLICATIONS - 1) * stats.sem(observed)
    mean = observed.mean()
    print(f"| {variant} | {metric} | {np.mean(off):.4g} | {mean:+.3g} +- {half:.2g} |")
    assert (mean - half > 0) if way == "up" else (mean + half < 0), (mean, half)
