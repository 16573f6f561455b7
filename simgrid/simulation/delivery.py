"""From the data centre to the assigned unit: a study needs room in the unit's storage before it is sent."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

import numpy as np

from simgrid.domain.inspection import Inspections
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.units import Bytes, FloatArray


class UnitStorage:
    """Room at each reporting unit: taken when a study sets out, freed when it has been read.

    Studies that find no room wait at the data centre, urgent first, then in order of assignment.
    """

    def __init__(
        self, units: tuple[ReportingUnit, ...], inspections: Inspections, send: Callable[[int, int], None]
    ) -> None:
        self._capacity = [unit.storage_bytes for unit in units]
        self._inspections = inspections
        self._send = send
        self._used: list[Bytes] = [0.0 for _ in units]
        self._promised: list[Bytes] = [0.0 for _ in units]
        self._peak: list[Bytes] = [0.0 for _ in units]
        self._waiting: list[list[tuple[bool, int, int]]] = [[] for _ in units]
        self._order = 0

    def deliver(self, row: int, unit: int) -> None:
        """Send the study to the unit as soon as there is room."""
        self._order += 1
        self._promised[unit] += float(self._inspections.size_bytes[row])
        heappush(self._waiting[unit], (not self._inspections.urgent[row], self._order, row))
        self._send_what_fits(unit)

    def release(self, row: int, unit: int) -> None:
        """Give the study's room back."""
        self._used[unit] -= float(self._inspections.size_bytes[row])
        self._send_what_fits(unit)

    def free_bytes(self) -> FloatArray:
        """Room neither used nor promised to an assigned study, shape (U,); never below 0."""
        spoken_for = np.array(self._used) + np.array(self._promised)
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
            if self._used[unit] + size > self._capacity[unit]:
                return
            row = heappop(waiting)[2]
            self._promised[unit] -= size
            self._used[unit] += size
            self._peak[unit] = max(self._peak[unit], self._used[unit])
            self._send(row, unit)
