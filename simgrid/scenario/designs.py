"""Points of a sample in the unit cube, and the values that they stand for.

The points are those of ``scipy.stats.qmc`` under the sample's seed, scrambled. Values are rounded within
their stratum, so that what a design promises of its points holds of the rounded values too.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from simgrid.domain.units import FloatArray

LATIN, SOBOL = "latin-hypercube", "sobol"
METHODS = (LATIN, SOBOL)
SOBOL_STRATA = 2048
"""Strata within which values of a Sobol' sequence are rounded: a power of two, not fewer than points allowed.

The same for every number of points, so that a longer sequence begins with the values of a shorter one.
"""


def unit_points(method: str, points: int, places: int, seed: int) -> FloatArray:
    """Shape (points, places), each from 0 to below 1.

    Latin hypercube: McKay, Beckman and Conover, doi 10.1080/00401706.1979.10489755. Sobol' sequence with
    linear matrix scramble and digital shift: Matousek, doi 10.1006/jcom.1998.0489.
    """
    import numpy as np
    from scipy.stats import qmc  # half a second to import, and few scenarios sample

    generator = np.random.default_rng(seed)
    if method == LATIN:
        found = qmc.LatinHypercube(places, seed=generator).random(points)
    else:
        with warnings.catch_warnings():  # of lengths that are no power of two: told as W313
            warnings.simplefilter("ignore", UserWarning)
            found = qmc.Sobol(places, seed=generator).random(points)
    return np.minimum(np.asarray(found, dtype=np.float64), np.nextafter(1.0, 0.0))


@dataclass(frozen=True, slots=True)
class Span:
    """What one place is sampled from: ``low`` to ``high``; ``whole``: the whole numbers from end to end."""

    low: Fraction
    high: Fraction
    log: bool
    whole: bool

    def at(self, share: Fraction) -> Fraction:
        """The amount below which the share of all values lies (0 to 1), not rounded."""
        high = self.high + 1 if self.whole else self.high
        if self.log:
            return Fraction(float(self.low) * math.pow(float(high / self.low), float(share)))
        return self.low + (high - self.low) * share

    def value(self, share: Fraction, method: str, points: int) -> Fraction:
        """The value of a point: a whole number of equal share, or rounded to a tenth of a stratum or less.

        A Latin hypercube has as many strata as points. On a logarithmic scale shares are those of logarithms.
        """
        if self.whole:
            return Fraction(min(max(math.floor(self.at(share)), int(self.low)), int(self.high)))
        strata, parts = (points, 10) if method == LATIN else (SOBOL_STRATA, 1)
        return _within(self.at, share, strata, parts)

    def level(self, share: Fraction) -> Fraction:
        """The value at a share from 0 to 1, both ends included, rounded to a thousandth of the range or less.

        Whole ends give whole numbers.
        """
        if share in (0, 1):
            return self.high if share else self.low
        if self.log:
            value = Fraction(float(self.low) * math.pow(float(self.high / self.low), float(share)))
            unit = _power_of_ten(value * min(self.high / self.low - 1, Fraction(1)) / 1000)
        else:
            value = self.low + (self.high - self.low) * share
            unit = _power_of_ten((self.high - self.low) / 1000)
        return Fraction(math.floor(value + Fraction(1, 2))) if self.whole else round(value / unit) * unit

    def share(self, value: Fraction) -> float:
        """The share at which a value lies between the two ends."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return float((value - self.low) / (self.high - self.low))


def _within(at: Callable[[Fraction], Fraction], share: Fraction, strata: int, parts: int) -> Fraction:
    """Rounded to the largest power of ten that divides a stratum into so many parts, and not out of it."""
    stratum = math.floor(share * strata)
    lower, upper = at(Fraction(stratum, strata)), at(Fraction(stratum + 1, strata))
    unit = _power_of_ten((upper - lower) / parts)
    value = round(at(share) / unit) * unit
    if value < lower:
        value += unit
    elif value >= upper:
        value -= unit
    return value


def _power_of_ten(most: Fraction) -> Fraction:
    """The largest power of ten that is not above ``most``."""
    exponent = math.floor(math.log10(most))
    while Fraction(10) ** exponent > most:
        exponent -= 1
    return Fraction(10) ** exponent
