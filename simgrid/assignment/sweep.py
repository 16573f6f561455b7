"""A stage with few pairs worth keeping, decided row by row over all partial assignments at once.

Given multipliers, every assignment costs

    bound + its regrets + sum_k (multiplier_k what it leaves of limit k, or price_k what it takes too much),

and none of these terms shrinks as rows are added. So partial assignments above a given reach are dropped,
and what is left after the last row is every assignment within reach. Small, loose or overloaded batches end
here, without a tree and without a solver.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simgrid.assignment.bound import Lagrangian
from simgrid.assignment.formulation import Core, Stage
from simgrid.assignment.problem import TOLERANCE, BoolArray, FloatArray, IntArray

# Partial assignments followed once there are too many for all.
_BEAM = 100


@dataclass(frozen=True, slots=True)
class Sweep:
    """``pairs`` (n, rows): assignments within reach as pairs of the core, cheapest first, and their ``cost``.

    ``complete``: there are no others. ``states``: partial assignments looked at.
    """

    pairs: IntArray
    cost: FloatArray
    complete: bool
    states: int


@dataclass(frozen=True, slots=True)
class _Sacks:
    """The knapsacks as vectors over the kept pairs; ``price``: of overshoot, beyond what the bound counts."""

    weight: FloatArray
    limit: FloatArray
    left: FloatArray
    price: FloatArray
    share: FloatArray
    budget: float


def sweep(stage: Stage, proof: Lagrangian, reach: float, width: int) -> Sweep:
    """All assignments that cost at most the bound and ``reach``; if more than ``width`` partial ones are in
    reach at once, only the most promising are followed, to find some assignment."""
    core = stage.core
    kept = np.flatnonzero(proof.regret <= reach)
    ends = np.searchsorted(kept, np.append(core.first, core.row.size))
    count = np.diff(ends)
    if not count.all():
        return Sweep(np.empty((0, core.first.size), dtype=np.int64), np.empty(0), True, 0)
    sacks = _sacks(stage, proof, kept)
    regret = proof.regret[kept]
    loose = np.flatnonzero(count > 1)
    order = loose[np.argsort(-_second(regret, ends, loose), kind="stable")]
    single = ends[:-1][count == 1]
    most, least = _ahead(sacks.weight, ends, order)
    load = sacks.weight[single].sum(axis=0)[None, :]
    paid = np.array([regret[single].sum()])
    trail: list[tuple[IntArray, IntArray]] = []
    complete, states = True, 1
    for depth, row in enumerate(order.tolist()):
        options = slice(int(ends[row]), int(ends[row + 1]))
        spent = paid[:, None] + regret[None, options]
        parent, option = np.nonzero(spent <= reach)
        load = load[parent] + sacks.weight[options][option]
        paid = spent[parent, option]
        cost, fits = _cost(sacks, load, paid, most[depth + 1], least[depth + 1])
        good = np.flatnonzero(fits & (cost <= reach))
        if good.size > width:
            complete, width = False, min(width, _BEAM)
            good = good[np.argsort(cost[good], kind="stable")[:width]]
        states += good.size
        load, paid = load[good], paid[good]
        trail.append((parent[good], option[good] + options.start))
        if not good.size:
            break
    pairs = np.empty((load.shape[0], core.first.size), dtype=np.int64)
    if load.shape[0]:
        pairs[:, count == 1] = kept[single]
        state = np.arange(load.shape[0])
        for row, (parent, option) in zip(order[::-1].tolist(), reversed(trail), strict=True):
            pairs[:, row] = kept[option[state]]
            state = parent[state]
    total = _total(stage, sacks, pairs, load)
    by_cost = np.argsort(total, kind="stable")
    return Sweep(pairs[by_cost], total[by_cost], complete, states)


def reaches(core: Core, regret: FloatArray, assignments: Sequence[float]) -> Iterator[float]:
    """The greatest reach that leaves at most so many assignments to tell apart, for each number."""
    order = np.lexsort((regret, core.row))
    rank = np.arange(regret.size) - np.repeat(core.first, np.diff(core.first, append=regret.size)) + 1.0
    by_regret = np.argsort(regret[order], kind="stable")
    ascending = regret[order][by_regret]
    many = np.cumsum(np.log(rank / np.maximum(rank - 1, 1))[by_regret])
    before = -1
    for number in assignments:
        last = int(np.searchsorted(many, np.log(number), side="right")) - 1
        if last > before:
            yield float(ascending[last])
        before = max(last, before)


def _total(stage: Stage, sacks: _Sacks, pairs: IntArray, load: FloatArray) -> FloatArray:
    cost: FloatArray = stage.cost[pairs].sum(axis=1)
    if stage.priced:
        cost = cost + np.maximum(load - sacks.limit, 0.0) @ sacks.share
    return cost


def _second(regret: FloatArray, ends: IntArray, rows: IntArray) -> FloatArray:
    return np.array([np.partition(regret[ends[row] : ends[row + 1]], 1)[1] for row in rows.tolist()])


def _sacks(stage: Stage, proof: Lagrangian, kept: IntArray) -> _Sacks:
    sacks = stage.core.knapsacks
    weight = np.zeros((kept.size, len(sacks)))
    place = np.full(stage.core.row.size, -1)
    place[kept] = np.arange(kept.size)
    for k, sack in enumerate(sacks):
        at = place[sack.members]
        weight[at[at >= 0], k] = sack.weight[at >= 0]
    share = np.array([sack.share for sack in sacks])
    limit = np.array([sack.limit for sack in sacks]) * (1 + stage.slack)
    price = np.full(len(sacks), np.inf)
    budget = np.inf
    if stage.priced:
        price = share - proof.multiplier
    elif stage.budget > 0:
        price = share * (proof.multiplier / share).max(initial=0.0) - proof.multiplier
        budget = stage.budget + TOLERANCE * (1 + stage.budget)
    return _Sacks(weight, limit, proof.multiplier, price, share, budget)


def _ahead(weight: FloatArray, ends: IntArray, order: IntArray) -> tuple[FloatArray, FloatArray]:
    """Most and least that the rows from each depth on can still load each knapsack."""
    most = np.zeros((order.size + 1, weight.shape[1]))
    least = np.zeros_like(most)
    for depth in range(order.size - 1, -1, -1):
        own = weight[ends[order[depth]] : ends[order[depth] + 1]]
        most[depth] = most[depth + 1] + own.max(axis=0)
        least[depth] = least[depth + 1] + own.min(axis=0)
    return most, least


def _cost(
    sacks: _Sacks, load: FloatArray, paid: FloatArray, most: FloatArray, least: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """What each partial assignment costs above the bound at least, and whether it can still be allowed."""
    left = np.maximum(sacks.limit - most - load, 0.0)
    over = np.maximum(load - (sacks.limit - least), 0.0)
    cost = paid + left @ sacks.left
    if np.isinf(sacks.price).any():
        return cost, np.asarray((over <= TOLERANCE).all(axis=1), dtype=np.bool_)
    strain = over @ sacks.share
    return cost + over @ sacks.price, np.asarray(strain <= sacks.budget + TOLERANCE, dtype=np.bool_)
