"""The same plan in another world: with more load, or without what takes radiologists from their desks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from simgrid.domain.demand import Arrivals
from simgrid.domain.scenario import Scenario, throughout


def more_load(scenario: Scenario, factor: float) -> Scenario:
    """The cell with so many times its requests, in each of its worlds; a replayed log stays what it is."""

    def change(cell: Scenario) -> Scenario:
        archive = cell.demand.archive
        more = archive and replace(archive, count=round(archive.count * factor))
        demand = replace(cell.demand, arrivals=_more(cell.demand.arrivals, factor), archive=more)
        return _named(replace(cell, demand=demand), f"load x {factor:g}")

    return throughout(scenario, change)


def _more(arrivals: Arrivals, factor: float) -> Arrivals:
    return replace(
        arrivals,
        count=None if arrivals.count is None else round(arrivals.count * factor),
        per_day={site: rate * factor for site, rate in arrivals.per_day.items()},
        flows=tuple(replace(flow, per_day=flow.per_day * factor) for flow in arrivals.flows),
    )


def always_reading(scenario: Scenario) -> Scenario:
    """The cell in which no time at a desk goes elsewhere."""
    return _staffed(scenario, "always reading", non_reading=0.0)


def never_absent(scenario: Scenario) -> Scenario:
    """The cell in which nobody is away."""
    return _staffed(scenario, "never absent", absence=0.0)


def certain(scenario: Scenario) -> Scenario:
    """The cell with the values that the scenario has for what its worlds draw."""
    return replace(scenario, realise=None, uncertain=(), draws=())


def _staffed(scenario: Scenario, name: str, **what: float) -> Scenario:
    def change(cell: Scenario) -> Scenario:
        people = tuple(replace(one, **what) for one in cell.radiologists)  # type: ignore[arg-type]
        return _named(replace(cell, radiologists=people), name)

    return throughout(scenario, change)


def _named(cell: Scenario, name: str) -> Scenario:
    """What is drawn for a cell is kept by its text, so that another world needs another."""
    return replace(cell, canonical=f"{cell.canonical}\n{name}" if cell.canonical else "")


Change = Callable[[Scenario], Scenario]
