"""One radiologist's desk: what lies on it unopened, what she has laid aside, what is open before her."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import TypeAlias

import simpy

from simgrid.domain.units import Seconds

_Entry: TypeAlias = tuple[bool, float, int, int]
"""Routine, minutes expected (0 where she keeps the order), order of arrival, row."""


class Opened:
    """A study that has been opened: the seconds it needs and has had, and those to find one's way back."""

    __slots__ = ("had_s", "needs_s", "row", "settle_s", "urgent")

    def __init__(self, row: int, urgent: bool, needs_s: Seconds) -> None:
        self.row = row
        self.urgent = urgent
        self.needs_s = needs_s
        self.had_s: Seconds = 0.0
        self.settle_s: Seconds = 0.0

    @property
    def left_s(self) -> Seconds:
        """Seconds at the desk until it has been read."""
        return self.settle_s + (self.needs_s - self.had_s)

    def read_to(self, had_s: Seconds) -> Seconds:
        """Read on until so many seconds have been had; returns how many that were."""
        read_s = had_s - self.had_s
        self.had_s, self.settle_s = had_s, 0.0
        return read_s

    def pause(self, sat_s: Seconds, resume_s: Seconds) -> Seconds:
        """Lay it aside after so long; returns the seconds of it that were reading.

        Who was not back into it when she was called away again has only the rest of the way before her.
        """
        settled = min(self.settle_s, sat_s)
        read_s = sat_s - settled
        self.had_s += read_s
        self.settle_s = self.settle_s - settled if settled < self.settle_s else resume_s
        return read_s


class Desk:
    """The studies of one radiologist, in the order in which she takes them.

    Urgent before routine; what she has begun before what she has not (where nothing is ever interrupted, even
    before what is urgent); then in order of arrival, or the shortest expected first where ``picks`` says so.
    """

    __slots__ = (
        "_entries",
        "_interrupts",
        "_picks",
        "aside",
        "asked_s",
        "began_s",
        "busy_until_s",
        "called",
        "due_s",
        "idle",
        "open",
        "screen",
        "shift_over_s",
        "stalled",
    )

    def __init__(self, picks: bool, interrupts: bool) -> None:
        self._entries: list[_Entry] = []
        self._picks = picks
        self._interrupts = interrupts
        self.aside: list[Opened] = []
        self.open: Opened | None = None
        self.asked_s: Seconds | None = None
        self.began_s: Seconds = 0.0
        self.busy_until_s: Seconds = 0.0
        self.due_s: Seconds = 0.0
        self.shift_over_s: Seconds = 0.0
        self.screen = False
        self.stalled = False
        self.called = False
        self.idle: simpy.Event | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing waits, opened or not."""
        return not self._entries and not self.aside

    def close(self) -> Opened:
        """The study that was open; :raises RuntimeError: none was."""
        one, self.open = self.open, None
        if one is None:
            raise RuntimeError("a study ends at a desk where none is open")
        return one

    def read_s(self, now_s: Seconds) -> Seconds:
        """Seconds of reading since the open study was taken up, or read on; 0 where none is open."""
        if self.open is None or self.stalled:
            return 0.0
        return max(now_s - self.began_s - self.open.settle_s, 0.0)

    def put(self, row: int, urgent: bool, expected_min: float, order: int) -> None:
        """Lay an unopened study on the desk."""
        heappush(self._entries, (not urgent, expected_min if self._picks else 0.0, order, row))

    def next(self, begins: bool = True) -> Iterator[Opened | int]:
        """What she would take, the best first: an opened study, or the row of one that is not.

        ``begins``: false where she opens nothing new.
        """
        if not self.aside and begins:  # by far the most frequent
            if self._entries:
                yield self._entries[0][3]
                if len(self._entries) > 1:
                    yield from (entry[3] for entry in sorted(self._entries)[1:])
            return
        fresh = sorted(self._entries) if begins else []
        routine = [entry for entry in fresh if entry[0]] if self._interrupts else fresh
        yield from (one for one in reversed(self.aside) if one.urgent or not self._interrupts)
        yield from (entry[3] for entry in fresh[: len(fresh) - len(routine)])
        yield from (one for one in reversed(self.aside) if not one.urgent and self._interrupts)
        yield from (entry[3] for entry in routine)

    def take(self, chosen: Opened | int) -> None:
        """Remove what ``next`` has offered."""
        if isinstance(chosen, Opened):
            self.aside.remove(chosen)
        elif self._entries[0][3] == chosen:
            heappop(self._entries)
        else:
            self._entries = [entry for entry in self._entries if entry[3] != chosen]
            self._entries.sort()  # a sorted list is a heap

    def unopened(self) -> list[int]:
        """What lies there, in the order in which she would take it."""
        return [entry[3] for entry in sorted(self._entries)]

    def clear(self) -> list[int]:
        """Take away everything unopened, in the order in which she would have taken it."""
        rows = self.unopened()
        self._entries = []
        return rows
