"""Manual: a chief radiologist who assigns by habit and by what she remembers of everybody's load.

A behavioural model with declared parameters, never fitted to an outcome. For each study in turn she picks
radiologist j among those who may read it and are on duty (nobody on duty: among all who may) with a
probability proportional to

    frequency_j ^ habit  x  favour_j  x  speed_j ^ -speed_preference  /  (1 + remembered_j / mean effort)

frequency: how often she gave such studies to j in the past, taken as proportional to the believed
Subspecialty fit; favour: the radiologist's declared ``favour`` (1 is no favour); speed: the believed factor
on reading times; remembered: the expected minutes that she gave j in this session and still remembers; mean
effort: that of the team's kinds. Memory starts empty with every session.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from simgrid.domain.decision import UNASSIGNED, Assignment, Team, Worklist
from simgrid.domain.scenario import Option
from simgrid.domain.units import FloatArray
from simgrid.policies.candidates import candidates
from simgrid.policies.ratings import Ratings
from simgrid.rating import Ontology

CHOICE_LUCK, MEMORY_LUCK = 1, 2
"""The columns of ``Worklist.luck`` that this policy uses."""


class Manual:
    """The chief radiologist. Every draw belongs to the inspection.

    Options: ``habit`` (1): 0 knows no habit, above 1 exaggerates it; ``memory`` (0.5): the probability that
    an assignment of this session is remembered; ``speed_preference`` (0): above 0 prefers the fast.
    ``@no-memory`` and ``@full-memory`` set ``memory`` to 0 and 1.
    """

    variants: ClassVar[Mapping[str, Mapping[str, Option]]] = {
        "no-memory": {"memory": 0.0},
        "full-memory": {"memory": 1.0},
    }

    def __init__(
        self,
        team: Team,
        ontology: Ontology,
        *,
        habit: float = 1.0,
        memory: float = 0.5,
        speed_preference: float = 0.0,
    ) -> None:
        if not (habit >= 0 and 0 <= memory <= 1):
            raise ValueError(f"habit is {habit}, memory is {memory}: give habit >= 0 and memory from 0 to 1")
        self._ontology = ontology
        self._speed_preference = speed_preference
        self._memory = memory
        self._session = -1
        self._remembered: FloatArray = np.zeros(len(team.radiologists))
        minutes = [kind.effort_min for kind in team.kinds]
        self._mean_effort = sum(minutes) / len(minutes) if sum(minutes) > 0 else 1.0
        self._habit = habit
        self.updated(team)

    def updated(self, team: Team) -> "Manual":
        """Think of the team as it is believed to be now, and remember this session's assignments."""
        self._team = team
        eligible = team.eligible(np.arange(len(team.kinds)))
        self._frequency = Ratings(team, self._ontology, eligible, reading="share", urgent_weights=False)
        favour = np.array([one.favour for one in team.radiologists], dtype=np.float64)
        speed = np.array([profile.speed for profile in team.belief], dtype=np.float64)
        self._liking: FloatArray = favour * speed**-self._speed_preference
        return self

    def assign(self, worklist: Worklist) -> Assignment:
        """Row by row; a row that nobody may read waits."""
        if worklist.session != self._session:
            self._session = worklist.session
            self._remembered[:] = 0.0
        allowed = candidates(self._team, worklist, feasible=True)
        fixed = self._frequency.of(worklist) ** self._habit * self._liking
        chosen = np.full(len(worklist), UNASSIGNED, dtype=np.int64)
        for row in np.flatnonzero(allowed.any(axis=1)).tolist():
            weight = fixed[row] / (1.0 + self._remembered / self._mean_effort)
            who = _pick(np.where(allowed[row], weight, 0.0), allowed[row], worklist.luck[row, CHOICE_LUCK])
            chosen[row] = who
            if worklist.luck[row, MEMORY_LUCK] < self._memory:
                self._remembered[who] += worklist.effort_min[row]
        return Assignment(chosen)


def _pick(weight: FloatArray, allowed: np.ndarray, luck: float) -> int:
    """Inverse of the cumulative distribution at ``luck``; where all weigh 0, every candidate alike."""
    if not weight.sum() > 0:
        weight = allowed.astype(np.float64)
    cumulative = np.cumsum(weight)
    place = int(np.searchsorted(cumulative, luck * cumulative[-1], side="right"))
    # Rounding may put luck just below 1 behind the last candidate.
    return min(place, int(np.flatnonzero(weight)[-1]))
