"""The ends to come, one entry a class, earliest first.

An entry may stand too early, never too late: a class that slows down keeps the entry it has and finds out
when its turn comes. So most changes of rate cost no work here.
"""

from __future__ import annotations

import math
from heapq import heapify, heappop, heappush

from simgrid.network.path_class import Due, PathClass

# How much faster a class may become before its entry must be moved.
HEADROOM = 1.5


class Ends:
    """A heap of moments; outdated entries are dropped when they surface, or all at once when many."""

    def __init__(self) -> None:
        self.queue: list[Due] = []
        self._next = 0
        self._tidy_at = 64

    def first(self) -> Due | None:
        """The earliest end, or None."""
        queue = self.queue
        while queue:
            entry = queue[0]
            cls = entry[3]
            if cls.queued is not entry:
                heappop(queue)
            elif cls.late:
                heappop(queue)
                cls.queued = None
                self.arm(cls)
            else:
                return entry
        return None

    def arm(self, cls: PathClass, headroom: float = 1.0) -> None:
        """The next end of a class may have moved: queue it, unless its entry stands earlier.

        ``headroom`` queues it early enough for the class to become so many times faster without another
        entry: where many share, each change moves all of them a little.
        """
        cls.safe_rate = rate = headroom * cls.rate
        queued = cls.queued
        seconds = (cls.heap[0][0] - cls.virtual) / rate if rate else math.inf
        if seconds < 0.0:  # noqa: PLR1730 (max() takes longer than all the rest)
            seconds = 0.0
        since = cls.since_high
        high = since + seconds
        if high == math.inf:
            cls.late = True
            return
        # What the sum lost (Knuth's two-sum), with the low part of the last sync.
        part = high - since
        low = (since - (high - part)) + (seconds - part) + cls.since_low
        total = high + low
        low -= total - high
        if queued is not None and (queued[0] < total or (queued[0] == total and queued[1] <= low)):
            cls.late = True
            return
        self._next += 1
        cls.late = headroom > 1.0
        cls.queued = entry = (total, low, self._next, cls)
        heappush(self.queue, entry)
        if len(self.queue) > self._tidy_at:
            self._tidy()

    def _tidy(self) -> None:
        self.queue[:] = [entry for entry in self.queue if entry[3].queued is entry]
        heapify(self.queue)
        self._tidy_at = 64 + 2 * len(self.queue)
