"""CPU time of ``simgrid.assignment.solve`` and of other solvers on the same problems, to the same gap.

``python -m benchmarks.assignment [--full] [--seconds N] [--case NAME] [--cp-sat PYTHON]``. Every peer is a
process of its own that answers one problem at a time; problems go round the peers in turn, so that a busy
machine slows all alike. Import times are not counted, building the model is. A peer that proves nothing in
the time counts as inf ("time-out" where that is its median), one that does not even end soon after it is
ended; one whose "optimum" is beaten by a certified answer counts as inf too, and is listed under "wrong".
``--full`` adds larger sizes, the public recipes (proven gap against the time) and the largest problems, ours
alone. ``--cp-sat`` adds CP-SAT, run by a Python that has OR-Tools.
"""

import argparse
import json
import math
import os
import resource
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.assignment_cases import CASES, LARGER, LARGEST, PUBLIC, Case, problem_of
from simgrid.assignment import AssignmentProblem, solve

# Pairs of the largest batch of a day.
_BATCH = 1000


class Result(NamedTuple):
    """The rating of the answer, None without one that keeps the limits; whether it is proven within the gap;
    and the bound, where the peer tells."""

    objective: float | None
    proven: bool
    bound: float | None = None


def ours(problem: AssignmentProblem, seconds: float, gap: float) -> Result:
    """This project: a batch with an allowance of nodes, as the policies do it, a large problem with one of
    time."""
    batch = problem.rating.size <= _BATCH
    limit = {"node_limit": int(250 * seconds)} if batch else {"time_limit_s": seconds}
    answer = solve(problem, gap, **limit)
    if answer.relaxed:
        return Result(None, False)
    return Result(answer.objective, answer.status in ("optimal", "within_gap"), answer.bound)


def highs_arrays(problem: AssignmentProblem, seconds: float, gap: float) -> Result:
    """HiGHS from arrays, every pair, no more thought than that."""
    import highspy

    S, R, U = problem.shape
    pairs = S * R
    row = np.repeat(np.arange(S), R)
    column = np.tile(np.arange(R), S)
    unit = problem.unit_of[column]
    members = [np.arange(i * R, (i + 1) * R) for i in range(S)]
    members += [np.flatnonzero(column == j) for j in range(R)] + [np.flatnonzero(unit == u) for u in range(U)]
    effort, stored = problem.pair_effort.ravel(), problem.stored_bytes[row]
    values = (
        [np.ones(R)] * S + [effort[m] for m in members[S : S + R]] + [stored[m] for m in members[S + R :]]
    )
    starts = np.concatenate([[0], np.cumsum([m.size for m in members])]).astype(np.int32)
    lower = np.concatenate([np.ones(S), np.full(R + U, -np.inf)])
    upper = np.concatenate([np.ones(S), problem.effort_limit, problem.storage_bytes])
    solver = highspy.Highs()
    for name, value in {
        "output_flag": False,
        "threads": 1,
        "mip_rel_gap": gap,
        "time_limit": seconds,
    }.items():
        solver.setOptionValue(name, value)
    solver.passModel(
        pairs,
        S + R + U,
        int(starts[-1]),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMaximize),
        0.0,
        problem.rating.ravel(),
        np.zeros(pairs),
        problem.eligible.ravel().astype(float),
        lower,
        upper,
        starts,
        np.concatenate(members).astype(np.int32),
        np.concatenate(values),
        np.ones(pairs, dtype=np.int32),
    )
    solver.run()
    proven = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    value = float(solver.getInfo().objective_function_value)
    return Result(value if math.isfinite(value) else None, proven)


def pulp_highs(problem: AssignmentProblem, seconds: float, gap: float) -> Result:
    """The PuLP reference formulation, solved by HiGHS."""
    import pulp

    return _pulp(problem, pulp.HiGHS(msg=False, gapRel=gap, threads=1, timeLimit=seconds))


def pulp_cbc(problem: AssignmentProblem, seconds: float, gap: float) -> Result:
    """The PuLP reference formulation, solved by the CBC that PuLP brings along."""
    import pulp

    return _pulp(problem, pulp.PULP_CBC_CMD(msg=False, gapRel=gap, threads=1, timeLimit=seconds))


def _pulp(problem: AssignmentProblem, solver: Any) -> Result:
    import pulp

    from simgrid.assignment.pulp_reference import model

    reference = model(problem)
    status = reference.lp.solve(solver)
    proven = pulp.LpStatus[status] == "Optimal" and reference.lp.sol_status == pulp.LpSolutionOptimal
    # What CBC leaves at a time-out can break a limit: only what is proven counts.
    return Result(float(pulp.value(reference.lp.objective)) if proven else None, proven)


