"""A stored run once more, with its journal: from the results folder alone, held against what was stored.

A run keeps its measurements, not its journal. Simulating it again gives the same events, unless code,
policies or files have changed since; that is noticed: every stored measurement must come out again, and every
file must have the content that it had.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import nan
from pathlib import Path

from simgrid.domain.journal import Journal
from simgrid.domain.observer import Observer
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments.assemble import run_journal
from simgrid.experiments.campaign import Campaign, campaign
from simgrid.experiments.identity import folder_name
from simgrid.experiments.model_version import MODEL_VERSION
from simgrid.experiments.smoke import cut_short
from simgrid.experiments.store import RunStore
from simgrid.experiments.study import Design, NotAStudy, Study, read_study
from simgrid.metrics import Measurement, evaluate, hours
from simgrid.scenario import Loaded
from simgrid.simulation import NOBODY

RESOLVED_FILE = "scenario-resolved.yaml"
_SHOWN = 3
_CONTENT = "the content of"


class NotInStudy(ValueError):
    """A run that the results folder does not hold, with the runs that there are."""


class CodeHasChanged(RuntimeError):
    """A run that no longer comes out as it was stored."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which run: policy (None: the first), replication from 0, and the swept values of its cell as text."""

    policy: str | None
    replication: int
    at: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Resimulated:
    """The journal of a stored run, and the instant at which its clock began."""

    journal: Journal
    start: datetime
    policy: str
    replication: int
    point: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A run that a results folder holds, and all that is needed to simulate it again."""

    folder: Path
    loaded: Loaded
    asked: Campaign
    scenario: Scenario
    choice: PolicyChoice
    replication: int
    key: str


def resimulate(
    folder: Path, wanted: Wanted, load: Callable[[Path], Loaded], observer: Observer = NOBODY
) -> Resimulated:
    """Simulate a stored run again: ``find``, then ``again``, whose errors it raises."""
    return again(find(folder, wanted, load), observer)


def find(folder: Path, wanted: Wanted, load: Callable[[Path], Loaded]) -> Found:
    """The run that is meant; ``load`` reads a scenario file with everything that is installed.

    Raises:
        NotAStudy: the folder holds no finished study, or no scenario beside it.
        NotInStudy: there is no such run in it.
        ScenarioInvalid: the stored scenario can no longer be built (its files may be gone).
    """
    study = read_study(folder)
    cell, policy = _find(study.design, wanted)
    file = folder / RESOLVED_FILE
    if not file.is_file():
        raise NotAStudy(f"{folder} holds no {RESOLVED_FILE}: run the scenario again")
    loaded = load(file)
    key = study.keys[cell][policy][wanted.replication]
    asked = _campaign_of(loaded, folder, wanted.replication, key)
    scenario, choice = _same(asked, study, cell, policy, folder)
    return Found(folder, loaded, asked, scenario.of(wanted.replication), choice, wanted.replication, key)


def again(found: Found, observer: Observer = NOBODY) -> Resimulated:
    """Simulate the run, and hold it against what was stored of it.

    :raises CodeHasChanged: a stored measurement does not come out again, or a file has another content.
    """
    scenario, choice = found.scenario, found.choice
    journal = run_journal(scenario, choice, found.replication, observer)
    stored = RunStore(found.folder / "runs").load(found.key)
    measured = evaluate_all(scenario, journal)
    _compare(stored.measurements if stored else (), measured, found.asked, found.folder)
    return Resimulated(journal, scenario.start, choice.label, found.replication, scenario.swept)


def evaluate_all(scenario: Scenario, journal: Journal) -> tuple[Measurement, ...]:
    """Everything that can be measured of a run."""
    measured = evaluate(journal, scenario.discrepancy, scenario.lookup_factor, scenario.targets)
    return (*measured, *hours.measure(journal, scenario.start))


def _find(design: Design, wanted: Wanted) -> tuple[int, int]:
    """The cell and the policy by index; every reason why there is none at once."""
    problems = []
    cells = [
        number
        for number, point in enumerate(design.points)
        if all(dict(zip(design.sweep_columns, point, strict=True)).get(k) == v for k, v in wanted.at.items())
    ]
    if len(cells) != 1:
        points = "; ".join(" ".join(_point(design, point)) for point in design.points[:20])
        more = f" and {len(design.points) - 20} more" if len(design.points) > 20 else ""
        asked = " ".join(f"--at '{name}={value}'" for name, value in wanted.at.items())
        problems.append(_unclear(design, asked, len(cells)) + f"{points}{more}")
    label = wanted.policy or design.policies[0]
    if label not in design.policies:
        problems.append(f"'{label}' is not among the policies: {', '.join(design.policies)}")
    if not 0 <= wanted.replication < design.replications:
        last = design.replications - 1
        problems.append(f"there is no replication {wanted.replication}: they are numbered 0 to {last}")
    if problems:
        raise NotInStudy("\nerror: ".join(problems))
    return cells[0], design.policies.index(label)


def _unclear(design: Design, asked: str, meant: int) -> str:
    """Why no one cell is meant, up to the list of them."""
    if not design.sweep_columns:
        return f"there is no cell {asked}: nothing was swept; leave it out"
    of = f"the study has {len(design.points)} cells"
    if not meant:
        return f"{of}, and {asked} is none of them: name one with "
    return f"{of}, and {asked or 'no --at'} leaves {meant} of them: name one with "


def _point(design: Design, point: tuple[str, ...]) -> Iterator[str]:
    return (f"--at '{name}={value}'" for name, value in zip(design.sweep_columns, point, strict=True))


def _campaign_of(loaded: Loaded, folder: Path, replication: int, key: str) -> Campaign:
    """The campaign that the folder holds: as the scenario says, or cut short by ``--smoke``."""
    whole = campaign(loaded.cells, loaded.sweep_columns)
    short = campaign(tuple(cut_short(cell) for cell in loaded.cells), loaded.sweep_columns)
    for asked in (whole, short):
        if any(asked.key(index, choice, replication) == key for index, choice in _arms(asked)):
            return asked
    named = folder.resolve().name.rpartition("-")[2]
    return short if named == folder_name(short.cells).rpartition("-")[2] else whole


def _arms(asked: Campaign) -> Iterator[tuple[int, PolicyChoice]]:
    return ((index, choice) for index, cell in enumerate(asked.cells) for choice in cell.policies)


def _same(
    asked: Campaign, study: Study, cell: int, policy: int, folder: Path
) -> tuple[Scenario, PolicyChoice]:
    """The cell and the policy by what they are called, not by where they stand."""
    point, label = study.design.points[cell], study.design.policies[policy]
    for scenario in asked.cells:
        values = dict(scenario.swept)
        if tuple(values.get(name, "") for name in study.design.sweep_columns) == point:
            for choice in scenario.policies:
                if choice.label == label:
                    return scenario, choice
    raise NotAStudy(f"{folder}: {RESOLVED_FILE} has no such run as {label}: run the scenario again")


def _compare(
    stored: tuple[Measurement, ...], again: tuple[Measurement, ...], asked: Campaign, folder: Path
) -> None:
    now = {(one.group, one.metric): one.value for one in again}
    moved = [
        f"{one.metric} ({one.group}) was {one.value:.6g}, is {now.get((one.group, one.metric), nan):.6g}"
        for one in stored
        if not _equal(one.value, now.get((one.group, one.metric)))
    ]
    changed = list(_changed(asked, folder))
    other_files = [line for line in changed if line.startswith(_CONTENT)]
    if moved or not stored or other_files:
        more = [f"and {len(moved) - _SHOWN} more"] if len(moved) > _SHOWN else []
        lines = [
            "the code or its files have changed since this run was stored",
            *(f"  {line}" for line in (*moved[:_SHOWN], *more, *changed)),
            "run the scenario again, or go back to the version that manifest.json names",
        ]
        raise CodeHasChanged("\n".join(lines))


def _equal(one: float, other: float | None) -> bool:
    return other is not None and (one == other or (one != one and other != other))  # noqa: PLR0124


def _changed(asked: Campaign, folder: Path) -> Iterator[str]:
    """What the manifest says otherwise than the present."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest["model_version"] != MODEL_VERSION:
            yield f"model version: {manifest['model_version']} then, {MODEL_VERSION} now"
        for name, digest in asked.sources:
            if manifest["policy_sources_sha256"].get(name) != digest:
                yield f"the source of policy {name} is another"
        now = {Path(path).name: digest for cell in asked.cells for path, digest in cell.inputs.items()}
        for name, digest in manifest["inputs_sha256"].items():
            if now.get(name) != digest:
                yield f"{_CONTENT} {name} is another"
    except (OSError, ValueError, KeyError, AttributeError):
        yield "manifest.json cannot be read, so what has changed is unknown"
