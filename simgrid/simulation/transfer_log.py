"""What the wires have carried: single transfers of what somebody waits for, sums of everything."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable

import numpy as np

from simgrid.domain.journal import LegTotals, TransferRecords
from simgrid.domain.observer import WRITTEN_AT_ONCE, JournalSink
from simgrid.domain.units import BitsPerSecond, Bytes, Seconds

UPLOAD = "upload"
COPY = "copy"
DELIVERY = "delivery"
BROADCAST = "broadcast"
FIRST_IMAGES = "first-images"
BREAK_MARGIN = 1e-10
"""A replayed attempt must end before its link is gone, or it ends with the repair. Rounding alone can delay
it, the more so where hundreds share the link: this share of the clock is far more than rounding does."""
SUMMED_ONLY = -1
"""The number of a transfer that is summed and not kept: an archive has millions."""


class Transfer:
    """One transfer from its order to its last byte, over as many attempts as it takes."""

    __slots__ = (
        "attempt_s",
        "blocked",
        "cap_bps",
        "failures",
        "left",
        "leg",
        "number",
        "ordered_s",
        "path",
        "row",
        "size",
        "then",
        "weight",
    )

    def __init__(
        self,
        leg: str,
        row: int,
        path: tuple[str, ...],
        size: Bytes,
        then: Callable[[int], None],
        ordered_s: Seconds,
        weight: float = 1.0,
        cap_bps: BitsPerSecond | None = None,
    ) -> None:
        self.leg = leg
        self.row = row
        self.path = path
        self.size = self.left = size
        self.then = then
        self.ordered_s = self.attempt_s = ordered_s
        self.weight = weight
        self.cap_bps = cap_bps
        self.number = 0
        self.failures = 0
        self.blocked = False


class TransferLog:
    """Sums all by leg, and keeps each transfer in order of start, but for uploads to the archive alone,
    and further copies of them. Those are of studies from ``to_report`` on.
    """

    def __init__(self, to_report: int, sink: JournalSink | None = None) -> None:
        self._to_report = to_report
        self._sink = sink
        self._kept = _Columns()
        self._block = _Columns()
        self._sums: dict[str, _Sums] = {}

    def began(self, one: Transfer, now_s: Seconds) -> int:
        """Note the start of an attempt; returns its number, or ``SUMMED_ONLY``."""
        if one.row >= self._to_report and one.leg in (UPLOAD, COPY):
            return SUMMED_ONLY
        return self._kept.add(one, one.left, now_s, float("nan"), broken=False)

    def ended(self, one: Transfer, now_s: Seconds) -> None:
        """Note a transfer's end: the bytes of its last attempt, and the seconds since it was ordered."""
        sums = self._sums.get(one.leg) or self._sums_of(one.leg)
        sums.transfers += 1
        sums.carried += one.left
        sums.under_way_s += now_s - one.ordered_s
        if one.number != SUMMED_ONLY:
            self._kept.finished[one.number] = now_s
        if self._sink is not None:
            self._write(one, one.left, now_s, broken=False)

    def broke(self, one: Transfer, carried: Bytes, carried_before: Bytes, now_s: Seconds) -> None:
        """Note that an attempt ended with its link: in the records it is a transfer of what it carried.

        The sink is told what it had carried ``BREAK_MARGIN`` of the clock before.
        """
        self._sums_of(one.leg).carried += carried
        if one.number != SUMMED_ONLY:
            self._kept.broke(one.number, carried, now_s)
        if self._sink is not None:
            self._write(one, max(0.0, carried_before), now_s, broken=True)

    def close(self, under_way: Iterable[Transfer]) -> None:
        """Write down what the run's end has left, if anybody takes it."""
        if self._sink is None:
            return
        for one in under_way:
            self._write(one, one.left, float("nan"), broken=False)
        self._sink.transfers(self._block.records())

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
        return self._kept.records()

    def _write(self, one: Transfer, carried: Bytes, finished_s: Seconds, *, broken: bool) -> None:
        self._block.add(one, carried, one.attempt_s, finished_s, broken=broken)
        if len(self._block) == WRITTEN_AT_ONCE and self._sink is not None:
            self._sink.transfers(self._block.records())
            self._block = _Columns()

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


class _Columns:
    """Transfers as columns that grow; many share leg, path, weight and cap, so that these are one number."""

    def __init__(self) -> None:
        self._rows = array("i")
        self._ways: list[tuple[str, tuple[str, ...], float, float]] = []
        self._number: dict[tuple[str, tuple[str, ...], float, float | None], int] = {}
        self._way = array("i")
        self._sizes = array("d")
        self._started = array("d")
        self.finished = array("d")
        self._broken = bytearray()

    def __len__(self) -> int:
        return len(self._rows)

    def add(
        self, one: Transfer, size: Bytes, started_s: Seconds, finished_s: Seconds, *, broken: bool
    ) -> int:
        """Another row; returns its number."""
        self._rows.append(one.row)
        way = (one.leg, one.path, one.weight, one.cap_bps)
        number = self._number.get(way)
        if number is None:
            number = self._number[way] = len(self._ways)
            self._ways.append((*way[:3], float("inf") if one.cap_bps is None else one.cap_bps))
        self._way.append(number)
        self._sizes.append(size)
        self._started.append(started_s)
        self.finished.append(finished_s)
        self._broken.append(broken)
        return len(self._rows) - 1

    def broke(self, number: int, carried: Bytes, now_s: Seconds) -> None:
        """The attempt ended with its link."""
        self._sizes[number] = carried
        self._broken[number] = True
        self.finished[number] = now_s

    def records(self) -> TransferRecords:
        """The rows so far."""
        ways = self._ways
        return TransferRecords(
            leg=tuple([ways[way][0] for way in self._way]),
            inspection=np.array(self._rows, dtype=np.int64),
            path=tuple([ways[way][1] for way in self._way]),
            size_bytes=np.array(self._sizes, dtype=np.float64),
            started_s=np.array(self._started, dtype=np.float64),
            finished_s=np.array(self.finished, dtype=np.float64),
            broken=np.array(self._broken, dtype=np.bool_),
            weight=np.array([way[2] for way in ways], dtype=np.float64)[self._way],
            cap_bps=np.array([way[3] for way in ways], dtype=np.float64)[self._way],
        )
