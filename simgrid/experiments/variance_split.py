"""Every world twice, with the same draws and other chance: what of the spread the uncertain values make."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from simgrid.domain.scenario import Scenario
from simgrid.experiments.campaign import Campaign, CannotBeAsked
from simgrid.experiments.csv_files import csv_text, number
from simgrid.experiments.data_dictionary import UNCERTAINTY, columns
from simgrid.experiments.study import Study
from simgrid.randomness import stream
from simgrid.statistics.intervals import CONFIDENCE, t_quantile
from simgrid.statistics.variance_share import VarianceShare, variance_share

LARGEST_SEED = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Split:
    """One metric under one policy, or of policy minus ``baseline`` where that is not empty, in one cell."""

    cell: int
    policy: str
    baseline: str
    metric: str
    unit: str
    found: VarianceShare

    @property
    def likely(self) -> tuple[float, float]:
        """Between which the mean lies for 95 % of what the values may be, if these means are normal.

        A prediction interval: the spread by the upper bound of the share (one that cannot be told from 0 is
        not taken for 0), what the mean over these draws is itself off by, and Student's t for both.
        """
        found = self.found
        if not found.n:
            return found.mean, found.mean
        off = (found.common_sd**2 + found.own_sd**2 / 2) / found.n
        half = float(t_quantile(np.asarray(found.n), CONFIDENCE)) * math.sqrt(found.most**2 + off)
        return self.found.mean - half, self.found.mean + half


def elsewhere(asked: Campaign) -> Campaign:
    """The same campaign with the same draws in worlds of another seed, which is drawn from the scenario's.

    :raises CannotBeAsked: where nothing is drawn.
    """
    if not asked.cells[0].uncertain:
        raise CannotBeAsked(
            "--split-variance: the scenario says of no value that it is uncertain: add a block 'uncertain', "
            "such as uncertain: {demand.scale: {interval: [0.9, 1.2]}}"
        )
    cells = tuple(_moved(cell) for cell in asked.cells)
    return Campaign(cells, asked.sweep_columns, asked.replications, asked.sources)


def _moved(cell: Scenario) -> Scenario:
    if cell.realise is None:
        raise ValueError(f"{cell.name}: nothing of the cell is drawn")
    seed = int(stream(cell.seed, 0, "uncertain", "other worlds").integers(LARGEST_SEED))
    return replace(cell, realise=_Elsewhere(cell.realise, seed))


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """Draws by the seed that is given, everything else by another."""

    realise: Callable[[int, int], Scenario]
    seed: int

    def __call__(self, seed: int, replication: int) -> Scenario:
        return replace(self.realise(seed, replication), seed=self.seed)


def splits(study: Study, other: Study) -> Iterator[Split]:
    """Every primary metric in every cell: policies in their order, then differences from the baseline.

    ``other``: the study of ``elsewhere``. Values are those of single runs, over all inspections.
    """
    design = study.design
    rows = {policy: row for row, policy in enumerate(design.policies)}
    for cell in range(len(design.points)):
        for metric in design.primary:
            place, there = study.column(metric), other.column(metric)
            if place is None or there is None:
                continue
            unit = study.columns[place].unit
            sides = study.values[cell, ..., place], other.values[cell, ..., there]
            for policy, row in rows.items():
                found = variance_share(sides[0][row], sides[1][row])
                yield Split(cell, policy, "", metric, unit, found)
            base = rows[design.baseline]
            for policy, row in rows.items():
                if row != base:
                    found = variance_share(*(side[row] - side[base] for side in sides))
                    yield Split(cell, policy, design.baseline, metric, unit, found)


def uncertainty_csv(study: Study, rows: Iterable[Split]) -> str:
    """One row a split; the columns are those of the data dictionary."""
    header = (field.name for field in columns(UNCERTAINTY, study.design.sweep_columns))

    def lines() -> Iterator[tuple[str, ...]]:
        for row in rows:
            found = row.found
            numbers = (found.share, found.low, found.high, found.common_sd, found.own_sd, found.mean)
            yield (
                *(row.policy, row.baseline, *study.design.points[row.cell], row.metric, row.unit),
                *map(number, (*numbers, *row.likely)),
                str(found.n),
            )

    return csv_text(header, lines())
