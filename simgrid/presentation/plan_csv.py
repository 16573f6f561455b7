"""``plan.csv``: the plans that were looked at, a row a target, for whoever opens tables and not JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simgrid.experiments.csv_files import csv_text, number
from simgrid.experiments.data_dictionary import PLAN, columns
from simgrid.planning.answer import Answer
from simgrid.planning.space import Plan
from simgrid.statistics.bounds import Bound


def plan_csv(told: Answer) -> str:
    """The plans tried by cost, the scenario as written, the plan that was named with more load, and those
    looked at for what takes radiologists (``people: absence``: without it), by their own bounds.

    Ten significant digits; a cell is empty where nothing is defined.
    """
    places = tuple(place for place, _ in told.deployed.values)
    header = [one.name for one in columns(PLAN, places)]
    return csv_text(header, (row for one in _looked_at(told) for row in _rows(told, *one)))


def _looked_at(told: Answer) -> Iterator[tuple[str, bool, Plan, Sequence[Bound]]]:
    """Part, whether it is the plan that was named, the plan, and its targets' bounds."""
    named = told.found.plan
    for one in told.found.tried:
        yield one.stage, one.plan == named, told.plans[one.plan], one.bounds
    yield "as written", False, told.deployed, told.now.bounds
    if named is not None:
        for scale, seen in told.loads:
            yield f"load x {scale:.2f}", True, told.plans[named], seen.bounds
    for look in told.looked:
        yield f"people: {look.world}", False, told.plans[look.plan], look.bounds


def _rows(told: Answer, part: str, named: bool, plan: Plan, bounds: Sequence[Bound]) -> Iterator[list[str]]:
    at = [part, "yes" if named else "", *(text for _, text in plan.values)]
    for target, one in zip(told.asked.meet, bounds, strict=True):
        unit = "1" if target.periods is not None else target.unit
        found = map(number, (target.goal, one.mean, one.low, one.high))
        yield [*at, number(plan.cost.total), plan.cost.unit, target.name, unit, *found, str(one.n), one.met]
