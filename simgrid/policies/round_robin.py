"""Round robin: the next radiologist in order; ``@feasible`` takes the next one who may read the study."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from simgrid.domain.decision import UNASSIGNED, Assignment, Team, Worklist
from simgrid.domain.scenario import Option
from simgrid.policies.candidates import candidates
from simgrid.rating import Ontology


class RoundRobin:
    """Goes round the team and remembers where it stopped, from one worklist to the next."""

    variants: ClassVar[Mapping[str, Mapping[str, Option]]] = {"feasible": {"feasible": True}}

    def __init__(self, team: Team, ontology: Ontology, *, feasible: bool = False) -> None:
        self._team = team
        self._feasible = feasible
        self._next = 0

    def updated(self, team: Team) -> "RoundRobin":
        """Go on in the same round."""
        self._team = team
        return self

    def assign(self, worklist: Worklist) -> Assignment:
        """One turn a row; a row that nobody may read takes no turn and waits."""
        count = len(self._team.radiologists)
        chosen = np.full(len(worklist), UNASSIGNED, dtype=np.int64)
        for row, allowed in enumerate(candidates(self._team, worklist, self._feasible)):
            turns = np.flatnonzero(np.roll(allowed, -self._next))
            if len(turns):
                chosen[row] = (self._next + turns[0]) % count
                self._next = int(chosen[row] + 1) % count
        return Assignment(chosen)
