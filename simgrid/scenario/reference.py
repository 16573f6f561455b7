"""The reference page of the language: its tables are written from the schema, its prose by hand.

Between ``<!-- NAME -->`` and ``<!-- end -->`` of docs/reference/scenario.md everything is generated. Run
``python -m simgrid.scenario.reference`` in a checkout to write it anew; a test holds it fresh.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from simgrid.scenario.defaults import default_text
from simgrid.scenario.json_schema import json_schema
from simgrid.scenario.problems import CATALOGUE
from simgrid.scenario.profiles import PROFILES
from simgrid.scenario.refusals import NOT_YET
from simgrid.scenario.units import DIMENSIONS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "scenario.md"
_PART = re.compile(r"(<!-- (?P<name>(?!end)[a-z ]+) -->\n).*?(?=<!-- end -->)", re.DOTALL)
_REF = "#/$defs/"
_FAMILY = "__distributions__"


def fresh(text: str) -> str:
    """The page with every generated part written anew."""
    makers: dict[str, Callable[[], Iterator[str]]] = {
        "units": _units,
        "profiles": _profiles,
        "keys": _keys,
        "numbers": _numbers,
        "not yet": _not_yet,
    }
    return _PART.sub(lambda part: part[1] + "\n" + "\n".join(makers[part["name"]]()) + "\n\n", text)


def _units() -> Iterator[str]:
    yield "| quantity | units | example |"
    yield "| --- | --- | --- |"
    for one in DIMENSIONS:
        yield f"| {one.name} | {', '.join(f'`{unit}`' for unit in one.units)} | `{one.example}` |"


def _profiles() -> Iterator[str]:
    yield "| `by_hour` | requests arrive |"
    yield "| --- | --- |"
    for name, profile in PROFILES.items():
        yield f"| `{name}` | {profile.meaning} |"


def _numbers() -> Iterator[str]:
    yield "| number | meaning |"
    yield "| --- | --- |"
    for code, meaning in CATALOGUE.items():
        yield f"| {code} | {meaning} |"


def _not_yet() -> Iterator[str]:
    yield "| no such key | what there is |"
    yield "| --- | --- |"
    for key, instead in NOT_YET.items():
        yield f"| `{key}` | {instead} |"


def _keys() -> Iterator[str]:
    """One section a mapping of the schema, in the order in which the file mentions them."""
    definitions = json_schema()["$defs"]
    waiting, told = ["Whole"], set[str]()
    while waiting:
        name = waiting.pop(0)
        if name in told:
            continue
        told.add(name)
        schema = definitions[name]
        below = [ref for ref in _references(schema) if not ref.startswith("Part")]
        waiting += below
        if _FAMILY in name:
            continue
        yield f"### {_title(name)}"
        yield ""
        yield _sentence(schema.get("description", ""))
        yield ""
        yield "| key | value | without it |"
        yield "| --- | --- | --- |"
        required = schema.get("required", [])
        for key, one in schema["properties"].items():
            yield f"| `{key}` | {_value(one)} | {_default(one, key in required)} |"
        more = schema.get("additionalProperties")
        if isinstance(more, dict):
            yield f"| any other | {_value(more)} | |"
        yield ""


def _title(name: str) -> str:
    if name == "Whole":
        return "The whole file"
    name = name.removesuffix("Spec").replace("DurationDistribution", "Distribution of durations")
    name = name.replace("SizeDistribution", "Distribution of sizes")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def _anchor(name: str) -> str:
    return _title(name).lower().replace(" ", "-")


def _sentence(text: str) -> str:
    """A docstring as Markdown: one paragraph a paragraph, single back quotes."""
    paragraphs = [" ".join(part.split()) for part in text.replace("``", "`").split("\n\n")]
    return "\n\n".join(part.replace("eq.", "equation") for part in paragraphs)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix(_REF)
        for one in node.values():
            yield from _references(one)
    elif isinstance(node, list):
        for one in node:
            yield from _references(one)


def _value(schema: dict[str, Any]) -> str:
    """What may stand there, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REF)
        if name == "PartWhole":
            return "as the whole file, nothing required"
        return (
            "its parameters, as above" if _FAMILY in name else f"[{_title(name).lower()}](#{_anchor(name)})"
        )
    if "enum" in schema:
        return " or ".join(f"`{one}`" for one in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "description" in schema:
        return str(schema["description"]).replace("|", "\\|")
    if "anyOf" in schema:
        kinds = [_value(one) for one in schema["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    kind = schema.get("type")
    if kind == "array":
        return f"list: {_value(schema.get('items', {}))}"
    if kind == "object":
        patterns: dict[str, dict[str, Any]] = schema.get("patternProperties", {})
        inner = schema.get("additionalProperties") or next(iter(patterns.values()), None)
        return f"names with {_value(inner)}" if inner else "mapping"
    return {"integer": "whole number", "number": "number", "boolean": "`true` or `false`"}.get(
        str(kind), "text"
    ) + _range(schema)


def _range(schema: dict[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    parts = [f"from {low:.10g}"] if low is not None else [f"above {above:g}"] if above is not None else []
    parts += [f"to {high:.10g}"] if high is not None else []
    return f" {' '.join(parts)}" if parts else ""


def _default(schema: dict[str, Any], required: bool) -> str:
    if required:
        return "required"
    text = default_text(schema)
    return f"`{text}`" if text else ""


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(fresh(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
