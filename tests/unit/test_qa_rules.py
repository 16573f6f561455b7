"""``simgrid qa rules``: every rule that any finding names is there, once."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from click.testing import CliRunner

import simgrid
from simgrid.cli.qa.rules import rules
from simgrid.dicom.iod.rules import RULES as OF_HEADERS
from simgrid.dicom.reading_rules import RULES as OF_READING
from simgrid.quality.rules.names import RULES as OF_PIXELS

SOURCE = Path(simgrid.__file__).parent
MAKERS = {"Finding", "finding", "error", "note"}


def _named(path: Path) -> set[str]:
    """Words with hyphens that are the first argument of a maker of findings."""
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return {
        first.value
        for call in calls
        if call.args and getattr(call.func, "id", getattr(call.func, "attr", "")) in MAKERS
        for first in call.args[:1]
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and "-" in first.value
    }


def test_every_rule_that_the_source_names_is_registered_in_its_own_room() -> None:
    of_reading = [*(SOURCE / "dicom").glob("*.py")]
    named = set().union(*map(_named, of_reading))
    assert len(named) > 10
    assert named <= set(OF_READING)
    assert set().union(*map(_named, (SOURCE / "dicom" / "iod").glob("*.py"))) <= set(OF_HEADERS)
    assert set().union(*map(_named, (SOURCE / "quality").rglob("*.py"))) <= set(OF_PIXELS)


def test_names_mean_one_thing_each() -> None:
    names = [*OF_READING, *OF_HEADERS, *OF_PIXELS]
    assert len(names) == len(set(names))


def test_all_rules_are_printed_for_people_and_programs() -> None:
    shown = CliRunner().invoke(rules, [])
    assert shown.exit_code == 0
    lines = CliRunner().invoke(rules, ["--json"]).output.splitlines()
    told = [json.loads(line) for line in lines]
    assert {one["name"] for one in told} == {*OF_READING, *OF_HEADERS, *OF_PIXELS}
    for one in told:
        assert one["severity"] in ("error", "warning", "note")
        assert one["name"] in shown.output
        assert one["meaning"] in shown.output
        assert one["way_out"] in shown.output
