"""A small scenario and an invented model for the tests of campaigns: quick, paired, seeded."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simgrid.domain.demand import Arrivals, CaseMix, Demand, Urgency
from simgrid.domain.network import DataCentre
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.domain.world import Dispatch
from simgrid.experiments.campaign import Campaign
from simgrid.metrics import Measurement
from simgrid.randomness import stream
from tests.worlds import CT_BRAIN, WIDE, radiologist

GAIN = {"rwoa": 0.2, "rbsm": 0.1, "random": 0.0}


def scenario(**changes: Any) -> Scenario:
    plain = Scenario(
        name="small",
        title="A small study",
        start=datetime(2026, 1, 5, tzinfo=UTC),
        horizon_s=3600.0,
        give_up_s=86400.0,
        seed=7,
        replications=4,
        policies=tuple(PolicyChoice.parse(label) for label in GAIN),
        baseline="random",
        sites=(),
        units=(),
        radiologists=(radiologist(),),
        data_centre=DataCentre(WIDE),
        demand=Demand(
            Arrivals(within_s=3600.0, count=10),
            CaseMix((CT_BRAIN,), (1.0,), {}, {}, {}),
            Urgency(0.2, 60.0, 60.0),
        ),
        dispatch=Dispatch(900.0, 100),
        primary=("response_time_success", "workload_distance"),
        canonical="small",
    )
    return replace(plain, **changes)


def asked(*cells: Scenario) -> Campaign:
    """The campaign of these cells, the policies' sources being known without any being installed."""
    given = cells or (scenario(),)
    columns = tuple(name for name, _ in given[0].swept)
    sources = tuple((choice.name, f"source of {choice.name}") for choice in given[0].policies)
    return Campaign(given, columns, given[0].replications, sources)


def invented_run(
    cell: Scenario, policy: PolicyChoice, replication: int, _: Any = None
) -> tuple[Measurement, ...]:
    """Measurements that share the world's luck between policies, as a paired model does."""
    world = float(stream(cell.seed, replication, "world").normal())
    own = float(stream(cell.seed, replication, "policy", policy.label).normal())
    gain = GAIN[policy.name]
    return (
        Measurement("all", "response_time_success", "1", 0.5 + 0.1 * world + 0.01 * own + gain),
        Measurement("all", "workload_distance", "1", 0.5 + 0.05 * abs(world) - gain),
        Measurement("all", "workload_success", "1", 1 / (0.5 + 0.05 * abs(world) - gain)),
        Measurement("urgency=urgent", "tat_mean_min", "min", 60 + 5 * world + own),
    )


def failing_run(
    cell: Scenario, policy: PolicyChoice, replication: int, _: Any = None
) -> tuple[Measurement, ...]:
    """The invented model, breaking at replication 2 of rbsm."""
    if policy.name == "rbsm" and replication == 2:
        raise ZeroDivisionError("no radiologist left")
    return invented_run(cell, policy, replication)


def counting_run(
    cell: Scenario, policy: PolicyChoice, replication: int, _: Any = None
) -> tuple[Measurement, ...]:
    """The invented model, leaving a line in a file for every call: works across processes."""
    log = Path(cell.title)
    with log.open("a") as file:
        file.write(f"{policy.label} {replication}\n")
    return invented_run(cell, policy, replication)


def dying_run(
    cell: Scenario, policy: PolicyChoice, replication: int, _: Any = None
) -> tuple[Measurement, ...]:
    """The invented model, its process being killed at replication 3 of rwoa."""
    if policy.name == "rwoa" and replication == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return invented_run(cell, policy, replication)


def slow_run(
    cell: Scenario, policy: PolicyChoice, replication: int, _: Any = None
) -> tuple[Measurement, ...]:
    """The invented model, taking 0.2 s of nobody's processor."""
    time.sleep(0.2)
    return invented_run(cell, policy, replication)
