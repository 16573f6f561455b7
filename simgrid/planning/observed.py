"""The runs of many cells under one policy, computed where they are not stored.

They lie in the store under the keys of ``simgrid run``: what either computed, the other finds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.experiments.assemble import run_once
from simgrid.experiments.campaign import Keys, Task
from simgrid.experiments.parallel import RunOnce
from simgrid.experiments.store import DamagedRun, Run, RunStore
from simgrid.experiments.study import ALL_INSPECTIONS
from simgrid.planning.recovery import recovery_once
from simgrid.statistics.long_run import counted

Compute: TypeAlias = Callable[[Sequence[Scenario], Sequence[Task], RunOnce], None]
"""Computes and stores the runs of these tasks, whose cells are numbered as given."""


@dataclass(frozen=True, slots=True)
class Values:
    """What the replications of one cell measured over all inspections, by metric; NaN where one did not."""

    by_metric: Mapping[str, FloatArray]
    replications: int

    def of(self, metric: str) -> FloatArray:
        """One metric, shape (replications,)."""
        return self.by_metric.get(metric, np.full(self.replications, np.nan))

    def first(self, n: int) -> Values:
        """Those of the first ``n`` replications."""
        return Values({metric: values[:n] for metric, values in self.by_metric.items()}, n)

    def of_target(self, target: Target) -> FloatArray:
        """What it came to, (replications,); a share of the long run with its counts, (replications, 2)."""
        values, counts = self.of(target.column), self.by_metric.get(target.counted)
        return values if counts is None or not target.pooled else counted(values, counts)


@dataclass(frozen=True, slots=True)
class Runs:
    """Where runs come from: ``damaged`` is told of stored ones that cannot be trusted and are made again."""

    policy: PolicyChoice
    source: str
    store: RunStore
    compute: Compute
    damaged: Callable[[str], None]

    def of(self, cells: Sequence[Scenario], replications: int) -> list[Values]:
        """The first replications of each cell."""
        return self._values(cells, replications, run_once, "")

    def recoveries(self, cells: Sequence[Scenario], replications: int, events: int) -> list[Values]:
        """As ``of``, what ``recovery_once`` measures of each cell's last ``events``."""
        return self._values(
            cells, replications, partial(recovery_once, events=events), f"recovery of {events}, backlog"
        )

    def missing(self, cells: Sequence[Scenario], replications: int) -> int:
        """How many runs of ``of`` are not stored."""
        tasks = self._tasks(cells, replications, "")
        return sum(not self.store.holds(task.key) for task in tasks)

    def _values(
        self, cells: Sequence[Scenario], replications: int, run: RunOnce, measured: str
    ) -> list[Values]:
        tasks = self._tasks(cells, replications, measured)
        found = {task.key: self._load(task.key) for task in tasks}
        lacking = [task for task in tasks if found[task.key] is None]
        if lacking:
            self.compute(cells, lacking, run)
            found |= {task.key: self._load(task.key) for task in lacking}
        by_cell: list[list[Run]] = [[] for _ in cells]
        for task in tasks:
            one = found[task.key]
            if one is None:
                raise FileNotFoundError(f"replication {task.replication} vanished while it was computed")
            by_cell[task.cell].append(one)
        return [_values(those) for those in by_cell]

    def _tasks(self, cells: Sequence[Scenario], replications: int, measured: str) -> list[Task]:
        sources = {self.policy.name: self.source}
        tasks = []
        for place, cell in enumerate(cells):
            keys = Keys(cell, sources)
            for replication in range(replications):
                key = _other_key(keys.of(self.policy, replication), measured)
                tasks.append(Task(place, self.policy, replication, key))
        return tasks

    def _load(self, key: str) -> Run | None:
        try:
            return self.store.load(key)
        except DamagedRun as damage:
            self.damaged(f"{self.store.path(key).name}: {damage}")
            return None


def _other_key(key: str, measured: str) -> str:
    """The key of the same run where something else is measured of it."""
    return hashlib.blake2b(f"{key} {measured}".encode(), digest_size=16).hexdigest() if measured else key


def _values(runs: Sequence[Run]) -> Values:
    by_metric: dict[str, FloatArray] = {}
    for replication, run in enumerate(runs):
        for one in run.measurements:
            if one.group == ALL_INSPECTIONS:
                by_metric.setdefault(one.metric, np.full(len(runs), np.nan))[replication] = one.value
    return Values(by_metric, len(runs))
