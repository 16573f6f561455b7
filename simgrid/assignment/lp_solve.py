"""The solver that the study used: the binary ``lp_solve`` on the reference formulation, as a peer of ours.

Debian has it as the package lp-solve. Nothing here decides who reads what: it shows how the study's integer
program fares with the study's solver.
"""

import math
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from simgrid.assignment.answer import UNASSIGNED
from simgrid.assignment.problem import AssignmentProblem, IntArray
from simgrid.assignment.pulp_reference import export

PROGRAM = "lp_solve"
Ended = Literal["optimal", "infeasible", "out of time"]


@dataclass(frozen=True, slots=True)
class Peer:
    """How lp_solve ended on a problem, in how many seconds of processor time.

    ``radiologist`` (S,): who reads what where ``ended`` is ``optimal``, else nobody reads anything.
    """

    ended: Ended
    radiologist: IntArray
    cpu_s: float


def installed() -> bool:
    """Whether the program is there."""
    return shutil.which(PROGRAM) is not None


def solve_peer(problem: AssignmentProblem, cpu_s: float) -> Peer:
    """Maximise the rating under hard limits (eq. 3 to 6), with lp_solve's own settings.

    It is ended after ``cpu_s`` seconds of processor time, rounded up: how busy the machine is does not count.
    What it has found by then counts for nothing, since it may break a limit. Raises ``FileNotFoundError``
    where the program is not installed.
    """
    nobody = np.full(problem.shape[0], UNASSIGNED, dtype=np.int64)
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.mps"
        export(problem, model)
        before = _children_s()
        limited = f"ulimit -t {math.ceil(cpu_s)}; exec {PROGRAM} -max -S4 -fmps model.mps"
        ran = subprocess.run(["sh", "-c", limited], cwd=folder, capture_output=True, text=True, check=False)
        used_s = _children_s() - before
    if ran.returncode == 127:
        raise FileNotFoundError(f"{PROGRAM} is not installed; Debian has it as lp-solve")
    if "This problem is infeasible" in ran.stdout:
        return Peer("infeasible", nobody, used_s)
    if ran.returncode != 0 or "Value of objective function" not in ran.stdout:
        return Peer("out of time", nobody, used_s)
    return Peer("optimal", _chosen(ran.stdout, nobody), used_s)


def _chosen(output: str, nobody: IntArray) -> IntArray:
    """The pairs ``x_INSPECTION_RADIOLOGIST`` whose value is 1."""
    chosen = nobody.copy()
    for line in output.splitlines():
        name, _, value = line.partition(" ")
        if name.startswith("x_") and float(value.split()[0]) > 0.5:
            inspection, radiologist = name[2:].split("_")
            chosen[int(inspection)] = int(radiologist)
    return chosen


def _children_s() -> float:
    import resource  # no system but Unix has it

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
