"""The JSON Schema of scenario files, for editors: generated from the models, never written by hand.

Run ``python -m simgrid.scenario.json_schema`` in a checkout to write it anew; a test holds it fresh.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from simgrid.scenario.designs import METHODS
from simgrid.scenario.excludes import MOST_LINES
from simgrid.scenario.files import shipped_folder
from simgrid.scenario.samples import LARGEST_SEED, MOST_PLACES, MOST_POINTS
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.sensitivity import MOST
from simgrid.scenario.sensitivity_design import METHODS as ANALYSES
from simgrid.scenario.uncertain import FAMILIES, PAIRS
from simgrid.scenario.uncertain import MOST_PLACES as MOST_UNCERTAIN

FILE = "schema/scenario.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_END = {"type": ["number", "string"]}
_SCALE = {"enum": ["linear", "log"]}
_SPAN = {"from": _END, "to": _END}
_BETWEEN = {
    "type": "object",
    "properties": {**_SPAN, "scale": _SCALE},
    "required": ["from", "to"],
    "additionalProperties": False,
}
_TWO_ENDS = {"type": "array", "items": _END, "minItems": 2, "maxItems": 2}


def _named(choices: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    """A mapping with the names of one of the choices."""
    names = [name for one in choices for name in one]
    return {
        "type": "object",
        "properties": dict.fromkeys(names, _END),
        "anyOf": [{"required": list(one)} for one in choices],
        "additionalProperties": False,
    }


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
                    "properties": {**_SPAN, "steps": {"type": "integer", "minimum": 2}, "scale": _SCALE},
                    "required": ["from", "to", "steps"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "properties": {**_SPAN, "step": _END, "scale": {"const": "linear"}},
                    "required": ["from", "to", "step"],
                    "additionalProperties": False,
                },
            ]
        },
    },
    "sample": {
        "type": "object",
        "description": "points scattered over several places at once, each with its range or list of values",
        "properties": {
            "method": {"enum": list(METHODS)},
            "points": {"type": "integer", "minimum": 1, "maximum": MOST_POINTS},
            "seed": {"type": "integer", "minimum": 0, "maximum": LARGEST_SEED},
            "over": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": MOST_PLACES,
                "additionalProperties": {
                    "anyOf": [
                        {"type": "array", "minItems": 2},
                        _BETWEEN,
                    ]
                },
            },
        },
        "required": ["method", "points", "over"],
        "additionalProperties": False,
    },
    "uncertain": {
        "type": "object",
        "description": "places whose values are estimates, each with what every world draws it from",
        "maxProperties": MOST_UNCERTAIN,
        "additionalProperties": {
            "type": "object",
            "properties": {
                "interval": _TWO_ENDS,
                **{family: _named(names) for family, names in PAIRS.items()},
                "scale": _SCALE,
                "within": _TWO_ENDS,
            },
            "anyOf": [{"required": [family]} for family in FAMILIES],
            "additionalProperties": False,
        },
    },
    "sensitivity": {
        "type": "object",
        "description": "places varied between two ends, for 'simgrid sensitivity'; not run otherwise",
        "properties": {
            "method": {"enum": list(ANALYSES)},
            **{name: {"type": "integer", "minimum": 2, "maximum": most} for name, most in MOST.items()},
            "seed": {"type": "integer", "minimum": 0, "maximum": LARGEST_SEED},
            "over": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": MOST_PLACES,
                "additionalProperties": _BETWEEN,
            },
            "of": {"type": "array", "minItems": 1, "items": {"type": "string"}},
            "cross": {"type": "object", "additionalProperties": {"type": "array", "minItems": 1}},
        },
        "required": ["over"],
        "additionalProperties": False,
    },
    "exclude": {
        "type": "array",
        "description": "points that are not run, such as - {variant: outage, dispatch.every: 5 min}",
        "minItems": 1,
        "maxItems": MOST_LINES,
        "items": {"type": "object", "minProperties": 1},
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
