"""The page on plans: what it shows is printed, its commands end as it says, its YAML is read."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.scenario import load

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/plan.md").read_text(encoding="utf-8")
FIRST, NO_PLAN, DRY = re.findall(r"```sh\nsimgrid (.*?)\n```", PAGE, re.DOTALL)
SHOWN, ANSWERED = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
BLOCK = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]


def done(command: str, folder: Path) -> Result:
    return CliRunner().invoke(cli, [*shlex.split(command), "-o", str(folder)])


def test_the_first_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    result = done(f"{FIRST} -j 1", tmp_path)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(SHOWN)
    (folder,) = tmp_path.iterdir()
    on_disk = len([*(folder / "runs").glob("*.json*")])
    assert f"\n{on_disk} runs: " in result.stdout  # as written is the plan named: its runs count once
    told = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    table = (folder / "plan.csv").read_text(encoding="utf-8")
    assert {one["world"] for one in told["people_plans"]} == {"as it is", "non-reading time", "absence"}
    assert all(f"people: {one['world']}," in table and one["n"] for one in told["people_plans"])
    (later,) = told["missed_later"]
    assert later["cost"] not in [one["cost"] for one in told["rivals"]]


def test_without_a_plan_the_command_says_why_and_ends_with_1(tmp_path: Path) -> None:
    result = done(f"{NO_PLAN} -j 1", tmp_path)
    assert result.exit_code == 1
    assert result.stdout.startswith(ANSWERED)


@pytest.mark.parametrize("form", ["", " --json"])
def test_a_dry_run_computes_nothing(form: str, tmp_path: Path) -> None:
    result = done(DRY + form, tmp_path)
    assert result.exit_code == 0, result.output
    assert "12" in result.stdout
    assert list(tmp_path.iterdir()) == []
    assert (
        form or "would be in" in result.stdout.splitlines()[-1]
    )  # a folder that is not there is not promised


def test_the_pages_yaml_is_a_plan_of_a_scenario_with_such_places(tmp_path: Path) -> None:
    """The tiny scenario with places of those names."""
    people = """\
  evening: {unit: main, reads: [CT], hours: "Mon-Fri 17:00-20:00", ratings: {CT: 4}}
  oncall: {unit: main, reads: [CT], hours: "Sat 22:00-06:00", ratings: {CT: 4}}
"""
    text = (ROOT / "scenarios/tiny/one-unit.yaml").read_text(encoding="utf-8")
    text = text.replace("units: {desk:", "units: {main:").replace("unit: desk", "unit: main")
    text = text.replace("radiologists:\n", f"radiologists:\n{people}", 1)
    file = tmp_path / "scenario.yaml"
    file.write_text(text + BLOCK)
    loaded = load(file, planned=True)
    assert len(loaded.cells) == 9 * 2 * 3
    assert [one.name for one in loaded.cells[0].targets] == ["urgent", "routine"]
