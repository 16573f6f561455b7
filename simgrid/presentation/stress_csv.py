"""Every row of a stress test as a table: nothing is folded, nothing is rounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite

from simgrid.experiments.csv_files import csv_text, number
from simgrid.planning.judging import Change, Judged
from simgrid.planning.stress import Stressed

HEADER = ("state", "kind", "name", "worlds", "measured", "figure", "value", "low", "high", "verdict", "says")


def stress_csv(found: Stressed) -> str:
    """A line for each target and each difference in each state; what is not a number is empty."""
    return csv_text(HEADER, _lines(found))


def _lines(found: Stressed) -> Iterator[tuple[str, ...]]:
    many = found.replications
    yield from _of(("as deployed", "", ""), many, found.deployed, (), "")
    for one in found.without:
        yield from _of(("without", one.kind, one.name), one.n, one.targets, one.changes, one.says)
    for step in found.loads.steps if found.loads else ():
        says = f"really {step.added:+g} {'study' if step.added == 1 else 'studies'} a run" + (
            "" if step.tests else ": tests nothing new"
        )
        yield from _of(("load", "", f"{step.scale:g}"), step.n, step.targets, step.changes, says)


def _of(
    state: tuple[str, str, str], worlds: int, targets: Sequence[Judged], changes: Sequence[Change], says: str
) -> Iterator[tuple[str, ...]]:
    for one in targets:
        ends = ("", "") if one.alike else (_plain(one.low), _plain(one.high))
        yield (*state, str(worlds), f"target {one.name}", "mean", _plain(one.mean), *ends, one.verdict, says)
    for each in changes:
        ends = (_plain(each.low), _plain(each.high))
        told = (f"{each.metric} ({each.unit})", "difference", _plain(each.difference))
        yield (*state, str(worlds), *told, *ends, "", says)


def _plain(value: float) -> str:
    return number(value) if isfinite(value) else ""
