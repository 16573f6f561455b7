"""Every radiologist's knapsack on its own: a bound far above the linear programme's, and tables of what the
rest costs.

Relaxing "one radiologist each" (eq. 4) with a price u_i per row, and storage with prices mu, leaves one
knapsack per radiologist, solved for every room at once when efforts are whole numbers of some step:

    cost >= sum_i u_i - sum_s mu_s limit_s + sum_j least over sets in limit_j of (cost_ij - u_i + mu_s f_i).

Efforts on no common step are rounded down to one, which weakens the bound and keeps it valid. The prices
rise by a subgradient method; source: Fisher, Jaikumar and Van Wassenhove (1986), doi 10.1287/mnsc.32.9.1095.
"""

from dataclasses import dataclass

import numpy as np

from simgrid.assignment.bound import Lagrangian
from simgrid.assignment.formulation import Core, Knapsack, Stage
from simgrid.assignment.problem import TOLERANCE, FloatArray, IntArray

# Steps per point that efforts may have; steps in a limit at most, and when efforts are rounded down.
_STEPS = (1, 2, 4, 5, 10, 20, 25, 40, 50, 100, 1000)
_MOST_ROOM = 3000
_ROUNDED_ROOM = 500
# The share of the last direction that the next one keeps; steps without a better bound before a shorter one.
_KEPT_DIRECTION = 0.8
_PATIENCE = 4
_SHORTER = 0.6


@dataclass(frozen=True, slots=True)
class Loads:
    """What the pairs of a core load: ``effort`` (pairs,) in whole steps, never above the true one, against
    ``room`` (R,); ``other`` (pairs, K) against ``limit`` (K,): storage, and efforts that were rounded.

    ``price`` (K,): multipliers to start from.
    """

    effort: IntArray
    room: IntArray
    other: FloatArray
    limit: FloatArray
    price: FloatArray


@dataclass(frozen=True, slots=True)
class Point:
    """Prices of rows and of other limits, the bound on the cost that they prove, and what it falls short of
    one radiologist a row and of the other limits."""

    row: FloatArray
    other: FloatArray
    bound: float
    slope: FloatArray


@dataclass(frozen=True, slots=True)
class Desks:
    """Pairs by radiologist and, within one, by the place of their row; ``slot`` numbers them from the end.

    ``rest`` (slots + 1, R, rooms + 1): the least cost of the slots from one on, for each room left, at the
    prices of the last ``evaluated``; the last room stands for none. Tables ``at`` are (slots, R).
    """

    pair: IntArray
    row: IntArray
    desk: IntArray
    slot: IntArray
    rows: int
    cost_at: FloatArray
    effort_at: IntArray
    row_at: IntArray
    other_at: FloatArray
    below: IntArray
    start: IntArray
    rest: FloatArray
    limit: FloatArray

    @property
    def rooms(self) -> int:
        """Entries of ``rest`` per radiologist."""
        return int(self.rest.shape[2])


def loads(stage: Stage, proof: Lagrangian) -> Loads:
    """The loads of a stage with hard limits."""
    core = stage.core
    efforts = [sack for sack in core.knapsacks if sack.kind == "effort"]
    steps = _steps(efforts)
    weight = np.zeros(core.row.size, dtype=np.int64)
    room = np.zeros(int(core.radiologist.max(initial=-1)) + 1, dtype=np.int64)
    others: list[tuple[Knapsack, float]] = []
    for sack, price in zip(core.knapsacks, proof.multiplier.tolist(), strict=True):
        if sack.kind == "storage":
            others.append((sack, price))
        elif steps is not None:
            weight[sack.members] = np.rint(sack.weight * (sack.scale * steps))
            room[sack.index] = int(sack.limit * sack.scale * steps * (1 + 2 * TOLERANCE) + 1e-9)
        else:
            others.append((sack, 0.0))
            part = _ROUNDED_ROOM / sack.limit * (1 - 1e-12)
            weight[sack.members] = np.floor(sack.weight * part).astype(np.int64)
            room[sack.index] = _ROUNDED_ROOM
    other = np.zeros((core.row.size, len(others)))
    for k, (sack, _) in enumerate(others):
        other[sack.members, k] = sack.weight
    limit = np.array([sack.limit * (1 + stage.slack) for sack, _ in others])
    return Loads(weight, room, other, limit, np.array([price for _, price in others]))


def _steps(efforts: list[Knapsack]) -> float | None:
    """How many common steps of all efforts make a point, or None when there is no handy step."""
    if not efforts:
        return 1.0
    points = np.unique(np.concatenate([sack.weight * sack.scale for sack in efforts]))
    largest = max(sack.limit * sack.scale for sack in efforts)
    for steps in _STEPS:
        whole = np.rint(points * steps)
        if np.abs(points * steps - whole).max() <= 1e-9 * steps and whole.min() >= 1:
            found = steps / int(np.gcd.reduce(whole.astype(np.int64)))
            return found if largest * found <= _MOST_ROOM else None
    return None


def size_of(core: Core, of: Loads, pairs: IntArray) -> int:
    """Numbers that the tables of these pairs hold."""
    if not pairs.size:
        return 0
    most = int(np.bincount(core.radiologist[pairs]).max())
    return most * int(np.unique(core.radiologist[pairs]).size) * (int(of.room.max(initial=0)) + 2)


