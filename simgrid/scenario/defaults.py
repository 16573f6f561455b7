"""What a scenario leaves to simgrid: the values that its file does not write, and what holds instead."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from simgrid.scenario.files import shipped_folder
from simgrid.scenario.ledger import ANY, NO_ASSUMPTION
from simgrid.scenario.marks import Located, dotted
from simgrid.scenario.odd_values import duration

_FILE = "schema/scenario.schema.json"
_REF = "#/$defs/"
_PATH = tuple[str, ...]
_OF_NO_RUN = NO_ASSUMPTION | {"groups", "regime"}


def unwritten(tree: Located) -> tuple[tuple[str, str], ...]:
    """Place and text of each value that holds since the file does not say otherwise, in the schema's order.

    A star stands for those of the names that do not say otherwise.
    """
    whole = _schema()["$defs"]["Whole"]
    found = _left_out_below(whole, tree, ())
    return tuple(dict.fromkeys((dotted(path), text) for path, text in found if path[0] not in _OF_NO_RUN))


def default_text(schema: Mapping[str, Any]) -> str:
    """A default of the schema as the file would write it; empty where there is none."""
    default = schema.get("default")
    if default is None or isinstance(default, dict):
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, list):
        return f"[{', '.join(map(str, default))}]" if default else ""
    if isinstance(default, (int, float)):
        return _in_words(default, str(schema.get("description", "")))
    return str(default)


def _in_words(default: float, description: str) -> str:
    """A default of the model in a unit that the file may use."""
    if description.startswith("a duration"):
        return duration(default)
    if description.startswith("a share"):
        return f"{100 * default:g} %"
    if description.startswith("a size"):
        return f"{default / 1000:g} kB"
    return f"{default:g}"


@cache
def _schema() -> Any:
    return json.loads((shipped_folder() / _FILE).read_text(encoding="utf-8"))


def _left_out_below(schema: Any, tree: Located, path: _PATH) -> Iterator[tuple[_PATH, str]]:
    """What a mapping that is there leaves out, and what its own mappings do."""
    schema = _resolved(schema)
    for key, one in schema.get("properties", {}).items():
        child = tree.at((key,))
        if child is None or child.value is None:
            yield from _left_out(one, (*path, key))
        elif child.mapping:
            yield from _left_out_below(one, child, (*path, key))
    patterns = schema.get("patternProperties") or {}
    named = schema.get("additionalProperties") or next(iter(patterns.values()), None)
    if isinstance(named, dict) and not schema.get("properties"):
        for child in tree.mapping.values():
            if child.mapping:
                yield from _left_out_below(named, child, (*path, ANY))


def _left_out(schema: Any, path: _PATH) -> Iterator[tuple[_PATH, str]]:
    default = schema.get("default")
    if isinstance(default, dict):
        below = _resolved(schema).get("properties", {})
        for key, value in default.items():
            yield from _left_out({**below.get(key, {}), "default": value}, (*path, key))
    elif text := default_text(schema):
        yield path, text


def _resolved(schema: Any) -> Any:
    """The mapping that may stand there; of several the first."""
    if "$ref" in schema:
        return _schema()["$defs"][schema["$ref"].removeprefix(_REF)]
    for one in schema.get("anyOf", ()):
        found = _resolved(one)
        if "properties" in found or "patternProperties" in found or "additionalProperties" in found:
            return found
    return schema
