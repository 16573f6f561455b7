"""The assignment imports and solves where simulation, tables, networks, DICOM and PuLP are not installed."""

import subprocess
import sys

BLOCKED = (
    "simpy",
    "pandas",
    "torch",
    "pydicom",
    "pydantic",
    "pulp",
    "scipy",
    "matplotlib",
    "ruamel",
    "click",
)

SCRIPT = f"""
import sys

class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED!r}:
            raise ImportError(f"{{name}} is blocked")

sys.meta_path.insert(0, Wall())
from simgrid.assignment import AssignmentProblem, certify, solve, solve_in_chunks

problem = AssignmentProblem([[0.9, 0.1], [0.9, 0.8], [0.7, 0.1]], [5, 5, 5], [5, 5])
answer = solve(problem)
assert answer.status == "optimal", answer
assert len(answer.relaxed) == 1, answer
assert certify(problem, answer).valid
assert certify(problem, solve_in_chunks(problem, 1)).valid
print("done")
"""


def test_the_assignment_needs_numpy_and_highspy_only() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "done"
