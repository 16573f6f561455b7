"""Working hours: weekly spans in local time, and the roster they make in simulated seconds.

A schedule is what people write on a wall (local clock, weekdays, holidays); a roster is the same thing
as disjoint intervals of simulated seconds since the scenario's start, after zones and daylight saving.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from simgrid.domain.units import FloatArray, Seconds

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class WeeklySpan:
    """From ``start_minute`` to ``end_minute`` after local midnight of ``weekday`` (Monday is 0).

    An end beyond 24 h runs into the next day: a Saturday night shift 22:00-06:00 is (5, 1320, 1800).
    """

    weekday: int
    start_minute: int
    end_minute: int

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError(f"weekday is {self.weekday}: expected 0 (Monday) to 6 (Sunday)")
        if not 0 <= self.start_minute < self.end_minute <= 2 * MINUTES_A_DAY:
            raise ValueError(f"span {self.start_minute}-{self.end_minute} min: it must end after it starts")


@dataclass(frozen=True, slots=True)
class WeeklySchedule:
    """Spans that repeat every week in one zone; on a holiday none starts when ``off_on_holidays``."""

    spans: tuple[WeeklySpan, ...]
    zone: str = "UTC"
    holidays: frozenset[date] = frozenset()
    off_on_holidays: bool = True

    def roster(self, start: datetime, end: datetime, absent: Container[date] = ()) -> Roster:
        """The working intervals between two aware instants, in seconds since ``start``.

        No span begins on a day of ``absent``.
        A wall-clock time that daylight saving skips is read with the offset before the change; one that
        occurs twice is its first occurrence.
        """
        zone = ZoneInfo(self.zone)
        first = start.astimezone(zone).date() - timedelta(days=2)
        last = end.astimezone(zone).date()
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        horizon = end.timestamp() - start.timestamp()
        intervals = []
        for day in days:
            if day in absent or (self.off_on_holidays and day in self.holidays):
                continue
            for span in self.spans:
                if span.weekday == day.weekday():
                    begin = _instant(day, span.start_minute, zone, start)
                    stop = _instant(day, span.end_minute, zone, start)
                    intervals.append((max(begin, 0.0), min(stop, horizon)))
        return Roster.of(intervals)


ROUND_THE_CLOCK = WeeklySchedule(
    tuple(WeeklySpan(day, 0, MINUTES_A_DAY) for day in range(7)), off_on_holidays=False
)


def _instant(day: date, minute: int, zone: ZoneInfo, origin: datetime) -> Seconds:
    """Seconds from ``origin`` to the local clock time, by way of UTC (local subtraction ignores the zone)."""
    days, minute_of_day = divmod(minute, MINUTES_A_DAY)
    local = datetime.combine(day + timedelta(days=days), time(*divmod(minute_of_day, 60)), tzinfo=zone)
    return local.timestamp() - origin.timestamp()


@dataclass(frozen=True, slots=True)
class Roster:
    """Disjoint ascending working intervals [start, end) in simulated seconds."""

    starts: tuple[Seconds, ...]
    ends: tuple[Seconds, ...]
    _done: tuple[Seconds, ...] = field(repr=False)  # working seconds before each interval begins

    @classmethod
    def of(cls, intervals: Iterable[tuple[Seconds, Seconds]]) -> Roster:
        """Sort, drop the empty ones and join those that touch or overlap."""
        joined: list[list[Seconds]] = []
        for start, end in sorted(pair for pair in intervals if pair[1] > pair[0]):
            if joined and start <= joined[-1][1]:
                joined[-1][1] = max(joined[-1][1], end)
            else:
                joined.append([start, end])
        done = [0.0]
        for start, end in joined:
            done.append(done[-1] + end - start)
        return cls(tuple(s for s, _ in joined), tuple(e for _, e in joined), tuple(done))

    def __iter__(self) -> Iterator[tuple[Seconds, Seconds]]:
        return zip(self.starts, self.ends, strict=True)

    @property
    def total_s(self) -> Seconds:
        """All working seconds of the roster."""
        return self._done[-1]

    def on_duty(self, at_s: Seconds) -> bool:
        """Whether the instant lies in a working interval (its end does not)."""
        index = bisect_right(self.starts, at_s) - 1
        return index >= 0 and at_s < self.ends[index]

    def next_start(self, at_s: Seconds) -> Seconds:
        """The first working instant at or after ``at_s``; infinity when there is none."""
        index = bisect_right(self.starts, at_s) - 1
        if index >= 0 and at_s < self.ends[index]:
            return at_s
        return self.starts[index + 1] if index + 1 < len(self.starts) else float("inf")

    def end_of_shift(self, at_s: Seconds) -> Seconds:
        """The end of the interval that holds ``at_s``; ``at_s`` itself when off duty."""
        index = bisect_right(self.starts, at_s) - 1
        return self.ends[index] if index >= 0 and at_s < self.ends[index] else at_s

    def into_span(self, at_s: Seconds) -> Seconds:
        """Seconds since the interval that holds ``at_s`` began; 0 when off duty."""
        index = bisect_right(self.starts, at_s) - 1
        return at_s - self.starts[index] if index >= 0 and at_s < self.ends[index] else 0.0

    def worked_before(self, at_s: Seconds) -> Seconds:
        """Working seconds from the beginning up to ``at_s``."""
        index = bisect_right(self.starts, at_s) - 1
        if index < 0:
            return 0.0
        return self._done[index] + min(at_s, self.ends[index]) - self.starts[index]

    def worked(self, from_s: Seconds, to_s: Seconds) -> Seconds:
        """Working seconds between two instants."""
        return self.worked_before(to_s) - self.worked_before(from_s)

    def after_work(self, at_s: Seconds, work_s: Seconds) -> Seconds:
        """When ``work_s`` seconds of work, begun at ``at_s``, are done in working time; infinity if never."""
        start = self.next_start(at_s)
        target = self.worked_before(start) + work_s
        if start == float("inf") or target > self.total_s:
            return float("inf")
        index = max(bisect_right(self._done, target) - 1, 0)
        if index > 0 and self._done[index] == target and work_s > 0:
            index -= 1  # finishing exactly at a shift's end is not tomorrow
        return max(self.starts[index] + target - self._done[index], start)

    def sessions_begun(self, at_s: Seconds) -> int:
        """How many intervals have begun by ``at_s``."""
        return bisect_right(self.starts, at_s)

    def union(self, other: Roster) -> Roster:
        """The instants at which at least one of the two is on duty."""
        return Roster.of([*self, *other])

    def without(self, gaps: Roster) -> Roster:
        """The instants of this roster that lie in no interval of ``gaps``."""
        if not gaps.starts:
            return self
        kept = []
        for start, end in self:
            left, index = start, bisect_right(gaps.ends, start)
            while index < len(gaps.starts) and gaps.starts[index] < end:
                kept.append((left, gaps.starts[index]))
                left = gaps.ends[index]
                index += 1
            kept.append((left, end))
        return Roster.of(kept)

    def as_array(self) -> FloatArray:
        """Shape (n, 2): start and end of each interval."""
        import numpy as np

        return np.array([self.starts, self.ends], dtype=np.float64).T.reshape(-1, 2)

    def is_disjoint(self) -> bool:
        """Whether the intervals ascend without touching (true by construction; audits call it)."""
        return all(end < start for (_, end), (start, _) in pairwise(self))
