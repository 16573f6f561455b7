"""A bounded pool of workers of one kind at one Grid Agent: no process each, a counter and a queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from simgrid.domain.units import Seconds
from simgrid.network.ageing_queue import AgeingQueue


class WorkerPool:
    """Jobs begin at once while a worker is free, and otherwise wait: urgent first, with ageing.

    ``begin(job)`` takes a worker until ``done`` gives it back. ``workers`` None is any number.
    """

    __slots__ = ("_begin", "_paused", "_queue", "_workers", "busy", "peak_busy", "peak_waiting")

    def __init__(self, workers: int | None, ageing_s: Seconds, begin: Callable[[int], None]) -> None:
        self._workers = workers
        self._begin = begin
        self._queue: AgeingQueue[int] = AgeingQueue(ageing_s)
        self._paused = False
        self.busy = 0
        self.peak_busy = 0
        self.peak_waiting = 0

    @property
    def waiting(self) -> int:
        """Jobs without a worker."""
        return len(self._queue)

    def queued(self) -> Iterator[int]:
        """The jobs without a worker, in the order in which they came."""
        return iter(self._queue.waiting.values())

    def submit(self, job: int, now_s: Seconds, urgent: int) -> None:
        """Do the job now, or as soon as a worker is free."""
        if not self._paused and (self._workers is None or self.busy < self._workers):
            self._take(job)
            return
        self._queue.push(job, now_s, urgent)
        self.peak_waiting = max(self.peak_waiting, len(self._queue))

    def done(self) -> None:
        """A worker has finished: the next job begins."""
        self.busy -= 1
        if self._queue.waiting and not self._paused:
            self._take(self._queue.pop())

    def pause(self) -> None:
        """Begin nothing more; what is under way goes on."""
        self._paused = True

    def go_on(self) -> None:
        """Begin again, as many at once as there are workers."""
        self._paused = False
        while len(self._queue) and (self._workers is None or self.busy < self._workers):
            self._take(self._queue.pop())

    def _take(self, job: int) -> None:
        self.busy += 1
        if self.busy > self.peak_busy:  # noqa: PLR1730, a third of the time
            self.peak_busy = self.busy
        self._begin(job)
