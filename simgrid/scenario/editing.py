"""Values changed within a scenario's text: every other character stays, comments and order included.

A scalar is replaced where it stands; what the file inherits is written into the innermost mapping that it has
on the way. The changed text is read again, and must say what was wanted and otherwise the same as before.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from simgrid.scenario.marks import Located, Mark, Path, Source, dotted
from simgrid.scenario.problems import ScenarioInvalid
from simgrid.scenario.writing import flow
from simgrid.scenario.yaml_tree import read_tree


class CannotEdit(ValueError):
    """A place whose value cannot be changed by itself, with the way out."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a value stands, as offsets in the text; ``start`` is behind its anchor."""

    start: int
    end: int
    event: Event
    column: int = 0


def edited(text: str, place: tuple[str, ...], value: str | int | float) -> str:
    """The text with another value at a place of mappings.

    A value that others have by its anchor is changed there alone.

    :raises CannotEdit: the place holds no plain value, or comes by an alias.
    :raises ScenarioInvalid: the text cannot be read.
    """
    before = read_tree(Source("the text", text))
    if before.at(place) is not None and _value_at(before, place) == value:
        return text
    spots, aliases = _spots(text)
    spot = spots.get(place)
    if spot is None:
        made = _inserted(text, spots, place, value)
    elif isinstance(spot.event, ScalarEvent | AliasEvent):
        own = text[spot.start : spot.end]
        anchor = spot.event.anchor if isinstance(spot.event, ScalarEvent) else None
        others = [(one.start, one.end, own) for name, one in aliases if anchor is not None and name == anchor]
        made = _replaced(text, [(spot.start, spot.end, flow(_located(value))), *others])
    else:
        raise CannotEdit(f"{dotted(place)} is no plain value: change it in the text")
    return _checked(made, before, place, value)


def _checked(made: str, before: Located, place: tuple[str, ...], value: str | int | float) -> str:
    try:
        after = read_tree(Source("the text", made)).plain()
    except ScenarioInvalid:
        after = None
    if after != before.put(place, _located(value)).plain():
        raise CannotEdit(f"{dotted(place)} cannot be changed by itself: change it in the text")
    return made


def _value_at(tree: Located, place: Path) -> object:
    found = tree.at(place)
    return None if found is None else found.value


def _located(value: str | int | float) -> Located:
    return Located(value, Mark(Source("an edit", ""), 1, 1))


def _replaced(text: str, changes: list[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _inserted(text: str, spots: dict[Path, _Spot], place: tuple[str, ...], value: str | int | float) -> str:
    """The value in the innermost mapping on the way to its place, with what is missing between."""
    depth = next(count for count in range(len(place) - 1, -1, -1) if place[:count] in spots)
    spot = spots[place[:depth]]
    if not isinstance(spot.event, MappingStartEvent):
        raise CannotEdit(f"{dotted(place[:depth])} comes from elsewhere: change {dotted(place)} in the text")
    new = _located(value)
    for key in reversed(place[depth + 1 :]):
        new = Located({key: new}, new.mark)
    entry = flow(Located({place[depth]: new}, new.mark))[1:-1]
    if spot.event.flow_style:
        inside = spot.start + 1
        return text[:inside] + entry + (", " if text[inside:].lstrip()[:1] != "}" else "") + text[inside:]
    if depth == 0:
        return f"{text}{'' if text.endswith(chr(10)) else chr(10)}{entry}\n"
    return f"{text[: spot.start]}{entry}\n{' ' * spot.column}{text[spot.start :]}"


def _spots(text: str) -> tuple[dict[Path, _Spot], list[tuple[str, _Spot]]]:
    """Where the value of each place of mappings stands, and every alias by its name."""
    spots: dict[Path, _Spot] = {}
    aliases: list[tuple[str, _Spot]] = []
    for path, event in _walk(YAML(typ="safe", pure=True).parse(io.StringIO(text))):
        spot = _spot(text, event)
        spots.setdefault(path, spot)
        if isinstance(event, AliasEvent):
            aliases.append((event.anchor, spot))
    return spots, aliases


def _spot(text: str, event: Event) -> _Spot:
    start, end = event.start_mark.index, event.end_mark.index
    anchor = getattr(event, "anchor", None)
    if anchor is not None and not isinstance(event, AliasEvent):
        start += len(anchor) + 1
        start += len(text[start:]) - len(text[start:].lstrip())
    return _Spot(start, end, event, event.start_mark.column)


def _walk(events: Iterator[Event]) -> Iterator[tuple[Path, Event]]:
    """Every value with its path; list entries by number."""
    stack: list[tuple[Path, bool]] = []
    keys: list[str | int | None] = []
    for event in events:
        if isinstance(event, MappingEndEvent | SequenceEndEvent):
            stack.pop()
            keys.pop()
        elif isinstance(event, ScalarEvent | AliasEvent | MappingStartEvent | SequenceStartEvent):
            path = _path(stack, keys, event)
            if path is None:
                continue
            yield path, event
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                mapping = isinstance(event, MappingStartEvent)
                stack.append((path, mapping))
                keys.append(None if mapping else -1)


def _path(stack: list[tuple[Path, bool]], keys: list[str | int | None], event: Event) -> Path | None:
    """The path of a value; None for a key, which is noted."""
    if not stack:
        return ()
    above, mapping = stack[-1]
    if not mapping:
        number = int(keys[-1] or 0) + 1
        keys[-1] = number
        return (*above, number)
    key = keys[-1]
    if key is None:
        keys[-1] = str(getattr(event, "value", ""))
        return None
    keys[-1] = None
    return (*above, key)
