"""A stage with hard limits decided by the radiologists' own knapsacks (``desks``) and ``branching``.

Only pairs within a reach of the bound take part; without an assignment in there the reach is the new bound,
and a wider one follows. What the prices of ``desks`` prove throws out most of these pairs before the search.
"""

from dataclasses import dataclass, replace

import numpy as np

from simgrid.assignment.allowance import Allowance
from simgrid.assignment.bound import Lagrangian
from simgrid.assignment.branching import Explored, Judge, explored, first_found
from simgrid.assignment.desks import Desks, Loads, Point, desks, evaluated, loads, raised, regrets, size_of
from simgrid.assignment.formulation import STEP_SURE, Stage
from simgrid.assignment.problem import TOLERANCE, BoolArray, FloatArray, IntArray

# Pairs a row in the first reach, and how many times more in the next one; numbers that the tables may hold.
_GUESSED_PAIRS = 3.5
_MORE = 2
_LARGEST = 3_000_000
# Steps of the prices, on all pairs in reach and on those left after that.
_STEPS = 20
_MORE_STEPS = 12
# The search goes up to this part of the reach first, then so many times further.
_FIRST_LEVEL = 0.3
_NEXT_LEVEL = 1.8
# Partial assignments that cost as much as a node of branch and bound, and the most that are looked at: so
# many at least, and more where rows are few, since a search takes time by the cube of these.
_STATES_A_NODE = 2_000
_LEAST_STATES = 20_000
_MOST_STATES = 1_000_000
_WORK = 1.2e11


@dataclass(slots=True)
class RowPrices:
    """Of every row of the core and of the limits that ``Loads`` calls other."""

    row: FloatArray
    other: FloatArray


@dataclass(frozen=True, slots=True)
class Decided:
    """``pairs`` of the core: an assignment cheaper than the one known, or None, and the best ``cost``.

    No assignment costs less than ``bound``; those that cost at most ``covered`` use pairs of ``left`` only.
    ``prices``: the best ones found.
    """

    pairs: IntArray | None
    cost: float
    bound: float
    covered: float
    left: BoolArray
    prices: RowPrices


@dataclass(frozen=True, slots=True)
class _Narrow:
    """What is left to decide once rows with a single pair are settled; ``place`` orders the open rows."""

    settled: IntArray
    open: IntArray
    place: IntArray
    rows: IntArray
    room: IntArray
    limit: FloatArray
    cost: float


@dataclass(frozen=True, slots=True)
class _Table:
    """The open rows' knapsacks at a point, and the regret of each of their pairs."""

    narrow: _Narrow
    desks: Desks
    point: Point
    regret: FloatArray

    @property
    def bound(self) -> float:
        """No assignment of these pairs costs less."""
        return self.point.bound + self.narrow.cost

    def near(self, cost: float) -> IntArray:
        """Pairs that an assignment of at most this cost may use."""
        open_pairs = self.desks.pair[self.regret <= cost - self.bound + _rounding(cost)]
        return np.sort(np.concatenate([self.narrow.settled, open_pairs]))


@dataclass(frozen=True, slots=True)
class _Aim:
    """An assignment is of interest when it is cheaper by ``better``; once there is none, no assignment is
    cheaper than the best known by more than ``open``. ``first``: the first one in reach is looked for."""

    judge: Judge
    better: float
    open: float
    first: bool = False


