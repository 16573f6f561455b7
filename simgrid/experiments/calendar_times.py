"""What the calendar makes of a world: when a limit's periods begin, until when a report counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import reduce
from itertools import takewhile

import numpy as np

from simgrid.domain.inspection import Inspections
from simgrid.domain.limits import Period
from simgrid.domain.schedule import Roster
from simgrid.domain.units import Seconds
from simgrid.domain.world import World

MONDAY = 0


def period_starts(start: datetime, until_s: Seconds, period: Period) -> tuple[Seconds, ...]:
    """Seconds from ``start`` (aware) to each later local midnight before ``until_s``, of Mondays for a week.

    Empty for the run. A midnight that daylight saving skips is read with the offset before the change.
    """
    if period == "run":
        return ()
    first = start.date()
    days = (first + timedelta(days=number) for number in range(1, int(until_s // 86400) + 3))
    begin = (
        datetime.combine(day, time(), tzinfo=start.tzinfo).timestamp() - start.timestamp()
        for day in days
        if period == "day" or day.weekday() == MONDAY
    )
    return tuple(takewhile(lambda at_s: at_s < until_s, begin))


def in_rostered_time(inspections: Inspections, world: World) -> Inspections:
    """The inspections with times allowed that stand still while nobody is rostered.

    What is allowed in rostered seconds becomes what is allowed by the clock: until the last instant before
    which no more of them have passed. Nothing is late that is reported before the run gives up without them.
    """
    roster = reduce(Roster.union, world.rosters)
    pairs = zip(inspections.requested_s.tolist(), inspections.required_s.tolist(), strict=True)
    until = [_until(roster, at_s, allowed_s, world.give_up_s) - at_s for at_s, allowed_s in pairs]
    return replace(inspections, required_s=np.array(until, dtype=np.float64))


def _until(roster: Roster, at_s: Seconds, allowed_s: Seconds, end_s: Seconds) -> Seconds:
    done_s = roster.after_work(at_s, allowed_s)
    if done_s >= end_s:
        return max(end_s, at_s)
    # A shift that ends just then: all the time until the next one is free.
    return done_s if roster.on_duty(done_s) else min(roster.next_start(done_s), end_s)
