"""The page on `simgrid reproduce` can be followed; its table is the page's own words for every verdict."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.reproduction import experiments
from simgrid.reproduction.claims import WORDS
from simgrid.reproduction.claims_file import shipped_claims
from simgrid.reproduction.exhibits.catalogue import EXHIBITS
from simgrid.reproduction.exhibits.exhibit import worlds_needed
from simgrid.reproduction.verdict_table import COLUMNS
from tests.reproduction.expectations import filled

PAGE = Path(__file__).parents[2] / "docs/how-to/reproduce.md"


@pytest.fixture
def cut_down(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two worlds of Table 1 with few inspections; everything else is too large for --quick."""
    claims = tmp_path_factory.mktemp("claims") / "claims.yaml"
    claims.write_text(filled(shipped_claims().read_text(encoding="utf-8"), {}), encoding="utf-8")
    monkeypatch.setattr("simgrid.reproduction.claims_file.shipped_claims", lambda: claims)

    def few(name: str, one: experiments.Experiment) -> experiments.Experiment:
        quick = 2 if name == "table-1" else 0
        worlds = replace(one.worlds, quick=quick, overrides=("demand.count=12",) if quick else ())
        readings = {
            reading: replace(how, worlds=how.worlds and replace(how.worlds, quick=0))
            for reading, how in one.readings.items()
        }
        return replace(one, worlds=worlds, readings=readings)

    known = {name: few(name, one) for name, one in experiments.EXPERIMENTS.items()}
    monkeypatch.setattr("simgrid.reproduction.parts.EXPERIMENTS", known)
    small = tuple(one for one in EXHIBITS if worlds_needed((one,)).keys() <= {"table-1"})
    monkeypatch.setattr("simgrid.reproduction.reproduce.EXHIBITS", small)


@pytest.mark.usefixtures("cut_down")
def test_the_page_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    commands = "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).splitlines()
    assert len(commands) == 4
    for line in commands:
        program, *arguments = shlex.split(line)
        assert program == "simgrid"
        done = CliRunner().invoke(cli, [*arguments, "-j", "1"])
        assert done.exit_code == 0, done.output
    for name in ("verdicts-quick.csv", "verdicts-quick.html", "verdicts-cached.csv", "values/table-1.json"):
        assert (tmp_path / "results/reproduce" / name).is_file()


def test_every_column_is_told_in_order() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?`) \| ", page[page.index("| Column |") :], re.MULTILINE)
    assert re.findall(r"`(\w+)`", " ".join(rows)) == list(COLUMNS)


def test_every_verdict_is_told_on_the_page() -> None:
    rows = re.findall(r"^\| ([a-z ]+) \| \w", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == ["verdict", *WORDS]
