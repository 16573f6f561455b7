"""Replications until the means are precise: look at fixed counts, in order of replication, and stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from simgrid.domain.precision import Precision
from simgrid.domain.units import FloatArray
from simgrid.experiments.answers import scored
from simgrid.experiments.campaign import Campaign
from simgrid.experiments.stopping import Look, Series, Stopping
from simgrid.experiments.study import ALL_INSPECTIONS, Study
from simgrid.statistics.stopping import Goal, confidence, looks, widths

Compute: TypeAlias = Callable[[Campaign], Study]
"""Computes what is missing of a campaign, and gives its study."""


def until_precise(
    asked: Campaign, precision: Precision, compute: Compute, told: Callable[[Stopping], None]
) -> tuple[Campaign, Study]:
    """Ask for more and more replications until every mean is precise, or there are ``asked.replications``.

    The study that is returned holds exactly the replications 0 to r - 1 of the look at which the rule ended,
    whatever else is stored, so it does not depend on workers, interruptions or earlier runs. ``told`` hears
    after every look. A metric of which no replication of a look measured anything ends it too.

    :raises ValueError: for fewer ``asked.replications`` than the first look has.
    """
    counts = looks(asked.replications)
    series = tuple(
        Series(policy, target.metric, ", ".join(f"{name} = {value}" for name, value in cell.swept))
        for cell in asked.cells
        for policy in asked.policies
        for target in precision.targets
    )
    course = Stopping(precision.targets, counts, confidence(len(series)), series, ())
    for count in counts:
        part = replace(asked, replications=count)
        study = compute(part)
        course = replace(course, looks=(*course.looks, _look(study, precision)))
        told(course)
        if course.reached or count == counts[-1] or None in course.last.mean:
            break
    return part, replace(study, design=replace(study.design, stopping=course))


def _look(study: Study, precision: Precision) -> Look:
    each = study.values.shape[0] * study.values.shape[1]
    width = np.array([target.width for target in precision.targets])
    relative = np.array([target.relative for target in precision.targets])
    found = widths(_values(study, precision), Goal(np.tile(width, each), np.tile(relative, each)))
    return Look(study.design.replications, *map(_defined, (found.mean, found.half, found.allowed)))


def _values(study: Study, precision: Precision) -> FloatArray:
    """Shape (cells x policies x targets, replications); NaN throughout for what was never measured."""
    values = scored(study)
    taken = np.full((*values.shape[:3], len(precision.targets)), np.nan)
    for index, target in enumerate(precision.targets):
        place = study.column(target.metric, ALL_INSPECTIONS)
        if place is not None:
            taken[..., index] = values[..., place]
    return np.moveaxis(taken, 2, -1).reshape(-1, values.shape[2])


def _defined(numbers: FloatArray) -> tuple[float | None, ...]:
    return tuple(number if np.isfinite(number) else None for number in numbers.tolist())
