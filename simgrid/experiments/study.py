"""A finished study: every measurement of every run, in one array, with the names of its axes.

``study.json`` in the results folder keeps the design and the keys, so that a study can be read again from
the folder alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simgrid.domain.scenario import Claim
from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.experiments.campaign import Campaign
from simgrid.experiments.stopping import Stopping, stopping_from
from simgrid.experiments.store import DamagedRun, Run, RunStore
from simgrid.metrics import METRICS
from simgrid.scenario.near_files import folder_meant
from simgrid.statistics.draws import draws_of

STUDY_SCHEMA = 1
STUDY_FILE = "study.json"
ALL_INSPECTIONS = "all"
POLICY = "policy"
ELSEWHERE = "results lie below the folder in which the command that wrote them was started"


@dataclass(frozen=True, slots=True)
class Column:
    """One measured quantity: a metric in a group, with its unit."""

    group: str
    metric: str
    unit: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """One uncertain value and what each world drew for it, in ``unit``; ``values`` (cells, replications)."""

    place: str
    unit: str
    values: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Design:
    """What was asked: the axes of a study. ``points`` holds one text per sweep column for each cell.

    ``stopping``: what ended the replications, where they went on until the means were precise. ``drawn``: the
    values that are drawn in each world. ``targets``: what must hold.
    """

    name: str
    title: str
    sweep_columns: tuple[str, ...]
    points: tuple[tuple[str, ...], ...]
    policies: tuple[str, ...]
    baseline: str
    replications: int
    seed: int
    primary: tuple[str, ...]
    claims: tuple[Claim, ...]
    stopping: Stopping | None = None
    drawn: tuple[Drawn, ...] = ()
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Study:
    """``values`` (cells, policies, replications, columns), NaN where a run has no such measurement.

    ``keys`` (cells, policies, replications) names the stored runs. ``compared`` says what the "policies" are
    where it is looked at along another axis, and ``group`` of which inspections tables and figures tell: see
    ``views``.
    """

    design: Design
    columns: tuple[Column, ...]
    values: FloatArray
    keys: tuple[tuple[tuple[str, ...], ...], ...]
    compared: str = POLICY
    group: str = ALL_INSPECTIONS

    def column(self, metric: str, group: str | None = None) -> int | None:
        """The index of a column, of ``self.group`` by default; None where nothing was measured."""
        group = group or self.group
        for index, column in enumerate(self.columns):
            if column.metric == metric and column.group == group:
                return index
        return None


class NotAStudy(ValueError):
    """A folder that cannot be read as a finished study."""


def design_of(asked: Campaign) -> Design:
    """The design of a campaign."""
    return Design(
        name=asked.cells[0].name,
        title=asked.cells[0].title,
        sweep_columns=asked.sweep_columns,
        points=tuple(_point(cell.swept, asked.sweep_columns) for cell in asked.cells),
        policies=asked.policies,
        baseline=asked.baseline,
        replications=asked.replications,
        seed=asked.cells[0].seed,
        primary=asked.cells[0].primary,
        claims=asked.cells[0].claims,
        drawn=tuple(_drawn(asked)),
        targets=asked.cells[0].targets,
    )


def study_of(asked: Campaign, runs: Mapping[str, Run]) -> Study:
    """Arrange the runs of a campaign; every key of it must be there."""
    design = design_of(asked)
    by_task = {(task.cell, task.policy.label, task.replication): task.key for task in asked.tasks()}
    keys = tuple(
        tuple(
            tuple(by_task[cell, label, replication] for replication in range(design.replications))
            for label in design.policies
        )
        for cell in range(len(asked.cells))
    )
    return _arrange(design, keys, runs)


def _drawn(asked: Campaign) -> Iterator[Drawn]:
    """What the worlds of every cell draw: the same in cells of the same seed."""
    declared = asked.cells[0].uncertain
    seeds = {cell.seed: None for cell in asked.cells} if declared else {}
    worlds = {
        seed: [draws_of(declared, seed, replication) for replication in range(asked.replications)]
        for seed in seeds
    }
    for place, one in enumerate(declared):
        values = (tuple(world[place] for world in worlds[cell.seed]) for cell in asked.cells)
        yield Drawn(one.place, one.unit, tuple(values))


def study_text(study: Study) -> str:
    """The text of ``study.json``."""
    stored = {"schema": STUDY_SCHEMA, "design": design_plain(study.design), "keys": study.keys}
    return json.dumps(stored, indent=1) + "\n"


def design_plain(design: Design) -> dict[str, Any]:
    """A design as ``study.json`` has it."""
    told = asdict(design)
    for name in ("drawn", "targets"):
        if not told[name]:
            del told[name]
    return told


def must_be_there(folder: Path) -> None:
    """Raise NotAStudy where nothing is called so, with the folder that was probably meant."""
    if not folder.exists():
        near = folder_meant(folder)
        raise NotAStudy(f"no such folder: {folder}: {near or ELSEWHERE}")


def read_study(folder: Path) -> Study:
    """Read a finished study from its results folder; raises NotAStudy naming what is wrong."""
    must_be_there(folder)
    file = folder / STUDY_FILE
    if not file.is_file():
        raise NotAStudy(f"{folder} holds no {STUDY_FILE}: give a folder that 'simgrid run' wrote")
    design, keys = _design_and_keys(file)
    store = RunStore(folder / "runs")
    try:
        runs = {key: store.load(key) for cell in keys for row in cell for key in row}
    except DamagedRun as error:
        raise NotAStudy(f"{folder}: a stored run is damaged: {error}; run the scenario again") from error
    found = {key: run for key, run in runs.items() if run is not None}
    if len(found) < len(runs):
        lost = len(runs) - len(found)
        raise NotAStudy(f"{folder}: {lost} of its {len(runs)} runs are gone; run the scenario again")
    study = _arrange(design, keys, found)
    _must_be_counted(folder, study)
    return study


def _must_be_counted(folder: Path, study: Study) -> None:
    """Of a share without its counts nobody can say what it is of all inspections."""
    measured = {one.metric for one in study.columns if one.group == ALL_INSPECTIONS}
    for one in study.design.targets:
        if one.pooled and one.column in measured and one.counted not in measured:
            raise NotAStudy(
                f"{folder}: its runs do not say of how many inspections the target '{one.name}' is, as an "
                "earlier version made them; run the scenario again"
            )


def _design_and_keys(file: Path) -> tuple[Design, tuple[tuple[tuple[str, ...], ...], ...]]:
    """What ``study_text`` wrote; raises NotAStudy for a text of another version or a damaged one."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        schema = stored["schema"]
        if schema == STUDY_SCHEMA:
            design = _design(stored["design"])
            keys = tuple(tuple(tuple(row) for row in cell) for cell in stored["keys"])
            _must_fit(design, keys)
            return design, keys
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotAStudy(f"{file} is damaged (cut short or edited): run the scenario again") from error
    raise NotAStudy(f"{file} has schema {schema!r}, expected {STUDY_SCHEMA}: run the scenario again")


