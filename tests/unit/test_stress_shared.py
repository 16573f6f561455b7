"""What a stress test shares with a plan of the same scenario: the folder, and the runs as written."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.experiments.campaign import Keys, campaign
from simgrid.experiments.installed import installed
from simgrid.planning.space import deployed
from simgrid.scenario import load

PLANNED = """
extends: tiny/one-unit
policies: [rwoa]
targets: {late: {of: all, within: 9 h, share: 50 %}}
costs: {radiologists: 80 EUR/h}
plan: {vary: {units.desk.workstations: [1, 2]}, meet: targets, minimise: cost, runs: 40}
"""


def test_a_plan_s_runs_as_written_are_the_stress_test_s(tmp_path: Path) -> None:
    file = tmp_path / "planned.yaml"
    file.write_text(PLANNED, encoding="utf-8")
    folders = {}
    for command in ("plan", "stress"):
        done = CliRunner().invoke(cli, [command, str(file), "--dry-run", "--json", "-o", str(tmp_path)])
        assert done.exit_code == 0, done.output
        folders[command] = json.loads(done.stdout)["folder"]
    assert folders["plan"] == folders["stress"]
    whole = load(file, (), installed(), planned=True, warned=False)
    (alone,) = campaign(load(file).cells).cells
    of_plan, sources = deployed(whole).cell, dict(campaign((alone,)).sources)
    (choice,) = alone.policies
    keys = [Keys(cell, sources).of(choice, 3) for cell in (alone, of_plan)]
    assert keys[0] == keys[1]
