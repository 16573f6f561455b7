"""Seals of a stress test and of a plan: their cells are those of no sweep, and are found again here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from simgrid.domain.scenario import Scenario
from simgrid.domain.targets import PREFIX
from simgrid.experiments.campaign import CannotBeAsked, Keys, campaign
from simgrid.experiments.identity import policy_source_hash
from simgrid.experiments.installed import installed, load_stored
from simgrid.experiments.outdated import STRESS_FILE, is_outdated
from simgrid.experiments.resimulation import RESOLVED_FILE
from simgrid.experiments.sealed import (
    ALWAYS,
    Sealed,
    block_of,
    made_with,
    scenario_of,
    sealed_run,
    that_fit,
)
from simgrid.experiments.store import DamagedRun, Run, RunStore
from simgrid.experiments.study import ALL_INSPECTIONS, Column, NotAStudy
from simgrid.experiments.verifying import CannotBeCompared, CellsOf, Chosen
from simgrid.experiments.workloads import identified
from simgrid.metrics import METRICS
from simgrid.planning.busiest import traffic
from simgrid.planning.observing import unseen
from simgrid.planning.space import NoPlans, deployed, plans
from simgrid.planning.states import STATE, heavier, states
from simgrid.scenario import Loaded, ScenarioInvalid, load

STRESS, PLAN = "stress", "plan"
MOST_BYTES = 80_000
"""Of the runs in one seal, which stands beside that of a study."""
_LOAD, _DEPLOYED = "load x ", ""
_WORLDS = "worlds"
_SEARCH, _TEST = "of the search", "of the test"


@dataclass(frozen=True, slots=True)
class _Arm:
    """A cell with its one policy, what it is called, and how many replications of it are told."""

    point: tuple[str, ...]
    cell: Scenario
    replications: int


def planned_blocks(folder: Path) -> Iterator[str]:
    """The seals of a folder's stress test and plan, as elements of a page.

    None for what is not there or can no longer be computed: a page tells what its files say all the same.
    """
    if not (folder / "manifest.json").is_file():
        return
    for name, seal in ((STRESS_FILE, stress_seal), ("plan.json", plan_seal)):
        if (folder / name).is_file():
            try:
                if name == STRESS_FILE and is_outdated(folder):
                    continue
                yield block_of(seal(folder))
            except (NotAStudy, NoPlans, CannotBeCompared, CannotBeAsked, ScenarioInvalid, DamagedRun):
                continue


def stress_seal(folder: Path) -> Sealed:
    """The seal of what ``simgrid stress`` wrote: as deployed, each thing missing, each step of the load.

    :raises NotAStudy: something of it is not there. :raises ScenarioInvalid: its scenario cannot be built.
    """
    told = _object(folder / STRESS_FILE)
    base = _as_written(folder / RESOLVED_FILE, str(told.get("policy")))
    scales = [one.get("scale") for one in told.get("load") or ()]
    loads = [f"{_LOAD}{scale:g}" for scale in scales if isinstance(scale, int | float)]
    labels = [_DEPLOYED, *_missing(base), *loads]
    many = int(told.get("n") or 0)
    arms = [_Arm((label,), cell, many) for label, cell in zip(labels, _labelled(base, labels), strict=True)]
    return _sealed(folder, STRESS, (STATE,), arms)


def plan_seal(folder: Path) -> Sealed:
    """The seal of what ``simgrid plan`` wrote: the plans that were tried, in the worlds of search and test.

    Raises as ``stress_seal``.
    """
    loaded = _to_be_planned(folder / RESOLVED_FILE)
    told = _object(folder / "plan.json")
    known = _plans(loaded)
    places = tuple(next(iter(known))) if known else ()
    arms = []
    for one in (*(told.get("tried") or ()), told.get("now") or {}):
        values = tuple((one.get("plan") or {}).items())
        for worlds in (_SEARCH, _TEST) if values in known else ():
            point = (*(text for _, text in values), worlds)
            arms.append(_Arm(point, _in_worlds(known[values], worlds), int(one.get("n") or 0)))
    longest = {one.point: one for one in sorted(arms, key=lambda one: one.replications)}
    columns = (*(place for place, _ in places), _WORLDS)
    return _sealed(folder, PLAN, columns, list(longest.values()))


def stress_cells(file: Path, chosen: Sequence[Chosen]) -> list[Scenario]:
    """The cell of each chosen run of a stress test.

    :raises CannotBeCompared: the scenario has no such state.
    """
    return _labelled(_as_written(file, chosen[0].policy), [one.point[STATE] for one in chosen])


def plan_cells(file: Path, chosen: Sequence[Chosen]) -> list[Scenario]:
    """The cell of each chosen run of a plan.

    :raises CannotBeCompared: the scenario has no such plan.
    """
    known = _plans(_to_be_planned(file))
    found = []
    for one in chosen:
        values = tuple((place, text) for place, text in one.point.items() if place != _WORLDS)
        if values not in known:
            raise CannotBeCompared("the report's scenario has no such plan: it was changed")
        found.append(_in_worlds(known[values], one.point[_WORLDS]))
    return found


CELLS: dict[str, CellsOf] = {STRESS: stress_cells, PLAN: plan_cells}
"""How the cells of a seal are found, by its kind."""


def _sealed(folder: Path, kind: str, sweep_columns: tuple[str, ...], arms: Sequence[_Arm]) -> Sealed:
    runs = list(_stored(arms, folder))
    if not runs:
        raise NotAStudy(f"{folder}: the runs of {kind}.json are gone: make it again")
    columns = _columns([run for _, run in runs])
    labels = tuple(dict.fromkeys(one.cell.policies[0].label for one in arms))
    cell = arms[0].cell
    kept = (runs[index] for index in that_fit(len(runs), len(columns), cell.seed, cell.name, MOST_BYTES))
    return Sealed(
        name=folder.resolve().name,
        title=cell.title,
        scenario=scenario_of(folder),
        made_with=made_with(folder),
        sweep_columns=sweep_columns,
        points=tuple(one.point for one in arms),
        policies=labels,
        columns=columns,
        total=len(runs),
        runs=tuple(sealed_run(arm, labels.index(run.policy), run, columns) for arm, run in kept),
        kind=kind,
    )


def _as_written(file: Path, policy: str) -> Scenario:
    """The scenario as it stands, with the content of its files, under one policy."""
    if not file.is_file():
        raise NotAStudy(f"{file.parent} holds no {file.name}: make it again")
    cell = campaign(load_stored(file).cells[:1]).cells[0]
    choices = tuple(one for one in cell.policies if one.label == policy)
    if not choices:
        raise CannotBeCompared(f"the report's scenario has no policy '{policy[:60]}': it was changed")
    return replace(cell, policies=choices)


def _missing(base: Scenario) -> dict[str, Scenario]:
    found = states(base, traffic(base), base.stress)
    return {dict(one.cell.swept)[STATE]: one.cell for one in found}


def _labelled(base: Scenario, labels: Sequence[str]) -> list[Scenario]:
    """The cells that are called so."""
    found = {_DEPLOYED: base} | _missing(base)
    for label in set(labels) - set(found):
        try:
            found[label] = heavier(base, float(label.removeprefix(_LOAD)))
        except ValueError:
            message = f"the report's scenario has no state '{label[:60]}': it was changed"
            raise CannotBeCompared(message) from None
    return [found[label] for label in labels]


def _to_be_planned(file: Path) -> Loaded:
    if not file.is_file():
        raise NotAStudy(f"{file.parent} holds no {file.name}: make it again")
    return load(file, (), installed(), planned=True, warned=False)


def _plans(loaded: Loaded) -> dict[tuple[tuple[str, str], ...], Scenario]:
    """Every plan's cell by its values, the scenario as written among them."""
    try:
        return {one.values: one.cell for one in (deployed(loaded), *plans(loaded))}
    except NoPlans as error:
        raise CannotBeCompared(f"the report's scenario asks for no plan: {error}") from None