def decomposed(
    stage: Stage, proof: Lagrangian, known_cost: float, judge: Judge, gap: float, allowance: Allowance
) -> Decided | None:
    """Decide the stage as far as it goes; None where the tables would be too large."""
    of = loads(stage, proof)
    rounding = TOLERANCE * max(1.0, abs(proof.bound))
    aim = _aim(stage, judge, gap * abs(stage.offset + proof.bound), rounding)
    prices = _prices(stage, proof, of)
    every = np.ones(stage.cost.size, dtype=np.bool_)
    best = Decided(None, known_cost, proof.bound, proof.bound, every, prices)
    most = min(_most_states(stage), allowance.nodes * _STATES_A_NODE)
    states, wanted = 0.0, int(_GUESSED_PAIRS * stage.core.first.size)
    dearest = float(np.maximum.reduceat(stage.cost, stage.core.first).sum()) + rounding
    while best.cost - best.bound > aim.better:
        if best.bound >= dearest:
            return replace(best, bound=best.cost)
        top = min(proof.bound + _reach(proof.regret, wanted), dearest, best.cost)
        pairs = np.flatnonzero(proof.regret <= top - proof.bound + rounding)
        if size_of(stage.core, of, pairs) > _LARGEST:
            return best if best.bound > proof.bound else None
        best = replace(best, covered=top)
        best, looked, complete = _within(stage, of, prices, best, pairs, aim, most - states)
        states += looked
        if not complete or allowance.seconds() == 0:
            break
        wanted = _MORE * pairs.size
    if states:
        allowance.spend(states / _STATES_A_NODE)
    return best


def first_of_best(
    stage: Stage, proof: Lagrangian, cost: float, judge: Judge, allowance: Allowance, known: Decided | None
) -> IntArray | None:
    """Pairs of the first of all assignments that cost no more than the least ``cost``: rows in their order,
    lowest radiologists first. None where looking for it would take longer than allowed.

    ``known``: what ``decomposed`` said about this stage, if anything.
    """
    of, level = loads(stage, proof), cost + 0.5 * _rounding(cost)
    near = proof.regret <= level - proof.bound + _rounding(proof.bound)
    if known is not None and known.covered >= cost:
        near &= known.left
    pairs = np.flatnonzero(near)
    if size_of(stage.core, of, pairs) > _LARGEST:
        return None
    prices = _prices(stage, proof, of) if known is None else known.prices
    # Prices that told less apart before need to be raised more.
    for steps in (0, _MORE_STEPS) if known is not None else (_STEPS, _MORE_STEPS):
        table = _raised(stage, of, prices, pairs, level, steps, by_weight=False)
        if table is None:
            return None
        pairs = table.near(level)
        if pairs.size == stage.core.first.size:
            return pairs
    table = _raised(stage, of, prices, pairs, level, 0, by_weight=False)
    if table is None:
        return None
    found = _searched(table, level, _Aim(judge, 0.0, 0.0, True), _most_states(stage))
    allowance.spend(found.states / _STATES_A_NODE)
    return found.pairs


def _aim(stage: Stage, judge: Judge, gap: float, rounding: float) -> _Aim:
    if stage.step > gap:
        return _Aim(judge, stage.step * STEP_SURE, 0.0)
    return _Aim(judge, gap + 0.5 * rounding, gap)


def _most_states(stage: Stage) -> float:
    return min(max(_WORK / stage.core.first.size**3, _LEAST_STATES), _MOST_STATES)


def _reach(regret: FloatArray, pairs: int) -> float:
    """How far the nearest so many pairs are away at most."""
    return float(np.partition(regret, pairs)[pairs]) if pairs < regret.size else np.inf


def _within(
    stage: Stage, of: Loads, prices: RowPrices, best: Decided, pairs: IntArray, aim: _Aim, most: float
) -> tuple[Decided, float, bool]:
    """Look for assignments of ``pairs`` that cost at most ``best.covered``; how many partial ones that took,
    and whether all were looked at.

    One level after another: what is cheapest is found without looking at much else.
    """
    top, states, part = best.covered, 0.0, _FIRST_LEVEL
    table = _raised(stage, of, prices, pairs, top, _STEPS)
    if table is None:
        return replace(best, bound=max(best.bound, min(top, best.cost))), 0.0, True
    best = replace(best, bound=max(best.bound, min(table.bound, top)))
    while True:
        goal = min(top, best.cost - aim.better)
        level = min(goal, table.bound + part * max(goal - table.bound, 0.0))
        near = _raised(stage, of, prices, table.near(level), level, _MORE_STEPS)
        if near is not None:
            near = _raised(stage, of, prices, near.near(level), level, 0)
        found = Explored(None, np.inf, True, 0)
        if near is not None:
            found = _searched(near, level, aim, most - states)
            states += found.states
            if found.pairs is not None:
                best = replace(best, pairs=found.pairs, cost=found.cost)
        if not found.complete:
            return replace(best, left=_only(stage, table.near(min(top, best.cost)))), states, False
        if found.pairs is not None or level == goal:
            best = replace(best, bound=max(best.bound, min(top, best.cost - aim.open)))
            if near is not None and found.pairs is not None:
                best = replace(best, covered=best.cost, left=_only(stage, near.near(best.cost)))
            return best, states, True
        best = replace(best, bound=max(best.bound, level))
        part *= _NEXT_LEVEL


