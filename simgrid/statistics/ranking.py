"""Which of several candidates is best: KN, which promises, and OCBA, which makes the most of a budget.

KN is fully sequential: after a first stage each further replication may put candidates out, until one is
left. Where the best is better than every other one by the indifference or more, it is the one that is left
with the promised probability; candidates may share their random numbers and differ in variance.
S.-H. Kim and B. L. Nelson, A fully sequential procedure for indifference-zone selection in simulation,
ACM Transactions on Modeling and Computer Simulation 11 (2001), 251-273, doi 10.1145/502109.502111.

OCBA says how replications of independent candidates are best shared out. It promises nothing.
C.-H. Chen, J. Lin, E. Yucesan and S. E. Chick, Simulation budget allocation for further enhancing the
efficiency of ordinal optimization, Discrete Event Dynamic Systems 10 (2000), 251-270,
doi 10.1023/A:1008349927281.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import FloatArray, IntArray

FIRST_STAGE = 20
PROBABILITY = 0.95
Way: TypeAlias = Literal["higher", "lower"]
_ROUNDING = 1e-9
_NEAREST = 1e-6
"""A tie with the best counts as this share of the largest distance: OCBA's ratios have no end there."""


@dataclass(frozen=True, slots=True)
class Promise:
    """The best is selected with this probability, where every other is worse by ``indifference`` or more.

    That is the smallest difference that matters, in the unit of the observations.
    """

    indifference: float
    probability: float = PROBABILITY


@dataclass(frozen=True, slots=True)
class Out:
    """A candidate that was put out after so many replications, and the one that did it."""

    candidate: int
    replications: int
    by: int


@dataclass(frozen=True, slots=True)
class Race:
    """KN after ``count`` replications of every candidate that is still in.

    ``going``: the m candidates that are, ascending. ``sums`` (m,): of their observations, less being better
    turned round. ``limits`` (m, m): h^2 S^2 / indifference^2 of every pair, the replications after which the
    pair is decided for certain. ``out``: those put out, in order.
    """

    promise: Promise
    way: Way
    count: int
    going: IntArray
    sums: FloatArray
    limits: FloatArray
    out: tuple[Out, ...] = ()

    @property
    def most(self) -> int:
        """The count at which it ends at the latest, as far as can be said now."""
        return max(self.count, math.floor(float(self.limits.max())) + 1)

    @property
    def ended(self) -> bool:
        """Whether one is left, or several that are exactly alike and have no room left to differ."""
        return len(self.going) == 1 or self.count >= self.most

    @property
    def selected(self) -> int | None:
        """The candidate that is left; of exact ties the first; None while it goes on."""
        return int(self.going[0]) if self.ended else None


def continuation_constant(candidates: int, first: int, probability: float) -> float:
    """KN's h^2 = 2 c eta (n0 - 1) with c = 1 and n0 = ``first``.

    eta = ((2 alpha / (k - 1))^(-2 / (n0 - 1)) - 1) / 2, which allows for shared random numbers.

    :raises ValueError: for fewer than 2 candidates or first replications, or a probability not above 1 / k.
    """
    if candidates < 2 or first < 2:
        raise ValueError(f"{candidates} candidates, {first} first replications: expected 2 or more of each")
    if not 1 / candidates < probability < 1:
        guess = f"1/{candidates}, which a guess has"
        raise ValueError(f"a probability of {probability:g} is out of range: expected above {guess}, below 1")
    error = (1.0 - probability) / (candidates - 1)
    eta = (math.pow(2.0 * error, -2.0 / (first - 1)) - 1.0) / 2.0
    return 2.0 * eta * (first - 1)


def begin(first: npt.ArrayLike, promise: Promise, way: Way = "higher") -> Race:
    """KN after its first stage: ``first`` has shape (k, n0), replications in the same order for everybody.

    :raises ValueError: as ``continuation_constant``, for an indifference that is not above 0, and for
        observations that are not finite.
    """
    if not promise.indifference > 0:
        raise ValueError(f"an indifference of {promise.indifference:g} is out of range: it must be above 0")
    values = _turned(first, way)
    candidates, count = values.shape
    constant = continuation_constant(candidates, count, promise.probability)
    spread = np.var(values[:, None, :] - values[None, :, :], axis=-1, ddof=1)
    limits = constant * spread / promise.indifference**2
    return _screened(Race(promise, way, count, np.arange(candidates), values.sum(axis=1), limits))


def fed(race: Race, further: npt.ArrayLike) -> Race:
    """The race after further replications: ``further`` (m, n) has n observations of each of ``going``.

    Who is put out on the way has those beyond ignored, and so have all once it has ended. One by one or many
    at once is the same to the last bit.

    :raises ValueError: for observations of another number of candidates, or not finite.
    """
    rows = _turned(further, race.way)
    if rows.ndim != 2 or len(rows) != len(race.going):
        raise ValueError(f"observations of shape {rows.shape} for {len(race.going)} candidates")
    while rows.shape[1] > 0 and not race.ended:
        race, rows = _to_next_out(race, rows)
    return race


