"""The tutorials as a new user follows them: files saved, lines changed, commands given, all in order."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli

ROOT = Path(__file__).parents[2]
PAGES = {"first-scenario": (14, 6), "plan-a-region": (9, 7)}
"""Commands and quoted outputs of each."""
BLOCK = re.compile(r"^```(\w+)(?: ([^\n]*))?\n(.*?)^```", re.MULTILINE | re.DOTALL)


def text_of(page: str) -> str:
    return (ROOT / "docs" / "tutorials" / f"{page}.md").read_text(encoding="utf-8")


def no_terminal(fallback: tuple[int, int] = (80, 24)) -> os.terminal_size:
    """Each command's own width, whatever the terminal and what other tests left in the environment."""
    return os.terminal_size(fallback)


def given(command: str) -> str:
    """The output of one command line, stars in file names expanded as a shell does."""
    program, *arguments = shlex.split(command)
    assert program == "simgrid"
    found = [
        name
        for argument in arguments
        for name in (sorted(map(str, Path().glob(argument))) if "*" in argument else [argument])
    ]
    result = CliRunner().invoke(cli, found)
    mistaken = "error[E" in result.output
    assert result.exit_code == (2 if mistaken else 0), f"{command}\n{result.output}"
    return result.output


def changed(text: str, difference: str) -> str:
    """The text with each line after ``-`` replaced by those after ``+`` that follow it."""
    assert difference.startswith("-")
    for piece in re.split(r"^-", difference, flags=re.M)[1:]:
        old, *new = piece.splitlines()
        assert new and all(one.startswith("+") for one in new), piece
        assert text.count(old + "\n") == 1, old
        text = text.replace(old + "\n", "".join(one[1:] + "\n" for one in new))
    return text


@pytest.mark.parametrize("page", PAGES)
def test_the_tutorial_in_an_empty_folder(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shutil, "get_terminal_size", no_terminal)
    output, commands, quoted = "", 0, 0
    for kind, about, body in BLOCK.findall(text_of(page)):
        file = Path(about.partition(",")[0])
        if kind == "yaml" and not about:
            assert body in (ROOT / "scenarios/planning/region.yaml").read_text(encoding="utf-8")
        elif kind == "yaml":
            before = file.read_text(encoding="utf-8") if about.endswith(", add") else ""
            file.write_text(before + body, encoding="utf-8")
        elif kind == "diff":
            file.write_text(changed(file.read_text(encoding="utf-8"), body), encoding="utf-8")
        elif kind == "sh":
            lines = body.splitlines()
            output = "\n".join(given(line) for line in lines)
            commands += len(lines)
        else:
            assert kind == "text"
            for part in body.rstrip("\n").split("\n...\n"):
                assert part in output, f"not in the output:\n{part}\n\n{output}"
            quoted += 1
    assert (commands, quoted) == PAGES[page]


@pytest.mark.parametrize("page", PAGES)
def test_no_block_escapes(page: str) -> None:
    text = text_of(page)
    assert text.count("```") == 2 * len(BLOCK.findall(text))
    assert len(re.findall(r"^simgrid ", text, re.MULTILINE)) == PAGES[page][0]


def test_every_tutorial_is_followed() -> None:
    assert {page.stem for page in (ROOT / "docs/tutorials").glob("*.md")} == set(PAGES)
