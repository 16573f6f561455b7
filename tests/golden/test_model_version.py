"""Changed numbers need a raised MODEL_VERSION: stored runs are keyed by it, not by the commit.

After a change that is meant to change numbers: raise MODEL_VERSION, then
``python -m tests.golden.test_model_version`` writes the new golden numbers (not under the old
version).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from simgrid.experiments.assemble import run_once
from simgrid.experiments.model_version import MODEL_VERSION
from simgrid.scenario import load

GOLDEN = Path(__file__).parent / "model_numbers.json"
SCENARIOS = ("paper/table-1", "real-dicom")
WORLDS = (0, 1)


def numbers() -> dict[str, float]:
    """Every metric over all inspections of two worlds of each scenario under each of its policies."""
    return {
        f"{name}/{policy.label}/{world}/{one.metric}": one.value
        for name in SCENARIOS
        for cell in load(name).cells
        for policy in cell.policies
        for world in WORLDS
        for one in run_once(cell, policy, world)
        if one.group == "all"
    }


def test_numbers_are_those_of_this_model_version() -> None:
    golden = json.loads(GOLDEN.read_text())
    assert golden["model_version"] == MODEL_VERSION, (
        "write the golden numbers of the new version: see the module"
    )
    found = numbers()
    assert found.keys() == golden["numbers"].keys()
    changed = [
        key
        for key, value in golden["numbers"].items()
        if found[key] != pytest.approx(value, rel=1e-9, nan_ok=True)
    ]
    assert changed == [], "the model's numbers changed: raise MODEL_VERSION, then write the golden numbers"


def write() -> None:
    """Write the golden numbers of a raised version."""
    if GOLDEN.exists() and json.loads(GOLDEN.read_text())["model_version"] >= MODEL_VERSION:
        sys.exit(f"MODEL_VERSION is {MODEL_VERSION}, and that has its golden numbers: raise it first")
    text = json.dumps({"model_version": MODEL_VERSION, "numbers": numbers()}, indent=0)
    GOLDEN.write_text(text + "\n")


if __name__ == "__main__":
    write()
