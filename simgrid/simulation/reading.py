"""At the desk: each radiologist is one process that reads her own queue, urgent first, within her hours."""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heappop, heappush
from typing import Any

import numpy as np
import simpy

from simgrid.domain.inspection import Inspections
from simgrid.domain.units import MINUTE, FloatArray, IntArray, Seconds
from simgrid.domain.world import World
from simgrid.simulation.recorder import Event, Recorder


class Desks:
    """The radiologists of a world, their queues and their units' workstations.

    A study is opened only on duty and on a free workstation; one that is open when the shift ends is
    finished. Non-reading duties follow each study in proportion to its reading time.
    """

    def __init__(
        self,
        env: simpy.Environment,
        world: World,
        inspections: Inspections,
        recorder: Recorder,
        then: Callable[[int, int], None],
    ) -> None:
        self._env = env
        self._world = world
        self._inspections = inspections
        self._recorder = recorder
        self._then = then
        units = [unit.name for unit in world.units]
        self._workstations = [simpy.Resource(env, capacity=unit.workstations) for unit in world.units]
        self._unit_of = [units.index(one.unit) for one in world.radiologists]
        self._queues: list[list[tuple[bool, int, int]]] = [[] for _ in world.radiologists]
        self._idle: list[simpy.Event | None] = [None for _ in world.radiologists]
        self._delivered = 0
        self.reading_s: FloatArray = np.zeros(len(world.radiologists))
        self.opened: list[int] = [-1 for _ in world.radiologists]
        self.opened_s: FloatArray = np.zeros(len(world.radiologists))
        self.peak_busy: IntArray = np.zeros(len(world.units), dtype=np.int64)
        for radiologist in range(len(world.radiologists)):
            env.process(self._radiologist(radiologist))

    def put(self, row: int, radiologist: int) -> None:
        """Lay a delivered study on the radiologist's desk."""
        self._delivered += 1
        urgent = bool(self._inspections.urgent[row])
        heappush(self._queues[radiologist], (not urgent, self._delivered, row))
        idle = self._idle[radiologist]
        if idle is not None:
            self._idle[radiologist] = None
            idle.succeed()

    def true_reading_s(self, row: int, radiologist: int) -> Seconds:
        """The inspection's own draw times the radiologist's true speed."""
        draw = float(self._inspections.reading_draw_min[row])
        return draw * MINUTE * self._world.truth[radiologist].speed

    def reading_until(self, now_s: Seconds) -> FloatArray:
        """Seconds spent reading up to now, the open studies included, shape (R,)."""
        opened = np.array(self.opened) >= 0
        return self.reading_s + np.where(opened, now_s - self.opened_s, 0.0)

    def _radiologist(self, who: int) -> Generator[simpy.Event, Any, None]:
        roster = self._world.rosters[who]
        stations = self._workstations[self._unit_of[who]]
        while True:
            if not self._queues[who]:
                wake = self._idle[who] = self._env.event()
                yield wake
            start = roster.next_start(self._env.now)
            if start == float("inf"):
                return
            if start > self._env.now:
                yield self._env.timeout(start - self._env.now)
                continue
            with stations.request() as seat:
                yield seat
                if not roster.on_duty(self._env.now):
                    continue
                unit = self._unit_of[who]
                self.peak_busy[unit] = max(self.peak_busy[unit], stations.count)
                took = yield from self._read(who)
            rest = self._world.radiologists[who].non_reading
            if rest:
                yield self._env.timeout(took * rest / (1 - rest))

    def _read(self, who: int) -> Generator[simpy.Event, Any, Seconds]:
        row = heappop(self._queues[who])[2]
        took = self.true_reading_s(row, who)
        self._recorder.event(Event.OPENED, row, self._env.now, who)
        self.opened[who], self.opened_s[who] = row, self._env.now
        yield self._env.timeout(took)
        self.opened[who] = -1
        self.reading_s[who] += took
        self._recorder.event(Event.READ, row, self._env.now, who)
        self._then(row, who)
        return took
