"""Every constraint of the PuLP reference has a golden LP file, and every file a constraint.

After an intended change, write the files anew with ``SIMGRID_WRITE_GOLDEN=1`` and read the difference.
"""

import os
from pathlib import Path

import pytest

from simgrid.assignment import AssignmentProblem
from simgrid.assignment.pulp_reference import CONSTRAINTS, export, model

GOLDEN = Path(__file__).parent / "assignment"

PROBLEM = AssignmentProblem(
    rating=[[0.5, 0.25, 0.125], [0.75, 1.0, -0.5]],
    effort=[2.0, 3.0],
    effort_limit=[4.0, 0.0, float("inf")],
    eligible=[[True, False, True], [True, True, True]],
    size_bytes=[1000.0, 3000.0],
    unit_of=[0, 0, 1],
    storage_bytes=[2000.0, 5000.0],
    storage_factor=1.5,
)


def _compare(path: Path, written: str) -> None:
    if os.environ.get("SIMGRID_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(written, encoding="utf-8")
    assert written == path.read_text(encoding="utf-8"), f"{path.name} differs from what PuLP writes now"


# Budgets belong to the stages with excess columns.
FORMS = [(name, "soft") for name in CONSTRAINTS]
FORMS += [(name, "hard") for name in CONSTRAINTS if not name.endswith("_budget")]


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_each_constraint_reads_as_the_golden_file_says(name: str, form: str, tmp_path: Path) -> None:
    soft = form == "soft"
    reference = model(PROBLEM, soft=soft, most_closed=0.25, most_relative=0.5, constraints=(name,))
    reference.lp.writeLP(str(tmp_path / "model.lp"))
    _compare(GOLDEN / f"{name}-{form}.lp", (tmp_path / "model.lp").read_text(encoding="utf-8"))


@pytest.mark.parametrize("goal", ["closed", "strain"])
def test_each_excess_objective_reads_as_the_golden_file_says(goal: str, tmp_path: Path) -> None:
    reference = model(PROBLEM, goal, soft=True)  # type: ignore[arg-type]
    reference.lp.writeLP(str(tmp_path / "model.lp"))
    _compare(GOLDEN / f"goal-{goal}.lp", (tmp_path / "model.lp").read_text(encoding="utf-8"))


def test_no_constraint_and_no_golden_file_is_unregistered() -> None:
    expected = {f"{name}-{form}.lp" for name, form in FORMS} | {"goal-closed.lp", "goal-strain.lp"}
    assert {path.name for path in GOLDEN.iterdir()} == expected


def test_every_row_of_the_full_model_belongs_to_a_registered_constraint() -> None:
    reference = model(PROBLEM, soft=True, most_closed=0.25, most_relative=0.5)
    assert {row.rstrip("_0123456789") for row in reference.lp.constraints} == set(CONSTRAINTS)


def test_export_writes_lp_and_mps_and_nothing_else(tmp_path: Path) -> None:
    export(PROBLEM, tmp_path / "a.lp")
    export(PROBLEM, tmp_path / "a.mps", soft=True)
    assert "one_radiologist_0: x_0_0 + x_0_1 + x_0_2 = 1" in (tmp_path / "a.lp").read_text(encoding="utf-8")
    assert "ENDATA" in (tmp_path / "a.mps").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.txt: PuLP writes \.lp and \.mps"):
        export(PROBLEM, tmp_path / "a.txt")
