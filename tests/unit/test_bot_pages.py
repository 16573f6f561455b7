"""The pages on the bot and on de-identification: every command on them ends as they say."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.cli.qa import bot as bot_command
from simgrid.quality.bot.audit import _KEYS
from simgrid.quality.bot.fixes import BETTER_BY
from simgrid.quality.bot.steps import STEPS
from simgrid.quality.feedback.proposal import FEWEST_EACH, LOST
from tests.bots import inbox

HOW_TO = Path(__file__).parents[2] / "docs/how-to"
BOT, DEIDENTIFY = ((HOW_TO / name).read_text(encoding="utf-8") for name in ("qa-bot.md", "deidentify.md"))
REFERENCE = (HOW_TO.parent / "reference/image-quality.md").read_text(encoding="utf-8")


def commands(page: str) -> list[list[str]]:
    return [shlex.split(one)[1:] for one in re.findall(r"```sh\n(simgrid .*?)\n```", page, re.DOTALL)]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "salt").write_bytes(b"a salt for the page")
    return tmp_path


def test_the_bots_commands_do_what_the_page_says(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox(here / "inbox", ("CT_small.dcm",))
    once, replayed, names, listens, audit, feedback = commands(BOT)
    runner = CliRunner()
    assert runner.invoke(cli, once, catch_exceptions=False).exit_code == 0
    again = runner.invoke(cli, replayed, catch_exceptions=False)
    assert (again.exit_code, again.stdout) == (0, "2 files made again, 0 otherwise\n")
    listed = runner.invoke(cli, names, catch_exceptions=False).stdout
    judged = [json.loads(line) for line in (here / "judged/results.jsonl").read_text().splitlines()]
    assert all(one["path"] in listed for one in judged)
    made = {path.name for path in (here / "judged").glob("filed/*/*/*")}
    told = set(re.findall(r"VERDICT/PSEUDONYM/([\w.]+)", BOT))
    assert made - {"thumbnail.png"} <= told <= made | {"derived.dcm"}
    assert runner.invoke(cli, audit, catch_exceptions=False).exit_code == 0
    monkeypatch.setattr(bot_command.time, "sleep", interrupt)
    anywhere = ["0" if one == "11112" else one for one in listens]
    assert runner.invoke(cli, anywhere, catch_exceptions=False).exit_code == 130
    known = next(one for one in judged if one["status"] == "judged")
    (table,) = re.findall(r"```csv\n(.*?)```", BOT, re.DOTALL)
    (here / "findings.csv").write_text(re.sub(r"^[0-9a-f]{16}", known["path"], table, flags=re.MULTILINE))
    said = runner.invoke(cli, feedback, catch_exceptions=False)
    assert said.exit_code == 0
    assert said.stdout.splitlines()[0].endswith("not used")


def interrupt(_: float) -> None:
    raise KeyboardInterrupt


def test_the_deidentifying_commands_write_files(here: Path) -> None:
    inbox(here / "scans", ("CT_small.dcm",))
    (here / "scans" / "notes.txt").unlink()
    for command in commands(DEIDENTIFY):
        shutil.rmtree(here / "given-away", ignore_errors=True)
        expanded = [one.replace("~", str(here)) for one in command]
        (here / "scans" / ".being written").unlink(missing_ok=True)
        assert CliRunner().invoke(cli, expanded, catch_exceptions=False).exit_code == 0
        assert len(list((here / "given-away").iterdir())) == 1


def test_numbers_and_names_on_the_pages_are_those_of_the_code() -> None:
    flat = " ".join(BOT.split())
    assert f"rises by {BETTER_BY}, the defect is no longer found" in flat
    assert f"at least {FEWEST_EACH} looks" in flat
    assert f"below {LOST}" in flat
    assert all(step in BOT for step in STEPS)
    assert all(f"`{key}`" in REFERENCE for key in _KEYS)
