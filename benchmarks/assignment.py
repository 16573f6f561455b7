"""CPU time of ``simgrid.assignment.solve`` and of other solvers on the same problems, to the same gap.

``python -m benchmarks.assignment [--full] [--seconds N] [--case NAME]``. Every peer is a process of its own
that answers one problem at a time; problems go round the peers in turn, so that a busy machine slows all
alike. Import times are not counted, building the model is. A peer that proves nothing in the time counts as
inf; one whose "optimum" is beaten by a certified answer counts as inf too, and is listed under "wrong".
"""

import argparse
import json
import math
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simgrid.assignment import AssignmentProblem, solve


@dataclass(frozen=True)
class Case:
    """Rows, radiologists, how much more room than work there is, instances, what is special, and the gap."""

    name: str
    S: int
    R: int
    slack: float
    instances: int
    special: str = ""
    gap: float = 0.0


CASES = (
    Case("10x6", 10, 6, 1.6, 15),
    Case("50x9 under-loaded", 50, 9, 50.0, 15),
    Case("50x9 loose", 50, 9, 1.6, 9),
    Case("50x9 mid", 50, 9, 1.2, 9),
    Case("50x9 tight", 50, 9, 1.03, 5),
    Case("50x9 ties", 50, 9, 1.2, 5, "ties"),
    Case("stuck 18-34x9", 0, 9, 1.05, 7, "shares"),
    Case("40x6 effort by pair", 40, 6, 1.2, 5, "pair"),
    Case("200x30 mid", 200, 30, 1.2, 3),
    Case("1464x9 to 1e-4", 1464, 9, 1.05, 3, gap=1e-4),
)
LARGER = (Case("200x30 tight", 200, 30, 1.03, 3), Case("5000x50 to 1e-4", 5000, 50, 1.05, 1, gap=1e-4))
# Ours alone: nobody else comes near.
LARGEST = (
    Case("20000x200 to 1e-4", 20_000, 200, 1.05, 1, gap=1e-4),
    Case("100000x500 to 1e-4", 100_000, 500, 1.05, 1, gap=1e-4),
)