def lp_solve(problem: AssignmentProblem, seconds: float, gap: float) -> Result:
    """The reference formulation as an MPS file, solved by the lp_solve binary (the study's solver)."""
    from simgrid.assignment.pulp_reference import export

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.mps"
        export(problem, path)
        command = [
            "lp_solve",
            "-max",
            "-S4",
            "-ga",
            "0",
            "-gr",
            str(gap),
            "-timeout",
            str(math.ceil(seconds)),
        ]
        ran = subprocess.run([*command, "-fmps", str(path)], capture_output=True, text=True, check=False)
    found = [line for line in ran.stdout.splitlines() if line.startswith("Value of objective function")]
    if not found or "suboptimal" in ran.stdout.lower():
        return Result(None, False)
    value = abs(float(found[0].split(":")[1]))
    return Result(value if problem.rating.min() >= 0 else -value, True)


PEERS: dict[str, Callable[[AssignmentProblem, float, float], Result]] = {
    "simgrid": ours,
    "HiGHS arrays": highs_arrays,
    "PuLP+HiGHS": pulp_highs,
    "PuLP+CBC": pulp_cbc,
    "lp_solve": lp_solve,
}


# The others fall behind these two on them.
ON_RECIPES = ("simgrid", "HiGHS arrays", "PuLP+CBC")
ALL = {case.name: case for case in (*CASES, *LARGER, *PUBLIC, *LARGEST)}


def serve(name: str, seconds: float) -> None:
    """Answer one problem per line of input: CPU milliseconds, own and children's, and the result."""
    peer = PEERS[name]
    peer(problem_of(CASES[0], 0), seconds, 0.0)
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        case = ALL[request["case"]]
        problem = problem_of(case, request["seed"])
        before = _cpu()
        result = peer(problem, seconds, case.gap)
        print(json.dumps({"ms": 1000 * (_cpu() - before), **result._asdict()}), flush=True)


def _cpu() -> float:
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


