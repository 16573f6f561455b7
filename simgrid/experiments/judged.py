"""Whether a study's policies meet its targets, by unfavourable one-sided bounds over the replications."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.experiments.study import ALL_INSPECTIONS, Study
from simgrid.statistics.bounds import Bound, unfavourable
from simgrid.statistics.long_run import counted

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Judged:
    """One target under one policy in one cell."""

    policy: str
    cell: int
    target: Target
    found: Bound


def judged(study: Study) -> Iterator[Judged]:
    """Every target of the study, by cell and policy; of other groups' views none."""
    if study.group != ALL_INSPECTIONS:
        return
    for cell in range(len(study.values)):
        for place, policy in enumerate(study.design.policies):
            for one in study.design.targets:
                values = target_values(study, study.values[cell, place], one)
                yield Judged(policy, cell, one, unfavourable(values, one, CONFIDENCE))


def target_values(study: Study, values: FloatArray, target: Target) -> FloatArray:
    """What a target came to in replications whose ``values`` (n, columns) are given, (n,).

    A share of the long run has of how many inspections it is beside it, (n, 2).
    """
    column = study.column(target.column, ALL_INSPECTIONS)
    if column is None:
        return np.empty(0)
    counts = study.column(target.counted, ALL_INSPECTIONS) if target.pooled else None
    return values[:, column] if counts is None else counted(values[:, column], values[:, counts])
