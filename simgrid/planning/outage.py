"""The outage in the worst hour: of the main link or of a unit's desks, and how long it is felt.

Worst is the hour whose outage makes studies wait longest, all together. Arithmetic names a few hours of each
(``busiest``); simulated in other worlds than those of the answer, the one that costs most is the worst.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf, nan
from typing import Literal, TypeAlias

import numpy as np

from simgrid.domain.events import Event, Illness, LinkLimit
from simgrid.domain.scenario import Scenario
from simgrid.domain.units import HOUR, FloatArray, Seconds
from simgrid.planning.busiest import Traffic, clock
from simgrid.planning.judging import are_alike
from simgrid.planning.observed import Runs
from simgrid.planning.recovery import EXTRA_BACKLOG, EXTRA_WAIT, RECOVERY
from simgrid.planning.states import hit, lasting
from simgrid.randomness import stream
from simgrid.statistics.intervals import mean_interval

HOURS_TRIED, HOURS_A_UNIT, UNITS_TRIED = 3, 1, 3
SEARCHED = 5
"""Replications, of other worlds, in which the worst hour is looked for."""
LARGEST_SEED = 1_000_000_000
Hit: TypeAlias = Literal["link", "unit"]


@dataclass(frozen=True, slots=True)
class Felt:
    """A mean over ``n`` worlds with its 95 % interval; NaN ends where there is none.

    ``alike``: the same in all of them, at least two.
    """

    mean: float
    low: float
    high: float
    n: int
    alike: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """One hour that was tried, and the hours that studies wait longer for it, in other worlds; NaN alone."""

    kind: Hit
    what: str
    at: str
    extra_wait_h: float


@dataclass(frozen=True, slots=True)
class Outage:
    """A link or unit down in its worst hour: when, for how long, and until when the backlog is larger.

    ``recovery_h`` over the worlds in which it was; ``never``: in so many more it was not within the
    ``watched_s`` between the return and the end of the run, below 0 where the run ends before.
    ``extra_backlog``: the most studies at one time that wait more than without. ``extra_wait_h``: hours that
    all studies wait longer together.
    """

    kind: Hit
    what: str
    at: str
    at_s: Seconds
    for_s: Seconds
    watched_s: Seconds
    tried: tuple[Tried, ...]
    recovery_h: Felt
    never: int
    extra_backlog: Felt
    extra_wait_h: Felt


@dataclass(frozen=True, slots=True)
class _Hour:
    kind: Hit
    what: str
    start_s: Seconds
    events: tuple[Event, ...]
    cell: Scenario


def worst_outage(
    deployed: Scenario, ahead: Traffic, runs: Runs, replications: int, tell: Callable[[str], None]
) -> Outage:
    """The worst of the likeliest hours, found in other worlds than those in which it is measured."""
    hours = candidates(deployed, ahead)
    tell(f"outages in {len(hours)} hours, each world with and without")
    extra_h = [inf]
    if len(hours) > 1:
        seed = int(stream(deployed.seed, 0, "stress hour").integers(LARGEST_SEED))
        extra_h = [_mean_extra_h(runs, replace(one.cell, seed=seed), one, replications) for one in hours]
    worst = hours[int(np.argmax(extra_h))]
    (seen,) = runs.recoveries([worst.cell], replications, len(worst.events))
    back = seen.of(RECOVERY)
    lasts_s = deployed.stress.outage_s
    return Outage(
        kind=worst.kind,
        what=worst.what,
        at=clock(deployed, worst.start_s),
        at_s=worst.start_s,
        for_s=lasts_s,
        watched_s=deployed.give_up_s - worst.start_s - lasts_s,
        tried=tuple(
            Tried(one.kind, one.what, clock(deployed, one.start_s), extra if len(hours) > 1 else nan)
            for one, extra in zip(hours, extra_h, strict=True)
        ),
        recovery_h=felt(np.where(np.isinf(back), np.nan, back), least=0.0),
        never=int(np.isinf(back).sum()),
        extra_backlog=felt(seen.of(EXTRA_BACKLOG), least=0.0),
        extra_wait_h=felt(seen.of(EXTRA_WAIT)),
    )


def _mean_extra_h(runs: Runs, cell: Scenario, one: _Hour, replications: int) -> float:
    (tried,) = runs.recoveries([cell], min(SEARCHED, replications), len(one.events))
    return float(tried.of(EXTRA_WAIT).mean())


def worlds_of(deployed: Scenario, ahead: Traffic, replications: int) -> int:
    """How many worlds are simulated, each with and without: of one hour alone none is tried before."""
    count = len(candidates(deployed, ahead))
    return replications + (count * min(SEARCHED, replications) if count > 1 else 0)


def candidates(deployed: Scenario, ahead: Traffic) -> tuple[_Hour, ...]:
    """The hours that are tried: of the main link, and of the units whose desks read most."""
    return (*_of_link(deployed, ahead), *_of_units(deployed, ahead))


def _of_link(deployed: Scenario, ahead: Traffic) -> Iterator[_Hour]:
    lasts_s, place = deployed.stress.outage_s, ahead.main
    for start_s in ahead.worst_windows(place, lasts_s, deployed.warmup_s, HOURS_TRIED):
        yield _hour(deployed, "link", place, start_s, [LinkLimit(place, start_s, start_s + lasts_s)])


def _of_units(deployed: Scenario, ahead: Traffic) -> Iterator[_Hour]:
    """Nobody knows of it beforehand, and what lies unopened on the unit's desks goes back."""
    lasts_s = deployed.stress.outage_s
    for unit in ahead.units[:UNITS_TRIED]:
        who = [one.name for one in deployed.radiologists if one.unit == unit]
        for start_s in ahead.worst_for_desks(unit, lasts_s, deployed.warmup_s, HOURS_A_UNIT):
            end_s = start_s + lasts_s
            ill = [Illness(one, start_s, end_s, hands_back=True) for one in who]
            yield _hour(deployed, "unit", unit, start_s, ill)


def _hour(deployed: Scenario, kind: Hit, what: str, start_s: Seconds, events: Sequence[Event]) -> _Hour:
    named = f"{kind} {what} down from {start_s / HOUR:g} h for {lasting(deployed.stress.outage_s)}"
    return _Hour(kind, what, start_s, tuple(events), hit(deployed, named, events))


def felt(values: FloatArray, least: float = -inf) -> Felt:
    """Mean of the defined values (n,), and its interval, which nothing that is below ``least`` is in."""
    found = mean_interval(values)
    if are_alike(values):
        return Felt(float(found.mean), nan, nan, int(found.n), alike=True)
    low = float(np.maximum(found.low, least))
    return Felt(float(found.mean), low, float(found.high), int(found.n), alike=False)
