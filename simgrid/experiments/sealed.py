"""What a report carries so that anybody can compute its runs again: the seal.

A seal is a block of JSON in the page: the scenario in one piece, what it was computed with, and of each run
its key, a fingerprint of all that was measured and its values of the metrics that the page is about. Of more
runs than fit, so many drawn at random. The page as a whole has a check sum, kept in its seals: it finds a
change, but is no signature, since whoever changes a page can make a new one; computing runs again is what
proves a number.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from simgrid.domain.targets import PREFIX
from simgrid.experiments.resimulation import RESOLVED_FILE
from simgrid.experiments.store import Run, RunStore, fingerprint, number
from simgrid.experiments.study import ALL_INSPECTIONS, Column, NotAStudy, Study, read_study
from simgrid.randomness import stream
from simgrid.scenario.portable import Needed, Portable, is_bare, portable

SEAL_SCHEMA = 1
STUDY = "study"
MOST_BYTES = 150_000
"""Of the runs in one seal: a report stays below 1 MB."""
ALWAYS = ("tat_median_min", "tat_p95_min", "response_time_success", "workload_success")
_BYTES_A_RUN, _BYTES_A_VALUE = 75, 21
_UNSET = "0" * 64
_CHECK = 'data-page-check="'
_FOUND = re.compile(_CHECK + r'([0-9a-f]{64})"')
_SCRIPT = '<script type="application/json" class="simgrid-seal" '
_BLOCK = re.compile(re.escape(_SCRIPT) + r'data-page-check="[0-9a-f]{64}">(.*?)</script>', re.S)
_ESCAPED = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


class NotSealed(ValueError):
    """A page without a seal that can be read."""


@dataclass(frozen=True, slots=True)
class SealedRun:
    """One run: its cell and policy by number, and of ``Sealed.columns`` the values as JSON has them."""

    cell: int
    policy: int
    replication: int
    key: str
    fingerprint: str
    values: tuple[float | str | None, ...]


@dataclass(frozen=True, slots=True)
class Sealed:
    """The seal of a study, a plan or a stress test. ``runs`` are all of its ``total`` runs, or a sample.

    ``made_with``: what ``manifest.json`` says. ``points``: one text per sweep column for each cell.
    """

    name: str
    title: str
    scenario: Portable
    made_with: dict[str, Any]
    sweep_columns: tuple[str, ...]
    points: tuple[tuple[str, ...], ...]
    policies: tuple[str, ...]
    columns: tuple[Column, ...]
    total: int
    runs: tuple[SealedRun, ...]
    kind: str = STUDY

    @property
    def model_version(self) -> int | None:
        """That of the runs; None where nobody noted it."""
        return self.made_with.get("model_version")


def seal_of(folder: Path, most_bytes: int = MOST_BYTES) -> Sealed:
    """The seal of a results folder that ``simgrid run`` wrote.

    :raises NotAStudy: the folder holds no finished study, or lacks what a seal is made of.
    :raises ScenarioInvalid: its scenario cannot be read.
    """
    study = read_study(folder)
    columns = _columns(study)
    design, store, places = study.design, RunStore(folder / "runs"), _places(study)
    kept = that_fit(len(places), len(columns), design.seed, design.name, most_bytes)
    return Sealed(
        name=folder.resolve().name,
        title=design.title,
        scenario=scenario_of(folder),
        made_with=made_with(folder),
        sweep_columns=design.sweep_columns,
        points=design.points,
        policies=design.policies,
        columns=columns,
        total=len(places),
        runs=tuple(_runs(study, columns, store, [places[index] for index in kept])),
    )


def scenario_of(folder: Path) -> Portable:
    """The scenario of a results folder in one piece; raises as ``seal_of``."""
    if not (folder / RESOLVED_FILE).is_file():
        raise NotAStudy(f"{folder} holds no {RESOLVED_FILE}: run the scenario again")
    return portable(folder / RESOLVED_FILE)


def made_with(folder: Path) -> dict[str, Any]:
    """The manifest of a results folder; raises as ``seal_of``."""
    try:
        found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise NotAStudy(f"{folder}: manifest.json cannot be read: run the scenario again") from None
    return found


def sealed_block(folder: Path, most_bytes: int = MOST_BYTES) -> str:
    """A study's seal as an element of a page that shows and executes nothing; raises as ``seal_of``."""
    return block_of(seal_of(folder, most_bytes))


def block_of(seal: Sealed) -> str:
    """A seal as an element of a page that shows and executes nothing."""
    text = json.dumps(_plain(seal), ensure_ascii=True, separators=(",", ":"))
    return f'{_SCRIPT}{_CHECK}{_UNSET}">{text.translate(_ESCAPED)}</script>'


def sealed_page(html: str) -> str:
    """The finished page with its check sum in its seals; nothing of it may change after that."""
    unset = _FOUND.sub(f'{_CHECK}{_UNSET}"', html)
    return _FOUND.sub(f'{_CHECK}{_digest(unset)}"', unset)


def is_as_written(html: str) -> bool:
    """Whether every character of the page is as ``sealed_page`` left it."""
    return html == sealed_page(html)


def without_seals(html: str) -> str:
    """The page without its seals."""
    return _BLOCK.sub("", html)


def seals_in(html: str) -> list[Sealed]:
    """The seals of a page, in its order.

    :raises NotSealed: there is none, one is damaged, or another version of simgrid wrote it.
    """
    found = [_read(text) for text in _BLOCK.findall(html)]
    if not found:
        raise NotSealed("it has no seal: give a report.html that 'simgrid report' wrote")
    return found


