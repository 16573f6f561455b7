"""From prices to an assignment that keeps the limits: move what overloads at least loss, then fill what is
left.

Every row starts at its best column after prices. Rows of an overloaded radiologist or unit go where there
is room, least loss after prices for each unit of load first; then rows move to where they rate higher as
long as there is room. Ties go to the lower row and the better column.
"""

from dataclasses import dataclass

import numpy as np

from simgrid.assignment.dual import Columns, Prices, Scaled, net_of, summed
from simgrid.assignment.problem import TOLERANCE, FloatArray, IntArray

_ROUNDS = 12
# Moves looked at in a round, best first.
_MOVES = 60_000
_FULL = 1.0 + 0.5 * TOLERANCE


@dataclass(slots=True)
class _Desk:
    """An assignment as column numbers, and the loads it causes, as lists for quick single moves."""

    of: Scaled
    columns: Columns
    choice: IntArray
    effort: list[float]
    storage: list[float]

    @classmethod
    def at(cls, of: Scaled, columns: Columns, choice: IntArray) -> "_Desk":
        desk = cls(of, columns, choice, [], [])
        desk.count()
        return desk

    def count(self) -> None:
        """Sum the loads afresh."""
        who, stored = self.who(), self.taken(self.columns.storage)
        self.effort = summed(who, self.taken(self.columns.effort), self.of.effort.size).tolist()
        self.storage = summed(self.of.unit_of[who], stored, self.of.storage.size).tolist()

    def taken(self, table: FloatArray) -> FloatArray:
        """The values of the chosen columns."""
        return table[np.arange(self.choice.size), self.choice]

    def who(self) -> IntArray:
        """The chosen radiologists."""
        return self.columns.radiologist[np.arange(self.choice.size), self.choice]

    def over(self) -> tuple[FloatArray, FloatArray]:
        """Overload of each radiologist and unit."""
        return np.maximum(np.array(self.effort) - _FULL, 0.0), np.maximum(np.array(self.storage) - _FULL, 0.0)


def repaired(of: Scaled, columns: Columns, prices: Prices) -> IntArray:
    """The radiologist of each of ``of.rows``; keeps every limit where that was found."""
    net = net_of(of, columns, prices.effort, prices.storage)
    desk = _Desk.at(of, columns, net.argmax(axis=1))
    for _ in range(_ROUNDS):
        if not _relieve(desk, net):
            break
    if not any(excess.any() for excess in desk.over()):
        for _ in range(_ROUNDS):
            if not _improve(desk):
                break
    return desk.who()


def _relieve(desk: _Desk, net: FloatArray) -> int:
    """Move rows off what is overloaded; how many moved."""
    desk.count()
    over, over_unit = desk.over()
    if not (over.any() or over_unit.any()):
        return 0
    unit_of, columns = desk.of.unit_of, desk.columns
    who = desk.who()
    burdened = np.flatnonzero((over[who] > 0) | (over_unit[unit_of[who]] > 0))
    loss = net[burdened, desk.choice[burdened]][:, None] - net[burdened]
    freed = np.where(over[who[burdened]] > 0, desk.taken(columns.effort)[burdened], 0.0)
    freed = freed + np.where(
        over_unit[unit_of[who[burdened]]] > 0, desk.taken(columns.storage)[burdened], 0.0
    )
    worth = loss / (freed[:, None] + 1e-300)
    worth[np.arange(burdened.size), desk.choice[burdened]] = np.inf
    moves = _best(worth, _MOVES)
    return _move(desk, burdened[moves[0]], moves[1], relieve=True)


def _improve(desk: _Desk) -> int:
    """Move rows to where they rate higher; how many moved."""
    desk.count()
    columns = desk.columns
    gain = columns.rating - desk.taken(columns.rating)[:, None]
    room, space = 1.0 - np.array(desk.effort), 1.0 - np.array(desk.storage)
    who = columns.radiologist
    fits = (columns.effort <= room[who] + TOLERANCE) | (columns.effort == 0)
    other = desk.of.unit_of[who] != desk.of.unit_of[desk.who()][:, None]
    fits &= ~other | (columns.storage <= space[desk.of.unit_of[who]] + TOLERANCE) | (columns.storage == 0)
    worth = np.where((gain > 0) & fits, -gain, np.inf)
    moves = _best(worth, _MOVES)
    return _move(desk, *moves, relieve=False)


def _best(worth: FloatArray, most: int) -> tuple[IntArray, IntArray]:
    flat = worth.ravel()
    finite = np.flatnonzero(np.isfinite(flat))
    if finite.size > most:
        finite = np.sort(finite[np.argpartition(flat[finite], most)[:most]])
    row, column = np.divmod(finite[np.argsort(flat[finite], kind="stable")], worth.shape[1])
    return row, column


def _move(desk: _Desk, rows: IntArray, to: IntArray, relieve: bool) -> int:
    """Make the moves one by one where there is room, one a row, and with ``relieve`` only while needed."""
    columns, unit_of = desk.columns, desk.of.unit_of
    source = columns.radiologist[rows, desk.choice[rows]]
    target = columns.radiologist[rows, to]
    amounts = zip(
        rows.tolist(),
        to.tolist(),
        source.tolist(),
        target.tolist(),
        unit_of[source].tolist(),
        unit_of[target].tolist(),
        columns.effort[rows, desk.choice[rows]].tolist(),
        columns.effort[rows, to].tolist(),
        columns.storage[rows, desk.choice[rows]].tolist(),
        columns.storage[rows, to].tolist(),
        strict=True,
    )
    effort, storage, moved = desk.effort, desk.storage, set[int]()
    for row, column, j, k, u, v, load_j, load_k, stored_u, stored_v in amounts:
        if row in moved or (relieve and effort[j] <= _FULL and storage[u] <= _FULL):
            continue
        if load_k > 0 and effort[k] + load_k > _FULL:
            continue
        if u != v and stored_v > 0 and storage[v] + stored_v > _FULL:
            continue
        effort[j] -= load_j
        effort[k] += load_k
        storage[u] -= stored_u
        storage[v] += stored_v
        desk.choice[row] = column
        moved.add(row)
    return len(moved)