def problem_of(case: Case, seed: int) -> AssignmentProblem:
    """The case's instance: efforts of 1 to 20 points, ratings squared so that experts stand out."""
    rng = np.random.default_rng([seed, case.S, case.R])
    S, R = case.S or int(rng.integers(18, 35)), case.R
    effort, size = rng.integers(1, 21, S).astype(float), rng.lognormal(17, 1, S)
    rating = rng.random((S, R))
    rating *= rating
    if case.special == "ties":
        rating = np.round(rating * 3) / 3
    limit = np.full(R, effort.sum() / R * case.slack)
    if case.special == "pair":
        effort = rng.integers(5, 26, (S, R)).astype(float)
        limit = np.full(R, effort.min(axis=1).sum() / R * case.slack * 1.6)
    if case.special == "shares":
        # Each radiologist's share of all work so far, plus one largest effort, minus what was read before.
        past = rng.dirichlet(np.full(R, 40.0)) * 20 * effort.sum()
        limit = np.maximum((past.sum() + effort.sum()) / R * case.slack + effort.max() - past, 0.0)
    U = max(1, R // 3)
    free = np.full(U, size.sum() / U * max(case.slack, 1.3))
    eligible = rng.random((S, R), dtype=np.float32) < 0.9
    return AssignmentProblem(rating, effort, limit, eligible, size, np.arange(R) % U, free, 1.0)


def ours(problem: AssignmentProblem, seconds: float, gap: float) -> float | None:
    """This project, its work limited in nodes as the policies do it (about 4 ms each at 50x9)."""
    answer = solve(problem, gap, node_limit=int(250 * seconds))
    proven = answer.status in ("optimal", "within_gap") and not answer.relaxed
    return answer.objective if proven else None


def highs_arrays(problem: AssignmentProblem, seconds: float, gap: float) -> float | None:
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
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return float(solver.getInfo().objective_function_value)


def pulp_highs(problem: AssignmentProblem, seconds: float, gap: float) -> float | None:
    """The PuLP reference formulation, solved by HiGHS."""
    import pulp

    return _pulp(problem, pulp.HiGHS(msg=False, gapRel=gap, threads=1, timeLimit=seconds))


def pulp_cbc(problem: AssignmentProblem, seconds: float, gap: float) -> float | None:
    """The PuLP reference formulation, solved by the CBC that PuLP brings along."""
    import pulp

    return _pulp(problem, pulp.PULP_CBC_CMD(msg=False, gapRel=gap, threads=1, timeLimit=seconds))


def _pulp(problem: AssignmentProblem, solver: Any) -> float | None:
    import pulp

    from simgrid.assignment.pulp_reference import model

    reference = model(problem)
    status = reference.lp.solve(solver)
    proven = pulp.LpStatus[status] == "Optimal" and reference.lp.sol_status == pulp.LpSolutionOptimal
    return float(pulp.value(reference.lp.objective)) if proven else None


def lp_solve(problem: AssignmentProblem, seconds: float, gap: float) -> float | None:
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
    return abs(float(found[0].split(":")[1])) if found and "suboptimal" not in ran.stdout.lower() else None


PEERS: dict[str, Callable[[AssignmentProblem, float, float], float | None]] = {
    "simgrid": ours,
    "HiGHS arrays": highs_arrays,
    "PuLP+HiGHS": pulp_highs,
    "PuLP+CBC": pulp_cbc,
    "lp_solve": lp_solve,
}


def serve(name: str, seconds: float) -> None:
    """Answer one problem per line of input: CPU milliseconds, own and children's, and the objective."""
    peer, cases = PEERS[name], {case.name: case for case in CASES + LARGER + LARGEST}
    warm = problem_of(CASES[0], 0)
    peer(warm, seconds, 0.0)
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        case = cases[request["case"]]
        problem = problem_of(case, request["seed"])
        before = _cpu()
        objective = peer(problem, seconds, case.gap)
        print(json.dumps({"ms": 1000 * (_cpu() - before), "objective": objective}), flush=True)


def _cpu() -> float:
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


class Peer:
    """A peer's process."""

    def __init__(self, name: str, seconds: float) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.assignment", "--peer", name]
        command += ["--seconds", str(seconds)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == "ready", f"{name} did not start"

    def ask(self, case: Case, seed: int) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"case": case.name, "seed": seed}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def measure(case: Case, peers: dict[str, Peer]) -> tuple[dict[str, list[float]], list[str]]:
    """CPU milliseconds of each peer on the case's instances whose limits can hold, inf where it gave up; and
    who claimed a wrong optimum.

    Raises ``AssertionError`` when somebody's proven optimum is better than ours.
    """
    times: dict[str, list[float]] = {name: [] for name in peers}
    wrong: list[str] = []
    seed = 0
    while len(times["simgrid"]) < case.instances and seed < 5 * case.instances:
        seed += 1
        first = peers["simgrid"].ask(case, seed)
        best = first["objective"]
        if best is None:
            continue
        allowed = (1e-5 + case.gap) * max(1.0, abs(best))
        for name, peer in peers.items():
            answer = first if name == "simgrid" else peer.ask(case, seed)
            objective = answer["objective"]
            assert objective is None or objective <= best + allowed, (case.name, seed, name, objective, best)
            if objective is not None and objective < best - allowed:
                wrong.append(f"{name}: {case.name} {seed}")
                objective = None
            times[name].append(answer["ms"] if objective is not None else math.inf)
    return times, wrong


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
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        serve(arguments.peer, arguments.seconds)
        return
    names = [name for name in PEERS if name != "lp_solve" or shutil.which("lp_solve")]
    peers = {name: Peer(name, arguments.seconds) for name in names}
    print(f"{'median CPU ms (worst)':24}" + "".join(f"{name:>22}" for name in names), flush=True)
    ratios: dict[str, dict[str, float | None]] = {}
    wrong: list[str] = []
    for case in CASES + (LARGER if arguments.full else ()):
        if arguments.case and arguments.case not in case.name:
            continue
        times, false = measure(case, peers)
        wrong += false
        if not times["simgrid"]:
            print(f"{case.name:24}{'no instance proven':>22}", flush=True)
            continue
        median = {name: statistics.median(values) for name, values in times.items()}
        cells = [f"{median[name]:.2f} ({max(times[name]):.1f})" for name in names]
        print(f"{case.name:24}" + "".join(f"{cell:>22}" for cell in cells), flush=True)
        finite = {name: value / median["simgrid"] for name, value in median.items() if name != "simgrid"}
        ratios[case.name] = {n: round(v, 3) if math.isfinite(v) else None for n, v in finite.items()}
    for peer in peers.values():
        peer.close()
    alone = largest() if arguments.full else {}
    print(json.dumps({"benchmark": "assignment", "ratios": ratios, "wrong": wrong, "largest": alone}))


if __name__ == "__main__":
    main()
