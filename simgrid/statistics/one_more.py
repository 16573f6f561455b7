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

import numpy as np
import numpy.typing as npt
from scipy import optimize

from simgrid.domain.units import FloatArray

_STEP = 0.04
_NEGLIGIBLE = 36.0  # exp(-36): what is left of the integrand at its end


def mean_low(values: npt.ArrayLike, confidence: float, worst: float | None = None) -> float:
    """The mean is at least this, (n,) to a number; NaN values do not count, and NaN where there are none.

    ``worst``: a value that none can be below; None where there is no such value.

    :raises ValueError: for a value below ``worst``.
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    if len(known) == 0:
        return math.nan
    least = float(known.min())
    if worst is None:
        worst = least
    if least < worst:
        raise ValueError(f"a value of {least:g} is below {worst:g}, which none was to be")
    top = float(known.max())
    if top == worst:
        return top
    scaled = (known - worst) / (top - worst)
    return worst + (top - worst) * _quantile(scaled, 1.0 - confidence)


def mean_high(values: npt.ArrayLike, confidence: float, worst: float | None = None) -> float:
    """The mean is at most this; as ``mean_low``, ``worst`` being a value that none can be above."""
    return -mean_low(-np.asarray(values, dtype=np.float64), confidence, None if worst is None else -worst)


def _quantile(scaled: FloatArray, tail: float) -> float:
    """The ``tail`` quantile of the weighted mean of the values (n,), 0 to 1, and one more of 0.

    Between Cantelli's bounds of it, since mean and variance of the weighted mean are known.
    """
    distinct, counts = np.unique(np.append(scaled, 0.0), return_counts=True)
    times = counts.astype(np.float64)
    count = float(times.sum())
    mean = float(times @ distinct) / count
    deviation = math.sqrt((float(times @ distinct**2) / count - mean**2) / (count + 1.0))
    odds = math.sqrt(tail / (1.0 - tail))

    def excess(at: float) -> float:
        return _chance_below(distinct - at, times) - tail

    low, high = max(mean - deviation / odds, 0.0), min(mean + deviation * odds, 1.0)
    return float(optimize.brentq(excess, low, high, xtol=1e-9)) if excess(low) < 0.0 < excess(high) else low


def _chance_below(weights: FloatArray, times: FloatArray) -> float:
    """P(sum of weights times standard exponentials <= 0), each weight (k,) standing so many ``times``.

    1/2 - 1/pi of the integral over u of sin(sum of arctan(w u)) / (u prod sqrt(1 + (w u)^2)), on a grid of
    log u: what is before its first point is sum(w) u to the accuracy of doubles.
    """
    spread = math.sqrt(float((times * weights**2).sum()))
    low = math.log(1e-6 / spread)
    high = _end(weights, times, 1.0 / spread)
    grid = np.exp(np.arange(low, high + _STEP, _STEP))
    turned = grid[:, None] * weights[None, :]
    angle = np.arctan(turned) @ times
    damped = 0.5 * (np.log1p(turned**2) @ times)
    heights = np.sin(angle) * np.exp(-damped)
    integral = _STEP * (float(heights.sum()) - 0.5 * float(heights[0])) + float(heights[0])
    return 0.5 - integral / math.pi


def _end(weights: FloatArray, times: FloatArray, start: float) -> float:
    """log u beyond which nothing of the integrand is left."""
    u = start
    while 0.5 * float(times @ np.log1p((u * weights) ** 2)) < _NEGLIGIBLE:
        u *= 2.0
    return math.log(u)
