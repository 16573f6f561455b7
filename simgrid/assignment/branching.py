"""Depth-first search in batches: row after row over many partial assignments at once, each with the bound
that the radiologists' own knapsacks give for its rest (see ``desks``).

A partial assignment is its room left at every desk, its other loads, its bound and its choices. When there
are too many abreast, the most promising go ahead and the others wait; whatever cannot beat the best
assignment found meanwhile is dropped.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from simgrid.assignment.desks import Desks, Point, reduced
from simgrid.assignment.problem import BoolArray, FloatArray, IntArray

# Partial assignments abreast: until a first assignment is found, and then.
_FIRST_ABREAST = 150
_ABREAST = 2000
# More of them are compared with each other.
_WORTH_COMPARING = 64
# Bounds that differ by less are equal: what adding up in another order can make.
_NOISE = 1e-12

# The exact cost of pairs of a core (rows in the order of ``Desks.row``), or None where they break a limit.
Judge = Callable[[IntArray], float | None]


@dataclass(frozen=True, slots=True)
class Explored:
    """``pairs``: the best assignment found, as pairs of the core by place of row, or None; its ``cost``.

    ``complete``: no other within reach is better; ``states``: partial assignments looked at.
    """

    pairs: IntArray | None
    cost: float
    complete: bool
    states: int


@dataclass(frozen=True, slots=True)
class _Row:
    """One row's options: places of tables in ``rest`` before and after it, and what they load and cost."""

    pair: IntArray
    desk: IntArray
    now: IntArray
    after: IntArray
    base: IntArray
    effort: IntArray
    other: FloatArray
    cost: FloatArray
    price: float


@dataclass(frozen=True, slots=True)
class _Batch:
    """Partial assignments of the first ``depth`` rows; ``name``: of the last choice in the ``_Trail``."""

    depth: int
    room: IntArray
    load: FloatArray
    bound: FloatArray
    name: IntArray

    def at(self, chosen: IntArray) -> "_Batch":
        return _Batch(self.depth, self.room[chosen], self.load[chosen], self.bound[chosen], self.name[chosen])


class _Trail:
    """Which choice followed which, for all partial assignments together."""

    def __init__(self) -> None:
        self.length = 1
        self._begins = [0]
        self._parts: list[tuple[IntArray, IntArray]] = []

    def add(self, before: IntArray, pair: IntArray) -> IntArray:
        """Names of new choices of ``pair`` after those named ``before``."""
        names = np.arange(self.length, self.length + pair.size)
        self._begins.append(self.length)
        self._parts.append((before, pair))
        self.length += pair.size
        return names

    def pairs(self, name: int, rows: int) -> IntArray:
        """The choices up to the one named, by place of row."""
        found = np.empty(rows, dtype=np.int64)
        for place in range(rows - 1, -1, -1):
            part = bisect_right(self._begins, name) - 1
            before, pair = self._parts[part - 1]
            at = name - self._begins[part]
            found[place], name = pair[at], int(before[at])
        return found


@dataclass(slots=True)
class _Best:
    pairs: IntArray | None
    cost: float
    reach: float


def explored(of: Desks, at: Point, judge: Judge, reach: float, margin: float, most_states: float) -> Explored:
    """The cheapest assignment of at most ``reach`` that the judge allows, better by ``margin`` than the
    next one found; ``rest`` must be filled at this point."""
    rows = _rows(of, at)
    least, most = _ahead(of, rows)
    best, states, left = _Best(None, np.inf, reach), 1, most_states
    trail = _Trail()
    waiting = [_root(of, at)]
    while waiting:
        batch = waiting.pop()
        good = np.flatnonzero(batch.bound <= best.reach)
        if not good.size:
            continue
        batch = batch.at(good) if good.size < batch.bound.size else batch
        if batch.depth == of.rows:
            _judge(batch, trail, judge, best, margin)
            continue
        batch = _extended(of, rows[batch.depth], batch, trail, at, best.reach, least, most)
        if batch.bound.size > _WORTH_COMPARING:
            batch = batch.at(_unlike(of, at, batch, most, in_order=False))
        states += batch.bound.size
        if states > left:
            return Explored(best.pairs, best.cost, False, states)
        width = _ABREAST if best.pairs is not None else _FIRST_ABREAST
        if batch.bound.size > width:
            order = np.argsort(batch.bound, kind="stable")
            waiting.append(batch.at(order[width:]))
            batch = batch.at(order[:width])
        if batch.bound.size:
            waiting.append(batch)
    return Explored(best.pairs, best.cost, True, states)


def first_found(of: Desks, at: Point, judge: Judge, reach: float, most_states: float) -> Explored:
    """The first assignment of at most ``reach`` that the judge allows: rows by place, radiologists by index.

    ``rest`` must be filled at this point. Partial assignments stay in that order all the way.
    """
    rows = _rows(of, at)
    ahead = _ahead(of, rows)
    trail, states = _Trail(), 1
    waiting = [_root(of, at)]
    while waiting:
        batch = waiting.pop()
        if batch.depth == of.rows:
            for name in batch.name.tolist():
                pairs = trail.pairs(name, of.rows)
                cost = judge(pairs)
                if cost is not None and cost <= reach:
                    return Explored(pairs, cost, True, states)
            continue
        batch = _extended(of, rows[batch.depth], batch, trail, at, reach, *ahead)
        states += batch.bound.size
        if states > most_states:
            return Explored(None, np.inf, False, states)
        batch = batch.at(_unlike(of, at, batch, ahead[1], in_order=True))
        if batch.bound.size > _FIRST_ABREAST:
            waiting.append(batch.at(np.arange(_FIRST_ABREAST, batch.bound.size)))
            batch = batch.at(np.arange(_FIRST_ABREAST))
        if batch.bound.size:
            waiting.append(batch)
    return Explored(None, np.inf, True, states)


