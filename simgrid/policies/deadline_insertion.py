"""Deadline insertion: row by row to the best rated of those with whom every due time still holds.

An honest eq. 8 without an integer program: rows are taken in the order of their due times and laid on a desk
behind the monitored backlog and the rows laid before (``queue_plan``). Greedy: what lies on a desk is never
moved. Limits on workload, transfer and storage (eq. 5 to 7) do not enter.
"""

from bisect import insort
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from simgrid.domain.decision import UNASSIGNED, Assignment, Relaxed, Team, Worklist
from simgrid.domain.scenario import Option
from simgrid.domain.units import FloatArray, IntArray, Seconds
from simgrid.policies.candidates import candidates
from simgrid.policies.queue_plan import ROUNDING_S, QueuePlan
from simgrid.policies.ratings import Ratings
from simgrid.rating import Ontology


class DeadlineInsertion:
    """Of the candidates (eligible, on duty where somebody is) who make nothing later: the best rated.

    Where each would make this row or another later: whoever adds the fewest late rows, then the fewest
    seconds missing, then the better rating. Ties go to the lowest index. Option ``fit`` (true): whether
    ratings enter; ``@blind-to-fit`` takes the first who makes nothing later.
    """

    variants: ClassVar[Mapping[str, Mapping[str, Option]]] = {"blind-to-fit": {"fit": False}}

    def __init__(self, team: Team, ontology: Ontology, *, fit: bool = True) -> None:
        self._team = team
        self._fit = fit
        eligible = team.eligible(np.arange(len(team.kinds)))
        self._ratings = Ratings(team, ontology, eligible)

    def assign(self, worklist: Worklist) -> Assignment:
        """A row without a candidate waits; what is late in the end is reported with its seconds."""
        allowed = candidates(self._team, worklist, feasible=True)
        rating = self._ratings.of(worklist) if self._fit else np.zeros(allowed.shape)
        plan = QueuePlan(self._team, worklist)
        chosen = np.full(len(worklist), UNASSIGNED, dtype=np.int64)
        inserting = _Inserting(plan, chosen)
        for row in sorted(range(len(worklist)), key=plan.due_s.__getitem__):
            those = np.flatnonzero(allowed[row]).tolist()
            if those:
                worth = [(*inserting.adds(row, who), -float(rating[row, who])) for who in those]
                chosen[row] = those[worth.index(min(worth))]
                inserting.insert(row, int(chosen[row]))
        planned_s = plan.response_s(chosen)
        return Assignment(chosen, _late(worklist, chosen, planned_s), planned_s)


class _Inserting:
    """The desks so far, and what each unit's rows miss."""

    def __init__(self, plan: QueuePlan, chosen: IntArray) -> None:
        self._plan = plan
        self._desks = plan.by_unit(chosen)
        self._late = dict.fromkeys(self._desks, (0, 0.0))

    def adds(self, row: int, who: int) -> tuple[int, Seconds]:
        """Rows late and seconds missing that the row would add to the whole plan."""
        unit = self._plan.unit_of[who]
        (old, old_s), desk = self._late[unit], self._desks[unit][who]
        insort(desk, row)
        new, new_s = self._plan.late(self._desks[unit])
        desk.remove(row)
        return new - old, new_s - old_s if abs(new_s - old_s) > ROUNDING_S else 0.0

    def insert(self, row: int, who: int) -> None:
        """Lay it there."""
        unit = self._plan.unit_of[who]
        insort(self._desks[unit][who], row)
        self._late[unit] = self._plan.late(self._desks[unit])


def _late(worklist: Worklist, chosen: IntArray, planned_s: FloatArray) -> tuple[Relaxed, ...]:
    rows = np.flatnonzero((chosen != UNASSIGNED) & (planned_s > worklist.required_s))
    return tuple(
        Relaxed(
            "deadline",
            int(worklist.inspection[row]),
            int(chosen[row]),
            float(planned_s[row] - worklist.required_s[row]),
        )
        for row in rows.tolist()
    )
