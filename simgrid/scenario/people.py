"""Radiologists, places and policies of a scenario, held against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from simgrid.codes import CodeTables
from simgrid.domain.limits import WorkloadLimit
from simgrid.domain.metric import METRICS
from simgrid.domain.radiologist import Radiologist
from simgrid.domain.scenario import Claim, GateChoice, PolicyChoice
from simgrid.domain.units import MINUTE
from simgrid.scenario.findings import Findings
from simgrid.scenario.hours import weekly_schedule
from simgrid.scenario.installed import Installed
from simgrid.scenario.kinds import modality_meant
from simgrid.scenario.marks import Path
from simgrid.scenario.plugged import Plugged
from simgrid.scenario.problems import did_you_mean, nearest
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.schema_people import RadiologistSpec

DATA_CENTRE = "data-centre"
MAX_RADIOLOGISTS = 2000


def build_radiologists(
    spec: ScenarioSpec, codes: CodeTables, rateable: Sequence[str], findings: Findings
) -> tuple[Radiologist, ...]:
    """Every radiologist, ``count`` expanded; references are checked into ``findings``.

    ``rateable``: the names of the ontology's conditions.
    """
    total = sum(one.count for one in spec.radiologists.values())
    if total > MAX_RADIOLOGISTS:
        message = f"{total} of them, at most {MAX_RADIOLOGISTS} fit"
        findings.add("E107", ("radiologists",), message, "lower the counts, or merge entries")
        return ()
    if total == 0:
        findings.add(
            "E107", ("radiologists",), "nobody is left: every count is 0", "give one of them a count"
        )
    conditions = {name.casefold(): name for name in rateable}
    holidays = frozenset(spec.calendar.holidays)
    made: list[Radiologist] = []
    taken: dict[str, str] = {}
    for name, one in spec.radiologists.items():
        _check(name, one, spec, codes, conditions, findings)
        for own in _names(name, one.count):
            before = taken.get(own.casefold())
            taken[own.casefold()] = own
            if before is not None:
                message = f"two radiologists are called {own}"
                if own != before:
                    message = f"{own} and {before} differ in capitals only"
                findings.add("E202", ("radiologists", name), message, "rename one")
            made.append(_radiologist(own, one, spec.calendar.zone, holidays, conditions))
    return tuple(made)


def _check(
    name: str,
    one: RadiologistSpec,
    spec: ScenarioSpec,
    codes: CodeTables,
    conditions: Mapping[str, str],
    findings: Findings,
) -> None:
    place = ("radiologists", name)
    if one.unit not in spec.units:
        way_out = did_you_mean(one.unit, spec.units, "the units are")
        findings.add("E201", (*place, "unit"), f"no reporting unit is called '{one.unit}'", way_out)
    for index, modality in enumerate(one.reads):
        if modality not in codes.modalities:
            way_out = modality_meant(modality, codes.modalities)
            findings.add("E204", (*place, "reads", index), f"'{modality}' is no modality", way_out)
        if modality in one.reads[:index]:
            findings.add("E202", (*place, "reads", index), f"'{modality}' stands twice", "keep one")
    rated: dict[str, str] = {}
    for condition in one.ratings:
        path = (*place, "ratings", condition)
        if condition.casefold() not in conditions:
            way_out = did_you_mean(condition, sorted(conditions.values()), "the ontology has")
            findings.add_at_key("E203", path, "no such condition in the ontology", way_out)
        before = rated.setdefault(condition.casefold(), condition)
        if before != condition:
            findings.add_at_key("E202", path, f"'{before}' is rated already", "keep one of the two")
    if spec.workload_limit.share == "declared" and one.effort_limit is None:
        findings.add(
            "E102", (*place, "effort_limit"), "is missing", "workload_limit.share: declared needs it"
        )
    if one.full_time == 0 or 1 in (one.non_reading, one.absence):
        at = "full_time" if one.full_time == 0 else "non_reading" if one.non_reading == 1 else "absence"
        findings.add("E107", (*place, at), "leaves no time to read", "remove the radiologist instead")


def _names(name: str, count: int) -> Iterator[str]:
    return iter([name]) if count == 1 else (f"{name}-{number}" for number in range(1, count + 1))


def _radiologist(
    name: str, one: RadiologistSpec, zone: str, holidays: frozenset[date], conditions: Mapping[str, str]
) -> Radiologist:
    return Radiologist(
        name=name,
        unit=one.unit,
        reads=frozenset(one.reads),
        ratings={conditions.get(key.casefold(), key): rating for key, rating in one.ratings.items()},
        schedule=weekly_schedule(one.hours, one.zone or zone, holidays),
        speed=one.speed,
        full_time=one.full_time,
        non_reading=one.non_reading,
        absence=one.absence,
        cherry_picking=one.cherry_picking,
        monitor_megapixels=one.monitor,
        effort_limit_min=None if one.effort_limit is None else one.effort_limit / MINUTE,
        favour=one.favour,
    )


def check_places(spec: ScenarioSpec, findings: Findings) -> None:
    """Sites, units, clients and the data centre share one network, so each name stands for one place."""
    owner: dict[str, tuple[str, str]] = {DATA_CENTRE: (DATA_CENTRE, "the data centre")}
    for block in ("sites", "units", "clients"):
        for name in getattr(spec, block):
            before, what = owner.setdefault(name.casefold(), (name, f"one of the {block}"))
            if (before, what) != (name, f"one of the {block}"):
                message = f"'{name}' is also the name of {what}"
                if before != name:
                    message = f"'{name}' and '{before}' differ in capitals only"
                findings.add("E202", (block, name), message, "rename one of the two")


def build_policies(
    spec: ScenarioSpec, installed: Installed, plugged: Plugged, findings: Findings
) -> tuple[tuple[PolicyChoice, ...], str]:
    """The policies and the label of the baseline: as declared, else manual where listed, else the first."""
    choices = tuple(
        PolicyChoice(
            one.name,
            one.variant,
            {**spec.policy_options.get(one.name, {}), **one.options},
            plugged.usable.get(one.name),
        )
        for one in spec.policies
    )
    labels = [choice.label for choice in choices]
    used = {one.name for one in choices} | ({spec.belief.policy.partition("@")[0]} if spec.belief else set())
    for name in spec.policy_options:
        if name not in used:
            way_out = did_you_mean(name, used, "the policies are")
            findings.add_at_key("E206", ("policy_options", name), f"'{name}' decides nothing here", way_out)
    for index, choice in enumerate(choices):
        for message, way_out in plugged.check(choice.name, partial(installed.policy, choice)):
            near = _own(choice.name, spec, installed)
            findings.add("E206", ("policies", index), message, near or way_out)
    for index, label in enumerate(labels):
        if label in labels[:index]:
            findings.add("E206", ("policies", index), f"'{label}' stands twice", "keep one")
    baseline = spec.baseline
    if baseline is None:
        return choices, "manual" if "manual" in labels else labels[0]
    if baseline not in labels:
        way_out = did_you_mean(baseline, labels, "the policies are")
        findings.add("E206", ("baseline",), f"'{baseline}' is not one of the policies", way_out)
    return choices, baseline


def build_claims(spec: ScenarioSpec, labels: Sequence[str], findings: Findings) -> tuple[Claim, ...]:
    """The declared orderings, each between policies that the scenario runs."""
    for index, claim in enumerate(spec.claims):
        place = ("claims", index)
        named: list[tuple[Path, str]] = [((*place, "policy"), claim.policy)]
        named += [((*place, "against", number), one) for number, one in enumerate(claim.against)]
        for path, label in named:
            if label not in labels:
                way_out = did_you_mean(label, labels, "the policies are")
                findings.add("E206", path, f"'{label}' is not one of the policies", way_out)
        if claim.policy in claim.against:
            findings.add("E206", (*place, "against"), "a policy cannot beat itself", "remove it here")
    return tuple(Claim(one.policy, one.against, one.metric, one.note) for one in spec.claims)


def _own(name: str, spec: ScenarioSpec, installed: Installed) -> str:
    """The scenario's plug-in that is meant by an unknown name."""
    unknown = name not in spec.plug_ins and not installed.taken(name)
    near = nearest(name, spec.plug_ins) if unknown else None
    return "" if near is None else f"did you mean '{near}'?"


