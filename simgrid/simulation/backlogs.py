"""How much each place has ordered and not yet got, and how long that takes to come down after a fault."""

from __future__ import annotations

import numpy as np
import simpy

from simgrid.domain.events import AgentDown, Event, LinkLimit
from simgrid.domain.units import FloatArray, Seconds
from simgrid.domain.world import World


class Backlogs:
    """Transfers ordered and unfinished by place, and when each was back at its level of before a fault.

    The level of before a fault that begins while the place has not recovered from another is that other's.
    Places that have no fault are not counted, nor are clients: they recover at infinity.
    """

    def __init__(self, env: simpy.Environment, world: World) -> None:
        self._env = env
        events = world.events
        named = {event.place for event in events if isinstance(event, LinkLimit | AgentDown)}
        places = named - {client.name for client in world.clients}
        self.counts = bool(places)
        self._level = dict.fromkeys(places, 0)
        self._before: dict[str, dict[int, int]] = {place: {} for place in places}
        self._over: dict[str, set[int]] = {place: set() for place in places}
        self.recovered_s: FloatArray = np.full(len(events), np.nan)

    def ordered(self, *places: str) -> None:
        """A transfer between the places has been ordered."""
        for place in places:
            if place in self._level:
                self._level[place] += 1

    def finished(self, *places: str) -> None:
        """It is done."""
        for place in places:
            if place in self._level:
                self._level[place] -= 1
                if self._over[place]:
                    self._note_recoveries(place)

    def heard(self, number: int, event: Event, *, begins: bool) -> None:
        """An event begins or ends."""
        if not isinstance(event, LinkLimit | AgentDown):
            return
        if event.place not in self._level:
            self.recovered_s[number] = np.inf
            return
        before = self._before[event.place]
        if begins:
            before[number] = min([self._level[event.place], *before.values()])
        else:
            self._over[event.place].add(number)
            self._note_recoveries(event.place)

    def _note_recoveries(self, place: str) -> None:
        now: Seconds = self._env.now
        before = self._before[place]
        for number in sorted(self._over[place]):
            if self._level[place] <= before[number]:
                self.recovered_s[number] = now
                self._over[place].discard(number)
                del before[number]
