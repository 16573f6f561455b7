"""Facts as they happen: columns for the journal, the number in the system, the fingerprint of the events."""

from __future__ import annotations

import hashlib
import struct
from array import array
from enum import IntEnum

import numpy as np

from simgrid.domain.decision import Relaxed
from simgrid.domain.journal import ArchiveRecords, RelaxationRecords
from simgrid.domain.observer import (
    WRITTEN_AT_ONCE,
    ArchivedBlock,
    JournalSink,
    Mark,
    Marked,
    Witness,
    unmarked,
)
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
    ARCHIVED = 15
    INTERRUPTED = 16
    PARKED = 17
    RESUMED = 18
    HANDED_OVER = 19
    BLOCKED = 20
    STALLED = 21
    WENT_ON = 22
    FETCHED = 23
    SENT_BACK = 24


REQUESTED, ACQUIRED, ARCHIVED = (kind.value for kind in (Event.REQUESTED, Event.ACQUIRED, Event.ARCHIVED))
"""What befalls every study, as plain numbers: a member of an enumeration costs a third of noting it."""

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
_CHANGE = {Event.REQUESTED: 1, Event.REPORTED: -1, Event.ARCHIVED: -1}
"""What an event does to the number in the system."""
_LINE = struct.Struct("<Bqdq")
EVENT_LINE = np.dtype([("kind", "u1"), ("row", "<i8"), ("at_s", "<f8"), ("detail", "<i8")])
"""An event in the fingerprint: what, whom it befell, when, and with whom or how often."""
_HASHED_AT_ONCE = 2048
_LINE_SIZE = _LINE.size
_LINES_SIZE = _LINE_SIZE * _HASHED_AT_ONCE


def _no_rows() -> tuple[array[int], array[float], array[float]]:
    return array("q"), array("d"), array("d")


