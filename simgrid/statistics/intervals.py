"""Intervals of means and of paired differences; the replication is the observation.

All functions work along the last axis, which holds the replications; NaN marks a replication in which the
quantity is undefined, and ``n`` counts the others.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from simgrid.domain.units import FloatArray, IntArray

CONFIDENCE = 0.95
SMALLEST_RATE = 0.02  # below it, a ratio of rates says more about the denominator than about the policies


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its two-sided t-interval; arrays of equal shape. Bounds are NaN below two observations."""

    mean: FloatArray
    low: FloatArray
    high: FloatArray
    n: IntArray


@dataclass(frozen=True, slots=True)
class Paired:
    """Mean of the paired differences, its t-interval, and the two-sided p of no difference."""

    difference: FloatArray
    low: FloatArray
    high: FloatArray
    p: FloatArray
    n: IntArray


def mean_interval(values: npt.ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """Mean and t-interval of the defined values, shape (..., n) to (...)."""
    mean, error, n = mean_and_error(np.asarray(values, dtype=np.float64))
    half = t_quantile(n, confidence) * error
    return Interval(mean, mean - half, mean + half, n)


def paired(policy: npt.ArrayLike, baseline: npt.ArrayLike, confidence: float = CONFIDENCE) -> Paired:
    """Compare replication by replication; pairs with an undefined side are left out.

    Differences without any spread give an interval of width 0, with p = 1 when they are 0 and else p = 0.
    """
    difference = np.asarray(policy, dtype=np.float64) - np.asarray(baseline, dtype=np.float64)
    mean, error, n = mean_and_error(difference)
    half = t_quantile(n, confidence) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(mean) / error
    t = np.where((error == 0) & (mean == 0), 0.0, t)
    p = np.where(n > 1, 2.0 * special.stdtr(np.maximum(n - 1, 1), -t), np.nan)
    return Paired(mean, mean - half, mean + half, p, n)


def reciprocal_scores(distance: npt.ArrayLike) -> FloatArray:
    """Scores whose mean is 1 / mean(distance) and whose spread is that of the delta method.

    With them eq. 10 goes through the same intervals and differences as any metric, and no mean of
    reciprocals is ever taken. NaN where the mean distance is not positive.
    """
    values = np.asarray(distance, dtype=np.float64)
    mean, _, _ = mean_and_error(values)
    mean = np.where(mean > 0, mean, np.nan)[..., None]
    scores: FloatArray = 2.0 / mean - values / mean**2
    return scores


def mean_and_error(values: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Mean, standard error and count of the defined values, shape (..., n) to (...)."""
    n: IntArray = np.asarray(np.sum(~np.isnan(values), axis=-1), dtype=np.int64)
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # all-NaN slices are expected: their n is 0
        mean: FloatArray = np.asarray(np.nanmean(values, axis=-1))
        centred = values - mean[..., None]
        variance = np.nansum(centred**2, axis=-1) / np.where(n > 1, n - 1, 1)
        error: FloatArray = np.where(n > 1, np.sqrt(variance / np.maximum(n, 1)), np.nan)
    # Equal values have no spread, whatever the last bit of their mean says.
    highest = np.nanmax(values, axis=-1, initial=-np.inf)
    lowest = np.nanmin(values, axis=-1, initial=np.inf)
    return mean, np.where((highest == lowest) & (n > 1), 0.0, error), n


def t_quantile(n: IntArray, confidence: float) -> Any:
    """How many standard errors half a two-sided t-interval of ``n`` observations is wide."""
    return special.stdtrit(np.maximum(n - 1, 1), 0.5 + confidence / 2)
