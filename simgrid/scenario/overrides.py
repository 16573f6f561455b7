"""``--set KEY=VALUE`` and sweeps: other values at named places, by the same reader and the same errors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod

from simgrid.scenario.marks import Located, Mark, Source, dotted
from simgrid.scenario.problems import Problem, ScenarioInvalid, shown
from simgrid.scenario.yaml_tree import read_value

MAX_CELLS = 2000
_PLACE = re.compile(r"[^\s.=\[\]][^.=\[\]]*(?:\.[^\s.=\[\]][^.=\[\]]*)*")


@dataclass(frozen=True, slots=True)
class Axis:
    """One swept place: its values as located in the file and as labels of the result tables."""

    place: str
    values: tuple[Located, ...]
    mark: Mark
    labels: tuple[str, ...]


def overridden(tree: Located, overrides: Sequence[str]) -> Located:
    """The tree with every ``KEY=VALUE`` put at its place, the last one winning; null removes.

    :raises ScenarioInvalid: for all overrides that cannot be read.
    """
    problems: list[Problem] = []
    for text in overrides:
        key, equals, value = text.partition("=")
        source = Source(f"--set {text}", text)
        if not equals or not _PLACE.fullmatch(key):
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
        place = tuple(key.split("."))
        tree = tree.put(
            place, None if given.value is None else replace(given, key=Mark(source, 1, 1, len(key)))
        )
    if problems:
        raise ScenarioInvalid(problems)
    return tree


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


def axes(tree: Located) -> tuple[Axis, ...]:
    """The sweep's axes in the order written.

    :raises ScenarioInvalid: for places and values that cannot be swept, all at once.
    """
    sweep = tree.mapping.get("sweep")
    if sweep is None or sweep.value is None:
        return ()
    if not isinstance(sweep.value, dict):
        way_out = "write it like 'dispatch.every: [5 min, 15 min]'"
        raise ScenarioInvalid(
            [Problem.at("E207", sweep.mark, ("sweep",), "expected places with lists", way_out)]
        )
    problems: list[Problem] = []
    found: list[Axis] = []
    for place, values in sweep.value.items():
        path = ("sweep", place)
        if not _PLACE.fullmatch(place) or place.split(".", 1)[0] in ("sweep", "extends", "sources"):
            mark = values.key or values.mark
            problems.append(
                Problem.at("E207", mark, path, "this place cannot be swept", "name it like dispatch.every")
            )
        elif not isinstance(values.value, list) or not values.value:
            message = f"expected a list of values, got {shown(values.plain())}"
            problems.append(Problem.at("E207", values.mark, path, message, "write it like [5 min, 15 min]"))
        else:
            labels = tuple(label(one) for one in values.value)
            twice = {one for one in labels if labels.count(one) > 1}
            if twice:
                message = f"{shown(min(twice))} stands twice"
                problems.append(Problem.at("E207", values.key or values.mark, path, message, "keep one"))
            found.append(Axis(place, tuple(values.value), values.key or values.mark, labels))
    cells = prod(len(axis.values) for axis in found)
    if cells > MAX_CELLS:
        message = f"{cells} cells, at most {MAX_CELLS} fit"
        problems.append(
            Problem.at("E207", sweep.key or sweep.mark, ("sweep",), message, "sweep fewer values")
        )
    if problems:
        raise ScenarioInvalid(problems)
    return tuple(found)


def cells(tree: Located) -> list[tuple[tuple[tuple[str, str], ...], Located]]:
    """Every point of the sweep with its tree, in the order written (last axis fastest); one without sweep."""
    along = axes(tree)
    bare = tree.put(("sweep",), None)
    made = []
    for point in product(*(range(len(axis.values)) for axis in along)):
        cell = bare
        for axis, index in zip(along, point, strict=True):
            value = replace(axis.values[index], key=axis.mark)
            cell = cell.put(tuple(axis.place.split(".")), value)
        names = tuple((axis.place, axis.labels[index]) for axis, index in zip(along, point, strict=True))
        made.append((names, cell))
    return made


def label(value: Located) -> str:
    """A swept value as the result tables write it; several scalars as ``urgent 30 min; routine 120 min``."""
    if not isinstance(value.value, (dict, list)):
        text = value.value
        return ("true" if text else "false") if isinstance(text, bool) else str(text)
    parts = []
    for path, leaf in value.leaves():
        name = dotted(path)
        parts.append(f"{name} {label(leaf)}" if isinstance(value.value, dict) else label(leaf))
    return "; ".join(parts)
