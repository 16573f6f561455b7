"""What wires, agents and faults do: a declared metric and its direction, each thing against its opposite.

Paired over the replications of ``grid/transfers-on-off``: the 95 % interval of the difference excludes zero
on the declared side. About a minute in all.
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
    ("separate", "base", "all", "transfer_mean_min", "down"),
    ("cap", "base", "all", "transfer_mean_min", "up"),
    ("latency", "base", "all", "transfer_mean_min", "up"),
    ("overhead", "base", "all", "transfer_mean_min", "up"),
    ("compression", "base", "all", "transfer_mean_min", "down"),
    ("outages", "base", "all", "stall_share", "up"),
    ("outages", "base", "all", "tat_mean_min", "up"),
    ("outages-restart", "outages-resume", "all", "sent_gb", "up"),
    ("night", "base", "all", "transfer_mean_min", "up"),
    ("mobile", "base", "all", "transfer_mean_min", "up"),
    # One at a time beats all at once: a line shared by two has both of them late.
    ("few-workers", "agents", "all", "transfer_mean_min", "down"),
    ("slow-messages", "agents", "all", "transfer_mean_min", "up"),
    ("agents-fail", "agents", "all", "stall_share", "up"),
    ("agents-fail", "agents", "all", "tat_mean_min", "up"),
    ("absent", "base", "all", "tat_mean_min", "up"),
    ("ill-hand-over", "ill", "all", "tat_max_min", "down"),
]


@cache
def cell_of(variant: str) -> Scenario:
    (found,) = [one for one in load("grid/transfers-on-off").cells if one.swept == (("variant", variant),)]
    return found


@cache
def measured(variant: str, replication: int) -> dict[tuple[str, str], float]:
    cell = cell_of(variant)
    return {(one.group, one.metric): one.value for one in run_once(cell, cell.policies[0], replication)}


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("on", "off", "group", "metric", "way"), DECLARED, ids=[f"{one[0]}-{one[3]}" for one in DECLARED]
)
def test_the_declared_metric_moves_as_declared(on: str, off: str, group: str, metric: str, way: str) -> None:
    key = group, metric
    observed = [measured(on, number)[key] - measured(off, number)[key] for number in range(REPLICATIONS)]
    mean, half = np.mean(observed), stats.t.ppf(0.975, REPLICATIONS - 1) * stats.sem(observed)
    assert (mean - half > 0) if way == "up" else (mean + half < 0), (mean, half)
