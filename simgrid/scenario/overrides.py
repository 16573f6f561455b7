"""``--set KEY=VALUE``: other values at named places, by the same reader and the same errors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from simgrid.scenario.marks import Located, Mark, NoSuchEntry, Path, Source, addressed
from simgrid.scenario.problems import (
    Problem,
    ScenarioInvalid,
    did_you_mean,
    nearest,
    nothing_to_remove,
    shown,
)
from simgrid.scenario.yaml_tree import MAX_DEPTH, read_value

LONGEST_NAME = 200
NAMED = ("sites", "units", "clients", "radiologists")
"""Blocks whose keys are names that the scenario gives."""
_HOLDERS = (
    *(("sweep",), ("uncertain",), ("sample", "over"), ("exclude", "0"), ("plan", "vary"), ("costs",)),
    *(("sensitivity", "over"), ("sensitivity", "cross")),
)
"""Blocks whose keys are places."""
_ENTRY = re.compile(r"[0-9]{1,6}")
_PLACE = re.compile(r"[^\s.=\[\]][^.=\[\]]*(?:\.[^\s.=\[\]][^.=\[\]]*)*")


def is_place(text: str) -> bool:
    """Whether the text is written like a place: keys with dots between, no more than a file can nest."""
    return text.count(".") < MAX_DEPTH and _PLACE.fullmatch(text) is not None


def unnamed(tree: Located, place: tuple[str, ...]) -> str | None:
    """The way out where a place lies within a thing that the file has not: it would be a new one."""
    if len(place) < 3 or place[0] not in NAMED or tree.at(place[:2]) is not None:
        return None
    known = tree.mapping[place[0]].mapping if place[0] in tree.mapping else ()
    return did_you_mean(place[1], known, f"the {place[0]} are") or f"there are no {place[0]}"


def _parts(tree: Located, key: str) -> tuple[str, ...]:
    """The parts of a place. In sweep, uncertain, over, cross and lines of exclude a whole place is one.

    So ``sweep.dispatch.every.steps`` has three parts where ``dispatch.every`` is swept, else two.
    """
    parts = tuple(key.split("."))
    depth = next((len(head) for head in _HOLDERS if _leads(parts, head)), 0)
    below = parts[depth:]
    if not depth or not below:
        return parts
    holder = tree.at(tuple(int(part) if _ENTRY.fullmatch(part) else part for part in parts[:depth]))
    known = holder.mapping if holder is not None else {}
    for length in range(len(below), 0, -1):
        if ".".join(below[:length]) in known:
            return (*parts[:depth], ".".join(below[:length]), *below[length:])
    return (*parts[:depth], ".".join(below))


def _leads(parts: tuple[str, ...], head: tuple[str, ...]) -> bool:
    """Whether the place begins so; ``0`` stands for the number of an entry."""
    pairs = zip(parts, head, strict=False)
    return len(parts) >= len(head) and all(
        part == one or (one == "0" and _ENTRY.fullmatch(part) is not None) for part, one in pairs
    )


def overridden(tree: Located, overrides: Sequence[str]) -> Located:
    """The tree with every ``KEY=VALUE`` put at its place, the last one winning; null removes.

    :raises ScenarioInvalid: for all overrides that cannot be read.
    """
    problems: list[Problem] = []
    for text in overrides:
        key, equals, value = text.partition("=")
        source = Source(f"--set {text[:LONGEST_NAME]}", text)
        if not equals or not is_place(key):
            mark = Mark(source, 1, 1, max(len(key), 1))
            problems.append(
                Problem.at("E009", mark, (), f"{shown(text)} is not KEY=VALUE", "such as 'seed=7'")
            )
            continue
        if key.split(".", 1)[0] == "extends":
            mark = Mark(source, 1, 1, len(key))
            problems.append(Problem.at("E009", mark, (), "extends cannot be set", "edit the file instead"))
            continue
        try:
            given = read_value(Source(source.name, value))
        except ScenarioInvalid as invalid:
            problems.extend(_shifted(problem, text, len(key) + 1) for problem in invalid.problems)
            continue
        given = _relocated(given, source, len(key) + 1)
        place = _parts(tree, key)
        if (way_out := unnamed(tree, place)) is not None:
            mark = Mark(source, 1, 1, len(key))
            problems.append(Problem.at("E009", mark, place, f"there is no {place[0]}.{place[1]}", way_out))
            continue
        try:
            path = addressed(tree, place)
        except NoSuchEntry as wrong:
            problems.append(Problem.at("E009", Mark(source, 1, 1, len(key)), *wrong.args))
            continue
        if given.value is None and tree.at(path) is None:
            problems.append(nothing_to_remove(Mark(source, 1, 1, len(key)), path, _meant(tree, path)))
        tree = tree.put(
            path, None if given.value is None else replace(given, key=Mark(source, 1, 1, len(key)))
        )
    if problems:
        raise ScenarioInvalid(problems)
    return tree


def _meant(tree: Located, path: Path) -> str | None:
    """What is called almost like the first part of the path that is not there."""
    held = tree
    for part in path:
        below = held.mapping.get(str(part))
        if below is None:
            return nearest(str(part), held.mapping)
        held = below
    return None


def _shifted(problem: Problem, text: str, by: int) -> Problem:
    return replace(problem, column=problem.column + by, snippet=text) if problem.line == 1 else problem


def _relocated(tree: Located, source: Source, by: int) -> Located:
    """Marks of a value read alone, as marks in the whole ``KEY=VALUE``."""

    def move(mark: Mark | None) -> Mark | None:
        if mark is None:
            return None
        return Mark(source, mark.line, mark.column + (by if mark.line == 1 else 0), mark.length)

    value = tree.value
    if isinstance(value, dict):
        value = {key: _relocated(one, source, by) for key, one in value.items()}
    elif isinstance(value, list):
        value = [_relocated(one, source, by) for one in value]
    mark = move(tree.mark)
    return Located(value, mark if mark is not None else tree.mark, move(tree.key))
