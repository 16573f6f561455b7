"""Who stands to be selected: the policies of a scenario, or its cells under one policy, and their runs.

A candidate's runs lie in the store under the same keys as those of ``simgrid run``: what either computed, the
other finds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.domain.units import FloatArray
from simgrid.experiments.campaign import Campaign, CannotBeAsked, Keys, Task
from simgrid.experiments.store import DamagedRun, Run, RunStore
from simgrid.experiments.study import ALL_INSPECTIONS
from simgrid.metrics import METRICS
from simgrid.randomness import stream
from simgrid.scenario.axes import COLUMN
from simgrid.scenario.problems import did_you_mean, shown

LARGEST_SEED = 1_000_000_000
_NO_MEANS = {"workload_success": "workload_distance"}
"""Metrics whose mean over replications is not what is reported, and those to select by instead."""
Compute: TypeAlias = Callable[[Sequence[Scenario], Sequence[Task]], None]
"""Computes and stores the runs of these tasks, whose cells are numbered as given."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of those to choose from: ``name`` is a policy's label, or a value of the column looked across.

    Candidates of the same ``place`` are of the same cell.
    """

    name: str
    place: int
    cell: Scenario
    policy: PolicyChoice
    source: str


def candidates(
    asked: Campaign, across: str | None = None, policy: str | None = None
) -> tuple[Candidate, ...]:
    """The policies of the one cell, or the cells along a swept column under one policy, in their order.

    :raises CannotBeAsked: where that does not leave two or more that differ in one thing.
    """
    if policy is not None and policy not in asked.policies:
        way_out = did_you_mean(policy, asked.policies, "the policies are")
        raise CannotBeAsked(f"--policy: there is no policy {shown(policy)}: {way_out}")
    if across is not None:
        return _cells(asked, across, policy)
    if policy is not None:
        raise CannotBeAsked("--policy: one policy leaves nothing to choose; it goes with --across COLUMN")
    if len(asked.cells) > 1:
        columns = ", ".join(asked.sweep_columns)
        raise CannotBeAsked(
            f"the scenario has {len(asked.cells)} cells, and each may have another best; choose among them "
            f"with --across ({columns}), or keep one: {_fixed(asked.sweep_columns)}"
        )
    if len(asked.policies) < 2:
        raise CannotBeAsked(f"policies: {asked.policies[0]} is the only one: there is nothing to choose")
    source = dict(asked.sources)
    cell = asked.cells[0]
    return tuple(Candidate(one.label, 0, cell, one, source[one.name]) for one in cell.policies)


def _cells(asked: Campaign, across: str, policy: str | None) -> tuple[Candidate, ...]:
    if across not in asked.sweep_columns:
        known = f"its columns are: {', '.join(asked.sweep_columns)}"
        there = known if asked.sweep_columns else "it has neither variants nor a sweep"
        raise CannotBeAsked(f"--across: {shown(across)} is no swept column of the scenario; {there}")
    if across == "seed":
        raise CannotBeAsked("--across seed: seeds are other worlds, not other systems; raise --max instead")
    if policy is None and len(asked.policies) > 1:
        known = ", ".join(asked.policies)
        raise CannotBeAsked(f"--across chooses among cells under one policy: name it with --policy ({known})")
    label = policy or asked.policies[0]
    names = [dict(cell.swept).get(across, "") for cell in asked.cells]
    if len(set(names)) < len(names):
        others = [column for column in asked.sweep_columns if column != across]
        raise CannotBeAsked(
            f"--across {across}: the cells differ in {', '.join(others)} as well; keep one: {_fixed(others)}"
        )
    if len(names) < 2:
        raise CannotBeAsked(f"--across {across}: {names[0]} is its only value: there is nothing to choose")
    choices = [next(one for one in cell.policies if one.label == label) for cell in asked.cells]
    source = dict(asked.sources)[choices[0].name]
    return tuple(
        Candidate(name, place, cell, choice, source)
        for place, (name, cell, choice) in enumerate(zip(names, asked.cells, choices, strict=True))
    )


def _fixed(columns: Sequence[str]) -> str:
    """What to put behind a command so that these columns have one value."""
    return " ".join(
        "--set variants=null" if one == COLUMN else f"--set 'sweep.{one}=[VALUE]'" for one in columns
    )


def independent(those: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The same candidates in worlds of their own: each has a seed drawn for its name from the scenario's.

    A seed is no other for another order or number of candidates.
    """
    return tuple(
        replace(one, place=place, cell=replace(one.cell, seed=_seed(one))) for place, one in enumerate(those)
    )


