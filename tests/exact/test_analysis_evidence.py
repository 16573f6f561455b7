"""Evidence of an analysis: its arms are numbered in the order of its points, and it is found again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from simgrid.experiments.assemble import run_once
from simgrid.experiments.parallel import Progress
from simgrid.reproduction.evidence import asked_for, compute, kept, missing_runs, values_file
from simgrid.reproduction.experiments import Worlds

SCENARIO = """
extends: tiny/one-unit
policies: [rwoa, manual]
groups: []
sensitivity:
  trajectories: 2
  over:
    policy_options.manual.habit: {from: 0.5, to: 2}
    spread.benefit: {from: 0, to: 1.5}
  of: [subspecialty_success]
  cross: {dispatch.every: [15 min, 30 min]}
"""
METRIC = "subspecialty_success"


@contextmanager
def unwatched(_: int, __: str) -> Iterator[Progress]:
    yield lambda _: None


def test_points_are_numbered_combination_after_combination(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SCENARIO)
    worlds = Worlds("small", str(file), quick=0, full=2, cpu_s=1.0, kind="analysis")
    loaded, asked = asked_for(worlds, 2)
    analysis = loaded.analysis
    assert analysis is not None
    assert len(asked.cells) == 2 * analysis.distinct
    assert missing_runs(worlds, 2, tmp_path) == (4 * len(asked.cells), 4 * len(asked.cells))
    found = compute(worlds, 2, [METRIC], tmp_path, 1, unwatched)
    assert list(found.values[METRIC]) == [
        f"point {point}, {policy}" for point in range(len(asked.cells)) for policy in ("rwoa", "manual")
    ]
    last = len(asked.cells) - 1
    choice = asked.cells[last].policies[1]
    again = [
        {one.metric: one.value for one in run_once(asked.cells[last], choice, world)}[METRIC]
        for world in range(2)
    ]
    np.testing.assert_array_equal(found.values[METRIC][f"point {last}, manual"], again)
    assert missing_runs(worlds, 2, tmp_path)[0] == 0
    stored = kept(worlds, values_file("small", tmp_path / "reproduce").parents[1])
    assert stored is not None
    for arm, values in found.values[METRIC].items():
        np.testing.assert_array_equal(stored.values[METRIC][arm], values)


def test_the_chief_s_options_move_the_chief_and_nobody_else(tmp_path: Path) -> None:
    """Without an earlier stage what RWOA believes does not hang on how the chief decides."""
    file = tmp_path / "small.yaml"
    file.write_text("extends: tiny/one-unit\nsweep: {policy_options.manual.habit: [0, 4]}\n")
    _, asked = asked_for(Worlds("swept", str(file), quick=1, full=1, cpu_s=1.0), 6)
    keys = {(task.cell, task.policy.label, task.replication): task.key for task in asked.tasks()}
    for policy in ("rwoa", "rbsm", "round-robin"):
        assert keys[0, policy, 0] == keys[1, policy, 0]
    assert keys[0, "manual", 0] != keys[1, "manual", 0]
    chosen = [
        [
            value.value
            for world in range(6)
            for value in run_once(cell, cell.policies[3], world)
            if (value.group, value.metric) == ("all", METRIC)
        ]
        for cell in asked.cells
    ]
    assert float(np.mean(chosen[1])) > float(np.mean(chosen[0]))
