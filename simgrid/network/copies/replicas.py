"""Who holds which study, and who alone may let a copy go: the memory and the law of the Redundancy Service.

A copy is *durable* (an archive answers for it) or *cached*. Where a study lies is one of few states, two
bytes a study, so that millions of them fit. A deletion takes two steps, because it takes a message:
``ask`` grants it and from then on no longer counts the copy, ``deleted`` or ``kept`` says how it ended.
Two grants under way at once can therefore never add up to one too many.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from simgrid.domain.units import Seconds
from simgrid.network.copies.level import Level
from simgrid.network.copies.states import States

Permission: TypeAlias = Literal[
    "granted", "no copy", "not uploaded", "too few copies", "last in an archive", "already granted"
]
"""The answer to a wish to delete; anything but "granted" means that the copy stays."""


class Lies(NamedTuple):
    """Where a study lies: bit masks of the locations with a durable copy, with a cached one, with any."""

    durable: int
    cached: int
    held: int


class _Arrival(NamedTuple):
    """What a copy's arrival makes of a state: its number, its mask, and how many copies and studies more."""

    number: int
    held: int
    copies: int
    studies: int


class Replicas:
    """The copies of studies 0 to ``len(size_bytes)`` - 1 at named locations, with integrals over time.

    ``minimum``: durable copies that must remain after a deletion, at least 1. ``archives``: the locations
    whose durable copy makes a study *uploaded*; as long as none of them holds one no copy of it may go.
    Two bytes a study beside its size, in whole bytes; a ``memoryview`` of integers is kept as it is.

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
        self._lies = States(len(size_bytes), Lies(0, 0, 0))
        # By twice the location, plus one for a durable copy: what has been found out about an arrival there.
        self._arrivals: list[dict[int, _Arrival]] = [{} for _ in range(2 * len(locations))]
        self._leaving: dict[int, int] = {}
        self.bytes_at = tuple(Level(start_s) for _ in locations)
        self.stored_bytes = Level(start_s)
        self.copies = Level(start_s)
        self.studies = Level(start_s)

    def add(self, study: int, location: int, now_s: Seconds, durable: bool = False) -> int:
        """A copy has arrived; returns ``mask``. A cached copy may become durable so, never the reverse.

        ValueError while its deletion there is granted: answer by ``kept`` or ``deleted`` first.
        """
        if self._leaving and self._leaving.get(study, 0) >> location & 1:
            raise ValueError(self._place(study, location) + "its deletion is granted: say kept or deleted")
        column = self._lies
        before = column.rows[study]
        arrival = self._arrivals[2 * location + durable].get(before)
        if arrival is None:
            arrival = self._arrive(before, location, durable)
        column.rows[study], held, further, first = arrival
        if further:
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
            if first:
                level = self.studies
                level.moment += now_s
                level.value = value = level.value + 1
                if value > level.peak:  # noqa: PLR1730
                    level.peak = value
        if self._leaving and study in self._leaving:
            return held & ~self._leaving[study]
        return held

    def holds(self, study: int, location: int) -> bool:
        """Whether the location has a copy, also one whose deletion is granted but not done."""
        return bool(self._lies.of(study).held >> location & 1)

    def is_durable(self, study: int, location: int) -> bool:
        """Whether the location has a durable copy."""
        return bool(self._lies.of(study).durable >> location & 1)

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
        held = self._lies.of(study).held
        return held & ~self._leaving[study] if study in self._leaving else held

    def would(self, study: int, location: int) -> Permission:
        """What ``ask`` would answer."""
        bit = 1 << location
        durable, _, held = self._lies.of(study)
        if not held & bit:
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
        uploaded = [bool(one.durable & self._archives) for one in self._lies.states]
        return int(self._lies.counts()[uploaded].sum())

    def copies_mean(self, now_s: Seconds) -> float:
        """Copies per stored study over time: both areas divided; nan while nothing was ever stored."""
        studies = self.studies.area(now_s)
        return self.copies.area(now_s) / studies if studies > 0 else math.nan

    def _staying_durable(self, study: int) -> int:
        return self._lies.of(study).durable & ~self._leaving.get(study, 0)

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
        durable, cached, held = self._lies.of(study)
        others = ~(1 << location)
        self._lies.put(study, Lies(durable & others, cached & others, held & others))
        size = -self.size_bytes[study]
        self.bytes_at[location].change(size, now_s)
        self.stored_bytes.change(size, now_s)
        self.copies.change(-1, now_s)
        if not held & others:
            self.studies.change(-1, now_s)

    def _arrive(self, before: int, location: int, durable: bool) -> _Arrival:
        """What becomes of a state when a copy arrives, found out once for all studies."""
        bit = 1 << location
        had_durable, had_cached, had = self._lies.states[before]
        if durable:
            after = Lies(had_durable | bit, had_cached & ~bit, had | bit)
        elif had_durable & bit:
            after = Lies(had_durable, had_cached, had)
        else:
            after = Lies(had_durable, had_cached | bit, had | bit)
        number = self._lies.number(after)
        found = _Arrival(number, after.held, int(not had & bit), int(not had))
        self._arrivals[2 * location + durable][before] = found
        return found


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