def build_gate(spec: ScenarioSpec, installed: Installed, plugged: Plugged, findings: Findings) -> GateChoice:
    """The quality gate; none where the scenario names none."""
    gate = spec.quality_gate
    if gate is None:
        return GateChoice()
    choice = GateChoice(gate.name, dict(gate.options), plugged.usable.get(gate.name))
    for message, way_out in plugged.check(gate.name, partial(installed.gate, choice)):
        near = _own(gate.name, spec, installed)
        findings.add("E206", ("quality_gate",), message, near or way_out)
    return choice


def check_metrics(spec: ScenarioSpec, findings: Findings) -> None:
    """The metrics that the scenario names are metrics that there are."""
    named: list[tuple[Path, str]] = [(("primary", index), name) for index, name in enumerate(spec.primary)]
    named += [(("claims", index, "metric"), claim.metric) for index, claim in enumerate(spec.claims)]
    for path, name in named:
        if name not in METRICS:
            way_out = did_you_mean(name, METRICS, "the metrics are")
            findings.add("E201", path, f"there is no metric '{name}'", way_out)


def build_limit(spec: ScenarioSpec) -> WorkloadLimit:
    """The rule for l_j."""
    rule = spec.workload_limit
    scored = rule.slack if isinstance(rule.scored_slack, str) else rule.scored_slack
    return WorkloadLimit(rule.share, rule.total, rule.slack, rule.plus_largest, scored, period=rule.period)
