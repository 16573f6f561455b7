"""A plan that the queue would make late, changed row by row until no single change makes it better.

Better means, in this order: fewer rows that miss eq. 7 or 8 with the queue, fewer seconds missing in all,
less strain on eq. 5 and 6, a higher rating. That is the order in which RWOA lets conditions give way, rows
before seconds because eq. 9 counts rows. A change moves one row to another eligible radiologist. It is a
local search from a good plan, not an optimum: two rows that would have to change places stay, and it ends
after ``WORK``. It draws nothing and looks at no clock, so every machine mends alike.
"""

from __future__ import annotations

from bisect import insort
from typing import TypeAlias

import numpy as np

from simgrid.assignment import AssignmentProblem
from simgrid.domain.decision import UNASSIGNED
from simgrid.domain.units import BoolArray, IntArray
from simgrid.policies.queue_plan import QueuePlan

WORK = 1_000_000
"""Rows planned for one batch at most: about a second of computing. 100 rows at once for 6 radiologists take
up to a tenth of it."""
_EQUAL = 1e-6

_Worth: TypeAlias = tuple[int, float, float, float, float]
"""What a change costs: rows late, seconds missing, strain on limits of 0 and on others, rating lost."""
_NOTHING: _Worth = (0, 0.0, 0.0, 0.0, 0.0)


def mended(
    plan: QueuePlan, problem: AssignmentProblem, eligible: BoolArray, radiologist: IntArray
) -> IntArray:
    """The plan, or a better one; a plan in which no row is late is returned as it is.

    ``eligible`` (S, R): pairs that may be used, those that are late included; ``radiologist`` (S,).
    """
    state = _State(plan, problem, radiologist)
    if not state.late:
        return radiologist
    others = [np.flatnonzero(row).tolist() for row in eligible]
    in_due_order = sorted(range(len(radiologist)), key=plan.due_s.__getitem__)
    assigned = [row for row in in_due_order if radiologist[row] != UNASSIGNED]
    changed = True
    while changed and plan.work < WORK:
        changed = False
        for row in assigned:
            changed |= state.change(row, others[row])
            if plan.work >= WORK:
                break
    return np.array(state.chosen, dtype=np.int64)


class _State:
    """A plan in work: who has what, and what every desk and limit bears."""

    def __init__(self, plan: QueuePlan, problem: AssignmentProblem, radiologist: IntArray) -> None:
        self._plan = plan
        self.chosen: list[int] = radiologist.tolist()
        self._desks = plan.by_unit(radiologist)
        self._late = {unit: plan.late(desks) for unit, desks in self._desks.items()}
        self._rating = problem.rating.tolist()
        self._effort = _Loads(problem.effort_limit.tolist(), problem.pair_effort[:, 0].tolist())
        self._storage = _Loads(problem.storage_bytes.tolist(), problem.stored_bytes.tolist())
        self._stored = bool(problem.storage_bytes.size)
        for row, who in enumerate(self.chosen):
            if who != UNASSIGNED:
                self._bear(row, who, 1)

    @property
    def late(self) -> int:
        """Rows of the whole plan that miss eq. 7 or 8."""
        return sum(rows for rows, _ in self._late.values())

    def change(self, row: int, others: list[int]) -> bool:
        """Move the row to whoever makes the plan best; false where it lies best where it is."""
        best, goes = _NOTHING, self.chosen[row]
        for who in others:
            if who != self.chosen[row]:
                worth = self._worth(row, who)
                if _better(worth, best):
                    best, goes = worth, who
        if goes == self.chosen[row]:
            return False
        self._move(row, goes)
        return True

    def _worth(self, row: int, who: int) -> _Worth:
        before, unit_of = self.chosen[row], self._plan.unit_of
        units = {unit_of[before], unit_of[who]}
        rows, missing_s = 0, 0.0
        self._lay(row, who)
        for unit in sorted(units):
            (new, new_s), (old, old_s) = self._plan.late(self._desks[unit]), self._late[unit]
            rows, missing_s = rows + new - old, missing_s + new_s - old_s
        self._lay(row, before)
        closed, relative = self._effort.added(row, before, who)
        if self._stored and unit_of[before] != unit_of[who]:
            more = self._storage.added(row, unit_of[before], unit_of[who])
            closed, relative = closed + more[0], relative + more[1]
        return rows, missing_s, closed, relative, self._rating[row][before] - self._rating[row][who]

    def _lay(self, row: int, who: int) -> None:
        unit_of, before = self._plan.unit_of, self.chosen[row]
        self._desks[unit_of[before]][before].remove(row)
        insort(self._desks[unit_of[who]][who], row)
        self.chosen[row] = who

    def _move(self, row: int, who: int) -> None:
        before, unit_of = self.chosen[row], self._plan.unit_of
        self._bear(row, before, -1)
        self._lay(row, who)
        self._bear(row, who, 1)
        for unit in {unit_of[before], unit_of[who]}:
            self._late[unit] = self._plan.late(self._desks[unit])

    def _bear(self, row: int, who: int, times: int) -> None:
        self._effort.bear(row, who, times)
        if self._stored:
            self._storage.bear(row, self._plan.unit_of[who], times)


class _Loads:
    """What the limits of eq. 5 or of eq. 6 bear, and by how much a move strains them more."""

    def __init__(self, limits: list[float], amounts: list[float]) -> None:
        self._limits, self._amounts = limits, amounts
        self._loads = [0.0] * len(limits)
        self._largest = max(amounts, default=0.0) or 1.0

    def bear(self, row: int, index: int, times: int) -> None:
        self._loads[index] += times * self._amounts[row]

    def added(self, row: int, before: int, after: int) -> tuple[float, float]:
        """Strain on a limit of 0, in largest amounts, and relative strain on others."""
        amount, closed, relative = self._amounts[row], 0.0, 0.0
        for index, more in ((before, -amount), (after, amount)):
            limit, load = self._limits[index], self._loads[index]
            excess = max(load + more - limit, 0.0) - max(load - limit, 0.0)
            if limit > 0:
                relative += excess / limit
            else:
                closed += excess / self._largest
        return closed, relative


def _better(one: _Worth, other: _Worth) -> bool:
    """Whether the first costs less; what differs by rounding alone is equal."""
    for a, b in zip(one, other, strict=True):
        if abs(a - b) > _EQUAL:
            return a < b
    return False
