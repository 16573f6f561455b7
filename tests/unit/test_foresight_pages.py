"""Pages about estimates, first differences, late studies, backlogs: commands run, and print what is said."""

from __future__ import annotations

import re
import runpy
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli

PAGES = Path(__file__).parents[2] / "docs/how-to"


@pytest.mark.parametrize("page", ["first-difference", "estimate", "why-late", "tonight"])
def test_the_page_can_be_followed(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    for name, block in re.findall(r"```yaml (\S+)\n(.*?)```", text, re.DOTALL):
        (tmp_path / name).write_text(block, encoding="utf-8")
    blocks = re.findall(r"```(sh|text)\n(.*?)```", text, re.DOTALL)
    printed = ""
    for kind, block in blocks:
        if kind == "text":
            missing = [line for line in block.splitlines() if " ".join(line.split()) not in printed]
            assert missing == [], printed
        else:
            printed = " ".join(" ".join(map(shown, block.splitlines())).split())
    assert sum(kind == "text" for kind, _ in blocks) >= 2
    for name, block in re.findall(r"```python (\S+)\n(.*?)```", text, re.DOTALL):
        (tmp_path / name).write_text(block, encoding="utf-8")
        runpy.run_path(name)


def shown(line: str) -> str:
    """What the command of a line prints."""
    program, *arguments = shlex.split(line)
    assert program == "simgrid"
    if arguments[0] == "compare":  # the others know a star themselves
        arguments = [str(next(Path().glob(one))) if "*" in one else one for one in arguments]
    quick = ["-j", "1"] if arguments[0] == "run" else []
    result = CliRunner().invoke(cli, [*arguments, *quick])
    differs = "--events" in arguments and arguments[-1] != arguments[-2]
    assert result.exit_code == (1 if differs else 0), result.output
    return result.output
