"""Targets and what planning is asked, held against the rest of the scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path as File

from simgrid.domain.demand import Demand
from simgrid.domain.metric import METRICS
from simgrid.domain.planning import Planning
from simgrid.domain.radiologist import Radiologist
from simgrid.domain.targets import IN_TIME, Target, fewest
from simgrid.domain.units import DAY
from simgrid.scenario.findings import Findings
from simgrid.scenario.links import links_of
from simgrid.scenario.marks import Located, Path
from simgrid.scenario.metric_amounts import amount_of
from simgrid.scenario.problems import Problem, did_you_mean, shown
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.schema_planning import PlanSpec, TargetSpec
from simgrid.scenario.units import BadQuantity

ALL = "all"
LONGEST_NAME = 60
_CODE = "E218"
_NO_MEANS = {"workload_success": "workload_distance"}
"""Metrics whose mean over replications is not what is reported, and what to take instead."""
_OF_LINKS = "link_utilisation"
_LENGTHS = {
    "days": DAY,
    "weeks": 7 * DAY,
    "months": 365.25 / 12 * DAY,
    "quarters": 365.25 / 4 * DAY,
    "years": 365.25 * DAY,
}
"""Seconds of what a period may be called."""
FAR_OFF = 1.5
"""A period called what is so many times as long as the horizon, or as short, is probably meant to be that."""


def build_targets(
    spec: ScenarioSpec, demand: Demand, radiologists: Sequence[Radiologist], findings: Findings
) -> tuple[Target, ...]:
    """Every target that can be judged, in the order written; what is wrong goes to ``findings``."""
    groups = _Groups(spec, demand, radiologists)
    made: list[Target] = []
    for name, one in spec.targets.items():
        path: Path = ("targets", name)
        _check_name(name, path, findings)
        groups.check(one.of, (*path, "of"), one.metric, findings)
        target = _target(name, one, path, findings)
        if target is None:
            continue
        _check_sure(target, path, findings)
        _check_periods(spec, path, findings)
        same = [other.name for other in made if _asks(other) == _asks(target)]
        if same:
            findings.add_at_key("E202", path, f"asks the same as '{same[0]}'", "keep one of the two")
        made.append(target)
    return tuple(made)


def two_targets(problem: Problem, tree: Located) -> Problem:
    """A refusal of a metric beside a share within a time, told with the lines of both; any other as it is.

    What stands in another file came by ``extends`` and has to be taken away by name.
    """
    parts = problem.place.split(".")
    given = tree.at(("targets", *parts[1:2])) if parts[0] == "targets" and len(parts) == 2 else None
    if problem.code != "E110" or given is None or "metric" not in given.mapping:
        return problem
    aside = [key for key in ("within", "share") if key in given.mapping]
    marks = {key: given.mapping[key].mark for key in ("metric", *aside)}
    told = ", ".join(f"{key} ({File(mark.source.name).name}:{mark.line})" for key, mark in marks.items())
    own = marks["metric"].source.name
    inherited = [key for key in aside if marks[key].source.name != own]
    if not aside:
        return problem
    way_out = problem.help
    if inherited:
        nulls = ", ".join(f"{key}: null" for key in inherited)
        way_out = f"add {nulls} here, which takes away what 'extends' brought, or give it another name"
    return replace(problem, message=f"{problem.message}: {told}", help=way_out)


def _check_sure(target: Target, path: Path, findings: Findings) -> None:
    """Note what no number of replications shows: that there is never an exception."""
    if target.periods is not None and target.goal == 1:
        message, way_out = "all periods: it can never be shown", "allow an exception, such as 19 of 20"
        findings.add("E107", (*path, "in"), message, way_out)
    elif target.periods is None and target.kind == "share" and target.bound == 1:
        message = "100 % can never be shown: what was never late may be late once"
        findings.add("E107", (*path, "share"), message, "ask for less, such as 99 %")


def _check_periods(spec: ScenarioSpec, path: Path, findings: Findings) -> None:
    """Note a period called what it is not: each is as long as the horizon, whatever its name."""
    written = findings.tree.at((*path, "in"))
    word = str(written.value).rpartition(" ")[2] if written is not None else ""
    length = _LENGTHS.get(word)
    if length is not None and not 1 / FAR_OFF <= spec.horizon / length <= FAR_OFF:
        horizon = findings.tree.at(("horizon",))
        said = f" ({horizon.value})" if horizon is not None else ""
        message = f"a period is as long as the horizon{said}, and these are no {word}"
        findings.add("W317", (*path, "in"), message, "write periods, or give the horizon that you mean")


def _asks(one: Target) -> tuple[object, ...]:
    return (*one.measured[1:], one.periods, one.better)


def _check_name(name: str, path: Path, findings: Findings) -> None:
    if not name.strip() or "." in name or not name.isprintable() or len(name) > LONGEST_NAME:
        way_out = f"a name has no dot and at most {LONGEST_NAME} characters, such as urgent"
        findings.add_at_key("E106", path, f"{shown(name)} cannot be a name", way_out)


def _target(name: str, one: TargetSpec, path: Path, findings: Findings) -> Target | None:
    if one.metric is None:
        bound = one.share or 0.0
        if bound == 0:
            findings.add("E107", (*path, "share"), "0 % is always reached", "it must be above 0 %")
        return Target(name, one.of, IN_TIME, bound, "higher", "share", one.within, one.in_)
    if one.metric not in METRICS:
        way_out = did_you_mean(one.metric, METRICS, "the metrics are")
        findings.add("E201", (*path, "metric"), f"there is no metric '{one.metric}'", way_out)
        return None
    if one.metric in _NO_MEANS:
        way_out = f"take {_NO_MEANS[one.metric]}, of which it is the reciprocal"
        findings.add(_CODE, (*path, "metric"), f"{one.metric} has no mean over replications", way_out)
        return None
    key = "at_most" if one.at_least is None else "at_least"
    info = METRICS[one.metric]
    if (info.better == "lower") != (key == "at_most"):
        other = "at_most" if key == "at_least" else "at_least"
        more = "less" if info.better == "lower" else "more"
        findings.add(_CODE, (*path, key), f"of {one.metric} {more} is better", f"write {other}")
        return None
    try:
        bound = amount_of(getattr(one, key), info.unit)
    except BadQuantity as bad:
        findings.add(bad.code, (*path, key), bad.message, bad.way_out)
        return None
    return Target(name, one.of, one.metric, bound, info.better, "metric", None, one.in_)


class _Groups:
    """The groups that a run of the scenario has, as far as it can be known before."""

    def __init__(self, spec: ScenarioSpec, demand: Demand, radiologists: Sequence[Radiologist]) -> None:
        urgencies = ("urgent", "routine")
        drawn = demand.log is None and demand.dicom is None
        self._known: Mapping[str, Sequence[str] | None] = {
            "urgency": urgencies,
            "label": urgencies if demand.triage is not None else (),
            "modality": sorted({kind.modality for kind in demand.mix.kinds}) if drawn else None,
            "site": list(spec.sites),
            "unit": list(spec.units),
            "radiologist": [*(one.name for one in radiologists), *(spec.radiologists if spec.plan else ())],
            "link": [f"{place}/{way}" for place in links_of(spec) for way in ("up", "down")],
        }

    def check(self, group: str, path: Path, metric: str | None, findings: Findings) -> None:
        """Note a group that no run will have."""
        dimension, equals, value = group.partition("=")
        of_links = metric is not None and metric.startswith(_OF_LINKS)
        if group == ALL:
            return
        if not equals or dimension not in self._known:
            known = ", ".join(f"{one}=..." for one in self._known)
            findings.add("E201", path, f"{shown(group)} is no group", f"write all, or one of {known}")
        elif (dimension == "link") != of_links:
            message = f"{metric or 'a share in time'} is not measured by {dimension}"
            way_out = f"{_OF_LINKS} goes with a link, all else with inspections"
            findings.add(_CODE, path, message, way_out)
        elif (known_values := self._known[dimension]) is not None and value not in known_values:
            there = f"{dimension}=" if known_values else ""
            names = [f"{there}{one}" for one in known_values]
            way_out = did_you_mean(group, names, "the groups are") if names else "nothing is labelled here"
            findings.add("E201", path, f"there is no {shown(group)}", way_out)


def build_planning(
    spec: ScenarioSpec, targets: Sequence[Target], policies: Sequence[str], findings: Findings
) -> Planning | None:
    """What is asked of ``simgrid plan``; its places are checked where cells are made of them."""
    asked = spec.plan
    if asked is None:
        return None
    for block, way_out in (
        ("targets", "add one: targets: {urgent: {of: urgency=urgent, within: 60 min, share: 95 %}}"),
        ("costs", "add some: costs: {radiologists: 85 EUR/h}; without any no plan is the cheapest"),
    ):
        refused = any(path[0] == block for path in findings.ignored)
        if not getattr(spec, block) and not refused:
            findings.add("E102", ("plan",), f"the scenario has no {block}", way_out)
    known = {one.name: one for one in targets}
    names = tuple(spec.targets) if isinstance(asked.meet, str) else asked.meet
    for index, name in enumerate(names):
        path: Path = ("plan", "meet", index)
        if name not in spec.targets and ("targets", name) not in {one[:2] for one in findings.ignored}:
            way_out = did_you_mean(name, _written(findings, "targets"), "the targets are")
            findings.add("E201", path, f"there is no target '{name}'", way_out)
        elif name in names[:index]:
            findings.add("E202", path, f"'{name}' stands twice", "keep one")
    if asked.policy is not None and asked.policy not in policies:
        way_out = did_you_mean(asked.policy, policies, "the policies are")
        findings.add("E206", ("plan", "policy"), f"'{asked.policy}' is not one of the policies", way_out)
    for name in dict.fromkeys(names):
        if name in known:
            _check_runs(known[name], asked, findings)
    return Planning(
        vary=tuple(asked.vary),
        meet=tuple(known[name] for name in names if name in known),
        policy=asked.policy or policies[0],
        confidence=asked.confidence,
        tolerance=asked.tolerance,
        runs=asked.runs,
    )


def _written(findings: Findings, block: str) -> Sequence[str]:
    """The names that a block has in the file, right or wrong."""
    given = findings.tree.at((block,))
    return tuple(map(str, given.mapping)) if given is not None else ()


def _check_runs(target: Target, asked: PlanSpec, findings: Findings) -> None:
    """Note a target that no plan could be shown to reach, since its replications are too few."""
    needed = fewest(target, asked.confidence)
    if needed > asked.runs:
        key = "share" if target.periods is None else "in"
        message = (
            f"plan.runs allows {asked.runs} replications, and to show this takes {needed} or more, "
            "even where the target is never missed"
        )
        way_out = f"allow more (plan: {{runs: {2 * needed}}}, say), or promise less (a lower '{key}')"
        findings.add("E221", ("targets", target.name, key), message, way_out)
