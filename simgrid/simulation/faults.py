"""What it does to the rest when agents and people fall out; links and foreseen absences are in ``outages``.

An agent that is down begins nothing, holds its messages, hears nothing of the Grid Index, and the images it
moves stand still or break as the rules of transfers say. Of an illness the optimisation service learns when
it begins.
"""

from __future__ import annotations

from simgrid.domain.events import AgentDown, Event, Illness
from simgrid.domain.schedule import Roster
from simgrid.domain.units import Seconds
from simgrid.domain.world import World
from simgrid.network import agent
from simgrid.simulation.agents import GridAgents
from simgrid.simulation.monitoring import Monitor
from simgrid.simulation.reading import Desks
from simgrid.simulation.storage import Copies
from simgrid.simulation.transfers import Wires


class Faults:
    """Passes on what ``outages`` tells of events as they begin and end."""

    def __init__(
        self,
        world: World,
        agents: GridAgents,
        copies: Copies | None,
        wires: Wires,
        monitor: Monitor,
        desks: Desks,
    ) -> None:
        self._agents = agents
        self._copies = copies
        self._wires = wires
        self._monitor = monitor
        self._desks = desks
        names = [*(unit.name for unit in world.units), *(site.name for site in world.sites)]
        self._agent_of = {name: number for number, name in enumerate(names)}
        self._capacity = agent_capacity(world)
        self._who = {one.name: number for number, one in enumerate(world.radiologists)}
        self._down: dict[str, int] = {}
        self._fell_ill_s: dict[int, list[Seconds]] = {}

    def heard(self, _: int, event: Event, *, begins: bool) -> None:
        """An event begins or ends."""
        if isinstance(event, AgentDown):
            self._agent(event.place, begins=begins)
        elif isinstance(event, Illness):
            self._illness(event, begins=begins)

    def fell_ill_s(self, radiologist: int) -> Seconds | None:
        """Since when the radiologist is ill and has what lies on her desk handed back; None if she is not.

        Of several such illnesses at a time the latest: each gives back what was hers when it began.
        """
        return max(self._fell_ill_s.get(radiologist, ()), default=None)

    def _agent(self, place: str, *, begins: bool) -> None:
        """Two faults at a time are one that lasts until both are over."""
        before = self._down.get(place, 0)
        self._down[place] = before + (1 if begins else -1)
        changes = self._down[place] == 1 if begins else not self._down[place]
        if changes and self._copies is not None:
            self._copies.agent_fails(place, begins=begins)
        if begins and not before:
            self._agents.go_down(self._agent_of[place])
            self._wires.set_capacity(agent(place), 0.0)
        elif not self._down[place]:
            self._wires.set_capacity(agent(place), self._capacity[agent(place)])
            self._agents.come_back(self._agent_of[place])

    def _illness(self, event: Illness, *, begins: bool) -> None:
        who = self._who[event.radiologist]
        if begins:
            self._monitor.learns_of(who, Roster.of([(event.start_s, event.end_s)]))
            if event.hands_back:
                self._fell_ill_s.setdefault(who, []).append(event.start_s)
                self._desks.give_back(who)
        elif event.hands_back:
            self._fell_ill_s[who].remove(event.start_s)


def agent_capacity(world: World) -> dict[str, float]:
    """A link for every agent that may fail: it never limits, and carries nothing while the agent is down."""
    access = world.access
    failing = dict.fromkeys(event.place for event in world.events if isinstance(event, AgentDown))
    return {agent(place): 2 * (access[place].up_bps + access[place].down_bps) for place in failing}