def _unlike(of: Desks, at: Point, batch: _Batch, most: FloatArray, in_order: bool) -> IntArray:
    """Without what leaves the same, or less, to the rest as another one of the batch, and is no better.

    ``in_order``: only an earlier one counts as another. Other loads are alike where nothing ahead can fill
    them.
    """
    if batch.bound.size < 2:
        return np.arange(batch.bound.size)
    # What has been paid, without the prices of other limits: those come back where a limit is left unused.
    paid = batch.bound - batch.load @ at.other
    load = np.maximum(batch.load, of.limit - most[batch.depth])
    key = batch.room @ _keys(batch.room.shape[1])
    order = np.argsort(key, kind="stable") if in_order else np.lexsort((paid, key))
    here, before = order[1:], order[:-1]
    twins = np.flatnonzero(key[here] == key[before])
    if not twins.size:
        return np.arange(batch.bound.size)
    here, before = here[twins], before[twins]
    alike: BoolArray = (batch.room[here] == batch.room[before]).all(axis=1)
    alike &= (load[here] >= load[before]).all(axis=1)
    alike &= paid[here] >= paid[before] - _NOISE
    kept = np.ones(batch.bound.size, dtype=np.bool_)
    kept[here[alike]] = False
    return np.flatnonzero(kept)


@cache
def _keys(desks: int) -> IntArray:
    """Odd-looking factors that tell most rooms apart in one number."""
    return np.random.default_rng(0).integers(1, 2**62, desks)


def _root(of: Desks, at: Point) -> _Batch:
    load = np.zeros((1, of.limit.size))
    return _Batch(0, of.start[None, :].copy(), load, np.array([at.bound]), np.zeros(1, dtype=np.int64))


def _judge(batch: _Batch, trail: _Trail, judge: Judge, best: _Best, margin: float) -> None:
    """Keep the cheapest assignment of the batch that is allowed."""
    for place in np.argsort(batch.bound, kind="stable").tolist():
        if batch.bound[place] > best.reach:
            break
        pairs = trail.pairs(int(batch.name[place]), batch.depth)
        cost = judge(pairs)
        if cost is not None and cost < best.cost:
            best.pairs, best.cost = pairs, cost
            best.reach = min(best.reach, cost - margin)


def _extended(
    of: Desks,
    row: _Row,
    batch: _Batch,
    trail: _Trail,
    at: Point,
    reach: float,
    least: FloatArray,
    most: FloatArray,
) -> _Batch:
    table = of.rest.ravel()
    room = batch.room[:, row.desk]
    without = table.take(room + row.after)
    bound = batch.bound + (without - table.take(room + row.now)).sum(axis=1) - row.price
    taken = room - row.effort
    child = bound[:, None] + table.take(np.maximum(taken, row.base) + row.after) - without + row.cost
    child[taken < row.base] = np.inf
    if of.limit.size:
        load = batch.load[:, None, :] + row.other
        child[(load + least[batch.depth + 1] > of.limit).any(axis=2)] = np.inf
        unused = np.maximum(of.limit - load - most[batch.depth + 1], 0.0)
        fits = child + unused @ at.other <= reach
    else:
        fits = child <= reach
    parent, option = np.nonzero(fits)
    room = batch.room[parent]
    room[np.arange(parent.size), row.desk[option]] -= row.effort[option]
    load = batch.load[parent] + row.other[option]
    name = trail.add(batch.name[parent], row.pair[option])
    return _Batch(batch.depth + 1, room, load, child[parent, option], name)


def _rows(of: Desks, at: Point) -> list[_Row]:
    cost = reduced(of, np.zeros(of.rows), at.other)
    plane = of.rest.shape[1] * of.rooms
    order = np.argsort(of.row, kind="stable")
    ends = np.searchsorted(of.row[order], np.arange(of.rows + 1)).tolist()
    rows = []
    for place in range(of.rows):
        items = order[ends[place] : ends[place + 1]]
        slot, desk = of.slot[items], of.desk[items]
        rows.append(
            _Row(
                of.pair[items],
                desk,
                slot * plane,
                (slot + 1) * plane,
                desk * of.rooms,
                of.effort_at[slot, desk],
                of.other_at[slot, desk],
                cost[slot, desk],
                float(at.row[place]),
            )
        )
    return rows


def _ahead(of: Desks, rows: list[_Row]) -> tuple[FloatArray, FloatArray]:
    """Least and most that the rows from each depth on still load of the other limits."""
    least = np.zeros((len(rows) + 1, of.limit.size))
    most = np.zeros_like(least)
    for depth in range(len(rows) - 1, -1, -1):
        least[depth] = least[depth + 1] + rows[depth].other.min(axis=0)
        most[depth] = most[depth + 1] + rows[depth].other.max(axis=0)
    return least, most
