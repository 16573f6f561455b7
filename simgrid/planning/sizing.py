"""How many replications a test needs so that a plan beyond the tolerance passes it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import special

from simgrid.domain.targets import Target, fewest
from simgrid.domain.units import FloatArray
from simgrid.planning.prospects import fewest_kept, repeated
from simgrid.statistics.bounds import bound_reaches, period_share, unfavourable, unfavourable_bound
from simgrid.statistics.long_run import counted, known, linear, long_run, split

POWER = 0.975
"""A plan that lies beyond a target by the tolerance passes that target's test with about this probability."""
FEWEST = 40
"""No test has fewer replications, since bounds against skewness need some."""
_NEARLY = 1.05
_DEVIATIONS = 1.3 * float(special.ndtri(POWER))
"""A bound varies more than the mean does: a sample with a bad evening has a lower mean and a wider spread."""


def needed(values: FloatArray, target: Target, confidence: float, tolerance: float, most: int) -> int:
    """Replications, up to ``most``, for a plan that spreads like the values and is by the tolerance beyond.

    ``values`` (n,) or (n, 2).
    """
    seen = known(values)
    if target.periods is not None:
        true = _beyond(period_share(target), tolerance)
        return _least(lambda runs: _period_power(target, confidence, runs, true) >= POWER, most)
    seen = _finite(seen)
    if len(seen) == 0:
        return most
    moved = _at_tolerance(seen, target, tolerance)
    error = float(linear(moved).std())

    def passes(runs: int) -> bool:
        slack = _DEVIATIONS * error / math.sqrt(runs) * (1.0 if target.better == "higher" else -1.0)
        return bound_reaches(repeated(moved, runs), target, target.bound + slack, confidence)

    return _least(passes, most)


def telling(values: FloatArray, target: Target, confidence: float, most: int) -> int | None:
    """About as many replications as would show the target to be met, were all like those measured.

    None where their mean does not keep the target, or where it would take more than ``most``.
    """
    more = target.better == "higher" or target.periods is not None
    mean = unfavourable(values, target, confidence).mean
    beyond = (mean - target.goal) * (1.0 if more else -1.0)
    if not 0.0 < beyond < math.inf:
        return None
    in_shares = target.kind == "share" or target.periods is not None
    part = beyond if in_shares or target.bound == 0 else beyond / abs(target.bound)
    found = max(needed(values, target, confidence, part, most), fewest(target, confidence))
    return found if found < most else None


def resolved(values: FloatArray, target: Target, confidence: float, runs: int) -> float:
    """How far beyond the target a plan must lie to pass a test of so many runs with probability ``POWER``.

    In the target's own unit; for periods, as a share of them.
    """
    if target.periods is not None:
        share = period_share(target)
        steps = np.linspace(share, 1.0, 201)[1:]
        power = [_period_power(target, confidence, runs, float(step)) for step in steps]
        enough = np.asarray(power) >= POWER
        return float(steps[enough.argmax()] - share) if enough.any() else math.inf
    seen = _finite(known(values))
    if len(seen) == 0:
        return math.inf
    likely = repeated(seen, runs)
    toll = abs(long_run(likely) - unfavourable_bound(likely, target, confidence))
    return toll + _DEVIATIONS * float(linear(seen).std()) / math.sqrt(runs)


def _finite(values: FloatArray) -> FloatArray:
    return values[np.isfinite(split(values)[0])]


def _at_tolerance(given: FloatArray, target: Target, tolerance: float) -> FloatArray:
    """The values moved so that their mean lies beyond the bound by the tolerance.

    A share's distances from 1 are stretched, so that it stays a share; other values are shifted by a part of
    the bound.
    """
    mean = long_run(given)
    seen, counts = split(given)
    if target.kind == "share" and target.better == "higher":
        wanted = _beyond(target.bound, tolerance)
        moved = (
            np.full_like(seen, wanted)
            if mean == 1.0
            else np.maximum(1.0 - (1.0 - seen) * (1.0 - wanted) / (1.0 - mean), 0.0)
        )
    else:
        way = 1.0 if target.better == "higher" else -1.0
        moved = seen - mean + target.bound + way * tolerance * abs(target.bound)
    return moved if counts is None else counted(moved, counts)


def _beyond(share: float, tolerance: float) -> float:
    """The share and the tolerance; half the way to 1 where that would be 1 or more."""
    return share + tolerance if share + tolerance < 1.0 else (1.0 + share) / 2.0


def _period_power(target: Target, confidence: float, runs: int, true: float) -> float:
    goal = fewest_kept(target, confidence, runs)
    return float(special.bdtrc(goal - 1, runs, true)) if goal <= runs else 0.0


def _least(enough: Callable[[int], bool], most: int) -> int:
    """About the least count from ``FEWEST`` on that is enough; ``most`` where none is."""
    low, high = FEWEST, FEWEST
    while high < most and not enough(high):
        low, high = high, 2 * high
    if high == FEWEST or low >= most:
        return min(FEWEST, most)
    high = min(high, most)
    while high > _NEARLY * low:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