def desks(
    stage: Stage, of: Loads, pairs: IntArray, place: IntArray, room: IntArray, limit: FloatArray
) -> Desks:
    """The tables of these pairs; ``place`` (core rows,) is the order of their rows; ``room`` (R,) and
    ``limit`` (K,) are what is left for them."""
    core = stage.core
    inspection = np.searchsorted(core.row[core.first], core.row[pairs])
    who, desk = np.unique(core.radiologist[pairs], return_inverse=True)
    order = np.lexsort((place[inspection], desk))
    pairs, desk, row = pairs[order], desk[order], place[inspection[order]]
    count = np.bincount(desk, minlength=who.size)
    slots = int(count.max(initial=0))
    slot = np.arange(pairs.size) - np.repeat(np.cumsum(count) - count, count) + (slots - count)[desk]
    rooms = int(room[who].max(initial=0)) + 2
    effort_at = np.full((slots, who.size), rooms)
    effort_at[slot, desk] = np.minimum(of.effort[pairs], rooms)
    cost_at = np.full((slots, who.size), np.inf)
    cost_at[slot, desk] = stage.cost[pairs]
    row_at = np.zeros((slots, who.size), dtype=np.int64)
    row_at[slot, desk] = row
    other_at = np.zeros((slots, who.size, limit.size))
    other_at[slot, desk] = of.other[pairs]
    below = np.arange(rooms) - effort_at[:, :, None]
    below[below < 0] = rooms - 1
    below[:, :, -1] = rooms - 1
    base = np.arange(who.size) * rooms
    below += base[:, None]
    rest = np.zeros((slots + 1, who.size, rooms))
    rest[:, :, -1] = np.inf
    rows = int(row.max(initial=-1)) + 1
    start = base + room[who]
    return Desks(
        pairs, row, desk, slot, rows, cost_at, effort_at, row_at, other_at, below, start, rest, limit
    )


def reduced(of: Desks, row: FloatArray, other: FloatArray) -> FloatArray:
    """Cost of every slot at these prices, (slots, R)."""
    cost = of.cost_at - row[of.row_at]
    return cost + of.other_at @ other if other.any() else cost


def evaluated(of: Desks, row: FloatArray, other: FloatArray) -> Point:
    """Fill ``rest`` at these prices."""
    cost, rest = reduced(of, row, other)[:, :, None], of.rest
    slots = rest.shape[0] - 1
    for slot in range(slots - 1, -1, -1):
        taken = rest[slot + 1].take(of.below[slot])
        taken += cost[slot]
        np.minimum(rest[slot + 1], taken, out=rest[slot])
    at = of.start
    bound = float(rest[0].take(at).sum() + row.sum() - other @ of.limit)
    takes = np.zeros((slots, at.size), dtype=np.bool_)
    for slot in range(slots):
        take = takes[slot] = rest[slot].take(at) < rest[slot + 1].take(at)
        at = at - np.where(take, of.effort_at[slot], 0)
    missing = 1.0 - np.bincount(of.row_at[takes], minlength=of.rows)
    return Point(row, other, bound, np.concatenate([missing, of.other_at[takes].sum(axis=0) - of.limit]))


def raised(of: Desks, start: Point, target: float, steps: int) -> Point:
    """The best of so many subgradient steps towards ``target``, and ``rest`` filled there; ends early when
    the bound reaches it."""
    best = now = start
    direction, length, waited = np.zeros(start.slope.size), 1.0, 0
    for _ in range(steps):
        direction = now.slope + _KEPT_DIRECTION * direction
        norm = float(direction @ direction)
        if norm == 0 or best.bound >= target:
            break
        move = length * (target - now.bound) / norm * direction
        row, other = now.row + move[: of.rows], np.maximum(now.other + move[of.rows :], 0.0)
        now = evaluated(of, row, other)
        waited += 1
        if now.bound > best.bound:
            best, waited = now, 0
        elif waited >= _PATIENCE:
            now, length, waited = best, _SHORTER * length, 0
    return evaluated(of, best.row, best.other)


def regrets(of: Desks, at: Point) -> FloatArray:
    """What every pair costs above the bound at least when it is chosen, in the order of ``pair``."""
    cost, rest = reduced(of, at.row, at.other), of.rest
    slots, R, rooms = rest.shape[0] - 1, rest.shape[1], of.rooms
    before = np.full((R, rooms), np.inf)
    before.ravel()[of.start] = 0.0
    with_it = np.empty((slots, R))
    above = np.arange(rooms)[None, :] + np.arange(R)[:, None] * rooms
    end = (np.arange(R) + 1)[:, None] * rooms - 1
    for slot in range(slots):
        with_it[slot] = (before + rest[slot + 1].take(of.below[slot])).min(axis=1) + cost[slot]
        came = before.take(np.minimum(above + of.effort_at[slot][:, None], end)) + cost[slot][:, None]
        np.minimum(before, came, out=before)
        before[:, -1] = np.inf
    least = rest[0].take(of.start)
    regret: FloatArray = np.maximum((with_it - least)[of.slot, of.desk], 0.0)
    return regret
