"""Answers without a solver: the gate most batches pass, and a constructed answer for when time is short."""

import numpy as np

from simgrid.assignment.answer import UNASSIGNED, relaxations, strain_of
from simgrid.assignment.problem import AssignmentProblem, BoolArray, FloatArray, IntArray


def best_rated(problem: AssignmentProblem, usable: BoolArray) -> IntArray:
    """Each row's best usable radiologist, ties to the lowest; -1 where there is none.

    When this keeps every limit it is optimal: no row can do better.
    """
    S, R, _ = problem.shape
    if not R:
        return np.full(S, UNASSIGNED, dtype=np.int64)
    rating = np.where(usable, problem.rating, -np.inf)
    return np.where(usable.any(axis=1), rating.argmax(axis=1), UNASSIGNED).astype(np.int64)


def constructed(problem: AssignmentProblem, usable: BoolArray) -> IntArray:
    """An assignment of every row that has a usable radiologist, with little strain and then a good rating.

    Rows are placed one by one where they strain least; two orders are tried, the rows with most to lose
    first and the heaviest first, and single rows are moved while that helps.
    """
    load = _Loads(problem)
    rows = np.flatnonzero(usable.any(axis=1))
    rating = np.where(usable, problem.rating, -np.inf)
    best, best_key = best_rated(problem, usable), (np.inf, np.inf, 0.0)
    for order in (_by_regret(rating, rows), _by_weight(load, usable, rows)):
        assignment = _placed(problem, load, rating, order)
        relaxed = relaxations(problem, assignment)
        total = rating[rows, assignment[rows]].sum()
        key = (*strain_of(problem, relaxed), -float(total))
        if key < best_key:
            best, best_key = assignment, key
    return best


class _Loads:
    """Relative loads: effort / limit of every pair, stored bytes / free bytes of every row and unit.

    Limits of 0 are left to ``usable_pairs``; limits of inf weigh nothing.
    """

    def __init__(self, problem: AssignmentProblem) -> None:
        limit, free = problem.effort_limit, problem.storage_bytes
        self.effort = problem.pair_effort * _inverse(limit)
        self.storage = problem.stored_bytes[:, None] * _inverse(free)[None, :]
        self.unit_of = problem.unit_of
        self.has_storage = bool(free.size)

    def clear(self) -> None:
        self.on_radiologist = np.zeros(self.effort.shape[1])
        self.on_unit = np.zeros(self.storage.shape[1])

    def strain(self, row: int) -> FloatArray:
        """Excess that the row would add, per radiologist."""
        added = _added(self.on_radiologist, self.effort[row])
        if self.has_storage:
            added = added + _added(self.on_unit, self.storage[row])[self.unit_of]
        return added

    def put(self, row: int, radiologist: int, sign: float) -> None:
        self.on_radiologist[radiologist] += sign * self.effort[row, radiologist]
        if self.has_storage:
            unit = self.unit_of[radiologist]
            self.on_unit[unit] += sign * self.storage[row, unit]


def _inverse(limit: FloatArray) -> FloatArray:
    return np.divide(1.0, limit, out=np.zeros(limit.shape), where=limit > 0)


def _added(load: FloatArray, weight: FloatArray) -> FloatArray:
    return np.maximum(load + weight - 1.0, 0.0) - np.maximum(load - 1.0, 0.0)


def _by_regret(rating: FloatArray, rows: IntArray) -> IntArray:
    if rating.shape[1] < 2:
        return rows
    two = -np.partition(-rating[rows], 1, axis=1)[:, :2]
    return rows[np.argsort(two[:, 1] - two[:, 0], kind="stable")]


def _by_weight(load: _Loads, usable: BoolArray, rows: IntArray) -> IntArray:
    weight = load.effort + (load.storage[:, load.unit_of] if load.has_storage else 0.0)
    least = np.where(usable, weight, np.inf)[rows].min(axis=1, initial=np.inf)
    return rows[np.argsort(-least, kind="stable")]


def _placed(problem: AssignmentProblem, load: _Loads, rating: FloatArray, order: IntArray) -> IntArray:
    assignment = np.full(problem.shape[0], UNASSIGNED, dtype=np.int64)
    load.clear()
    for row in order.tolist():
        _place(load, rating, assignment, row)
    for _ in range(2):
        before = assignment.copy()
        for row in order.tolist():
            load.put(row, int(assignment[row]), -1.0)
            _place(load, rating, assignment, row)
        if np.array_equal(before, assignment):
            break
    return assignment


def _place(load: _Loads, rating: FloatArray, assignment: IntArray, row: int) -> None:
    strain = np.where(np.isneginf(rating[row]), np.inf, load.strain(row))
    radiologist = int(np.where(strain <= strain.min() + 1e-12, rating[row], -np.inf).argmax())
    load.put(row, radiologist, 1.0)
    assignment[row] = radiologist
