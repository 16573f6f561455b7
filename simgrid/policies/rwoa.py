"""RWOA: ratings (eq. 2) and the integer program (eq. 3 to 8) on a worklist with monitored state.

What gives way when not everything can hold, in this order:

1. Credentials and monitor never do: a row that nobody may read keeps waiting and is reported unassigned.
2. Eq. 7 and 8 each concern one pair. A row that some eligible radiologist can take in time goes to one of
   those; a row late for everybody goes where the seconds missing, of eq. 7 and eq. 8 together, are fewest.
3. Eq. 5 and 6 give way last, in the solver: the smallest sum of excess over limit, then the best rating. The
   limit of a decision is what is left of l_j: a batch does not see who is beyond it already.

Of equally good assignments the first counts: rows in the order of the worklist, radiologists in that of the
team. All batches of Table 1 are proven first; a batch that cannot keep every limit, or uses up its nodes, may
not be (``Answer.first``), and is then decided by whichever answer the solver met.

Eq. 8 is a plan on monitored backlog: it counts the time already waited, yet knows no link sharing and no
queue behind the other rows of the same batch. ``@queue-aware`` is ours, not the study's: the batch's plan is
held against its own queue (``queue_plan``), and where that makes a row late it is mended (``mending``): the
fewest seconds missing come first again, then eq. 5 and 6, then the rating. A heuristic, not an optimum.
Eq. 5 counts expected minutes unless ``@points`` is asked for.
"""

import math
from collections.abc import Iterator, Mapping
from typing import ClassVar

import numpy as np

from simgrid.assignment import AssignmentProblem, relaxations, solve, solve_in_chunks
from simgrid.domain.decision import Assignment, Relaxed, Team, Worklist
from simgrid.domain.scenario import Option
from simgrid.domain.units import BoolArray, FloatArray, IntArray
from simgrid.policies.effort_left import assigned_effort, effort_left, excess_added
from simgrid.policies.mending import mended
from simgrid.policies.queue_plan import QueuePlan
from simgrid.policies.ratings import Ratings
from simgrid.rating import Ontology

CHUNK = 10
"""Rows of a chunk under ``@chunks``; our assumption, the study gives no size."""

NODE_LIMIT = 100
"""Nodes of a batch. Measured: no batch of Table 1 or of its orderings comes near; an overloaded batch of
50 x 9 ends within about a second."""


