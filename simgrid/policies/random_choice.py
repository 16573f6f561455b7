"""Random: every radiologist is as likely as any other; ``@feasible`` draws among those who may read it.

The draw belongs to the inspection, so an inspection meets the same fate whenever it is decided.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from simgrid.domain.decision import UNASSIGNED, Assignment, Team, Worklist
from simgrid.domain.scenario import Option
from simgrid.policies.candidates import candidates
from simgrid.rating import Ontology

LUCK = 0
"""The column of ``Worklist.luck`` that this policy uses."""


class RandomChoice:
    """Picks candidate number floor(u n) of the n candidates in index order."""

    variants: ClassVar[Mapping[str, Mapping[str, Option]]] = {"feasible": {"feasible": True}}

    def __init__(self, team: Team, ontology: Ontology, *, feasible: bool = False) -> None:
        self._team = team
        self._feasible = feasible

    def assign(self, worklist: Worklist) -> Assignment:
        """All rows at once; a row without a candidate waits."""
        allowed = candidates(self._team, worklist, self._feasible)
        count = allowed.sum(axis=1)
        # u just below 1 times a large n may round up to n.
        place = np.minimum((worklist.luck[:, LUCK] * count).astype(np.int64), np.maximum(count - 1, 0))
        chosen = np.argmax(np.cumsum(allowed, axis=1) > place[:, None], axis=1)
        return Assignment(np.where(count > 0, chosen, UNASSIGNED))
