"""How much the links are used: the Monitoring Service's archive, exact to the byte at every full hour."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import numpy as np
import simpy

from simgrid.domain.grid_records import LinkRecords
from simgrid.domain.network import Access
from simgrid.domain.units import BITS_PER_BYTE, HOUR, BitsPerSecond, FloatArray, Seconds
from simgrid.domain.world import World
from simgrid.network import down, up
from simgrid.simulation.ticks import Ticks
from simgrid.simulation.transfers import Wires
from simgrid.statistics.time_weighted import area


class LinkUse:
    """Reads every link's counter at each full hour; ``access`` holds the connections at the start."""

    @classmethod
    def of(cls, env: simpy.Environment, world: World, wires: Wires) -> LinkUse | None:
        """That of a world's links; None where nobody monitors."""
        return None if world.grid.monitoring is None else cls(env, world.access, wires)

    def __init__(self, env: simpy.Environment, access: Mapping[str, Access], wires: Wires) -> None:
        self._wires = wires
        self._capacity: dict[str, BitsPerSecond] = {}
        for place, own in access.items():
            self._capacity[up(place)] = own.up_bps
            self._capacity[down(place)] = own.down_bps
        self._place = {link: place for place, link in enumerate(self._capacity)}
        self._before = [0.0] * len(self._place)
        self._hourly = array("f")
        Ticks(env, HOUR, self._read)

    def records(self, ended_s: Seconds) -> LinkRecords:
        """Use up to the run's end; link by link: years of hours of all at once would fill the memory."""
        names = tuple(self._capacity)
        hours = len(self._hourly) // len(names)
        edges = np.append(np.arange(hours + 1) * HOUR, ended_s)
        total = np.array(self._counters(), dtype=np.float64)
        carried = np.frombuffer(self._hourly, dtype=np.float32).reshape(hours, len(names))
        mean, hourly = np.empty(len(names)), np.empty(carried.shape, dtype=np.float32)
        for place, link in enumerate(names):
            room = self._room_bytes(link, edges)
            mean[place] = _share(total[place : place + 1], room[-1:])[0]
            hourly[:, place] = _share(carried[:, place].astype(np.float64), np.diff(room[:-1]))
        return LinkRecords(link=names, mean=mean, hourly=hourly)

    def _read(self) -> None:
        counters, before = self._counters(), self._before
        self._hourly.extend([now - then for now, then in zip(counters, before, strict=True)])
        self._before = counters

    def _counters(self) -> list[float]:
        """Bytes that each link has carried; agents that may fail are in paths too, and are no links."""
        counters = [0.0] * len(self._place)
        place = self._place
        for path, carried in self._wires.carried_bytes().items():
            for link in path:
                if link in place:
                    counters[place[link]] += carried
        return counters

    def _room_bytes(self, link: str, edges: FloatArray) -> FloatArray:
        """What the link could have carried from 0 to each edge, NaN where it was ever without a limit."""
        steps = [(0.0, self._capacity[link]), *self._wires.changes.get(link, ())]
        at_s = np.array([step[0] for step in steps])
        bps = np.array([step[1] for step in steps])
        if np.isinf(bps).any():
            return np.full(len(edges), np.nan)
        room: FloatArray = area(at_s, bps, edges) / BITS_PER_BYTE
        return room


def _share(carried: FloatArray, room: FloatArray) -> FloatArray:
    """NaN where there is no room, or it is not known."""
    known = room > 0
    share: FloatArray = np.where(known, carried / np.where(known, room, 1.0), np.nan)
    return share
