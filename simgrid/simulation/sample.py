"""A posted sample of desks and units, and what the optimisation service has decided since."""

from __future__ import annotations

import numpy as np

from simgrid.domain.units import Bytes, FloatArray, IntArray, Seconds


class Sample:
    """Backlog (R,) in expected seconds and studies, bandwidth and free storage (U,), when it was posted."""

    __slots__ = ("_bandwidth_bps", "_count", "_free_bytes", "_queue_s")

    def __init__(
        self, queue_s: FloatArray, count: IntArray, bandwidth_bps: FloatArray, free_bytes: FloatArray
    ) -> None:
        self._queue_s = queue_s
        self._count = count
        self._bandwidth_bps = bandwidth_bps
        self._free_bytes = free_bytes

    def assigned(self, radiologist: int, expected_s: Seconds, unit: int, size: Bytes) -> None:
        """The service has assigned a study."""
        self._queue_s[radiologist] += expected_s
        self._count[radiologist] += 1
        self._free_bytes[unit] -= size

    def taken_back(self, radiologist: int, expected_s: Seconds) -> None:
        """A study was given back unopened; its images stay at the unit as a copy."""
        self._queue_s[radiologist] -= expected_s
        self._count[radiologist] -= 1

    def queues(self) -> tuple[FloatArray, IntArray]:
        """Backlog in seconds and studies; never below 0."""
        return np.maximum(self._queue_s, 0.0), np.maximum(self._count, 0)

    def units(self) -> tuple[FloatArray, FloatArray]:
        """Bandwidth and free storage; never below 0."""
        return self._bandwidth_bps.copy(), np.maximum(self._free_bytes, 0.0)
