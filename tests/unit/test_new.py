"""``simgrid new``: every template is valid where it lands, and nothing is overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.cli.new import MODELINE, PLANNED, TEMPLATES
from simgrid.scenario import load, shipped_names
from simgrid.scenario.files import read_file


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def simgrid(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


def test_every_shipped_template_is_offered() -> None:
    shipped = {name.removeprefix("templates/") for name in shipped_names() if name.startswith("templates/")}
    assert shipped == set(TEMPLATES) - PLANNED
    assert {f"planning/{name}" for name in PLANNED} <= set(shipped_names())
    assert all(name in simgrid("new", "--help") for name in TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_valid_where_it_lands(template: str) -> None:
    said = simgrid("new", template)
    file = Path(template) / f"{template}.yaml"
    assert said.splitlines()[-1] == str(file)
    loaded = load(file)
    assert loaded.warnings == ()
    folder = "planning" if template in PLANNED else "templates"
    assert loaded.cells == load(f"{folder}/{template}").cells or template == "your-own-log"
    first = file.read_text(encoding="utf-8").splitlines()[0]
    schema = json.loads((file.parent / first.removeprefix(MODELINE)).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(read_file(file).plain())
    assert f"{file}: ok" in simgrid("validate", str(file))


def test_the_log_template_brings_its_log() -> None:
    simgrid("new", "your-own-log", "-o", "deep/folder")
    (cell,) = load("deep/folder/your-own-log.yaml").cells
    assert cell.demand.log is not None
    assert Path(cell.demand.log.file) == Path("deep/folder/your-own-log.csv")


def test_nothing_is_overwritten() -> None:
    simgrid("new")
    file = Path("minimal/minimal.yaml")
    file.write_text("mine", encoding="utf-8")
    assert "is there already: give another folder with -o" in simgrid("new", code=2)
    assert file.read_text(encoding="utf-8") == "mine"
    simgrid("new", "study-unit", "-o", "minimal")
    assert sorted(path.name for path in Path("minimal").glob("*.yaml")) == ["minimal.yaml", "study-unit.yaml"]


def test_what_cannot_be_done_is_told() -> None:
    assert "there is no template 'minmal': did you mean 'minimal'?" in simgrid("new", "minmal", code=2)
    Path("occupied").write_text("a file", encoding="utf-8")
    assert "cannot write" in simgrid("new", "-o", "occupied", code=2)
