"""What came out: the plan, its rivals, which target binds, and what stands in the way where none meets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.planning import prospects
from simgrid.planning.elimination import Course
from simgrid.planning.evidence import Evidence, Stage
from simgrid.planning.sizing import FEWEST
from simgrid.planning.testing import Tested, judged
from simgrid.statistics.bounds import Bound, Met, kept
from simgrid.statistics.long_run import known, long_run, split

Status: TypeAlias = Literal["found", "none meets", "cannot be told"]
Why: TypeAlias = Literal["costs the same", "cheaper, failed its test", "cheaper, not decided"]


NEARNESS = 200
"""Replications on unseen seeds of a plan that comes near where none meets."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A plan that was observed, in which stage, and the values of the targets: see ``Evidence.of``."""

    plan: int
    stage: Stage
    values: FloatArray
    targets: tuple[Target, ...]
    confidence: float

    @property
    def n(self) -> int:
        """Its replications."""
        return len(self.values)

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """What they say of each target, each bound for itself.

        In the search no plan is named by them, and 'missed' is what made the search leave a plan: at the risk
        of ``prospects.misses``, less than that of the bounds, since it looks at many plans.
        """
        found = judged(self.values, self.targets, self.confidence)
        if self.stage != "search":
            return found
        left = prospects.missed(self.values, self.targets)
        return tuple(replace(one, met=_in_search(one, place in left)) for place, one in enumerate(found))


@dataclass(frozen=True, slots=True)
class Rival:
    """A plan not dearer than the one named and not shown to miss a target: the two cannot be told apart.

    ``later``: replications beside search and test that show it to meet every target; 0 where none do.
    """

    plan: int
    why: Why
    later: int = 0


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A target that no plan is known to meet, the plan that comes nearest to it, and how near that is.

    ``alone``: every plan is shown to miss this target, whatever the others; else only together they are not
    met. ``bound`` is from seeds that the search did not see.
    """

    target: int
    plan: int
    bound: Bound
    alone: bool


@dataclass(frozen=True, slots=True)
class Runs:
    """Replications of plans, by stage; ``exhaustive``: every plan with as many as its test needs."""

    search: int
    test: int
    exhaustive: int


@dataclass(frozen=True, slots=True)
class Found:
    """The answer. Plans and targets by their numbers.

    ``plan`` is the cheapest that passed; None where none did. ``bounds``: its targets' on unseen seeds.
    ``resolves``: how far beyond each target, in its unit, a plan must lie for its test to pass almost surely,
    which is more than the tolerance where the runs allowed are too few; infinite where none are enough.
    """

    status: Status
    plan: int | None
    bounds: tuple[Bound, ...]
    test_runs: int
    short_list: tuple[int, ...]
    tried: tuple[Tried, ...]
    rivals: tuple[Rival, ...]
    binds: tuple[int, ...]
    in_the_way: tuple[InTheWay, ...]
    resolves: tuple[float, ...]
    runs: Runs


def _in_search(one: Bound, left: bool) -> Met:
    if left:
        return "missed"
    return "met" if one.met == "met" else "cannot be told apart"


def status_of(course: Course, tested: Sequence[Tested]) -> Status:
    """None meets only where each single plan is shown to miss a target; what was not looked at is not."""
    if tested and tested[0].passed:
        return "found"
    by_test = {one.plan for one in tested if any(bound.met == "missed" for bound in one.bounds)}
    unshown = {plan for plan in course.candidates if not course.missed(plan)}
    return "none meets" if unshown <= by_test else "cannot be told"


def tried(course: Course, fresh: Evidence) -> tuple[Tried, ...]:
    """All plans that were observed, by plan: the search's, then those on unseen seeds."""
    targets, confidence = tuple(course.targets), course.settings.confidence
    return tuple(
        Tried(plan, one.stage, one.of(plan), targets, confidence)
        for one in (course.seen, fresh)
        for plan in one.plans
    )


