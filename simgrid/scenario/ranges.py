"""Evenly spaced values of a sweep: ``{from: 4 Mbit/s, to: 8 Mbit/s, steps: 5}``, both ends included.

Steps are reckoned as fractions, so that ``{from: 0.8, to: 1.4, steps: 7}`` holds 1.1 and not its neighbour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from simgrid.scenario.marks import Located, Path, Scalar
from simgrid.scenario.problems import Problem, did_you_mean, shown
from simgrid.scenario.units import DIMENSIONS

KEYS = ("from", "to", "steps")
MOST_STEPS = 2000
EXAMPLE = "{from: 4 Mbit/s, to: 8 Mbit/s, steps: 5}"
_QUANTITY = re.compile(r"([-+]?(?:[0-9]{1,20}(?:\.[0-9]{1,20})?|\.[0-9]{1,20})) ?(\S.*)")


@dataclass(frozen=True, slots=True)
class _End:
    """One end: its number, its unit ('' for a bare number) and whether it is a whole bare number."""

    number: Fraction
    unit: str
    whole: bool


def values(given: Located, path: Path) -> list[Located] | list[Problem]:
    """The values of a range, marked where it begins; or everything that is wrong with it."""
    problems = [*_wrong_keys(given, path), *_wrong_steps(given, path)]
    ends: dict[str, _End | None] = {}
    for key in ("from", "to"):
        one = given.mapping.get(key)
        if one is not None:
            end = _end(one.value)
            ends[key] = end
            if end is None:
                message = f"{shown(one.plain())} is neither a number nor a quantity"
                problems.append(
                    Problem.at("E207", one.mark, (*path, key), message, f"write it like {EXAMPLE}")
                )
    first, last = ends.get("from"), ends.get("to")
    if problems or first is None or last is None:
        return problems
    factor = _factor(last.unit, first.unit)
    if factor is None:
        message = f"from '{first.unit or 'a bare number'}' to '{last.unit or 'a bare number'}' leads no way"
        return [Problem.at("E207", given.mapping["to"].mark, path, message, "give both in units of one kind")]
    goal = last.number * factor
    mark = given.mapping["from"].mark
    if goal == first.number:
        return [Problem.at("E207", mark, path, "from and to are the same", "give two different ends")]
    steps = int(str(given.mapping["steps"].value))
    whole = first.whole and last.whole
    numbers = [first.number + (goal - first.number) * index / (steps - 1) for index in range(steps)]
    return [Located(_scalar(number, first.unit, whole=whole), mark) for number in numbers]


def _wrong_keys(given: Located, path: Path) -> list[Problem]:
    problems = []
    for key, one in given.mapping.items():
        if key not in KEYS:
            way_out = did_you_mean(key, KEYS, "a range has")
            problems.append(Problem.at("E101", one.key or one.mark, (*path, key), "unknown key", way_out))
    for key in KEYS:
        if key not in given.mapping and not problems:
            mark = given.key or given.mark
            problems.append(Problem.at("E102", mark, (*path, key), "is missing", f"write it like {EXAMPLE}"))
    return problems


def _wrong_steps(given: Located, path: Path) -> list[Problem]:
    steps = given.mapping.get("steps")
    if steps is None or (type(steps.value) is int and 2 <= steps.value <= MOST_STEPS):
        return []
    message = f"{shown(steps.plain())} is not a number of values"
    return [
        Problem.at("E207", steps.mark, (*path, "steps"), message, f"give a whole number, 2 to {MOST_STEPS}")
    ]


def _end(value: object) -> _End | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return _End(Fraction(str(value)), "", isinstance(value, int))
    found = _QUANTITY.fullmatch(value.strip()) if isinstance(value, str) else None
    return _End(Fraction(found[1]), found[2], False) if found else None


def _factor(unit: str, into: str) -> Fraction | None:
    """What a number in ``unit`` is multiplied by to be in ``into``; None where they are of two kinds."""
    if unit == into:
        return Fraction(1)
    for dimension in DIMENSIONS:
        if unit in dimension.units and into in dimension.units:
            return Fraction(str(dimension.units[unit])) / Fraction(str(dimension.units[into]))
    return None


def _scalar(number: Fraction, unit: str, *, whole: bool) -> Scalar:
    if whole and number.denominator == 1:
        return int(number)
    if not unit:
        return float(f"{float(number):.12g}")
    return f"{number.numerator if number.denominator == 1 else format(float(number), '.10g')} {unit}"
