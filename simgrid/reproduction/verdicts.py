"""From an interval, a band and a stated value to one word, as paper/definitions.md lays down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgrid.domain.units import FloatArray
from simgrid.reproduction.claims import Band, Word
from simgrid.statistics.decisions import ERROR_RATE

FEWEST_WORLDS = 2
SINGLE_WORLDS = (0.025, 0.975)
"""The range of single worlds that a stated value is held against: the study is one world."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Ours: a mean with its 95 % interval over ``n`` worlds. Bounds are NaN below two worlds."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Singles:
    """The 2.5 to 97.5 % range of single worlds, and what percentile of them the stated value is."""

    low: float
    high: float
    percentile: float


def singles_of(
    worlds: FloatArray, stated: float, within: tuple[float, float] = SINGLE_WORLDS
) -> Singles | None:
    """Where the stated value lies among the worlds' own values, shape (n,); None below two worlds.

    The bounds are values of actual worlds, so that an infinite ratio in one of them spoils no other.
    """
    known = worlds[~np.isnan(worlds)]
    if len(known) < FEWEST_WORLDS:
        return None
    low, high = np.quantile(known, within, method="nearest").tolist()
    below, equal = float(np.sum(known < stated)), float(np.sum(known == stated))
    return Singles(low, high, 100.0 * (below + equal / 2.0) / len(known))


def judged(
    found: Interval,
    band: Band,
    stated: float | None = None,
    singles: Singles | None = None,
    p_holm: float = 0.0,
) -> Word:
    """The verdict on an estimate; every input has exactly one.

    ``p_holm``: of an ordering, corrected over all orderings of its experiment; above 0.05 nothing is decided,
    wherever the interval lies, unless all worlds say the same. ``singles`` count where a value is stated.
    """
    decided = p_holm <= ERROR_RATE or found.low == found.high
    if decided and band.holds(found.low, found.high):
        return "within"
    if stated is not None and singles is not None and singles.low <= stated <= singles.high:
        return "compatible"
    if decided and band.misses(found.low, found.high):
        return "differs"
    return "run more replications"


def counted(ours: Sequence[float], stated: Sequence[float]) -> Word:
    """The verdict on figures that are computed and not estimated."""
    same = len(ours) == len(stated) and all(one == other for one, other in zip(ours, stated, strict=True))
    return "same digits" if same else "differs"


def room(found: Interval, band: Band) -> float:
    """How far inside the band the interval's nearest bound is; negative outside, NaN without bounds."""
    if math.isnan(found.low) or math.isnan(found.high):
        return math.nan
    return min(found.low - band.low, band.high - found.high)
