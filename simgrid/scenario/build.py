"""One validated cell to the domain's ``Scenario``, with every cross-reference checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from simgrid.domain.demand import Demand
from simgrid.domain.radiologist import Radiologist
from simgrid.domain.scenario import Belief, Discrepancy, PolicyChoice, Scenario, Spread
from simgrid.domain.units import Seconds
from simgrid.domain.world import Dispatch
from simgrid.scenario.backlog import build_backlog
from simgrid.scenario.beliefs import Stages, build_belief
from simgrid.scenario.costs import build_costs
from simgrid.scenario.demand import build_demand
from simgrid.scenario.events import build_events, check_start
from simgrid.scenario.findings import Findings
from simgrid.scenario.grid import build_grid
from simgrid.scenario.incidents import BuiltIncidents, build_incidents
from simgrid.scenario.installed import Installed
from simgrid.scenario.ledger import ledger
from simgrid.scenario.links import build_lines
from simgrid.scenario.marks import Located
from simgrid.scenario.mending import mend
from simgrid.scenario.oddities import warn
from simgrid.scenario.people import (
    build_claims,
    build_gate,
    build_limit,
    build_policies,
    build_radiologists,
    check_metrics,
    check_places,
)
from simgrid.scenario.places import build_clients, build_data_centre, build_sites, build_units
from simgrid.scenario.plugged import Plugged, PlugIns
from simgrid.scenario.problems import Problem
from simgrid.scenario.quality import build_imaging
from simgrid.scenario.refusals import problems_of
from simgrid.scenario.replayed import check_log
from simgrid.scenario.replications import build_precision
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.tables import Tables
from simgrid.scenario.targets import build_planning, build_targets, two_targets

NOT_IN_A_RUN = {
    "title",
    "name",
    "sources",
    "replications",
    "regime",
    "policies",
    "baseline",
    "primary",
    "groups",
    "claims",
    "targets",
    "costs",
    "plan",
    "stress",
}
"""Keys that change no run of a policy: what is asked of the runs, and what is said about them."""

LATER: tuple[tuple[Any, ...], ...] = (
    ("demand", "off_hours", True),
    ("demand", "triage", None),
    ("workload_limit", "period", "run"),
    ("spread", "benefit", 1.0),
    ("belief", "changes", {}),
    ("policy_options", {}),
    ("images", None),
    ("acquisition", "dose", {}),
    ("acquisition", "recall", None),
    ("administration", None),
    ("start_from", None),
)
"""Places with their defaults, at which they are in no text: that of an earlier stage is in the keys of runs,
and a key of the language that is not used must change none of them."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as built, or None with the problems that forbid it; ``warnings`` do not."""

    scenario: Scenario | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a cell's tree is built in: its name unless it says one, tables, plug-ins, stages built before."""

    name: str
    tables: Tables
    installed: Installed
    plug_ins: PlugIns
    stages: Stages = field(default_factory=dict)


def build_cell(
    tree: Located, around: Surroundings, swept: tuple[tuple[str, str], ...] = (), *, warned: bool = True
) -> Cell:
    """Validate one cell's tree and build it; what the schema refuses does not hide what follows.

    Without ``warned`` nobody asks what is odd about the cell, which takes longer than all the rest.
    """
    try:
        spec = ScenarioSpec.model_validate(tree.plain())
    except ValidationError as error:
        refused = [two_targets(one, tree) for one in problems_of(error, tree)]
        mended = mend(tree, error)
        if mended is not None:
            findings = Findings(tree, ignored=mended.paths)
            _scenario(mended.spec, around, findings, swept)
            refused += findings.problems
        return Cell(None, tuple(refused))
    findings = Findings(tree)
    scenario = _scenario(spec, around, findings, swept)
    if warned and scenario is not None and not findings.forbid:
        warn(scenario, findings)
    return Cell(None if findings.forbid else scenario, tuple(findings.problems))


