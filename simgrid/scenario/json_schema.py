"""The JSON Schema of scenario files, for editors: generated from the models, never written by hand.

Run ``python -m simgrid.scenario.json_schema`` in a checkout to write it anew; a test holds it fresh.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from simgrid.scenario.files import shipped_folder
from simgrid.scenario.schema import ScenarioSpec

FILE = "schema/scenario.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ALSO: dict[str, Any] = {
    "extends": {
        "type": "string",
        "description": "a scenario whose values hold where this file has none; null here deletes one there",
    },
    "sweep": {
        "type": "object",
        "description": "places with the values to run, such as dispatch.every: [5 min, 15 min]",
        "additionalProperties": {
            "anyOf": [
                {"type": "array", "minItems": 1},
                {
                    "type": "object",
                    "properties": {
                        "from": {"type": ["number", "string"]},
                        "to": {"type": ["number", "string"]},
                        "steps": {"type": "integer", "minimum": 2},
                    },
                    "required": ["from", "to", "steps"],
                    "additionalProperties": False,
                },
            ]
        },
    },
    "variants": {
        "type": "object",
        "description": "names with what each changes; the scenario as written is the variant called base",
        "additionalProperties": {"$ref": "#/$defs/PartWhole"},
    },
}


def json_schema() -> dict[str, Any]:
    """One schema for whole files, and the same without required keys for files that extend another."""
    whole = ScenarioSpec.model_json_schema(mode="validation", ref_template="#/$defs/{model}")
    definitions = whole.pop("$defs")
    whole["properties"] = {**_ALSO, **whole["properties"]}
    definitions["Whole"] = whole
    partial = {f"Part{name}": _partial(definition) for name, definition in definitions.items()}
    return {
        "$schema": DIALECT,
        "title": "simgrid scenario",
        "if": {"required": ["extends"]},
        "then": {"$ref": "#/$defs/PartWhole"},
        "else": {"$ref": "#/$defs/Whole"},
        "$defs": {**definitions, **partial},
    }


def _partial(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with nothing required, null allowed as a property's value, references to its like."""
    made = copy.deepcopy(schema)

    def visit(node: object) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str) and not node["$ref"].startswith("#/$defs/Part"):
                node["$ref"] = node["$ref"].replace("#/$defs/", "#/$defs/Part")
            if isinstance(node.get("required"), list):
                del node["required"]
            if node.get("type") == "object":
                node.pop("minProperties", None)
            for one in node.values():
                visit(one)
            for keyword in ("properties", "patternProperties"):
                for name, one in (node.get(keyword) or {}).items():
                    node[keyword][name] = {"anyOf": [one, {"type": "null"}]}
            if isinstance(node.get("additionalProperties"), dict):
                node["additionalProperties"] = {"anyOf": [node["additionalProperties"], {"type": "null"}]}
        elif isinstance(node, list):
            for one in node:
                visit(one)

    visit(made)
    return made


def as_text() -> str:
    """The committed file's text."""
    return json.dumps(json_schema(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the schema beside the scenarios."""
    (shipped_folder() / FILE).write_text(as_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
