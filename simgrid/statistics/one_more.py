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

Where each value has a count (``long_run``), what is bounded is the ratio of two sums R = E[count value] /
E[count]. It is at most r exactly where the mean of count (value - r) is at most 0, and for each r that is a
mean as above: so the bound needs no linearisation, lies among the possible values, and is unmoved by
observations without a count. The one that was not seen is as bad as can be if it has the worst value and is
as large as it can be. How large that is nobody knows: it has the largest count that was seen. With equal
counts all this is the bound of the mean, to the last bit.

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
from simgrid.statistics.long_run import counted, known, split

_STEP = 0.04
_ROOT = 1e-9
_ALIKE = 1e-100  # values no further apart are one: squares of less are lost in doubles
_NEGLIGIBLE = 36.0  # exp(-36): what is left of the integrand at its end


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Distinct values, ascending, and how often each stands, the one that was not seen among them.

    ``counts`` of each; None where all count alike.
    """

    distinct: FloatArray
    times: FloatArray
    counts: FloatArray | None = None

    def limits(self, tail: float) -> tuple[float, float]:
        """Where the ``tail`` quantile lies for certain (Cantelli): mean and variance are known."""
        least, most = float(self.distinct[0]), float(self.distinct[-1])
        if most - least < _ALIKE:
            return least, least
        if self.counts is not None:
            low, high = _within(self.distinct, self.times, self.counts, (1.0 - tail) / tail)
            return max(low, least), min(high, most)
        count = float(self.times.sum())
        mean = float(self.times @ self.distinct) / count
        variance = float(self.times @ (self.distinct - mean) ** 2) / count / (count + 1.0)
        odds = math.sqrt(tail / (1.0 - tail))
        return max(mean - math.sqrt(variance) / odds, least), min(mean + math.sqrt(variance) * odds, most)

    def chance_below(self, level: float) -> float:
        """That their randomly weighted mean is at most the level."""
        above = self.distinct - level
        return _chance_below(above if self.counts is None else self.counts * above, self.times)


def mean_low(values: npt.ArrayLike, confidence: float, worst: float | None = None) -> float:
    """The mean of values (n,), or the ratio of those with counts (n, 2), is at least this.

    NaN values do not count, and NaN where there are none. ``worst``: a value that none can be below; None
    where there is no such value.

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
    return -mean_low(negative(values), confidence, None if worst is None else -worst)


def negative(values: npt.ArrayLike) -> FloatArray:
    """The values with the other sign, their counts as they are."""
    given = np.asarray(values, dtype=np.float64)
    return -given if given.ndim == 1 else given * np.array([-1.0, 1.0])


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
    seen, counts = split(known(values))
    if len(seen) == 0:
        return None
    least = float(seen.min())
    if worst is not None and least < worst:
        raise ValueError(f"a value of {least:g} is below {worst:g}, which none was to be")
    every = np.append(seen, least if worst is None else worst)
    if counts is None:
        distinct, times = np.unique(every, return_counts=True)
        return _Weighed(distinct, times.astype(np.float64))
    relative = counts / counts.mean()
    pairs = counted(every, np.append(relative, relative.max()))
    unlike, times = np.unique(pairs, axis=0, return_counts=True)
    return _Weighed(unlike[:, 0], times.astype(np.float64), unlike[:, 1])


def _within(values: FloatArray, times: FloatArray, counts: FloatArray, odds: float) -> tuple[float, float]:
    """Levels below and above which the quantile of a ratio cannot lie; infinite where none is known.

    Of S = sum of counts times (value - level) with exponential weights mean m and variance v are known, and
    P(S <= 0) is at most v / (v + m^2) for m > 0: a quadratic in the level, as in Fieller's interval.
    """
    weighed = times * counts
    a, b = float(weighed @ values), float(weighed.sum())
    squares = weighed * counts
    c, d, f = float(squares @ values**2), float(squares @ values), float(squares.sum())
    low, _ = _roots(b * b - odds * f, a * b - odds * d, a * a - odds * c)
    _, high = _roots(b * b - f / odds, a * b - d / odds, a * a - c / odds)
    return low, high


def _roots(square: float, half: float, constant: float) -> tuple[float, float]:
    """Of square x^2 - 2 half x + constant, where square is positive; else the whole line."""
    if square <= 0.0:
        return -math.inf, math.inf
    apart = math.sqrt(max(half * half - square * constant, 0.0))
    return (half - apart) / square, (half + apart) / square


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
