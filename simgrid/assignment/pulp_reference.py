"""The same problem written to be read, in PuLP: LP and MPS export, and any PuLP solver as a peer or an
oracle.

Each constraint of the study is one function, registered by name in ``CONSTRAINTS``; ``model`` puts them
together. Only this module knows PuLP, and imports it when called, so that the decision core works without
it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from simgrid.assignment.answer import UNASSIGNED, Kind, closed_scale
from simgrid.assignment.problem import AssignmentProblem, IntArray

Goal = Literal["closed", "strain", "rating"]


@dataclass(slots=True)
class Reference:
    """A PuLP model and its variables: ``x[i, j]``, and ``over``, excess of limits that may be exceeded."""

    problem: AssignmentProblem
    lp: Any
    x: dict[tuple[int, int], Any]
    over: dict[tuple[Kind, int], Any] = field(default_factory=dict)
    most_closed: float | None = None
    most_relative: float | None = None

    def strain(self, closed: bool) -> Any:
        """Sum of what exceeds limits of 0 (``closed``) or, relative to the limit, positive ones."""
        return _pulp().lpSum(column for key, column in self.over.items() if (self._limit(key) == 0) == closed)

    def relaxed(self, kind: Kind, index: int) -> Any:
        """What a limit yields: its ``over`` column, in units of the limit (of the largest amount for 0)."""
        if (kind, index) not in self.over:
            return 0
        unit = self._limit((kind, index)) or closed_scale(self.problem)[kind]
        return unit * self.over[kind, index]

    def rating(self) -> Any:
        """Eq. 3 as a PuLP expression."""
        return _pulp().lpSum(float(self.problem.rating[pair]) * column for pair, column in self.x.items())

    def _limit(self, key: tuple[Kind, int]) -> float:
        limits = self.problem.effort_limit if key[0] == "effort" else self.problem.storage_bytes
        return float(limits[key[1]])


def _pulp() -> Any:
    import pulp

    return pulp


def one_radiologist(reference: Reference) -> None:
    """Eq. 4: every inspection that has an eligible radiologist goes to exactly one."""
    pulp, problem = _pulp(), reference.problem
    S, R, _ = problem.shape
    for i in range(S):
        if problem.eligible[i].any():
            reference.lp += pulp.lpSum(reference.x[i, j] for j in range(R)) == 1, f"one_radiologist_{i}"


def eligible(reference: Reference) -> None:
    """Pairs that may not be used (eq. 7, 8 and the conditions on monitor and credentials forbid pairs)."""
    for i, j in np.argwhere(~reference.problem.eligible).tolist():
        reference.lp += reference.x[i, j] <= 0, f"eligible_{i}_{j}"


def effort(reference: Reference) -> None:
    """Eq. 5: the effort of a radiologist's inspections is at most his or her limit, plus what is relaxed."""
    pulp, problem = _pulp(), reference.problem
    S, R, _ = problem.shape
    for j in range(R):
        limit = float(problem.effort_limit[j])
        if np.isfinite(limit):
            load = pulp.lpSum(float(problem.pair_effort[i, j]) * reference.x[i, j] for i in range(S))
            reference.lp += load - reference.relaxed("effort", j) <= limit, f"effort_{j}"


def storage(reference: Reference) -> None:
    """Eq. 6: what a reporting unit's radiologists receive fits its free storage, plus what is relaxed."""
    pulp, problem = _pulp(), reference.problem
    S, R, U = problem.shape
    for u in range(U):
        limit = float(problem.storage_bytes[u])
        if np.isfinite(limit):
            members = [j for j in range(R) if problem.unit_of[j] == u]
            load = pulp.lpSum(
                float(problem.stored_bytes[i]) * reference.x[i, j] for i in range(S) for j in members
            )
            reference.lp += load - reference.relaxed("storage", u) <= limit, f"storage_{u}"


def closed_budget(reference: Reference) -> None:
    """No more excess over limits of 0 than the first stage found necessary."""
    if reference.most_closed is not None:
        reference.lp += reference.strain(closed=True) <= reference.most_closed, "closed_budget"


