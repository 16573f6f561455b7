"""``plan.vary``: the places that differ between plans, their values, and the cell of each plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from simgrid.scenario import ranges
from simgrid.scenario.axes import Axis, Column, label, twice, wrong_place
from simgrid.scenario.ledger import ANY
from simgrid.scenario.marks import Located, NoSuchEntry, Path, addressed
from simgrid.scenario.overrides import is_place
from simgrid.scenario.problems import Problem, ScenarioInvalid, did_you_mean, nearest, shown

HERE: Path = ("plan", "vary")
CODE = "E217"
POLICY = "policy"
MOST_PLANS = 2000
DEEPEST_NAME = 2
"""So many parts of a place are names of the scenario's own; further ones may be left out of the file."""
LONGEST_NUMBER = 18
"""Digits of a number in a range; a longer one is nothing that could be counted."""
UNDECIDED = ("seed", "horizon", "warmup", "give_up_after", "calendar", "demand")
"""What no plan decides."""
_RANGE = re.compile(r"([0-9]+)\.\.([0-9]+)")
Point = tuple[tuple[str, str], ...]


def plan_axes(tree: Located, problems: list[Problem]) -> list[Axis]:
    """One axis a varied place, in the order written; what is wrong goes to ``problems``."""
    given = tree.at(HERE)
    if given is None or not given.mapping:
        return []  # the schema says what is wrong with it
    found: list[Axis] = []
    for place, one in given.mapping.items():
        path = (*HERE, place)
        wrong = [*_wrong_place(tree, place, one, path)]
        values = [] if wrong else _values(one, path)
        wrong += [value for value in values if isinstance(value, Problem)]
        if place == POLICY and not wrong:
            wrong += _unknown_policies(tree, [value for value in values if isinstance(value, Located)], path)
        problems += wrong
        if not wrong:
            points = tuple((value,) for value in values if isinstance(value, Located))
            found.append(Axis((Column(place, one.key or one.mark, path),), points))
    problems += _within_each_other(tree, found)
    count = prod(len(axis.points) for axis in found)
    if count > MOST_PLANS:
        mark = given.key or given.mark
        message = f"{count} plans, at most {MOST_PLANS} fit"
        problems.append(Problem.at(CODE, mark, HERE, message, "vary fewer places, or give fewer values"))
    return found


def plan_cells(tree: Located, axes: Sequence[Axis]) -> Iterator[tuple[Point, Located]]:
    """Every plan's point and tree, the last place fastest; those in which nobody is left to read are none.

    ``tree``: the scenario without its sweeps and variants.
    """
    for parts in product(*(axis.points for axis in axes)):
        values = [(axis.columns[0], part[0]) for axis, part in zip(axes, parts, strict=True)]
        made = _cell(tree, values)
        if _somebody(made):
            yield tuple((column.name, label(value)) for column, value in values), made


def planned(tree: Located, values: Mapping[str, str]) -> Located | None:
    """The tree of the plan with these values, told as in its results; None where there is no such plan."""
    axes = [
        replace(
            axis,
            points=tuple(one for one in axis.points if label(one[0]) == values.get(axis.columns[0].name)),
        )
        for axis in plan_axes(tree, [])
    ]
    return next((made for _, made in plan_cells(tree, axes)), None)


def outermost_plans(tree: Located, axes: Sequence[Axis], most: int) -> Iterator[tuple[Point, Located]]:
    """Plans that have every value of every place once, the first of the others: checked before any run."""
    if not axes:
        return
    firsts = [axis.points[-1] for axis in axes]
    chosen = [firsts] + [
        [point if place == other else firsts[other] for other in range(len(axes))]
        for place, axis in enumerate(axes)
        for point in axis.points[:-1]
    ]
    for parts in chosen[:most]:
        alone = [Axis(axis.columns, (part,)) for axis, part in zip(axes, parts, strict=True)]
        yield from plan_cells(tree, alone)


def _cell(tree: Located, values: Sequence[tuple[Column, Located]]) -> Located:
    for column, value in values:
        if column.name == POLICY:
            continue
        for place in places_meant(tree, column.name):
            try:
                path = addressed(tree, place.split("."))
            except NoSuchEntry as wrong:
                _, message, way_out = wrong.args
                raise ScenarioInvalid(
                    [Problem.at(CODE, column.mark, column.path, message, way_out)]
                ) from None
            tree = tree.put(path, replace(value, key=column.mark))
    return tree


def places_meant(tree: Located, place: str) -> list[str]:
    """The places that a place with stars stands for: a star is any key that is there."""
    found: list[tuple[str, ...]] = [()]
    for part in place.split("."):
        if part != ANY:
            found = [(*path, part) for path in found]
            continue
        below = [(path, tree.at(path)) for path in found]
        found = [(*path, key) for path, one in below if one is not None for key in one.mapping]
    return [".".join(path) for path in found]


