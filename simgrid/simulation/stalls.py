"""What kept inspections waiting that was not the queue: a dead link, a full storage, images not there yet."""

from __future__ import annotations

from array import array

import numpy as np
import simpy

from simgrid.domain.units import BoolArray, FloatArray, Seconds


class Stalls:
    """Who was stalled and for how long; several reasons at a time count once.

    Whoever stalls an inspection calls ``began`` and ``ended``, each as often as the other. Studies from
    ``to_report`` on are nobody's: they are passed over.
    """

    def __init__(self, env: simpy.Environment, to_report: int) -> None:
        self._env = env
        self._to_report = to_report
        self._was = bytearray(to_report)
        self._seconds = array("d", bytes(8 * to_report))
        self._reasons: dict[int, int] = {}
        self._since: dict[int, Seconds] = {}
        self._over = bytearray(to_report)

    def began(self, row: int) -> None:
        """From now on there is one reason more why the inspection stands still."""
        if row >= self._to_report or self._over[row]:
            return
        self._was[row] = True
        reasons = self._reasons.get(row, 0)
        self._reasons[row] = reasons + 1
        if not reasons:
            self._since[row] = self._env.now

    def ended(self, row: int) -> None:
        """One of the reasons is gone."""
        if row >= self._to_report or self._over[row]:
            return
        self._reasons[row] -= 1
        if not self._reasons[row]:
            del self._reasons[row]
            self._seconds[row] += self._env.now - self._since.pop(row)

    def over(self, row: int) -> None:
        """The report is there: what still moves of the inspection, to where nobody reads it, keeps nobody."""
        self._over[row] = True
        self._reasons.pop(row, None)
        since_s = self._since.pop(row, None)
        if since_s is not None:
            self._seconds[row] += self._env.now - since_s

    @property
    def stalled(self) -> BoolArray:
        """Whether each inspection ever stood still, shape (S,)."""
        return np.array(self._was, dtype=np.bool_)

    @property
    def seconds(self) -> FloatArray:
        """For how long each stood still, up to now; shape (S,)."""
        until_now = np.array(self._seconds, dtype=np.float64)
        for row, since_s in self._since.items():
            until_now[row] += self._env.now - since_s
        return until_now
