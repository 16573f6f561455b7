"""Better assignments from an assignment: two radiologists exchange a row each, or one hands a row over.

What counts is the rating minus ``penalty`` times the relative excess over limits, so the same moves relieve
what is overloaded, fill what is left and lessen strain. Ties go to the lower rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simgrid.assignment.dual import Scaled, summed
from simgrid.assignment.exchange_few import FEW, exchanged_few
from simgrid.assignment.problem import TOLERANCE, FloatArray, IntArray

# Rows of each of the two that are looked at, the nearest to indifferent first.
_ROWS = 40
# With more radiologists than this each meets only so many others in a pass.
_MEETINGS = 16
_AGAIN = 4
_FULL = 1.0 + 0.5 * TOLERANCE


@dataclass(slots=True)
class _State:
    """Row numbers are positions in ``of.rows``; loads are relative to limits."""

    of: Scaled
    members: list[IntArray]
    effort: FloatArray
    storage: FloatArray
    price: FloatArray


@dataclass(frozen=True, slots=True)
class _Offer:
    """Rows one radiologist may hand over to another, the last one nobody: gain, and loads here and there."""

    rows: IntArray
    gain: FloatArray
    here: FloatArray
    there: FloatArray
    stored_here: FloatArray
    stored_there: FloatArray


def exchanged(
    of: Scaled,
    chosen: IntArray,
    penalty: float,
    worth: float = 1.0,
    price: FloatArray | None = None,
    passes: int = 6,
) -> IntArray:
    """The assignment (radiologist of each of ``of.rows``) after exchanges that pay.

    ``worth`` multiplies the ratings; ``price`` (R,) of a full load tells which rows are nearly indifferent.
    """
    if 0 < of.rows.size <= FEW:
        return exchanged_few(of, chosen, penalty, worth)
    problem, rows = of.problem, of.rows
    R, U = of.effort.size, of.storage.size
    load = problem.pair_effort[rows, chosen] * of.effort[chosen]
    unit = of.unit_of[chosen]
    state = _State(
        of,
        [np.flatnonzero(chosen == j) for j in range(R)],
        summed(chosen, load, R),
        summed(unit, problem.stored_bytes[rows] * of.storage[unit], U),
        np.zeros(R) if price is None else price,
    )
    for _ in range(passes):
        changes = [_meet(state, k, j, penalty, worth) for k, j in _meetings(state)]
        if not any(changes):
            break
    result = chosen.copy()
    for j, members in enumerate(state.members):
        result[members] = j
    return result


def _meetings(state: _State) -> Iterator[tuple[int, int]]:
    """Pairs of radiologists, those with the most to mend first."""
    R = state.effort.size
    over = np.maximum(state.effort - _FULL, 0.0) + np.maximum(state.storage - _FULL, 0.0)[state.of.unit_of]
    need = np.where(over > 0, 1e6 + over, state.price * np.maximum(1.0 - state.effort, 0.0))
    order = np.argsort(-need, kind="stable").tolist()
    for place, k in enumerate(order):
        others = order[place + 1 :] if R <= 2 * _MEETINGS else order[-1 : -1 - _MEETINGS // 2 : -1]
        if R > 2 * _MEETINGS:
            others = [*others, *(order[(place + step) % R] for step in range(1, _MEETINGS // 2))]
        yield from ((k, j) for j in others if j != k)


def _meet(state: _State, k: int, j: int, penalty: float, worth: float) -> bool:
    changed = False
    for _ in range(_AGAIN):
        mine, yours = _offer(state, k, j, worth), _offer(state, j, k, worth)
        change = mine.gain[:, None] + yours.gain[None, :]
        after_k = state.effort[k] - mine.here[:, None] + yours.there[None, :]
        after_j = state.effort[j] + mine.there[:, None] - yours.here[None, :]
        excess = np.maximum(after_k - _FULL, 0.0) + np.maximum(after_j - _FULL, 0.0)
        before = max(state.effort[k] - _FULL, 0.0) + max(state.effort[j] - _FULL, 0.0)
        u, v = int(state.of.unit_of[k]), int(state.of.unit_of[j])
        if u != v:
            after_u = state.storage[u] - mine.stored_here[:, None] + yours.stored_there[None, :]
            after_v = state.storage[v] + mine.stored_there[:, None] - yours.stored_here[None, :]
            excess += np.maximum(after_u - _FULL, 0.0) + np.maximum(after_v - _FULL, 0.0)
            before += max(state.storage[u] - _FULL, 0.0) + max(state.storage[v] - _FULL, 0.0)
        change -= penalty * (excess - before)
        a, b = divmod(int(change.argmax()), change.shape[1])
        if not change[a, b] > 1e-10:
            return changed
        state.effort[k], state.effort[j] = after_k[a, b], after_j[a, b]
        if u != v:
            state.storage[u], state.storage[v] = after_u[a, b], after_v[a, b]
        _hand_over(state, k, j, mine.rows[a : a + 1], yours.rows[b : b + 1])
        changed = True
    return changed


def _hand_over(state: _State, k: int, j: int, mine: IntArray, yours: IntArray) -> None:
    """Exchange the rows; -1 is nobody."""
    mine, yours = mine[mine >= 0], yours[yours >= 0]
    kept_k = state.members[k][~np.isin(state.members[k], mine)]
    kept_j = state.members[j][~np.isin(state.members[j], yours)]
    state.members[k] = np.sort(np.concatenate([kept_k, yours]))
    state.members[j] = np.sort(np.concatenate([kept_j, mine]))


def _offer(state: _State, k: int, j: int, worth: float) -> _Offer:
    of, problem = state.of, state.of.problem
    rows = state.members[k]
    at = of.rows[rows]
    able = of.usable[at, j]
    rows, at = rows[able], at[able]
    gain = worth * (problem.rating[at, j] - problem.rating[at, k])
    here, there = problem.pair_effort[at, k] * of.effort[k], problem.pair_effort[at, j] * of.effort[j]
    if rows.size > _ROWS:
        indifferent = gain + state.price[k] * here - state.price[j] * there
        near = np.sort(np.argsort(-indifferent, kind="stable")[:_ROWS])
        rows, at, gain, here, there = rows[near], at[near], gain[near], here[near], there[near]
    stored = problem.stored_bytes[at]
    nobody = np.zeros(1)
    return _Offer(
        np.append(rows, -1),
        np.append(gain, nobody),
        np.append(here, nobody),
        np.append(there, nobody),
        np.append(stored * of.storage[of.unit_of[k]], nobody),
        np.append(stored * of.storage[of.unit_of[j]], nobody),
    )
