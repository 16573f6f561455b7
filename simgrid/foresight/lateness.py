"""Which share of the requests waits longer for a radiologist than it may: by backlog, and by chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum, inf
from operator import sub

from simgrid.domain.demand import Urgency
from simgrid.domain.schedule import Roster
from simgrid.domain.units import Seconds
from simgrid.foresight.course import Course, Pool
from simgrid.foresight.duty import Duty
from simgrid.foresight.fluid import backlog, done, finished_s
from simgrid.foresight.outlook import Outlook


@dataclass(frozen=True, slots=True)
class Late:
    """Requests of one urgency that will have waited longer for a radiologist than they are allowed.

    ``share`` by the clock, ``on_duty_share`` counting only the time in which one of the pool is on duty;
    ``worst_s``: the time of request in whose hour the wait on duty is longest.
    """

    urgent: bool
    requests: float
    share: float
    on_duty_share: float
    worst_s: Seconds


def lateness(
    ahead: Outlook, courses: Sequence[Course], duty: Duty, edges: Sequence[Seconds]
) -> Iterator[Late]:
    """Urgent and routine requests that will be late, over all pools."""
    for urgent in (True, False):
        found = [
            one
            for course in courses
            if course.pool.who  # what nobody reads is not late but lost
            for one in _waits(ahead, course, duty.manned(course.pool.who), edges, urgent)
        ]
        requests = fsum(one.number for one in found)
        if requests:
            worst = max(found, key=lambda one: one.on_duty_s)
            yield Late(
                urgent=urgent,
                requests=requests,
                share=fsum(one.number * one.late for one in found) / requests,
                on_duty_share=fsum(one.number * one.late_on_duty for one in found) / requests,
                worst_s=worst.at_s,
            )


@dataclass(frozen=True, slots=True)
class _Wait:
    """Requests of one bin and one time allowed: how many, and which shares of them are late."""

    number: float
    at_s: Seconds
    on_duty_s: Seconds
    late: float
    late_on_duty: float


def _waits(
    ahead: Outlook, course: Course, manned: Roster, edges: Sequence[Seconds], urgent: bool
) -> Iterator[_Wait]:
    ends = _ends(course, edges, urgent=urgent)
    middles = [(left + right) / 2 for left, right in pairwise(edges)]
    on_duty = [inf if end == inf else manned.worked(at, end) for at, end in zip(middles, ends, strict=True)]
    for urgency, number in _by_urgency(ahead, course.pool, urgent).items():
        allowed_s = urgency.urgent_within_s if urgent else urgency.routine_within_s
        for place, count in enumerate(number):
            if count <= 0:
                continue
            known = course.waiting[place]
            chance = 0.0 if known is None else known.beyond(allowed_s, urgent=urgent)
            late = 1.0 if ends[place] - middles[place] > allowed_s else chance
            late_on_duty = 1.0 if on_duty[place] > allowed_s else chance
            yield _Wait(count, middles[place], on_duty[place], late, late_on_duty)


def _ends(course: Course, edges: Sequence[Seconds], *, urgent: bool) -> tuple[Seconds, ...]:
    """When the work that comes in the middle of each bin will have been read."""
    first = backlog(course.hurried_min, course.capacity_min)
    if urgent:
        return finished_s(edges, course.hurried_min, done(course.hurried_min, first))
    rest = tuple(map(sub, course.work_min, course.hurried_min))
    return finished_s(edges, rest, done(rest, tuple(map(sub, course.left_min, first))))


def _by_urgency(ahead: Outlook, pool: Pool, urgent: bool) -> dict[Urgency, list[float]]:
    """How many a pool is asked for in each bin, by the times allowed."""
    found: dict[Urgency, list[float]] = {}
    for one in ahead.requests:
        if one.urgency is None:
            continue
        count = fsum(one.shares.get(name, 0.0) for name in pool.modalities)
        count *= one.urgency.urgent_share if urgent else 1 - one.urgency.urgent_share
        own = found.setdefault(one.urgency, [0.0] * len(one.expected))
        for place, expected in enumerate(one.expected):
            own[place] += count * expected
    return found
