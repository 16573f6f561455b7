"""Runs of a sealed report computed again, on a machine that may have nothing but the report.

Which runs is drawn from a seed: others can draw the same ones, and with a seed of one's own nobody can
foresee them.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from simgrid.domain.scenario import Scenario
from simgrid.experiments.assemble import run_once
from simgrid.experiments.atomic import write_text
from simgrid.experiments.campaign import Campaign, Task, campaign
from simgrid.experiments.identity import policy_source_hash
from simgrid.experiments.installed import installed
from simgrid.experiments.kept import KeptStudy, Value, plain, unsealed
from simgrid.experiments.model_version import MODEL_VERSION
from simgrid.experiments.parallel import Progress, compute
from simgrid.experiments.sealed import STUDY, Sealed, SealedRun, value_of
from simgrid.experiments.smoke import cut_short
from simgrid.experiments.store import Run, RunStore, fingerprint
from simgrid.experiments.study import Column
from simgrid.randomness import stream
from simgrid.scenario import Loaded, load
from simgrid.scenario.files import shipped_folder
from simgrid.scenario.portable import Needed, settled

_SCENARIO = "scenario.yaml"


class CannotBeCompared(RuntimeError):
    """A report whose numbers this installation does not make."""


class FilesLacking(ValueError):
    """Files that the report's runs read and that do not lie beside it; one a line."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A run to compute again, and the seal that it is of.

    ``more``: values of it that the page is made of and that are not among the seal's. A run without a key is
    one that only these tell of.
    """

    seal: Sealed
    run: SealedRun
    more: tuple[tuple[Column, Value], ...] = ()

    @property
    def policy(self) -> str:
        """The policy's label."""
        return self.seal.policies[self.run.policy]

    @property
    def point(self) -> dict[str, str]:
        """The swept values of its cell."""
        return dict(zip(self.seal.sweep_columns, self.seal.points[self.run.cell], strict=True))


CellsOf: TypeAlias = Callable[[Path, Sequence[Chosen]], Sequence[Scenario]]
"""From a scenario file and the runs chosen of a seal to the cell of each; raises CannotBeCompared."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run: how many values were held against the report, and each difference in a sentence.

    ``otherwise``: what this installation has otherwise than the one that made the report.
    """

    chosen: Chosen
    compared: int
    differs: tuple[str, ...]
    otherwise: tuple[str, ...]


def every_run(seals: Sequence[Sealed], kept: Mapping[int, KeptStudy]) -> list[Chosen]:
    """All runs of a report: the sealed ones, and those of which only its page is made.

    ``kept``: what it keeps of a study, by the number of its seal.
    """
    found = []
    for number, seal in enumerate(seals):
        if number not in kept:
            found += [Chosen(seal, run) for run in seal.runs]
            continue
        study, bare = kept[number], replace(seal, columns=())
        found += [Chosen(seal, run, _of(study, run, seal.columns)) for run in seal.runs]
        found += [Chosen(bare, run, _of(study, run, ())) for run in unsealed(study, seal)]
    return found


def _of(study: KeptStudy, run: SealedRun, known: Sequence[Column]) -> tuple[tuple[Column, Value], ...]:
    kept = study.of(run.cell, run.policy, run.replication)
    return tuple((column, value) for column, value in kept if column not in known)


def choose(
    seals: Sequence[Sealed], count: int, seed: int, kept: Mapping[int, KeptStudy] = MappingProxyType({})
) -> list[Chosen]:
    """So many runs of a report, all different, drawn from ``seed``; all of them where it has no more."""
    every = every_run(seals, kept)
    luck = stream(seed, 0, "verify", *(seal.name for seal in seals))
    drawn = luck.choice(len(every), size=min(count, len(every)), replace=False)
    return [every[index] for index in sorted(drawn.tolist())]


def same_model(seals: Sequence[Sealed]) -> None:
    """Raise CannotBeCompared unless all runs were made by this model."""
    for seal in seals:
        if seal.model_version != MODEL_VERSION:
            packages = seal.made_with.get("packages")
            theirs = packages.get("simgrid-telerad") if isinstance(packages, dict) else None
            way_out = f"install the version that made it ({theirs or 'the report names it'})"
            raise CannotBeCompared(
                f"made by model {seal.model_version}, this is {MODEL_VERSION}: cannot be compared; {way_out}"
            )


