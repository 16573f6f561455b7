"""The search: few replications everywhere, more where it is open whether a plan meets its targets.

No plan is judged by another one. More of everything can be worse (bandwidth moves the queue to the desks), so
that a plan misses says nothing of those with less of everything; only its own replications do. The one thing
that spares a plan its replications is a cheaper one that will surely pass.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from simgrid.domain.targets import Target
from simgrid.planning.evidence import Evidence
from simgrid.planning.prospects import ahead, is_sure, missed, prospect
from simgrid.planning.settings import Settings
from simgrid.planning.sizing import needed
from simgrid.statistics.long_run import known, long_run

FIRST = 5
"""Replications of a plan that is looked at for the first time."""
CONVINCED = 20
"""No plan is taken for sure to pass with fewer,"""
LOOKED_AT = 80
"""and no answer rests on the cheapest of these with fewer: who saw no bad one is soon convinced."""


@dataclass(slots=True)
class Course:
    """How the search stands. ``costs`` (plans,) ascend; plans in ``screened`` are never looked at.

    ``test_runs``: the replications that a test needs, as far as can be said now.
    """

    costs: Sequence[float]
    targets: Sequence[Target]
    settings: Settings
    seen: Evidence
    screened: frozenset[int]
    test_runs: int = 0
    _sure: dict[tuple[int, int, int], bool] = field(default_factory=dict)
    _missed: dict[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)

    def missed(self, plan: int) -> tuple[int, ...]:
        """Numbers of the targets that it is shown to miss."""
        key = plan, self.seen.count(plan)
        if key not in self._missed:
            self._missed[key] = missed(self.seen.of(plan), self.targets)
        return self._missed[key]

    def sure(self, plan: int) -> bool:
        """Whether it will hardly fail its test."""
        key = plan, self.seen.count(plan), self.test_runs
        if key not in self._sure:
            values = self.seen.of(plan)
            self._sure[key] = is_sure(values, self.targets, self.settings.confidence, self.test_runs)
        return self._sure[key]

    def prospect(self, plan: int) -> float:
        """How many standard errors beyond its goals its test may be expected to end."""
        return prospect(self.seen.of(plan), self.targets, self.settings.confidence, self.test_runs)

    def ahead(self, plan: int) -> float:
        """How many standard errors beyond its goals its means lie."""
        values = self.seen.of(plan)
        return min(ahead(values[:, place], one, self.test_runs) for place, one in enumerate(self.targets))

    @property
    def candidates(self) -> list[int]:
        """The plans that theory leaves, cheapest first."""
        return [plan for plan in range(len(self.costs)) if plan not in self.screened]

    @property
    def anchor(self) -> int | None:
        """The cheapest plan that will hardly fail its test; of equal costs, the one farthest ahead."""
        found: list[int] = []
        for plan in self.seen.plans:
            if found and self.costs[plan] > self.costs[found[0]]:
                break
            if not self.missed(plan) and self.sure(plan):
                found.append(plan)
        return max(found, key=self.ahead, default=None)

    @property
    def open(self) -> list[int]:
        """The plans not dearer than the anchor that are not shown to miss a target, cheapest first."""
        anchor = self.anchor
        most = math.inf if anchor is None else self.costs[anchor]
        return [plan for plan in self.candidates if self.costs[plan] <= most and not self.missed(plan)]

    @property
    def allowed(self) -> int:
        """Runs of the search: three quarters of a quarter of what looking at every plan in full would take.

        Of few plans, enough to look at all of them and at eight in full.
        """
        plans = len(self.costs)
        return max(3 * plans * self.test_runs // 16, plans * FIRST + 8 * self.test_runs)


def searched(course: Course) -> Course:
    """Look at the plans until each one that is not dearer than the anchor is decided, or runs are used up.

    :raises WrongShape: as ``Evidence``.
    """
    course.test_runs = course.settings.runs
    course.seen.most = course.allowed
    course.seen.bring(_spread_out(course.candidates, course.costs), FIRST)
    fits = True
    while fits:
        course.test_runs = test_runs(course)
        course.seen.most = max(course.allowed, course.seen.runs)
        wanted = _wanted(course)
        if not wanted:
            break
        for upto in sorted({upto for _, upto in wanted}):
            fits = course.seen.bring([plan for plan, level in wanted if level == upto], upto) and fits
    course.test_runs = test_runs(course)
    return course


def _spread_out(candidates: Sequence[int], costs: Sequence[float]) -> list[int]:
    """The plans of every so manieth cost, and the dearest: where to look first for one that meets."""
    levels = sorted({costs[plan] for plan in candidates})
    step = max(1, math.isqrt(len(levels)))
    first = {*levels[step - 1 :: step], *levels[-1:]}
    return [plan for plan in candidates if costs[plan] in first]


def _wanted(course: Course) -> list[tuple[int, int]]:
    """Open plans with the replications they should have next, the most promising first.

    While no plan is known that will pass, those that were looked at are looked at more closely before others
    are: one that will pass spares all dearer ones.
    """
    open_ = course.open
    least = min(CONVINCED, course.test_runs)
    if course.anchor is None:
        open_ = [plan for plan in open_ if 0 < course.seen.count(plan) < least] or open_
    most = least if len(open_) == 1 else course.test_runs
    wanted = [
        (plan, min(max(FIRST, 2 * course.seen.count(plan)), most))
        for plan in open_
        if course.seen.count(plan) < most
    ]
    settled = {plan for plan in open_ if course.seen.count(plan) >= least and course.sure(plan)}
    wanted = [(plan, upto) for plan, upto in wanted if plan not in settled]
    if not wanted and course.anchor is not None:
        looked_at = min(LOOKED_AT, course.test_runs)
        wanted = [(course.anchor, looked_at)] if course.seen.count(course.anchor) < looked_at else []
    return sorted(wanted, key=lambda one: (-course.ahead(one[0]), one[0]))


def test_runs(course: Course) -> int:
    """The replications of a test that tells plans beyond the tolerance from the targets.

    By the spread of the plans that lie nearest to each target.
    """
    settings = course.settings
    found = 1
    for place, target in enumerate(course.targets):
        near = nearest(course, place)
        values = np.empty(0) if near is None else course.seen.of(near)[:, place]
        found = max(found, needed(values, target, settings.confidence, settings.tolerance, settings.runs))
    return found


def nearest(course: Course, place: int) -> int | None:
    """The plan whose mean lies nearest to a target, of those with most replications: undecided ones first."""
    bound = course.targets[place].bound
    observed = [plan for plan in course.seen.plans if len(known(course.seen.of(plan)[:, place]))]
    if not observed:
        return None
    undecided = [plan for plan in observed if not course.missed(plan)] or observed
    most = max(course.seen.count(plan) for plan in undecided)
    full = [plan for plan in undecided if 2 * course.seen.count(plan) >= most]
    return min(full, key=lambda plan: (abs(long_run(known(course.seen.of(plan)[:, place])) - bound), plan))
