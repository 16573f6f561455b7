"""What happens on schedule: connections change at their times, and every event leaves its trace.

Absences act through the rosters, which are without them from the start; here they are only noted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np
import simpy

from simgrid.domain.events import (
    Absence,
    AgentDown,
    CapacityStep,
    Illness,
    LinkLimit,
    PlatformDown,
    capacity_steps,
)
from simgrid.domain.events import Event as Happening
from simgrid.domain.journal import EventRecords
from simgrid.domain.network import Access
from simgrid.domain.units import DAY, BitsPerSecond, FloatArray, Seconds
from simgrid.domain.world import World
from simgrid.network import down, up
from simgrid.simulation.recorder import Event, Recorder
from simgrid.simulation.transfers import Wires

_KIND = {
    LinkLimit: "link",
    Absence: "absence",
    Illness: "illness",
    AgentDown: "agent",
    PlatformDown: "platform",
}


class Listener(Protocol):
    """Is told of an event by its number among the world's."""

    def __call__(self, number: int, event: Happening, /, *, begins: bool) -> None:
        """The event begins or ends."""
        ...


class Outages:
    """Makes every connection what the events leave of it; ``present`` holds what each carries now.

    In the fingerprint an event's row is its number among ``world.events``, a capacity's row its place's
    number in ``world.access`` (with the bits per second, -1 for no limit).
    """

    def __init__(self, env: simpy.Environment, world: World, wires: Wires, recorder: Recorder) -> None:
        self._env = env
        self._world = world
        self._wires = wires
        self._recorder = recorder
        self.present: dict[str, Access] = world.access
        self._row = {place: row for row, place in enumerate(self.present)}
        self._began_s: FloatArray = np.full(len(world.events), np.nan)
        self._ended_s: FloatArray = np.full(len(world.events), np.nan)
        self._listeners: list[Listener] = []
        self._ahead: list[tuple[Seconds, Callable[[], None]]] = []
        for number, event in enumerate(world.events):
            if event.end_s > 0:
                self._at(event.start_s, partial(self._began, number))
                self._at(event.end_s, partial(self._ended, number))
        ahead = [replace(one, start_s=max(one.start_s, 0.0)) for one in world.events if one.end_s > 0]
        for step in capacity_steps(world.access, [*ahead, *world.recurring]):
            self._at(step.at_s, partial(self._change, step))
        self._ahead.sort(key=lambda one: one[0])
        self._ahead.reverse()
        self._arm()

    def listen(self, listener: Listener) -> None:
        """Have the listener told of every event that begins or ends; of what has begun it is told at once."""
        self._listeners.append(listener)
        for number in np.flatnonzero(~np.isnan(self._began_s) & np.isnan(self._ended_s)).tolist():
            listener(number, self._world.events[number], begins=True)

    def records(self, recovered_s: FloatArray) -> EventRecords:
        """Every event that has begun; ``recovered_s`` of all of them."""
        begun = np.flatnonzero(~np.isnan(self._began_s))
        events = [self._world.events[number] for number in begun.tolist()]
        limits = [
            (one.up_bps, one.down_bps) if isinstance(one, LinkLimit) else (math.inf, math.inf)
            for one in events
        ]
        up_bps, down_bps = np.array(limits, dtype=np.float64).reshape(-1, 2).T
        return EventRecords(
            kind=tuple(_KIND[type(one)] for one in events),
            whom=tuple(_whom(one) for one in events),
            started_s=self._began_s[begun],
            ended_s=self._ended_s[begun],
            up_bps=up_bps.copy(),
            down_bps=down_bps.copy(),
            recovered_s=recovered_s[begun],
        )

    def _at(self, at_s: Seconds, act: Callable[[], None]) -> None:
        """Plan what happens at a time: at once where it has passed, never after the run."""
        if at_s <= self._env.now:
            act()
        elif at_s <= self._world.give_up_s:
            self._ahead.append((at_s, act))

    def _arm(self) -> None:
        """Hand the simulation what happens within two days, and come back in one.

        So whatever is planned stands in the queue a day before, and comes before all else of its instant,
        while years of it do not stand there from the start.
        """
        now = self._env.now
        while self._ahead and self._ahead[-1][0] < now + 2 * DAY:
            at_s, act = self._ahead.pop()
            _call(self._env.timeout(at_s - now), act)
        if self._ahead:
            _call(self._env.timeout(max(self._ahead[-1][0] - DAY - now, DAY)), self._arm)

    def _change(self, step: CapacityStep) -> None:
        before, self.present[step.place] = self.present[step.place], step.access
        for kind, link, was, becomes in (
            (Event.UP_CAPACITY, up(step.place), before.up_bps, step.access.up_bps),
            (Event.DOWN_CAPACITY, down(step.place), before.down_bps, step.access.down_bps),
        ):
            if was != becomes:
                self._wires.set_capacity(link, becomes)
                self._recorder.event(kind, self._row[step.place], self._env.now, _whole(becomes))

    def _began(self, number: int) -> None:
        self._began_s[number] = self._env.now
        self._recorder.event(Event.BEGAN, number, self._env.now)
        self._tell(number, begins=True)

    def _ended(self, number: int) -> None:
        self._ended_s[number] = self._env.now
        self._recorder.event(Event.ENDED, number, self._env.now)
        self._tell(number, begins=False)

    def _tell(self, number: int, *, begins: bool) -> None:
        for listener in self._listeners:
            listener(number, self._world.events[number], begins=begins)


def _whom(one: Happening) -> str:
    if isinstance(one, LinkLimit | AgentDown):
        return one.place
    if isinstance(one, Absence | Illness):
        return one.radiologist
    return "all of it" if one.shard is None else f"shard {one.shard}"


def _call(event: simpy.Event, act: Callable[[], None]) -> None:
    event.callbacks.append(lambda _: act())


def _whole(bps: BitsPerSecond) -> int:
    return round(bps) if bps < math.inf else -1
