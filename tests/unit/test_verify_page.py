"""The page on checking a report: its commands run one after the other, its exit codes are complete."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli import exits
from simgrid.cli.main import cli

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "verify.md"


def test_the_page_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    printed = []
    for line in "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).splitlines():
        program, *arguments = shlex.split(line)
        assert program == "simgrid"
        arguments = [str(next(Path().glob(one))) if "*" in one else one for one in arguments]
        few = ["-j", "1"] if arguments[0] != "report" else []
        done = CliRunner().invoke(cli, [*arguments, *few])
        assert done.exit_code == 0, done.output
        printed.append(done.output)
    told = re.findall(r"```text\n(.*?)```", text, re.DOTALL)[0].splitlines()
    counted = re.sub(r"[0-9]+ texts", "N texts", printed[2])
    assert [line for line in told if line not in counted.splitlines()] == ["  ..."]
    assert "6 of the 8 runs, drawn with --seed 2718" in printed[-1]


def test_every_exit_code_is_explained() -> None:
    codes = re.findall(r"^\| (\d) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    every = (exits.DONE, exits.CHECK_SAID_NO, exits.USAGE, exits.MODEL_FAILED, exits.ENVIRONMENT)
    assert [int(code) for code in codes] == list(every)
