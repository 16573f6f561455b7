"""One-sided bounds of a mean that reckon with one replication that was not seen, as bad as it can be.

Student's t takes the spread for known from what was drawn. Where a bad month is rare, a sample without one
has both too good a mean and too small a spread, and the bound on the unfavourable side misses more often
than it says. Here the n observations and one more, the ``worst``, share random weights that sum to 1
(uniform on the simplex, as in the Bayesian bootstrap), and the bound is the quantile of their weighted mean.

For values that cannot be below ``worst`` this is the lower bound of N. Gaffke, Three test statistics for a
nonparametric one-sided hypothesis on the mean of a nonnegative variable, Mathematical Methods of Statistics
14 (2005), 451-467, and of E. Learned-Miller and P. Thomas (arXiv:1905.06208). It supposes no distribution;
for values of 0 and 1 it is that of Clopper and Pearson. That it covers in general is conjectured; we know of
no proof and of no counterexample. Where no worst value exists, the worst one seen stands in for it: a
correction for skewness, no more. What either covers is measured in docs/explanation/plans.md.

The quantile is computed, not drawn: sums of weighted exponentials by the inversion of J. P. Imhof, Computing
the distribution of quadratic forms in normal variables, Biometrika 48 (1961), 419-426,
doi 10.1093/biomet/48.3-4.419.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize

from simgrid.domain.units import FloatArray

_STEP = 0.04
_ROOT = 1e-9
_ALIKE = 1e-100  # values no further apart are one: squares of less are lost in doubles
_NEGLIGIBLE = 36.0  # exp(-36): what is left of the integrand at its end


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Distinct values, ascending, and how often each stands, the one that was not seen among them."""

    distinct: FloatArray
    times: FloatArray

    def limits(self, tail: float) -> tuple[float, float]:
        """Where the ``tail`` quantile lies for certain (Cantelli): mean and variance are known."""
        least, most = float(self.distinct[0]), float(self.distinct[-1])
        if most - least < _ALIKE:
            return least, least
        count = float(self.times.sum())
        mean = float(self.times @ self.distinct) / count
        variance = float(self.times @ (self.distinct - mean) ** 2) / count / (count + 1.0)
        odds = math.sqrt(tail / (1.0 - tail))
        return max(mean - math.sqrt(variance) / odds, least), min(mean + math.sqrt(variance) * odds, most)

    def chance_below(self, level: float) -> float:
        """That their randomly weighted mean is at most the level."""
        return _chance_below(self.distinct - level, self.times)


def mean_low(values: npt.ArrayLike, confidence: float, worst: float | None = None) -> float:
    """The mean is at least this, (n,) to a number; NaN values do not count, and NaN where there are none.

    ``worst``: a value that none can be below; None where there is no such value.

    :raises ValueError: for a value below ``worst``.
    """
    given = _weighed(values, worst)
    if given is None:
        return math.nan
    tail = 1.0 - confidence
    low, high = given.limits(tail)
    size = float(given.distinct[-1] - given.distinct[0])
    if low == high or given.chance_below(low) >= tail or given.chance_below(high) <= tail:
        return low
    return float(
        optimize.brentq(lambda level: given.chance_below(level) - tail, low, high, xtol=_ROOT * size)
    )


def mean_high(values: npt.ArrayLike, confidence: float, worst: float | None = None) -> float:
    """The mean is at most this; as ``mean_low``, ``worst`` being a value that none can be above."""
    return -mean_low(-np.asarray(values, dtype=np.float64), confidence, None if worst is None else -worst)


def low_reaches(values: npt.ArrayLike, level: float, confidence: float, worst: float | None = None) -> bool:
    """Whether ``mean_low`` is ``level`` or more: quicker to say than where it is. False without a value."""
    given = _weighed(values, worst)
    if given is None:
        return False
    tail = 1.0 - confidence
    low, high = given.limits(tail)
    if level <= low or level > high:
        return level <= low
    return given.chance_below(level) <= tail


def _weighed(values: npt.ArrayLike, worst: float | None) -> _Weighed | None:
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    if len(known) == 0:
        return None
    least = float(known.min())
    if worst is not None and least < worst:
        raise ValueError(f"a value of {least:g} is below {worst:g}, which none was to be")
    distinct, counts = np.unique(np.append(known, least if worst is None else worst), return_counts=True)
    return _Weighed(distinct, counts.astype(np.float64))


def _chance_below(weights: FloatArray, times: FloatArray) -> float:
    """P(sum of weights times standard exponentials <= 0), each weight (k,) standing so many ``times``.

    1/2 - 1/pi of the integral over u of sin(sum of arctan(w u)) / (u prod sqrt(1 + (w u)^2)), on a grid of
    log u: what is before its first point is sum(w) u to the accuracy of doubles.
    """
    spread = math.sqrt(float((times * weights**2).sum()))
    low = math.log(1e-5 / spread)
    high = _end(weights, times, 1.0 / spread)
    grid = np.exp(np.arange(low, high + _STEP, _STEP))
    turned = grid[:, None] * weights[None, :]
    angle = np.arctan(turned) @ times
    damped = 0.5 * (np.log1p(turned**2) @ times)
    heights = np.sin(angle) * np.exp(-damped)
    before = float(heights[0]) / math.expm1(_STEP)  # a geometric series: there the heights grow like u
    integral = _STEP * (before + float(heights.sum()))
    return 0.5 - integral / math.pi


def _end(weights: FloatArray, times: FloatArray, start: float) -> float:
    """log u beyond which nothing of the integrand is left."""
    u = start
    while 0.5 * float(times @ np.log1p((u * weights) ** 2)) < _NEGLIGIBLE:
        u *= 2.0
    return math.log(u)
