"""The axes of a scenario's cells: its variants, each swept place, and the places of a sample together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simgrid.scenario import ranges
from simgrid.scenario.amounts import meaning
from simgrid.scenario.designs import Span
from simgrid.scenario.marks import Located, Mark, NoSuchEntry, Path, addressed, dotted
from simgrid.scenario.overrides import is_place, unnamed
from simgrid.scenario.problems import Problem, shown

COLUMN = "variant"
OF_THE_STUDY = (
    *(
        "extends",
        "sweep",
        "sample",
        "uncertain",
        "sensitivity",
        "exclude",
        "variants",
        "name",
        "title",
        "replications",
        "regime",
        "plug_ins",
    ),
    *("policies", "baseline", "primary", "groups", "claims", "targets", "costs", "plan", "stress"),
)
"""Keys that a scenario has once, whatever its cells."""


def code_of(path: Path) -> str:
    """The number of what is wrong in the block in which a path begins."""
    return {"sample": "E213", "sensitivity": "E215", "uncertain": "E216", "plan": "E217"}.get(
        str(path[0]), "E207"
    )


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the result tables: its name, where that is written, what it is sampled from."""

    name: str
    mark: Mark
    path: Path
    span: Span | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """Columns whose values change together: ``points`` holds one value a column for each step along it."""

    columns: tuple[Column, ...]
    points: tuple[tuple[Located, ...], ...]


def swept(tree: Located, problems: list[Problem]) -> list[Axis]:
    """One axis a swept place, in the order written; what is wrong goes to ``problems``."""
    sweep = tree.mapping.get("sweep")
    if sweep is None or sweep.value is None:
        return []
    if not isinstance(sweep.value, dict):
        way_out = "write it like 'dispatch.every: [5 min, 15 min]'"
        problems.append(Problem.at("E207", sweep.mark, ("sweep",), "expected places with lists", way_out))
        return []
    found = []
    for place, given in sweep.value.items():
        path = ("sweep", place)
        wrong = [*wrong_place(tree, place, given, path)]
        values = _values(given, path) if not wrong else []
        wrong += [one for one in values if isinstance(one, Problem)]
        problems += wrong
        if not wrong:
            points = tuple((one,) for one in values if isinstance(one, Located))
            found.append(Axis((Column(place, given.key or given.mark, path),), points))
    return found


def wrong_place(
    tree: Located, place: str, given: Located, path: Path, code: str = "E207"
) -> Iterator[Problem]:
    """What keeps the cells from differing in a place."""
    key = given.key or given.mark
    root = place.split(".", 1)[0]
    if not is_place(place) or root in (*OF_THE_STUDY, COLUMN, "sources"):
        way_out = "name it like dispatch.every"
        if root in OF_THE_STUDY:
            way_out = "it is the same for all cells; name a place like dispatch.every"
        word = {"sweep": "swept", "sample": "sampled", "uncertain": "drawn"}.get(str(path[0]), "varied")
        yield Problem.at(code, key, path, f"this place cannot be {word}", way_out)
        return
    known = unnamed(tree, tuple(place.split(".")))
    if known is not None:
        yield Problem.at(code, key, path, "this place is not in the scenario", known)


def _values(given: Located, path: Path) -> list[Located] | list[Problem]:
    if given.mapping:
        return ranges.values(given, path)
    if not isinstance(given.value, list) or not given.value:
        got = "an empty one" if given.value == [] else shown(given.plain())
        message = f"expected a list of values, got {got}"
        way_out = f"write it like [5 min, 15 min] or {ranges.EXAMPLE}"
        return [Problem.at("E207", given.mark, path, message, way_out)]
    return [*twice(given, path)] or given.value


def twice(given: Located, path: Path, code: str = "E207") -> Iterator[Problem]:
    """Values of a list that mean the same, however they are written: each is one cell."""
    seen: dict[object, Located] = {}
    for one in given.value if isinstance(given.value, list) else ():
        first = seen.setdefault(meaning(one), one)
        if first is not one:
            also = f" (as {shown(label(first))})" if label(first) != label(one) else ""
            key = given.key or given.mark
            yield Problem.at(code, key, path, f"{shown(label(one))} stands twice{also}", "keep one")
            return


def overlapping(tree: Located, axes: list[Axis]) -> Iterator[Problem]:
    """Places that stand twice, or one within another: the later would undo the earlier."""
    known: dict[Path, Column] = {}
    above: dict[Path, Column] = {}
    for column in (column for axis in axes for column in axis.columns):
        path = _path(tree, column.name)
        heads = [path[:length] for length in range(1, len(path))]
        outer = next((known[head] for head in heads if head in known), None)
        if path in known:
            message = f"varies already in '{known[path].path[0]}'"
        elif outer is not None:
            message = f"{column.name} lies within {outer.name}, and both vary"
        elif path in above:
            message = f"{above[path].name} lies within {column.name}, and both vary"
        else:
            known[path] = column
            for head in heads:
                above.setdefault(head, column)
            continue
        yield Problem.at(code_of(column.path), column.mark, column.path, message, "keep one of the two")


def _path(tree: Located, place: str) -> Path:
    try:
        return addressed(tree, place.split("."))
    except NoSuchEntry:
        return tuple(place.split("."))


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
