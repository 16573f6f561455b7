"""What the worlds of an experiment gave: computed through the ordinary run store, kept small beside it.

``DIR/reproduce/values/NAME.json`` holds, of each metric that a claim asks for, one number a world and arm. It
is believed as long as the same runs would be computed (its digest is that of all their keys) and its numbers
are those that were written (their checksum stands beside them, so that no hand's edit passes for a result).
What is not there is looked for among the reference runs, which travel with simgrid.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np

from simgrid.domain.units import FloatArray
from simgrid.experiments.assemble import run_once
from simgrid.experiments.atomic import write_text
from simgrid.experiments.campaign import Campaign, campaign
from simgrid.experiments.identity import folder_name
from simgrid.experiments.installed import installed
from simgrid.experiments.parallel import Progress, each
from simgrid.experiments.replicate import replicate, take_stock
from simgrid.experiments.results_folder import write_results
from simgrid.experiments.study import Study
from simgrid.reproduction.experiments import Kind, Worlds, arm, numbered_arm
from simgrid.reproduction.mined_ratings import mined_against_marks
from simgrid.reproduction.reference import reference_folder
from simgrid.reproduction.same_journals import same_journals
from simgrid.reproduction.solver_behaviour import undecided_batches
from simgrid.reproduction.watching import OneWorld, Values, Watch
from simgrid.scenario import Loaded, load

SCHEMA = 2
FOLDER = "reproduce"
_OTHERWISE: Mapping[Kind, OneWorld] = MappingProxyType(
    {"journals": same_journals, "ratings": mined_against_marks, "batches": undecided_batches}
)
"""How evidence is made that no metric of a run tells."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """``values[metric][arm]``: shape (worlds,); ``experiments.arm`` names arms.

    ``folder``: where the runs are; ``stored``: not computed this time.
    """

    name: str
    worlds: int
    folder: str
    digest: str
    values: Values
    stored: bool = False


def asked_for(worlds: Worlds, count: int) -> tuple[Loaded, Campaign]:
    """The campaign of so many worlds."""
    overrides = (*worlds.overrides, f"replications={count}")
    analyse = worlds.kind == "analysis"
    loaded = load(worlds.scenario, overrides, installed(), analyse=analyse, warned=False)
    return loaded, campaign(loaded.cells, loaded.sweep_columns)


def arms(worlds: Worlds) -> tuple[str, ...]:
    """What the worlds' metrics will be told of: every policy at every point."""
    asked = asked_for(worlds, 1)[1]
    swept = [dict(cell.swept) for cell in asked.cells]
    points = [{column: own.get(column, "") for column in asked.sweep_columns} for own in swept]
    return tuple(arm(point, policy) for point in points for policy in asked.policies)


def missing_runs(worlds: Worlds, count: int, output: Path) -> tuple[int, int]:
    """How many runs are still to compute, and of how many."""
    _, asked = asked_for(worlds, count)
    runs = sum(1 for _ in asked.tasks())
    if worlds.kind in _OTHERWISE:
        found = kept(worlds, output / FOLDER)
        return 0 if found is not None and found.worlds == count else runs, runs
    return len(take_stock(asked, output / folder_name(asked.cells)).missing), runs


def compute(
    worlds: Worlds, count: int, metrics: Sequence[str], output: Path, jobs: int, watch: Watch
) -> Evidence:
    """Compute what the run store lacks, write the study's tables and the values, and return them.

    Values of more worlds, if they are of the same runs, are not written over. Raises as
    ``simgrid.experiments.replicate.replicate``.
    """
    loaded, asked = asked_for(worlds, count)
    folder = output / folder_name(asked.cells)
    before = kept(worlds, output / FOLDER)
    if worlds.kind in _OTHERWISE:
        if before is not None and before.worlds == count and before.values.keys() >= set(metrics):
            return replace(before, stored=False)
        with watch(count, worlds.name) as progress:
            values = _otherwise(_OTHERWISE[worlds.kind], asked, jobs, progress)
    else:
        stock = take_stock(asked, folder)
        with watch(len(stock.missing), worlds.name) as progress:
            study = replicate(asked, folder, run_once, stock=stock, jobs=jobs, progress=progress)
        resolved = loaded.resolved_in(folder)
        write_results(folder, asked, study, scenario_text=loaded.text, resolved_text=resolved)
        values = measured(study, metrics, numbered=worlds.kind == "analysis")
    found = Evidence(worlds.name, count, folder.name, _digest(worlds, asked), values)
    if before is None or before.worlds <= count:
        _write(found, output)
    return found


