"""The three answers of a study: how each policy did, how it did against the baseline, and each claim's fate.

Decisions are taken in two declared families, the primary comparisons and the claims, each over all cells of
the study and corrected by Holm. Every other row is descriptive and carries no corrected p.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from simgrid.domain.units import FloatArray
from simgrid.experiments.study import Column, Study
from simgrid.metrics import METRICS
from simgrid.statistics.decisions import Better, Word, holm, verdict
from simgrid.statistics.intervals import (
    SMALLEST_RATE,
    mean_interval,
    paired,
    ratio_of_means,
    reciprocal_scores,
)

RATE = "1"
NOT_A_NUMBER = float("nan")


@dataclass(frozen=True, slots=True)
class Summary:
    """Mean of one quantity under one policy in one cell, with its 95 % interval over ``n`` replications."""

    policy: str
    cell: int
    column: Column
    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Policy minus baseline, paired; ``p_holm`` is NaN unless the comparison is primary.

    ``ratio`` is that of the means with its interval, NaN where the baseline is too near 0 to divide by.
    """

    policy: str
    baseline: str
    cell: int
    column: Column
    difference: float
    low: float
    high: float
    ratio: float
    ratio_low: float
    ratio_high: float
    n: int
    p: float
    p_holm: float = NOT_A_NUMBER

    @property
    def word(self) -> Word:
        """Whether the policy is better than the baseline; see ``statistics.decisions.verdict``."""
        adjusted = None if np.isnan(self.p_holm) else self.p_holm
        return verdict(self.low, self.high, better(self.column.metric), adjusted)


@dataclass(frozen=True, slots=True)
class ClaimedPair:
    """One pair of a declared claim in one cell."""

    number: int
    note: str
    comparison: Comparison


def better(metric: str) -> Better:
    """Which way of a metric is better; metrics of one's own that declare none tell nothing apart."""
    return METRICS[metric].better if metric in METRICS else "neither"


def summaries(study: Study, group: str | None = None) -> Iterator[Summary]:
    """One row a cell, policy and column with at least one defined value, in that order.

    ``group``: the columns of this group only.
    """
    wanted = _places(study, group)
    for cell, by_policy in enumerate(scored(study)):
        for policy, values in zip(study.design.policies, by_policy, strict=True):
            found = mean_interval(values[:, wanted].T)
            for place in np.flatnonzero(found.n).tolist():
                yield Summary(
                    policy,
                    cell,
                    study.columns[wanted[place]],
                    mean=float(found.mean[place]),
                    low=float(found.low[place]),
                    high=float(found.high[place]),
                    n=int(found.n[place]),
                )


def comparisons(study: Study, baseline: str | None = None, group: str | None = None) -> list[Comparison]:
    """Every policy against the baseline (the scenario's, unless another is named), cell by cell.

    ``group``: the columns of this group only. The primary ones are those of the study's own group: all
    inspections, unless it is a view of others.
    """
    against = baseline or study.design.baseline
    family = set(study.design.primary)
    others = [policy for policy in study.design.policies if policy != against]
    wanted = _places(study, group)
    rows = [
        row
        for cell, values in enumerate(scored(study))
        for policy in others
        for row in _compare(study, cell, values, policy, against, wanted)
    ]
    return _corrected(rows, [row.column.group == study.group and row.column.metric in family for row in rows])


def claimed(study: Study) -> list[ClaimedPair]:
    """Every pair of every declared claim in every cell, corrected over all of them together."""
    pairs: list[ClaimedPair] = []
    values = scored(study)
    for number, claim in enumerate(study.design.claims, start=1):
        place = study.column(claim.metric)
        if place is None:
            continue
        for cell in range(len(study.values)):
            for other in claim.against:
                found = _compare(study, cell, values[cell], claim.policy, other, [place])
                pairs += [ClaimedPair(number, claim.note, row) for row in found]
    rows = _corrected([pair.comparison for pair in pairs], [True] * len(pairs))
    return [replace(pair, comparison=row) for pair, row in zip(pairs, rows, strict=True)]


def claim_word(pairs: list[ClaimedPair]) -> Word:
    """One word for a claim in a cell: it holds if every pair holds, and is reversed if any pair is."""
    words = {pair.comparison.word for pair in pairs}
    if "reversed" in words:
        return "reversed"
    return "holds" if words == {"holds"} else "cannot be told apart"


def scored(study: Study) -> FloatArray:
    """The study's values with eq. 10 replaced by scores whose mean is 1 / mean distance.

    See ``statistics.intervals.reciprocal_scores``; shape (cells, policies, replications, columns).
    """
    values = study.values.copy()
    for place, column in enumerate(study.columns):
        distance = study.column("workload_distance", column.group)
        if column.metric == "workload_success" and distance is not None:
            values[..., place] = reciprocal_scores(study.values[..., distance])
    return values


def _places(study: Study, group: str | None) -> list[int]:
    return [place for place, column in enumerate(study.columns) if group in (None, column.group)]


def _compare(
    study: Study, cell: int, values: FloatArray, policy: str, baseline: str, places: list[int]
) -> Iterator[Comparison]:
    """Compare two policies in one cell on the columns at ``places``; ``values`` (policies, n, columns)."""
    labels = study.design.policies
    a = values[labels.index(policy)][:, places].T
    b = values[labels.index(baseline)][:, places].T
    found, ratio, base = paired(a, b), ratio_of_means(a, b), mean_interval(b)
    for row in np.flatnonzero(found.n).tolist():
        column = study.columns[places[row]]
        floor = SMALLEST_RATE if column.unit == RATE else 0.0
        divisible = float(base.low[row]) >= floor and float(base.mean[row]) > 0
        yield Comparison(
            policy,
            baseline,
            cell,
            column,
            difference=float(found.difference[row]),
            low=float(found.low[row]),
            high=float(found.high[row]),
            ratio=float(ratio.mean[row]) if divisible else NOT_A_NUMBER,
            ratio_low=float(ratio.low[row]) if divisible else NOT_A_NUMBER,
            ratio_high=float(ratio.high[row]) if divisible else NOT_A_NUMBER,
            n=int(found.n[row]),
            p=float(found.p[row]),
        )


def _corrected(rows: list[Comparison], member: list[bool]) -> list[Comparison]:
    places = [place for place, inside in enumerate(member) if inside]
    adjusted = holm([rows[place].p for place in places])
    corrected = list(rows)
    for place, p in zip(places, adjusted, strict=True):
        corrected[place] = replace(rows[place], p_holm=float(p))
    return corrected
