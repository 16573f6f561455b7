"""The three answers of a study: how each policy did, how it did against the baseline, and each claim's fate.

Decisions are taken in two declared families, the primary comparisons and the claims, each over all cells of
the study and corrected by Holm. Every other row is descriptive and carries no corrected p.
docs/explanation/statistics.md says what each interval promises and how they fit together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgrid.domain.metric import at_most_all
from simgrid.domain.targets import PREFIX, Target
from simgrid.domain.units import FloatArray
from simgrid.experiments.judged import CONFIDENCE, target_values
from simgrid.experiments.study import ALL_INSPECTIONS, Column, Study
from simgrid.metrics import METRICS
from simgrid.statistics.bounds import unfavourable
from simgrid.statistics.decisions import Better, Role, Word, holm, verdict
from simgrid.statistics.families import simultaneous
from simgrid.statistics.intervals import SMALLEST_RATE, Interval, mean_interval, paired, reciprocal_scores
from simgrid.statistics.pairing import PairingWord, pairing_gain, pairing_word
from simgrid.statistics.ratios import fieller

RATE = "1"
NOT_A_NUMBER = float("nan")


@dataclass(frozen=True, slots=True)
class Summary:
    """Mean of one quantity under one policy in one cell, with its 95 % interval over ``n`` replications.

    ``low`` and ``high`` of a target are the one-sided 95 % bounds by which it is judged, and its mean is the
    share of all inspections of the replications. One in so many periods has two rows: its mean without
    bounds, which decide nothing, and as ``target.NAME.kept`` the share of periods that decides.
    """

    policy: str
    cell: int
    column: Column
    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Policy minus baseline, paired, with the unadjusted 95 % interval of the mean difference.

    ``p_holm`` is NaN for a descriptive comparison, and the simultaneous bounds of all primary ones are NaN
    for others. ``ratio`` is that of the means with Fieller's interval, NaN where the baseline is too near 0
    to divide by. ``gain`` is what pairing was worth, see ``statistics.pairing``.
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
    gain: float
    gain_low: float
    gain_high: float
    role: Role = "descriptive"
    p_holm: float = NOT_A_NUMBER
    low_all: float = NOT_A_NUMBER
    high_all: float = NOT_A_NUMBER

    @property
    def pairing(self) -> PairingWord:
        """Whether pairing the replications helped."""
        return pairing_word(self.gain, self.gain_low, self.gain_high)

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
    targets = {one.column: one for one in study.design.targets}
    for cell, by_policy in enumerate(scored(study)):
        for policy, values in zip(study.design.policies, by_policy, strict=True):
            found = means_between([study.columns[place].metric for place in wanted], values[:, wanted].T)
            for place in np.flatnonzero(found.n).tolist():
                column = study.columns[wanted[place]]
                mean, low, high = (float(one[place]) for one in (found.mean, found.low, found.high))
                row = Summary(policy, cell, column, mean, low, high, int(found.n[place]))
                target = targets.get(column.metric) if column.group == ALL_INSPECTIONS else None
                yield from (row,) if target is None else _of_target(study, row, values, target)


def means_between(metrics: Sequence[str], values: FloatArray) -> Interval:
    """Mean of the defined values and its 95 % t-interval, a row a metric, (metrics, n) to (metrics,).

    Student's interval knows no share: where it goes beyond none or all, it ends there.
    """
    found = mean_interval(values)
    within = np.array([at_most_all(one) for one in metrics]) & ~((values < 0.0) | (values > 1.0)).any(axis=-1)
    low, high = np.maximum(found.low, 0.0), np.minimum(found.high, 1.0)
    return replace(found, low=np.where(within, low, found.low), high=np.where(within, high, found.high))


def _of_target(study: Study, row: Summary, values: FloatArray, target: Target) -> Iterator[Summary]:
    """The rows of a target by the ``values`` (replications, columns) of a cell and policy."""
    seen = target_values(study, values, target)
    found = unfavourable(seen, target, CONFIDENCE)
    if target.periods is None:
        yield replace(row, mean=found.mean, low=found.low, high=found.high, n=found.n)
        return
    yield replace(row, low=NOT_A_NUMBER, high=NOT_A_NUMBER)
    kept = Column(row.column.group, target.kept, "1")
    yield replace(row, column=kept, mean=found.mean, low=found.low, high=found.high, n=found.n)


def comparisons(study: Study, baseline: str | None = None, group: str | None = None) -> list[Comparison]:
    """Every policy against the baseline (the scenario's, unless another is named), cell by cell.

    ``group``: the columns of this group only; targets are judged, not compared. The primary
    ones are those of the study's own group: all inspections, unless it is a view of others.
    """
    against = baseline or study.design.baseline
    family = set(study.design.primary)
    others = [policy for policy in study.design.policies if policy != against]
    values = scored(study)
    wanted = [one for one in _places(study, group) if not study.columns[one].metric.startswith(PREFIX)]
    rows = [
        row
        for cell, of_cell in enumerate(values)
        for policy in others
        for row in _compare(study, cell, of_cell, policy, against, wanted)
    ]
    primary = [
        place
        for place, row in enumerate(rows)
        if row.column.group == study.group and row.column.metric in family
    ]
    return _for_all_at_once(study, values, _corrected(rows, primary, "primary"), primary)


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
    rows = _corrected([pair.comparison for pair in pairs], range(len(pairs)), "claim")
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
    a = values[study.design.policies.index(policy)][:, places].T
    b = values[study.design.policies.index(baseline)][:, places].T
    found, base, gain = paired(a, b), mean_interval(b), pairing_gain(a, b, study.design.seed)
    ratio = fieller(*_divided(study, cell, (policy, baseline), places, (a, b)))
    for row in np.flatnonzero(found.n).tolist():
        column = study.columns[places[row]]
        floor = SMALLEST_RATE if column.unit == RATE else 0.0
        ended = bool(ratio.bounded[row] and np.isfinite(ratio.ratio[row]))
        divisible = ended and float(base.low[row]) >= floor and float(base.mean[row]) > 0
        yield Comparison(
            policy,
            baseline,
            cell,
            column,
            difference=float(found.difference[row]),
            low=float(found.low[row]),
            high=float(found.high[row]),
            ratio=float(ratio.ratio[row]) if divisible else NOT_A_NUMBER,
            ratio_low=float(ratio.low[row]) if divisible else NOT_A_NUMBER,
            ratio_high=float(ratio.high[row]) if divisible else NOT_A_NUMBER,
            n=int(found.n[row]),
            p=float(found.p[row]),
            gain=float(gain.gain[row]),
            gain_low=float(gain.low[row]),
            gain_high=float(gain.high[row]),
        )


def _divided(
    study: Study,
    cell: int,
    pair: tuple[str, str],
    places: list[int],
    scores: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray]:
    """What a ratio divides: the scores themselves, but for eq. 10 the mean distances the other way round."""
    above, below = scores[0].copy(), scores[1].copy()
    policy, baseline = (study.values[cell, study.design.policies.index(one)] for one in pair)
    for row, place in enumerate(places):
        column = study.columns[place]
        if column.metric != "workload_success":
            continue
        distance = study.column("workload_distance", column.group)
        if distance is not None:
            above[row], below[row] = baseline[:, distance], policy[:, distance]
    return above, below


def _corrected(rows: list[Comparison], places: Sequence[int], role: Role) -> list[Comparison]:
    adjusted = holm([rows[place].p for place in places])
    corrected = list(rows)
    for place, p in zip(places, adjusted, strict=True):
        corrected[place] = replace(rows[place], p_holm=float(p), role=role)
    return corrected


def _for_all_at_once(
    study: Study, values: FloatArray, rows: list[Comparison], places: Sequence[int]
) -> list[Comparison]:
    """The rows with the simultaneous bounds of those at ``places``; ``values`` are the scored ones."""
    if not places:
        return rows
    labels = study.design.policies
    column = {one: place for place, one in enumerate(study.columns)}
    differences = [
        values[row.cell, labels.index(row.policy), :, column[row.column]]
        - values[row.cell, labels.index(row.baseline), :, column[row.column]]
        for row in (rows[place] for place in places)
    ]
    found = simultaneous(np.array(differences), study.design.seed)
    bounded = list(rows)
    for place, low, high in zip(places, found.low.tolist(), found.high.tolist(), strict=True):
        bounded[place] = replace(rows[place], low_all=low, high_all=high)
    return bounded
