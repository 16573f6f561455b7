"""From worlds to a difference, a gain or a reduction with its interval, and the same in every single world.

Worlds are paired. A ratio is always that of the means, never a mean of ratios; its interval is that of the
delta method on the logarithm, as paper/definitions.md lays down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgrid.domain.units import FloatArray
from simgrid.reproduction.verdicts import Interval
from simgrid.statistics.intervals import SMALLEST_RATE, mean_and_error, mean_interval, paired
from simgrid.statistics.ratios import delta_log


@dataclass(frozen=True, slots=True)
class Effect:
    """An estimate with the same quantity in each world, shape (n,); ``p`` of an ordering, uncorrected.

    Of a ratio also ``logs`` (n,), whose mean is the logarithm of the ratio and whose spread is that of the
    delta method, and the ``sign`` that makes a gain or a reduction of it.
    """

    interval: Interval
    worlds: FloatArray
    p: float = 0.0
    logs: FloatArray | None = None
    sign: float = 1.0


def difference(policy: FloatArray, baseline: FloatArray) -> Effect:
    """Policy minus baseline, both (n,), with the paired t-interval and the p of no difference."""
    found = paired(policy, baseline)
    interval = Interval(float(found.difference), float(found.low), float(found.high), int(found.n))
    return Effect(interval, policy - baseline, float(found.p))


def gain(above: FloatArray, below: FloatArray) -> Effect:
    """Mean above over mean below, minus 1; in eq. 10 the baseline's distances stand above."""
    return _ratio(above, below, sign=1.0)


def tells(baseline: FloatArray) -> bool:
    """Whether a gain over these successes says anything: not where their lower bound is below 0.02."""
    return bool(float(mean_interval(baseline).low) >= SMALLEST_RATE)


def reduction(policy: FloatArray, baseline: FloatArray) -> Effect:
    """1 minus the mean under the policy over the mean under the baseline."""
    return _ratio(policy, baseline, sign=-1.0)


def growth(far: tuple[FloatArray, FloatArray], near: tuple[FloatArray, FloatArray]) -> Effect:
    """Difference of two ratios of paired means, each (above, below): at the far end minus at the near one.

    The interval is the delta method's: each world's influence on both ratios is one number, and those have a
    t-interval. Worlds of one number are pairs, whether or not the ends share anything.
    """
    (ratio, worlds, influence), (other, others, against) = _linearised(*far), _linearised(*near)
    found = paired(influence - against + (ratio - other), np.zeros_like(influence))
    interval = Interval(ratio - other, float(found.low), float(found.high), int(found.n))
    return Effect(interval, worlds - others, float(found.p))


def _linearised(above: FloatArray, below: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """The ratio of the means, the ratio in each world, and each world's influence on the former."""
    known = ~(np.isnan(above) | np.isnan(below))
    above, below = np.where(known, above, np.nan), np.where(known, below, np.nan)
    top, bottom = float(mean_and_error(above)[0]), float(mean_and_error(below)[0])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = float(np.divide(top, bottom))
        return ratio, above / below, ratio * (above / top - below / bottom)


def parts_of_ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Each world's part of the ratio of the means, shape (n,): their mean is it, their spread its noise.

    The delta method, world by world: the ratio and the world's influence on it.
    """
    ratio, _, influence = _linearised(above, below)
    return ratio + influence


def _ratio(above: FloatArray, below: FloatArray, sign: float) -> Effect:
    """``sign`` x (ratio - 1) of the means and of each world."""
    found = delta_log(above, below)
    low, high = sorted(sign * (float(edge) - 1.0) for edge in (found.low, found.high))
    with np.errstate(divide="ignore", invalid="ignore"):
        worlds = sign * (above / below - 1.0)
        ratio, _, influence = _linearised(above, below)
        logs = np.log(ratio) + influence / ratio
    return Effect(
        Interval(sign * (float(found.mean) - 1.0), low, high, int(found.n)), worlds, 0.0, logs, sign
    )
