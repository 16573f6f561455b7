"""The pages on policies and gates of one's own: their files saved, their commands run one after the other."""

from __future__ import annotations

import csv
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli

DOCS = Path(__file__).parents[2] / "docs" / "how-to"
FILES = {
    "own-network": {"own_network.py": "python", "make_network.py": "python", "network.yaml": "yaml"},
    "own-policy": {"first_free.py": "python", "mine.yaml": "yaml"},
    "own-gate": {"second_look.py": "python", "gates.yaml": "yaml"},
}


def followed(page: str, folder: Path) -> str:
    """Do what the page says, in an empty folder; what its commands print."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    blocks = {one: re.findall(rf"```{one}\n(.*?)```", text, re.DOTALL) for one in ("python", "yaml")}
    assert [*FILES[page].values()].count("python") == len(blocks["python"])
    for name, language in FILES[page].items():
        block = blocks[language].pop(0)
        assert f"`{name}`" in text
        (folder / name).write_text(block, encoding="utf-8")
    printed = []
    for line in "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).splitlines():
        program, *arguments = shlex.split(line)
        if program == "python":
            subprocess.run([sys.executable, *arguments], cwd=folder, check=True)
            continue
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


def test_the_page_on_a_network_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network that finds noise has some of it repeated, so that fewer patients are called back."""
    pytest.importorskip("onnx")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIMGRID_DATA", str(tmp_path / "cache"))
    followed("own-network", tmp_path)
    (folder,) = (tmp_path / "results").iterdir()
    with (folder / "summary.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["policy"] == "rwoa" and row["group"] == "all"]
    mean = {(row["variant"], row["metric"]): float(row["mean"]) for row in rows}
    assert mean["own", "repeats"] > 0 == mean["blind", "repeats"]
    assert mean["own", "recalls"] < mean["blind", "recalls"] == mean["base", "recalls"]
    assert mean["own", "tat_mean_min"] < mean["blind", "tat_mean_min"]
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert "own.onnx" in manifest["inputs_sha256"]
