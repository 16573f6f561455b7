"""What the wires have carried: single transfers of what somebody waits for, sums of everything."""

from __future__ import annotations

from array import array

import numpy as np

from simgrid.domain.journal import LegTotals, TransferRecords
from simgrid.domain.units import Bytes, Seconds

UPLOAD = "upload"
SUMMED_ONLY = -1
"""The number of a transfer that is summed and not kept: an archive has millions."""


class TransferLog:
    """Sums all by leg, and keeps each transfer in order of start, but for uploads to the archive alone.

    Those are of studies from ``to_report`` on.
    """

    def __init__(self, to_report: int) -> None:
        self._to_report = to_report
        self._legs: list[str] = []
        self._rows = array("q")
        self._paths: list[tuple[str, ...]] = []
        self._sizes = array("d")
        self._started = array("d")
        self._finished = array("d")
        self._totals: dict[str, list[float]] = {}

    def began(self, leg: str, row: int, path: tuple[str, ...], size: Bytes, now_s: Seconds) -> int:
        """Note a transfer's start; returns its number, or ``SUMMED_ONLY``."""
        if leg == UPLOAD and row >= self._to_report:
            return SUMMED_ONLY
        self._legs.append(leg)
        self._rows.append(row)
        self._paths.append(path)
        self._sizes.append(size)
        self._started.append(now_s)
        self._finished.append(float("nan"))
        return len(self._legs) - 1

    def ended(self, number: int, leg: str, size: Bytes, lasted_s: Seconds, now_s: Seconds) -> None:
        """Note the transfer's end."""
        totals = self._totals.get(leg)
        if totals is None:
            totals = self._totals[leg] = [0, 0.0, 0.0]
        totals[0] += 1
        totals[1] += size
        totals[2] += lasted_s
        if number != SUMMED_ONLY:
            self._finished[number] = now_s

    def totals(self) -> tuple[LegTotals, ...]:
        """Every leg that completed a transfer, by name."""
        return tuple(
            LegTotals(leg, int(count), size, lasted)
            for leg, (count, size, lasted) in sorted(self._totals.items())
        )

    def records(self) -> TransferRecords:
        """The transfers that were kept, in order of start."""
        return TransferRecords(
            leg=tuple(self._legs),
            inspection=np.array(self._rows, dtype=np.int64),
            path=tuple(self._paths),
            size_bytes=np.array(self._sizes, dtype=np.float64),
            started_s=np.array(self._started, dtype=np.float64),
            finished_s=np.array(self._finished, dtype=np.float64),
        )
