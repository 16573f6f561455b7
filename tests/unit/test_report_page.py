"""The page on reports can be followed to the letter."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.presentation.board.missing import HOW

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/report.md").read_text(encoding="utf-8")
FEWER = ("--set", "plan.vary={radiologists.day.count: 1..2}", "--set", "plan.runs=30")
QUICKER = {"run": ("-j", "1"), "plan": ("-j", "1", *FEWER)}
"""The page on plans shows the whole of its plan, and its own test runs that."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (own,) = blocks("yaml")
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    for line in "".join(blocks("sh")).splitlines():
        if "what-if" in line:  # 18,750 runs: with fewer of them in tests/browser
            continue
        program, *arguments = shlex.split(line)
        assert program == "simgrid"
        arguments = [str(next(Path().glob(one))) if "*" in one else one for one in arguments]
        result = CliRunner().invoke(cli, [*arguments, *QUICKER.get(arguments[0], ())])
        assert result.exit_code in (0, 1), result.output
    assert (tmp_path / "report.xlsx").is_file()
    text = (tmp_path / "own.html").read_text(encoding="utf-8")
    for part in ("sliders", "tornado", "frontier", "heat", "waits", "map", "policies", "ledger-part"):
        assert f'id="{part}"' in text, part
    left_out = re.findall(r'<tr><th scope="row">([^<]*)</th><td><span class="says">', text)
    assert left_out == ["what breaks first"]


def test_every_part_that_may_be_missing_is_on_the_page() -> None:
    told = {
        "what if": "what if?",
        "targets": "`targets`",
        "study": "simgrid run",
        "what it rests on": "`sources`",
    }
    for part in HOW:
        assert told.get(part, part) in PAGE, part
