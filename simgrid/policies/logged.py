"""Logged: every study to the radiologist whom the replayed log names, whatever that means for anybody.

So that what was decided by hand can stand beside other policies in the same simulation. Only a scenario that
replays a log has it, and only where the log names one of the scenario's radiologists for every request: a
scenario with any other is refused before it runs.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from simgrid.domain.decision import UNASSIGNED, Assignment, Team, Worklist
from simgrid.domain.scenario import Option
from simgrid.rating import Ontology


class Logged:
    """No options. Who reads what she may not, or off duty, does so here too: the log is not corrected."""

    variants: ClassVar[Mapping[str, Mapping[str, Option]]] = {}

    def __init__(self, team: Team, ontology: Ontology) -> None:
        self._radiologists = len(team.radiologists)

    def assign(self, worklist: Worklist) -> Assignment:
        """As the log says; a row for which it says nothing waits.

        :raises ValueError: the worklist is of no replayed log, or of one of another team.
        """
        if worklist.logged is None:
            raise ValueError("logged: these inspections come from no log: replay one (demand: {log: ...})")
        who = np.asarray(worklist.logged, dtype=np.int64)
        if len(who) and who.max() >= self._radiologists:
            raise ValueError(f"logged: radiologist {who.max()} of a team of {self._radiologists}")
        return Assignment(np.maximum(who, UNASSIGNED))
