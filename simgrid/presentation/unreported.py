"""Inspections that nobody had reported by the end of the runs, told wherever times leave them out."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from simgrid.domain.units import FloatArray
from simgrid.experiments.study import Study
from simgrid.presentation import wording
from simgrid.presentation.blocks import Block

OPEN, REPORTED = "open_at_end", "reported"


def unreported_block(study: Study) -> Iterator[Block]:
    """One line for each policy that left inspections unreported; nothing where all were reported."""
    lines = tuple(_lines(study))
    if lines:
        yield Block("Not everything was reported; times are means over the reported inspections", notes=lines)


def unreported_note(study: Study) -> str:
    """The same in a few words for a figure; empty where all were reported."""
    left = _means(study, OPEN)
    if left is None or not (left > 0).any():
        return ""
    return f"Up to {_amount(float(np.nanmax(left)))} inspections on average unreported: times leave them out."


def _lines(study: Study) -> Iterator[str]:
    left, reported = _means(study, OPEN), _means(study, REPORTED)
    if left is None:
        return
    cells = len(study.design.points)
    for place, policy in enumerate(study.design.policies):
        own = left[:, place]
        if not (own > 0).any():
            continue
        worst = int(np.nanargmax(own))
        amount = _amount(float(own[worst]))
        if reported is not None and not np.isnan(reported[worst, place]):
            amount += f" of {round(reported[worst, place] + own[worst], 1):.10g}"
        said = f"{policy}: {amount} inspections on average were not reported by the end"
        where = (
            f" in its worst cell ({_named(study, worst)}); some in {int((own > 0).sum())} of {cells} cells"
        )
        yield f"{said}{where if cells > 1 else ''}."


def _means(study: Study, metric: str) -> FloatArray | None:
    """Over the replications that measured it: shape (cells, policies), NaN where none did."""
    place = study.column(metric)
    if place is None:
        return None
    values = study.values[..., place]
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(axis=-1) / known.sum(axis=-1), dtype=np.float64)


def _amount(mean: float) -> str:
    """One decimal, or as many as a small mean needs to show that it is not 0."""
    return f"{mean:.{max(1, -math.floor(math.log10(mean)))}f}"


def _named(study: Study, cell: int) -> str:
    pairs = zip(study.design.sweep_columns, study.design.points[cell], strict=True)
    return ", ".join(f"{name} = {value or wording.UNDEFINED}" for name, value in pairs)