class Recorder:
    """Collects one run. Every event goes into the fingerprint, in the order in which it happened.

    Studies below ``to_report`` have a time for each leg; those above are only archived and are summed.
    """

    def __init__(
        self,
        to_report: int,
        sink: JournalSink | None = None,
        only_archived: int = 0,
        marked: Marked = unmarked,
    ) -> None:
        self._to_report = to_report
        self._sink = sink
        self._marked = marked
        self._witness: Witness | None = None
        self._arrived: tuple[array[int], array[float], array[float]] = _no_rows()
        nowhere = array("d", [float("nan")])
        self._stamps = [nowhere * to_report if kind in _STAMPED else None for kind in range(max(Event) + 1)]
        self._change = [_CHANGE.get(Event(kind), 0) if kind else 0 for kind in range(max(Event) + 1)]
        self.events = 0
        self._digest = hashlib.blake2b(digest_size=16)
        self._lines = bytearray(_LINES_SIZE)
        self._written = 0
        self._in_system = 0
        self._changed_s: Seconds = 0.0
        self._area: Seconds = 0.0
        self._relaxed: list[tuple[Seconds, Relaxed]] = []
        # As many as there can be: columns of millions that grow leave holes as large as themselves behind.
        self._upload_s = array("f", bytes(4 * only_archived))
        self._archived = 0
        self._archived_in_system_s: Seconds = 0.0

    def event(self, kind: int, row: int, now_s: Seconds, detail: int = 0) -> None:
        """Note that ``kind`` happened to study ``row``; ``detail`` says with whom or how often.

        What happens on schedule has its own rows: see ``outages``.
        """
        self.events += 1
        written = self._written
        _LINE.pack_into(self._lines, written, kind, row, now_s, detail)
        self._written = written = written + _LINE_SIZE
        if written == _LINES_SIZE:
            self._digest.update(self._lines)
            self._written = 0
            if self._witness is not None:
                self._witness.events(bytes(self._lines))
        if row < self._to_report:
            stamps = self._stamps[kind]
            if stamps is not None:
                stamps[row] = now_s
        change = self._change[kind]
        if change:
            self._area += self._in_system * (now_s - self._changed_s)
            self._changed_s = now_s
            self._in_system += change

    def mark(self, what: Mark, whose: int, now_s: Seconds) -> None:
        """Tell whoever asks what waits were for; it is no event and in no fingerprint."""
        self._marked(what, whose, now_s, self.events)

    def archived(self, row: int, requested_s: Seconds, now_s: Seconds) -> None:
        """Note that a study which nobody wants reported, acquired when requested, is in the archive."""
        self.event(ARCHIVED, row, now_s)
        took_s = now_s - requested_s
        self._upload_s[self._archived] = took_s
        self._archived += 1
        self._archived_in_system_s += took_s
        if self._sink is not None:
            study, requested, archived = self._arrived
            study.append(row)
            requested.append(requested_s)
            archived.append(now_s)
            if len(study) == WRITTEN_AT_ONCE:
                self._write(self._sink)

    def seen_by(self, witness: Witness) -> None:
        """From the beginning on, the witness is given the events, a block at a time."""
        self._witness = witness

    def close(self) -> None:
        """Write down the last events and the last of what reached the archive, if anybody takes them."""
        if self._sink is not None:
            self._write(self._sink)
        if self._witness is not None:
            self._witness.events(bytes(self._lines[: self._written]))

    def _write(self, sink: JournalSink) -> None:
        study, requested, archived = self._arrived
        sink.archived(
            ArchivedBlock(
                np.array(study, dtype=np.int64),
                np.array(requested, dtype=np.float64),
                np.array(archived, dtype=np.float64),
            )
        )
        self._arrived = _no_rows()

    def handed_over(self, row: int, now_s: Seconds, radiologist: int) -> None:
        """Note that a radiologist gave an unopened study back: it is as if it had not been assigned."""
        self.event(Event.HANDED_OVER, row, now_s, radiologist)
        for kind in (Event.ASSIGNED, Event.DELIVERED):
            stamps = self._stamps[kind]
            if stamps is not None:
                stamps[row] = float("nan")

    def sent_back(self, row: int, now_s: Seconds, radiologist: int) -> None:
        """Note that a radiologist could not read a study: its images have to be acquired once more."""
        self.event(Event.SENT_BACK, row, now_s, radiologist)
        for kind in _STAMPED[1:]:
            stamps = self._stamps[kind]
            if stamps is not None:
                stamps[row] = float("nan")

    def archive(self, open_requested_s: FloatArray, now_s: Seconds) -> ArchiveRecords:
        """What became of the studies that are only archived; ``open_requested_s`` of those not there yet."""
        inside_s = self._archived_in_system_s + float((now_s - open_requested_s).sum())
        archived = self._archived
        upload_s = np.asarray(self._upload_s)[:archived]
        return ArchiveRecords(archived + len(open_requested_s), archived, upload_s, inside_s)

    def time(self, kind: Event, row: int) -> Seconds:
        """When ``kind`` happened to one inspection, NaN where it did not."""
        stamps = self._stamps[kind]
        if stamps is None:
            raise KeyError(kind)
        return stamps[row]

    def was(self, kind: Event, row: int, at_s: Seconds) -> None:
        """Correct the time of an event that was noted later than it happened: before the run took it up."""
        stamps = self._stamps[kind]
        if stamps is None:
            raise KeyError(kind)
        stamps[row] = at_s

    def times(self, kind: Event) -> FloatArray:
        """When ``kind`` happened to each inspection to be reported, NaN where it did not."""
        stamps = self._stamps[kind]
        if stamps is None:
            raise KeyError(kind)
        return np.array(stamps, dtype=np.float64)

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

    def area_until(self, now_s: Seconds) -> Seconds:
        """The integral of the number of inspections in the system from 0 to ``now_s``."""
        return self._area + self._in_system * (now_s - self._changed_s)

    @property
    def fingerprint(self) -> str:
        """Hexadecimal digest of the event sequence so far."""
        digest = self._digest.copy()
        digest.update(memoryview(self._lines)[: self._written])
        return digest.hexdigest()