def value_of(run: Run, column: Column) -> float | str | None:
    """What a run measured in a column, as a seal has it; None where nothing was measured."""
    for one in run.measurements:
        if (one.group, one.metric) == (column.group, column.metric):
            return number(one.value)
    return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _columns(study: Study) -> tuple[Column, ...]:
    wanted = {*study.design.primary, *ALWAYS}
    return tuple(
        one
        for one in study.columns
        if one.group == ALL_INSPECTIONS and (one.metric in wanted or one.metric.startswith(PREFIX))
    )


def _places(study: Study) -> list[tuple[int, int, int]]:
    """Cell, policy and replication of each run."""
    design = study.design
    return [
        (cell, policy, replication)
        for cell in range(len(design.points))
        for policy in range(len(design.policies))
        for replication in range(design.replications)
    ]


def that_fit(runs: int, columns: int, seed: int, name: str, most_bytes: int = MOST_BYTES) -> list[int]:
    """All of so many runs, or so many of them as fit, drawn at random; in their order."""
    most = max(most_bytes // (_BYTES_A_RUN + _BYTES_A_VALUE * columns), 1)
    if runs <= most:
        return list(range(runs))
    luck = stream(seed, 0, "sealed runs", name)
    return sorted(luck.choice(runs, size=most, replace=False).tolist())


def _runs(
    study: Study, columns: Sequence[Column], store: RunStore, places: Sequence[tuple[int, int, int]]
) -> Iterator[SealedRun]:
    for cell, policy, replication in places:
        key = study.keys[cell][policy][replication]
        run = store.load(key)
        if run is not None:
            yield sealed_run(cell, policy, run, columns)


def sealed_run(cell: int, policy: int, run: Run, columns: Sequence[Column]) -> SealedRun:
    """A stored run of a cell and a policy, by number."""
    values = tuple(value_of(run, column) for column in columns)
    return SealedRun(cell, policy, run.replication, run.key, fingerprint(run.measurements), values)


def _plain(seal: Sealed) -> dict[str, object]:
    needed = [asdict(one) for one in seal.scenario.needed]
    return {
        "schema": SEAL_SCHEMA,
        "kind": seal.kind,
        "name": seal.name,
        "title": seal.title,
        "scenario": seal.scenario.text,
        "stages": dict(seal.scenario.stages),
        "needed": needed,
        "made_with": seal.made_with,
        "sweep_columns": seal.sweep_columns,
        "points": seal.points,
        "policies": seal.policies,
        "columns": [[one.group, one.metric, one.unit] for one in seal.columns],
        "total": seal.total,
        "runs": [
            [run.cell, run.policy, run.replication, run.key, run.fingerprint, run.values] for run in seal.runs
        ],
    }


def _read(text: str) -> Sealed:
    try:
        stored = json.loads(text)
        if stored["schema"] == SEAL_SCHEMA:
            return _checked(
                Sealed(
                    name=stored["name"],
                    title=stored["title"],
                    scenario=Portable(
                        stored["scenario"],
                        tuple(Needed(**one) for one in stored["needed"]),
                        dict(stored["stages"]),
                    ),
                    made_with=dict(stored["made_with"]),
                    sweep_columns=tuple(stored["sweep_columns"]),
                    points=tuple(tuple(point) for point in stored["points"]),
                    policies=tuple(stored["policies"]),
                    columns=tuple(Column(*one) for one in stored["columns"]),
                    total=stored["total"],
                    runs=tuple(_run(*run) for run in stored["runs"]),
                    kind=stored["kind"],
                )
            )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise NotSealed("its seal is damaged: ask whoever sent the report for it again") from error
    raise NotSealed(f"its seal has schema {stored['schema']!r}, expected {SEAL_SCHEMA}: update simgrid")


def _run(
    cell: int, policy: int, replication: int, key: str, found: str, values: Sequence[float | str | None]
) -> SealedRun:
    return SealedRun(cell, policy, replication, key, found, tuple(values))


def _checked(seal: Sealed) -> Sealed:
    """Raise ValueError unless the seal's parts fit each other."""
    needed, stages = seal.scenario.needed, seal.scenario.stages
    texts: list[object] = [
        seal.kind,
        seal.name,
        seal.title,
        seal.scenario.text,
        *seal.policies,
        *stages.values(),
    ]
    numbers: list[object] = [n for run in seal.runs for n in (run.cell, run.policy, run.replication)]
    values: list[object] = [value for run in seal.runs for value in run.values]
    if not all(isinstance(one, str) for one in texts) or not all(type(n) is int for n in numbers):
        raise ValueError("a text or number of another kind")
    if any(type(one) not in (float, int, str, type(None)) for one in values):
        raise ValueError("a value that is no number")
    if not all(is_bare(name) for name in (*stages, *(one.name for one in needed))):
        raise ValueError("a file elsewhere")
    if not all(is_bare(part) for one in needed if one.shipped for part in one.shipped.split("/")):
        raise ValueError("a file elsewhere")
    for run in seal.runs:
        if not (0 <= run.cell < len(seal.points) and 0 <= run.policy < len(seal.policies)):
            raise ValueError("a run of no cell or policy")
        if run.replication < 0 or len(run.values) != len(seal.columns):
            raise ValueError("a run with other values than columns")
    if not seal.runs:
        raise ValueError("no runs")
    return seal
