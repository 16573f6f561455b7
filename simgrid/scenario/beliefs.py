"""What policies know of the radiologists, where a log or an earlier stage says it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from simgrid.domain.demand import LogSource
from simgrid.domain.radiologist import Radiologist
from simgrid.domain.scenario import Belief, PolicyChoice, Scenario, Spread
from simgrid.scenario import files
from simgrid.scenario.demand import log_source
from simgrid.scenario.findings import Findings
from simgrid.scenario.installed import Installed
from simgrid.scenario.marks import Located, merge
from simgrid.scenario.problems import Problem, ScenarioInvalid, shown
from simgrid.scenario.schema import ScenarioSpec

Stages: TypeAlias = dict[tuple[Path, str], Scenario]
"""Earlier stages that were built, by file and changes: the cells of a sweep mostly have the same."""
_STAGE = ("belief", "stage")


def build_belief(
    spec: ScenarioSpec,
    radiologists: tuple[Radiologist, ...],
    spread: Spread,
    installed: Installed,
    findings: Findings,
    built: Callable[[Located, str], Scenario | tuple[Problem, ...]],
    stages: Stages,
) -> Belief | None:
    """The domain's belief; ``built`` makes a scenario of a tree and its name, or tells what forbids it.

    ``stages`` remembers what was built before.
    """
    if spec.belief is None:
        if spec.workload_limit.share == "mined":
            way_out = "workload_limit.share: mined takes the shares out of its log or stage"
            findings.add("E102", ("belief",), "is missing", way_out)
        return None
    choice = PolicyChoice.parse(spec.belief.policy)
    choice = replace(choice, options=dict(spec.policy_options.get(choice.name, {})))
    for sentence in installed.policy(choice):
        message, _, way_out = sentence.partition(": ")
        findings.add("E206", ("belief", "policy"), message, way_out)
    log: LogSource | None = None
    if spec.belief.log is not None:
        log = log_source(spec.belief.log, ("belief", "log"), installed, findings)
    changes = findings.tree.at((*_STAGE[:1], "changes")) if spec.belief.changes else None
    stage = _stage(spec.belief.stage, changes, radiologists, findings, built, stages)
    stage = None if stage is None else _same_people(stage, radiologists, spread)
    return Belief(spec.belief.frequency, spec.belief.shrinkage, log, stage, choice)


def _stage(
    name: str | None,
    changes: Located | None,
    radiologists: tuple[Radiologist, ...],
    findings: Findings,
    built: Callable[[Located, str], Scenario | tuple[Problem, ...]],
    stages: Stages,
) -> Scenario | None:
    file = findings.file_named(_STAGE, name)
    if name is None or file is None:
        return None
    key = file, "" if changes is None else json.dumps(changes.plain(), default=str)
    if key not in stages:
        found = _read(file, name, findings)
        if found is None:
            return None
        made = built(found if changes is None else merge(found, changes), file.stem)
        if isinstance(made, tuple):
            first = made[0]
            message = f"{shown(name)} cannot be used: {first.message} (line {first.line}, {first.place})"
            findings.add("E201", _STAGE, message, f"see 'simgrid validate {name}'")
            return None
        stages[key] = made
    stage = stages[key]
    strange = {one.name for one in radiologists}.isdisjoint(one.name for one in stage.radiologists)
    if strange:
        message = f"{shown(name)} has none of this scenario's radiologists"
        findings.add("E201", _STAGE, message, "give them the same names in both files")
    # Of an earlier stage only its runs count: what is said about them identifies nothing.
    return replace(stage, name="stage", title="", sources=(), claims=(), primary=(), policies=(), baseline="")


def _same_people(stage: Scenario, radiologists: tuple[Radiologist, ...], spread: Spread) -> Scenario:
    """The stage with the ratings and speeds of this scenario's radiologists: they are the same people."""
    now = {one.name: one for one in radiologists}
    known = tuple(
        replace(one, ratings=now[one.name].ratings, speed=now[one.name].speed) if one.name in now else one
        for one in stage.radiologists
    )
    kept = replace(spread, estimate_error=stage.spread.estimate_error)
    return replace(stage, radiologists=known, spread=kept)


def _read(file: Path, name: str, findings: Findings) -> Located | None:
    """The stage's tree; None where it cannot be read or is more than one plain scenario."""
    try:
        tree = files.read_resolved(file).tree
    except ScenarioInvalid as invalid:
        near = "" if file.exists() else findings.near_file(_STAGE, name, files.ENDINGS)
        message = f"{shown(name)}: {invalid.problems[0].message}"
        findings.add("E201", _STAGE, message, near or "name a scenario file")
        return None
    for key in ("sweep", "variants", "uncertain", "belief"):
        if key in tree.mapping:
            message = f"{shown(name)} has a '{key}' of its own"
            findings.add("E209", _STAGE, message, "an earlier stage is one plain scenario")
            return None
    return tree