def written_at(tree: Located, place: str) -> str:
    """The value that a scenario has at a place, as it is written; of several different ones all."""
    found = [tree.at(addressed(tree, one.split("."))) for one in places_meant(tree, place)]
    texts = dict.fromkeys(label(one) for one in found if one is not None)
    if not texts:
        return "1" if place.endswith(".count") else "none"
    return ", ".join(texts)


def _somebody(tree: Located) -> bool:
    counts = [one.at(("count",)) for one in tree.mapping["radiologists"].mapping.values()]
    return any(one is None or one.value != 0 for one in counts) or not counts


def _wrong_place(tree: Located, place: str, given: Located, path: Path) -> Iterator[Problem]:
    key = given.key or given.mark
    if place == POLICY:
        return
    if place.partition(".")[0] in UNDECIDED:
        way_out = "vary what can be bought or rostered, such as radiologists.evening.count"
        yield Problem.at(CODE, key, path, "no plan decides this", way_out)
        return
    meant = places_meant(tree, place) if is_place(place) else [place]
    if not meant:
        yield Problem.at(CODE, key, path, "this place is not in the scenario", "a star stands for any name")
    for problem in wrong_place(tree, meant[0], given, path, CODE) if meant else ():
        near = _near(tree, meant[0])
        yield problem if near is None else replace(problem, help=f"did you mean '{near}'?")


def _near(tree: Located, place: str) -> str | None:
    """The place of the scenario that a misspelt one was probably meant to be; what it may add is kept."""
    parts: list[str] = []
    for part in place.split("."):
        here = tree.at(tuple(parts))
        known = here.mapping if here is not None else {}
        found = part if part in known or not known else nearest(part, known)
        if found is None and len(parts) < DEEPEST_NAME:
            return None
        parts.append(found or part)
    return ".".join(parts) if ".".join(parts) != place else None


def _values(given: Located, path: Path) -> list[Located] | list[Problem]:
    if isinstance(given.value, str) and ".." in given.value:
        return _whole_numbers(given, given.value.strip(), path)
    if given.mapping:
        return ranges.values(given, path)
    if not isinstance(given.value, list) or not given.value:
        got = "an empty list" if given.value == [] else shown(given.plain())
        message = f"expected values, got {got}"
        way_out = f"write them like 4..12, [4 Mbit/s, 8 Mbit/s] or {ranges.EXAMPLE}"
        return [Problem.at(CODE, given.mark, path, message, way_out)]
    return [*twice(given, path, CODE)] or given.value


def _whole_numbers(given: Located, text: str, path: Path) -> list[Located] | list[Problem]:
    """Those of a range such as ``4..12``, both ends included."""
    found = _RANGE.fullmatch(text)
    if found is None:
        message, way_out = f"{shown(text)} is no range", "a range is of whole numbers from 0, like 4..12"
        return [Problem.at(CODE, given.mark, path, message, way_out)]
    if max(map(len, found.groups())) > LONGEST_NUMBER or int(found[2]) - int(found[1]) >= MOST_PLANS:
        message, way_out = f"{shown(text)}: too many values (at most {MOST_PLANS})", "give fewer, like 4..12"
        return [Problem.at(CODE, given.mark, path, message, way_out)]
    first, last = int(found[1]), int(found[2])
    if first > last:
        message, way_out = f"{shown(text)} holds no values", "write the smaller number first, like 4..12"
        return [Problem.at(CODE, given.mark, path, message, way_out)]
    return [Located(number, given.mark) for number in range(first, last + 1)]


def _unknown_policies(tree: Located, values: Sequence[Located], path: Path) -> Iterator[Problem]:
    listed = tree.mapping["policies"].value if "policies" in tree.mapping else []
    known = [_policy(one) for one in listed] if isinstance(listed, list) else []
    for one in values:
        if label(one) not in known:
            way_out = did_you_mean(label(one), known, "the policies are")
            yield Problem.at(
                "E206", one.mark, path, f"{shown(label(one))} is not one of the policies", way_out
            )


def _policy(given: Located) -> str:
    if not given.mapping:
        return str(given.value)
    name, variant = (given.mapping[key].value if key in given.mapping else "" for key in ("name", "variant"))
    return f"{name}@{variant}" if variant else str(name)


def _within_each_other(tree: Located, axes: Sequence[Axis]) -> Iterator[Problem]:
    """Places that stand twice, or one within another: the later would undo the earlier."""
    known: dict[tuple[str, ...], str] = {}
    for axis in axes:
        column = axis.columns[0]
        for place in places_meant(tree, column.name):
            path = tuple(place.split("."))
            inside = [one for one in known if one[: len(path)] == path[: len(one)]]
            if inside:
                message = f"{place} varies already in '{known[inside[0]]}'"
                yield Problem.at(CODE, column.mark, column.path, message, "keep one of the two")
                break
            known[path] = column.name
