"""Effort deficit: routine work to whoever lacks most of her share, urgent work to the least urgent load.

Industry practice in reading pools, for which we have no published source: a routine study goes to the
radiologist whose effort so far is farthest below her share of all effort given; a STAT study must not wait
for fairness, so it goes to whoever has the least STAT work before her at the moment. Her share is her part of
the sum of the limits l_j, or of full-time equivalents where somebody has no limit.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from simgrid.domain.decision import UNASSIGNED, Assignment, Team, Worklist
from simgrid.domain.scenario import Option
from simgrid.domain.units import FloatArray, Seconds
from simgrid.policies.candidates import candidates
from simgrid.rating import Ontology


class EffortDeficit:
    """Row by row, counting what it gives; only who may read the row, on duty where somebody is.

    The deficit of j is share_j x (effort given to all) - (effort given to j), both with this row; the largest
    gets it. The STAT load is remembered, not monitored: urgent studies are read first, so what was given
    shrinks by the time that passes, and is never more than the monitored queue. Equal loads go to the shorter
    queue, then to the lowest index. ``@points`` counts effort points instead of minutes. Option ``relative``
    (false; ``@relative``): the deficit as a part of the share, so that part-timers are not passed over.
    """

    variants: ClassVar[Mapping[str, Mapping[str, Option]]] = {
        "points": {"points": True},
        "relative": {"relative": True},
    }

    def __init__(
        self, team: Team, ontology: Ontology, *, points: bool = False, relative: bool = False
    ) -> None:
        self._points = points
        self._relative = relative
        self._stat_s: FloatArray = np.zeros(len(team.radiologists))
        self._as_of_s: Seconds = 0.0
        self.updated(team)

    def updated(self, team: Team) -> "EffortDeficit":
        """Think of the team as it is believed to be now, and remember the STAT work that is under way."""
        self._team = team
        self._reading_share: FloatArray = np.array([1.0 - one.non_reading for one in team.radiologists])
        return self

    def assign(self, worklist: Worklist) -> Assignment:
        """Urgent rows first, then the others in their order; a row without a candidate waits."""
        desks = worklist.desks
        effort, limit, done = (
            (worklist.effort_points, desks.points_limit, desks.points_done.copy())
            if self._points
            else (worklist.effort_min, desks.effort_limit, desks.effort_done.copy())
        )
        share = _shares(limit, self._team)
        queue_s = desks.queue_s.copy()
        self._remember(worklist.now_s, desks.on_duty, queue_s)
        allowed = candidates(self._team, worklist, feasible=True)
        chosen = np.full(len(worklist), UNASSIGNED, dtype=np.int64)
        for row in np.argsort(~worklist.urgent, kind="stable").tolist():
            who = np.flatnonzero(allowed[row])
            if not len(who):
                continue
            if worklist.urgent[row]:
                best = int(who[np.lexsort((who, queue_s[who], self._stat_s[who]))[0]])
            else:
                deficit = share * (done.sum() + effort[row]) - done
                if self._relative:
                    deficit = deficit / share
                best = int(who[np.argmax(deficit[who])])
            chosen[row] = best
            done[best] += effort[row]
            reading_s = self._team.reading_s[best, worklist.kind[row]]
            queue_s[best] += reading_s
            self._stat_s[best] += reading_s if worklist.urgent[row] else 0.0
        return Assignment(chosen)

    def _remember(self, now_s: Seconds, on_duty: np.ndarray, queue_s: FloatArray) -> None:
        """STAT seconds still before everybody: less what those on duty have had time to read."""
        passed_s, self._as_of_s = max(now_s - self._as_of_s, 0.0), now_s
        left = self._stat_s - np.where(on_duty, passed_s * self._reading_share, 0.0)
        self._stat_s = np.clip(left, 0.0, queue_s)


def _shares(limit: FloatArray, team: Team) -> FloatArray:
    """Everybody's part of the sum of limits; of full-time equivalents where one is missing or all are 0."""
    part = limit if np.isfinite(limit).all() and limit.sum() > 0 else None
    if part is None:
        part = np.array([one.full_time for one in team.radiologists], dtype=np.float64)
    part = np.maximum(part, 1e-9 * part.max(initial=1.0))
    shares: FloatArray = part / part.sum()
    return shares
