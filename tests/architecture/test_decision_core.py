"""The decision core works where the simulator is not installed: a hospital needs numpy, scipy and highspy.

A fresh interpreter refuses every package but those; there each policy decides a worklist and a journal is
measured.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCKED = (
    "simpy",
    "pandas",
    "torch",
    "pydicom",
    "pydantic",
    "pulp",
    "ruamel",
    "pyarrow",
    "matplotlib",
    "joblib",
)

PROGRAMME = f"""
import importlib.abc, importlib.util, pkgutil, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED!r}:
            raise ImportError(f"{{name}} is blocked")
        return None

sys.meta_path.insert(0, Refuse())
for blocked in {BLOCKED!r}:
    try:
        __import__(blocked)
    except ImportError:
        continue
    raise SystemExit(f"{{blocked}} was not blocked")

import simgrid
for room in ("domain", "codes", "rating", "assignment", "metrics", "policies"):
    package = importlib.import_module(f"simgrid.{{room}}")
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        # the one module that exists to call PuLP
        if module.name != "simgrid.assignment.pulp_reference":
            importlib.import_module(module.name)

from simgrid.domain.scenario import Discrepancy, PolicyChoice
from simgrid.metrics import evaluate, problems
from simgrid.policies.registry import available, make
from simgrid.rating import Ontology
from tests.journals import journal, row
from tests.worklists import radiologist, team, worklist

people = team(radiologist("a", 0.5), radiologist("b", 0.9))
work = worklist(people, [0, 1, 2], effort_limit=[30.0, 10.0], logged=[0, 1, 0])
for name in available():
    answer = make(PolicyChoice(name), people, Ontology.default()).assign(work)
    assert (answer.radiologist >= 0).all(), name
    print(name, *answer.radiologist)
one = journal([row((60, 120, 240, 300, 600, 1200, 2400), radiologist=0)])
assert problems(one) == ()
assert evaluate(one, Discrepancy())
loaded = sorted({{name.partition(".")[0] for name in sys.modules}} & set({BLOCKED!r}))
assert not loaded, loaded
"""


def test_policies_assign_and_metrics_measure_with_the_rest_blocked():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAMME],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    decided = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert set(decided) >= {"manual", "random", "rbsm", "round-robin", "rwoa", "shortest-queue"}
    assert decided["rbsm"] == "1 1 1"
    # b has 10 minutes left, enough for the CT (10) or the mammography (4), not for both
    assert decided["rwoa"] in ("1 0 0", "0 0 1")
