"""The page about the predictions: its commands fit its scenarios, and its program tells how gains grow."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.scenario import load

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/predictions.md").read_text(encoding="utf-8")
COMMANDS = [
    shlex.split(line)
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]


def option(command: list[str], name: str) -> str:
    return command[command.index(name) + 1] if name in command else ""


def test_the_commands_name_what_the_scenarios_have() -> None:
    scenario = ""
    for command in COMMANDS:
        assert command[0] == "simgrid"
        if command[1] == "run":
            scenario = command[2]
            loaded = load(scenario)
            continue
        assert command[1:3] == ["compare", f"results/{scenario.removeprefix('paper/')}-*"]
        across = option(command, "--across")
        assert not across or across in loaded.sweep_columns
        cells = [dict(cell.swept) for cell in loaded.cells]
        known = (
            {cell[across] for cell in cells} if across else {one.label for one in loaded.cells[0].policies}
        )
        assert option(command, "--baseline") in {*known, ""}
    shipped = {f"paper/{path.stem}" for path in (ROOT / "scenarios/paper").glob("prediction-*.yaml")}
    assert {command[2] for command in COMMANDS if command[1] == "run"} == shipped


def test_the_program_tells_the_growth_of_the_gains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    fewer = [
        "--set",
        "policies=[rwoa, manual]",
        "--set",
        "exclude=[{variant: [base, pool-6, pool-9, pool-12]}]",
    ]
    done = CliRunner().invoke(cli, ["run", "paper/prediction-pool", "-j", "1", "--smoke", *fewer])
    assert done.exit_code == 0, done.output
    (folder,) = Path("results").glob("prediction-pool-*")
    compared = CliRunner().invoke(cli, ["compare", str(folder)])
    assert compared.exit_code == 0, compared.output
    assert "pool-18" in compared.output
    (program,) = re.findall(r"```py\n(.*?)```", PAGE, re.DOTALL)
    capsys.readouterr()
    exec(compile(program, "predictions.md", "exec"), {"__name__": "page"})  # noqa: S102
    told = re.findall(r"^pool (\w+): [+-][\d.]+ points \[", capsys.readouterr().out, re.MULTILINE)
    assert told == ["subspecialty_success", "workload_distance", "response_time_success"]
