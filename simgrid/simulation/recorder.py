"""Facts as they happen: columns for the journal, the number in the system, the fingerprint of the events."""

from __future__ import annotations

import hashlib
import struct
from enum import IntEnum

import numpy as np

from simgrid.domain.decision import Relaxed
from simgrid.domain.journal import RelaxationRecords, TransferRecords
from simgrid.domain.units import FloatArray, Seconds


class Event(IntEnum):
    """The events of an inspection's journey, of the wires, and of what happens on schedule."""

    REQUESTED = 1
    REPEATED = 2
    ACQUIRED = 3
    UPLOADED = 4
    ASSIGNED = 5
    DELIVERED = 6
    OPENED = 7
    READ = 8
    REPORTED = 9
    RETRIEVED = 10
    BEGAN = 11
    ENDED = 12
    UP_CAPACITY = 13
    DOWN_CAPACITY = 14


_STAMPED = (
    Event.REQUESTED,
    Event.ACQUIRED,
    Event.UPLOADED,
    Event.ASSIGNED,
    Event.DELIVERED,
    Event.OPENED,
    Event.READ,
    Event.REPORTED,
)


class Recorder:
    """Collects one run. Every event goes into the fingerprint, in the order in which it happened."""

    def __init__(self, inspections: int) -> None:
        self.times: dict[Event, FloatArray] = {kind: np.full(inspections, np.nan) for kind in _STAMPED}
        self.events = 0
        self._digest = hashlib.blake2b(digest_size=16)
        self._in_system = 0
        self._changed_s: Seconds = 0.0
        self._area: Seconds = 0.0
        self._relaxed: list[tuple[Seconds, Relaxed]] = []
        self._legs: list[str] = []
        self._rows: list[int] = []
        self._paths: list[tuple[str, ...]] = []
        self._sizes: list[float] = []
        self._started: list[float] = []
        self._finished: list[float] = []

    def event(self, kind: Event, row: int, now_s: Seconds, detail: int = 0) -> None:
        """Note that ``kind`` happened to inspection ``row``; ``detail`` says with whom or how often.

        What happens on schedule has its own rows: see ``outages``.
        """
        self.events += 1
        self._digest.update(struct.pack("<Bqdq", kind, row, now_s, detail))
        if kind in self.times:
            self.times[kind][row] = now_s
        if kind is Event.REQUESTED:
            self._count(now_s, 1)
        elif kind is Event.REPORTED:
            self._count(now_s, -1)

    def relaxed(self, one: Relaxed, now_s: Seconds) -> None:
        """Note what a decision could not keep."""
        self._relaxed.append((now_s, one))

    def relaxations(self) -> RelaxationRecords:
        """Everything that gave way, in order of decision."""
        return RelaxationRecords(
            at_s=np.array([at_s for at_s, _ in self._relaxed], dtype=np.float64),
            condition=tuple(one.condition for _, one in self._relaxed),
            inspection=np.array([one.inspection for _, one in self._relaxed], dtype=np.int64),
            radiologist=np.array([one.radiologist for _, one in self._relaxed], dtype=np.int64),
            unit=np.array([one.unit for _, one in self._relaxed], dtype=np.int64),
            excess=np.array([one.excess for _, one in self._relaxed], dtype=np.float64),
        )

    def transfer_began(self, leg: str, row: int, path: tuple[str, ...], size: float, now_s: Seconds) -> int:
        """Note a transfer's start; returns its number."""
        self._legs.append(leg)
        self._rows.append(row)
        self._paths.append(path)
        self._sizes.append(size)
        self._started.append(now_s)
        self._finished.append(float("nan"))
        return len(self._legs) - 1

    def transfer_ended(self, number: int, now_s: Seconds) -> None:
        """Note the transfer's end."""
        self._finished[number] = now_s

    def area_until(self, now_s: Seconds) -> Seconds:
        """The integral of the number of inspections in the system from 0 to ``now_s``."""
        return self._area + self._in_system * (now_s - self._changed_s)

    def transfers(self) -> TransferRecords:
        """All transfers in order of start."""
        return TransferRecords(
            leg=tuple(self._legs),
            inspection=np.array(self._rows, dtype=np.int64),
            path=tuple(self._paths),
            size_bytes=np.array(self._sizes, dtype=np.float64),
            started_s=np.array(self._started, dtype=np.float64),
            finished_s=np.array(self._finished, dtype=np.float64),
        )

    @property
    def fingerprint(self) -> str:
        """Hexadecimal digest of the event sequence so far."""
        return self._digest.hexdigest()

    def _count(self, now_s: Seconds, change: int) -> None:
        self._area += self._in_system * (now_s - self._changed_s)
        self._changed_s = now_s
        self._in_system += change
