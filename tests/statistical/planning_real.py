"""Plans of real scenarios against exhaustive search.

``python -m tests.statistical.planning_real [NAME ...]``: three spaces of 200 plans of one evening
(``evenings/``): one in which more bandwidth is worse, one in which no plan meets, one with rivals within
noise.

Declared beforehand: exhaustive search runs every plan as often as the search's own test of a plan, in
worlds of their own seed: it takes so many to promise the same of each. The answer must be the cheapest
plan that lies beyond every target by the tolerance, or a cheaper one that lies within the tolerance of a
target; no rival may miss a target by more than the tolerance, and every plan of the same cost that lies
beyond all must be among the rivals. Runs: at most a quarter of the exhaustive ones. A quarter of an hour of
one core each.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.experiments.assemble import run_once
from simgrid.planning.findings import Found
from simgrid.planning.search import search
from simgrid.planning.settings import Settings
from simgrid.planning.space import Plan, plans
from simgrid.randomness import stream
from simgrid.scenario import load
from simgrid.statistics.long_run import counted, known, long_run

SPACES = ("not-monotone", "infeasible", "rivals")
MOST = 0.25
"""Of exhaustive runs."""


COLUMNS = (
    "space",
    "plans",
    "exhaustive",
    "answer",
    "rivals",
    "searched",
    "tested",
    "exhaustive runs",
    "share",
)


@dataclass
class Observer:
    """Runs of plans, kept; another seed for each stage."""

    those: tuple[Plan, ...]
    targets: tuple[Target, ...]
    seed: int
    kept: dict[tuple[str, int], list[FloatArray]] = field(default_factory=dict)

    def __call__(self, asked: Sequence[int], stage: str, upto: int) -> FloatArray:
        """Values of the targets and their counts as the product gives them, (plans, upto, targets, 2)."""
        return np.array([self.rows(plan, stage, upto) for plan in asked])

    def rows(self, plan: int, stage: str, upto: int) -> list[FloatArray]:
        """One row a replication."""
        rows = self.kept.setdefault((stage, plan), [])
        seed = int(stream(self.seed, 0, f"plan {stage}").integers(10**9))
        cell = replace(self.those[plan].cell, seed=seed)
        for replication in range(len(rows), upto):
            found = {
                one.metric: one.value
                for one in run_once(cell, cell.policies[0], replication)
                if one.group == "all"
            }
            rows.append(
                counted(
                    [found[one.column] for one in self.targets],
                    [found[one.counted] if one.pooled else 1.0 for one in self.targets],
                )
            )
        return rows[:upto]


@dataclass(frozen=True)
class Truth:
    """By how much each plan is beyond each target, in tolerances, (plans, targets), and the runs it took.

    A share is that of all inspections of all runs, other metrics are means over runs.
    """

    ahead: FloatArray
    runs: int

    @property
    def beyond(self) -> FloatArray:
        """Plans beyond every target by the tolerance."""
        return (self.ahead > 1.0).all(axis=1)

    @property
    def short(self) -> FloatArray:
        """Plans that miss a target by more than the tolerance."""
        return (self.ahead < -1.0).any(axis=1)


def exhausted(observed: Observer, settings: Settings, count: int) -> Truth:
    """Every plan, so many times."""
    values = [np.array(observed.rows(plan, "exhaustive", count)) for plan in range(len(observed.those))]
    return Truth(np.array([_ahead(one, observed.targets, settings) for one in values]), count * len(values))


def _ahead(values: FloatArray, targets: Sequence[Target], settings: Settings) -> FloatArray:
    way = np.array([1.0 if one.better == "higher" else -1.0 for one in targets])
    bound = np.array([one.bound for one in targets])
    unit = settings.tolerance * np.array([1.0 if one.kind == "share" else one.bound for one in targets])
    means = np.array([long_run(known(values[:, place])) for place in range(len(targets))])
    return way * (means - bound) / unit


def disagreements(found: Found, truth: Truth, costs: Sequence[float]) -> list[str]:
    """What differs from exhaustive search beyond the tolerance."""
    wrong = []
    beyond, short = np.flatnonzero(truth.beyond), truth.short
    best = int(beyond[0]) if len(beyond) else None
    if found.plan is None:
        if best is not None:
            wrong.append(f"none named, where {best} is beyond every target")
        if found.status == "none meets" and not short.all():
            wrong.append(f"{int((~short).sum())} plans are within the tolerance, and none was said to meet")
        return wrong
    if short[found.plan]:
        wrong.append(f"{found.plan} was named and misses")
    if best is not None and costs[found.plan] > costs[best]:
        wrong.append(f"{found.plan} was named, and {best} is cheaper")
    named = {found.plan, *(one.plan for one in found.rivals)}
    wrong += [f"rival {plan} misses by more than the tolerance" for plan in sorted(named) if short[plan]]
    equal = {int(plan) for plan in beyond if costs[plan] == costs[found.plan]}
    return wrong + [f"{plan} is as good and no rival" for plan in sorted(equal - named)]


@dataclass(frozen=True)
class Compared:
    """A space's plans searched and exhausted, and what differs beyond the tolerance."""

    name: str
    those: tuple[Plan, ...]
    found: Found
    truth: Truth
    wrong: list[str]

    @property
    def taken(self) -> int:
        """Runs of the search and the test."""
        return self.found.runs.search + self.found.runs.test

    @property
    def share(self) -> float:
        """Of the runs that the exhaustive search really made."""
        return self.taken / self.truth.runs

    @property
    def row(self) -> str:
        """As a line of the table."""
        best = next((str(one) for one in np.flatnonzero(self.truth.beyond)), "none")
        answer = self.found.status if self.found.plan is None else str(self.found.plan)
        rivals = " ".join(str(one.plan) for one in self.found.rivals) or "none"
        runs = self.found.runs
        exhaustive = (self.truth.runs, f"{self.share:.3f}")
        cells = (self.name, len(self.those), best, answer, rivals, runs.search, runs.test, *exhaustive)
        return f"| {' | '.join(str(one) for one in cells)} |"


def compared(name: str) -> Compared:
    """Search a space, and run every plan of it."""
    those = plans(load(Path(__file__).parent / "evenings" / f"{name}.yaml", planned=True))
    asked = those[0].cell.plan
    assert asked is not None
    settings = Settings(asked.confidence, asked.tolerance, asked.runs)
    costs = [one.cost.total for one in those]
    observed = Observer(those, asked.meet, those[0].cell.seed)
    found = search(costs, asked.meet, observed, settings)
    truth = exhausted(observed, settings, found.test_runs)
    return Compared(name, those, found, truth, disagreements(found, truth, costs))


def main() -> None:
    """Print a row for each space; exit code 1 where something differs."""
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
    wrong = []
    for name in sys.argv[1:] or SPACES:
        one = compared(name)
        print(one.row, flush=True)
        for place, bound in enumerate(one.found.bounds):
            print(f"target {place}: {bound}", file=sys.stderr)
        for way in one.found.in_the_way:
            print(f"target {way.target}: {way.bound}, plan {way.plan}, alone: {way.alone}", file=sys.stderr)
        wrong += [f"{name}: {text}" for text in one.wrong]
        if one.share > MOST:
            wrong.append(f"{name}: {one.share:.2f} of the exhaustive runs")
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main()
