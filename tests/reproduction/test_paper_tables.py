"""The paper's pages name only what exists: functions, tests, switches, files, claims, commands."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from simgrid.cli.main import cli
from simgrid.domain.metric import METRICS
from simgrid.domain.scenario import PolicyChoice
from simgrid.policies import registry
from simgrid.reproduction.claims_file import read_claims, shipped_claims
from simgrid.reproduction.parts import parts_of

ROOT = Path(__file__).parents[2]
SCHEMA: dict[str, Any] = json.loads((ROOT / "scenarios/schema/scenario.schema.json").read_text())
PARTS = {f"{one.name} {part.name}".strip() for one in read_claims(shipped_claims()) for part in parts_of(one)}
CLAIMS = {one.name for one in read_claims(shipped_claims())}


def rows(name: str) -> list[list[str]]:
    """The cells of the rows of a page's one table."""
    lines = [line for line in (ROOT / "paper" / name).read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@cache
def defined(file: str) -> frozenset[str]:
    """Functions, classes and methods (``Class.method``) of a module."""
    found: set[str] = set()
    for node in ast.parse((ROOT / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
    return frozenset(found)


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("row", rows("equations.md"), ids=lambda row: f"{row[0]} {row[1]}"[:50])
def test_each_equation_has_its_function_and_its_tests(row: list[str]) -> None:
    functions, tests = named(row[2]), named(row[3])
    assert functions
    assert tests
    for place in functions + tests:
        file, _, name = place.partition(":")
        assert name in defined(file), place
    assert all(place.startswith("simgrid/") for place in functions)
    assert all(re.match(r"tests/\w+/test_\w+\.py:test_", place) for place in tests)


def test_every_equation_is_there() -> None:
    told = {int(number) for row in rows("equations.md") for number in re.findall(r"^\((\d+)\)", row[0])}
    assert told == set(range(1, 11))


def branches(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """A schema, what it refers to and all that it may be."""
    inner = [SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]] if "$ref" in schema else []
    inner += [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    return [schema, *(one for part in inner for one in branches(part))]


def is_key(name: str) -> bool:
    """Whether a scenario may have this place; NAME stands for any name."""
    here = [SCHEMA["else"]]
    for part in name.split("."):
        whole = [one for schema in here for one in branches(schema)]
        inner = [
            found
            for one in whole
            for key, found in one.get("patternProperties" if part == "NAME" else "properties", {}).items()
            if part in ("NAME", key)
        ]
        here = inner
    return bool(here)


def is_policy(name: str) -> bool:
    return not registry.check(PolicyChoice.parse(name))


def exists(name: str) -> bool:
    if "/" in name:
        return (ROOT / name).is_file()
    return name in METRICS or name in CLAIMS | PARTS or is_key(name) or is_policy(name)


def test_the_look_up_can_say_no() -> None:
    wrong = [
        "K99",
        "K6 look",
        "no_metric",
        "demand.mix.count",
        "rwoa@no-such",
        "paper/none.md",
        "units.NAME.disk",
    ]
    assert [name for name in wrong if exists(name)] == []


@pytest.mark.parametrize("row", rows("inconsistencies.md"), ids=lambda row: row[0])
def test_each_inconsistency_names_what_it_became(row: list[str]) -> None:
    assert named(row[3])
    assert [name for name in named(row[3]) if not exists(name)] == []


def test_all_eighteen_are_there() -> None:
    assert [row[0] for row in rows("inconsistencies.md")] == [str(number) for number in range(1, 19)]


PAGES = sorted((ROOT / "paper").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_files_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    files = re.findall(r"`((?:paper|docs|results|scenarios|simgrid|tests|benchmarks)/[\w./-]+\.\w+)", text)
    made = ("results/reproduce/", "results/reference/")  # by a command that the page names
    assert [one for one in links if not (page.parent / one).exists()] == []
    assert [one for one in files if not (one.startswith(made) or (ROOT / one).exists())] == []


ARTIFACT = (ROOT / "paper/ARTIFACT.md").read_text(encoding="utf-8")


def test_the_artifact_page_has_every_claim_once() -> None:
    table = ARTIFACT[ARTIFACT.index("| claim |") :]
    told = [
        name for row in table.splitlines() if row.startswith("| K") for name in row.split("|")[1].split(",")
    ]
    assert sorted(map(str.strip, told)) == sorted(CLAIMS)


def test_its_commands_are_real() -> None:
    """Installing and testing are CI's own lines; what simgrid is asked for is understood."""
    install, *three = "".join(re.findall(r"```sh\n(.*?)```", ARTIFACT, re.DOTALL)).splitlines()
    ci = (ROOT / ".ci/run").read_text()
    assert install in ci
    assert three[-1] in ci
    asked = [line.removeprefix(".venv/bin/") for line in three[:-1]] + re.findall(
        r"`(simgrid [^`]*)`", ARTIFACT
    )
    for line in asked:
        program, command, *options = line.split()
        assert program == "simgrid"
        known = cli.get_command(click.Context(cli), command)
        assert known is not None
        known.make_context(command, options)


def test_the_citation_is_of_this_version() -> None:
    citation: Any = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    assert citation["cff-version"] == "1.2.0"
    assert {"title", "message", "authors", "type"} <= citation.keys()
    assert citation["references"][0]["doi"] in (ROOT / "paper/references.bib").read_text(encoding="utf-8")