def _scenario(
    spec: ScenarioSpec, around: Surroundings, findings: Findings, swept: tuple[tuple[str, str], ...]
) -> Scenario | None:
    """The scenario, every doubt about it in ``findings``; None without usable tables."""
    _check(spec, findings)
    sources = ledger(spec, findings)
    plugged = around.plug_ins.used(spec, findings)
    policies, baseline = build_policies(spec, around.installed, plugged, findings)
    files = findings.file_named(("codes",), spec.codes), findings.file_named(("ontology",), spec.ontology)
    codes, ontology = around.tables.codes(files[0], findings), around.tables.ontology(files[1], findings)
    if codes is None or ontology is None:
        return None
    demand = build_demand(spec, codes, around.installed, findings)
    check_log(spec, demand.log, files[0], policies, around.installed, findings)
    radiologists = build_radiologists(spec, codes, ontology.conditions, findings)
    incidents, belief = build_incidents(spec, findings), _belief(spec, radiologists, around, findings)
    backlog = build_backlog(spec, demand, radiologists, codes, findings)
    return Scenario(
        name=spec.name or around.name,
        title=spec.title,
        start=spec.calendar.start.replace(tzinfo=ZoneInfo(spec.calendar.zone)),
        horizon_s=spec.horizon,
        give_up_s=spec.horizon + spec.give_up_after,
        warmup_s=_warmup(spec, findings),
        regime=spec.regime,
        seed=spec.seed,
        replications=spec.replications.max,
        precision=build_precision(spec, findings),
        policies=policies,
        baseline=baseline,
        radiologists=radiologists,
        demand=demand,
        dispatch=Dispatch(spec.dispatch.every, spec.dispatch.at_most, spec.dispatch.in_hours),
        **_places(spec),
        events=(*build_events(spec, radiologists, findings), *incidents.events),
        lines=build_lines(spec),
        grid=build_grid(spec, findings),
        workload_limit=build_limit(spec),
        storage_factor=spec.constraints.storage_factor,
        transfer_limit_s=spec.constraints.transfer_limit or float("inf"),
        report_bytes=spec.network.report,
        sharing=spec.network.sharing,
        spread=_spread(spec),
        belief=belief,
        gate=build_gate(spec, around.installed, plugged, findings),
        discrepancy=Discrepancy(spec.discrepancy.best, spec.discrepancy.worst),
        lookup_factor=spec.lookup_factor,
        ontology=ontology.mapping,
        codes_folder=None if files[0] is None else str(files[0]),
        primary=spec.primary,
        groups=spec.groups,
        sources=sources,
        **_declared(spec, demand, radiologists, policies, findings),
        **build_imaging(spec, codes, around.installed, findings),
        swept=swept,
        canonical=canonical(spec, belief),
        inputs={**around.tables.inputs(*files), **_others(spec, plugged, incidents), **backlog.inputs},
        start_from=backlog.backlog,
    )


def _places(spec: ScenarioSpec) -> dict[str, Any]:
    """Whatever has a connection."""
    return {
        "sites": build_sites(spec),
        "units": build_units(spec),
        "data_centre": build_data_centre(spec),
        "clients": build_clients(spec),
    }


def _declared(
    spec: ScenarioSpec,
    demand: Demand,
    radiologists: tuple[Radiologist, ...],
    policies: tuple[PolicyChoice, ...],
    findings: Findings,
) -> dict[str, Any]:
    """What is said of the runs beforehand, and what is asked of plans."""
    labels = [choice.label for choice in policies]
    targets = build_targets(spec, demand, radiologists, findings)
    return {
        "claims": build_claims(spec, labels, findings),
        "targets": targets,
        "costs": build_costs(spec, findings),
        "plan": build_planning(spec, targets, labels, findings),
        "stress": spec.stress.build(),
    }


def _belief(
    spec: ScenarioSpec, radiologists: tuple[Radiologist, ...], around: Surroundings, findings: Findings
) -> Belief | None:
    built = partial(_whole, around=around)
    spread = _spread(spec)
    return build_belief(spec, radiologists, spread, around.installed, findings, built, around.stages)


def _whole(tree: Located, name: str, *, around: Surroundings) -> Scenario | tuple[Problem, ...]:
    """A scenario of its own from its tree, or the errors that forbid it."""
    cell = build_cell(tree, replace(around, name=name))
    return cell.scenario or tuple(one for one in cell.problems if one.severity == "error")


def _check(spec: ScenarioSpec, findings: Findings) -> None:
    for check in (check_start, check_places, check_metrics):
        check(spec, findings)


def _warmup(spec: ScenarioSpec, findings: Findings) -> Seconds:
    if spec.warmup >= spec.horizon:
        message = "the warm-up is not shorter than the horizon: nothing would be measured"
        findings.add("E107", ("warmup",), message, "lengthen the horizon, or shorten the warm-up")
        return 0.0
    warmup: Seconds = spec.warmup
    return warmup


def _others(spec: ScenarioSpec, plugged: Plugged, incidents: BuiltIncidents) -> Mapping[str, str]:
    """The files read beside the tables: a plugged-in gate, incidents."""
    gate = plugged.inputs(spec.quality_gate.name) if spec.quality_gate is not None else {}
    return {**gate, **incidents.inputs}


def _spread(spec: ScenarioSpec) -> Spread:
    one = spec.spread
    return Spread(one.speed, one.skill, one.estimate_error, one.benefit)


def canonical(spec: ScenarioSpec, belief: Belief | None = None) -> str:
    """The text that identifies a cell: JSON with sorted keys, defaults filled in, in the model's units.

    So a comment, a title, ``8000 kbit/s`` for ``8 Mbit/s`` or a default written out change no hash. The order
    of places, people and modalities does: it decides ties and which draw is whose. An earlier stage that is
    simulated first is told after it.
    """
    dump = spec.model_dump(mode="json", exclude=NOT_IN_A_RUN)
    if spec.belief is not None:
        dump["belief"]["stage"] = None  # wherever its file lies
    for place in (*dump["sites"].values(), *dump["units"].values(), dump["data_centre"]):
        place.pop("at", None)  # where it is drawn
    for *blocks, key, default in LATER:
        block = dump
        for name in blocks:
            block = block.get(name) or {}
        if block.get(key) == default:
            del block[key]
    dump["order"] = {block: list(dump[block]) for block in ("sites", "units", "clients", "radiologists")}
    mix = spec.demand.mix
    dump["order"]["modalities"] = [] if mix is None else list(mix.modalities or mix.counts)
    text = json.dumps(dump, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text + (belief.stage.canonical if belief and belief.stage else "")
