"""The page on stress tests: its scenario is run by its commands, and prints what the page shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/stress.md").read_text(encoding="utf-8")


SHOWN = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"```sh\nsimgrid (.*?)\n```", PAGE, re.DOTALL)


def test_one_hospital_breaks_where_the_whole_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (scenario,) = re.findall(r"```yaml one-hospital.yaml\n(.*?)```", PAGE, re.DOTALL)
    Path("one-hospital.yaml").write_text(scenario, encoding="utf-8")
    done = CliRunner().invoke(cli, [*shlex.split(COMMANDS[1]), "-j", "1"])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(SHOWN[1])


def test_the_page_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (scenario,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    Path("mine.yaml").write_text(scenario, encoding="utf-8")
    shown = SHOWN[0]
    tested, _, region = COMMANDS
    done = CliRunner().invoke(cli, [*shlex.split(tested), "-j", "1"])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(shown)
    (folder,) = Path("results").iterdir()
    assert {"stress.json", "stress.md", "scenario.yaml", "runs"} <= {file.name for file in folder.iterdir()}
    assert done.stderr.startswith("215 to 590 runs: ")  # said before anything is computed
    assert "minutes with 1 worker" in done.stderr or "minute with 1 worker" in done.stderr
    listed = CliRunner().invoke(cli, shlex.split(region))
    assert listed.exit_code == 0, listed.output
    assert "of 15 things, at most 60 replications each: 0 of 960 runs are stored" in listed.stdout
