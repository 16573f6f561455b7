"""The wires of a world, laid before its run."""

from __future__ import annotations

import simpy

from simgrid.domain.world import World
from simgrid.network import SeparateLinks, SharedLinks, agent, down, up
from simgrid.simulation.faults import agent_capacity
from simgrid.simulation.stalls import Stalls
from simgrid.simulation.transfer_log import TransferLog
from simgrid.simulation.transfers import Wires


def wires_of(env: simpy.Environment, world: World, log: TransferLog, stalls: Stalls) -> Wires:
    """The wires over every place's connection, and over every agent that may fail."""
    access, agents = world.access, agent_capacity(world)
    capacity = {up(name): line.up_bps for name, line in access.items()}
    capacity |= {down(name): line.down_bps for name, line in access.items()}
    capacity |= agents
    links = SharedLinks(capacity) if world.sharing == "shared" else SeparateLinks(capacity)
    beside = {link(name): agent(name) for name in access if agent(name) in agents for link in (up, down)}
    return Wires(env, links, log, world.grid.transfers, stalls, beside)