def strain_budget(reference: Reference) -> None:
    """No more relative excess than the second stage found necessary."""
    if reference.most_relative is not None:
        reference.lp += reference.strain(closed=False) <= reference.most_relative, "strain_budget"


CONSTRAINTS: dict[str, Callable[[Reference], None]] = {
    "one_radiologist": one_radiologist,
    "eligible": eligible,
    "effort": effort,
    "storage": storage,
    "closed_budget": closed_budget,
    "strain_budget": strain_budget,
}


def model(
    problem: AssignmentProblem,
    goal: Goal = "rating",
    soft: bool = False,
    most_closed: float | None = None,
    most_relative: float | None = None,
    constraints: tuple[str, ...] = tuple(CONSTRAINTS),
) -> Reference:
    """The PuLP model of one stage (eq. 3 to 6 of the study, doi 10.1016/j.cmpb.2015.10.005).

    ``soft`` adds a column of excess to every finite limit. ``goal``: minimise the excess over limits of 0
    (``closed``) or the relative excess (``strain``), or maximise the rating. Budgets hold what earlier
    stages found. A budget that is no number adds no constraint.
    """
    pulp = _pulp()
    S, R, U = problem.shape
    sense = pulp.LpMaximize if goal == "rating" else pulp.LpMinimize
    x = {(i, j): pulp.LpVariable(f"x_{i}_{j}", cat="Binary") for i in range(S) for j in range(R)}
    reference = Reference(problem, pulp.LpProblem(goal, sense), x, {}, most_closed, most_relative)
    if soft:
        limits: list[tuple[Kind, int, float]] = [("effort", j, problem.effort_limit[j]) for j in range(R)]
        limits += [("storage", u, problem.storage_bytes[u]) for u in range(U)]
        reference.over = {
            (kind, k): pulp.LpVariable(f"over_{kind}_{k}", lowBound=0)
            for kind, k, limit in limits
            if np.isfinite(limit)
        }
    reference.lp += reference.rating() if goal == "rating" else reference.strain(closed=goal == "closed")
    for name in constraints:
        CONSTRAINTS[name](reference)
    return reference


def solve_reference(problem: AssignmentProblem, solver: Any) -> IntArray | None:
    """Who reads what according to a PuLP solver, all stages; None when the solver gives up.

    Hard limits first; when they cannot hold, excess over limits of 0, relative excess, rating, one after
    the other.
    """
    hard = model(problem)
    if _solved(hard, solver):
        return _decoded(hard)
    closed = model(problem, "closed", soft=True)
    if not _solved(closed, solver):
        return None
    most_closed = _spent(closed.strain(closed=True))
    strain = model(problem, "strain", soft=True, most_closed=most_closed)
    if not _solved(strain, solver):
        return None
    most_relative = _spent(strain.strain(closed=False))
    last = model(problem, soft=True, most_closed=most_closed, most_relative=most_relative)
    return _decoded(last) if _solved(last, solver) else None


def export(problem: AssignmentProblem, path: Path, soft: bool = False) -> None:
    """Write the rating model as ``.lp`` or ``.mps``, by the path's suffix; ``ValueError`` for another one."""
    lp = model(problem, soft=soft).lp
    if path.suffix == ".lp":
        lp.writeLP(str(path), max_length=255)
    elif path.suffix == ".mps":
        lp.writeMPS(str(path))
    else:
        raise ValueError(f"{path.name}: PuLP writes .lp and .mps files")


def _solved(reference: Reference, solver: Any) -> bool:
    status = reference.lp.solve(solver)
    return bool(_pulp().LpStatus[status] == "Optimal")


def _spent(expression: Any) -> float:
    """What a stage used, with room for the solver's own tolerance."""
    used = float(_pulp().value(expression) or 0.0)
    return used + 1e-7 * max(1.0, used)


def _decoded(reference: Reference) -> IntArray:
    S, R, _ = reference.problem.shape
    chosen = np.full(S, UNASSIGNED, dtype=np.int64)
    for i in range(S):
        if reference.problem.eligible[i].any():
            values = [reference.x[i, j].value() or 0.0 for j in range(R)]
            chosen[i] = int(np.argmax(values))
    return chosen
