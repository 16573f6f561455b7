"""When there are replications enough: a rule that looks at fixed counts only, and at all means together.

START HERE for what ``replications: {precision: 2 %}`` promises. At each of the counts of ``looks`` the first
n observations of every series are taken, in order; the rule stops at the first count at which every mean has
a half-width that is allowed. The half-width is that of a t-interval with LOOK_ERROR shared among the series
(Bonferroni), so that it holds for all of them jointly.

Looking again and again invites stopping at a lucky look, at which the spread happens to be small. Three
things stand against it: the first look has FIRST_LOOK observations, the counts grow by GROWTH, so that there
are few looks, and LOOK_ERROR is half of the PROMISED_ERROR. That the promise then holds, for series up to the
skewness of an exponential, is measured and not proved: ``tests/statistical/sequential.py``. Error spending
over the looks would prove it, at two to three times the replications. Stopping by the width of an interval,
and its coverage: Chow and Robbins, Annals of Mathematical Statistics 36 (1965), 457-462.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simgrid.domain.precision import FIRST_LOOK
from simgrid.domain.units import BoolArray, FloatArray
from simgrid.statistics.intervals import mean_interval

GROWTH = 1.5
LOOK_ERROR = 0.025
PROMISED_ERROR = 0.05


@dataclass(frozen=True, slots=True)
class Goal:
    """What is asked of each of S series, shape (S,).

    ``width``: the allowed half-width, a share of the mean's size where ``relative``.
    """

    width: FloatArray
    relative: BoolArray


@dataclass(frozen=True, slots=True)
class Widths:
    """What one look found, shape (S,): means, their half-widths, and the half-widths allowed."""

    mean: FloatArray
    half: FloatArray
    allowed: FloatArray

    @property
    def enough(self) -> BoolArray:
        """Which series are precise; a mean of fewer than two defined values never is."""
        return np.asarray(self.half <= self.allowed, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Stopped:
    """Where the rule ended: the count, and whether every goal was reached there."""

    count: int
    reached: bool


def looks(most: int) -> tuple[int, ...]:
    """The counts at which is looked: FIRST_LOOK, each GROWTH times the last (rounded up), and ``most``.

    :raises ValueError: where ``most`` is below FIRST_LOOK.
    """
    if most < FIRST_LOOK:
        raise ValueError(f"{most} replications are fewer than the first look's {FIRST_LOOK}")
    counts = []
    count = FIRST_LOOK
    while count < most:
        counts.append(count)
        count = math.ceil(count * GROWTH)
    return (*counts, most)


def confidence(series: int) -> float:
    """The confidence of each of ``series`` half-widths, so that they hold jointly at one look."""
    return 1.0 - LOOK_ERROR / series


def widths(values: npt.ArrayLike, goal: Goal) -> Widths:
    """One look at ``values`` (S, n), NaN where a replication has no value."""
    found = mean_interval(values, confidence(len(goal.width)))
    allowed = np.where(goal.relative, goal.width * np.abs(found.mean), goal.width)
    return Widths(found.mean, (found.high - found.low) / 2.0, allowed)


def stopping_count(values: npt.ArrayLike, goal: Goal, counts: Sequence[int]) -> Stopped:
    """Where the rule stops on ``values`` (S, N), looking at ``counts``, the last of which is at most N."""
    series = np.asarray(values, dtype=np.float64)
    for count in counts:
        if widths(series[:, :count], goal).enough.all():
            return Stopped(count, reached=True)
    return Stopped(counts[-1], reached=False)
