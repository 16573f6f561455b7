"""A run as an object-centric event log: the published schema, and what a schema cannot say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from simgrid.domain.journal import Journal
from simgrid.presentation.logs import to_ocel
from simgrid.presentation.logs.steps import STEPS
from tests.exported_runs import START, make_run, reached
from tests.journals import journal as by_hand
from tests.journals import row

# OCEL 2.0: the published JSON schema in our words, and what a schema cannot say.

NAMED = {"type": "object", "required": ["name", "attributes"]}
TYPE = {
    **NAMED,
    "properties": {
        "name": {"type": "string"},
        "attributes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "type"],
                "properties": {"type": {"enum": ["string", "time", "integer", "float", "boolean"]}},
            },
        },
    },
}
RELATED = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["objectId", "qualifier"],
        "properties": {"objectId": {"type": "string"}, "qualifier": {"type": "string"}},
    },
}
WHEN = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}


def valued(*needed: str) -> dict[str, Any]:
    properties = {"name": {"type": "string"}, "value": {"type": "string"}, "time": WHEN}
    return {"type": "array", "items": {"type": "object", "required": list(needed), "properties": properties}}


OCEL_SCHEMA = {
    "type": "object",
    "required": ["eventTypes", "objectTypes", "events", "objects"],
    "additionalProperties": False,
    "properties": {
        "eventTypes": {"type": "array", "items": TYPE},
        "objectTypes": {"type": "array", "items": TYPE},
        "events": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "type", "time"],
                "properties": {"time": WHEN, "attributes": valued("name", "value"), "relationships": RELATED},
            },
        },
        "objects": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "type"],
                "properties": {"attributes": valued("name", "value", "time"), "relationships": RELATED},
            },
        },
    },
}


@pytest.fixture(scope="module")
def run() -> Journal:
    return make_run(give_up_s=21_000.0)


def test_ocel_keeps_its_schema_and_every_relation_leads_somewhere(run: Journal, tmp_path: Path) -> None:
    to_ocel(run, START, tmp_path / "log.json")
    log = json.loads((tmp_path / "log.json").read_text())
    jsonschema.validate(log, OCEL_SCHEMA)
    types = {one["name"]: {part["name"] for part in one["attributes"]} for one in log["objectTypes"]}
    objects = {one["id"]: one for one in log["objects"]}
    assert len(objects) == len(log["objects"]) == len(run.inspections) + 2 + 2 + 2
    for one in log["objects"]:
        assert {part["name"] for part in one["attributes"]} == types[one["type"]]
    for one in [*log["objects"], *log["events"]]:
        assert all(part["objectId"] in objects for part in one["relationships"])
    assert len({one["id"] for one in log["events"]}) == len(log["events"]) == reached(run)
    assert {one["type"] for one in log["events"]} <= {one["name"] for one in log["eventTypes"]} == set(STEPS)
    moments = [one["time"] for one in log["events"]]
    assert moments == sorted(moments)


def test_ocel_relates_events_to_who_took_part(tmp_path: Path) -> None:
    done = row((1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), radiologist=2)
    to_ocel(by_hand([done, row()], (1.0, 1.0, 1.0)), START, tmp_path / "log.json")
    log = json.loads((tmp_path / "log.json").read_text())
    partners = [
        (one["type"], sorted(part["objectId"] for part in one["relationships"][1:])) for one in log["events"]
    ]
    who, unit, site = "radiologist:R2", "unit:U1", "site:site-1"
    assert partners == [
        ("requested", [site]),
        ("requested", [site]),
        ("acquired", [site]),
        ("uploaded", [site]),
        ("assigned", [who]),
        ("delivered", [unit]),
        ("opened", [who, unit]),
        ("read", [who, unit]),
        ("reported", [who, site]),
    ]


def test_a_run_without_inspections_keeps_the_schema(tmp_path: Path) -> None:
    to_ocel(by_hand([]), START, tmp_path / "log.json")
    jsonschema.validate(json.loads((tmp_path / "log.json").read_text()), OCEL_SCHEMA)
