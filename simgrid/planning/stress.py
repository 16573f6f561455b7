"""What breaks first: every thing missing in turn, the load in steps, and the worst hour of the main link.

START HERE with ``stress``. All states are in the worlds of the deployed one, so that what differs is what is
missing. Each verdict is at 95 % for itself: of twenty that were close one may be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from simgrid.domain.events import LinkLimit
from simgrid.domain.scenario import Scenario
from simgrid.domain.stress import StressTest
from simgrid.domain.targets import Target
from simgrid.domain.units import HOUR, Seconds
from simgrid.planning.busiest import Traffic, clock
from simgrid.planning.judging import Change, Judged, compared, fewest, judged
from simgrid.planning.observed import Runs, Values
from simgrid.planning.recovery import EXTRA_WAIT, RECOVERY
from simgrid.planning.states import Kind, State, heavier, hit, lasting, states
from simgrid.randomness import stream
from simgrid.statistics.intervals import mean_interval

STEP = 0.05
UNASKED_TO = 1.25
"""The load's end where there is no target that it could break."""
HOURS_TRIED = 3
SEARCHED = 5
"""Replications, of other worlds, in which the worst hour is looked for."""
FEWEST_WITH_TARGETS = 60
LARGEST_SEED = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Without:
    """One thing missing, and what that does; ``says`` from when and for how long."""

    kind: Kind
    name: str
    says: str
    alike: tuple[str, ...]
    targets: tuple[Judged, ...]
    changes: tuple[Change, ...]

    def named(self, verdict: str) -> tuple[str, ...]:
        """The targets with this verdict."""
        return tuple(one.name for one in self.targets if one.verdict == verdict)


