"""Continuity: a patient's next inspection goes to whoever was given her last one, where that is allowed.

Who knows the earlier images reads the new ones better and need not find her way in; what that is worth is not
modelled, only what it costs the queues. All other rows, and those whose earlier radiologist must not, cannot
or would be late, go as another policy has it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from simgrid.domain.decision import UNASSIGNED, Assignment, Desks, Policy, Team, Worklist
from simgrid.domain.scenario import Option
from simgrid.domain.units import BoolArray, FloatArray, IntArray
from simgrid.policies.rbsm import Rbsm
from simgrid.policies.rwoa import Rwoa
from simgrid.policies.shortest_completion import ShortestCompletion
from simgrid.rating import Ontology

OTHERWISE = {"shortest-completion": ShortestCompletion, "rbsm": Rbsm, "rwoa": Rwoa}
_BY_ROW = (
    *("inspection", "kind", "urgent", "size_bytes", "effort_min", "effort_points"),
    *("age_s", "required_s", "luck", "logged", "patient"),
)


class Continuity:
    """Remembers whom it gave each patient's inspections.

    The earlier radiologist gets a row if she has credential and monitor, is on duty, stays within her limit
    on effort, and would be in time by her monitored backlog and what this batch gave her. Options:
    ``in_time`` (true; ``@whatever-the-time`` leaves the last condition out), ``otherwise``
    (``shortest-completion``; ``@rbsm``, ``@rwoa``): the policy for the other rows, which sees the desks as
    they are after the first.
    Of two inspections of a patient that come in one batch the second follows the first if that had an earlier
    radiologist; else both are the other policy's.
    """

    variants: ClassVar[Mapping[str, Mapping[str, Option]]] = {
        "whatever-the-time": {"in_time": False},
        "rbsm": {"otherwise": "rbsm"},
        "rwoa": {"otherwise": "rwoa"},
    }

    def __init__(
        self, team: Team, ontology: Ontology, *, in_time: bool = True, otherwise: str = "shortest-completion"
    ) -> None:
        if otherwise not in OTHERWISE:
            raise ValueError(f"otherwise is {otherwise!r}: give one of {', '.join(OTHERWISE)}")
        self._ontology = ontology
        self._in_time = in_time
        self._make = OTHERWISE[otherwise]
        self._given: dict[int, dict[int, int]] = {}
        self.updated(team)

    def updated(self, team: Team) -> "Continuity":
        """Think of the team as it is believed to be now, and remember who had whom."""
        self._team = team
        self._share: FloatArray = np.array([1.0 - one.non_reading for one in team.radiologists])
        self._otherwise: Policy = self._make(team, self._ontology)
        return self

    def assign(self, worklist: Worklist) -> Assignment:
        """First those that follow an earlier inspection, row by row; then the others, as the other policy."""
        patients = [None] * len(worklist) if worklist.patient is None else worklist.patient.tolist()
        chosen, planned_s, desks = self._keep(worklist, patients)
        rest = np.flatnonzero(chosen == UNASSIGNED)
        left = _rows(worklist, rest, desks)
        answer = self._otherwise.assign(left)
        chosen[rest] = answer.radiologist
        planned_s[rest] = answer.planned(left, self._team)
        for patient, row, who in zip(patients, worklist.inspection.tolist(), chosen.tolist(), strict=True):
            if patient is not None and who != UNASSIGNED:
                self._note(patient, row, who)
        return Assignment(chosen, answer.relaxed, planned_s)

    def _keep(self, worklist: Worklist, patients: list[int | None]) -> tuple[IntArray, FloatArray, Desks]:
        """Who goes on with which row, when that is planned to end, and the desks with these rows on them."""
        team = self._team
        allowed: BoolArray = team.eligible(worklist.kind) & worklist.desks.on_duty
        transfer, reading = worklist.transfer_s(team), team.reading_s.T[worklist.kind]
        given, desks = np.full(len(worklist), UNASSIGNED, dtype=np.int64), _copied(worklist.desks)
        planned_s = np.full(len(worklist), np.nan)
        for row, (patient, number) in enumerate(zip(patients, worklist.inspection.tolist(), strict=True)):
            who = self._before(patient, number)
            if who == UNASSIGNED or not allowed[row, who]:
                continue
            if desks.effort_done[who] + worklist.effort_min[row] > desks.effort_limit[who]:
                continue
            begins = max(desks.available_in_s[who], transfer[row, who])
            ends = worklist.age_s[row] + begins + reading[row, who]
            if self._in_time and ends > worklist.required_s[row]:
                continue
            given[row], planned_s[row] = who, ends
            desks.available_in_s[who] = begins + reading[row, who] / self._share[who]
            desks.queue_count[who] += 1
            desks.queue_s[who] += reading[row, who]
            desks.effort_done[who] += worklist.effort_min[row]
            desks.points_done[who] += worklist.effort_points[row]
        return given, planned_s, desks

    def _before(self, patient: int | None, number: int) -> int:
        """Who was last given another inspection of the patient."""
        if patient is None:
            return UNASSIGNED
        others = (who for one, who in reversed(self._given.get(patient, {}).items()) if one != number)
        return next(others, UNASSIGNED)

    def _note(self, patient: int, number: int, who: int) -> None:
        """An inspection that comes back for a new decision counts for its last one."""
        given = self._given.setdefault(patient, {})
        given.pop(number, None)
        given[number] = who


def _copied(desks: Desks) -> Desks:
    return replace(
        desks,
        available_in_s=desks.available_in_s.copy(),
        queue_count=desks.queue_count.copy(),
        queue_s=desks.queue_s.copy(),
        effort_done=desks.effort_done.copy(),
        points_done=desks.points_done.copy(),
    )


def _rows(worklist: Worklist, rows: IntArray, desks: Desks) -> Worklist:
    """Some rows of the worklist, before these desks."""
    columns = {name: getattr(worklist, name) for name in _BY_ROW}
    taken: dict[str, Any] = {name: None if one is None else one[rows] for name, one in columns.items()}
    return replace(worklist, desks=desks, **taken)
