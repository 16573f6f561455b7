"""Table 1: each policy under the definitions as printed and as repaired (doi 10.1016/j.cmpb.2015.10.005)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simgrid.presentation import wording
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.exhibits.estimates import COLUMNS, Estimate, estimated, reciprocal
from simgrid.reproduction.exhibits.exhibit import Exhibit, Found, Need, Table, Value
from simgrid.reproduction.experiments import EXPERIMENTS
from simgrid.reproduction.parts import DISTANCE, RECIPROCAL


@dataclass(frozen=True, slots=True)
class Definition:
    """One reading of a success of the study: as printed (``literal``) or as repaired."""

    success: str
    reading: str
    metric: str
    meaning: str


DEFINITIONS = (
    Definition("subspecialty", "repaired", "subspecialty_success", "true skill over the best on duty"),
    Definition(
        "subspecialty", "literal", "subspecialty_success_estimated", "the ratings that the policy saw"
    ),
    Definition("response time", "repaired", "response_time_success", "reported at the site in time"),
    Definition("response time", "planned", "response_time_success_planned", "eq. 8 when it was assigned"),
    Definition("response time", "literal", "response_time_success_literal", "expected reading, no queue"),
    Definition("workload", "repaired", DISTANCE, "mean distance from the limit"),
    Definition("workload", "literal", RECIPROCAL, "eq. 10, the reciprocal of that mean"),
)
MEASURED = tuple(one.metric for one in DEFINITIONS if one.metric != RECIPROCAL)


def estimate(evidence: Evidence, metric: str, arm: str) -> Estimate:
    """Of one arm; eq. 10 is made of its distances."""
    if metric == RECIPROCAL:
        return reciprocal(evidence.values[DISTANCE][arm])
    return estimated(evidence.values[metric][arm])


def table(found: Found) -> Table:
    """One row a policy and definition."""
    evidence = found[_WORLDS.name]
    columns = ("policy", "success", "reading", "metric", "unit", "better", *COLUMNS)
    return Table(columns, tuple(_rows(evidence)))


def _rows(evidence: Evidence) -> Iterator[tuple[Value, ...]]:
    for policy in evidence.values[DISTANCE]:
        for one in DEFINITIONS:
            what = (one.success, one.reading, one.metric)
            better = wording.direction(one.metric)
            told = estimate(evidence, one.metric, policy)
            yield (policy, *what, wording.unit(one.metric), better, *told.cells)


_WORLDS = EXPERIMENTS["table-1"].worlds
TABLE_1 = Exhibit(
    "table-1", "Table 1: the study's five policies and the chief", (Need(_WORLDS, MEASURED),), table=table
)
