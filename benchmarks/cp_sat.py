"""CP-SAT (OR-Tools) as a peer of ``benchmarks.assignment``: a process of its own that answers problems.

It may be another Python's (``pip install ortools`` into an environment of its own), since HiGHS and OR-Tools
cannot share a process; so this module imports nothing of the project. One line of JSON is one problem, the
answer is another. CP-SAT reckons in whole numbers: efforts and bytes are rounded up, limits down, so that
what it gives keeps the limits; ratings are counted in millionths of the largest, and what is told is the
rating of its assignment as given.
"""

import json
import resource
import sys
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

_WHOLE = 1_000_000
"""Steps in which ratings are counted, and efforts where they are no whole numbers."""


def solve(problem: dict[str, Any]) -> dict[str, Any]:
    """Rating and whether it is proven within the gap; None without an answer."""
    rating, effort, limit = (np.array(problem[name]) for name in ("rating", "effort", "effort_limit"))
    eligible = np.array(problem["eligible"], dtype=bool)
    stored, unit_of, room = (np.array(problem[name]) for name in ("stored", "unit_of", "room"))
    S, R = rating.shape
    steps = 1 if np.array_equal(effort, np.floor(effort)) else _WHOLE
    effort, limit = np.ceil(effort * steps).astype(int), np.floor(limit * (1 + 1e-9) * steps)
    points = np.rint(rating / max(np.abs(rating).max(), 1e-300) * _WHOLE).astype(int)
    model = cp_model.CpModel()
    used = [[model.new_bool_var("") if eligible[i, j] else None for j in range(R)] for i in range(S)]
    pairs = [(i, j, var) for i, row in enumerate(used) for j, var in enumerate(row) if var is not None]
    for row in used:
        model.add_exactly_one([var for var in row if var is not None])
    for j in range(R):
        if np.isfinite(limit[j]):
            own = [(i, row[j]) for i, row in enumerate(used) if row[j] is not None]
            model.add(sum(int(effort[i, j]) * var for i, var in own) <= int(limit[j]))
    for u, free in enumerate(np.floor(room).tolist()):
        held = [(i, var) for i, j, var in pairs if unit_of[j] == u]
        model.add(sum(int(np.ceil(stored[i])) * var for i, var in held) <= int(free))
    model.maximize(sum(int(points[i, j]) * var for i, j, var in pairs))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = problem["seconds"]
    solver.parameters.relative_gap_limit = problem["gap"]
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return {"objective": None, "proven": False}
    value = float(sum(rating[i, j] for i, j, var in pairs if solver.value(var)))
    return {"objective": value, "proven": status == cp_model.OPTIMAL}


def main() -> None:
    """Answer one problem per line of input: CPU milliseconds, and the result."""
    print("ready", flush=True)
    for line in sys.stdin:
        problem = json.loads(line)
        before = _cpu()
        answer = solve(problem)
        print(json.dumps({"ms": 1000 * (_cpu() - before), **answer}), flush=True)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
