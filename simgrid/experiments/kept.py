"""Values of runs that a page carries, so that its figures can be made again where the runs are not.

Of a study, blocks of columns for some of its arms; of a plan or a stress test, the values of each run in the
order in which they are first asked for. What is kept is data: nothing of it names a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from math import isnan
from pathlib import Path
from typing import Any, TypeAlias

from simgrid.experiments.atomic import write_text
from simgrid.experiments.sealed import Sealed, SealedRun
from simgrid.experiments.store import DamagedRun, Run, RunStore, number
from simgrid.experiments.study import ALL_INSPECTIONS, STUDY_FILE, STUDY_SCHEMA, Column, Study, design_plain
from simgrid.metrics import Measurement

Value: TypeAlias = "float | str | None"
Arm: TypeAlias = tuple[int, int]
"""A cell and a policy, by number."""

MOST_RUNS = 1_000_000
_KEY = re.compile("[0-9a-f]{16,64}")


@dataclass(frozen=True, slots=True)
class Block:
    """``values`` (arms, replications, columns) as JSON has them; None where a run has no such measurement."""

    columns: tuple[Column, ...]
    arms: tuple[Arm, ...]
    values: tuple[Value, ...]
    rows: Mapping[Arm, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", {arm: row for row, arm in enumerate(self.arms)})


@dataclass(frozen=True, slots=True)
class KeptStudy:
    """What a page that tells a study is made of: its design as ``study.json`` has it, values of its runs.

    ``first_runs``: of each cell and policy the key of its first run, by which a page knows a deployment.
    """

    design: dict[str, Any]
    blocks: tuple[Block, ...]
    first_runs: tuple[tuple[str, ...], ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Cells, policies, replications."""
        design = self.design
        return len(design["points"]), len(design["policies"]), int(design["replications"])

    def places(self) -> Iterator[tuple[int, int, int]]:
        """Cell, policy and replication of each run of which something is kept."""
        arms = dict.fromkeys(arm for block in self.blocks for arm in block.arms)
        return ((*arm, replication) for arm in arms for replication in range(self.shape[2]))

    def of(self, cell: int, policy: int, replication: int) -> list[tuple[Column, Value]]:
        """What is kept of a run, column by column."""
        found: list[tuple[Column, Value]] = []
        for block in self.blocks:
            row = block.rows.get((cell, policy))
            if row is not None:
                wide = len(block.columns)
                first = (row * self.shape[2] + replication) * wide
                found += zip(block.columns, block.values[first : first + wide], strict=True)
        return found


def block_of(study: Study, columns: Sequence[int], arms: Sequence[Arm]) -> Block:
    """The values of some columns, by number, in all replications of some arms."""
    values = (
        study.values[cell, policy, replication, column]
        for cell, policy in arms
        for replication in range(study.design.replications)
        for column in columns
    )
    kept = tuple(None if isnan(value) else number(value) for value in map(float, values))
    return Block(tuple(study.columns[one] for one in columns), tuple(arms), kept)


def study_plain(study: Study, blocks: Sequence[Block]) -> dict[str, Any]:
    """As JSON has it."""
    blocks_told = [
        {
            "columns": [[one.group, one.metric, one.unit] for one in block.columns],
            "arms": block.arms,
            "values": block.values,
        }
        for block in blocks
    ]
    first = [[keys[0] if keys else "" for keys in of_cell] for of_cell in study.keys]
    design = design_plain(replace(study.design, drawn=()))
    return {"design": design, "blocks": blocks_told, "first_runs": first}


def study_from(stored: dict[str, Any]) -> KeptStudy:
    """What ``study_plain`` made; raises ValueError, KeyError or TypeError for anything else."""
    first_runs = tuple(tuple(map(str, of_cell)) for of_cell in stored.get("first_runs", ()))
    kept = KeptStudy(dict(stored["design"]), tuple(map(_block, stored["blocks"])), first_runs)
    cells, policies, replications = kept.shape
    if not 0 < cells * policies * replications <= MOST_RUNS:
        raise ValueError("runs of another number")
    for block in kept.blocks:
        if len(block.values) != len(block.arms) * replications * len(block.columns):
            raise ValueError("other values than runs")
        if not all(0 <= cell < cells and 0 <= policy < policies for cell, policy in block.arms):
            raise ValueError("a run of no cell or policy")
    return kept


def _block(stored: dict[str, Any]) -> Block:
    values = tuple(stored["values"])
    if any(type(one) not in (float, int, str, type(None)) for one in values):
        raise ValueError("a value that is no number")
    arms = tuple((int(cell), int(policy)) for cell, policy in stored["arms"])
    return Block(tuple(Column(*map(str, one)) for one in stored["columns"]), arms, values)


def lay_out(kept: KeptStudy, seal: Sealed, folder: Path) -> None:
    """Write ``study.json`` and the runs of it, as far as they are kept, into a results folder."""
    first = enumerate(kept.first_runs)
    keys = {(cell, policy, 0): key for cell, of_cell in first for policy, key in enumerate(of_cell)}
    keys |= {(run.cell, run.policy, run.replication): run.key for run in seal.runs}
    cells, policies, replications = kept.shape
    store = RunStore(folder / "runs")
    store.prepare()
    named = [
        [[_key(keys, (cell, policy, one)) for one in range(replications)] for policy in range(policies)]
        for cell in range(cells)
    ]
    for cell, of_cell in enumerate(named):
        for policy, row in enumerate(of_cell):
            for replication, key in enumerate(row):
                found = _measurements(kept.of(cell, policy, replication))
                store.save(Run(key, "", (), replication, tuple(found)))
    told = {"schema": STUDY_SCHEMA, "design": kept.design, "keys": named}
    write_text(folder / STUDY_FILE, json.dumps(told))


