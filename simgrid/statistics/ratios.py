"""Intervals of a ratio of paired means, by Fieller and by the delta method; never a mean of ratios.

Results give Fieller's: exact where the means are normal, as wide as skewed replications demand, and said to
be unbounded where the denominator cannot be told from 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import BoolArray, FloatArray, IntArray
from simgrid.statistics.intervals import CONFIDENCE, Interval, mean_and_error, t_quantile


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ratio of paired means with Fieller's interval; arrays of equal shape.

    Where ``bounded`` is false the denominator cannot be told from 0, the ratio may be anything, and the
    bounds are infinite. Bounds are NaN below two pairs.
    """

    ratio: FloatArray
    low: FloatArray
    high: FloatArray
    n: IntArray
    bounded: BoolArray


def fieller(policy: npt.ArrayLike, baseline: npt.ArrayLike, confidence: float = CONFIDENCE) -> Ratio:
    """Every ratio r for which mean(A - r B) cannot be told from 0 by the t-test; last axis: replications.

    Only pairs with both sides defined count. E. C. Fieller (1954), doi 10.1111/j.2517-6161.1954.tb00159.x.
    """
    a, b = np.broadcast_arrays(np.asarray(policy, np.float64), np.asarray(baseline, np.float64))
    both = ~np.isnan(a) & ~np.isnan(b)
    n: IntArray = np.asarray(both.sum(axis=-1), dtype=np.int64)
    a, b = np.where(both, a, 0.0), np.where(both, b, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_a, mean_b = a.sum(axis=-1) / n, b.sum(axis=-1) / n
        ca, cb = (np.where(both, one - mean[..., None], 0.0) for one, mean in ((a, mean_a), (b, mean_b)))
        t = np.where(n > 1, t_quantile(n, confidence), np.nan)
        scale = t**2 / (np.maximum(n - 1, 1) * n)
        aa, bb, ab = ((one * other).sum(axis=-1) * scale for one, other in ((ca, ca), (cb, cb), (ca, cb)))
        # The roots of (mean_b^2 - bb) r^2 - 2 (mean_a mean_b - ab) r + (mean_a^2 - aa) = 0.
        square, middle, last = mean_b**2 - bb, mean_a * mean_b - ab, mean_a**2 - aa
        bounded: BoolArray = np.asarray(square > 0, dtype=np.bool_)
        root = np.sqrt(np.maximum(middle**2 - square * last, 0.0))
        low = np.where(bounded, (middle - root) / square, -np.inf)
        high = np.where(bounded, (middle + root) / square, np.inf)
        undefined = np.where(n > 1, 0.0, np.nan)
        return Ratio(np.asarray(mean_a / mean_b), low + undefined, high + undefined, n, bounded)


def delta_log(policy: npt.ArrayLike, baseline: npt.ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """Ratio of the paired means with the interval of the delta method on its logarithm.

    Only pairs with both sides defined count. NaN where a mean is not positive. Never unbounded, and too
    narrow where few replications are skewed: the peer that Fieller's interval is measured against.
    """
    a, b = np.broadcast_arrays(np.asarray(policy, np.float64), np.asarray(baseline, np.float64))
    both = ~np.isnan(a) & ~np.isnan(b)
    a, b = np.where(both, a, np.nan), np.where(both, b, np.nan)
    mean_a, _, n = mean_and_error(a)
    mean_b, _, _ = mean_and_error(b)
    valid = (mean_a > 0) & (mean_b > 0)
    mean_a, mean_b = np.where(valid, mean_a, np.nan), np.where(valid, mean_b, np.nan)
    _, error, _ = mean_and_error(a / mean_a[..., None] - b / mean_b[..., None])
    half = t_quantile(n, confidence) * error
    ratio = mean_a / mean_b
    return Interval(ratio, ratio * np.exp(-half), ratio * np.exp(half), n)
