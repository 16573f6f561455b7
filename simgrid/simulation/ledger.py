"""The books of effort: what was seen, what was given to whom, and the limits that follow from it."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
import simpy

from simgrid.domain.limits import WorkloadLimit
from simgrid.domain.units import FloatArray
from simgrid.domain.world import World


class Ledger:
    """Effort seen and assigned in one unit (minutes or points), and the limit that follows from it.

    Where the limit has periods, both begin anew with each: nobody has been given anything yet, and what has
    been seen is what still waits.
    """

    def __init__(
        self, env: simpy.Environment, effort: FloatArray, world: World, declared: FloatArray
    ) -> None:
        self._env = env
        self._effort = effort
        self._rule: WorkloadLimit = world.workload_limit
        self._full_time = np.array([one.full_time for one in world.radiologists], dtype=np.float64)
        self._declared = declared
        known = self._rule.total == "run"
        self._total = float(effort.sum()) if known else 0.0
        self._largest = float(effort.max(initial=0.0)) if known else 0.0
        self._counting = not known
        self._done: FloatArray = np.zeros(len(world.radiologists))
        self._starts = world.limit_periods_s
        self._period = 0
        self._waiting: dict[int, None] = {}
        self._given: set[int] = set()

    def see(self, row: int) -> None:
        """The inspection waits for its assignment."""
        self._turn()
        self._waits(row)
        self._count(row)

    def assign(self, row: int, radiologist: int) -> None:
        """Add the inspection to what the radiologist was given."""
        self._turn()
        self._done[radiologist] += self._effort[row]
        if self._starts:
            self._waiting.pop(row, None)
            self._given.add(row)

    def had(self, radiologist: int, amount: float, largest: float) -> None:
        """So much was seen and given in this period before the run, of what is not in it any more."""
        self._turn()
        self._done[radiologist] += amount
        self._total += amount
        self._largest = max(self._largest, largest)

    def take_back(self, row: int, radiologist: int) -> None:
        """The inspection waits again; what was given in an earlier period counts there no more."""
        self._turn()
        self._waits(row)
        if self._starts and row not in self._given:
            self._count(row)
            return
        self._given.discard(row)
        left = self._done[radiologist] - self._effort[row]
        self._done[radiologist] = max(left, 0.0)  # rounding leaves no debt

    def done(self) -> FloatArray:
        """What everybody was given in this period, shape (R,)."""
        self._turn()
        return self._done.copy()

    def limits(self) -> FloatArray:
        """l_j of this period, shape (R,)."""
        self._turn()
        return self._rule.limits(self._total, self._largest, self._full_time, self._declared)

    def _waits(self, row: int) -> None:
        if self._starts:
            self._waiting[row] = None

    def _count(self, row: int) -> None:
        if self._counting:
            self._total += float(self._effort[row])
            self._largest = max(self._largest, float(self._effort[row]))

    def _turn(self) -> None:
        """Begin the period that has begun since the books were last looked at."""
        if not self._starts or self._period == len(self._starts):
            return
        period = bisect_right(self._starts, self._env.now)
        if period == self._period:
            return
        self._period = period
        self._done[:] = 0.0
        self._given.clear()
        self._total = self._largest = 0.0
        for row in self._waiting:
            self._count(row)