@dataclass(frozen=True, slots=True)
class Load:
    """The demand times ``scale``."""

    scale: float
    targets: tuple[Judged, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Loads:
    """The steps in their order, up to the first load that surely misses a target, or to ``end``.

    ``holds_to``: the last load up to which every target surely holds, 1 for no more than as deployed, 0 where
    it does not even so. ``first_miss``: that load and the target.
    """

    steps: tuple[Load, ...]
    end: float
    holds_to: float
    first_miss: tuple[float, str] | None


@dataclass(frozen=True, slots=True)
class Outage:
    """The main link down in its worst hour: when, for how long, and how long until the backlog is as without.

    ``recovery_h``: mean over the ``n`` worlds in which it was, with its 95 % interval; ``never``: in so many
    more it was not before the run gave up. ``extra_wait_h``: hours that all studies wait longer together.
    """

    what: str
    at: str
    at_s: Seconds
    for_s: Seconds
    tried: tuple[str, ...]
    recovery_h: float
    low: float
    high: float
    n: int
    never: int
    extra_wait_h: float
    extra_low: float
    extra_high: float


@dataclass(frozen=True, slots=True)
class Stressed:
    """A finished stress test. ``loads`` is None for a replayed log, whose requests cannot be scaled."""

    title: str
    scenario: str
    policy: str
    replications: int
    test: StressTest
    asked: tuple[Target, ...]
    deployed: tuple[Judged, ...]
    without: tuple[Without, ...]
    loads: Loads | None
    outage: Outage


def replications_for(cell: Scenario, given: int | None) -> int:
    """As given, else the scenario's, and with targets so many that these can be shown to hold."""
    if given is not None:
        return given
    declared = cell.replications if cell.precision is None else min(cell.replications, FEWEST_WITH_TARGETS)
    if not cell.targets:
        return declared
    return max(declared, FEWEST_WITH_TARGETS, *(fewest(one) for one in cell.targets))


def stress(
    deployed: Scenario, ahead: Traffic, runs: Runs, replications: int, tell: Callable[[str], None]
) -> Stressed:
    """Test one cell; ``tell`` hears what is computed next. The answer does not depend on what is stored.

    Raises as ``parallel.compute``.
    """
    missing = states(deployed, ahead, deployed.stress)
    cells = [deployed, *(one.cell for one in missing)]
    tell(f"as deployed and without each of {len(missing)} things, {replications} replications each")
    as_deployed, *seen = runs.of(cells, replications)
    return Stressed(
        title=deployed.title,
        scenario=deployed.name,
        policy=runs.policy.label,
        replications=replications,
        test=deployed.stress,
        asked=deployed.targets,
        deployed=judged(deployed.targets, as_deployed),
        without=_by_harm(deployed.targets, as_deployed, missing, seen),
        loads=_loads(deployed, runs, as_deployed, replications, tell),
        outage=_outage(deployed, ahead, runs, replications, tell),
    )


def _by_harm(
    targets: Sequence[Target], as_deployed: Values, missing: Sequence[State], seen: Sequence[Values]
) -> tuple[Without, ...]:
    found = []
    for one, values in zip(missing, seen, strict=True):
        found.append(
            Without(one.kind, one.name, one.says, one.alike, *compared(targets, values, as_deployed))
        )
    return tuple(sorted(found, key=_harmless))


def _harmless(one: Without) -> tuple[float, float, float, float, str, str]:
    """Most targets missed first, then most in doubt, then the largest loss of studies in time, or of time."""
    lost, later = one.changes[0].difference, one.changes[1].difference
    return (
        -len(one.named("missed")),
        -len(one.named("cannot be told apart")),
        lost if np.isfinite(lost) else -inf,
        -later if np.isfinite(later) else -inf,
        one.kind,
        one.name,
    )


def load_steps(to: float) -> tuple[float, ...]:
    """1.05, 1.10, ... up to ``to``."""
    return tuple(round(1 + STEP * step, 2) for step in range(1, int(round((to - 1) / STEP, 6)) + 1))


def _loads(
    deployed: Scenario, runs: Runs, as_deployed: Values, replications: int, tell: Callable[[str], None]
) -> Loads | None:
    if deployed.demand.log is not None:
        return None
    targets = deployed.targets
    scales = load_steps(deployed.stress.load_to if targets else min(deployed.stress.load_to, UNASKED_TO))
    now = judged(targets, as_deployed)
    surely = all(one.verdict == "met" for one in now)
    holds_to, first = float(surely), _missed(1.0, now)
    made: list[Load] = []
    for scale in scales:
        if first is not None:
            break
        tell(f"the load at {scale:.0%}")
        (values,) = runs.of([heavier(deployed, scale)], replications)
        step = Load(scale, *compared(targets, values, as_deployed))
        made.append(step)
        surely = surely and all(one.verdict == "met" for one in step.targets)
        holds_to = scale if surely else holds_to
        first = _missed(scale, step.targets)
    return Loads(tuple(made), scales[-1], holds_to if targets else 0.0, first)


def _missed(scale: float, found: Sequence[Judged]) -> tuple[float, str] | None:
    return next(((scale, one.name) for one in found if one.verdict == "missed"), None)


def _outage(
    deployed: Scenario, ahead: Traffic, runs: Runs, replications: int, tell: Callable[[str], None]
) -> Outage:
    """The worst of the likeliest hours, found in other worlds than those in which it is measured."""
    place, lasts_s = ahead.main, deployed.stress.outage_s
    starts = ahead.worst_windows(place, lasts_s, deployed.warmup_s, HOURS_TRIED)
    tell(f"link {place} down for {lasting(lasts_s)} in each of {len(starts)} hours, with and without")
    cells = [_down(deployed, place, start_s, lasts_s) for start_s in starts]
    if len(cells) > 1:
        seed = int(stream(deployed.seed, 0, "stress hour").integers(LARGEST_SEED))
        tried = runs.recoveries([replace(cell, seed=seed) for cell in cells], min(SEARCHED, replications))
        worst = int(np.argmax([float(one.of(EXTRA_WAIT).mean()) for one in tried]))
    else:
        worst = 0
    (seen,) = runs.recoveries([cells[worst]], replications)
    hours, extra = seen.of(RECOVERY), mean_interval(seen.of(EXTRA_WAIT))
    back = mean_interval(np.where(np.isinf(hours), np.nan, hours))
    return Outage(
        what=place,
        at=clock(deployed, starts[worst]),
        at_s=starts[worst],
        for_s=lasts_s,
        tried=tuple(clock(deployed, start_s) for start_s in starts),
        recovery_h=float(back.mean),
        low=max(float(back.low), 0.0),
        high=float(back.high),
        n=int(back.n),
        never=int(np.isinf(hours).sum()),
        extra_wait_h=float(extra.mean),
        extra_low=float(extra.low),
        extra_high=float(extra.high),
    )


def _down(deployed: Scenario, place: str, start_s: Seconds, lasts_s: Seconds) -> Scenario:
    named = f"link {place} down from {start_s / HOUR:g} h"
    return hit(deployed, named, [LinkLimit(place, start_s, start_s + lasts_s)])
