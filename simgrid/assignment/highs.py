"""The only module that knows highspy: a mixed-integer or linear programme as arrays in, columns and bound
out.

Defaults of HiGHS that would spoil an exact answer are all set here: it stops at a relative gap of 1e-4 and
an absolute one of 1e-6, accepts rows broken by 1e-6, and drops coefficients below 1e-9. A fresh instance
per run keeps the time limit from adding up over runs. One thread: ties are then broken the same way every
time.
"""

import threading
from dataclasses import dataclass
from typing import Literal

import highspy
import numpy as np
from numpy.typing import NDArray

from simgrid.assignment.problem import FloatArray

INFINITE = float(highspy.kHighsInf)

State = Literal["optimal", "stopped", "infeasible", "failed"]


@dataclass(frozen=True, slots=True)
class Programme:
    """Minimise offset + cost x, row_lower <= A x <= row_upper, 0 <= x <= upper; A by rows."""

    cost: FloatArray
    upper: FloatArray
    integer: NDArray[np.bool_]
    row_lower: FloatArray
    row_upper: FloatArray
    start: NDArray[np.int32]
    column: NDArray[np.int32]
    value: FloatArray
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """``columns`` is None when nothing feasible was found; ``bound`` is a lower bound on the cost; both
    include the offset.

    ``row_dual`` holds the multipliers of a linear programme, None for a mixed-integer one. ``nodes``: branch
    and bound nodes that it took.
    """

    state: State
    columns: FloatArray | None
    cost: float
    bound: float
    row_dual: FloatArray | None = None
    nodes: int = 0


_FAILED = Outcome("failed", None, np.inf, -np.inf)
_EXACT = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_abs_gap": 0.0,
    "mip_feasibility_tolerance": 1e-9,
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
    "small_matrix_value": 1e-12,
}
# Presolve costs more than it saves below this many columns.
_FEW_COLUMNS = 20_000

# HiGHS counts in 32 bits; more nodes than that are no limit.
_MANY_NODES = 2**31 - 1


class _Kept(threading.local):
    """One instance a thread for linear programmes without a time limit: making one costs as much as a run."""

    def __init__(self) -> None:
        self.linear = _instance(presolve="off")


def _instance(**settings: object) -> highspy.Highs:
    solver = highspy.Highs()
    for name, value in {**_EXACT, **settings}.items():
        solver.setOptionValue(name, value)
    return solver


_kept = _Kept()


def minimise(
    programme: Programme,
    gap: float = 0.0,
    seconds: float = np.inf,
    nodes: float = np.inf,
    hint: FloatArray | None = None,
) -> Outcome:
    """Solve the programme to a relative ``gap`` of offset + cost; ``hint`` is a feasible point to start from.

    Never raises for what the solver meets: see ``Outcome.state``.
    """
    is_mip, small = bool(programme.integer.any()), programme.cost.size < _FEW_COLUMNS
    if small and not is_mip and np.isinf(seconds):
        solver = _kept.linear
    else:
        settings: dict[str, object] = {"mip_rel_gap": gap}
        if np.isfinite(seconds):
            settings["time_limit"] = max(seconds, 1e-3)
        if nodes < _MANY_NODES:
            settings["mip_max_nodes"] = int(nodes)
        if small and hint is not None:
            settings["presolve"] = "off"
        solver = _instance(**settings)
    _pass(solver, programme)
    if hint is not None and is_mip:
        solution = highspy.HighsSolution()
        solution.col_value = hint.tolist()
        solver.setSolution(solution)
    if not _run(solver):
        return _FAILED
    return _outcome(solver, is_mip)


def _pass(solver: highspy.Highs, programme: Programme) -> None:
    columns, rows = programme.cost.size, programme.row_lower.size
    matrix = (programme.start, programme.column, programme.value)
    head = (columns, rows, programme.value.size)
    body = (
        programme.cost,
        np.zeros(columns),
        programme.upper,
        programme.row_lower,
        programme.row_upper,
        *matrix,
    )
    by_row, sense = int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize)
    kinds = programme.integer.astype(np.int32)
    solver.passModel(*head, by_row, sense, programme.offset, *body, kinds)


def _run(solver: highspy.Highs) -> bool:
    if solver.run() != highspy.HighsStatus.kError:
        return True
    # HiGHS keeps one pool of threads per process; another user of it may have chosen another size.
    highspy.Highs.resetGlobalScheduler(True)
    return bool(solver.run() != highspy.HighsStatus.kError)


def _outcome(solver: highspy.Highs, is_mip: bool) -> Outcome:
    status, info = solver.getModelStatus(), solver.getInfo()
    names = highspy.HighsModelStatus
    if status in (names.kInfeasible, names.kUnboundedOrInfeasible):  # costs are >= 0: never unbounded
        return Outcome("infeasible", None, np.inf, np.inf)
    optimal = status in (names.kOptimal, names.kModelEmpty)
    if not optimal and status not in (names.kTimeLimit, names.kSolutionLimit, names.kIterationLimit):
        return _FAILED
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    state: State = "optimal" if optimal else "stopped"
    bound = info.mip_dual_bound if is_mip else (info.objective_function_value if optimal else -np.inf)
    nodes = max(0, int(info.mip_node_count)) if is_mip else 0
    if not feasible:
        return Outcome(state, None, np.inf, bound, nodes=nodes) if not optimal else _FAILED
    solution = solver.getSolution()
    dual = None if is_mip else np.asarray(solution.row_dual, dtype=np.float64)
    values = np.asarray(solution.col_value, dtype=np.float64)
    return Outcome(state, values, float(info.objective_function_value), float(bound), dual, nodes)
