"""What held in 19 of 20 replications: the quantile on the side that is worse, with its interval."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simgrid.domain.metric import is_share
from simgrid.experiments.answers import better
from simgrid.experiments.study import Study
from simgrid.presentation import wording
from simgrid.presentation.blocks import Block
from simgrid.statistics.counts import Quantile, fewest_for_quantile, quantile_interval
from simgrid.statistics.intervals import mean_interval

LEVEL = 0.95
FEWEST = 20
"""Replications below which no one of them stands for one in twenty."""


def nearly_always_block(study: Study) -> Iterator[Block]:
    """A line a cell and policy; nothing where there are fewer than ``FEWEST`` replications."""
    metrics = [metric for metric in wording.told_metrics(study) if _told(study, metric)]
    if study.design.replications < FEWEST or not metrics:
        return
    found = {metric: _quantiles(study, metric) for metric in metrics}
    decimals = {metric: _decimals(study, metric) for metric in metrics}
    sweep = wording.sweep_headings(study)
    yield Block(
        "In 19 of 20 replications at least (more is better) or at most (less is better)",
        (study.compared, *sweep, *(wording.heading(metric) for metric in metrics)),
        tuple(
            (policy, *point, *(_said(found[one][cell, place], decimals[one], one) for one in metrics))
            for cell, point in enumerate(study.design.points)
            for place, policy in enumerate(study.design.policies)
            if any(found[one][cell, place].n for one in metrics)
        ),
        (
            "Quantile over the replications, in brackets its exact 95 % interval, from "
            f"{fewest_for_quantile(LEVEL)} replications on. Descriptive.",
        ),
        keys=1 + len(sweep),
    )


def _told(study: Study, metric: str) -> bool:
    place = study.column(metric)
    return place is not None and better(metric) != "neither" and not np.isinf(study.values[..., place]).any()


def _quantiles(study: Study, metric: str) -> dict[tuple[int, int], Quantile]:
    level = 1.0 - LEVEL if better(metric) == "higher" else LEVEL
    values = study.values[..., study.column(metric)]
    return {
        (cell, place): quantile_interval(values[cell, place], level)
        for cell, place in np.ndindex(values.shape[:2])
    }


def _decimals(study: Study, metric: str) -> int:
    """As many as the means have, which stand above."""
    means = mean_interval(study.values[..., study.column(metric)])
    return wording.places(zip(means.low.ravel().tolist(), means.high.ravel().tolist(), strict=True), most=3)


def _said(one: Quantile, decimals: int, metric: str) -> str:
    if np.isnan(one.quantile):
        return wording.UNDEFINED
    three = (one.quantile, one.low, one.high)
    said, low, high = (wording.decimal(value, decimals, share=is_share(metric)) for value in three)
    return said if np.isnan(one.low) else f"{said} [{low}, {high}]"
