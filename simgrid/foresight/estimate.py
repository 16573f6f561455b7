"""What a run of a scenario will be like, hour by hour, before it runs: START HERE.

Means only. Radiologists who could read each other's work count as one pool with one queue, urgent work first;
work counts from its request on, as if images needed no time. What is not in it, ``not_counted`` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum, inf

from simgrid.domain.scenario import Scenario
from simgrid.domain.units import DAY, MINUTE, Seconds
from simgrid.foresight.course import Course, course_of, pools
from simgrid.foresight.duty import Duty
from simgrid.foresight.erlang import Waiting
from simgrid.foresight.lateness import Late, lateness
from simgrid.foresight.outlook import Outlook, hour_edges
from simgrid.foresight.traffic import LinkLoad, link_loads

_MINUTES_AN_HOUR = 60
_NOTHING_MIN = 1e-6
"""Rounding of a backlog."""


@dataclass(frozen=True, slots=True)
class Hour:
    """One bin of the local clock, [left, right) in seconds since the start.

    ``requests``; ``offered``: radiologists of speed 1 whom the work requested in it would keep busy;
    ``rostered``: radiologists on duty on average; ``capacity``: that in radiologists of speed 1 who do
    nothing else; ``use``: the share of it that is read (None where there is none); ``backlog_h``: hours of
    reading at speed 1 left at its end; ``waiting``: by Erlang's formula, None where that says nothing.
    """

    left_s: Seconds
    right_s: Seconds
    requests: float
    offered: float
    rostered: float
    capacity: float
    use: float | None
    backlog_h: float
    waiting: Waiting | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """The expected course of a run.

    ``hours``: until everything is read, at most until the run gives up. ``offered_h``, ``capacity_h``: hours
    of reading at speed 1 (capacity: while requests come). ``peak_h``: the largest backlog in them.
    ``clears_s``: when nothing is left after it, None for never; ``unreported``: inspections left at the end.
    """

    hours: tuple[Hour, ...]
    offered_h: float
    capacity_h: float
    peak_h: float
    peak_s: Seconds
    clears_s: Seconds | None
    unreported: float
    late: tuple[Late, ...]
    links: tuple[LinkLoad, ...]


def estimate(scenario: Scenario, ahead: Outlook, until_s: Seconds = inf) -> Estimate:
    """The expected course of a scenario whose demand is ``ahead``, looked at until ``until_s`` at most."""
    last_s = min(scenario.give_up_s, max(until_s, ahead.edges_s[-1]))
    further_s = DAY
    while True:  # most backlogs clear in a day, and a run may be given years
        end_s = min(ahead.edges_s[-1] + further_s, last_s)
        edges, duty = hour_edges(scenario, end_s), Duty(scenario, end_s)
        courses = [course_of(ahead, pool, duty, edges) for pool in pools(scenario, ahead)]
        if end_s == last_s or all(one.left_min[-1] < _NOTHING_MIN for one in courses):
            return _estimate(scenario, ahead, courses, duty, edges)
        further_s *= 4


def _estimate(
    scenario: Scenario, ahead: Outlook, courses: Sequence[Course], duty: Duty, edges: tuple[Seconds, ...]
) -> Estimate:
    coming = sum(1 for edge in edges if edge < ahead.edges_s[-1])
    left = [fsum(one.left_min[place] for one in courses) for place in range(len(edges))]
    peak = max(range(len(left)), key=left.__getitem__)
    empty = [place for place in range(peak, len(left)) if left[place] < _NOTHING_MIN]
    through = next((place for place in empty if place >= coming), len(edges) - 1)
    return Estimate(
        hours=tuple(_hours(edges[: through + 1], courses)),
        offered_h=fsum(fsum(one.work_min) for one in courses) / _MINUTES_AN_HOUR,
        capacity_h=fsum(fsum(one.capacity_min[:coming]) for one in courses) / _MINUTES_AN_HOUR,
        peak_h=left[peak] / _MINUTES_AN_HOUR,
        peak_s=edges[peak],
        clears_s=edges[empty[0]] if empty else None,
        unreported=fsum(one.left_min[-1] / one.mean_min for one in courses if one.mean_min),
        late=tuple(lateness(ahead, courses, duty, edges)),
        links=link_loads(scenario, ahead),
    )


def not_counted(scenario: Scenario) -> tuple[str, ...]:
    """What the scenario has and the estimate leaves out, in words."""
    grid = scenario.grid
    caches = [*(one.cache for one in scenario.sites), *(one.cache for one in scenario.units)]
    found = [
        (grid.priors is not None, "priors that are fetched"),
        (
            any(one is not None for one in caches) or grid.redundancy is not None,
            "what caches and copies save or cost",
        ),
        (scenario.gate.name != "none", "scans that are repeated"),
        (grid.reading is not None and grid.reading.session is not None, "reading that quickens in a session"),
        (
            any(line.failures for line in scenario.lines.values()),
            "failures of links, beyond their mean share",
        ),
        (grid.agents is not None, "queues at the agents"),
    ]
    return tuple(words for there, words in found if there)


def _hours(edges: Sequence[Seconds], courses: Sequence[Course]) -> Iterator[Hour]:
    for place, (left, right) in enumerate(pairwise(edges)):
        length_min = (right - left) / MINUTE
        work, capacity = (
            fsum(amounts[place] for amounts in (getattr(one, name) for one in courses))
            for name in ("work_min", "capacity_min")
        )
        before, after = (fsum(one.left_min[edge] for one in courses) for edge in (place, place + 1))
        yield Hour(
            left_s=left,
            right_s=right,
            requests=fsum(one.number[place] for one in courses),
            offered=work / length_min,
            rostered=fsum(one.rostered[place] for one in courses),  # nobody is in two pools
            capacity=capacity / length_min,
            use=(before + work - after) / capacity if capacity else None,
            backlog_h=after / _MINUTES_AN_HOUR,
            waiting=_together([(one.number[place], one.waiting[place]) for one in courses]),
        )


def _together(pools: Sequence[tuple[float, Waiting | None]]) -> Waiting | None:
    """The mean over the requests of all pools, None where one of them is refused."""
    asked = [(number, one) for number, one in pools if number > 0]
    known = [(number, one) for number, one in asked if one is not None]
    whole = fsum(number for number, _ in asked)
    if not asked or len(known) < len(asked):
        return None
    return Waiting(
        fsum(number * one.probability for number, one in known) / whole,
        fsum(number * one.urgent_s for number, one in known) / whole,
        fsum(number * one.routine_s for number, one in known) / whole,
    )
