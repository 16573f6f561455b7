"""Shortest queue: whoever has the fewest studies unfinished; ``@minutes`` counts their expected time."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from simgrid.domain.decision import UNASSIGNED, Assignment, Team, Worklist
from simgrid.domain.scenario import Option
from simgrid.policies.candidates import candidates
from simgrid.rating import Ontology


class ShortestQueue:
    """Row by row, counting what it gives away itself; ties go to the lowest index."""

    variants: ClassVar[Mapping[str, Mapping[str, Option]]] = {
        "feasible": {"feasible": True},
        "minutes": {"minutes": True},
    }

    def __init__(
        self, team: Team, ontology: Ontology, *, feasible: bool = False, minutes: bool = False
    ) -> None:
        self._team = team
        self._feasible = feasible
        self._minutes = minutes

    def assign(self, worklist: Worklist) -> Assignment:
        """A row without a candidate waits."""
        if self._minutes:
            queue, costs = worklist.desks.queue_s.copy(), self._team.reading_s.T[worklist.kind]
        else:
            queue = worklist.desks.queue_count.astype(np.float64)
            costs = np.ones((len(worklist), len(queue)))
        chosen = np.full(len(worklist), UNASSIGNED, dtype=np.int64)
        for row, allowed in enumerate(candidates(self._team, worklist, self._feasible)):
            if allowed.any():
                shortest = int(np.argmin(np.where(allowed, queue, np.inf)))
                chosen[row] = shortest
                queue[shortest] += costs[row, shortest]
        return Assignment(chosen)
