"""The exchanges of ``exchange`` for few rows: all weighed at once, the best one made, again and again.

Every pair of rows is an entry of a square matrix; ties go to the lower rows.
"""

from dataclasses import dataclass

import numpy as np

from simgrid.assignment.dual import Scaled, summed
from simgrid.assignment.problem import TOLERANCE, FloatArray, IntArray

# Rows from which on pairs of radiologists are quicker than all pairs of rows.
FEW = 120
_MOST = 100
_FULL = 1.0 + 0.5 * TOLERANCE
# Gains below this are rounding.
_LEAST = 1e-10


@dataclass(frozen=True, slots=True)
class _Table:
    """All pairs: ``worth`` (-inf where not usable), load ``effort`` (S, R), ``stored`` (S, U)."""

    of: Scaled
    worth: FloatArray
    effort: FloatArray
    stored: FloatArray
    penalty: float


def exchanged_few(of: Scaled, chosen: IntArray, penalty: float, worth: float) -> IntArray:
    """The assignment after the exchanges that pay most, one by one."""
    problem, rows = of.problem, of.rows
    table = _Table(
        of,
        np.where(of.usable[rows], worth * problem.rating[rows], -np.inf),
        problem.pair_effort[rows] * of.effort,
        problem.stored_bytes[rows][:, None] * of.storage,
        penalty,
    )
    who = chosen.copy()
    for _ in range(_MOST):
        if not _best_exchange(table, who):
            break
    return who


def _best_exchange(table: _Table, who: IntArray) -> bool:
    """Make the best exchange or move in ``who``; whether there was one."""
    at = np.arange(who.size)
    load = summed(who, table.effort[at, who], table.effort.shape[1])
    moves = _moves(table, who, load)
    swaps = _swaps(table, who, load)
    move, swap = int(moves.argmax()), int(swaps.argmax())
    if moves.flat[move] >= swaps.flat[swap]:
        best, (row, to) = moves.flat[move], divmod(move, moves.shape[1])
        if best > _LEAST:
            who[row] = to
    else:
        best, (row, other) = swaps.flat[swap], divmod(swap, who.size)
        if best > _LEAST:
            who[row], who[other] = who[other], who[row]
    return bool(best > _LEAST)


def _over(load: FloatArray) -> FloatArray:
    return np.maximum(load - _FULL, 0.0)


def _moves(table: _Table, who: IntArray, load: FloatArray) -> FloatArray:
    """What every row gains by going to every radiologist, (S, R)."""
    at = np.arange(who.size)
    own = table.effort[at, who]
    gain = table.worth - table.worth[at, who][:, None]
    excess = _over(load + table.effort) - _over(load)
    excess += (_over(load[who] - own) - _over(load[who]))[:, None]
    if table.stored.any():
        unit_of = table.of.unit_of
        unit, bytes_own = unit_of[who], table.stored[at, unit_of[who]]
        space = summed(unit, bytes_own, table.stored.shape[1])
        there = (_over(space + table.stored) - _over(space))[:, unit_of]
        here = (_over(space[unit] - bytes_own) - _over(space[unit]))[:, None]
        excess += np.where(unit_of[None, :] != unit[:, None], there + here, 0.0)
    gain -= table.penalty * excess
    gain[at, who] = -np.inf
    return gain


def _swaps(table: _Table, who: IntArray, load: FloatArray) -> FloatArray:
    """What every two rows gain by changing places, (S, S)."""
    at = np.arange(who.size)
    gain = table.worth[:, who] - table.worth[at, who][:, None]
    rest = load[who] - table.effort[at, who]
    excess = _over(rest[:, None] + table.effort[:, who].T) - _over(load)[who][:, None]
    if table.stored.any():
        unit = table.of.unit_of[who]
        own = table.stored[at, unit]
        space = summed(unit, own, table.stored.shape[1])
        left = _over((space[unit] - own)[:, None] + table.stored[:, unit].T) - _over(space[unit])[:, None]
        excess += np.where(unit[:, None] != unit[None, :], left, 0.0)
    one_side = gain - table.penalty * excess
    both: FloatArray = one_side + one_side.T
    both[who[:, None] == who[None, :]] = -np.inf
    return both
