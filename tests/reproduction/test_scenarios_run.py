"""Every scenario that travels with simgrid is valid and runs, cut short but on the same code path."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "scenarios").rglob("*.yaml"))


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
def test_scenario_runs(scenario: Path, tmp_path: Path) -> None:
    run("validate", str(scenario))
    run("run", str(scenario), "--smoke", "-j", "1", "-o", str(tmp_path))
    (folder,) = tmp_path.iterdir()
    with (folder / "summary.csv").open() as rows:
        assert {row["metric"] for row in csv.DictReader(rows)} >= {"subspecialty_success", "tat_mean_min"}


def test_the_number_of_workers_leaves_no_trace(tmp_path: Path) -> None:
    names = ("summary.csv", "comparisons.csv", "replications.csv")
    for jobs in ("1", "2"):
        run("run", "paper/table-1", "-r", "3", "-j", jobs, "-o", str(tmp_path / jobs))
    (one,), (two,) = ((tmp_path / jobs).iterdir() for jobs in ("1", "2"))
    assert one.name == two.name
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in names)
