"""The cheapest plan that meets every target: searched for, then tested.

START HERE. ``elimination`` gives few replications to all plans and more to those that are open; ``testing``
takes the short list to seeds that nobody has seen, from the most generous plan downward; ``findings`` says
what came out. Whoever selects on the seeds of the search and stops there names the lucky plan: hence two
stages.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np

from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.planning import findings
from simgrid.planning.elimination import Course, nearest, searched
from simgrid.planning.evidence import Evidence, Observe
from simgrid.planning.findings import Found, Runs
from simgrid.planning.settings import Settings
from simgrid.planning.sizing import resolved
from simgrid.planning.testing import runs_for, short_list, tested_downward


def search(
    costs: Sequence[float],
    targets: Sequence[Target],
    observe: Observe,
    settings: Settings | None = None,
    screened: Collection[int] = (),
) -> Found:
    """Find the cheapest of the plans that meets every target by its unfavourable bound on unseen seeds.

    ``costs`` (plans,) ascend. ``observe``: see ``evidence.Observe``. ``screened``: plans that theory rules
    out, which are never looked at. The answer depends on what is observed alone.

    :raises ValueError: for costs that do not ascend, no plan, no target, or settings out of range.
    :raises WrongShape: where ``observe`` gives other than it was asked for.
    """
    settings = settings or Settings()
    _check(costs, targets, settings)
    left_out = frozenset(screened)
    seen = Evidence(observe, "search", len(targets), 0)
    course = searched(Course(costs, targets, settings, seen, left_out))
    runs = course.test_runs
    listed = short_list(course)
    fresh = Evidence(observe, "test", len(targets), max(1, len(listed)) * runs)
    with_runs = [(plan, runs_for(course, plan)) for plan in listed]
    tested = tested_downward(with_runs, targets, fresh, settings)
    passed = [one for one in tested if one.passed]
    status = findings.status_of(course, tested)
    winner = passed[-1] if passed else None
    way = () if winner or not course.seen.plans else findings.in_the_way(course, fresh, runs)
    near = winner.plan if winner else None
    return Found(
        status=status,
        plan=near,
        bounds=winner.bounds if winner else (),
        test_runs=runs,
        short_list=listed,
        tried=findings.tried(course, fresh),
        rivals=findings.rivals(course, tested, winner.plan) if winner else (),
        binds=findings.binds(course, tested, winner.plan) if winner else (),
        in_the_way=way,
        resolves=tuple(
            resolved(_spread_of(course, fresh, near, place), one, settings.confidence, runs)
            for place, one in enumerate(targets)
        ),
        runs=Runs(course.seen.runs, fresh.runs, len(costs) * runs),
    )


def _spread_of(course: Course, fresh: Evidence, winner: int | None, place: int) -> FloatArray:
    """A target's values under the plan named; without one, under that which lies nearest to the target."""
    if winner is not None:
        return fresh.of(winner)[:, place]
    near = nearest(course, place)
    return np.empty(0) if near is None else course.seen.of(near)[:, place]


def _check(costs: Sequence[float], targets: Sequence[Target], settings: Settings) -> None:
    if not costs or not targets:
        raise ValueError(f"{len(costs)} plans and {len(targets)} targets: one or more of each is needed")
    if any(one > other for one, other in pairwise(costs)):
        raise ValueError("costs descend somewhere: name the cheapest plan first")
    if not (0.5 <= settings.confidence < 1.0 and settings.tolerance > 0.0 and settings.runs >= 1):
        raise ValueError(f"{settings}: confidence is 0.5 to below 1, tolerance above 0, runs 1 or more")
