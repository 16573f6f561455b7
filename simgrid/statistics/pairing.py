"""What pairing was worth: how many times as many unpaired replications would have said as much.

The gain of a pair is [var A + var B] / var(A - B). With U = A + B and V = A - B it is (1 + var U / var V) / 2
whatever the variances are, so that an interval for it is one for the ratio of the variances of two variables
that were observed together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import FloatArray, IntArray
from simgrid.randomness import stream
from simgrid.statistics.intervals import CONFIDENCE

FEWEST = 10
"""Pairs below which a gain has no interval: a variance of so few says too little."""

RESAMPLES = 999
NO_SPREAD = 1e-12  # of what is subtracted; below it a spread is rounding
ROWS_AT_ONCE = 16
SMALL_PRODUCT = 2**18  # multiplications: above it BLAS spreads over all cores, which costs more than it gains

PairingWord: TypeAlias = Literal[
    "helped",
    "not shown to help",
    "did not help",
    "same difference in every replication",
    "too few replications",
    "nothing varies",
]


@dataclass(frozen=True, slots=True)
class Gain:
    """Gain of pairing with its 95 % interval; arrays of equal shape.

    The gain is infinite where every replication has the same difference, and NaN where nothing varies. The
    bounds are NaN there and below ``FEWEST`` pairs.
    """

    gain: FloatArray
    low: FloatArray
    high: FloatArray
    n: IntArray


def pairing_gain(
    policy: npt.ArrayLike,
    baseline: npt.ArrayLike,
    seed: int = 0,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
) -> Gain:
    """[var A + var B] / var(A - B) of the pairs with both sides defined, shape (rows, n) to (rows,).

    Equal-tailed studentised bootstrap of log(var U / var V), studentised by the influence function (Efron and
    Tibshirani 1993, ch. 12). The resamples depend on the seed and the number of pairs only: rows of equally
    many pairs share them, so a row's interval does not depend on which other rows are asked for.
    """
    a, b = np.broadcast_arrays(
        np.atleast_2d(np.asarray(policy, np.float64)), np.atleast_2d(np.asarray(baseline, np.float64))
    )
    both = np.isfinite(a) & np.isfinite(b)
    n: IntArray = both.sum(axis=1).astype(np.int64)
    undefined = np.full(len(a), np.nan)
    found = Gain(undefined, undefined.copy(), undefined.copy(), n)
    for count in np.unique(n[n > 1]).tolist():
        rows = np.flatnonzero(n == count)
        pairs = a[rows][both[rows]].reshape(-1, count), b[rows][both[rows]].reshape(-1, count)
        found.gain[rows] = _gain(*pairs)
        varies = rows[np.isfinite(found.gain[rows])]
        if count < FEWEST or not len(varies):
            continue
        weights = _weights(seed, count, resamples)
        for start in range(0, len(varies), ROWS_AT_ONCE):
            part = varies[start : start + ROWS_AT_ONCE]
            own = both[part]
            found.low[part], found.high[part] = _bounds(
                a[part][own].reshape(-1, count), b[part][own].reshape(-1, count), weights, confidence
            )
    return found


def pairing_word(gain: float, low: float, high: float) -> PairingWord:
    """What a gain says: its interval decides; a gain of more than 1 whose interval is not is left open."""
    if np.isnan(gain):
        return "nothing varies"
    if np.isinf(gain):
        return "same difference in every replication"
    if np.isnan(low) or np.isnan(high):
        return "too few replications"
    if low > 1.0 + NO_SPREAD:
        return "helped"
    return "not shown to help" if gain > 1.0 + NO_SPREAD and high > 1.0 + NO_SPREAD else "did not help"


def _gain(a: FloatArray, b: FloatArray) -> FloatArray:
    """The gain of rows without undefined values; a spread that is rounding counts as none."""
    size = np.maximum(np.abs(a).max(axis=1), np.abs(b).max(axis=1))
    apart = np.where(np.ptp(a - b, axis=1) <= NO_SPREAD * size, 0.0, (a - b).var(axis=1))
    alone = a.var(axis=1) + b.var(axis=1)
    alone = np.where(np.maximum(np.ptp(a, axis=1), np.ptp(b, axis=1)) <= NO_SPREAD * size, 0.0, alone)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain: FloatArray = alone / apart
    return gain


def _weights(seed: int, count: int, resamples: int) -> list[FloatArray]:
    """How often each pair is in each resample, over ``count``: (count, resamples) in slices of columns."""
    rng = stream(seed, 0, "pairing-gain", str(count))
    times = rng.multinomial(count, np.full(count, 1.0 / count), size=resamples)
    slices = -(-resamples * ROWS_AT_ONCE * count // SMALL_PRODUCT)
    return [np.ascontiguousarray(part.T) / count for part in np.array_split(times, slices)]


def _bounds(
    a: FloatArray, b: FloatArray, weights: list[FloatArray], confidence: float
) -> tuple[FloatArray, FloatArray]:
    u, v = _standard(a + b), _standard(a - b)
    even = np.full((a.shape[1], 1), 1.0 / a.shape[1])
    error = _log_ratio(u, v, even)[1][:, 0]
    exact = ~(error > NO_SPREAD)  # one arm is constant, or the one is the other's opposite
    tails = (1.0 - confidence) / 2.0
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        centre = 2.0 * (np.log((a + b).std(axis=1)) - np.log((a - b).std(axis=1)))
        t = np.hstack([np.divide(*_log_ratio(u, v, part)) for part in weights])
        t = np.where(np.isnan(t), np.inf, t)  # a resample without any difference bounds nothing from below
        low_t, high_t = np.quantile(t, [tails, 1.0 - tails], axis=1, method="closest_observation")
        low = np.where(exact, centre, centre - high_t * error)
        high = np.where(exact, centre, centre - low_t * error)
        return (1.0 + np.exp(low)) / 2.0, (1.0 + np.exp(high)) / 2.0


def _standard(values: FloatArray) -> FloatArray:
    centred = values - values.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1, keepdims=True)
    standard: FloatArray = centred / np.where(spread > 0, spread, 1.0)
    return standard


def _log_ratio(u: FloatArray, v: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """log(var U / var V) of each resample and its standard error, (rows, resamples).

    ``weights`` (n, resamples) sum to 1. The influence of a pair is u^2 / var U - v^2 / var V about the
    resample's own means, whose variance needs the moments up to the fourth.
    """
    uu, uv, vv = u * u, u * v, v * v
    m1, k1 = u @ weights, v @ weights
    m2, k2 = uu @ weights, vv @ weights
    mm, mk, kk = m1 * m1, m1 * k1, k1 * k1
    var_u, var_v = m2 - mm, k2 - kk
    fourth_u = (uu * uu) @ weights + mm * (6.0 * m2 - 3.0 * mm) - 4.0 * m1 * ((uu * u) @ weights)
    fourth_v = (vv * vv) @ weights + kk * (6.0 * k2 - 3.0 * kk) - 4.0 * k1 * ((vv * v) @ weights)
    crossed = uv @ weights
    crossed *= 4.0 * mk
    crossed += (uv * uv) @ weights
    crossed -= 2.0 * (k1 * ((uv * u) @ weights) + m1 * ((uv * v) @ weights))
    crossed += kk * m2 + mm * (k2 - 3.0 * kk)
    with np.errstate(invalid="ignore", divide="ignore"):
        var_u[var_u <= NO_SPREAD] = np.nan
        var_v[var_v <= NO_SPREAD] = np.nan
        ratio = var_u / var_v
        influence = fourth_u / (var_u * var_u) + (fourth_v * ratio - 2.0 * crossed) / (var_u * var_v)
        error = np.sqrt(np.maximum(influence, 0.0) / (u.shape[1] - 1))
        log_ratio: FloatArray = np.log(ratio)
        return log_ratio, error