class Peer:
    """A peer's process; ended and started anew when it answers much later than the limit it was given."""

    def __init__(self, name: str, seconds: float) -> None:
        self.name, self.seconds = name, seconds
        self.process = self._started()

    def command(self) -> list[str]:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.assignment", "--peer", self.name]
        return [*command, "--seconds", str(self.seconds)]

    def question(self, case: Case, seed: int) -> dict[str, Any]:
        return {"case": case.name, "seed": seed}

    def _started(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready", f"{self.name} did not start"
        return process

    def ask(self, case: Case, seed: int) -> tuple[float, Result]:
        """CPU milliseconds, inf where nothing was proven, and the result."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(self.question(case, seed)) + "\n")
        self.process.stdin.flush()
        answers = self.process.stdout
        ready, _, _ = select.select([answers], [], [], 3 * self.seconds + 20)
        if not ready:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = self._started()
            return math.inf, Result(None, False)
        answer: dict[str, Any] = json.loads(answers.readline())
        ms = answer.pop("ms")
        result = Result(**answer)
        return ms if result.proven else math.inf, result

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


class CpSat(Peer):
    """``benchmarks.cp_sat`` in the process of another Python, which is told the arrays."""

    def __init__(self, python: str, seconds: float) -> None:
        self.python = python
        super().__init__("CP-SAT", seconds)

    def command(self) -> list[str]:
        return [self.python, "-m", "benchmarks.cp_sat"]

    def question(self, case: Case, seed: int) -> dict[str, Any]:
        problem = problem_of(case, seed)
        arrays = {
            "rating": problem.rating,
            "effort": problem.pair_effort,
            "effort_limit": problem.effort_limit,
            "eligible": problem.eligible,
            "stored": problem.stored_bytes,
            "unit_of": problem.unit_of,
            "room": problem.storage_bytes,
        }
        listed = {name: array.tolist() for name, array in arrays.items()}
        return {**listed, "seconds": self.seconds, "gap": case.gap}


def measure(case: Case, peers: dict[str, Peer]) -> tuple[dict[str, list[float]], list[str]]:
    """CPU milliseconds of each peer on the case's instances whose limits can hold, inf where it gave up; and
    who claimed a wrong optimum.

    Raises ``AssertionError`` when somebody's proven optimum is better than our bound.
    """
    times: dict[str, list[float]] = {name: [] for name in peers}
    wrong: list[str] = []
    seed = 0
    while len(times["simgrid"]) < case.instances and seed < 5 * case.instances:
        seed += 1
        ms, first = peers["simgrid"].ask(case, seed)
        if first.objective is None:
            continue
        assert first.bound is not None
        allowed = (1e-5 + case.gap) * max(1.0, abs(first.objective))
        for name, peer in peers.items():
            ms, result = (ms, first) if name == "simgrid" else peer.ask(case, seed)
            claim = result.objective if result.proven else None
            assert claim is None or claim <= first.bound + allowed, (case.name, seed, name, claim, first)
            if claim is not None and claim < first.objective - allowed:
                wrong.append(f"{name}: {case.name} {seed}")
                ms = math.inf
            times[name].append(ms)
    return times, wrong


def compare(cases: Sequence[Case], peers: dict[str, Peer]) -> tuple[dict[str, Any], list[str]]:
    """A line of the table for each case; the ratios to our median (None: both or only the peer gave up, 0: we
    gave up), and wrong optima."""
    print(f"{'median CPU ms (worst)':24}" + "".join(f"{name:>22}" for name in peers), flush=True)
    ratios: dict[str, Any] = {}
    wrong: list[str] = []
    for case in cases:
        times, false = measure(case, peers)
        wrong += false
        if not times["simgrid"]:
            print(f"{case.name:24}{'no instance whose limits hold':>22}", flush=True)
            continue
        median = {name: statistics.median(values) for name, values in times.items()}
        cells = [f"{_shown(median[name])} ({_shown(max(times[name]))})" for name in peers]
        print(f"{case.name:24}" + "".join(f"{cell:>22}" for cell in cells), flush=True)
        own = median.pop("simgrid")
        ratios[case.name] = {n: round(v / own, 3) if math.isfinite(v) else None for n, v in median.items()}
    return ratios, wrong


def _shown(ms: float) -> str:
    return f"{ms:.2f}" if math.isfinite(ms) else "time-out"


def public(peers: dict[str, Peer]) -> dict[str, Any]:
    """The public recipes: CPU seconds to the proof, or how far below our bound the answer at the end of the
    time is."""
    print(f"\n{'s to proof, or gap':24}" + "".join(f"{name:>22}" for name in peers), flush=True)
    found: dict[str, Any] = {}
    for case in PUBLIC:
        asked = {name: peer.ask(case, 1) for name, peer in peers.items()}
        bound = asked["simgrid"][1].bound
        cells, found[case.name] = [], {}
        for name, (ms, result) in asked.items():
            gap = None
            if bound is not None and result.objective is not None:
                gap = max(0.0, (bound - result.objective) / abs(bound))
            found[case.name][name] = {"s": round(ms / 1000, 3) if math.isfinite(ms) else None, "gap": gap}
            short = "no answer" if gap is None else f"gap {gap:.1e}"
            cells.append(f"{ms / 1000:.2f} s" if math.isfinite(ms) else short)
        print(f"{case.name:24}" + "".join(f"{cell:>22}" for cell in cells), flush=True)
    return found


def largest() -> dict[str, dict[str, float]]:
    """Proven gap, CPU seconds and peak memory of ours, problem included, on the largest cases."""
    found = {}
    for case in LARGEST:
        problem = problem_of(case, 1)
        before = _cpu()
        answer = solve(problem, case.gap)
        spent, peak = _cpu() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found[case.name] = {"gap": answer.gap, "cpu_s": round(spent, 2), "peak_mb": round(peak)}
        print(
            f"{case.name:24}{answer.status} {answer.gap:.1e}, {spent:.2f} s, peak {peak:.0f} MB", flush=True
        )
        del problem, answer
    return found


def main() -> None:
    """Measure all cases and print the table and the line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="larger sizes too")
    parser.add_argument("--seconds", type=float, default=5.0, help="time limit of one solve (default 5)")
    parser.add_argument("--case", help="cases whose name contains this")
    parser.add_argument("--cp-sat", metavar="PYTHON", help="a Python that has ortools: CP-SAT too")
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        serve(arguments.peer, arguments.seconds)
        return
    names = [name for name in PEERS if name != "lp_solve" or shutil.which("lp_solve")]
    peers = {name: Peer(name, arguments.seconds) for name in names}
    if arguments.cp_sat:
        peers["CP-SAT"] = CpSat(arguments.cp_sat, arguments.seconds)
    wanted = arguments.case or ""
    cases = [case for case in CASES + (LARGER if arguments.full else ()) if wanted in case.name]
    ratios, wrong = compare(cases, peers)
    whole = arguments.full and not wanted
    recipes = public({name: peers[name] for name in ON_RECIPES}) if whole else {}
    for peer in peers.values():
        peer.close()
    alone = largest() if whole else {}
    line = {"benchmark": "assignment", "ratios": ratios, "wrong": wrong, "recipes": recipes, "largest": alone}
    print(json.dumps(line))


if __name__ == "__main__":
    main()
