"""Areas under the ROC curve, calibration error and rank correlation, with a bootstrap over *sources*.

Images of one patient resemble each other: resampling images would make intervals far too short. Each
replicate draws as many sources as there are, with replacement, and counts every image as often as its source.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from simgrid.randomness import stream

REPLICATES = 1000
_SEED = 7


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its 95 % interval, nan where there is none; ``images`` and ``sources`` behind it.

    One source has no interval: drawn again and again it is always the same, which is no certainty. Written
    alike whether it was read from a table, which has six digits, or not.
    """

    value: float
    low: float
    high: float
    images: int
    sources: int

    def __str__(self) -> str:
        if not np.isfinite(self.value):
            return "none"
        value, low, high = (f"{float(f'{one:.6g}'):.3f}" for one in (self.value, self.low, self.high))
        return value + (f" [{low}, {high}]" if np.isfinite(self.low) else "")


def source_weights(source: NDArray[np.str_], replicates: int | None = None) -> NDArray[np.float64]:
    """(replicates + 1, n): how often each image counts; the first row is the sample itself."""
    names, index = np.unique(source, return_inverse=True)
    drawn = stream(_SEED, 0, "bootstrap", *names.tolist()).multinomial(
        names.size, np.full(names.size, 1 / names.size), REPLICATES if replicates is None else replicates
    )
    counts = np.vstack([np.ones(names.size, np.int64), drawn])
    return counts[:, index].astype(np.float64)


def aucs(
    scores: NDArray[np.float64], truth: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Area under the curve for each row of ``weights``; ties count half; nan without both classes."""
    order = np.argsort(scores, kind="stable")
    ordered, positive = scores[order], truth[order]
    starts = np.flatnonzero(np.r_[True, np.diff(ordered) > 0])
    found = np.empty(len(weights))
    for row, weight in enumerate(weights[:, order]):
        up = np.add.reduceat(np.where(positive, weight, 0.0), starts)
        down = np.add.reduceat(np.where(positive, 0.0, weight), starts)
        below = np.cumsum(down) - down
        whole = up.sum() * down.sum()
        found[row] = float(up @ (below + down / 2)) / whole if whole > 0 else np.nan
    return found


def estimate(values: NDArray[np.float64], source: NDArray[np.str_]) -> Estimate:
    """Of values by replicate, the first being that of the sample; no interval of a single source."""
    rest = values[1:][np.isfinite(values[1:])]
    sources = np.unique(source).size
    low, high = np.quantile(rest, (0.025, 0.975)) if rest.size and sources > 1 else (np.nan, np.nan)
    return Estimate(float(values[0]), float(low), float(high), source.size, sources)


def calibration_errors(
    probability: NDArray[np.float64], truth: NDArray[np.bool_], weights: NDArray[np.float64], bins: int = 10
) -> NDArray[np.float64]:
    """Expected calibration error over bins of equal width, for each row of weights (Naeini 2015)."""
    place = np.minimum((probability * bins).astype(np.int64), bins - 1)
    one_hot = place[:, None] == np.arange(bins)
    gap = weights @ (one_hot * (probability - truth)[:, None])
    errors: NDArray[np.float64] = np.abs(gap).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-12)
    return errors


def reliability(
    probability: NDArray[np.float64], truth: NDArray[np.bool_], bins: int = 10
) -> list[tuple[float, float, int]]:
    """Mean probability, share that was true, and how many, of each bin that is not empty."""
    place = np.minimum((probability * bins).astype(np.int64), bins - 1)
    return [
        (float(probability[place == k].mean()), float(truth[place == k].mean()), int((place == k).sum()))
        for k in range(bins)
        if (place == k).any()
    ]


def rank_correlations(
    one: NDArray[np.float64], other: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Spearman's, for each row of weights: Pearson's of the ranks, each image counted by its weight."""
    a, b = rankdata(one), rankdata(other)
    whole = np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    share = weights / whole
    ca, cb = a - share @ a[:, None], b - share @ b[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = (share * ca * cb).sum(1) / np.sqrt(
            (share * ca**2).sum(1) * (share * cb**2).sum(1)
        )
    return found
