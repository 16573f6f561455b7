"""Table 1: each policy under the definitions as printed and as repaired (doi 10.1016/j.cmpb.2015.10.005)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from simgrid.presentation import wording
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.exhibits.drawing import (
    HOW_TO_READ,
    dot,
    finish,
    heading,
    rows_of,
    value_labels,
)
from simgrid.reproduction.exhibits.estimates import COLUMNS, Estimate, estimated, reciprocal
from simgrid.reproduction.exhibits.exhibit import Exhibit, Found, Need, Table, Value
from simgrid.reproduction.experiments import EXPERIMENTS, TABLE_1_FULL
from simgrid.reproduction.parts import DISTANCE, RECIPROCAL

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Definition:
    """One reading of a success of the study: as printed (``literal``) or as repaired."""

    success: str
    reading: str
    metric: str
    meaning: str


DEFINITIONS = (
    Definition("subspecialty", "literal", "subspecialty_success_estimated", "on the ratings believed"),
    Definition("subspecialty", "repaired", "subspecialty_success", "on true skill"),
    Definition("response time", "literal", "response_time_success_literal", "reading minutes, no queue"),
    Definition("response time", "planned", "response_time_success_planned", "eq. 8 when assigned"),
    Definition("response time", "repaired", "response_time_success", "reported at the site in time"),
    Definition("workload", "literal", RECIPROCAL, "eq. 10 of the mean distance"),
    Definition("workload", "repaired", DISTANCE, "mean distance D from the limits"),
)
MEASURED = tuple(one.metric for one in DEFINITIONS if one.metric != RECIPROCAL)
_DRAWN = tuple(one for one in DEFINITIONS if one.reading != "planned")


def estimate(evidence: Evidence, metric: str, arm: str) -> Estimate:
    """Of one arm; eq. 10 is made of its distances."""
    if metric == RECIPROCAL:
        return reciprocal(evidence.values[DISTANCE][arm])
    return estimated(evidence.values[metric][arm])


def table(name: str, found: Found) -> Table:
    """One row a policy and definition, of the worlds of that name."""
    columns = ("policy", "asked", "success", "reading", "metric", "unit", "better", *COLUMNS)
    return Table(columns, tuple(_rows(found[name])))


def _rows(evidence: Evidence) -> Iterator[tuple[Value, ...]]:
    for arm in evidence.values[DISTANCE]:
        policy, asked = named(arm)
        for one in DEFINITIONS:
            better = wording.direction(one.metric)
            what = (one.success, one.reading, one.metric, wording.unit(one.metric), better)
            yield (policy, asked, *what, *estimate(evidence, one.metric, arm).cells)


def named(arm: str) -> tuple[str, str]:
    """A policy without its timing, and when it is asked: ``random@feasible``, ``at arrival``."""
    name, _, variant = arm.partition("@")
    tokens = [one for one in variant.split("+") if one]
    asked = "at arrival" if "online" in tokens else "in batches"
    kept = "+".join(one for one in tokens if one not in ("online", "batched"))
    return f"{name}@{kept}" if kept else name, asked


def figure(name: str, found: Found) -> Figure:
    """A row a policy, a panel a definition: literal above repaired; hollow where it is asked at arrivals."""
    from matplotlib.figure import Figure

    evidence = found[name]
    arms = tuple(evidence.values[DISTANCE])
    policies = tuple(dict.fromkeys(named(arm)[0] for arm in arms))
    height = {policy: float(len(policies) - place) for place, policy in enumerate(policies)}
    drawn = Figure(figsize=(10, 1.6 + 2 * (0.45 + 0.23 * len(policies))))
    grid = drawn.subplots(2, 3, sharey=True)
    for number, one in enumerate(_DRAWN):
        panel = grid[number % 2][number // 2]
        told = [estimate(evidence, one.metric, arm) for arm in arms]
        online = [named(arm)[1] == "at arrival" for arm in arms]
        apart = 0.18 if any(online) else 0.0
        at = [
            height[named(arm)[0]] + (-apart if one else apart) for arm, one in zip(arms, online, strict=True)
        ]
        for shown, row, hollow in zip(told, at, online, strict=True):
            dot(panel, row, shown, hollow=hollow)
        if not any(online):
            value_labels(panel, told, at)
        rows_of(panel, policies, list(height.values()))
        heading(panel, f"{one.success}, {one.reading} {wording.arrow(one.metric)}", one.meaning)
    timing = " Filled: asked in batches, hollow: at every arrival." if len(policies) < len(arms) else ""
    worlds = f"\n{evidence.worlds} worlds of 100 inspections."
    finish(drawn, "Table 1 again: definitions as printed and as repaired", HOW_TO_READ + worlds + timing)
    return drawn


def _exhibit(name: str, title: str, need: Need) -> Exhibit:
    of = need.worlds.name
    return Exhibit(name, title, (need,), table=partial(table, of), figure=partial(figure, of))


TABLE_1 = _exhibit(
    "table-1",
    "Table 1: the study's five policies and the chief",
    Need(EXPERIMENTS["table-1"].worlds, MEASURED),
)
TABLE_1_IN_FULL = _exhibit(
    "table-1-full",
    "Table 1 in full: every definition, in batches and at arrivals",
    Need(TABLE_1_FULL, MEASURED),
)
