"""The exchanges of ``exchange`` for few rows: all weighed at once, the best one made, again and again.

Every pair of rows is an entry of a square matrix; ties go to the lower rows.
"""

from dataclasses import dataclass

import numpy as np

from simgrid.assignment.dual import Scaled, summed
from simgrid.assignment.problem import TOLERANCE, FloatArray, IntArray

# Rows from which on pairs of radiologists are quicker than all pairs of rows.
FEW = 250
_MOST = 100
# Exchanges looked at in a round.
_ABREAST = 200
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

    @property
    def shared(self) -> bool:
        """Whether storage can bind."""
        return bool(self.of.storage.any())


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
        if not _best_exchanges(table, who):
            break
    return who


def _best_exchanges(table: _Table, who: IntArray) -> bool:
    """Make the best exchanges and moves in ``who`` that do not touch each other; whether there was one."""
    at = np.arange(who.size)
    load = summed(who, table.effort[at, who], table.effort.shape[1])
    moves, swaps = _moves(table, who, load), np.triu(_swaps(table, who, load))
    gain = np.concatenate([moves.ravel(), swaps.ravel()])
    best = np.flatnonzero(gain > _LEAST)
    if best.size > _ABREAST:
        best = np.sort(best[np.argpartition(-gain[best], _ABREAST)[:_ABREAST]])
    touched: set[tuple[str, int]] = set()
    for place in best[np.argsort(-gain[best], kind="stable")].tolist():
        row, column = divmod(place, moves.shape[1])
        other = -1
        if place >= moves.size:
            row, other = divmod(place - moves.size, who.size)
            column = int(who[other])
        desks = (int(who[row]), column)
        concerned = {("desk", desk) for desk in desks}
        concerned |= {("unit", int(table.of.unit_of[desk])) for desk in desks if table.shared}
        if touched & concerned:
            continue
        touched |= concerned
        if other >= 0:
            who[other] = desks[0]
        who[row] = column
    return best.size > 0


def _over(load: FloatArray) -> FloatArray:
    return np.maximum(load - _FULL, 0.0)


def _moves(table: _Table, who: IntArray, load: FloatArray) -> FloatArray:
    """What every row gains by going to every radiologist, (S, R)."""
    at = np.arange(who.size)
    own = table.effort[at, who]
    gain = table.worth - table.worth[at, who][:, None]
    excess = _over(load + table.effort) - _over(load)
    excess += (_over(load[who] - own) - _over(load[who]))[:, None]
    if table.shared:
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
    if table.shared:
        unit = table.of.unit_of[who]
        own = table.stored[at, unit]
        space = summed(unit, own, table.stored.shape[1])
        left = _over((space[unit] - own)[:, None] + table.stored[:, unit].T) - _over(space[unit])[:, None]
        excess += np.where(unit[:, None] != unit[None, :], left, 0.0)
    one_side = gain - table.penalty * excess
    both: FloatArray = one_side + one_side.T
    both[who[:, None] == who[None, :]] = -np.inf
    return both