def places_of(seal: Sealed, beside: Path) -> dict[str, Path]:
    """Where the files that a scenario needs lie: among simgrid's own, or in the folder ``beside``.

    :raises FilesLacking: files that are not there, or have another content.
    :raises CannotBeCompared: one of simgrid's own has another content.
    """
    places, lacking = {}, []
    for one in seal.scenario.needed:
        places[one.name] = place = shipped_folder() / one.shipped if one.shipped else beside / one.name
        wrong = _wrong(one, place)
        if wrong and one.shipped:
            raise CannotBeCompared(f"simgrid's own {one.shipped} {wrong}: install the version that made it")
        if wrong:
            lacking.append(f"{place} {wrong} (named by {one.what})")
    if lacking:
        raise FilesLacking("\n".join(lacking))
    return places


def write_scenario(seal: Sealed, beside: Path, folder: Path, name: str) -> None:
    """Write a seal's scenario and its earlier stages into a new folder; raises as ``places_of``."""
    places = places_of(seal, beside)
    folder.mkdir(parents=True)
    for number, (stage, text) in enumerate(seal.scenario.stages.items()):
        places[stage] = folder / str(number) / stage
        places[stage].parent.mkdir(parents=True)
        write_text(places[stage], settled(text, stage, places))
    write_text(folder / name, settled(seal.scenario.text, "the report's scenario", places))


def executed(seals: Sequence[Sealed]) -> tuple[str, ...]:
    """The names of Python files that computing the runs would execute."""
    needed = (one for seal in seals for one in seal.scenario.needed)
    return tuple(dict.fromkeys(one.name for one in needed if one.executed and not one.shipped))


def computed_again(
    chosen: Sequence[Chosen],
    beside: Path,
    folder: Path,
    jobs: int,
    progress: Progress,
    others: Mapping[str, CellsOf] = MappingProxyType({}),
) -> Iterator[Outcome]:
    """Compute runs and hold them against the report, in their order.

    ``folder`` is an empty one, for what is computed. ``others``: how the cells are found of seals that are no
    study's, by kind. ``jobs`` and what it raises as ``parallel.compute``; also raises as ``places_of``,
    ScenarioInvalid and CannotBeAsked.
    """
    for number, (_, group) in enumerate(groupby(chosen, key=lambda one: id(one.seal))):
        yield from _of_seal(list(group), beside, folder / str(number), jobs, progress, others)


def _of_seal(
    chosen: Sequence[Chosen],
    beside: Path,
    folder: Path,
    jobs: int,
    progress: Progress,
    others: Mapping[str, CellsOf],
) -> Iterator[Outcome]:
    seal = chosen[0].seal
    write_scenario(seal, beside, folder, _SCENARIO)
    asked, cells = _campaign(chosen, folder / _SCENARIO, others)
    tasks = [_task(asked, cell, one) for cell, one in zip(cells, chosen, strict=True)]
    store = RunStore(folder / "runs")
    store.prepare()
    compute(asked.cells, tasks, store, run_once, jobs, progress)
    otherwise = tuple(_otherwise(seal, asked))
    for task, one in zip(tasks, chosen, strict=True):
        run = store.load(task.key)
        if run is None:
            raise FileNotFoundError(f"a run vanished from {store.folder} while it was computed")
        yield Outcome(
            one, len(one.run.values) + len(one.more), tuple(_differences(one, run, otherwise)), otherwise
        )


def _wrong(needed: Needed, place: Path) -> str:
    """What is wrong with the file at a place, empty where nothing is."""
    if not place.exists():
        return "is not there"
    if not needed.sha256:
        return ""
    if not place.is_file():
        return "is no file"
    same = hashlib.sha256(place.read_bytes()).hexdigest() == needed.sha256
    return "" if same else "is another file than the report was made with"