class Rwoa:
    """The study's method; every constraint can be switched off by name.

    Options: ``effort`` (eq. 5), ``storage`` (6), ``bandwidth`` (7), ``deadline`` (8), ``monitor`` and
    ``credentials`` (conditions); ``node``, ``reading`` and ``urgent_weights`` as for RBSM; ``points``: eq. 5
    counts effort points; ``chunk``: rows solved together, 0 for all; ``gap``: rating given up for speed,
    relative, 0 for none; ``node_limit``: branch and bound nodes after which the best answer so far is taken,
    0 for no limit; ``queue_aware``: eq. 8 with the queue behind the batch's own rows. The node limit is for
    the overloaded batch that no solver proves; it counts work, not time, so that every machine decides alike.
    """

    variants: ClassVar[Mapping[str, Mapping[str, Option]]] = {
        "no-effort": {"effort": False},
        "no-storage": {"storage": False},
        "no-bandwidth": {"bandwidth": False},
        "no-deadline": {"deadline": False},
        "no-monitor": {"monitor": False},
        "no-credentials": {"credentials": False},
        "whole-tree": {"node": "root"},
        "share": {"reading": "share"},
        "relative": {"reading": "relative"},
        "literal": {"reading": "literal"},
        "normal-weights": {"urgent_weights": False},
        "points": {"points": True},
        "chunks": {"chunk": CHUNK},
        "queue-aware": {"queue_aware": True},
    }

    def __init__(
        self,
        team: Team,
        ontology: Ontology,
        *,
        effort: bool = True,
        storage: bool = True,
        bandwidth: bool = True,
        deadline: bool = True,
        monitor: bool = True,
        credentials: bool = True,
        node: str = "Subspecialty",
        reading: str = "absolute",
        urgent_weights: bool = True,
        points: bool = False,
        chunk: float = 0,
        gap: float = 0.0,
        node_limit: float = NODE_LIMIT,
        queue_aware: bool = False,
    ) -> None:
        if queue_aware and not deadline:
            raise ValueError("queue_aware and no deadline: the queue matters to eq. 8 alone, leave one out")
        if not (_whole(chunk) and _whole(node_limit) and gap >= 0):
            raise ValueError(
                f"chunk is {chunk}, gap is {gap}, node_limit is {node_limit}: "
                "give a whole number of rows, a gap and a whole number of nodes, none below 0"
            )
        self._team = team
        self._effort, self._storage, self._points = effort, storage, points
        self._bandwidth, self._deadline, self._queue_aware = bandwidth, deadline, queue_aware
        self._chunk, self._gap, self._node_limit = int(chunk), float(gap), int(node_limit) or None
        held = np.ones((len(team.kinds), len(team.radiologists)), dtype=np.bool_)
        if credentials:
            held &= team.credentialed.T
        if monitor:
            held &= team.monitor_suffices.T
        self._eligible = held
        self._ratings = Ratings(
            team, ontology, held, node=node, reading=reading, urgent_weights=urgent_weights
        )

    def assign(self, worklist: Worklist) -> Assignment:
        """All rows together; what was relaxed is listed row by row, then radiologist, then unit."""
        eligible = self._eligible[worklist.kind]
        slow, late = self._missing_s(worklist)
        problem = self._problem(worklist, eligible & _fewest(slow + late, eligible))
        if self._chunk:
            answer = solve_in_chunks(
                problem, self._chunk, self._gap, node_limit=self._node_limit, canonical=True
            )
        else:
            answer = solve(problem, self._gap, node_limit=self._node_limit, canonical=True)
        who, planned_s = answer.radiologist, None
        if self._queue_aware:
            plan = QueuePlan(self._team, worklist, slow)
            who = mended(plan, problem, eligible, who)
            planned_s = plan.response_s(who)
            late = np.broadcast_to(_beyond(planned_s, worklist.required_s)[:, None], late.shape)
        relaxed = (
            *_pairs(worklist, who, slow, late),
            *self._overload(worklist, who),
            *_overfull(problem, who),
        )
        return Assignment(who, relaxed, planned_s)

    def _missing_s(self, worklist: Worklist) -> tuple[FloatArray, FloatArray]:
        """Seconds by which each pair misses eq. 7 and eq. 8, shape (S, R) each; 0 where it holds."""
        none: FloatArray = np.zeros((len(worklist), len(self._team.radiologists)))
        slow = late = none
        if self._bandwidth:
            slow = _beyond(worklist.transfer_s(self._team), np.full_like(none, self._team.transfer_limit_s))
        if self._deadline:
            late = _beyond(worklist.response_s(self._team), worklist.required_s[:, None] + none)
        return slow, late

    def _problem(self, worklist: Worklist, eligible: BoolArray) -> AssignmentProblem:
        team = self._team
        effort, limit, done = self._workload(worklist)
        left = effort_left(limit, done)
        rating = self._ratings.of(worklist)
        if not self._storage:
            return AssignmentProblem(rating, effort, left, eligible)
        return AssignmentProblem(
            rating,
            effort,
            left,
            eligible,
            size_bytes=worklist.size_bytes,
            unit_of=team.unit_of,
            storage_bytes=np.maximum(worklist.units.storage_free_bytes, 0.0),
            storage_factor=team.storage_factor,
        )

    def _workload(self, worklist: Worklist) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Efforts (S,), limits l_j and what was assigned before, both (R,), in minutes or points."""
        desks = worklist.desks
        if self._points:
            effort, limit, done = worklist.effort_points, desks.points_limit, desks.points_done
        else:
            effort, limit, done = worklist.effort_min, desks.effort_limit, desks.effort_done
        return effort, limit if self._effort else np.full_like(limit, np.inf), done

    def _overload(self, worklist: Worklist, radiologist: IntArray) -> Iterator[Relaxed]:
        """Relaxations of eq. 5: effort beyond l_j itself, whatever the limits were raised to."""
        effort, limit, done = self._workload(worklist)
        added = assigned_effort(effort, radiologist, len(limit))
        excess = excess_added(limit, done, added)
        for who in np.flatnonzero(excess > 0).tolist():
            yield Relaxed("effort", -1, who, float(excess[who]))


def _whole(number: float) -> bool:
    return 0 <= number < math.inf and number == int(number)


def _beyond(value: FloatArray, limit: FloatArray) -> FloatArray:
    """How far value exceeds limit, 0 where it does not; an infinite limit is never exceeded."""
    return np.subtract(value, limit, out=np.zeros_like(value), where=value > limit)


def _fewest(missing_s: FloatArray, eligible: BoolArray) -> BoolArray:
    """Pairs that miss as few seconds as any eligible pair of their row: none at all wherever possible."""
    least = np.where(eligible, missing_s, np.inf).min(axis=1, initial=np.inf)
    fewest: BoolArray = missing_s <= least[:, None]
    return fewest


def _pairs(
    worklist: Worklist, radiologist: IntArray, slow: FloatArray, late: FloatArray
) -> Iterator[Relaxed]:
    """Relaxations of single rows: unassigned (eq. 4), transfer (eq. 7), deadline (eq. 8)."""
    rows = np.arange(len(worklist))
    nobody = radiologist < 0
    concerned = nobody | (slow[rows, radiologist] > 0) | (late[rows, radiologist] > 0)
    for row in np.flatnonzero(concerned).tolist():
        inspection, who = int(worklist.inspection[row]), int(radiologist[row])
        if who < 0:
            yield Relaxed("unassigned", inspection, -1, 1.0)
            continue
        if slow[row, who] > 0:
            yield Relaxed("transfer", inspection, who, float(slow[row, who]))
        if late[row, who] > 0:
            yield Relaxed("deadline", inspection, who, float(late[row, who]))


def _overfull(problem: AssignmentProblem, radiologist: IntArray) -> Iterator[Relaxed]:
    """Relaxations of eq. 6."""
    for one in relaxations(problem, radiologist):
        if one.kind == "storage":
            yield Relaxed("storage", -1, -1, one.excess, unit=one.index)
