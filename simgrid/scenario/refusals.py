"""pydantic's refusals as problems: each with our number, its place in the text, and a way out."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from simgrid.scenario.marks import Located, Path
from simgrid.scenario.problems import Problem, did_you_mean, nearest, shown
from simgrid.scenario.schema import ScenarioSpec

_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
}
_BOUNDS = {
    "greater_than": ("gt", "it must be above {}"),
    "greater_than_equal": ("ge", "it must be at least {}"),
    "less_than": ("lt", "it must be below {}"),
    "less_than_equal": ("le", "it must be at most {}"),
}
BESIDE_THE_MODEL = ("extends", "sweep", "sample", "uncertain", "sensitivity", "exclude", "variants")
"""Keys of a file that are followed before its values are validated."""
NOT_YET = {
    "outages": "a link's failures stand with it: sites.NAME.link.outages: {mtbf: 30 d, mttr: 4 h}",
}
"""Keys that one may look for here, with what is there instead."""
_PROVENANCE = {
    "stated": ("measured", "counted", "observed", "known", "given", "source", "reported", "read", "real"),
    "derived": ("calculated", "computed", "estimated", "worked_out", "inferred"),
    "assumed": ("guess", "guessed", "invented", "expected"),
}
"""What people write who mean one of the three, of which some look like another."""
_KINDS_OF_SOURCE = (
    "stated: somebody answers for it, as for what was measured; derived: worked out from something else; "
    "assumed: a guess"
)
_ENTRIES = ("sites", "units", "radiologists")
_NAMED = "names hold letters (a-z), digits, - and _, begin and end with one of the first two, at most 64"


def problems_of(error: ValidationError, tree: Located) -> list[Problem]:
    """Every refusal, marked in the tree that was validated."""
    errors = error.errors(include_url=False)
    meant = {(*path[:-1], near) for path, near in _misspelt(errors)}
    told = [one for one in errors if one["type"] != "missing" or _path(one["loc"]) not in meant]
    return list(dict.fromkeys(_problem(one, tree) for one in told))


def _misspelt(errors: Sequence[ErrorDetails]) -> Iterator[tuple[Path, str]]:
    """Unknown keys with the known one that was probably meant: then that one is not missing as well."""
    for error in errors:
        path = _path(error["loc"])
        if error["type"] in ("extra_forbidden", "E101"):
            near = nearest(str(path[-1]), known_keys(path[:-1]))
            if near is not None:
                yield path, near


def _problem(error: ErrorDetails, tree: Located) -> Problem:
    kind, path = error["type"], _path(error["loc"])
    context: Mapping[str, Any] = error.get("ctx", {})
    if kind in ("extra_forbidden", "E101"):
        return _unknown_key(tree, path)
    if kind == "missing":
        return _missing(tree, path)
    if "[key]" in error["loc"]:
        found = tree.at(path)
        mark = (found.key if found else None) or tree.nearest(path).mark
        return Problem.at("E106", mark, path, f"{shown(path[-1])} cannot be a name", _NAMED)
    if kind[0] == "E" and kind[1:].isdigit():
        return _at_value(kind, tree, path, str(context["message"]), str(context["help"]))
    if kind in _BOUNDS:
        bound, way_out = _BOUNDS[kind]
        return _at_value(
            "E107", tree, path, f"{shown(error['input'])} is out of range", way_out.format(context[bound])
        )
    if kind == "literal_error":
        choices = [
            part.strip().strip("'") for part in str(context["expected"]).replace(" or ", ", ").split(",")
        ]
        way_out = did_you_mean(str(error["input"]), choices)
        return _at_value("E108", tree, path, f"{shown(error['input'])} is not one of the choices", way_out)
    if kind == "string_pattern_mismatch":
        return _at_value("E106", tree, path, f"{shown(error['input'])} cannot be a name", _NAMED)
    if kind in _EXPECTED:
        way_out = _otherwise(_EXPECTED[kind], error["input"])
        return _at_value(
            "E106", tree, path, f"expected {_EXPECTED[kind]}, got {shown(error['input'])}", way_out
        )
    if kind in ("too_short", "too_long"):
        return _at_value("E107", tree, path, _length(kind, context), _other_length(kind))
    return _at_value("E106", tree, path, error["msg"].lower(), "")


def _path(loc: tuple[int | str, ...]) -> Path:
    return tuple(part for part in loc if part != "[key]")


def _at_value(code: str, tree: Located, path: Path, message: str, way_out: str) -> Problem:
    """At the value or, where the refused value is not in the text, at what ought to hold it."""
    while path and tree.at(path) is None:
        path = path[:-1]
    return Problem.at(code, tree.spot(path), path, message, way_out)


def _unknown_key(tree: Located, path: Path) -> Problem:
    found = tree.at(path)
    mark = (found.key if found else None) or tree.nearest(path).mark
    key = str(path[-1])
    way_out = did_you_mean(key, known_keys(path[:-1]), "known here:")
    if path[0] == "sites" and path[2:-1] == ("demand",) and not way_out.startswith("did"):
        way_out = f"{way_out}, or a modality such as CT: {{per_day: 32}}"
    if path[0] == "sources":
        way_out = _source_meant(key)
    if key in NOT_YET:
        way_out = f"the language has no '{key}': {NOT_YET[key]}"
    return Problem.at("E101", mark, path, "unknown key", way_out)


def _source_meant(key: str) -> str:
    """Which of the three words for where a value comes from; what they mean is said with it."""
    meant = next((word for word, others in _PROVENANCE.items() if key.casefold() in others), None)
    found = meant or nearest(key, _PROVENANCE)
    return (f"did you mean '{found}'? " if found else "known here: ") + f"({_KINDS_OF_SOURCE})"


def _missing(tree: Located, path: Path) -> Problem:
    parent = tree.nearest(path[:-1])
    mark = parent.key or replace(parent.mark, length=1)
    near = entry_meant(tree, path)
    meant = "" if near is None else f"did you mean '{near}', which is there? Else "
    return Problem.at("E102", mark, path, "is missing", f"{meant}add '{path[-1]}: ...' here")


def entry_meant(tree: Located, path: Path) -> str | None:
    """Where an entry lacks what it needs: one of another file that is called almost so, and was meant."""
    if len(path) != 3 or path[0] not in _ENTRIES:
        return None
    others = dict(tree.nearest(path[:1]).mapping)
    own = others.pop(str(path[1]), None)
    if own is None or tree.at(path) is not None:
        return None
    return nearest(str(path[1]), [name for name, one in others.items() if _file_of(one) != _file_of(own)])


def _file_of(entry: Located) -> str:
    return (entry.key or entry.mark).source.name


def _length(kind: str, context: Mapping[str, Any]) -> str:
    if kind == "too_short":
        return f"has {context['actual_length']} entries, expected at least {context['min_length']}"
    return f"has more than {context['max_length']} entries"


def _other_length(kind: str) -> str:
    return "add one, or leave the key out" if kind == "too_short" else "leave some out"


def _otherwise(expected: str, value: object) -> str:
    """How a value of another type is written when it is meant for what was expected."""
    if value is None:
        return "give a value, or leave the key out where it may be missing"
    if expected == "true or false":
        return _word_for(value)
    if expected == "a list" and isinstance(value, str) and value.startswith("-"):
        return "put a space after each '-'"
    if expected == "a list" and isinstance(value, (str, int, float)):
        return f"write it in brackets: [{str(value)[:60]}]"
    if expected == "a mapping":
        return "write keys with values, such as {key: value}; names stand before a ':', not after a '-'"
    if expected.endswith("number"):
        form = "digits only" if "whole" in expected else "digits with a decimal point"
        return f"write {form}, without quotes or unit"
    return "write it in quotes" if isinstance(value, (int, float)) else ""


def _word_for(value: object) -> str:
    words = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
    meant = words.get(str(value).casefold())
    return f"YAML 1.2 writes it '{meant}'" if meant else "write true or false"


def known_keys(path: Path) -> tuple[str, ...]:
    """The keys that the schema declares at a path; empty where names are free."""
    here: Any = ScenarioSpec
    for part in path:
        here = _below(_bare(here), part)
    here = _bare(here)
    if not _is_model(here):
        return ()
    names = (one.alias or name for name, one in here.model_fields.items())
    return (*names, *(BESIDE_THE_MODEL if not path else ()))


def takes_fractions(path: Path) -> bool:
    """Whether the schema has a bare number with fractions at a path; marks of five are whole for a reason."""
    here: Any = ScenarioSpec
    for part in path:
        here = _below(_bare(here), part)
    return _bare(here) is float and "ratings" not in path


def takes_whole_numbers(path: Path) -> bool:
    """Whether the schema has a whole number at a path."""
    here: Any = ScenarioSpec
    for part in path:
        here = _below(_bare(here), part)
    return _bare(here) is int


def _below(kind: Any, part: str | int) -> Any:
    if _is_model(kind):
        field = kind.model_fields.get(str(part))
        return field.annotation if field is not None else getattr(kind, "OTHERS", None)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is dict:
        return inner[1]
    return inner[0] if origin is tuple and inner else None


def _bare(kind: Any) -> Any:
    """An annotation without ``Annotated`` and ``| None``."""
    while True:
        origin = typing.get_origin(kind)
        if origin is typing.Annotated:
            kind = typing.get_args(kind)[0]
        elif origin in (types.UnionType, typing.Union):
            kind = next(one for one in typing.get_args(kind) if one is not type(None))
        else:
            return kind


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
