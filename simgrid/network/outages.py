"""Where limits of links come from besides declared events: failures drawn at random and hours of the week.

Everything here answers in ``domain.events.LinkLimit``; ``capacity_steps`` there merges limits of all origins,
and ``capacity_changes`` turns its steps into what ``completion_times`` takes. ``incidents`` reads real ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise

import numpy as np

from simgrid.domain.events import CapacityStep, LinkLimit
from simgrid.domain.network import Access
from simgrid.domain.units import DAY, HOUR, Seconds
from simgrid.network.flows import CapacityChange
from simgrid.network.topology import down, up

_HOURS = {24, 168}


def drawn_outages(
    place: str, mtbf_s: Seconds, mttr_s: Seconds, horizon_s: Seconds, rng: np.random.Generator
) -> tuple[LinkLimit, ...]:
    """Failures of one connection that begin in [0, ``horizon_s``): up and down by turns, up at 0.

    Up times are exponential with mean ``mtbf_s`` (from repair to the next failure; inf: never), down times
    with mean ``mttr_s``; in the long run the share up is mtbf / (mtbf + mttr). The last repair may lie
    beyond the horizon. Draws come in pairs, so that another mean stretches the same history.

    ValueError: ``mtbf_s`` not positive, ``mttr_s`` negative or infinite, a horizon without end.
    """
    if not (mtbf_s > 0 and 0 <= mttr_s < math.inf and horizon_s < math.inf):
        raise ValueError(
            f"{place!r}: mtbf {mtbf_s!r} s, mttr {mttr_s!r} s, horizon {horizon_s!r} s: "
            "mtbf must be above 0, mttr 0 or more, mttr and the horizon finite"
        )
    limits: list[LinkLimit] = []
    now_s = 0.0
    while True:
        up_draw, down_draw = rng.standard_exponential(2).tolist()
        failed_s = now_s + mtbf_s * up_draw
        if failed_s >= horizon_s:
            return tuple(limits)
        now_s = failed_s + mttr_s * down_draw
        if now_s > failed_s:
            limits.append(LinkLimit(place, failed_s, now_s))


def profile_limits(
    access: Mapping[str, Access], factors: Sequence[float], start: datetime, horizon_s: Seconds
) -> tuple[LinkLimit, ...]:
    """The share of its capacity that each connection keeps, by local hour, over [0, ``horizon_s``).

    ``factors``: 24 (every day) or 168 (from Monday 0 h), each from 0 to 1, by the clock of ``start``'s zone,
    daylight saving included. Hours of the same factor that follow each other are one limit; 1 is none.
    By time, then in the order of ``access``.

    ValueError: another number of factors, or one outside [0, 1]; all of them at once.
    """
    _check_factors(factors)
    runs = _runs(factors, start, horizon_s)
    return tuple(
        LinkLimit(place, start_s, end_s, own.up_bps * factor, own.down_bps * factor)
        for start_s, end_s, factor in runs
        if factor < 1
        for place, own in access.items()
    )


def capacity_changes(
    access: Mapping[str, Access], steps: Iterable[CapacityStep]
) -> tuple[CapacityChange, ...]:
    """Changes of the places' links, in the order of ``steps``, a place's way up before its way down.

    A step that leaves one direction as it was yields the other one only.
    """
    now = dict(access)
    changes = []
    for step in steps:
        before, now[step.place] = now[step.place], step.access
        if step.access.up_bps != before.up_bps:
            changes.append(CapacityChange(step.at_s, up(step.place), step.access.up_bps))
        if step.access.down_bps != before.down_bps:
            changes.append(CapacityChange(step.at_s, down(step.place), step.access.down_bps))
    return tuple(changes)


def _runs(
    factors: Sequence[float], start: datetime, horizon_s: Seconds
) -> list[tuple[Seconds, Seconds, float]]:
    into_hour_s = start.minute * 60 + start.second + start.microsecond / 1e6
    turns = np.arange(HOUR - into_hour_s, horizon_s, HOUR).tolist()
    edges = [0.0, *turns, horizon_s] if horizon_s > 0 else []
    # The middle of an hour says which it is, also where a zone is off by less than an hour.
    hours = [
        (begin, end, factors[_hour_of_week(start, (begin + end) / 2) % len(factors)])
        for begin, end in pairwise(edges)
    ]
    runs = []
    for factor, same in groupby(hours, key=lambda hour: hour[2]):
        spans = list(same)
        runs.append((spans[0][0], spans[-1][1], factor))
    return runs


def _hour_of_week(start: datetime, after_s: Seconds) -> int:
    if start.tzinfo is None:
        local = start + timedelta(seconds=after_s)
    else:
        local = datetime.fromtimestamp(start.timestamp() + after_s, start.tzinfo)
    return local.weekday() * int(DAY / HOUR) + local.hour


def _check_factors(factors: Sequence[float]) -> None:
    problems = [
        f"factors[{hour}] is {factor!r}: give 0 (nothing passes) to 1 (no limit)"
        for hour, factor in enumerate(factors)
        if not 0 <= factor <= 1
    ]
    if len(factors) not in _HOURS:
        problems.insert(0, f"{len(factors)} factors: give 24 (a day) or 168 (a week from Monday 0 h)")
    if problems:
        raise ValueError("\n".join(problems))
