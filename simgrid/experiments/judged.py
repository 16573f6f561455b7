"""Whether a study's policies meet its targets, by unfavourable one-sided bounds over the replications."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simgrid.domain.targets import Target
from simgrid.experiments.study import ALL_INSPECTIONS, Study
from simgrid.statistics.bounds import Bound, unfavourable

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
                column = study.column(one.column)
                values = np.empty(0) if column is None else study.values[cell, place, :, column]
                yield Judged(policy, cell, one, unfavourable(values, one, CONFIDENCE))
