"""The cells of a scenario: every variant at every point of the sweep, each a whole tree of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import prod

from simgrid.scenario import ranges
from simgrid.scenario.ledger import inner_places, named
from simgrid.scenario.marks import (
    Located,
    Mark,
    NoSuchEntry,
    Path,
    addressed,
    dotted,
    idle_nulls,
    merge,
)
from simgrid.scenario.overrides import is_place, unnamed
from simgrid.scenario.problems import Problem, ScenarioInvalid, nothing_to_remove, shown

MAX_CELLS = 2000
BASE = "base"
COLUMN = "variant"
OF_THE_STUDY = (
    *("extends", "sweep", "variants", "name", "title", "replications", "plug_ins"),
    *("policies", "baseline", "primary", "groups", "claims"),
)
"""Keys that a scenario has once, whatever its cells."""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Axis:
    """One swept place: its values as located in the file and as labels of the result tables."""

    place: str
    values: tuple[Located, ...]
    mark: Mark
    labels: tuple[str, ...]


def cells(tree: Located) -> list[tuple[tuple[tuple[str, str], ...], Located]]:
    """Every cell with the names of its point: variants first, the last axis fastest; one without either.

    With variants the scenario as written is the first of them, called ``base``.

    :raises ScenarioInvalid: for variants, places and values that cannot be, all at once.
    """
    problems: list[Problem] = []
    along = _axes(tree, problems)
    named = _variants(tree, problems)
    count = prod(len(axis.values) for axis in along) * (len(named) + 1)
    if count > MAX_CELLS:
        key = "sweep" if along else "variants"
        message = f"{count} cells, at most {MAX_CELLS} fit"
        problems.append(Problem.at("E207", tree.spot((key,)), (key,), message, "sweep fewer values"))
    if problems:
        raise ScenarioInvalid(problems)
    bare = tree.put(("sweep",), None).put(("variants",), None)
    starts: list[tuple[tuple[tuple[str, str], ...], Located]] = [((), bare)]
    if named:
        starts = [(((COLUMN, BASE),), bare)]
        starts += [(((COLUMN, name),), _varied(bare, over)) for name, over in named]
    return [made for names, start in starts for made in _points(names, start, along)]


def _points(
    names: tuple[tuple[str, str], ...], start: Located, along: list[Axis]
) -> Iterator[tuple[tuple[tuple[str, str], ...], Located]]:
    for point in product(*(range(len(axis.values)) for axis in along)):
        cell = start
        for axis, index in zip(along, point, strict=True):
            value = replace(axis.values[index], key=axis.mark)
            cell = cell.put(_path(axis, cell), value)
        swept = ((axis.place, axis.labels[index]) for axis, index in zip(along, point, strict=True))
        yield (*names, *swept), cell


def _path(axis: Axis, cell: Located) -> Path:
    try:
        return addressed(cell, axis.place.split("."))
    except NoSuchEntry as wrong:
        _, message, way_out = wrong.args
        raise ScenarioInvalid(
            [Problem.at("E207", axis.mark, ("sweep", axis.place), message, way_out)]
        ) from None


def _varied(base: Located, over: Located) -> Located:
    """The variant's tree, without the ledger's lines about what the variant removes."""
    cell = replace(merge(base, over), mark=base.mark)
    lines = cell.mapping["sources"].mapping if "sources" in cell.mapping else {}
    for place in named(lines, set(inner_places(base))) - named(lines, set(inner_places(cell))):
        cell = cell.put(("sources", place), None)
    return cell


def _variants(tree: Located, problems: list[Problem]) -> list[tuple[str, Located]]:
    given = tree.mapping.get("variants")
    if given is None or given.value is None:
        return []
    if not isinstance(given.value, dict):
        way_out = "write them like 'late: {dispatch: {every: 1 h}}'"
        problems.append(Problem.at("E210", given.mark, ("variants",), "expected names with changes", way_out))
        return []
    bare = tree.put(("variants",), None)
    found = []
    for name, over in given.value.items():
        before = len(problems)
        problems += _wrong_variant(name, over, bare)
        if len(problems) == before:
            found.append((name, over))
    return found


def _wrong_variant(name: str, over: Located, base: Located) -> Iterator[Problem]:
    path: Path = ("variants", name)
    key = over.key or over.mark
    if not _NAME.fullmatch(name):
        yield Problem.at("E106", key, path, f"{shown(name)} cannot be a name", "use letters, digits, - and _")
    elif name == BASE:
        yield Problem.at("E210", key, path, "the scenario as written is called so", "choose another name")
    if not over.mapping:
        way_out = "write what it changes, such as {dispatch: {every: 1 h}}"
        yield Problem.at("E210", over.key or over.mark, path, "changes nothing", way_out)
    for part, one in over.mapping.items():
        if part in OF_THE_STUDY:
            message = "is the same for all variants"
            yield Problem.at(
                "E210", one.key or one.mark, (*path, part), message, "change it outside variants"
            )
    for idle, one in idle_nulls(base, over):
        yield nothing_to_remove(one.key or one.mark, (*path, *idle))


def _axes(tree: Located, problems: list[Problem]) -> list[Axis]:
    sweep = tree.mapping.get("sweep")
    if sweep is None or sweep.value is None:
        return []
    if not isinstance(sweep.value, dict):
        way_out = "write it like 'dispatch.every: [5 min, 15 min]'"
        problems.append(Problem.at("E207", sweep.mark, ("sweep",), "expected places with lists", way_out))
        return []
    found = []
    for place, given in sweep.value.items():
        before = len(problems)
        values = _swept(place, given, problems)
        known = unnamed(tree, tuple(place.split(".")))
        if known is not None:
            message = "this place is not in the scenario"
            mark = given.key or given.mark
            problems.append(Problem.at("E207", mark, ("sweep", place), message, known))
        if len(problems) == before:
            labels = tuple(label(one) for one in values)
            found.append(Axis(place, tuple(values), given.key or given.mark, labels))
    return found


def _swept(place: str, given: Located, problems: list[Problem]) -> list[Located]:
    """The values of one place; what is wrong with them goes to ``problems``."""
    path = ("sweep", place)
    key = given.key or given.mark
    root = place.split(".", 1)[0]
    if not is_place(place) or root in OF_THE_STUDY or root == "sources":
        way_out = "name it like dispatch.every"
        if root in OF_THE_STUDY:
            way_out = "it is the same for all cells; name a place like dispatch.every"
        problems.append(Problem.at("E207", key, path, "this place cannot be swept", way_out))
        return []
    if given.mapping:
        found = ranges.values(given, path)
        problems += [one for one in found if isinstance(one, Problem)]
        return [one for one in found if isinstance(one, Located)]
    if not isinstance(given.value, list) or not given.value:
        message = f"expected a list of values, got {shown(given.plain())}"
        way_out = f"write it like [5 min, 15 min] or {ranges.EXAMPLE}"
        problems.append(Problem.at("E207", given.mark, path, message, way_out))
        return []
    labels = [label(one) for one in given.value]
    twice = sorted(one for one, times in Counter(labels).items() if times > 1)
    if twice:
        problems.append(Problem.at("E207", key, path, f"{shown(twice[0])} stands twice", "keep one"))
    return given.value


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
