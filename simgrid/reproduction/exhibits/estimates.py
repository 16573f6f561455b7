"""From worlds to what a table and a figure tell of them: mean, 95 % interval, range of single worlds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgrid.domain.units import FloatArray
from simgrid.reproduction.verdicts import FEWEST_WORLDS, SINGLE_WORLDS
from simgrid.statistics.intervals import mean_interval, reciprocal_scores

COLUMNS = ("mean", "lo95", "hi95", "single_lo", "single_hi", "worlds")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval over ``worlds``, and the 2.5 to 97.5 % range of single ones.

    NaN where there is none: no interval and no range below two worlds.
    """

    mean: float
    low: float
    high: float
    single_low: float
    single_high: float
    worlds: int

    @property
    def cells(self) -> tuple[float | int, ...]:
        """As a table has them, see ``COLUMNS``."""
        return (self.mean, self.low, self.high, self.single_low, self.single_high, self.worlds)


_NAN = float("nan")
UNDEFINED = Estimate(_NAN, _NAN, _NAN, _NAN, _NAN, 0)
"""Where nothing can be told."""


def estimated(values: FloatArray) -> Estimate:
    """Of one metric in each world, shape (n,); undefined worlds are left out and not counted."""
    found = mean_interval(values)
    return Estimate(float(found.mean), float(found.low), float(found.high), *_singles(values), int(found.n))


def reciprocal(distance: FloatArray) -> Estimate:
    """Eq. 10 of distances, shape (n,): 1 over their mean, never a mean of reciprocals."""
    found = mean_interval(reciprocal_scores(distance))
    with np.errstate(divide="ignore"):
        singles = _singles(1.0 / distance)
    return Estimate(float(found.mean), float(found.low), float(found.high), *singles, int(found.n))


def _singles(values: FloatArray) -> tuple[float, float]:
    """Values of actual worlds, so that an infinite one spoils no other."""
    known = values[~np.isnan(values)]
    if len(known) < FEWEST_WORLDS:
        return float("nan"), float("nan")
    low, high = np.quantile(known, SINGLE_WORLDS, method="nearest").tolist()
    return low, high
