"""The order of a Grid agent's jobs: urgent ones first, yet none waits for ever."""

from __future__ import annotations

import math
from heapq import heappop, heappush
from typing import Generic, TypeVar

from simgrid.domain.units import Seconds

Job = TypeVar("Job")


class AgeingQueue(Generic[Job]):
    """Jobs in the order of ``enqueued_s + (0 if urgent else ageing_s)``, ties in the order of entry.

    A routine job therefore goes before every urgent one that came more than ``ageing_s`` after it, and is
    passed by no other. The order of two jobs never changes, so a heap of fixed keys is exact. ``ageing_s``
    0 is first come, first served; inf is strict priority, under which routine jobs may wait for ever.
    ``waiting``: the jobs by ticket.
    """

    __slots__ = ("_heap", "_tickets", "ageing_s", "waiting")

    def __init__(self, ageing_s: Seconds) -> None:
        if not ageing_s >= 0:
            raise ValueError(f"ageing_s is {ageing_s!r}: give 0 (no priority) to inf (strict priority)")
        self.ageing_s = ageing_s
        self._heap: list[tuple[Seconds, Seconds, int]] = []
        self.waiting: dict[int, Job] = {}
        self._tickets = 0

    def __len__(self) -> int:
        return len(self.waiting)

    def push(self, job: Job, enqueued_s: Seconds, urgent: int) -> None:
        """Enter a job. One that is tried again keeps its place by its first ``enqueued_s``."""
        ticket = self._tickets
        self._tickets += 1
        self.waiting[ticket] = job
        key = enqueued_s if urgent else enqueued_s + self.ageing_s
        # Under strict priority every routine key is inf: the time of entry then orders them.
        heappush(self._heap, (key, enqueued_s if key == math.inf else 0.0, ticket))

    def pop(self) -> Job:
        """Take the next job out; IndexError when none waits."""
        return self.waiting.pop(heappop(self._heap)[2])
