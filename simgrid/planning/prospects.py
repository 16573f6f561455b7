"""What a plan's replications so far let expect: shown to miss a target, or likely to pass its test.

These steer the search. They promise nothing: what is promised is tested on other seeds (``testing``). So that
a few equal values do not look like certainty, spread is reckoned with one further value, at the goal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.statistics.bounds import kept, period_share, unfavourable_bound
from simgrid.statistics.long_run import known, linear, split

RISK = 0.005
"""Of each word in the search, by one look at one plan."""
_SURE = 1e12


def spread(values: FloatArray, goal: float) -> float:
    """Standard deviation of the values (n,) and one more at the goal."""
    return float(np.append(values, goal).std(ddof=1)) if len(values) else math.inf


def misses(values: FloatArray, target: Target) -> bool:
    """Whether values (n,) or (n, 2) show that the target is missed, at risk ``RISK`` where it is just met."""
    given = known(values)
    n, seen = len(given), linear(given)
    if n == 0:
        return False
    if target.periods is not None:
        chance = special.bdtr(int(kept(split(given)[0], target).sum()), n, period_share(target))
        return bool(chance < RISK)
    if _is_hopeless(seen, target):
        return True
    seen = _finite(seen, target)
    together = np.append(seen, target.bound)
    behind = _turned(target) * (target.bound - float(together.mean()))
    error = spread(seen, target.bound) / math.sqrt(n + 1)
    return bool(behind > special.stdtrit(n, 1.0 - RISK) * error)


def missed(values: FloatArray, targets: Sequence[Target]) -> tuple[int, ...]:
    """Numbers of the targets that the values (n, targets) or (n, targets, 2) show to be missed."""
    return tuple(place for place, one in enumerate(targets) if misses(values[:, place], one))


def prospect(values: FloatArray, targets: Sequence[Target], confidence: float, runs: int) -> float:
    """How many standard errors beyond its goals a plan's test with so many ``runs`` may be expected to end.

    The least over the targets, for values as in ``missed``: those seen, over and over, stand for the test's.
    """
    return min(_prospect(values[:, place], one, confidence, runs) for place, one in enumerate(targets))


def is_sure(values: FloatArray, targets: Sequence[Target], confidence: float, runs: int) -> bool:
    """Whether it will hardly fail its test with so many ``runs``."""
    columns = [(known(values[:, place]), one) for place, one in enumerate(targets)]
    n = min(len(column) for column, _ in columns)
    if n == 0:
        return False
    needed = float(special.stdtrit(n, 1.0 - RISK))
    return all(ahead(column, one, runs) >= needed for column, one in columns) and all(
        _prospect(column, one, confidence, runs) >= needed for column, one in columns
    )


def ahead(values: FloatArray, target: Target, runs: int) -> float:
    """How many standard errors beyond the goal the mean lies: quick to have, and no prospect is better."""
    seen = linear(known(values))
    if len(seen) == 0:
        return -math.inf
    if target.periods is not None:
        return math.inf
    if _is_hopeless(seen, target):
        return -math.inf
    seen = _finite(seen, target)
    return _in_errors(_turned(target) * (float(seen.mean()) - target.bound), seen, target, runs)


def _prospect(values: FloatArray, target: Target, confidence: float, runs: int) -> float:
    given = known(values)
    seen, counts = split(given)
    if len(seen) == 0:
        return -math.inf
    if target.periods is not None:
        return _period_prospect(kept(seen, target), target, confidence, runs)
    if _is_hopeless(seen, target):
        return -math.inf
    if counts is None:
        given = seen = _finite(seen, target)
    bound = unfavourable_bound(repeated(given, runs), target, confidence)
    seen = linear(given)
    return _in_errors(_turned(target) * (bound - target.bound), seen, target, runs)


def repeated(values: FloatArray, runs: int) -> FloatArray:
    """The values (n,) or (n, 2), over and over, as so many runs."""
    return np.resize(values, (runs, *values.shape[1:]))


def _in_errors(distance: float, seen: FloatArray, target: Target, runs: int) -> float:
    error = spread(seen, target.bound) * math.sqrt(1.0 / len(seen) + 1.0 / runs)
    return distance / error if error > 0.0 else math.copysign(_SURE, distance)


def _period_prospect(held: FloatArray, target: Target, confidence: float, runs: int) -> float:
    """Of a beta-binomial number of kept periods, in standard errors of a normal one."""
    goal = fewest_kept(target, confidence, runs)
    if goal > runs:
        return -math.inf
    hits, n = int(held.sum()), len(held)
    return float(special.ndtri(_at_least(goal, runs, hits + 0.5, n - hits + 0.5)))


def fewest_kept(target: Target, confidence: float, runs: int) -> int:
    """How many of ``runs`` periods must be kept for the bound to reach the share; runs + 1: none suffice."""
    goal = period_share(target)
    hits = np.arange(1, runs + 1)
    enough = special.betaincinv(hits, runs - hits + 1, 1.0 - confidence) >= goal
    return int(hits[enough.argmax()]) if enough.any() else runs + 1


def _at_least(goal: int, runs: int, a: float, b: float) -> float:
    """P(at least ``goal`` of ``runs``), beta-binomial."""
    hits = np.arange(goal, runs + 1)
    log = (
        special.gammaln(runs + 1)
        - special.gammaln(hits + 1)
        - special.gammaln(runs - hits + 1)
        + special.betaln(hits + a, runs - hits + b)
        - special.betaln(a, b)
    )
    return min(float(np.exp(log).sum()), 1.0)


def _is_hopeless(seen: FloatArray, target: Target) -> bool:
    """Whether one value is so bad that no mean with it meets the target."""
    return bool((seen == -_turned(target) * math.inf).any())


def _finite(seen: FloatArray, target: Target) -> FloatArray:
    """The values, with the best finite one, or the bound, for those that are better than any number."""
    finite = seen[np.isfinite(seen)]
    best = _turned(target) * float(np.max(_turned(target) * np.append(finite, target.bound)))
    return np.where(np.isfinite(seen), seen, best)


def _turned(target: Target) -> float:
    return 1.0 if target.better == "higher" else -1.0
