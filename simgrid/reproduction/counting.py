"""Figures that are computed and not estimated, and journals that are the same or not."""

from __future__ import annotations

from collections.abc import Mapping

from simgrid.domain.scenario import Scenario
from simgrid.domain.units import DAY, FloatArray
from simgrid.reproduction.claims import Claim
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.experiments import EXPERIMENTS, SCENARIOS_OF_SUMS
from simgrid.reproduction.finding import Finding
from simgrid.reproduction.verdicts import counted
from simgrid.scenario import load

_MONTH_DAYS = 365.25 / 12


def sum_of(claim: Claim, part: str) -> Finding:
    """The inspections of several scenarios, added up, against the stated number."""
    names = claim.quantity.metrics if claim.quantity else ()
    counts = [_requested(load(SCENARIOS_OF_SUMS[name]).cells[0]) for name in names]
    told = " + ".join(f"{count:.0f}" for count in counts)
    stated = claim.value if claim.value is not None else float("nan")
    verdict = counted([sum(counts)], [stated])
    return Finding(claim, part, verdict, counts=(("", sum(counts)),), why=f"{' and '.join(names)}: {told}")


def counts_of(claim: Claim, part: str, evidence: Evidence) -> Finding:
    """What the scenario's deployment has and what arrived in its world, against the stated figures."""
    cell = load(EXPERIMENTS[claim.experiment].worlds.scenario).cells[0]
    arrived = {metric: float(next(iter(rows.values()))[0]) for metric, rows in evidence.values.items()}
    ours = {
        "sites": float(len(cell.sites) + len(cell.units)),
        "months": float(round(cell.horizon_s / DAY / _MONTH_DAYS)),
        "archived": arrived["archived"] + arrived["reported"],
        "reported": arrived["reported"],
    }
    shown = {name: ours[name] for name in claim.values}
    other = [name for name, count in shown.items() if count != claim.values[name]]
    why = f"not the same: {', '.join(other)}" if other else "sites include the reporting unit"
    verdict = counted(list(shown.values()), list(claim.values.values()))
    return Finding(claim, part, verdict, counts=tuple(shown.items()), why=why)


def same_journals(claim: Claim, part: str, same: Mapping[str, FloatArray]) -> Finding:
    """By construction where every policy lived the same events in every world."""
    other = [policy for policy, worlds in same.items() if not worlds.all()]
    if other:
        return Finding(claim, part, "differs", why=f"events that differ: {', '.join(other)}")
    worlds = len(next(iter(same.values())))
    why = f"{len(same)} policies, {worlds} worlds: the same events in the same order at the same times"
    return Finding(claim, part, "by construction", why=why)


def _requested(scenario: Scenario) -> float:
    """The inspections that a scenario counts out."""
    count = scenario.demand.arrivals.count
    if count is None:
        raise ValueError(f"{scenario.name} does not count its inspections")
    return float(count)
