"""RBSM: every inspection goes to the radiologist who is rated best for it, whatever her load (eq. 2).

Credentials and monitor are conditions: who does not meet them is rated 0 and never chosen.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from simgrid.domain.decision import UNASSIGNED, Assignment, Team, Worklist
from simgrid.domain.scenario import Option
from simgrid.policies.ratings import Ratings
from simgrid.rating import Ontology


class Rbsm:
    """Argmax of the rating; ties go to the lowest index; a row that nobody may read waits.

    Plain: the Subspecialty node, absolute reading. ``@share``, ``@relative`` and ``@literal`` are the other
    readings of eq. 2, ``@whole-tree`` rates at the root, ``@normal-weights`` ignores urgency.
    """

    variants: ClassVar[Mapping[str, Mapping[str, Option]]] = {
        "whole-tree": {"node": "root"},
        "share": {"reading": "share"},
        "relative": {"reading": "relative"},
        "literal": {"reading": "literal"},
        "normal-weights": {"urgent_weights": False},
    }

    def __init__(
        self,
        team: Team,
        ontology: Ontology,
        *,
        node: str = "Subspecialty",
        reading: str = "absolute",
        urgent_weights: bool = True,
    ) -> None:
        self._team = team
        eligible = team.eligible(np.arange(len(team.kinds)))
        self._ratings = Ratings(
            team, ontology, eligible, node=node, reading=reading, urgent_weights=urgent_weights
        )

    def assign(self, worklist: Worklist) -> Assignment:
        """All rows at once."""
        eligible = self._team.eligible(worklist.kind)
        rating = np.where(eligible, self._ratings.of(worklist), -1.0)
        return Assignment(np.where(eligible.any(axis=1), rating.argmax(axis=1), UNASSIGNED))
