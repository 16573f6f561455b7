"""What kept inspections waiting that was not the queue: a dead link, a full storage, images not there yet."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import numpy as np
import simpy

from simgrid.domain.observer import Mark
from simgrid.domain.units import BoolArray, FloatArray, Seconds


class Stalls:
    """Who was stalled and for how long; several reasons at a time count once.

    Whoever stalls an inspection calls ``began`` and ``ended``, each as often as the other. What holds up
    images on their way to a unit names the last link of that way, ``to``: it keeps nobody waiting unless the
    inspection is assigned to a radiologist of that unit. Studies from ``to_report`` on are nobody's: they
    are passed over.
    """

    def __init__(
        self,
        env: simpy.Environment,
        to_report: int,
        mark: Callable[[Mark, int, Seconds], None] = lambda _what, _row, _now_s: None,
    ) -> None:
        self._env = env
        self._mark = mark
        self._to_report = to_report
        self._was = bytearray(to_report)
        self._seconds = array("d", bytes(8 * to_report))
        self._reasons: dict[int, int] = {}
        self._since: dict[int, Seconds] = {}
        self._over = bytearray(to_report)
        self._reader: dict[int, str | None] = {}
        self._under_way: dict[tuple[int, str], int] = {}  # reasons on the way to a unit, whoever reads there

    def began(self, row: int, to: str | None = None) -> None:
        """From now on there is one reason more why the inspection stands still."""
        self._change(row, to, 1)

    def ended(self, row: int, to: str | None = None) -> None:
        """One of the reasons is gone."""
        self._change(row, to, -1)

    def assigned(self, row: int, to: str | None) -> None:
        """From now on the inspection waits for its images at this unit; at None when it is nobody's."""
        before = self._reader.get(row)
        if to == before:
            return
        self._reader[row] = to
        for unit, sign in ((to, 1), (before, -1)):
            reasons = 0 if unit is None else self._under_way.get((row, unit), 0)
            if reasons and not self._over[row]:
                self._add(row, sign * reasons)

    def _change(self, row: int, to: str | None, by: int) -> None:
        if row >= self._to_report or self._over[row]:
            return
        if to is not None:
            self._under_way[row, to] = self._under_way.get((row, to), 0) + by
            if self._reader.get(row) != to:
                return
        self._add(row, by)

    def _add(self, row: int, reasons: int) -> None:
        before = self._reasons.get(row, 0)
        self._reasons[row] = before + reasons
        if not before:
            self._was[row] = True
            self._since[row] = self._env.now
            self._mark("stopped", row, self._env.now)
        elif before + reasons == 0:
            del self._reasons[row]
            self._seconds[row] += self._env.now - self._since.pop(row)
            self._mark("moves", row, self._env.now)

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
