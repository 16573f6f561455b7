"""A scenario cut short for a quick trial of the whole path: the same code, far fewer inspections."""

from __future__ import annotations

from dataclasses import replace

from simgrid.domain.demand import ArchiveDemand
from simgrid.domain.scenario import Scenario, throughout
from simgrid.domain.units import DAY, Seconds
from simgrid.experiments.workloads import window_of
from simgrid.workload.errors import WorkloadError

MOST_INSPECTIONS = 12
MOST_ARCHIVED = 500
MOST_REPLICATIONS = 2


def cut_short(scenario: Scenario) -> Scenario:
    """At most 2 replications of about 12 inspections within at most a day; it is another scenario by key.

    Of a log they are its first. A cell of which values are drawn is cut short in every world.
    """
    return throughout(scenario, _cut_short)


def _cut_short(scenario: Scenario) -> Scenario:
    arrivals = scenario.demand.arrivals
    within_s = min(arrivals.within_s, DAY) if arrivals.count is None else arrivals.within_s
    if scenario.demand.log is not None:
        within_s = _window(scenario)
    horizon_s = min(scenario.horizon_s, within_s)
    expected = arrivals.mean_per_day * within_s / DAY
    thinner = min(1.0, MOST_INSPECTIONS / expected) if expected > 0 else 1.0
    fewer = replace(
        arrivals,
        within_s=within_s,
        count=None if arrivals.count is None else min(arrivals.count, MOST_INSPECTIONS),
        per_day={site: rate * thinner for site, rate in arrivals.per_day.items()},
        flows=tuple(replace(flow, per_day=flow.per_day * thinner) for flow in arrivals.flows),
    )
    return replace(
        scenario,
        replications=min(scenario.replications, MOST_REPLICATIONS),
        precision=None,
        horizon_s=horizon_s,
        warmup_s=scenario.warmup_s * horizon_s / scenario.horizon_s,
        demand=replace(scenario.demand, arrivals=fewer, archive=_shorter(scenario.demand.archive)),
        canonical=f"{scenario.canonical}\ncut short" if scenario.canonical else "",
    )


def _shorter(archive: ArchiveDemand | None) -> ArchiveDemand | None:
    return archive and replace(archive, count=min(archive.count, MOST_ARCHIVED))


def _window(scenario: Scenario) -> Seconds:
    try:
        return window_of(scenario, MOST_INSPECTIONS)
    except WorkloadError:  # whoever reads the log for the run tells what is wrong with it
        return scenario.horizon_s
