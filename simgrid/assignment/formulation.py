"""The problem as pairs and knapsacks, and each stage of it as a programme for ``highs``.

A limit is one knapsack over the pairs that load it: a radiologist's effort (eq. 5) or a unit's storage (eq.
6). Rows are scaled to coefficients of at most 1, so bytes and points meet the solver's tolerances alike.
Limits that no assignment can exceed have no knapsack.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from simgrid.assignment.answer import UNASSIGNED, Kind, closed_scale
from simgrid.assignment.highs import INFINITE, Programme
from simgrid.assignment.problem import TOLERANCE, AssignmentProblem, BoolArray, FloatArray, IntArray

# A common step of costs is at least this; what costs miss it by must not add up to more than a little of it.
_FINEST_STEP = 1e-4
_STEP_ROUNDING = 1e-6
# What is cheaper by less than this part of a step is not cheaper.
STEP_SURE = 1 - 1e-5


@dataclass(frozen=True, slots=True)
class Knapsack:
    """``weight`` of the pairs ``members`` against ``limit``, both divided by ``scale``.

    ``share`` is the relative excess that one scaled unit of overshoot makes: scale / limit before scaling.
    """

    kind: Kind
    index: int
    members: IntArray
    weight: FloatArray
    limit: float
    share: float
    scale: float


@dataclass(frozen=True, slots=True)
class Core:
    """Allowed pairs in row order, and the knapsacks over them; rows without an allowed pair take no part.

    ``first``: where each row's pairs begin. ``inspections``: S, the length of an assignment.
    """

    inspections: int
    row: IntArray
    radiologist: IntArray
    first: IntArray
    knapsacks: tuple[Knapsack, ...]

    def keep(self, kept: BoolArray) -> "Core":
        """The core with these pairs only; the caller sees to it that every row keeps one."""
        position = np.cumsum(kept) - 1
        sacks = []
        for sack in self.knapsacks:
            inside = kept[sack.members]
            members = position[sack.members[inside]]
            sacks.append(replace(sack, members=members, weight=sack.weight[inside]))
        row = self.row[kept]
        return Core(self.inspections, row, self.radiologist[kept], _starts(row), tuple(sacks))


@dataclass(frozen=True, slots=True)
class Stage:
    """Minimise ``cost`` over the pairs of ``core``; what limits mean is said by ``priced`` and ``budget``.

    Both unset: limits are hard. ``priced``: overshoot is allowed and its relative sum joins the cost.
    ``budget``: overshoot is allowed up to that relative sum. ``offset + cost`` is what a relative gap is
    measured on. ``step``: all costs are multiples of it, 0 where none is known; nothing is better by less.
    """

    core: Core
    cost: FloatArray
    priced: bool = False
    budget: float = 0.0
    offset: float = 0.0
    step: float = 0.0

    @property
    def soft(self) -> bool:
        """Whether limits may be overshot."""
        return self.priced or self.budget > 0

    @property
    def slack(self) -> float:
        """Part of a limit that may be exceeded for free: nothing where overshoot is what is minimised."""
        return 0.0 if self.priced else TOLERANCE


def common_step(cost: FloatArray) -> float:
    """What all costs (0 to 1) are multiples of, as tie-heavy or whole ratings make them; 0 where they are
    not, or too finely."""
    values = np.unique(cost)
    apart = np.diff(values, prepend=0.0)
    apart = apart[apart > TOLERANCE]
    if not apart.size or apart.min() < _FINEST_STEP:
        return 0.0
    step = float(apart.min())
    off = np.abs(values / step - np.rint(values / step)).max()
    return step if off * max(1, cost.size) <= _STEP_ROUNDING else 0.0


def usable_pairs(problem: AssignmentProblem) -> BoolArray:
    """Eligible pairs that put no more than necessary on limits of 0.

    Limits of 0 are the only ones whose excess is a sum over rows, so the first part of ``Strain`` is least
    exactly when every row on its own takes the least.
    """
    usable = problem.eligible
    closed, full = problem.effort_limit == 0, problem.storage_bytes == 0
    if not (closed.any() or full.any()):
        return usable
    scale = closed_scale(problem)
    strain = np.zeros(problem.rating.shape)
    if closed.any() and scale["effort"] > 0:
        strain += np.where(closed, problem.pair_effort / scale["effort"], 0.0)
    if full.any() and scale["storage"] > 0:
        on_full = full[problem.unit_of]
        strain += np.where(on_full, (problem.stored_bytes / scale["storage"])[:, None], 0.0)
    strain[~usable] = np.inf
    least: BoolArray = usable & (strain <= strain.min(axis=1, initial=np.inf)[:, None])
    return least


def fitting_pairs(problem: AssignmentProblem, usable: BoolArray) -> BoolArray:
    """Usable pairs that alone keep every positive limit; no other pair can appear when these limits hold."""
    most = _most(problem.effort_limit)
    fits = usable & (problem.pair_effort <= most)
    if problem.storage_bytes.size:
        fits &= problem.stored_bytes[:, None] <= _most(problem.storage_bytes)[problem.unit_of]
    return fits


def _most(limit: FloatArray) -> FloatArray:
    """Largest single load under a limit, rounded up (the audit is exact); a limit of 0 bars nothing."""
    return np.where(limit > 0, limit * (1 + 2 * TOLERANCE), np.inf)


def core_of(problem: AssignmentProblem, usable: BoolArray) -> Core:
    """Pairs and knapsacks of the usable pairs."""
    row, radiologist = np.nonzero(usable)
    sacks: list[Knapsack] = []
    effort = problem.pair_effort[row, radiologist]
    order = np.argsort(radiologist, kind="stable")
    ends = np.searchsorted(radiologist[order], np.arange(problem.effort_limit.size + 1))
    for j, limit in enumerate(problem.effort_limit.tolist()):
        members = order[ends[j] : ends[j + 1]]
        sacks += _knapsack("effort", j, members, effort[members], effort[members], limit)
    unit = problem.unit_of[radiologist]
    stored = problem.stored_bytes
    for u, free in enumerate(problem.storage_bytes.tolist()):
        members = np.flatnonzero(unit == u)
        once = stored[np.unique(row[members])]
        sacks += _knapsack("storage", u, members, stored[row[members]], once, free)
    return Core(usable.shape[0], row, radiologist, _starts(row), tuple(sacks))


def _starts(row: IntArray) -> IntArray:
    return np.flatnonzero(np.diff(row, prepend=-1))


def _knapsack(
    kind: Kind, index: int, members: IntArray, weight: FloatArray, heaviest: FloatArray, limit: float
) -> Iterable[Knapsack]:
    if limit == 0 or math.fsum(heaviest.tolist()) <= limit:
        return
    loading = weight > 0
    members, weight = members[loading], weight[loading]
    scale = max(limit, float(weight.max()))
    yield Knapsack(kind, index, members, weight / scale, limit / scale, scale / limit, scale)


def programme(stage: Stage, cuts: list[IntArray], relaxed: bool = False) -> Programme:
    """The stage as arrays; ``relaxed`` drops integrality. Each cut lists pairs that cannot all be chosen.

    Rows: one per inspection (eq. 4), one per knapsack (eq. 5, 6), the budget, the cuts. Columns: pairs,
    then one overshoot per knapsack when limits are soft. Limits carry the room's tolerance, so that
    whatever counts as keeping them is inside.
    """
    core = stage.core
    pairs, sacks = core.row.size, core.knapsacks
    over = len(sacks) if stage.soft else 0
    share = np.array([sack.share for sack in sacks[:over]])
    rows_column, rows_value, upper = [np.arange(pairs)], [np.ones(pairs)], list[float]()
    lengths = np.diff(core.first, append=pairs).tolist()
    for k, sack in enumerate(sacks):
        rows_column.append(np.append(sack.members, pairs + k) if over else sack.members)
        rows_value.append(np.append(sack.weight, -1.0) if over else sack.weight)
        lengths.append(rows_column[-1].size)
        upper.append(sack.limit * (1 + stage.slack))
    if over and not stage.priced:
        rows_column.append(np.arange(pairs, pairs + over))
        rows_value.append(share / share.max())
        lengths.append(over)
        upper.append((stage.budget + TOLERANCE * (1 + stage.budget)) / share.max())
    for cut in cuts:
        rows_column.append(cut)
        rows_value.append(np.ones(cut.size))
        lengths.append(cut.size)
        upper.append(cut.size - 1.0)
    inspections = core.first.size
    row_lower = np.concatenate([np.ones(inspections), np.full(len(upper), -INFINITE)])
    integer = np.zeros(pairs + over, dtype=np.bool_)
    integer[:pairs] = not relaxed
    return Programme(
        cost=np.append(stage.cost, share if stage.priced else np.zeros(over)),
        upper=np.append(np.ones(pairs), np.full(over, INFINITE)),
        integer=integer,
        row_lower=row_lower,
        row_upper=np.concatenate([np.ones(inspections), upper]),
        start=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        column=np.concatenate(rows_column).astype(np.int32),
        value=np.concatenate(rows_value),
        offset=stage.offset,
    )


def columns_of(stage: Stage, assignment: IntArray) -> FloatArray | None:
    """The columns of a programme at an assignment, or None when one of its pairs is not in the core."""
    core = stage.core
    chosen = located(core, assignment)
    if chosen.size != core.first.size:
        return None
    x = np.zeros(core.row.size)
    x[chosen] = 1.0
    if not stage.soft:
        return x
    limits = [sack.limit * (1 + stage.slack) for sack in core.knapsacks]
    loads = [float(sack.weight @ x[sack.members]) for sack in core.knapsacks]
    return np.append(x, [max(0.0, load - limit) for load, limit in zip(loads, limits, strict=True)])


def located(core: Core, assignment: IntArray) -> IntArray:
    """Where in the core the pairs of an assignment are, those outside left out."""
    return np.flatnonzero(assignment[core.row] == core.radiologist)


def decode(core: Core, columns: FloatArray) -> IntArray:
    """The assignment (S,) meant by columns: each row's largest value, ties to the lowest radiologist."""
    x = columns[: core.row.size]
    order = np.lexsort((core.radiologist, -x, core.row))[core.first]
    assignment = np.full(core.inspections, UNASSIGNED, dtype=np.int64)
    assignment[core.row[order]] = core.radiologist[order]
    return assignment
