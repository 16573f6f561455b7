"""Whether a target is met, by the unfavourable one-sided bound of what was observed, never by its mean.

The replication is the observation. The bound of a mean is Student's, or that of Hall for skewed observations
(Journal of the Royal Statistical Society B 54 (1992) 221, doi 10.1111/j.2517-6161.1992.tb01873.x) where it is
the less favourable: shares near 1 have their tail on the side that matters, and Student's bound alone then
promises more than it keeps. Of periods it is the exact one of Clopper and Pearson
(doi 10.1093/biomet/26.4.404).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray

Met: TypeAlias = Literal["met", "missed", "cannot be told apart"]
FEWEST_ALIKE = 5
"""Replications below which equal values are no sign that others would be equal."""
_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Bound:
    """``mean`` of ``n`` replications with its unfavourable one-sided ``bound``, and the ``favourable`` one.

    ``met`` where the unfavourable bound keeps the target, ``missed`` where the favourable one does not. Of a
    target in so many periods all three are shares of the replications that keep it.
    """

    mean: float
    bound: float
    favourable: float
    met: Met
    n: int

    @property
    def low(self) -> float:
        """The smaller of the two bounds."""
        return min(self.bound, self.favourable)

    @property
    def high(self) -> float:
        """The larger of the two bounds."""
        return max(self.bound, self.favourable)


def unfavourable(values: npt.ArrayLike, target: Target, confidence: float = 0.95) -> Bound:
    """Judge a target by its values in the replications, shape (n,); NaN where it was not measured.

    Both bounds are one-sided at ``confidence``.
    """
    seen = np.asarray(values, dtype=np.float64)
    seen = seen[~np.isnan(seen)]
    wanted = target.bound
    higher = target.better == "higher"
    if target.periods is not None:
        kept = seen >= wanted if higher else seen <= wanted
        wanted, higher = target.periods[0] / target.periods[1], True
        mean, low, high = _share_bounds(int(kept.sum()), len(seen), confidence)
    else:
        mean, low, high = mean_bounds(seen, confidence)
        if target.kind == "share":
            low, high = max(low, 0.0), min(high, 1.0)
    bound, favourable = (low, high) if higher else (high, low)
    return Bound(mean, bound, favourable, _met(bound, favourable, wanted, higher=higher), len(seen))


def mean_bounds(values: FloatArray, confidence: float) -> tuple[float, float, float]:
    """The mean of defined values, shape (n,), with its one-sided lower and upper bounds.

    Below two values (``FEWEST_ALIKE`` equal ones) there are no bounds: NaN. An infinite value makes them so.
    """
    n = len(values)
    mean = float(values.mean()) if n else _NAN
    if np.isinf(mean):
        return mean, mean, mean
    if n < 2:
        return mean, _NAN, _NAN
    if values.min() == values.max():
        return (mean, mean, mean) if n >= FEWEST_ALIKE else (mean, _NAN, _NAN)
    deviation = float(values.std(ddof=1))
    centred = (values - mean) / float(values.std())
    skewness = float((centred**3).mean())
    quantile = float(special.stdtrit(n - 1, confidence)) / n**0.5
    low = max(quantile, _hall(quantile, skewness, n))
    high = min(-quantile, _hall(-quantile, skewness, n))
    return mean, mean - low * deviation, mean - high * deviation


def _hall(quantile: float, skewness: float, n: int) -> float:
    """Hall's quantile of (mean - truth) / deviation: the inverse of his cubic, monotone for any skew."""
    if abs(skewness) < 1e-9:
        return quantile
    inside = 1.0 + skewness * (quantile - skewness / (6 * n))
    return float(3.0 / skewness * (np.cbrt(inside) - 1.0))


def _share_bounds(kept: int, n: int, confidence: float) -> tuple[float, float, float]:
    if n == 0:
        return _NAN, _NAN, _NAN
    low = 0.0 if kept == 0 else float(special.betaincinv(kept, n - kept + 1, 1 - confidence))
    high = 1.0 if kept == n else float(special.betaincinv(kept + 1, n - kept, confidence))
    return kept / n, low, high


def _met(bound: float, favourable: float, wanted: float, *, higher: bool) -> Met:
    if np.isnan(bound) and np.isnan(favourable):
        return "cannot be told apart"
    if (bound >= wanted) if higher else (bound <= wanted):
        return "met"
    if (favourable < wanted) if higher else (favourable > wanted):
        return "missed"
    return "cannot be told apart"
