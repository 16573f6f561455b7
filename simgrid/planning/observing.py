"""The runs behind a plan: computed where they are not stored, the same for any number of workers.

Every cell has one policy and its own seed; cells of the same seed have the same luck, replication by
replication. Runs lie in the store of ``simgrid run`` and are shared with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from simgrid.domain.scenario import Scenario
from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.experiments.campaign import Keys, Task
from simgrid.experiments.candidates import LARGEST_SEED, Compute
from simgrid.experiments.store import DamagedRun, Run, RunStore
from simgrid.experiments.study import ALL_INSPECTIONS
from simgrid.randomness import stream
from simgrid.statistics.long_run import counted


def unseen(cell: Scenario) -> Scenario:
    """The cell in the worlds of the test, of which the search has seen none."""
    seed = int(stream(cell.seed, 0, "plan test").integers(LARGEST_SEED))
    return replace(cell, seed=seed)


@dataclass(slots=True)
class _Observed:
    """One cell, the keys of its runs, and the targets' values so far: one row a replication."""

    cell: Scenario
    keys: Keys
    rows: list[FloatArray] = field(default_factory=list)

    def key(self, replication: int) -> str:
        return self.keys.of(self.cell.policies[0], replication)


@dataclass(slots=True)
class Observatory:
    """Observes cells, each under its one policy. ``sources``: a source hash by policy name.

    ``computed`` counts the runs that were not stored; ``damaged`` is told of stored runs that cannot be
    trusted and are computed again.
    """

    targets: tuple[Target, ...]
    sources: dict[str, str]
    store: RunStore
    compute: Compute
    damaged: Callable[[str], None]
    computed: int = 0
    _known: dict[str, _Observed] = field(default_factory=dict)

    def values(self, cells: Sequence[tuple[str, Scenario]], upto: int) -> FloatArray:
        """The targets' values, shape (cells, upto, targets, 2); each cell comes with a name of its own.

        Beside a share of the long run stands of how many inspections it is, beside other values 1. NaN where
        a run has no inspection of a target's group.
        """
        seen = [self._observed(name, cell) for name, cell in cells]
        self._bring(seen, upto)
        return np.array([one.rows[:upto] for one in seen]).reshape(len(seen), upto, len(self.targets), 2)

    def keys(self, names: str = "") -> list[str]:
        """The keys of all runs that were observed of cells whose names begin so, each once, in order."""
        seen = (one for name, one in self._known.items() if name.startswith(names))
        return sorted({one.key(place) for one in seen for place in range(len(one.rows))})

    def _observed(self, name: str, cell: Scenario) -> _Observed:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = _Observed(cell, Keys(cell, self.sources))
        return known

    def _bring(self, seen: Sequence[_Observed], upto: int) -> None:
        wanted = [(place, r) for place, one in enumerate(seen) for r in range(len(one.rows), upto)]
        found = {(place, r): self._load(seen[place].key(r)) for place, r in wanted}
        missing = [one for one in wanted if found[one] is None]
        if missing:
            tasks = [Task(place, seen[place].cell.policies[0], r, seen[place].key(r)) for place, r in missing]
            self.compute([one.cell for one in seen], tasks)
            self.computed += len(missing)
        for place, r in wanted:
            run = found[place, r] or self._load(seen[place].key(r))
            if run is None:
                raise FileNotFoundError(f"run {seen[place].key(r)} vanished while it was computed")
            seen[place].rows.append(self._row(run))

    def _load(self, key: str) -> Run | None:
        try:
            return self.store.load(key)
        except DamagedRun as damage:
            self.damaged(f"{self.store.path(key).name}: {damage}")
            return None

    def _row(self, run: Run) -> FloatArray:
        measured = {one.metric: one.value for one in run.measurements if one.group == ALL_INSPECTIONS}
        return counted(
            [measured.get(one.column, np.nan) for one in self.targets],
            [measured.get(one.counted, np.nan) if one.pooled else 1.0 for one in self.targets],
        )
