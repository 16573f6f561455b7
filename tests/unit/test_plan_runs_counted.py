"""The number of runs that a plan tells is that of the runs on disk it rests on, each counted once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from tests import planned

AS_THE_PLAN = (
    ("count: 2, unit: desk", "count: 1, unit: desk"),
    ("{bandwidth: 8 Mbit/s}, storage", "{bandwidth: 4 Mbit/s}, storage"),
)


@pytest.mark.parametrize("changes", [(), AS_THE_PLAN])
def test_runs_are_counted_once_also_where_the_plan_is_the_scenario_as_written(
    changes: tuple[tuple[str, str], ...], tmp_path: Path
) -> None:
    file = planned.written(tmp_path, *changes)
    result = CliRunner().invoke(cli, ["plan", str(file), "-j", "1", "-o", str(tmp_path / "results")])
    assert result.exit_code == 0, result.output
    (folder,) = (tmp_path / "results").iterdir()
    told = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert (told["plan"] == told["now"]["plan"]) == bool(changes)
    on_disk = len([*(folder / "runs").glob("*.json")])
    assert f"\n{on_disk} runs: " in result.stdout
    assert sum(told["runs"][stage] for stage in ("search", "test", "beside")) == on_disk
