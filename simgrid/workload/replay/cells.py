"""From the text of one cell to its value, strictly; each refusal says why and names the way out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from simgrid.domain.zones import zone
from simgrid.workload.replay.log_files import LogError

NOTHING: Final = frozenset({"", "-", "?", "\\n", "n/a", "na", "nan", "none", "null"})
"""Cells that say that there is no value, in lower case."""

NO_ISO_TIME: Final = "is no ISO 8601 time"
MOST_BYTES = 1e13
MOST_IMAGES = 100_000
LONGEST_NAME = 200
YEARS = (1900, 2200)
"""Dates outside are no dates of inspections: exports write 0001 or 9999 for "never"."""

_NAIVE_EPOCH = datetime(1970, 1, 1)
_DAY = timedelta(days=1)
_LONGEST_DATE = 10
_DAYS_KEPT = 100_000
WHOLE = r"\d{1,15}"
NUMBER = r"\d{1,15}(\.\d*)?([eE]\+?\d{1,2})?"
"""How counts and amounts are written; of digits only those of ASCII."""
_WHOLE = re.compile(WHOLE)
_NUMBER = re.compile(NUMBER)


class BadCell(ValueError):
    """A cell that cannot be used; ``reason`` quotes nothing of it."""

    def __init__(self, field: str, value: str, reason: str) -> None:
        self.field = field
        self.value = value
        self.reason = reason
        super().__init__(reason)


class BadTime(ValueError):
    """A text that is no usable instant."""


def is_missing(text: str) -> bool:
    """Whether a cell says that there is no value."""
    return text.strip().casefold() in NOTHING


def zone_of(name: str | None) -> ZoneInfo | None:
    """The zone of that name, None for None; :raises LogError: for a name the zone table does not hold."""
    if name is None:
        return None
    try:
        return zone(name)
    except KeyError:
        raise LogError([f"zone {name!r} is unknown: give one such as Europe/Dublin or UTC"]) from None


class Clock:
    """Reads ISO 8601 times. Those without an offset are local times of ``zone``; without one, refused.

    ``twice`` counts local times that exist twice (when clocks go back); the earlier instant is meant.
    """

    def __init__(self, zone: ZoneInfo | None) -> None:
        self.zone = zone
        self.twice = 0
        self._even: dict[tuple[int, int, int], float | None] = {}

    def __call__(self, text: str) -> float:
        """Seconds since 1970-01-01 00:00 UTC.

        Raises:
            BadTime: no ISO time, no time of day, a year out of ``YEARS``, no offset and no zone, or an hour
                that clocks skipped.
        """
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            raise BadTime(f"{NO_ISO_TIME}: write it as 2026-01-05T08:30:00+01:00") from None
        if len(text) <= _LONGEST_DATE:
            raise BadTime("has no time of day: write it as 2026-01-05T08:30")
        if not YEARS[0] <= when.year < YEARS[1]:
            raise BadTime("is of no year between 1900 and 2199: leave the cell empty if there is no time")
        if when.tzinfo is not None:
            return when.timestamp()
        if self.zone is None:
            raise BadTime("has no offset, and the log no zone: state one, or write offsets such as +01:00")
        day = (when.year, when.month, when.day)
        try:
            offset = self._even[day]
        except KeyError:
            offset = self._offset_all_day(day)
        local = (when - _NAIVE_EPOCH).total_seconds()
        return local - offset if offset is not None else local - self._offset_at(when)

    def _offset_all_day(self, day: tuple[int, int, int]) -> float | None:
        """The zone's offset on that day in seconds, None where it changes."""
        if len(self._even) >= _DAYS_KEPT:
            self._even.clear()
        midnight = datetime(*day, tzinfo=self.zone)
        offsets = {(midnight + k * _DAY).replace(fold=f).utcoffset() for k in (0, 1) for f in (0, 1)}
        offset = offsets.pop()
        self._even[day] = None if offsets or offset is None else offset.total_seconds()
        return self._even[day]

    def _offset_at(self, when: datetime) -> float:
        before = when.replace(tzinfo=self.zone, fold=0).utcoffset() or timedelta()
        after = when.replace(tzinfo=self.zone, fold=1).utcoffset() or timedelta()
        if before < after:
            raise BadTime("does not exist in the zone, where clocks went forward over it: correct it")
        self.twice += before > after
        return before.total_seconds()


def shifted(instant: float, days: int, zone: ZoneInfo | None) -> float:
    """The same time of day in the zone (UTC without one), so many days later."""
    local = datetime.fromtimestamp(instant, zone or ZoneInfo("UTC"))
    # Whole seconds move; the fraction is put back, so that a time with one keeps it to the last bit.
    moved = local.replace(microsecond=0) + timedelta(days=days)
    return moved.timestamp() + local.microsecond / 1e6


def size_bytes(text: str) -> float:
    """Bytes of a study; :raises ValueError: with the reason."""
    plain = text.strip()
    if not plain.isascii() or not _NUMBER.fullmatch(plain):
        raise ValueError("is no number of bytes: write digits only, such as 187000000")
    value = float(plain)
    if not 1 <= value <= MOST_BYTES:
        raise ValueError("is no size of a study in bytes: expected 1 to 10^13")
    return value


def image_count(text: str) -> int:
    """Images of a study; :raises ValueError: with the reason."""
    plain = text.strip()
    if not plain.isascii() or not _WHOLE.fullmatch(plain):
        raise ValueError("is no whole number: write digits only, such as 342")
    value = int(plain)
    if not 1 <= value <= MOST_IMAGES:
        raise ValueError("is no number of images: expected 1 to 100,000")
    return value


def name(text: str) -> str:
    """The name of a site or radiologist; :raises ValueError: with the reason."""
    plain = text.strip()
    if len(plain) > LONGEST_NAME:
        raise ValueError(f"is longer than {LONGEST_NAME} characters: is the column mapped right?")
    if not plain.isprintable():
        raise ValueError("holds control characters: remove them")
    return plain


Parse = Callable[[str], float]
