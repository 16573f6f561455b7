"""Eq. 8 with the queue: when each row of a batch would be read behind the others of its batch.

Every study of the batch sets out at once; those for one unit share its link evenly until they are there
(8 f_i / b_j with the link to itself). At a desk they wait behind the monitored backlog, which is read while
they are on their way (eq. 8 adds the two), urgent before routine, then in order of arrival, and each keeps
the radiologist for its reading time and the duties that follow it. It is a plan with believed times: it knows
no off-duty hours after ``available_in_s``, no other traffic, and no urgent study that overtakes the backlog.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush

import numpy as np

from simgrid.domain.decision import UNASSIGNED, Team, Worklist
from simgrid.domain.units import BITS_PER_BYTE, FloatArray, IntArray, Seconds

NEVER: Seconds = 1e9
"""Seconds missing that are counted of a row that would never be read: sums must stay comparable."""
ROUNDING_S: Seconds = 1e-6
"""Whoever misses so little is in time: the same sum taken in another order may differ by as much."""


class QueuePlan:
    """Plans the desks of one worklist; rows and radiologists are indices, nothing is changed here.

    ``work``: rows planned so far, the measure of what planning has cost.
    """

    def __init__(self, team: Team, worklist: Worklist, slow_s: FloatArray | None = None) -> None:
        """``slow_s`` (S, R): seconds missing for another reason (eq. 7), added to those of eq. 8."""
        share = np.array([1.0 - one.non_reading for one in team.radiologists], dtype=np.float64)
        reading = team.reading_s.T[worklist.kind]
        self.unit_of: list[int] = team.unit_of.tolist()
        self.due_s: list[Seconds] = (worklist.required_s - worklist.age_s).tolist()
        self.work = 0
        self._reading: list[list[Seconds]] = reading.tolist()
        self._occupied: list[list[Seconds]] = (reading / share).tolist()
        self._slow = None if slow_s is None or not slow_s.any() else slow_s.tolist()
        self._free: list[Seconds] = worklist.desks.available_in_s.tolist()
        self._routine: list[bool] = (~worklist.urgent).tolist()
        self._bits: list[float] = (BITS_PER_BYTE * worklist.size_bytes).tolist()
        self._bandwidth: list[float] = worklist.units.bandwidth_bps.tolist()
        self._age = worklist.age_s

    def response_s(self, radiologist: IntArray) -> FloatArray:
        """Planned seconds from request to the end of reading, shape (S,); infinite where nobody reads."""
        response: FloatArray = np.full(len(radiologist), np.inf)
        for desks in self.by_unit(radiologist).values():
            for row, _, done_s in self._done(desks):
                response[row] = done_s
        return response + self._age

    def by_unit(self, radiologist: IntArray) -> dict[int, dict[int, list[int]]]:
        """The rows of each radiologist of each unit, empty ones included."""
        desks: dict[int, dict[int, list[int]]] = {}
        for who, unit in enumerate(self.unit_of):
            desks.setdefault(unit, {})[who] = []
        for row, who in enumerate(radiologist.tolist()):
            if who != UNASSIGNED:
                desks[self.unit_of[who]][who].append(row)
        return desks

    def late(self, desks: Mapping[int, Sequence[int]]) -> tuple[int, Seconds]:
        """How many rows of one unit, given by radiologist, miss eq. 7 or 8, and by how many seconds in all.

        At most ``NEVER`` seconds are counted for each row.
        """
        rows, missing_s = 0, 0.0
        for row, who, done_s in self._done(desks):
            due_s = self.due_s[row]
            late_s = done_s - due_s if done_s > due_s else 0.0
            if self._slow is not None:
                late_s += self._slow[row][who]
            if late_s > ROUNDING_S:
                rows += 1
                missing_s += min(late_s, NEVER)
        return rows, missing_s

    def _done(self, desks: Mapping[int, Sequence[int]]) -> Iterable[tuple[int, int, Seconds]]:
        """(row, radiologist, seconds from now to the end of its reading) of one unit's rows."""
        arrives = self._arrives(desks)
        for who, rows in desks.items():
            coming = sorted(rows, key=arrives.__getitem__)
            ready: list[tuple[bool, int, int]] = []
            now_s, place = self._free[who], 0
            while place < len(coming) or ready:
                if not ready:
                    now_s = max(now_s, arrives[coming[place]])
                while place < len(coming) and arrives[coming[place]] <= now_s:
                    heappush(ready, (self._routine[coming[place]], place, coming[place]))
                    place += 1
                row = heappop(ready)[2]
                yield row, who, now_s + self._reading[row][who]
                now_s += self._occupied[row][who]

    def _arrives(self, desks: Mapping[int, Sequence[int]]) -> dict[int, Seconds]:
        """Seconds until each row's images are at the unit: even shares of its link, smallest first there."""
        bits = self._bits
        rows = sorted([row for some in desks.values() for row in some], key=bits.__getitem__)
        self.work += len(rows)
        if not rows:
            return {}
        bandwidth = self._bandwidth[self.unit_of[next(iter(desks))]]
        at_s, sent, left = 0.0, 0.0, len(rows)
        arrives = {}
        for row in rows:
            at_s += (bits[row] - sent) * left / bandwidth if bandwidth > 0 else np.inf
            arrives[row], sent, left = at_s, bits[row], left - 1
        return arrives