def _turned(values: npt.ArrayLike, way: Way) -> FloatArray:
    found = np.asarray(values, dtype=np.float64)
    if not np.isfinite(found).all():
        raise ValueError("an observation is not a number: every candidate needs one in every replication")
    return found if way == "higher" else -found


def _to_next_out(race: Race, rows: FloatArray) -> tuple[Race, FloatArray]:
    """The race at the first of the rows (m, n) that puts somebody out, with the rest; else after them all."""
    rows = rows[:, : race.most - race.count]
    sums = np.cumsum(np.column_stack([race.sums, rows]), axis=1)[:, 1:]
    counts = race.count + np.arange(1, rows.shape[1] + 1)
    beaten = (_behind(race, sums, counts) > 0).any(axis=(0, 1))
    at = int(beaten.argmax()) if beaten.any() else rows.shape[1] - 1
    count = race.count + at + 1
    screened = _screened(replace(race, count=count, sums=sums[:, at]))
    return screened, rows[np.isin(race.going, screened.going), at + 1 :]


def _behind(race: Race, sums: FloatArray, counts: IntArray) -> FloatArray:
    """By how much one (row) lies behind another (column) beyond W(r) = max(0, delta / (2 c) (limit - r)).

    Sums (m, n) after the counts (n,) to (m, m, n); above 0 puts it out.
    """
    room = race.promise.indifference / 2.0 * (race.limits[:, :, None] - counts)
    return sums[None, :, :] - sums[:, None, :] - np.maximum(0.0, room)


def _screened(race: Race) -> Race:
    """The race without those who lie behind another by more than W(r)."""
    behind = _behind(race, race.sums[:, None], np.array([race.count]))[:, :, 0]
    beaten = (behind > 0).any(axis=1)
    if not beaten.any():
        return race
    by = race.going[behind.argmax(axis=1)]
    gone = [Out(int(race.going[one]), race.count, int(by[one])) for one in np.flatnonzero(beaten)]
    left = np.flatnonzero(~beaten)
    return replace(
        race,
        going=race.going[left],
        sums=race.sums[left],
        limits=race.limits[np.ix_(left, left)],
        out=(*race.out, *gone),
    )


def best_of(means: npt.ArrayLike, way: Way = "higher") -> int:
    """The candidate with the best mean (k,); of ties the first."""
    found = np.asarray(means, dtype=np.float64)
    return int(found.argmax() if way == "higher" else found.argmin())


def budget_shares(means: npt.ArrayLike, variances: npt.ArrayLike, way: Way = "higher") -> FloatArray:
    """OCBA's shares of a budget, (k,), from means and variances of one replication, summing to 1.

    With b the best and d_i the distance of i from it: N_i / N_j = (s_i / d_i)^2 / (s_j / d_j)^2 for i, j not
    b, and N_b = s_b sqrt(sum of (N_i / s_i)^2 over them). A candidate without spread gets nothing; equal
    shares where nobody has any.
    """
    mean = np.asarray(means, dtype=np.float64)
    variance = np.asarray(variances, dtype=np.float64)
    best = best_of(mean, way)
    distance = np.abs(mean - mean[best])
    scale = float(distance.max()) or float(np.sqrt(variance.max())) or 1.0
    squared = np.maximum(distance / scale, _NEAREST) ** 2
    weight = variance / squared
    others = np.arange(len(mean)) != best
    # (N_i / s_i)^2 is (s_i / d_i^2)^2, which has no division by a spread of 0
    weight[best] = math.sqrt(variance[best] * float((variance[others] / squared[others] ** 2).sum()))
    total = float(weight.sum())
    return weight / total if total > 0 else np.full(len(mean), 1.0 / len(mean))


def next_replications(
    means: npt.ArrayLike, variances: npt.ArrayLike, counts: npt.ArrayLike, more: int, way: Way = "higher"
) -> IntArray:
    """How many of ``more`` replications each candidate gets, (k,), so that all come close to OCBA's shares.

    ``counts`` (k,): those it has. Who has more than its share gets none, and the others share what is left.
    """
    have = np.asarray(counts, dtype=np.int64)
    shares = budget_shares(means, variances, way)
    open_ = np.ones(len(have), dtype=np.bool_)
    while True:
        wanted = np.where(open_, _of(int(have[open_].sum()) + more, shares, open_), have)
        full = open_ & (wanted < have - _ROUNDING)
        if not full.any():
            return _whole(np.maximum(wanted - have, 0.0), more)
        open_ &= ~full


def _of(total: int, shares: FloatArray, open_: npt.NDArray[np.bool_]) -> FloatArray:
    """The total among the open ones by their shares, evenly where these have none."""
    own = np.where(open_, shares, 0.0)
    own = own if own.sum() > 0 else open_.astype(np.float64)
    return np.asarray(total * own / own.sum())


def _whole(parts: FloatArray, total: int) -> IntArray:
    """Whole numbers with this sum, the largest remainders rounded up; of ties the first."""
    whole = np.floor(parts + _ROUNDING).astype(np.int64)
    short = total - int(whole.sum())
    whole[np.argsort(-(parts - whole), kind="stable")[:short]] += 1
    return whole