def _otherwise(one_world: OneWorld, asked: Campaign, jobs: int, progress: Progress) -> Values:
    """Every world's, by metric and arm; an arm that a world never shows is 0 there."""
    made = []
    for one in each(partial(one_world, asked.cells[0]), range(asked.replications), jobs):
        made.append(one)
        progress(1)
    return {metric: _gathered([one[metric] for one in made]) for metric in made[0]}


def _gathered(made: Sequence[Mapping[str, float]]) -> dict[str, FloatArray]:
    arms = dict.fromkeys(name for one in made for name in one)
    return {name: np.array([one.get(name, 0.0) for one in made]) for name in arms}


def stored(worlds: Worlds, output: Path, metrics: Sequence[str] = ()) -> Evidence | None:
    """What an earlier command left of these worlds in ``output``, else the reference run.

    None where neither is of the runs of today with all of ``metrics``.
    """
    for folder in (output / FOLDER, reference_folder()):
        found = kept(worlds, folder)
        if found is not None and found.values.keys() >= set(metrics):
            return found
    return None


def kept(worlds: Worlds, folder: Path) -> Evidence | None:
    """What ``folder``/values holds of these worlds; None where nothing, or not of the runs of today."""
    file = values_file(worlds.name, folder)
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        if told["schema"] != SCHEMA or told["checksum"] != _checksum(told["values"]):
            return None
        values = {
            metric: {one: np.array(row, dtype=np.float64) for one, row in by_arm.items()}
            for metric, by_arm in told["values"].items()
        }
        count, runs, digest = int(told["worlds"]), str(told["folder"]), str(told["digest"])
        found = Evidence(worlds.name, count, runs, digest, values, stored=True)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # cut short or edited: as good as none
    rows = [row for by_arm in values.values() for row in by_arm.values()]
    if found.worlds < 1 or any(row.shape != (found.worlds,) for row in rows):
        return None
    return found if _digest(worlds, asked_for(worlds, found.worlds)[1]) == found.digest else None


def values_file(name: str, folder: Path) -> Path:
    """Where the values of an experiment are in a folder of them."""
    return folder / "values" / f"{name}.json"


def _write(found: Evidence, output: Path) -> None:
    values = {
        metric: {name: [_number(one) for one in row.tolist()] for name, row in by_arm.items()}
        for metric, by_arm in found.values.items()
    }
    told = {
        "schema": SCHEMA,
        "worlds": found.worlds,
        "folder": found.folder,
        "digest": found.digest,
        "checksum": _checksum(values),
        "values": values,
    }
    file = values_file(found.name, output / FOLDER)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, json.dumps(told, indent=1) + "\n")


def _checksum(values: object) -> str:
    return hashlib.blake2b(json.dumps(values, sort_keys=True).encode(), digest_size=16).hexdigest()


def _number(value: float) -> float | str:
    """Shortest exact decimals; nan and inf as words, which JSON has no numbers for."""
    return value if abs(value) < float("inf") else repr(value)


def _digest(worlds: Worlds, asked: Campaign) -> str:
    """A hash of the keys of all runs, and of what else the evidence depends on."""
    whole = hashlib.blake2b(worlds.settings.encode(), digest_size=16)
    for task in asked.tasks():
        whole.update(task.key.encode())
    return whole.hexdigest()


def measured(
    study: Study, metrics: Sequence[str], *, numbered: bool = False
) -> dict[str, dict[str, FloatArray]]:
    """Each metric over all inspections, by arm; NaN where a world has no such value."""
    design = study.design
    points = [dict(zip(design.sweep_columns, point, strict=True)) for point in design.points]
    found: dict[str, dict[str, FloatArray]] = {}
    for metric in dict.fromkeys(metrics):
        place = study.column(metric)
        found[metric] = {
            numbered_arm(cell, policy) if numbered else arm(point, policy): (
                study.values[cell, row, :, place]
                if place is not None
                else np.full(design.replications, np.nan)
            )
            for cell, point in enumerate(points)
            for row, policy in enumerate(design.policies)
        }
    return found
