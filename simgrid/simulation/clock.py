"""SimPy's clock, with calls beside its events: the grid's millions of delays need a moment and no event.

An event of SimPy is an object with a list of callbacks, which a delay that only one function waits for does
not need. Such a call stands in the same queue, in the same order, at a third of the cost.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

import simpy
from simpy.events import NORMAL, URGENT

from simgrid.domain.units import Seconds


class Clock(simpy.Environment):
    """An environment in which ``after`` and events are carried out in order of time, then of entry."""

    now: Seconds = 0.0  # an attribute: it is read twenty times an inspection

    def __init__(self) -> None:
        super().__init__(0.0)
        self._order: list[tuple[Any, ...]] = self._queue

    def after(self, wait_s: Seconds, call: Callable[[Any], object], argument: Any) -> None:
        """Call ``call(argument)`` so much later, as a callback of a timeout made now would be called."""
        heappush(self._order, (self.now + wait_s, NORMAL, next(self._eid), call, argument))

    def first(self, call: Callable[[Any], object], argument: Any) -> None:
        """Call ``call(argument)`` when a process that is made now would begin."""
        heappush(self._order, (self.now, URGENT, next(self._eid), call, argument))

    def at_first(self, at_s: Seconds, call: Callable[[Any], object], argument: Any) -> None:
        """Call ``call(argument)`` at that time, before all that happens then in the course of the run."""
        heappush(self._order, (at_s, URGENT, next(self._eid), call, argument))

    def step(self) -> None:
        """Carry out the next event, after all calls that come before it; as SimPy's when nothing is left."""
        order = self._order
        while order:
            entry = order[0]
            if len(entry) == 4:
                self.now = entry[0]
                break
            heappop(order)
            self.now = self._now = entry[0]
            entry[3](entry[4])
        super().step()
