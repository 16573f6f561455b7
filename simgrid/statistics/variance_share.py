"""How much of a spread comes from what two observations have in common, and how much is each one's own."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import FloatArray
from simgrid.statistics.intervals import CONFIDENCE, t_quantile

FEWEST = 10
"""Pairs below which a share has no interval."""
NO_SPREAD = 1e-24
"""Of the squared mean: a variance below it is rounding."""


@dataclass(frozen=True, slots=True)
class VarianceShare:
    """The share of a single observation's variance that its pair has in common, with its interval.

    ``common_sd`` and ``own_sd`` are the two parts' standard deviations, ``most`` what the first is at the
    upper bound of the share; ``n`` counts pairs. The share is NaN below two pairs and where nothing varies,
    its bounds below ``FEWEST`` pairs too.
    """

    share: float
    low: float
    high: float
    common_sd: float
    own_sd: float
    most: float
    mean: float
    n: int


def variance_share(one: npt.ArrayLike, other: npt.ArrayLike, confidence: float = CONFIDENCE) -> VarianceShare:
    """The intraclass correlation of pairs, shape (n,) each; pairs with an undefined side are left out.

    One-way analysis of variance with two observations a class: (B - W) / (B + W) of the mean squares between
    and within, never below 0. The interval is t on the jackknife of z = log(B / W) / 2, Fisher's
    transformation of it, so it asks for no normal distribution (Arvesen, doi 10.1214/aoms/1177697287).
    """
    a, b = (np.asarray(side, dtype=np.float64) for side in (one, other))
    known = ~(np.isnan(a) | np.isnan(b))
    a, b = a[known], b[known]
    n = len(a)
    mean = float(np.concatenate([a, b]).mean()) if n else float("nan")
    unknown = float("nan")
    if n < 2:
        return VarianceShare(*(unknown,) * 6, mean, n)
    middle, within = (a + b) / 2, (a - b) ** 2 / 2
    apart = middle - middle.mean()
    between_all, within_all = 2 * float((apart**2).sum()) / (n - 1), float(within.mean())
    least = NO_SPREAD * max(mean * mean, 1e-300)
    if between_all <= least and within_all <= least:
        return VarianceShare(unknown, unknown, unknown, 0.0, 0.0, 0.0, mean, n)
    whole = (between_all + within_all) / 2
    common = math.sqrt(max(between_all - within_all, 0.0) / 2)
    if within_all <= least:
        return VarianceShare(1.0, 1.0, 1.0, common, 0.0, common, mean, n)
    low, high = _bounds(apart, within, confidence) if n >= FEWEST else (unknown, unknown)
    own, most = math.sqrt(within_all), math.sqrt(high * whole)
    return VarianceShare(common * common / whole, low, high, common, own, most, mean, n)


def _bounds(apart: FloatArray, within: FloatArray, confidence: float) -> tuple[float, float]:
    """From pairs' middles less their mean and their squares within; NaN where one pair is all there is."""
    n = len(apart)
    squares = float((apart**2).sum())
    between_without = (squares - n / (n - 1) * apart**2) / (n - 2)
    within_without = (within.sum() - within) / (n - 1) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        z = float(np.log(squares / (n - 1) / (within.mean() / 2)) / 2)
        without = np.log(between_without / within_without) / 2
    if not np.isfinite(without).all():
        return float("nan"), float("nan")
    pseudo = n * z - (n - 1) * without
    half = float(t_quantile(np.asarray(n), confidence)) * float(pseudo.std(ddof=1)) / np.sqrt(n)
    return max(float(np.tanh(z - half)), 0.0), max(float(np.tanh(z + half)), 0.0)
