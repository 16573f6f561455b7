"""From the data centre to the assigned unit: a study needs room in the unit's storage before it is sent."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

import numpy as np

from simgrid.domain.inspection import Inspections
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.units import Bytes, FloatArray
from simgrid.simulation.stalls import Stalls


class UnitStorage:
    """Room at each reporting unit: taken when a study sets out, freed when it has been read.

    Studies that find no room wait at the data centre, urgent first, then in order of assignment. The images
    of a study that was handed over stay as a copy, until it has arrived elsewhere or somebody needs the room:
    ``there`` is called at once for one that is assigned to where its copy lies.
    """

    def __init__(
        self,
        units: tuple[ReportingUnit, ...],
        inspections: Inspections,
        send: Callable[[int, int], None],
        there: Callable[[int], None],
        stalls: Stalls,
    ) -> None:
        self._capacity = [unit.storage_bytes for unit in units]
        self._inspections = inspections
        self._send = send
        self._there = there
        self._stalls = stalls
        self._used: list[Bytes] = [0.0 for _ in units]
        self._promised: list[Bytes] = [0.0 for _ in units]
        self._peak: list[Bytes] = [0.0 for _ in units]
        self._waiting: list[list[tuple[bool, int, int]]] = [[] for _ in units]
        self._copies: list[dict[int, Bytes]] = [{} for _ in units]
        self._copy_at: dict[int, int] = {}
        self._unsent: dict[int, bool] = {}  # whether it has had to wait for room
        self._order = 0

    def deliver(self, row: int, unit: int) -> None:
        """Send the study to the unit as soon as there is room."""
        if self._copy_at.get(row) == unit:
            self._forget(row)
            self._there(row)
            return
        self._order += 1
        self._promised[unit] += float(self._inspections.size_bytes[row])
        heappush(self._waiting[unit], (not self._inspections.urgent[row], self._order, row))
        self._unsent[row] = False
        self._send_what_fits(unit)
        if row in self._unsent:
            self._unsent[row] = True
            self._stalls.began(row)

    def arrived(self, row: int) -> None:
        """The study is at its unit: a copy elsewhere has served."""
        if row in self._copy_at:
            self.release(row, self._forget(row))

    def keep(self, row: int, unit: int) -> None:
        """The study is nobody's any more: from now on its images are a copy that may go."""
        self._copies[unit][row] = float(self._inspections.size_bytes[row])
        self._copy_at[row] = unit
        self._send_what_fits(unit)

    def release(self, row: int, unit: int) -> None:
        """Give the study's room back."""
        self._used[unit] -= float(self._inspections.size_bytes[row])
        self._send_what_fits(unit)

    def free_bytes(self) -> FloatArray:
        """Room neither used nor promised to an assigned study, shape (U,); never below 0. Copies may go."""
        spoken_for = np.array(self._used) + np.array(self._promised)
        if self._copy_at:
            spoken_for -= [sum(copies.values()) for copies in self._copies]
        free: FloatArray = np.maximum(np.array(self._capacity, dtype=np.float64) - spoken_for, 0.0)
        return free

    def peak_share(self) -> FloatArray:
        """The fullest each storage has been, as a share of its capacity, shape (U,)."""
        share: FloatArray = np.array(self._peak) / np.array(self._capacity, dtype=np.float64)
        return share

    def _send_what_fits(self, unit: int) -> None:
        waiting = self._waiting[unit]
        while waiting:
            size = float(self._inspections.size_bytes[waiting[0][2]])
            if not self._has_room(unit, size):
                return
            row = heappop(waiting)[2]
            if self._unsent.pop(row):
                self._stalls.ended(row)
            self._promised[unit] -= size
            self._used[unit] += size
            self._peak[unit] = max(self._peak[unit], self._used[unit])
            self._send(row, unit)

    def _has_room(self, unit: int, size: Bytes) -> bool:
        """Whether so much fits, after the oldest copies have gone where that helps."""
        copies, over = self._copies[unit], self._used[unit] + size - self._capacity[unit]
        if copies and 0 < over <= sum(copies.values()):
            for row in list(copies):
                self._used[unit] -= copies[row]
                self._forget(row)
                if self._used[unit] + size <= self._capacity[unit]:
                    break
        return self._used[unit] + size <= self._capacity[unit]

    def _forget(self, row: int) -> int:
        """Take the copy out of the books of copies, not out of the storage; the unit where it lies."""
        unit = self._copy_at.pop(row)
        del self._copies[unit][row]
        return unit
