"""One server, first come first served, that may stand still for times known beforehand.

Lindley's recursion (Proc. Camb. Phil. Soc. 48, 1952): who comes is told at once when it will be done, so a
queue in which nobody has to wait for the end needs no event.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from simgrid.domain.schedule import Roster
from simgrid.domain.units import Seconds


class Server:
    """Arrivals must be told in order of time. Work under way when it stops goes on afterwards."""

    __slots__ = ("_stops", "free_s")

    def __init__(self, stops: Iterable[tuple[Seconds, Seconds]] = ()) -> None:
        self._stops = deque(Roster.of(stops))
        self.free_s: Seconds = 0.0

    def serve(self, at_s: Seconds, work_s: Seconds) -> Seconds:
        """When work that comes at a time will be done, infinity where the server never goes on."""
        begin_s = self.free_s if self.free_s > at_s else at_s
        self.free_s = done_s = self._past_stops(begin_s, work_s) if self._stops else begin_s + work_s
        return done_s

    def _past_stops(self, begin_s: Seconds, work_s: Seconds) -> Seconds:
        stops = self._stops
        while stops and stops[0][1] <= begin_s:
            stops.popleft()
        for stop_s, back_s in stops:
            if stop_s <= begin_s:
                begin_s = back_s
            elif begin_s + work_s <= stop_s:
                break
            else:
                work_s -= stop_s - begin_s
                begin_s = back_s
        return begin_s + work_s
