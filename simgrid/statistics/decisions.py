"""What is decided from intervals: families of comparisons, and the word that each of them earns."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import FloatArray

ERROR_RATE = 0.05

Better: TypeAlias = Literal["higher", "lower", "neither"]
Word: TypeAlias = Literal["holds", "reversed", "cannot be told apart"]
Role: TypeAlias = Literal["primary", "claim", "descriptive"]
"""Member of a family declared before the runs and decided together; or looked at, one interval at a time."""


def holm(p: npt.ArrayLike) -> FloatArray:
    """Holm's adjusted p-values of one declared family, in the order given.

    A NaN stays NaN but counts as a member of the family: a comparison that could not be made is no reason
    to judge the others more mildly.
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")  # NaN sorts last
    factors = len(values) - np.arange(len(values))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    return adjusted


def verdict(low: float, high: float, better: Better, p_adjusted: float | None = None) -> Word:
    """Whether the first policy is better, judged by the interval of (first - second).

    Where an adjusted p is given it must agree: at p > 0.05 the two cannot be told apart. A metric without
    a better direction never tells apart.
    """
    undecided = p_adjusted is not None and not p_adjusted <= ERROR_RATE
    if better == "neither" or undecided:
        return "cannot be told apart"
    if low > 0:
        return "holds" if better == "higher" else "reversed"
    if high < 0:
        return "holds" if better == "lower" else "reversed"
    return "cannot be told apart"