def _must_fit(design: Design, keys: tuple[tuple[tuple[str, ...], ...], ...]) -> None:
    """Raise ValueError unless there is one key for each run of the design."""
    if len(keys) != len(design.points) or any(len(cell) != len(design.policies) for cell in keys):
        raise ValueError("not as many keys as cells and policies")
    shape = [design.replications] * len(design.points)
    if any([len(row) for row in one.values] != shape for one in design.drawn):
        raise ValueError("not one draw a cell and replication")
    rows = [row for cell in keys for row in cell]
    if any(len(row) != design.replications or not all(isinstance(key, str) for key in row) for row in rows):
        raise ValueError("not one key a replication")


def _design(stored: dict[str, Any]) -> Design:
    apart = ("claims", "stopping", "drawn", "targets")
    listed = {name: _tuple(value) for name, value in stored.items() if name not in apart}
    claims = [{name: _tuple(part) for name, part in claim.items()} for claim in stored["claims"]]
    stopping = stopping_from(stored.get("stopping"))
    drawn = tuple(Drawn(one["place"], one["unit"], _tuple(one["values"])) for one in stored.get("drawn", []))
    given = ({name: _tuple(value) for name, value in one.items()} for one in stored.get("targets", []))
    targets = tuple(Target(**one) for one in given)
    return Design(
        **listed,
        claims=tuple(Claim(**claim) for claim in claims),
        stopping=stopping,
        drawn=drawn,
        targets=targets,
    )


def _tuple(value: Any) -> Any:
    return tuple(_tuple(entry) for entry in value) if isinstance(value, list) else value


def _point(swept: tuple[tuple[str, str], ...], columns: tuple[str, ...]) -> tuple[str, ...]:
    named = dict(swept)
    return tuple(named.get(column, "") for column in columns)


def _arrange(design: Design, keys: tuple[tuple[tuple[str, ...], ...], ...], runs: Mapping[str, Run]) -> Study:
    columns = _columns(runs[key] for cell in keys for row in cell for key in row)
    index = {(one.group, one.metric): place for place, one in enumerate(columns)}
    shape = (len(keys), len(design.policies), design.replications, len(columns))
    values = np.full(shape, np.nan)
    for c, cell in enumerate(keys):
        for p, row in enumerate(cell):
            for r, key in enumerate(row):
                measured = runs[key].measurements
                places = [index[one.group, one.metric] for one in measured]
                values[c, p, r, places] = [one.value for one in measured]
    return Study(design, columns, values, keys)


def _columns(runs: Iterator[Run]) -> tuple[Column, ...]:
    """Every column that any run has: ``all`` first, then group by group as they appear; metrics as listed."""
    seen: dict[Column, None] = {}
    for run in runs:
        for one in run.measurements:
            seen.setdefault(Column(one.group, one.metric, one.unit))
    groups = _places(one.group for one in seen)
    kinds = _places(_dimension(one.group) for one in seen)
    metrics = {metric: place for place, metric in enumerate(METRICS)}

    def order(one: Column) -> tuple[bool, int, int, int]:
        return (
            one.group != ALL_INSPECTIONS,
            kinds[_dimension(one.group)],
            groups[one.group],
            metrics.get(one.metric, len(metrics)),
        )

    return tuple(sorted(seen, key=order))


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def _dimension(group: str) -> str:
    return group.partition("=")[0]
