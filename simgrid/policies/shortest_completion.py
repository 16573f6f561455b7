"""Shortest expected completion: each row to the desk where it would be read to its end first.

What a desk already has is the monitored time until it is free and the rows that this batch gave it before;
the images' transfer to its unit runs meanwhile. Which row is taken first decides who gets the early desk;
in which order a desk reads is the desk's own affair. Four orders: of arrival; earliest due date
(``@earliest-due-date``: Jackson's rule); urgent first (``@urgent-first``); and ``@ageing``, urgent first, but
before them whatever has waited beyond its maximum wait, the longest waiting first (Baltruschat et al. 2021,
doi 10.1007/s00330-020-07480-7, who let a normal image rise to the top in the same way).
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from simgrid.domain.decision import UNASSIGNED, Assignment, Team, Worklist
from simgrid.domain.scenario import Option
from simgrid.domain.units import FloatArray
from simgrid.policies.candidates import candidates
from simgrid.rating import Ontology

ORDERS = ("arrival", "earliest-due-date", "urgent-first", "ageing")


class ShortestCompletion:
    """Ties go to the lowest index; only who may read the row is asked, on duty where somebody is.

    Options: ``order``; ``max_wait`` (0.5): the maximum wait of ``ageing`` as a share of the time allowed, our
    assumption.
    """

    variants: ClassVar[Mapping[str, Mapping[str, Option]]] = {
        "earliest-due-date": {"order": "earliest-due-date"},
        "urgent-first": {"order": "urgent-first"},
        "ageing": {"order": "ageing"},
    }

    def __init__(
        self, team: Team, ontology: Ontology, *, order: str = "arrival", max_wait: float = 0.5
    ) -> None:
        if order not in ORDERS or not max_wait >= 0:
            raise ValueError(
                f"order is {order!r}, max_wait is {max_wait}: give one of {', '.join(ORDERS)}, and 0 or more"
            )
        self._team = team
        self._order = order
        self._max_wait = max_wait
        self._share: FloatArray = np.array([1.0 - one.non_reading for one in team.radiologists])

    def assign(self, worklist: Worklist) -> Assignment:
        """A row without a candidate waits."""
        allowed = candidates(self._team, worklist, feasible=True)
        transfer, reading = worklist.transfer_s(self._team), self._team.reading_s.T[worklist.kind]
        free = worklist.desks.available_in_s.copy()
        chosen = np.full(len(worklist), UNASSIGNED, dtype=np.int64)
        for row in self._in_order(worklist).tolist():
            if not allowed[row].any():
                continue
            begins = np.maximum(free, transfer[row])
            # argmin of infinities alone is index 0, who need not be allowed
            ends = np.where(allowed[row], np.minimum(begins + reading[row], np.finfo(np.float64).max), np.inf)
            who = int(np.argmin(ends))
            chosen[row] = who
            free[who] = begins[who] + reading[row, who] / self._share[who]
        return Assignment(chosen)

    def _in_order(self, worklist: Worklist) -> np.ndarray:
        rows = np.arange(len(worklist))
        if self._order == "arrival":
            return rows
        if self._order == "earliest-due-date":
            return np.lexsort((rows, worklist.required_s - worklist.age_s))
        if self._order == "urgent-first":
            return np.lexsort((rows, ~worklist.urgent))
        overdue = worklist.age_s > self._max_wait * worklist.required_s
        return np.lexsort((rows, np.where(overdue, -worklist.age_s, 0.0), ~worklist.urgent, ~overdue))
