"""The pages on policies and gates of one's own: their files saved, their commands run one after the other."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli

DOCS = Path(__file__).parents[2] / "docs" / "how-to"
FILES = {
    "own-policy": {"first_free.py": "python", "mine.yaml": "yaml"},
    "own-gate": {"second_look.py": "python", "gates.yaml": "yaml"},
}


def followed(page: str, folder: Path) -> str:
    """Do what the page says, in an empty folder; what its commands print."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    for name, language in FILES[page].items():
        (block,) = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
        assert f"`{name}`" in text
        (folder / name).write_text(block, encoding="utf-8")
    printed = []
    for line in "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).splitlines():
        program, *arguments = shlex.split(line)
        assert program == "simgrid"
        result = CliRunner().invoke(cli, [*arguments, *(["-j", "1"] if arguments[0] == "run" else [])])
        assert result.exit_code == 0, result.output
        printed.append(result.output)
    return "".join(printed)


def test_the_page_on_policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    printed = followed("own-policy", tmp_path)
    assert "first-free@patient" in printed
    assert sorted(one.name.rpartition("-")[0] for one in (tmp_path / "results").iterdir()) == [
        "mine",
        "one-unit",
    ]


def test_the_page_on_gates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking takes time, and looking slowly more; looking finds defects, so repeats take more still."""
    monkeypatch.chdir(tmp_path)
    followed("own-gate", tmp_path)
    (folder,) = (tmp_path / "results").iterdir()
    with (folder / "summary.csv").open(newline="", encoding="utf-8") as file:
        rows = [
            row for row in csv.DictReader(file) if row["policy"] == "round-robin" and row["group"] == "all"
        ]
    mean = {row["variant"]: float(row["mean"]) for row in rows if row["metric"] == "tat_mean_min"}
    assert mean["slow"] > mean["checked"] > mean["base"]