def _only(stage: Stage, pairs: IntArray) -> BoolArray:
    only = np.zeros(stage.cost.size, dtype=np.bool_)
    only[pairs] = True
    return only


def _raised(
    stage: Stage,
    of: Loads,
    prices: RowPrices,
    pairs: IntArray,
    top: float,
    steps: int,
    by_weight: bool = True,
) -> _Table | None:
    """The knapsacks of these pairs at prices raised towards ``top``; None when nothing costs that little."""
    narrow = _narrowed(stage, of, pairs, by_weight)
    if narrow is None:
        return None
    table = desks(stage, of, narrow.open, narrow.place, narrow.room, narrow.limit)
    goal = top - narrow.cost
    point = evaluated(table, prices.row[narrow.rows], prices.other)
    if steps:
        point = raised(table, point, goal, steps)
        prices.row[narrow.rows], prices.other = point.row, point.other
    if point.bound > goal + _rounding(top):
        return None
    return _Table(narrow, table, point, regrets(table, point))


def _rounding(cost: float) -> float:
    return TOLERANCE * max(1.0, abs(cost))


def _searched(table: _Table, level: float, aim: _Aim, most: float) -> Explored:
    settled, cost_settled = table.narrow.settled, table.narrow.cost

    def judge(pairs: IntArray) -> float | None:
        cost = aim.judge(np.concatenate([settled, pairs]))
        return None if cost is None else cost - cost_settled

    reach = level - cost_settled + 0.5 * _rounding(level)
    if aim.first:
        found = first_found(table.desks, table.point, judge, reach, most)
    else:
        found = explored(table.desks, table.point, judge, reach, aim.better, most)
    if found.pairs is None:
        return found
    return replace(found, pairs=np.concatenate([settled, found.pairs]), cost=found.cost + cost_settled)


def _narrowed(stage: Stage, of: Loads, pairs: IntArray, by_weight: bool) -> _Narrow | None:
    """Settle rows with a single pair; None when a row has none or the settled ones alone break a limit."""
    core = stage.core
    rows = np.searchsorted(core.first, pairs, side="right") - 1
    count = np.bincount(rows, minlength=core.first.size)
    if not count.all():
        return None
    single = count[rows] == 1
    settled, left = pairs[single], pairs[~single]
    used = np.bincount(core.radiologist[settled], of.effort[settled], of.room.size).astype(np.int64)
    room, limit = of.room - used, of.limit - of.other[settled].sum(axis=0)
    if (room < 0).any() or (limit < 0).any():
        return None
    open_rows = np.flatnonzero(count > 1)
    # The heaviest first: what comes last still fits into what is left.
    part = of.effort[left] / np.maximum(of.room[core.radiologist[left]], 1)
    part = part + (of.other[left] / of.limit).sum(axis=1)
    part = np.bincount(rows[~single], part, count.size)
    order = np.argsort(-part[open_rows] / count[open_rows], kind="stable")
    if not by_weight:
        order = np.arange(open_rows.size)
    place = np.zeros(count.size, dtype=np.int64)
    place[open_rows[order]] = np.arange(order.size)
    return _Narrow(settled, left, place, open_rows[order], room, limit, float(stage.cost[settled].sum()))


def _prices(stage: Stage, proof: Lagrangian, of: Loads) -> RowPrices:
    """The multipliers of the linear programme: each row's least reduced cost."""
    reduced = stage.cost.copy()
    for sack, price in zip(stage.core.knapsacks, proof.multiplier.tolist(), strict=True):
        if price > 0:
            reduced[sack.members] += price * sack.weight
    return RowPrices(np.minimum.reduceat(reduced, stage.core.first), of.price.copy())
