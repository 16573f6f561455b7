"""A value of a scenario that is not known exactly, and the distribution it is drawn from in each world."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist
from typing import Literal, TypeAlias

Family: TypeAlias = Literal["normal", "lognormal", "uniform", "triangular"]
DIGITS = 10
"""Significant digits of a draw, so that it is the same number on every machine."""


@dataclass(frozen=True, slots=True)
class Uncertain:
    """One uncertain place; all numbers are of ``unit`` (empty: bare numbers).

    ``first`` and ``second``: mean and sd (normal; lognormal: of the logarithm), or mode and nothing
    (triangular). Draws lie from ``low`` to ``high``. ``whole``: they are whole numbers.
    """

    place: str
    unit: str
    family: Family
    first: float
    second: float
    low: float
    high: float
    whole: bool = False

    def value(self, share: float) -> float:
        """The value below which this share of all draws lies (from 0 to below 1), to ten digits.

        By inversion, so a draw rises with its share, whatever the family. Of whole numbers a uniform one
        gives each the same probability, both ends included; the others are rounded to the nearest.
        """
        if self.whole and self.family == "uniform":
            return float(min(self.low + int((self.high - self.low + 1) * share), self.high))
        found = min(max(self._inverse(share), self.low), self.high)
        return float(round(found)) if self.whole else float(f"{found:.{DIGITS}g}")

    def _inverse(self, share: float) -> float:
        if self.family == "uniform":
            return self.low + (self.high - self.low) * share
        if self.family == "triangular":
            return _triangular(self.low, self.first, self.high, share)
        if self.family == "lognormal":
            return _cut_lognormal(self.first, self.second, (self.low, self.high), share)
        return _cut_normal(self.first, self.second, (self.low, self.high), share)


def _triangular(low: float, mode: float, high: float, share: float) -> float:
    below = (mode - low) / (high - low)
    if share < below:
        return low + sqrt(share * (high - low) * (mode - low))
    return high - sqrt((1 - share) * (high - low) * (high - mode))


def _cut_normal(mean: float, sd: float, between: tuple[float, float], share: float) -> float:
    """Of a normal distribution the part between two bounds."""
    law = NormalDist()
    least, most = (law.cdf((bound - mean) / sd) for bound in between)
    at = min(max(least + (most - least) * share, 1e-300), 1 - 1e-16)
    return mean + sd * law.inv_cdf(at)


def _cut_lognormal(mean: float, sd: float, between: tuple[float, float], share: float) -> float:
    least, most = (log(bound) for bound in between)
    return exp(_cut_normal(mean, sd, (least, most), share))
