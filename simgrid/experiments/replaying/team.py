"""The radiologists that a log shows: what each has read, when, how fast and how regularly.

Everything here is an estimate from what happened, not a roster. What a log is too short to show is left at a
declared default.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import DAY, HOUR, MINUTE, FloatArray
from simgrid.scenario.hours import DAYS
from simgrid.workload.replay.event_log import EventLog

MOST_MEMBERS = 200
LEAST_EVENTS = 30
LEAST_DAYS = 14
LEAST_READINGS = 20
SPEEDS = (0.25, 4.0)
_WEEKDAY_SHARE = 0.25
_EDGES = (0.02, 0.98)
_THURSDAY = 3
"""1970-01-01 was a Thursday."""


@dataclass(frozen=True, slots=True)
class Member:
    """One radiologist; ``hours`` as a scenario writes them. Nothing where the log does not show it."""

    name: str
    inspections: int
    reads: tuple[str, ...]
    hours: str | None = None
    absence: float = 0.0
    speed: float | None = None


def members(log: EventLog, zone: ZoneInfo, days: float) -> tuple[Member, ...]:
    """Everybody named in the log, those who read most first, at most ``MOST_MEMBERS``.

    ``days``: length of the log. ``reads``: the modalities read, of ``LEAST_EVENTS`` inspections or more.
    Hours, in ``zone``, are those of each weekday between which 96 % of her readings begin and end, where she
    worked on a quarter of these weekdays; ``absence`` is the share of such days without any reading. Both
    need ``LEAST_EVENTS`` times within ``LEAST_DAYS`` days. ``speed`` is the median of reported - opened over
    the code tables' minutes, of ``LEAST_READINGS`` readings or more.
    """
    order = np.argsort(log.assigned, kind="stable")
    edges = np.searchsorted(log.assigned[order], np.arange(len(log.radiologists) + 1))
    rows = [order[edges[one] : edges[one + 1]] for one in range(len(log.radiologists))]
    by_number = sorted(range(len(rows)), key=lambda one: (-len(rows[one]), one))[:MOST_MEMBERS]
    minutes = expected_minutes(log)
    return tuple(_member(log, log.radiologists[one], rows[one], zone, days, minutes) for one in by_number)


def expected_minutes(log: EventLog) -> FloatArray:
    """The code tables' reading minutes of each pattern, shape (P,)."""
    return np.array(
        [
            sum(kind.effort_min * weight for kind, weight in zip(one.kinds, one.probability, strict=True))
            for one in log.patterns
        ]
    )


def _member(
    log: EventLog,
    name: str,
    rows: npt.NDArray[np.int64],
    zone: ZoneInfo,
    days: float,
    minutes: FloatArray,
) -> Member:
    opened, reported = log.opened_s[rows], log.reported_s[rows]
    stated = {log.patterns[one].modality for one in np.unique(log.pattern[rows]).tolist()}
    taken = (reported - opened) / MINUTE / minutes[log.pattern[rows]]
    taken = taken[np.isfinite(taken) & (taken > 0)]
    times = np.concatenate([opened, reported])
    hours, absence = _hours(times[~np.isnan(times)], zone, days)
    return Member(
        name=name,
        inspections=len(rows),
        reads=tuple(sorted(stated - {""})) if len(rows) >= LEAST_EVENTS else (),
        hours=hours,
        absence=absence,
        speed=float(np.clip(np.median(taken), *SPEEDS)) if len(taken) >= LEAST_READINGS else None,
    )


def _hours(times: FloatArray, zone: ZoneInfo, days: float) -> tuple[str | None, float]:
    if len(times) < LEAST_EVENTS or days < LEAST_DAYS:
        return None, 0.0
    local = local_seconds(times, zone)
    date = np.floor(local / DAY).astype(np.int64)
    weekday = (date + _THURSDAY) % 7
    weeks = max(1, round(days / 7))
    seen = [min(weeks, len(np.unique(date[weekday == day]))) for day in range(7)]
    # Who is on call now and then has no weekday of her own: then all count, and she is mostly away.
    regular = [one >= _WEEKDAY_SHARE * weeks for one in seen]
    works = regular if any(regular) else [one > 0 for one in seen]
    spans = [_span((local[weekday == day] % DAY) / HOUR) if works[day] else None for day in range(7)]
    present = sum(one for one, counts in zip(seen, works, strict=True) if counts)
    return "; ".join(_written(spans)), round(min(0.9, 1 - present / (weeks * sum(works))), 2)


def _span(hours: FloatArray) -> tuple[int, int]:
    first, last = np.quantile(hours, _EDGES)
    start = int(np.floor(first))
    return start, max(int(np.ceil(last)), start + 1)


def _written(spans: Sequence[tuple[int, int] | None]) -> Iterator[str]:
    """Days of one span together: ``Mon-Fri 08:00-17:00``."""
    for span in dict.fromkeys(one for one in spans if one):
        days = [day for day, one in enumerate(spans) if one == span]
        runs = [[days[0], days[0]]]
        for day in days[1:]:
            if day == runs[-1][1] + 1:
                runs[-1][1] = day
            else:
                runs.append([day, day])
        names = ",".join(DAYS[a] if a == b else f"{DAYS[a]}-{DAYS[b]}" for a, b in runs)
        yield f"{names} {span[0]:02d}:00-{span[1]:02d}:00"


def local_seconds(times: FloatArray, zone: ZoneInfo) -> FloatArray:
    """Seconds since 1970-01-01 00:00 by the zone's clock; offsets change at whole hours of UTC."""
    hours, place = np.unique(np.floor(times / HOUR).astype(np.int64), return_inverse=True)
    instants = (datetime.fromtimestamp(hour * HOUR, UTC).astimezone(zone) for hour in hours.tolist())
    offsets = np.array([(at.utcoffset() or timedelta()).total_seconds() for at in instants])
    local: FloatArray = times + offsets[place] if len(hours) else times
    return local