def _loaded(file: Path, chosen: Sequence[Chosen]) -> Loaded:
    """The scenario; as the design of its sensitivity analysis, where the report's cells are those."""
    known = installed()
    loaded = load(file, (), known, warned=False)
    wanted = [_values(one) for one in chosen]
    if not all(any(dict(cell.swept) == point for cell in loaded.cells) for point in wanted):
        with suppress(ValueError):
            return load(file, (), known, analyse=True, warned=False)
    return loaded


def _values(one: Chosen) -> dict[str, str]:
    return {name: value for name, value in one.point.items() if value}


def _campaign(
    chosen: Sequence[Chosen], file: Path, others: Mapping[str, CellsOf]
) -> tuple[Campaign, list[int]]:
    """The campaign of the chosen runs, and which of its cells each has."""
    kind = chosen[0].seal.kind
    if kind == STUDY:
        return _asked(chosen, _loaded(file, chosen))
    if kind not in others:
        raise CannotBeCompared(
            f"its seal is of a '{kind[:60]}', which this version does not know: update simgrid"
        )
    cells = others[kind](file, chosen)
    every = {one.name: one for cell in cells for one in cell.policies}
    sources = tuple((name, policy_source_hash(one)) for name, one in every.items())
    return Campaign(tuple(cells), (), cells[0].replications, sources), list(range(len(cells)))


def _asked(chosen: Sequence[Chosen], loaded: Loaded) -> tuple[Campaign, list[int]]:
    """The campaign of the chosen runs' cells, and which of them each run has."""
    by_point = {tuple(sorted(cell.swept)): cell for cell in loaded.cells}
    found: dict[int, Scenario] = {}
    for one in chosen:
        cell = by_point.get(tuple(sorted(_values(one).items())))
        if cell is None:
            raise CannotBeCompared(f"the report's scenario has no cell with {_words(one)}: it was changed")
        found[one.run.cell] = cell
    numbers = list(found)
    cells = [numbers.index(one.run.cell) for one in chosen]
    whole = campaign(tuple(found.values()), loaded.sweep_columns)
    short = campaign(tuple(cut_short(cell) for cell in found.values()), loaded.sweep_columns)
    first = chosen[0]
    if _task(whole, cells[0], first).key != first.run.key:
        many = first.seal.made_with.get("replications")
        same = _task(short, cells[0], first).key == first.run.key
        if same or many == short.replications < whole.replications:
            return short, cells
    return whole, cells


def _words(one: Chosen) -> str:
    return ", ".join(f"{name} = {value}" for name, value in one.point.items()) or "no swept values"


def _task(asked: Campaign, cell: int, one: Chosen) -> Task:
    for choice in asked.cells[cell].policies:
        if choice.label == one.policy:
            key = asked.key(cell, choice, one.run.replication)
            return Task(cell, choice, one.run.replication, key)
    raise CannotBeCompared(f"the report's scenario has no policy {one.policy}: it was changed")


def _differences(one: Chosen, run: Run, otherwise: Sequence[str]) -> Iterator[str]:
    several = False
    for column, sealed in (*zip(one.seal.columns, one.run.values, strict=True), *one.more):
        now = value_of(run, column)
        if plain(sealed) != plain(now):
            several = True
            yield f"{column.metric}: {_number(sealed)} in the report, {_number(now)} computed again"
    if not one.run.key:
        return
    if not several and fingerprint(run.measurements) != one.run.fingerprint:
        yield "another number of this run than those that the report has of it"
    if run.key != one.run.key and not otherwise:
        yield "its key is another, so the scenario or the key in the report was changed"


def _number(value: Value) -> str:
    return "nothing" if value is None else str(value)


def _otherwise(seal: Sealed, asked: Campaign) -> Iterator[str]:
    """What the report was made with and this installation has otherwise."""
    sources = seal.made_with.get("policy_sources_sha256")
    for name, digest in asked.sources:
        if isinstance(sources, dict) and sources.get(name) != digest:
            yield f"the source of policy {name} is another"
    theirs = seal.made_with.get("packages")
    for package, then in theirs.items() if isinstance(theirs, dict) else ():
        now = _version(package)
        if then != now:
            yield f"{package} {then} then, {now or 'none'} now"
    if (then := seal.made_with.get("python")) != platform.python_version():
        yield f"Python {then} then, {platform.python_version()} now"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
