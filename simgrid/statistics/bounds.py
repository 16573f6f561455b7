"""Whether a target is met, by the unfavourable one-sided bound of what was observed, never by its mean.

The replication is the observation. The bound of a mean reckons with one replication that was not seen
(``one_more``): with shares, one of 0 or 1, so that no distribution is supposed; with other metrics, one as
bad as the worst that was seen, against skewness. Shares near 1 have their tail on the side that matters, and
there Student's bound, and any other that knows only what was drawn, promises more than it keeps
(docs/explanation/plans.md). A share in the long run is that of all inspections, and its values have their
counts beside them, (n, 2): see ``long_run``. Of periods the bound is the exact one of Clopper and Pearson
(doi 10.1093/biomet/26.4.404).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.statistics.long_run import known, long_run, split
from simgrid.statistics.one_more import low_reaches, mean_high, mean_low, negative

Met: TypeAlias = Literal["met", "missed", "cannot be told apart"]
FEWEST_ALIKE = 5
"""Replications below which equal values are no sign that others would be equal."""
_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Bound:
    """``mean`` of ``n`` replications with its unfavourable one-sided ``bound``, and the ``favourable`` one.

    Of a share in the long run the mean is that over inspections: the ratio of the replications' sums.

    ``met`` where the unfavourable bound keeps the target, ``missed`` where the favourable one does not. Of a
    target in so many periods all three are shares of the replications that keep it.
    """

    mean: float
    bound: float
    favourable: float
    met: Met
    n: int

    @property
    def low(self) -> float:
        """The smaller of the two bounds."""
        return min(self.bound, self.favourable)

    @property
    def high(self) -> float:
        """The larger of the two bounds."""
        return max(self.bound, self.favourable)


def unfavourable(values: npt.ArrayLike, target: Target, confidence: float = 0.95) -> Bound:
    """Judge a target by its values in the replications, shape (n,) or (n, 2); NaN where it was not measured.

    Both bounds are one-sided at ``confidence``. Counts beside the values are those of a share in the long
    run; other targets take no notice of them.
    """
    seen = known(values) if target.pooled else known(_uncounted(values))
    wanted = target.bound
    higher = target.better == "higher"
    if target.periods is not None:
        wanted, higher = period_share(target), True
        mean, low, high = _share_bounds(int(kept(seen, target).sum()), len(seen), confidence)
    else:
        mean, low, high = mean_bounds(seen, confidence, share=target.kind == "share")
    bound, favourable = (low, high) if higher else (high, low)
    return Bound(mean, bound, favourable, _met(bound, favourable, wanted, higher=higher), len(seen))


def unfavourable_bound(values: FloatArray, target: Target, confidence: float) -> float:
    """As in ``unfavourable``, the bound alone: of finite values, (n,) or (n, 2), without periods."""
    if target.better == "higher":
        return mean_low(values, confidence, 0.0 if target.kind == "share" else None)
    return mean_high(values, confidence, 1.0 if target.kind == "share" else None)


def bound_reaches(values: FloatArray, target: Target, goal: float, confidence: float) -> bool:
    """Whether ``unfavourable_bound`` is at the goal or better; quicker than the bound itself."""
    if target.better == "higher":
        return low_reaches(values, goal, confidence, 0.0 if target.kind == "share" else None)
    return low_reaches(negative(values), -goal, confidence, -1.0 if target.kind == "share" else None)


def kept(values: FloatArray, target: Target) -> FloatArray:
    """1 where a replication keeps the target's bound, 0 where it does not; of values without NaN."""
    held = values >= target.bound if target.better == "higher" else values <= target.bound
    return held.astype(np.float64)


def period_share(target: Target) -> float:
    """The share of periods that must keep the target; 1 for one without periods."""
    of, among = target.periods or (1, 1)
    return of / among


def mean_bounds(values: FloatArray, confidence: float, *, share: bool = False) -> tuple[float, float, float]:
    """The mean of ``long_run.known`` values, (n,) or (n, 2), with its one-sided lower and upper bounds.

    Below two values (``FEWEST_ALIKE`` equal ones that are no shares) there are no bounds: NaN. An infinite
    value makes them so.
    """
    n, mean = len(values), long_run(values)
    if np.isinf(mean):
        return mean, mean, mean
    seen, _ = split(values)
    if n < 2 or (n < FEWEST_ALIKE and not share and seen.min() == seen.max()):
        return mean, _NAN, _NAN
    least, most = (0.0, 1.0) if share else (None, None)
    return mean, mean_low(values, confidence, least), mean_high(values, confidence, most)


def _uncounted(values: npt.ArrayLike) -> FloatArray:
    given = np.asarray(values, dtype=np.float64)
    return given if given.ndim == 1 else given[:, 0]


def _share_bounds(kept: int, n: int, confidence: float) -> tuple[float, float, float]:
    if n == 0:
        return _NAN, _NAN, _NAN
    low = 0.0 if kept == 0 else float(special.betaincinv(kept, n - kept + 1, 1 - confidence))
    high = 1.0 if kept == n else float(special.betaincinv(kept + 1, n - kept, confidence))
    return kept / n, low, high


def _met(bound: float, favourable: float, wanted: float, *, higher: bool) -> Met:
    if np.isnan(bound) and np.isnan(favourable):
        return "cannot be told apart"
    if (bound >= wanted) if higher else (bound <= wanted):
        return "met"
    if (favourable < wanted) if higher else (favourable > wanted):
        return "missed"
    return "cannot be told apart"
