"""Every number is explained, and every example does what it says."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.explain import explain
from simgrid.cli.main import cli
from simgrid.scenario import ScenarioInvalid, load
from simgrid.scenario.explanations import Explanation, explanations
from simgrid.scenario.problems import CATALOGUE

ALL = explanations()
TONIGHT = (
    "studies: {i0001: {state: at-desk, requested: 2026-01-05 07:30, site: clinic, modality: CT, "
    "body_part: Brain, radiologist: ada-2}}\n"
)


def test_every_number_is_explained_in_order() -> None:
    assert list(ALL) == list(CATALOGUE)


def numbers(one: Explanation, example: str, folder: Path) -> list[str]:
    """The numbers that the example gives."""
    if one.kind == "sh":
        program, *arguments = shlex.split(example)
        assert program == "simgrid"
        result = CliRunner().invoke(cli, arguments)
        return [code for code in CATALOGUE if f"[{code}]" in result.output]
    head = "" if one.kind == "yaml whole" else "extends: tiny/one-unit.yaml\n"
    (folder / "tonight.yaml").write_text(TONIGHT, encoding="utf-8")
    file = folder / "example.yaml"
    file.write_text(head + example + "\n", encoding="utf-8")
    try:
        return [warning.code for warning in load(file).warnings]
    except ScenarioInvalid as invalid:
        return [problem.code for problem in invalid.problems]


@pytest.mark.parametrize("code", CATALOGUE)
def test_the_wrong_example_gives_its_number_and_the_right_one_nothing(code: str, tmp_path: Path) -> None:
    one = ALL[code]
    assert set(numbers(one, one.wrong, tmp_path)) == {code}
    assert numbers(one, one.right, tmp_path) == []
    assert len(one.cause) > 40


@pytest.mark.parametrize("written", ["E103", "e103", "[E103]"])
def test_explain_prints_cause_and_examples(written: str) -> None:
    result = CliRunner().invoke(explain, [written])
    assert result.exit_code == 0
    assert result.output.startswith("E103: an unknown unit\n\nThe unit is not one of the table")
    assert "Wrong:\n\n    sites: {clinic: {link: {bandwidth: 8 mbit/s}}}" in result.output
    assert "Right:\n\n    sites: {clinic: {link: {bandwidth: 8 Mbit/s}}}" in result.output


def test_explain_lists_all_and_knows_what_is_not_there() -> None:
    listed = CliRunner().invoke(explain).output
    assert [line[:4] for line in listed.splitlines()] == list(CATALOGUE)
    missing = CliRunner().invoke(explain, ["E999"])
    assert missing.exit_code == 2
    assert "there is no number E999" in missing.output
