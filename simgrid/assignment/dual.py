"""Prices for limits without a solver: the Lagrangian dual, smoothed, for problems too large for a linear
programme.

Relaxing the limits gives, for any prices >= 0, an upper bound on the rating: each row takes its best pair
after paying for what it loads, plus the sum of the prices (limits are scaled to 1). The dual is flat
between kinks; a softmax over each row's pairs makes it smooth, and the temperature falls as the prices
settle. Rows keep few columns for that; every bound is taken over all pairs, block by block.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from simgrid.assignment.problem import TOLERANCE, AssignmentProblem, BoolArray, FloatArray, IntArray

# Numbers in a block of rows: small enough for the memory, large enough for numpy.
_BLOCK = 2_000_000
_COLUMNS = 24
# Numbers in the sample of rows that the first prices come from.
_SAMPLE = 300_000
# Temperatures relative to the spread of the ratings, and steps at each.
_TEMPERATURES = (0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001)
_STEPS = 14
_MEMORY = 8
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Scaled:
    """Loads over limits of 1: ``effort`` (R,) and ``storage`` (U,) are 1 / limit, 0 where nothing binds."""

    problem: AssignmentProblem
    usable: BoolArray
    rows: IntArray
    effort: FloatArray
    storage: FloatArray

    @property
    def unit_of(self) -> IntArray:
        """Unit of each radiologist; all 0 without storage."""
        return self.problem.unit_of


@dataclass(frozen=True, slots=True)
class Columns:
    """The best few pairs of each row, best first: radiologist, rating and scaled loads, all (rows, few)."""

    radiologist: IntArray
    rating: FloatArray
    effort: FloatArray
    storage: FloatArray


@dataclass(frozen=True, slots=True)
class Prices:
    """``effort`` (R,) and ``storage`` (U,) prices, and the ``bound`` on the rating that they prove."""

    effort: FloatArray
    storage: FloatArray
    bound: float


def scaled(problem: AssignmentProblem, usable: BoolArray) -> Scaled:
    """The problem over its rows with a usable pair."""
    return Scaled(
        problem,
        usable,
        np.flatnonzero(usable.any(axis=1)),
        _inverse(problem.effort_limit),
        _inverse(problem.storage_bytes) if problem.storage_bytes.size else np.zeros(1),
    )


def _inverse(limit: FloatArray) -> FloatArray:
    return np.divide(1.0, limit, out=np.zeros(limit.shape), where=(limit > 0) & np.isfinite(limit))


def net_rating(of: Scaled, effort: FloatArray, storage: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
    """Rating after prices of all pairs, a block of rows at a time; -inf where a pair may not be used."""
    problem = of.problem
    per_effort, per_byte = effort * of.effort, (storage * of.storage)[of.unit_of]
    step = max(1, _BLOCK // max(1, problem.rating.shape[1]))
    stored = problem.stored_bytes
    for begin in range(0, of.rows.size, step):
        at = of.rows[begin : begin + step]
        block = problem.rating[at]
        block -= problem.pair_effort[at] * per_effort
        if per_byte.any():
            block -= stored[at][:, None] * per_byte
        block[~of.usable[at]] = -np.inf
        yield slice(begin, begin + at.size), block


def prices(of: Scaled, enough: Callable[[Prices, Columns], bool]) -> Prices:
    """Prices of nearly the least bound; ``enough`` may end the search when they are good enough."""
    R = of.effort.size
    point = _sampled(of)
    columns, bound = _priced(of, point, R, _COLUMNS)
    best = Prices(point[:R], point[R:], bound)
    for turn in range(_ROUNDS):
        point = _cooled(of, columns, point, _TEMPERATURES[2 * turn + 1 :])
        columns, bound = _priced(of, point, R, _COLUMNS)
        if bound < best.bound:
            best = Prices(point[:R], point[R:], bound)
        if enough(best, columns):
            break
    return best


def _sampled(of: Scaled) -> FloatArray:
    """Prices from every n-th row with all its columns, the limits shared out likewise."""
    R, U = of.effort.size, of.storage.size
    every = max(1, of.rows.size * R // _SAMPLE)
    part = replace(of, rows=of.rows[::every], effort=of.effort * every, storage=of.storage * every)
    start = np.zeros(R + U)
    columns, _ = _priced(part, start, R, R)
    return _cooled(part, columns, start, _TEMPERATURES) * every


def _cooled(of: Scaled, columns: Columns, point: FloatArray, heats: Sequence[float]) -> FloatArray:
    free = np.concatenate([of.effort > 0, of.storage > 0])
    spread = float(np.std(columns.rating[np.isfinite(columns.rating)])) or 1.0
    for heat in heats:
        point = _descend(partial(_smooth, of, columns, heat * spread), point, free)
    return point


def _priced(of: Scaled, point: FloatArray, R: int, few: int) -> tuple[Columns, float]:
    """The best columns of each row at these prices, and the bound over all pairs."""
    few = min(few, R)
    chosen = np.empty((of.rows.size, few), dtype=np.int64)
    best = np.empty(of.rows.size)
    for where, net in net_rating(of, point[:R], point[R:]):
        if few < R:
            part = np.argpartition(-net, few - 1, axis=1)[:, :few]
        else:
            part = np.broadcast_to(np.arange(R), net.shape)
        chosen[where] = part
        best[where] = net.max(axis=1)
    problem, rows = of.problem, of.rows[:, None]
    usable = of.usable[rows, chosen]
    columns = Columns(
        chosen,
        np.where(usable, problem.rating[rows, chosen], -np.inf),
        problem.pair_effort[rows, chosen] * of.effort[chosen],
        problem.stored_bytes[rows] * of.storage[of.unit_of[chosen]],
    )
    # Limits may be exceeded by the tolerance.
    return columns, math.fsum(best.tolist()) + float(point.sum()) * (1 + TOLERANCE)


def net_of(of: Scaled, columns: Columns, effort: FloatArray, storage: FloatArray) -> FloatArray:
    """Rating after prices of the columns."""
    net = columns.rating - columns.effort * effort[columns.radiologist]
    if storage.any():
        net -= columns.storage * storage[of.unit_of[columns.radiologist]]
    return net


def summed(owner: IntArray, amount: FloatArray, owners: int) -> FloatArray:
    """Sum of the amounts of each owner."""
    return np.bincount(owner.ravel(), amount.ravel(), owners).astype(np.float64)


def _smooth(of: Scaled, columns: Columns, heat: float, point: FloatArray) -> tuple[float, FloatArray]:
    R, U = of.effort.size, of.storage.size
    net = net_of(of, columns, point[:R], point[R:])
    top = net.max(axis=1)
    part = np.exp((net - top[:, None]) / heat)
    total = part.sum(axis=1)
    part /= total[:, None]
    value = float(top.sum() + heat * np.log(total).sum() + point.sum())
    load = summed(columns.radiologist, part * columns.effort, R)
    slope = np.concatenate([1.0 - load, np.ones(U)])
    if of.storage.any():
        slope[R:] -= summed(of.unit_of[columns.radiologist], part * columns.storage, U)
    return value, slope


def _descend(
    function: Callable[[FloatArray], tuple[float, FloatArray]], start: FloatArray, free: BoolArray
) -> FloatArray:
    """A few projected quasi-Newton steps (limited memory) over ``point >= 0``."""
    point = start
    value, slope = function(point)
    steps: list[tuple[FloatArray, FloatArray]] = []
    for _ in range(_STEPS):
        moving = free & ((point > 0) | (slope < 0))
        direction = _direction(np.where(moving, slope, 0.0), steps)
        direction[~moving] = 0.0
        if direction @ slope >= 0:
            direction, steps = np.where(moving, -slope, 0.0), []
        length = 1.0 if steps else min(1.0, 0.1 * (1 + np.abs(point).max()) / (np.abs(slope).max() + 1e-300))
        for _ in range(12):
            candidate = np.maximum(point + length * direction, 0.0)
            there, slope_there = function(candidate)
            if there <= value + 1e-4 * float(slope @ (candidate - point)):
                break
            length *= 0.35
        else:
            break
        change, bend = candidate - point, slope_there - slope
        if change @ bend > 1e-12 * float(bend @ bend):
            steps = [*steps[1 - _MEMORY :], (change, bend)]
        small = value - there <= 1e-9 * abs(value)
        point, value, slope = candidate, there, slope_there
        if small:
            break
    return point


def _direction(slope: FloatArray, steps: list[tuple[FloatArray, FloatArray]]) -> FloatArray:
    """The two loops of limited-memory BFGS."""
    vector, kept = slope.copy(), []
    for change, bend in reversed(steps):
        share = float(change @ vector) / float(change @ bend)
        vector -= share * bend
        kept.append(share)
    if steps:
        change, bend = steps[-1]
        vector *= float(change @ bend) / float(bend @ bend)
    for (change, bend), share in zip(steps, reversed(kept), strict=True):
        vector += (share - float(bend @ vector) / float(change @ bend)) * change
    return -vector
