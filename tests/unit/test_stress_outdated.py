"""A stress test of a scenario that was changed since: taken away by a rerun, left out of a report."""

from __future__ import annotations

import json
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.experiments.outdated import is_outdated

SCENARIO = """
extends: tiny/one-unit
policies: [rwoa]
targets: {{late: {{of: all, within: {hours} h, share: 50 %}}}}
stress: {{load_to: 1.05, down: {down} h}}
"""


def written(hours: int = 9, down: int = 2) -> str:
    Path("mine.yaml").write_text(SCENARIO.format(hours=hours, down=down), encoding="utf-8")
    return "mine.yaml"


def simgrid(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    done = simgrid("stress", written(), "-r", "2", "-j", "1")
    assert done.exit_code == 0, done.output
    (made,) = Path("results").iterdir()
    assert {"stress.json", "stress.md", "stress.csv"} <= {one.name for one in made.iterdir()}
    return made


def test_a_test_of_the_scenario_as_it_is_is_told(folder: Path) -> None:
    assert not is_outdated(folder)
    done = simgrid("report", str(folder))
    assert done.exit_code == 0, done.output
    assert "warning" not in done.stderr


@pytest.mark.parametrize("changed", [{"hours": 8}, {"down": 3}])
def test_a_run_of_other_targets_or_another_test_takes_the_old_one_away(
    folder: Path, changed: dict[str, int]
) -> None:
    done = simgrid("run", written(**changed), "-r", "2", "-j", "1")
    assert done.exit_code == 0, done.output
    assert [*Path("results").iterdir()] == [folder]
    assert not [one for one in folder.iterdir() if one.name.startswith("stress.")]


def test_a_rerun_that_is_ended_leaves_nothing_of_the_old_test(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("simgrid.planning.stress.worst_outage", ends)
        done = simgrid("stress", written(down=3), "-r", "2", "-j", "1")
    assert done.exit_code == 130
    assert "was of the scenario before it was changed: taken away" in done.stderr
    assert not (folder / "stress.json").exists()
    again = simgrid("stress", written(down=3), "-r", "2", "-j", "1")
    assert "taken away" not in again.stderr
    assert not is_outdated(folder)


def test_a_report_leaves_out_what_is_of_another_scenario_and_says_so(folder: Path) -> None:
    old = {one.name: one.read_bytes() for one in folder.iterdir() if one.name.startswith("stress.")}
    assert simgrid("run", written(hours=8), "-r", "2", "-j", "1").exit_code == 0
    for name, content in old.items():
        (folder / name).write_bytes(content)
    done = simgrid("report", str(folder), "--xlsx")
    assert done.exit_code == 0, done.output
    assert (
        "its stress test is of the scenario before it was changed: run 'simgrid stress' again" in done.stderr
    )
    text = unescape((folder / "report.html").read_text(encoding="utf-8"))
    assert "is told without what breaks first" in text
    assert json.loads(old["stress.json"])["answer"] not in text
    assert "Each link down" not in text
    checked = simgrid("verify", str(folder / "report.html"), "--runs", "1", "-j", "1")
    assert checked.exit_code == 0, checked.output
    assert "all as shown" in checked.output
    assert "NOT compared" not in checked.output


def test_a_report_of_nothing_but_an_old_test_is_refused(folder: Path) -> None:
    file = folder / "stress.json"
    told = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(told | {"asked": "0" * 16}), encoding="utf-8")
    done = simgrid("report", str(folder))
    assert done.exit_code == 2
    assert "before it was changed" in done.output