def _seed(one: Candidate) -> int:
    return int(stream(one.cell.seed, 0, "independent candidate", one.name).integers(LARGEST_SEED))


def check_metric(metric: str) -> None:
    """:raises CannotBeAsked: for a metric that is unknown, or of which no mean tells who is better."""
    if metric not in METRICS:
        way_out = did_you_mean(metric, METRICS, "the metrics are")
        raise CannotBeAsked(
            f"--metric: of no metric {shown(metric)} is it known whether more or less is better: {way_out}"
        )
    if metric in _NO_MEANS:
        instead = _NO_MEANS[metric]
        raise CannotBeAsked(f"--metric: {metric} is 1 / mean {instead}, not a mean; use --metric {instead}")


@dataclass(slots=True)
class Observations:
    """The candidates' values of one metric, computed where they are not stored.

    ``damaged`` is told of stored runs that cannot be trusted and are computed again.
    """

    those: tuple[Candidate, ...]
    metric: str
    store: RunStore
    compute: Compute
    damaged: Callable[[str], None]
    _keys: dict[int, Keys] = field(init=False)
    _seen: list[list[float]] = field(init=False)

    def __post_init__(self) -> None:
        sources = {one.policy.name: one.source for one in self.those}
        self._keys = {place: Keys(cell, sources) for place, cell in self._cells().items()}
        self._seen = [[] for _ in self.those]

    def upto(self, counts: Mapping[int, int]) -> None:
        """See to it that these candidates have the replications 0 to count - 1.

        :raises CannotBeAsked: for a run without the metric, or with a value that is not finite.
        """
        wanted = [
            (replication, number)
            for number, count in counts.items()
            for replication in range(len(self._seen[number]), count)
        ]
        found = {one: self._load(*one) for one in wanted}
        missing = sorted(one for one, run in found.items() if run is None)
        if missing:
            self._compute(missing)
        for replication, number in wanted:
            run = found[replication, number] or self._load(replication, number)
            self._seen[number].append(self._value(run, replication, number))

    def values(self, number: int, count: int) -> FloatArray:
        """The candidate's first values, shape (count,)."""
        return np.array(self._seen[number][:count])

    def _load(self, replication: int, number: int) -> Run | None:
        key = self._key(number, replication)
        try:
            return self.store.load(key)
        except DamagedRun as damage:
            self.damaged(f"{self.store.path(key).name}: {damage}")
            return None

    def _key(self, number: int, replication: int) -> str:
        one = self.those[number]
        return self._keys[one.place].of(one.policy, replication)

    def _compute(self, missing: Sequence[tuple[int, int]]) -> None:
        """Ordered by cell, then replication, so that neighbours share a world."""
        tasks = []
        for replication, number in missing:
            one = self.those[number]
            tasks.append(Task(one.place, one.policy, replication, self._key(number, replication)))
        cells = [cell for _, cell in sorted(self._cells().items())]
        self.compute(cells, sorted(tasks, key=lambda task: task.cell))

    def _cells(self) -> dict[int, Scenario]:
        return {one.place: one.cell for one in self.those}

    def _value(self, run: Run | None, replication: int, number: int) -> float:
        name = self.those[number].name
        if run is None:
            raise FileNotFoundError(f"replication {replication} of {name} vanished while it was computed")
        measured = {one.metric: one.value for one in run.measurements if one.group == ALL_INSPECTIONS}
        value = measured.get(self.metric, float("nan"))
        if not np.isfinite(value):
            said = "was not measured" if np.isnan(value) else f"is {value}"
            there = ", ".join(name for name in METRICS if np.isfinite(measured.get(name, np.nan)))
            raise CannotBeAsked(
                f"--metric: {self.metric} {said} under {name} in replication {replication}, and every "
                f"replication needs a value; that run has: {there}"
            )
        return value
