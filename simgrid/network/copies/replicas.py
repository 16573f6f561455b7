"""Who holds which study, and who alone may let a copy go: the memory and the law of the Redundancy Service.

A copy is *durable* (an archive answers for it) or *cached*. One bit a location and study, two columns of
64 bits in all, so that millions of studies fit. A deletion takes two steps, because it takes a message:
``ask`` grants it and from then on no longer counts the copy, ``deleted`` or ``kept`` says how it ended.
Two grants under way at once can therefore never add up to one too many.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import MutableSequence, Sequence
from typing import Literal, TypeAlias

import numpy as np

from simgrid.domain.units import Seconds
from simgrid.network.copies.level import Level

Permission: TypeAlias = Literal[
    "granted", "no copy", "not uploaded", "too few copies", "last in an archive", "already granted"
]
"""The answer to a wish to delete; anything but "granted" means that the copy stays."""

MASK_BITS = 64
"""Locations that fit the compact column of masks."""


class Replicas:
    """The copies of studies 0 to ``len(size_bytes)`` - 1 at named locations, with integrals over time.

    ``minimum``: durable copies that must remain after a deletion, at least 1. ``archives``: the locations
    whose durable copy makes a study *uploaded*; as long as none of them holds one no copy of it may go.
    Up to 64 locations take 24 bytes a study, more take about 100. One size a study, in whole bytes; a
    ``memoryview`` of integers is kept as it is.

    ``bytes_at[location]``, ``stored_bytes`` and ``copies`` are ``Level``: value, peak, area and mean;
    ``studies`` counts those with a copy.
    """

    def __init__(
        self,
        locations: Sequence[str],
        size_bytes: Sequence[int],
        archives: Sequence[str],
        minimum: int = 1,
        start_s: Seconds = 0.0,
    ) -> None:
        _check(locations, archives, minimum)
        self.locations = tuple(locations)
        self.minimum = minimum
        self._archives = sum(1 << self.locations.index(name) for name in archives)
        self.size_bytes = size_bytes if isinstance(size_bytes, memoryview) else array("q", size_bytes)
        self._durable = mask_column(len(locations), len(size_bytes))
        self._cached = mask_column(len(locations), len(size_bytes))
        self._leaving: dict[int, int] = {}
        self.bytes_at = tuple(Level(start_s) for _ in locations)
        self.stored_bytes = Level(start_s)
        self.copies = Level(start_s)
        self.studies = Level(start_s)

    def add(self, study: int, location: int, now_s: Seconds, durable: bool = False) -> int:
        """A copy has arrived; returns ``mask``. A cached copy may become durable so, never the reverse.

        ValueError while its deletion there is granted: answer by ``kept`` or ``deleted`` first.
        """
        bit = 1 << location
        if self._leaving and self._leaving.get(study, 0) & bit:
            raise ValueError(self._place(study, location) + "its deletion is granted: say kept or deleted")
        had_durable, had_cached = self._durable[study], self._cached[study]
        if durable:
            self._durable[study] = had_durable | bit
            if had_cached & bit:
                self._cached[study] = had_cached ^ bit
        elif not had_durable & bit:
            self._cached[study] = had_cached | bit
        had = had_durable | had_cached
        if not had & bit:
            # Level.change four times over, in place: this is done several times a study.
            size = self.size_bytes[study]
            moment = size * now_s
            level = self.bytes_at[location]
            level.moment += moment
            level.value = value = level.value + size
            if value > level.peak:  # noqa: PLR1730, a third of the time
                level.peak = value
            level = self.stored_bytes
            level.moment += moment
            level.value = value = level.value + size
            if value > level.peak:  # noqa: PLR1730
                level.peak = value
            level = self.copies
            level.moment += now_s
            level.value = value = level.value + 1
            if value > level.peak:  # noqa: PLR1730
                level.peak = value
            if not had:
                level = self.studies
                level.moment += now_s
                level.value = value = level.value + 1
                if value > level.peak:  # noqa: PLR1730
                    level.peak = value
            had |= bit
        if self._leaving and study in self._leaving:
            return had & ~self._leaving[study]
        return had

    def holds(self, study: int, location: int) -> bool:
        """Whether the location has a copy, also one whose deletion is granted but not done."""
        return bool((self._durable[study] | self._cached[study]) >> location & 1)

    def is_durable(self, study: int, location: int) -> bool:
        """Whether the location has a durable copy."""
        return bool(self._durable[study] >> location & 1)

    def is_uploaded(self, study: int) -> bool:
        """Whether an archive has a durable copy that is to stay."""
        return bool(self._staying_durable(study) & self._archives)

    def durable_copies(self, study: int) -> int:
        """Durable copies that are to stay: those with a granted deletion do not count."""
        return self._staying_durable(study).bit_count()

    def holders(self, study: int) -> tuple[int, ...]:
        """Locations from which the study can be fetched, ascending; none whose deletion is granted."""
        mask = self.mask(study)
        found = []
        while mask:
            lowest = mask & -mask
            found.append(lowest.bit_length() - 1)
            mask ^= lowest
        return tuple(found)

    def mask(self, study: int) -> int:
        """``holders`` as a bit mask: bit i is location i. What the Grid Index is told."""
        held = self._durable[study] | self._cached[study]
        return held & ~self._leaving[study] if study in self._leaving else held

    def would(self, study: int, location: int) -> Permission:
        """What ``ask`` would answer."""
        bit = 1 << location
        durable = self._durable[study]
        if not (durable | self._cached[study]) & bit:
            return "no copy"
        leaving = self._leaving.get(study, 0)
        if leaving & bit:
            return "already granted"
        staying = durable & ~leaving
        if not staying & self._archives:
            return "not uploaded"
        # A cached copy may go only where the durable ones suffice: while too few remain, it is a reserve.
        if (staying & ~bit).bit_count() < self.minimum:
            return "too few copies"
        # The last archived copy stays: without it the study would count as not uploaded again.
        return "granted" if staying & ~bit & self._archives else "last in an archive"

    def ask(self, study: int, location: int) -> Permission:
        """Permission to delete a copy; when granted it counts no longer, though its bytes still do.

        Whoever asks may be behind: for a copy that has gone or is going the answer says so.
        """
        answer = self.would(study, location)
        if answer == "granted":
            self._leaving[study] = self._leaving.get(study, 0) | 1 << location
        return answer

    def deleted(self, study: int, location: int, now_s: Seconds) -> int:
        """A granted deletion is done; returns ``mask``. ValueError without permission."""
        self._end_of_leaving(study, location)
        self._remove(study, location, now_s)
        return self.mask(study)

    def kept(self, study: int, location: int) -> None:
        """A granted deletion does not happen (the copy came into use): it counts again."""
        self._end_of_leaving(study, location)

    def archived(self) -> int:
        """Studies of which an archive has a durable copy."""
        if isinstance(self._durable, array):
            masks = np.frombuffer(self._durable, dtype=np.uint64)
            return int(np.count_nonzero(masks & np.uint64(self._archives)))
        return sum(mask & self._archives > 0 for mask in self._durable)

    def copies_mean(self, now_s: Seconds) -> float:
        """Copies per stored study over time: both areas divided; nan while nothing was ever stored."""
        studies = self.studies.area(now_s)
        return self.copies.area(now_s) / studies if studies > 0 else math.nan

    def _staying_durable(self, study: int) -> int:
        return self._durable[study] & ~self._leaving.get(study, 0)

    def _place(self, study: int, location: int) -> str:
        return f"study {study} at {self.locations[location]!r}: "

    def _end_of_leaving(self, study: int, location: int) -> None:
        leaving = self._leaving.get(study, 0)
        if not leaving >> location & 1:
            raise ValueError(self._place(study, location) + "no deletion was granted: ask first")
        if left := leaving & ~(1 << location):
            self._leaving[study] = left
        else:
            del self._leaving[study]

    def _remove(self, study: int, location: int, now_s: Seconds) -> None:
        bit = 1 << location
        if self._cached[study] & bit:
            self._cached[study] ^= bit
        else:
            self._durable[study] &= ~bit
        size = -self.size_bytes[study]
        self.bytes_at[location].change(size, now_s)
        self.stored_bytes.change(size, now_s)
        self.copies.change(-1, now_s)
        if not self._durable[study] | self._cached[study]:
            self.studies.change(-1, now_s)


def mask_column(locations: int, rows: int) -> MutableSequence[int]:
    """A zero bit mask of ``locations`` bits a row: 8 bytes each where they fit, else Python's integers."""
    return array("Q", bytes(8 * rows)) if locations <= MASK_BITS else [0] * rows


def _check(locations: Sequence[str], archives: Sequence[str], minimum: int) -> None:
    problems = []
    if len(set(locations)) < len(locations):
        problems.append("locations: a name occurs twice")
    problems += [
        f"archives: {name!r} is no location: {', '.join(locations)}"
        for name in archives
        if name not in locations
    ]
    if not archives:
        problems.append("archives: there is none, so no study would ever be uploaded; name one")
    if minimum < 1:
        problems.append(f"minimum is {minimum}: at least 1 durable copy must remain")
    if problems:
        raise ValueError("\n".join(problems))
