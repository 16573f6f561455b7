"""What ``solve`` returns, and the loads and excesses that an assignment causes.

The order of two assignments of one problem, best first: fewer unassigned rows; smaller ``Strain`` (the
excess over limits of 0, then the sum of relative excesses over the others); higher rating.
"""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from simgrid.assignment.problem import TOLERANCE, AssignmentProblem, IntArray, exceeds

Status = Literal["optimal", "within_gap", "time_limit", "invalid"]
Kind = Literal["unassigned", "effort", "storage"]

UNASSIGNED = -1


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One constraint of eq. 4 to 6 that the answer does not keep.

    ``effort``: radiologist ``index`` gets ``excess`` points above ``limit``. ``storage``: unit ``index`` gets
    ``excess`` bytes (C1 counted) above ``limit``. ``unassigned``: row ``index`` has no eligible
    radiologist, so eq. 4 misses 1 of 1.
    """

    kind: Kind
    index: int
    excess: float
    limit: float


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Who reads what, how good that is, and how far it is proven.

    - ``radiologist`` (S,): index of the radiologist, -1 = unassigned.
    - ``objective``: sum of the ratings of the assigned pairs (eq. 3).
    - ``bound``: no answer with as few unassigned rows and no more strain than this one has a higher
      objective.
    - ``gap``: (bound - objective) / max(abs(bound), 1e-12).
    - ``status``: ``optimal``: least strain and then highest rating, proven; ``within_gap``: least strain
      proven, rating proven within the requested gap; ``time_limit``: the search was cut short (time, nodes
      or chunks) before that; ``invalid``: the solver failed and the answer is the constructed one. Every
      status has a usable answer.
    - ``relaxed``: the constraints that are not kept; empty exactly when eq. 4 to 6 hold.
    - ``first``: proven that of all answers as good as this one (status ``optimal``) none has a radiologist of
      lower index in the first row where they differ. Ratings are as good when equal up to rounding. Seldom
      known unless ``solve`` was asked for it (``canonical``).
    """

    radiologist: IntArray
    objective: float
    bound: float
    gap: float
    status: Status
    relaxed: tuple[Relaxation, ...]
    first: bool = False

    @property
    def unassigned(self) -> IntArray:
        """Rows without a radiologist, ascending."""
        return np.flatnonzero(self.radiologist == UNASSIGNED).astype(np.int64)


class Strain(NamedTuple):
    """How far the limits are exceeded.

    ``on_closed``: excess over limits of exactly 0, in largest efforts and largest stored sizes of the
    problem. It comes first, as it would for a limit that shrinks towards 0 (its relative excess outgrows
    every other one). ``relative``: sum of excess / limit over the positive limits.
    """

    on_closed: float
    relative: float

    def at_most(self, other: "Strain") -> bool:
        """Whether this strain is not worse than the other, sums within the tolerance counting as equal."""
        if not _same(self.on_closed, other.on_closed):
            return self.on_closed < other.on_closed
        return self.relative < other.relative or _same(self.relative, other.relative)


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= TOLERANCE * max(1.0, abs(b))


def effort_loads(problem: AssignmentProblem, radiologist: IntArray) -> list[float]:
    """Effort points each radiologist receives, correctly rounded sums."""
    rows = np.flatnonzero(radiologist >= 0)
    effort = problem.pair_effort[rows, radiologist[rows]]
    return _sums(effort, radiologist[rows], problem.effort_limit.size)


def storage_loads(problem: AssignmentProblem, radiologist: IntArray) -> list[float]:
    """Bytes (C1 counted) each unit receives, correctly rounded sums."""
    units = problem.storage_bytes.size
    if not units:
        return []
    rows = np.flatnonzero(radiologist >= 0)
    return _sums(problem.stored_bytes[rows], problem.unit_of[radiologist[rows]], units)


def _sums(amount: np.ndarray, owner: np.ndarray, owners: int) -> list[float]:
    order = np.argsort(owner, kind="stable")
    ends = np.searchsorted(owner[order], np.arange(owners + 1))
    sorted_amount = amount[order].tolist()
    return [math.fsum(sorted_amount[ends[k] : ends[k + 1]]) for k in range(owners)]


def relaxations(problem: AssignmentProblem, radiologist: IntArray) -> tuple[Relaxation, ...]:
    """Every constraint of eq. 4 to 6 that is not kept: unassigned rows, efforts, storages, by index."""
    missing = np.flatnonzero(radiologist < 0).tolist()
    found = [Relaxation("unassigned", row, 1.0, 1.0) for row in missing]
    found += _over("effort", effort_loads(problem, radiologist), problem.effort_limit.tolist())
    found += _over("storage", storage_loads(problem, radiologist), problem.storage_bytes.tolist())
    return tuple(found)


def _over(kind: Kind, loads: list[float], limits: list[float]) -> list[Relaxation]:
    pairs = enumerate(zip(loads, limits, strict=True))
    return [Relaxation(kind, k, load - limit, limit) for k, (load, limit) in pairs if exceeds(load, limit)]


def strain_of(problem: AssignmentProblem, relaxed: tuple[Relaxation, ...]) -> Strain:
    """How far the listed constraints are exceeded; unassigned rows do not count here."""
    scale = closed_scale(problem)
    over = [item for item in relaxed if item.kind != "unassigned"]
    on_closed = math.fsum(item.excess / scale[item.kind] for item in over if item.limit == 0)
    relative = math.fsum(item.excess / item.limit for item in over if item.limit > 0)
    return Strain(on_closed, relative)


def closed_scale(problem: AssignmentProblem) -> dict[str, float]:
    """What excess over a limit of 0 is measured in: the problem's largest effort and stored size."""
    stored = problem.stored_bytes
    return {
        "effort": float(problem.effort.max()) if problem.effort.size else 0.0,
        "storage": float(stored.max()) if stored.size else 0.0,
    }


def objective_of(problem: AssignmentProblem, radiologist: IntArray) -> float:
    """Sum of the ratings of the assigned pairs (eq. 3), correctly rounded."""
    rows = np.flatnonzero(radiologist >= 0)
    return math.fsum(problem.rating[rows, radiologist[rows]].tolist())


def relative_gap(bound: float, objective: float) -> float:
    """(bound - objective) / max(abs(bound), 1e-12)."""
    return (bound - objective) / max(abs(bound), 1e-12)
