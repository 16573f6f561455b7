"""Working hours as people write them on a wall, to a weekly schedule in local time.

``Mon-Fri 17:00-20:00; Sat 22:00-06:00; holidays off``, ``daily 08:00-12:00, 13:00-17:00``, ``always``.
A span that ends at or before its start runs into the next day and belongs to the day it starts on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from simgrid.domain.schedule import MINUTES_A_DAY, WeeklySchedule, WeeklySpan

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EXAMPLE = "Mon-Fri 17:00-20:00; Sat 22:00-06:00; holidays off"
_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


class BadHours(ValueError):
    """Hours that cannot be read: ``args`` are the message and the way out."""


def weekly_schedule(text: str, zone: str = "UTC", holidays: frozenset[date] = frozenset()) -> WeeklySchedule:
    """The schedule that the text describes; holidays count as their weekday unless ``holidays off``.

    :raises BadHours: naming the part that cannot be read, with the way out.
    """
    found: list[WeeklySpan] = []
    off = False
    for raw in text.split(";"):
        part = " ".join(raw.split())
        if part == "holidays off":
            off = True
        elif part == "always":
            found.extend(WeeklySpan(day, 0, MINUTES_A_DAY) for day in range(7))
        elif part:
            found.extend(_spans(part))
    if not found:
        raise BadHours("no working hours at all", f"write them like '{EXAMPLE}', or 'always'")
    return WeeklySchedule(tuple(sorted(set(found))), zone, holidays, off_on_holidays=off)


def _spans(part: str) -> Iterator[WeeklySpan]:
    days, _, times = part.partition(" ")
    if not times:
        raise BadHours(f"'{_cut(part)}' needs days and times", f"write them like '{EXAMPLE}', or 'always'")
    weekdays = _weekdays(days)
    for one in times.split(","):
        start, end = _minutes(one.strip())
        for weekday in weekdays:
            yield WeeklySpan(weekday, start, end)


def _weekdays(text: str) -> tuple[int, ...]:
    if text == "daily":
        return tuple(range(7))
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        start = _weekday(first)
        end = _weekday(last) if dash else start
        found.extend((start + step) % 7 for step in range((end - start) % 7 + 1))
    return tuple(dict.fromkeys(found))


def _weekday(name: str) -> int:
    if name in DAYS:
        return DAYS.index(name)
    if not name:
        way_out = "write several days without blanks, such as 'Mon,Tue 08:00-12:00'"
        raise BadHours("a comma or dash among the days has no day behind it", way_out)
    near = [day for day in DAYS if len(name) > 1 and day.casefold().startswith(name[:3].casefold())]
    meant = f"did you mean '{near[0]}'? " if near else ""
    raise BadHours(f"'{_cut(name)}' is not a weekday", f"{meant}days are {', '.join(DAYS)} and 'daily'")


def _minutes(text: str) -> tuple[int, int]:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise BadHours(
            f"'{_cut(text)}' is not a span of time", "write it like '17:00-20:00', two digits each"
        )
    from_hour, from_minute, to_hour, to_minute = (int(part) for part in match.groups())
    start, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if max(from_minute, to_minute) > 59 or start >= MINUTES_A_DAY or end > MINUTES_A_DAY:
        raise BadHours(
            f"'{text}' is not on the clock", "hours run from 00:00 to 23:59; a span may end at 24:00"
        )
    if start == end:
        raise BadHours(f"'{text}' has no length", "write 00:00-24:00 for the whole day")
    return start, end if end > start else end + MINUTES_A_DAY


def _cut(text: str) -> str:
    return text if len(text) <= 40 else text[:36] + "..."
