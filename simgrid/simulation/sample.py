"""A posted sample of desks and units, and what the optimisation service has decided since."""

from __future__ import annotations

import numpy as np

from simgrid.domain.units import BitsPerSecond, Bytes, FloatArray, IntArray, Seconds


class Sample:
    """Each radiologist's backlog in expected seconds and studies, each unit's bandwidth and free storage.

    Most samples are never looked at, so they are lists until somebody does.
    """

    __slots__ = ("_bandwidth_bps", "_free_bytes", "count", "queue_s")

    def __init__(
        self,
        queue_s: list[Seconds],
        count: list[int],
        bandwidth_bps: list[BitsPerSecond],
        free_bytes: list[Bytes],
    ) -> None:
        self.queue_s = queue_s
        self.count = count
        self._bandwidth_bps = bandwidth_bps
        self._free_bytes = free_bytes

    def assigned(self, radiologist: int, expected_s: Seconds, unit: int, size: Bytes) -> None:
        """The service has assigned a study."""
        self.queue_s[radiologist] += expected_s
        self.count[radiologist] += 1
        self._free_bytes[unit] -= size

    def taken_back(self, radiologist: int, expected_s: Seconds) -> None:
        """A study was given back unopened; its images stay at the unit as a copy."""
        self.queue_s[radiologist] -= expected_s
        self.count[radiologist] -= 1

    def queues(self) -> tuple[FloatArray, IntArray]:
        """Backlog in seconds and studies, shape (R,) each; never below 0."""
        queue_s, count = np.array(self.queue_s, dtype=np.float64), np.array(self.count, dtype=np.int64)
        return np.maximum(queue_s, 0.0), np.maximum(count, 0)

    def units(self) -> tuple[FloatArray, FloatArray]:
        """Bandwidth and free storage, shape (U,) each; never below 0."""
        free: FloatArray = np.maximum(np.array(self._free_bytes, dtype=np.float64), 0.0)
        return np.array(self._bandwidth_bps, dtype=np.float64), free
