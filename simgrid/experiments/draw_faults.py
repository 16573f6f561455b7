"""Draw what fails in one world.

Every draw belongs to a place: another place, another mean or another policy moves nobody else's failures.
"""

from __future__ import annotations

from collections.abc import Iterator

from simgrid.domain.events import AgentDown, Event
from simgrid.domain.scenario import Scenario
from simgrid.network.outages import drawn_outages
from simgrid.randomness import stream


def drawn_events(scenario: Scenario, replication: int) -> tuple[Event, ...]:
    """Failures of connections and of agents in this world, place by place."""
    return (*_outages(scenario, replication), *_agent_faults(scenario, replication))


def _outages(scenario: Scenario, replication: int) -> Iterator[Event]:
    for place, line in scenario.lines.items():
        if line.failures is not None:
            rng = stream(scenario.seed, replication, "outage", place)
            failures = line.failures
            yield from drawn_outages(place, failures.mtbf_s, failures.mttr_s, scenario.give_up_s, rng)


def _agent_faults(scenario: Scenario, replication: int) -> Iterator[Event]:
    agents = scenario.grid.agents
    if agents is None or agents.faults is None:
        return
    mtbf_s, mttr_s = agents.faults.mtbf_s, agents.faults.mttr_s
    for name in (*(site.name for site in scenario.sites), *(unit.name for unit in scenario.units)):
        rng = stream(scenario.seed, replication, "agent-fault", name)
        for down in drawn_outages(name, mtbf_s, mttr_s, scenario.give_up_s, rng):
            yield AgentDown(down.place, down.start_s, down.end_s)
