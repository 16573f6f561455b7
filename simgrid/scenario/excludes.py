"""``exclude``: points of the sweep that are not run, each line a partial point."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import prod
from typing import cast

from simgrid.scenario.amounts import as_scalar, meaning
from simgrid.scenario.axes import Axis, Column, label
from simgrid.scenario.marks import Located, Path
from simgrid.scenario.problems import Problem, did_you_mean, shown
from simgrid.scenario.ranges import Ends, ends

MOST_LINES = 500
EXAMPLE = "- {variant: outage, dispatch.every: [5 min, 15 min]}"
SPAN_EXAMPLE = "{from: 4 Mbit/s, to: 8 Mbit/s}"
MOST_SHOWN = 8
Test = Callable[[Hashable], bool]


@dataclass(frozen=True, slots=True)
class _Along:
    """A column: on which axis it lies, its values from step to step, and what they mean."""

    column: Column
    axis: int
    values: tuple[Located, ...]
    meant: tuple[Hashable, ...]


def _along(axes: Sequence[Axis]) -> dict[str, _Along]:
    found = {}
    for number, axis in enumerate(axes):
        for place, column in enumerate(axis.columns):
            values = tuple(point[place] for point in axis.points)
            found[column.name] = _Along(column, number, values, tuple(map(meaning, values)))
    return found


def kept(tree: Located, axes: Sequence[Axis], problems: list[Problem]) -> Sequence[bool]:
    """Which points of the whole grid are run: one flag a point, the last axis fastest.

    A point is left out where it agrees with every entry of a line.
    """
    shape = [len(axis.points) for axis in axes]
    given = tree.mapping.get("exclude")
    if given is None or given.value is None:
        return [True] * prod(shape)
    import numpy as np  # a tenth of a second, and few scenarios leave anything out

    leave = np.zeros(prod(shape), dtype=np.bool_)
    before = len(problems)
    along = _along(axes)
    for path, line in _lines(given, axes, problems):
        agreed = [np.ones(length, dtype=np.bool_) for length in shape]
        wrong: list[Problem] = []
        for name, condition in line.mapping.items():
            one = along.get(name)
            if one is None:
                way_out = did_you_mean(name, along, "these vary:")
                key = condition.key or condition.mark
                wrong.append(Problem.at("E214", key, (*path, name), "no column of the results", way_out))
                continue
            test = _test(condition, one, (*path, name), wrong)
            agreed[one.axis] &= np.array([test(value) for value in one.meant], dtype=np.bool_)
        problems += wrong
        if not wrong:
            leave |= reduce(lambda left, right: np.logical_and.outer(left, right).ravel(), agreed)
    if len(problems) == before and leave.all():
        way_out = "keep at least one point"
        message = "leaves nothing to run"
        problems.append(Problem.at("E214", given.key or given.mark, ("exclude",), message, way_out))
    return (~leave).tolist()


def _lines(given: Located, axes: Sequence[Axis], problems: list[Problem]) -> Iterator[tuple[Path, Located]]:
    path: Path = ("exclude",)
    key = given.key or given.mark
    if not isinstance(given.value, list) or not given.value or len(given.value) > MOST_LINES:
        message = f"expected a list of 1 to {MOST_LINES} points"
        problems.append(Problem.at("E214", key, path, message, f"write it like '{EXAMPLE}'"))
        return
    if not axes:
        message = "nothing varies of which a point could be left out"
        problems.append(Problem.at("E214", key, path, message, "remove it, or write a 'sweep'"))
        return
    for number, line in enumerate(given.value):
        if line.mapping:
            yield (*path, number), line
        else:
            message = f"expected columns with values, got {shown(line.plain())}"
            problems.append(
                Problem.at("E214", line.mark, (*path, number), message, f"write it like '{EXAMPLE}'")
            )


def _test(given: Located, along: _Along, path: Path, problems: list[Problem]) -> Test:
    """What a value must be to agree; a condition that none can meet is a slip of the pen."""
    if set(given.mapping) == {"from", "to"}:
        return _between(given, along, path, problems)
    there = set(along.meant)
    listed = given.value if isinstance(given.value, list) and meaning(given) not in there else [given]
    wanted = {meaning(one): one for one in listed}
    for value, one in wanted.items():
        if value not in there and not _possible(value, along.column):
            message = f"no point has {shown(label(one))} there"
            problems.append(Problem.at("E214", one.mark, path, message, _choice(along)))
    return wanted.__contains__


def _between(given: Located, along: _Along, path: Path, problems: list[Problem]) -> Test:
    found = ends(given, path, SPAN_EXAMPLE, "E214")
    if not isinstance(found, Ends):
        problems += found
        return lambda _: False
    kind, low, high = _span(given.mapping["from"], given.mapping["to"])

    def inside(value: Hashable) -> bool:
        return isinstance(value, tuple) and value[0] == kind and bool(low <= value[1] <= high)

    if not any(map(inside, along.meant)) and not _overlaps(kind, low, high, along.column):
        message = "no point lies there"
        problems.append(Problem.at("E214", found.mark, path, message, _choice(along)))
    return inside


def _span(one: Located, other: Located) -> tuple[str, Fraction, Fraction]:
    """The kind of quantity and both ends in the model's unit, the smaller first."""
    (kind, first), (_, last) = (cast(tuple[str, Fraction], meaning(end)) for end in (one, other))
    return kind, min(first, last), max(first, last)


def _sampled(column: Column) -> tuple[str, Fraction, Fraction] | None:
    if column.span is None:
        return None
    low, high = (
        Located(as_scalar(end, column.unit, whole=False), column.mark)
        for end in (column.span.low, column.span.high)
    )
    return _span(low, high)


def _possible(value: Hashable, column: Column) -> bool:
    """Whether a sample over whole numbers might have met the value, though this one did not."""
    found = _sampled(column)
    if found is None or column.span is None or not column.span.whole or not isinstance(value, tuple):
        return False
    kind, number = value[:2]
    return kind == "" and number.denominator == 1 and bool(found[1] <= number <= found[2])


def _overlaps(kind: str, low: Fraction, high: Fraction, column: Column) -> bool:
    found = _sampled(column)
    return found is not None and found[0] == kind and low <= found[2] and high >= found[1]


def _choice(along: _Along) -> str:
    column = along.column
    if column.span is not None:
        span = column.span
        ends_and_middle = (span.low, span.high, (span.low + span.high) / 2)
        low, high, some = (as_scalar(one, column.unit, whole=span.whole) for one in ends_and_middle)
        return (
            f"it is sampled from {low} to {high}: write a part of that, such as {{from: {low}, to: {some}}}"
        )
    names = list(dict.fromkeys(label(one) for one in along.values))
    more = f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
    return f"the values are {', '.join(names[:MOST_SHOWN])}{more}"