def _key(keys: dict[tuple[int, int, int], str], place: tuple[int, int, int]) -> str:
    """The sealed key, which becomes a file's name only where it looks like one of ours."""
    key = keys.get(place, "")
    return key if _KEY.fullmatch(key) else "unsealed-{}-{}-{}".format(*place)


def _measurements(found: Sequence[tuple[Column, Value]]) -> Iterator[Measurement]:
    for column, value in found:
        if value is not None:
            yield Measurement(column.group, column.metric, column.unit, float(value))


def contradictions(kept: KeptStudy, seal: Sealed) -> Iterator[tuple[str, Value, Value]]:
    """Where the page is made of another value than a run was sealed with: where, and both values."""
    for run in seal.runs:
        told = dict(kept.of(run.cell, run.policy, run.replication))
        for column, value in zip(seal.columns, run.values, strict=True):
            if column in told and plain(told[column]) != plain(value):
                where = f"{column.metric} of {seal.policies[run.policy]}, replication {run.replication}"
                yield where, told[column], value


def plain(value: Value) -> Value:
    """The value, or None for what is not a number: both say that nothing was measured."""
    return None if value == "nan" else value


def unsealed(kept: KeptStudy, seal: Sealed) -> Iterator[SealedRun]:
    """The runs that the page is made of and its seal has no key of."""
    known = {(run.cell, run.policy, run.replication) for run in seal.runs}
    for place in kept.places():
        if place not in known:
            yield SealedRun(*place, "", "", ())


@dataclass(frozen=True, slots=True)
class KeptRuns:
    """Values of runs in the order in which they are first asked for, one row a run."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Recording(RunStore):
    """A store that notes which runs were asked for, in the order in which they first were."""

    asked: dict[str, None] = field(default_factory=dict)

    def load(self, key: str) -> Run | None:
        """As the store."""
        self.asked.setdefault(key)
        return RunStore.load(self, key)

    @property
    def order(self) -> str:
        """The text of the file that ``order_file`` names."""
        return "".join(f"{key}\n" for key in self.asked)


def order_file(name: str) -> str:
    """Beside ``plan.json`` or ``stress.json``: the keys of its runs, in the order of first use."""
    return f"{name.removesuffix('.json')}-runs.txt"


def kept_runs(folder: Path, name: str, wanted: Callable[[str], bool]) -> KeptRuns | None:
    """The values that a folder's plan or stress test looked at; None where its runs or their order are gone.

    Of each run the metrics over all inspections that are ``wanted``.
    """
    store = RunStore(folder / "runs")
    try:
        keys = (folder / order_file(name)).read_text(encoding="utf-8").split()
        runs = [run for key in keys if (run := store.load(key)) is not None]
    except (FileNotFoundError, DamagedRun, UnicodeDecodeError):
        return None
    if len(runs) < len(keys):
        return None
    rows = [_by_column(run, wanted) for run in runs]
    columns = tuple(sorted(set(chain.from_iterable(rows)), key=lambda one: one.metric))
    return KeptRuns(columns, tuple(tuple(row.get(one) for one in columns) for row in rows))


def _by_column(run: Run, wanted: Callable[[str], bool]) -> dict[Column, Value]:
    return {
        Column(one.group, one.metric, one.unit): number(one.value)
        for one in run.measurements
        if one.group == ALL_INSPECTIONS and wanted(one.metric)
    }


@dataclass(frozen=True, slots=True)
class Replaying(RunStore):
    """A store without a folder that hands out kept runs, the next one for each new key."""

    kept: KeptRuns = field(default_factory=lambda: KeptRuns((), ()))
    given: dict[str, Run] = field(default_factory=dict)

    def load(self, key: str) -> Run | None:
        """The run that was asked for at this turn; None after the last."""
        place = len(self.given)
        if key not in self.given and place < len(self.kept.rows):
            pairs = list(zip(self.kept.columns, self.kept.rows[place], strict=True))
            self.given[key] = Run(key, "", (), 0, tuple(_measurements(pairs)))
        return self.given.get(key)


def runs_plain(kept: KeptRuns) -> dict[str, Any]:
    """As JSON has it."""
    return {"columns": [[one.group, one.metric, one.unit] for one in kept.columns], "rows": kept.rows}


def runs_from(stored: dict[str, Any]) -> KeptRuns:
    """What ``runs_plain`` made; raises ValueError, KeyError or TypeError for anything else."""
    columns = tuple(Column(*map(str, one)) for one in stored["columns"])
    rows = tuple(map(tuple, stored["rows"]))
    if any(type(one) not in (float, int, str, type(None)) for row in rows for one in row):
        raise ValueError("a value that is no number")
    if any(len(row) != len(columns) for row in rows):
        raise ValueError("a run with other values than columns")
    return KeptRuns(columns, rows)
