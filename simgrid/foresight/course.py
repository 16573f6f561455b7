"""One pool of radiologists hour by hour: what comes, what can be read, what is left, who waits by chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import fsum

from simgrid.domain.radiologist import Radiologist
from simgrid.domain.scenario import Scenario
from simgrid.domain.units import Seconds
from simgrid.foresight.duty import Duty
from simgrid.foresight.erlang import Waiting, waiting
from simgrid.foresight.fluid import backlog
from simgrid.foresight.outlook import Outlook, readers

_WHOLE = 1e-6


@dataclass(frozen=True, slots=True)
class Pool:
    """Modalities and radiologists that have nothing to do with the others."""

    modalities: tuple[str, ...]
    who: tuple[Radiologist, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """One pool by the bin: numbers and minutes requested, urgent apart, what can be read, what is left."""

    pool: Pool
    number: tuple[float, ...]
    urgent: tuple[float, ...]
    work_min: tuple[float, ...]
    hurried_min: tuple[float, ...]
    mean_min: float
    spread: float
    capacity_min: tuple[float, ...]
    left_min: tuple[float, ...]
    rostered: tuple[float, ...]
    waiting: tuple[Waiting | None, ...]


def pools(scenario: Scenario, ahead: Outlook) -> list[Pool]:
    """Who shares work with whom: modalities that a radiologist reads both of belong together."""
    able = readers(scenario, ahead.kinds)
    groups: list[set[str]] = []
    for name in ahead.modalities:
        own = {one.name for one in able[name]}
        together = {name}
        for group in [g for g in groups if own & {one.name for other in g for one in able[other]}]:
            groups.remove(group)
            together |= group
        groups.append(together)
    return [
        Pool(
            tuple(name for name in ahead.modalities if name in group),
            tuple(one for one in scenario.radiologists if any(one in able[name] for name in group)),
        )
        for group in groups
    ]


def course_of(ahead: Outlook, pool: Pool, duty: Duty, edges: tuple[Seconds, ...]) -> Course:
    """The pool's part of the demand, spread over the hours, against what it can read in them."""
    number, urgent, work, hurried = ([0.0] * (len(edges) - 1) for _ in range(4))
    squares = 0.0
    for one in ahead.requests:
        shares = [
            (one.shares.get(name, 0.0), ahead.minutes[name], ahead.spread[name]) for name in pool.modalities
        ]
        count, minutes = (
            fsum(share for share, _, _ in shares),
            fsum(share * mean for share, mean, _ in shares),
        )
        first = one.urgency.urgent_share if one.urgency is not None else 0.0
        for place, expected in enumerate(one.expected):
            number[place] += count * expected
            urgent[place] += count * expected * first
            work[place] += minutes * expected
            hurried[place] += minutes * expected * first
        squares += fsum(one.expected) * fsum(share * (1 + cv**2) * mean**2 for share, mean, cv in shares)
    requests = fsum(number)
    mean = fsum(work) / requests if requests else 0.0
    spread = max(squares / requests / mean**2 - 1, 0.0) ** 0.5 if mean else 0.0
    capacity = duty.capacity_min(pool.who, edges)
    course = Course(
        pool=pool,
        number=tuple(number),
        urgent=tuple(urgent),
        work_min=tuple(work),
        hurried_min=tuple(hurried),
        mean_min=mean,
        spread=spread,
        capacity_min=capacity,
        left_min=backlog(work, capacity),
        rostered=duty.present(pool.who, edges),
        waiting=(),
    )
    return replace(course, waiting=tuple(_waiting(course, duty.seats(pool.who, edges), edges)))


def _waiting(course: Course, seats: Sequence[float], edges: Sequence[Seconds]) -> Iterator[Waiting | None]:
    """Erlang's formula, where a whole number of radiologists read all through an hour without a backlog."""
    for place, (left, right) in enumerate(pairwise(edges)):
        servers, number = round(seats[place]), course.number[place]
        whole = servers >= 1 and abs(seats[place] - servers) < _WHOLE
        if not whole or not number or course.left_min[place] > 0 or not course.capacity_min[place]:
            yield None
            continue
        lasting_s = right - left
        # A reading takes one seat as long as the seats together need for all of the hour's.
        service_s = course.mean_min * servers * lasting_s / course.capacity_min[place]
        share = course.urgent[place] / number
        yield waiting(servers, number / lasting_s, service_s, course.spread, share, lasting_s)
