"""The wires of a world, laid before its run."""

from __future__ import annotations

import numpy as np

from simgrid.domain.journal import CapacityRecords
from simgrid.domain.units import BitsPerSecond
from simgrid.domain.world import World
from simgrid.network import SeparateLinks, SharedLinks, agent, down, up
from simgrid.simulation.clock import Clock
from simgrid.simulation.faults import agent_capacity
from simgrid.simulation.stalls import Stalls
from simgrid.simulation.transfer_log import TransferLog
from simgrid.simulation.transfers import Wires


def wires_of(env: Clock, world: World, log: TransferLog, stalls: Stalls) -> Wires:
    """The wires over every place's connection, and over every agent that may fail."""
    access, agents, capacity = world.access, agent_capacity(world), capacities_of(world)
    links = SharedLinks(capacity) if world.sharing == "shared" else SeparateLinks(capacity)
    beside = {link(name): agent(name) for name in access if agent(name) in agents for link in (up, down)}
    return Wires(env, links, log, world.grid.transfers, stalls, beside)


def capacities_of(world: World) -> dict[str, BitsPerSecond]:
    """Every link's capacity at the start, agents that may fail being links too."""
    capacity = {up(name): line.up_bps for name, line in world.access.items()}
    capacity |= {down(name): line.down_bps for name, line in world.access.items()}
    return capacity | agent_capacity(world)


def capacity_records(world: World, wires: Wires) -> CapacityRecords:
    """What every link carried at most, from the start."""
    rows = [
        (link, *step)
        for link, at_first in capacities_of(world).items()
        for step in [(0.0, at_first), *wires.changes.get(link, ())]
    ]
    links, at_s, bps = zip(*rows, strict=True)
    return CapacityRecords(links, np.array(at_s, dtype=np.float64), np.array(bps, dtype=np.float64))
