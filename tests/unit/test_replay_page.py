"""docs/how-to/replay-your-log.md: its commands run one after the other, and print what it shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "replay-your-log.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder in which every command was run, and what they printed."""
    folder = tmp_path_factory.mktemp("page")
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    script = "set -e\n" + "\n".join(COMMANDS)
    run = subprocess.run(
        ["bash", "-c", script], cwd=folder, env={"PATH": path}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return folder, run.stdout


def test_the_commands_print_what_the_page_shows(done: tuple[Path, str]) -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert shown in done[1]


def test_the_files_are_there_and_name_nobody(done: tuple[Path, str]) -> None:
    folder = done[0]
    for name in ("night.log.csv", "night.rejected.csv", "kept.yaml", "night.xes", "rbsm.csv", "again.yaml"):
        text = (folder / name).read_text(encoding="utf-8")
        assert [who for who in ("Roe", "Doe", "Poe", "Moe", "Grey", "White", "A-100") if who in text] == []
    assert "Harbour" in (folder / "kept.log.csv").read_text(encoding="utf-8")
    assert "Harbour" not in (folder / "night.log.csv").read_text(encoding="utf-8")