def rivals(course: Course, tested: Sequence[Tested], winner: int) -> tuple[Rival, ...]:
    """Plans not dearer than the winner that are not shown to miss a target, cheapest first."""
    by_test = {one.plan: one for one in tested}
    found = []
    for plan in course.open:
        if plan == winner or course.costs[plan] > course.costs[winner]:
            continue
        one = by_test.get(plan)
        if one and any(bound.met == "missed" for bound in one.bounds):
            continue
        if course.costs[plan] == course.costs[winner]:
            found.append(Rival(plan, "costs the same"))
        else:
            found.append(Rival(plan, "cheaper, failed its test" if one else "cheaper, not decided"))
    return tuple(found)


def binds(course: Course, tested: Sequence[Tested], winner: int) -> tuple[int, ...]:
    """Targets that a plan cheaper than the winner was shown to miss, in the search or in its test."""
    cost = course.costs[winner]
    missed = {
        place for plan in course.seen.plans if course.costs[plan] < cost for place in course.missed(plan)
    }
    by_test = {
        place
        for one in tested
        if course.costs[one.plan] < cost
        for place, bound in enumerate(one.bounds)
        if bound.met == "missed"
    }
    return tuple(sorted(missed | by_test))


def shortfalls(course: Course, plan: int) -> dict[int, float]:
    """By how much a plan's mean falls short of each target that it does not reach, in tolerances."""
    values = course.seen.of(plan)
    behind = {place: _behind(course, place, values[:, place]) for place in range(len(course.targets))}
    return {place: one for place, one in behind.items() if one > 0.0}


def in_the_way(course: Course, fresh: Evidence, runs: int) -> tuple[InTheWay, ...]:
    """Which targets no plan is known to meet, and how near the best came, by fresh seeds.

    Those that every single plan is shown to miss; without any, those that the plan falls short of which comes
    nearest to all together.
    """
    plans, places = course.seen.plans, range(len(course.targets))
    alone = [place for place in places if all(place in course.missed(plan) for plan in plans)]
    if alone:
        found = [(place, _nearest(course, (place,)), True) for place in alone]
    else:
        nearest = _nearest(course, places)
        found = [(place, nearest, False) for place in sorted(shortfalls(course, nearest)) or places]
    near = sorted({plan for _, plan, _ in found})
    fresh.most = fresh.runs + len(near) * runs
    fresh.bring(near, min(runs, NEARNESS))
    confidence = course.settings.confidence
    return tuple(
        InTheWay(place, plan, judged(fresh.of(plan), course.targets, confidence)[place], is_alone)
        for place, plan, is_alone in found
    )


def _nearest(course: Course, places: Sequence[int]) -> int:
    """The plan that falls least short of these targets; whoever looks nearest is looked at more closely."""
    seen = course.seen
    seen.most = max(seen.most, course.allowed)
    enough = min(FEWEST, course.settings.runs)

    def short(plan: int) -> tuple[float, float]:
        lacks = shortfalls(course, plan)
        return max((lacks.get(place, 0.0) for place in places), default=0.0), -course.ahead(plan)

    while True:
        nearest = min(seen.plans, key=short)
        if seen.count(nearest) >= enough or not seen.bring([nearest], enough):
            return nearest


def _behind(course: Course, place: int, values: FloatArray) -> float:
    """The distance of the mean from the goal, positive where it is not reached, in tolerances."""
    target, seen = course.targets[place], known(values)
    if len(seen) == 0:
        return math.inf
    if target.periods is not None:
        goal = target.periods[0] / target.periods[1]
        return (goal - float(kept(split(seen)[0], target).mean())) / course.settings.tolerance
    way = 1.0 if target.better == "higher" else -1.0
    unit = 1.0 if target.kind == "share" else abs(target.bound) or 1.0
    return way * (target.bound - long_run(seen)) / (course.settings.tolerance * unit)
