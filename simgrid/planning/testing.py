"""The test: the short list on unseen seeds, from its most generous plan downward, to the first failure.

The list and its order are fixed before a seed of the test is drawn, so this is a fixed-sequence procedure
(W. Maurer, L. A. Hothorn and W. Lehmacher 1995): whoever names a plan that misses must have passed the first
one on the list that does, at the error of one single test. It need not be shared among the plans, however
many they are and however they hang together. Nor is it shared among the targets: a plan passes only if every
target's own test says so (R. L. Berger 1982, doi 10.1080/00401706.1982.10487790).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.planning.elimination import LOOKED_AT, Course
from simgrid.planning.evidence import Evidence
from simgrid.planning.prospects import prospect
from simgrid.planning.settings import Settings
from simgrid.planning.sizing import FEWEST
from simgrid.statistics.bounds import Bound, unfavourable

HOPELESS = -1.645
"""A plan whose test is expected to end below this, in standard errors from its goals, is not tested."""
FEWEST_TESTED = 4
COMFORTABLE = 4.0
"""A plan whose test is expected to end so many standard errors beyond its goals is beyond doubt."""


@dataclass(frozen=True, slots=True)
class Tested:
    """A plan and its targets' bounds on unseen seeds."""

    plan: int
    bounds: tuple[Bound, ...]

    @property
    def passed(self) -> bool:
        """Whether every target is met by its unfavourable bound."""
        return all(one.met == "met" for one in self.bounds)


def short_list(course: Course) -> tuple[int, ...]:
    """Plans to test, dearest first: each costs less than the one before it, and is judged less safe.

    From the cheapest that will hardly fail on; where none is so, from the one with the best prospect. A plan
    that a cheaper one beats in the search would only stand in the way of that one.
    """
    prospects = [(plan, course.prospect(plan)) for plan in course.open if course.seen.count(plan)]
    hopeful = [one for one in prospects if one[1] > HOPELESS] or _best(prospects)
    steps: list[tuple[int, float]] = []
    for plan, expected in hopeful:
        if steps and expected <= steps[-1][1]:
            continue
        if steps and course.costs[steps[-1][0]] == course.costs[plan]:
            steps.pop()
        steps.append((plan, expected))
    listed = [plan for plan, _ in _thinned(steps[::-1], most_tested(course))]
    return tuple([*_generous(course, listed[0]), *listed] if listed else [])


def _generous(course: Course, top: int) -> list[int]:
    """A dearer plan that is beyond doubt, to fall back on where the top of the list is not; else nothing."""
    course.seen.bring([top], min(LOOKED_AT, course.test_runs))
    if course.prospect(top) >= COMFORTABLE:
        return []
    for plan in course.seen.plans:
        if course.costs[plan] > course.costs[top] and not course.missed(plan) and course.sure(plan):
            course.seen.bring([plan], min(LOOKED_AT, course.test_runs))
            if course.prospect(plan) >= COMFORTABLE:
                return [plan]
    return []


def most_tested(course: Course) -> int:
    """So many plans are tested at most: a quarter of the quarter that the search leaves."""
    return max(FEWEST_TESTED, len(course.costs) // 16)


def _best(prospects: list[tuple[int, float]]) -> list[tuple[int, float]]:
    return [max(prospects, key=lambda one: one[1])] if prospects else []


def _thinned(steps: list[tuple[int, float]], length: int) -> list[tuple[int, float]]:
    """So many of the steps at most, evenly, the first always."""
    if len(steps) <= length:
        return steps
    if length == 1:
        return steps[:1]
    return [steps[place * (len(steps) - 1) // (length - 1)] for place in range(length)]


def runs_for(course: Course, plan: int) -> int:
    """Replications for a plan's test: what the tolerance needs; half of it where the plan is beyond doubt.

    Not fewer: where the search has seen no bad replication, it does not know how bad one is.
    """
    course.seen.bring([plan], min(LOOKED_AT, course.test_runs))
    half = max(min(FEWEST, course.test_runs), course.test_runs // 2)
    beyond = prospect(course.seen.of(plan), course.targets, course.settings.confidence, half) >= COMFORTABLE
    return half if beyond else course.test_runs


def tested_downward(
    listed: Sequence[tuple[int, int]], targets: Sequence[Target], seen: Evidence, settings: Settings
) -> tuple[Tested, ...]:
    """Test the plans in their order, each with its replications, up to the first that fails."""
    found: list[Tested] = []
    for plan, runs in listed:
        if not seen.bring([plan], runs):
            break
        found.append(Tested(plan, judged(seen.of(plan), targets, settings.confidence)))
        if not found[-1].passed:
            break
    return tuple(found)


def judged(values: FloatArray, targets: Sequence[Target], confidence: float) -> tuple[Bound, ...]:
    """Each target's bound by the values observed of a plan, (n, targets) or (n, targets, 2)."""
    return tuple(unfavourable(values[:, place], one, confidence) for place, one in enumerate(targets))
