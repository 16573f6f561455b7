"""Warnings about values that are legal, hold together by arithmetic alone and can hardly be meant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from simgrid.domain.demand import Urgency
from simgrid.domain.scenario import Scenario
from simgrid.domain.units import DAY, HOUR, MINUTE, Seconds
from simgrid.scenario.findings import Findings
from simgrid.scenario.marks import Path

SHORT_WARMUP = 0.1
"""Below this part of the horizon a warm-up changes little: what it leaves out weighs no more than that."""
LONG_WARMUP = 0.5
"""Above it, most of what is simulated is not measured."""
_ROUNDING = 1e-9


def warn_of_values(scenario: Scenario, findings: Findings) -> None:
    """Note times that do not go together, an odd warm-up, and people who fit nothing."""
    _end(scenario, findings)
    _dispatch(scenario, findings)
    _reversed(scenario, findings)
    _holidays(scenario, findings)
    _warmup(scenario, findings)
    _triage(scenario, findings)
    for name, one in findings.tree.mapping["radiologists"].mapping.items():
        ratings = one.mapping.get("ratings")
        if ratings is not None and not ratings.mapping:
            message = f"{name} has no rating: she fits nothing, whatever she reads"
            way_out = "rate what she reads, such as {CT: 4, Brain: 3}"
            findings.add("W312", ("radiologists", name, "ratings"), message, way_out)


def _urgencies(scenario: Scenario) -> Iterator[tuple[Urgency, str, Path]]:
    """Every declared urgency that requests have: itself, whose it is, and where its times stand."""
    demand = scenario.demand
    flows = demand.arrivals.flows
    if not flows or demand.arrivals.per_day or any(flow.urgency == demand.urgency for flow in flows):
        yield demand.urgency, "", ("demand", "required")
    for flow in flows:
        if flow.urgency != demand.urgency:
            place: Path = ("sites", flow.site, "demand", flow.modality, "required")
            yield flow.urgency, f" {flow.modality} from {flow.site}", place


def _end(scenario: Scenario, findings: Findings) -> None:
    after = scenario.give_up_s - scenario.horizon_s
    longest = max((one for one, *_ in _urgencies(scenario)), key=lambda one: one.routine_within_s)
    if after < longest.routine_within_s:
        message = f"the run ends {duration(after)} after the last request"
        way_out = f"routine reports have {duration(longest.routine_within_s)}: let it run at least so long"
        findings.add("W306", ("give_up_after",), message, way_out)


def _dispatch(scenario: Scenario, findings: Findings) -> None:
    every = scenario.dispatch.every_s
    urgent = [one for one in _urgencies(scenario) if one[0].urgent_share > 0]
    if not urgent:
        return
    soonest, whose, _ = min(urgent, key=lambda one: one[0].urgent_within_s)
    if every > soonest.urgent_within_s:
        of = f"urgent{whose} is" if whose else "urgent reports are"
        message = f"work is given out every {duration(every)}, {of} due in"
        message += f" {duration(soonest.urgent_within_s)}"
        findings.add("W306", ("dispatch", "every"), message, "decide more often, or add a policy @online")


def _triage(scenario: Scenario, findings: Findings) -> None:
    flag = scenario.demand.triage
    if flag is not None and flag.sensitivity < flag.false_positives:
        message = f"of the urgent {flag.sensitivity:.3g} are labelled urgent, of the routine"
        message += f" {flag.false_positives:.3g}: the label puts routine studies first"
        way_out = "a label worth showing finds more of the urgent: swap the two, or take its complement"
        findings.add("W316", ("demand", "triage"), message, way_out)


def _reversed(scenario: Scenario, findings: Findings) -> None:
    for one, whose, place in _urgencies(scenario):
        if one.urgent_within_s > one.routine_within_s:
            message = f"urgent{whose or ' reports'} may take {duration(one.urgent_within_s)}, routine only"
            message += f" {duration(one.routine_within_s)}"
            findings.add("W306", place, message, "urgent ones usually have less time: swap the two")


def _holidays(scenario: Scenario, findings: Findings) -> None:
    """A list may serve several years, so it is odd only where none of them is the run's."""
    given = findings.tree.at(("calendar", "holidays"))
    days = given.plain() if given is not None else None
    end = scenario.start.astimezone(UTC) + timedelta(seconds=scenario.give_up_s)
    first, last = scenario.start.year, end.year
    if isinstance(days, list) and days and not any(first <= _year(day) <= last for day in days):
        years = f"{first}" if first == last else f"{first} to {last}"
        message = f"none of them is in {years}, when the run is"
        findings.add("W306", ("calendar", "holidays"), message, "look at the year")


def _year(day: object) -> int:
    return datetime.fromisoformat(str(day)).year


def _warmup(scenario: Scenario, findings: Findings) -> None:
    if scenario.warmup_s == 0:
        if scenario.regime == "steady-state":
            message = "a steady-state study without one measures how its runs fill up"
            findings.add("W310", ("regime",), message, "'simgrid warm-up FILE' proposes a warm-up")
        return
    part = scenario.warmup_s / scenario.horizon_s
    message = f"the warm-up is {100 * part:.2g} % of the horizon"
    if part < SHORT_WARMUP - _ROUNDING:
        findings.add("W310", ("warmup",), message, "it changes little: lengthen it, or leave it out")
    elif part > LONG_WARMUP + _ROUNDING:
        way_out = "most of the run is not measured: lengthen the horizon"
        findings.add("W310", ("warmup",), message, way_out)


def duration(seconds: Seconds) -> str:
    """A duration in the largest unit of which there are at least two, such as ``90 min`` or ``2 h``."""
    for unit, size in (("d", DAY), ("h", HOUR), ("min", MINUTE)):
        if seconds >= 2 * size or (seconds == size and unit != "d"):
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
