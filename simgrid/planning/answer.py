"""The whole answer to 'which plan?': what theory excludes, what the search finds, and what follows from it.

START HERE for the order in which things are done. ``presentation`` puts it into words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgrid.domain.planning import Planning
from simgrid.domain.scenario import Scenario
from simgrid.domain.units import FloatArray
from simgrid.planning.evidence import Stage
from simgrid.planning.findings import Found
from simgrid.planning.later import with_later
from simgrid.planning.looks import Looked
from simgrid.planning.observing import Observatory, unseen
from simgrid.planning.people import Needed, People, people_for
from simgrid.planning.screening import Excluded, Theory
from simgrid.planning.search import search
from simgrid.planning.settings import Settings
from simgrid.planning.space import Plan
from simgrid.planning.states import heavier
from simgrid.planning.testing import judged
from simgrid.scenario.counts import many
from simgrid.statistics.bounds import Bound

SCALES = (1.05, 1.10)
"""Loads with which the winner is shown."""
MOST_BESIDE = 200
"""Replications at most of the scenario as written and of more load."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A cell's targets in ``n`` replications on unseen seeds."""

    bounds: tuple[Bound, ...]
    n: int


@dataclass(frozen=True, slots=True)
class Nearest:
    """Where theory excludes every plan: the target's number, the plan's, and the share within reach."""

    target: int
    plan: int
    share: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Plans by their numbers, cheapest first.

    ``excluded``: those that theory excludes. ``nearest``: for the targets that it finds out of reach of every
    plan. ``now``: the scenario as written. ``loads``: the winner with so many times the load. ``people``:
    what takes radiologists. ``extra_runs``: runs beside those of search and test, each counted once.
    ``looked``: the plans looked at for ``people``. ``missed_later``: those of them that search and test had
    left open and these runs showed to miss a target: no rivals.
    """

    plans: tuple[Plan, ...]
    deployed: Plan
    asked: Planning
    excluded: Mapping[int, Excluded]
    nearest: tuple[Nearest, ...]
    found: Found
    now: Judged
    loads: tuple[tuple[float, Judged], ...]
    people: tuple[Needed, ...]
    extra_runs: int
    looked: tuple[Looked, ...] = ()
    missed_later: tuple[int, ...] = ()


def screened(plans: Sequence[Plan], asked: Planning) -> tuple[dict[int, Excluded], tuple[Nearest, ...]]:
    """The plans that theory excludes, and the targets that it finds out of reach of them all."""
    theory = Theory(asked.meet, asked.tolerance)
    found = {
        number: why for number, one in enumerate(plans) if (why := theory.excluded(one.cell)) is not None
    }
    if len(found) < len(plans):
        return found, ()
    best: dict[int, Nearest] = {}
    for number, one in enumerate(plans):
        for target, share in theory.reachable(one.cell):
            if target not in best or share > best[target].share:
                best[target] = Nearest(target, number, share)
    named = {one.target for one in found.values()}
    short = [one for one in best.values() if one.target in named and one.share < asked.meet[one.target].bound]
    return found, tuple(short)


def answer(
    plans: tuple[Plan, ...],
    deployed: Plan,
    asked: Planning,
    seen: Observatory,
    told: Callable[[str], None] = lambda _: None,
) -> Answer:
    """Screen, search, test, and look at the winner from all sides; ``told`` hears what is under way."""
    excluded, nearest = screened(plans, asked)
    told(f"{many(len(plans), 'plan')}, {len(excluded)} of them excluded by theory")

    def observe(numbers: Sequence[int], stage: Stage, upto: int) -> FloatArray:
        told(f"{stage}: {many(len(numbers), 'plan')} with {many(upto, 'replication')}")
        cells = [(f"{stage} {one}", of_stage(plans[one].cell, stage)) for one in numbers]
        return seen.values(cells, upto)

    settings = Settings(asked.confidence, asked.tolerance, asked.runs)
    costs = [one.cost.total for one in plans]
    found = _counted(search(costs, asked.meet, observe, settings, frozenset(excluded)), seen)
    beside = min(_replications(found), MOST_BESIDE)
    told("the scenario as written")
    view = _View(seen, asked)
    now = view.judged("as written", unseen(deployed.cell), beside)
    loads: tuple[tuple[float, Judged], ...] = ()
    people = People()
    missed_later: tuple[int, ...] = ()
    if found.plan is not None:
        cell = unseen(plans[found.plan].cell)
        if cell.demand.log is None:
            told("the plan with more load")
            loads = tuple(
                (scale, view.judged(f"load {scale}", heavier(cell, scale), beside)) for scale in SCALES
            )
        told("how many radiologists absence, other work and doubt take")
        people = people_for(plans, found.plan, asked, view.values)
        found, missed_later = with_later(found, costs, people.looked)
    beside_runs = len(seen.keys()) - found.runs.search - found.runs.test
    needed, looked = people.needed, people.looked
    return Answer(
        plans,
        deployed,
        asked,
        excluded,
        nearest,
        found,
        now,
        loads,
        needed,
        beside_runs,
        looked,
        missed_later,
    )


def of_stage(cell: Scenario, stage: Stage) -> Scenario:
    """The cell in the worlds of a stage: a plan is tested in none that the search has seen."""
    return cell if stage == "search" else unseen(cell)


def _counted(found: Found, seen: Observatory) -> Found:
    """With each run counted once: two plans may be one cell, and the plan named the one as written."""
    search_runs, test_runs = len(seen.keys("search ")), len(seen.keys("test "))
    return replace(found, runs=replace(found.runs, search=search_runs, test=test_runs))


def _replications(found: Found) -> int:
    """Of the winner's test; without one as many as a test would have had."""
    own = [one.n for one in found.tried if one.stage == "test" and one.plan == found.plan]
    return own[0] if own else max(found.test_runs, 2)


@dataclass(frozen=True, slots=True)
class _View:
    """Cells beside those of search and test."""

    seen: Observatory
    asked: Planning

    def values(self, name: str, cell: Scenario, n: int) -> FloatArray:
        return np.asarray(self.seen.values([(name, cell)], n)[0])

    def judged(self, name: str, cell: Scenario, n: int) -> Judged:
        values = self.values(name, cell, n)
        return Judged(judged(values, self.asked.meet, self.asked.confidence), n)
