"""How much of a series belongs to its beginning: MSER-5 proposes it, Welch's moving average shows it.

MSER (White 1997, doi 10.1177/003754979706900601) cuts where the half-width of the mean of what is left is
least, with batch means of five (MSER-5: Spratt 1998). Welch's figure: P. D. Welch in S. S. Lavenberg (ed.),
Computer Performance Modeling Handbook, 1983.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import FloatArray

BATCH = 5
LEAST_BATCHES = 10
KEPT = 5
"""Batches at the end where no cut is sought: of so few the spread is small by chance."""


@dataclass(frozen=True, slots=True)
class Truncation:
    """Where to cut: after ``batches`` of the ``of`` whole batches, each of ``size`` observations.

    ``statistic``: MSER for a cut after 0, 1, 2, ... batches; the first least one decides.
    """

    batches: int
    of: int
    size: int
    statistic: FloatArray

    @property
    def observations(self) -> int:
        """Observations before the cut."""
        return self.batches * self.size

    @property
    def too_short(self) -> bool:
        """Whether the cut takes half of the series or more: it never settled, as far as one can see."""
        return 2 * self.batches >= self.of


def batch_means(series: npt.ArrayLike, size: int = BATCH) -> FloatArray:
    """Means of whole batches, shape (n // size,); NaN observations are left out, an empty batch is NaN."""
    values = np.asarray(series, dtype=np.float64)
    whole = values[: len(values) // size * size].reshape(-1, size)
    return _nanmean(whole, axis=1)


def mser(series: npt.ArrayLike, size: int = BATCH) -> Truncation:
    """MSER over batch means: the cut d that minimises sum of (y - mean)^2 / (m - d)^2 over what is left.

    :raises ValueError: for a series of fewer than LEAST_BATCHES whole batches.
    """
    means = batch_means(series, size)
    if len(means) < LEAST_BATCHES:
        raise ValueError(f"{len(means)} batches of {size} are too few: {LEAST_BATCHES} are needed")
    statistic = np.array([_standard_error(means[cut:]) for cut in range(len(means) - KEPT + 1)])
    if np.isnan(statistic).all():
        raise ValueError("nothing was observed")
    return Truncation(int(np.nanargmin(statistic)), len(means), size, statistic)


def welch(series: npt.ArrayLike, window: int) -> FloatArray:
    """Mean over the replications (R, n) in a moving window of 2 window + 1, narrower at the beginning.

    Shape (n - window,): the last ones have no whole window. NaN where nothing was observed.
    """
    mean = _nanmean(np.asarray(series, dtype=np.float64), axis=0)
    smooth = []
    for place in range(len(mean) - window):
        half = min(place, window)
        smooth.append(_nanmean(mean[place - half : place + half + 1], axis=0))
    return np.array(smooth, dtype=np.float64)


def _standard_error(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    if len(known) < KEPT:
        return float("nan")
    return float(((known - known.mean()) ** 2).sum()) / len(known) ** 2


def _nanmean(values: FloatArray, axis: int) -> FloatArray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nothing observed is NaN, as it should be
        return np.asarray(np.nanmean(values, axis=axis), dtype=np.float64)
