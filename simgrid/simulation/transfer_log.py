"""What the wires have carried: single transfers of what somebody waits for, sums of everything."""

from __future__ import annotations

from array import array

import numpy as np

from simgrid.domain.journal import LegTotals, TransferRecords
from simgrid.domain.units import Bytes, Seconds

UPLOAD = "upload"
COPY = "copy"
DELIVERY = "delivery"
BROADCAST = "broadcast"
FIRST_IMAGES = "first-images"
SUMMED_ONLY = -1
"""The number of a transfer that is summed and not kept: an archive has millions."""


class TransferLog:
    """Sums all by leg, and keeps each transfer in order of start, but for uploads to the archive alone,
    and further copies of them. Those are of studies from ``to_report`` on.
    """

    def __init__(self, to_report: int) -> None:
        self._to_report = to_report
        self._legs: list[str] = []
        self._rows = array("q")
        self._paths: list[tuple[str, ...]] = []
        self._sizes = array("d")
        self._started = array("d")
        self._finished = array("d")
        self._broken = bytearray()
        self._sums: dict[str, _Sums] = {}

    def began(self, leg: str, row: int, path: tuple[str, ...], size: Bytes, now_s: Seconds) -> int:
        """Note a transfer's start; returns its number, or ``SUMMED_ONLY``."""
        if row >= self._to_report and leg in (UPLOAD, COPY):
            return SUMMED_ONLY
        self._legs.append(leg)
        self._rows.append(row)
        self._paths.append(path)
        self._sizes.append(size)
        self._started.append(now_s)
        self._finished.append(float("nan"))
        self._broken.append(False)
        return len(self._legs) - 1

    def ended(self, number: int, leg: str, carried: Bytes, lasted_s: Seconds, now_s: Seconds) -> None:
        """Note a transfer's end: the bytes of its last attempt, and the seconds since it was ordered."""
        sums = self._sums_of(leg)
        sums.transfers += 1
        sums.carried += carried
        sums.under_way_s += lasted_s
        if number != SUMMED_ONLY:
            self._finished[number] = now_s

    def broke(self, number: int, leg: str, carried: Bytes, now_s: Seconds) -> None:
        """Note that an attempt ended with its link: in the records it is a transfer of what it carried."""
        self._sums_of(leg).carried += carried
        if number != SUMMED_ONLY:
            self._sizes[number] = carried
            self._broken[number] = True
            self._finished[number] = now_s

    def failed(self, leg: str) -> None:
        """Note that a transfer found its link down, or was broken by it."""
        self._sums_of(leg).failures += 1

    def totals(self) -> tuple[LegTotals, ...]:
        """Every leg that carried anything, by name."""
        return tuple(
            LegTotals(leg, sums.transfers, sums.carried, sums.under_way_s, sums.failures)
            for leg, sums in sorted(self._sums.items())
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
            broken=np.array(self._broken, dtype=np.bool_),
        )

    def _sums_of(self, leg: str) -> _Sums:
        sums = self._sums.get(leg)
        if sums is None:
            sums = self._sums[leg] = _Sums()
        return sums


class _Sums:
    """What a leg has carried so far."""

    __slots__ = ("carried", "failures", "transfers", "under_way_s")

    def __init__(self) -> None:
        self.transfers = 0
        self.carried: Bytes = 0.0
        self.under_way_s: Seconds = 0.0
        self.failures = 0