def _in_worlds(cell: Scenario, worlds: str) -> Scenario:
    known = identified(cell)
    return unseen(known) if worlds == _TEST else known


def _stored(arms: Sequence[_Arm], folder: Path) -> Iterator[tuple[int, Run]]:
    """The runs that the folder holds, each with its arm's number."""
    store = RunStore(folder / "runs")
    for number, arm in enumerate(arms):
        (choice,) = arm.cell.policies
        keys = Keys(arm.cell, {choice.name: policy_source_hash(choice)})
        for replication in range(arm.replications):
            run = store.load(keys.of(choice, replication))
            if run is not None:
                yield number, run


def _columns(runs: Sequence[Run]) -> tuple[Column, ...]:
    """What the page is about, as far as any run measured it."""
    seen = {
        (one.metric, one.unit)
        for run in runs
        for one in run.measurements
        if one.group == ALL_INSPECTIONS and (one.metric in ALWAYS or one.metric.startswith(PREFIX))
    }
    order = {metric: place for place, metric in enumerate(METRICS)}
    ordered = sorted(seen, key=lambda one: (order.get(one[0], len(order)), one[0]))
    return tuple(Column(ALL_INSPECTIONS, metric, unit) for metric, unit in ordered)


def _object(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise NotAStudy(f"{file} cannot be read: make it again")
    return found
