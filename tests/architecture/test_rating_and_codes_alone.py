"""Rating and codes do their work where nothing but numpy and the standard library is installed."""

import subprocess
import sys

BLOCKED = (
    "simpy",
    "pandas",
    "torch",
    "pydicom",
    "pydantic",
    "pulp",
    "highspy",
    "ruamel",
    "matplotlib",
    "click",
)

SCRIPT = f"""
import sys

class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED!r}:
            raise ImportError(f"{{name}} is blocked")

sys.meta_path.insert(0, Wall())
import numpy as np
from simgrid.codes import CodeTables
from simgrid.rating import Ontology, ahp_weights, rbsm

tables, tree = CodeTables.default(), Ontology.default()
row = {{"Modality": "CT", "Body part": "Brain", "Disease": tables.disease("C71")}}
row["Anatomy"] = tables.anatomy("Brain")
assert rbsm(tree.demand([row]), np.ones((2, len(tree.conditions)))).tolist() == [[1.0, 1.0]]
assert ahp_weights([[1, 3], [1 / 3, 1]]).weights.tolist() == [0.75, 0.25]
print("done")
"""


def test_rating_and_codes_with_everything_else_blocked():
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "done"


def test_the_wall_stops_what_it_names():
    script = SCRIPT.replace("import numpy as np", "import simpy")
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "simpy is blocked" in ran.stderr


def test_codes_know_neither_domain_nor_rating():
    script = "import sys, simgrid.codes; print([m for m in sys.modules if m.startswith('simgrid.')])"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = ran.stdout
    assert "simgrid.codes.tables" in loaded
    assert "simgrid.domain" not in loaded
    assert "simgrid.rating" not in loaded
