"""Exact intervals of shares, and of quantiles over replications, from the binomial distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from simgrid.domain.units import FloatArray, IntArray
from simgrid.statistics.intervals import CONFIDENCE


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its exact interval; arrays of equal shape, NaN where there were no trials."""

    share: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile over replications between two of the values observed; ``coverage`` is the exact chance.

    Bounds and coverage are NaN where too few values were observed for the confidence asked.
    """

    quantile: float
    low: float
    high: float
    coverage: float
    n: int


def share_interval(successes: npt.ArrayLike, trials: npt.ArrayLike, confidence: float = CONFIDENCE) -> Share:
    """Two-sided interval of Clopper and Pearson (1934), doi 10.1093/biomet/26.4.404: never below its promise.

    For independent trials, such as replications that met a target; the inspections of one replication share
    its queues and are not.

    :raises ValueError: for more successes than trials, or fewer than 0.
    """
    hits, of = np.broadcast_arrays(np.asarray(successes, np.int64), np.asarray(trials, np.int64))
    if bool((hits < 0).any() or (hits > of).any()):
        raise ValueError("successes must be between 0 and the number of trials")
    tail = (1.0 - confidence) / 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        share: FloatArray = np.asarray(hits / of)
    low = np.where(hits > 0, special.betaincinv(np.maximum(hits, 1), of - hits + 1, tail), 0.0)
    high = np.where(hits < of, special.betaincinv(hits + 1, np.maximum(of - hits, 1), 1.0 - tail), 1.0)
    none = np.where(of > 0, 0.0, np.nan)
    return Share(share, low + none, high + none)


def quantile_interval(values: npt.ArrayLike, level: float, confidence: float = CONFIDENCE) -> Quantile:
    """The ``level`` quantile over replications, such as the worst of 20 months, between two order statistics.

    Free of any distribution: the number of replications below the true quantile is binomial (Hahn and Meeker
    1991, ch. 5). Equal-tailed, each tail at most half of what the confidence leaves; NaN values do not count.

    :raises ValueError: for a level that is not inside 0 to 1.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"a quantile's level is inside 0 to 1, not {level}")
    known = np.sort(np.asarray(values, np.float64))
    known = known[~np.isnan(known)]
    n = len(known)
    if n == 0:
        return Quantile(np.nan, np.nan, np.nan, np.nan, 0)
    estimate = float(np.quantile(known, level))
    # P(exactly k values below the quantile): the value of rank k is at or below it if k or more are.
    below: FloatArray = special.bdtr(np.arange(n + 1), n, level)
    tail = (1.0 - confidence) / 2.0
    first, last = _ranks(below, tail)
    if first < 1 or last > n:
        return Quantile(estimate, np.nan, np.nan, np.nan, n)
    coverage = float(below[last - 1] - below[first - 1])
    return Quantile(estimate, float(known[first - 1]), float(known[last - 1]), coverage, n)


def fewest_for_quantile(level: float, confidence: float = CONFIDENCE) -> int:
    """The number of replications from which ``quantile_interval`` has bounds."""
    tail = (1.0 - confidence) / 2.0
    return int(np.ceil(np.log(tail) / np.log(max(level, 1.0 - level))))


def _ranks(below: FloatArray, tail: float) -> tuple[int, int]:
    """Ranks from 1 on, closest together with at most ``tail`` beyond each; 0 or n + 1 where there is none.

    ``below`` (n + 1,): P(at most k values below the quantile).
    """
    ranks: IntArray = np.arange(1, len(below), dtype=np.int64)
    lower = np.flatnonzero(below[ranks - 1] <= tail)
    upper = np.flatnonzero(1.0 - below[ranks - 1] <= tail)
    first = int(ranks[lower[-1]]) if len(lower) else 0
    return first, int(ranks[upper[0]]) if len(upper) else len(below)
