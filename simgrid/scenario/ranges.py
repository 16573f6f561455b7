"""Spaced values of a sweep: ``{from: 4 Mbit/s, to: 8 Mbit/s, steps: 5}``, both ends included.

``steps`` counts the values, ``step`` is their distance; ``scale: log`` makes each value the same multiple of
the one before. Reckoned as fractions: ``{from: 0.8, to: 1.4, steps: 7}`` holds 1.1 and not its neighbour.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction

from simgrid.scenario.amounts import Amount, amount, as_scalar, factor
from simgrid.scenario.marks import Located, Mark, Path
from simgrid.scenario.problems import Problem, did_you_mean, shown

KEYS = ("from", "to", "steps", "step", "scale")
SCALES = ("linear", "log")
MOST_STEPS = 2000
EXAMPLE = "{from: 4 Mbit/s, to: 8 Mbit/s, steps: 5}"
LEAST_DIGITS = 4
EXACT_DIGITS = 12
"""Digits to which a power is reckoned; where the last three of them are zeros it is taken for exact."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Two ends in the unit of the first; ``whole``: both are whole bare numbers."""

    first: Fraction
    last: Fraction
    unit: str
    whole: bool
    mark: Mark


def values(given: Located, path: Path) -> list[Located] | list[Problem]:
    """The values of a range, marked where it begins; or everything that is wrong with it."""
    problems = [
        *wrong_keys(given, path, KEYS, ("from", "to"), EXAMPLE),
        *_wrong_spacing(given, path),
        *wrong_scale(given, path),
    ]
    found = ends(given, path, EXAMPLE)
    if problems or not isinstance(found, Ends):
        return [*problems, *(found if isinstance(found, list) else [])]
    numbers = _by_step(given, found, path) if "step" in given.mapping else _by_steps(given, found, path)
    if isinstance(numbers, Problem):
        return [numbers]
    return [Located(as_scalar(one, found.unit, whole=found.whole), found.mark) for one in numbers]


def ends(given: Located, path: Path, example: str, code: str = "E207") -> Ends | list[Problem]:
    """Both ends in the unit of the first, or what is wrong with them; nothing is said of a missing one."""
    problems: list[Problem] = []
    found: list[Amount] = []
    for key in ("from", "to"):
        one = given.mapping.get(key)
        end = amount(one.value) if one is not None else None
        if one is not None and end is None:
            message = f"{shown(one.plain())} is neither a number nor a quantity"
            problems.append(Problem.at(code, one.mark, (*path, key), message, f"write it like {example}"))
        found += [end] if end is not None else []
    if len(found) < 2:
        return problems
    first, last = found
    by = factor(last.unit, first.unit)
    if by is None:
        message = f"from '{first.unit or 'a bare number'}' to '{last.unit or 'a bare number'}' leads no way"
        return [Problem.at(code, given.mapping["to"].mark, path, message, "give both in units of one kind")]
    mark = given.mapping["from"].mark
    made = Ends(first.number, last.number * by, first.unit, first.whole and last.whole, mark)
    if made.first == made.last:
        return [Problem.at(code, mark, path, "from and to are the same", "give two different ends")]
    if is_log(given) and min(made.first, made.last) <= 0:
        message = "a logarithmic scale has no place for 0 and below"
        return [Problem.at(code, mark, path, message, "give ends above 0, or leave 'scale' out")]
    return made


def is_log(given: Located) -> bool:
    """Whether a range says ``scale: log``."""
    scale = given.mapping.get("scale")
    return scale is not None and scale.value == "log"


def wrong_keys(
    given: Located, path: Path, known: Collection[str], required: Collection[str], example: str
) -> Iterator[Problem]:
    """Unknown keys, else missing ones."""
    unknown = [key for key in given.mapping if key not in known]
    for key in unknown:
        one = given.mapping[key]
        way_out = did_you_mean(key, known, "known here:")
        yield Problem.at("E101", one.key or one.mark, (*path, key), "unknown key", way_out)
    for key in required if not unknown else ():
        if key not in given.mapping:
            mark = given.key or given.mark
            yield Problem.at("E102", mark, (*path, key), "is missing", f"write it like {example}")


def wrong_scale(given: Located, path: Path) -> Iterator[Problem]:
    """A ``scale`` that is none."""
    scale = given.mapping.get("scale")
    if scale is not None and scale.value not in SCALES:
        message = f"{shown(scale.plain())} is not one of the choices"
        yield Problem.at(
            "E108", scale.mark, (*path, "scale"), message, did_you_mean(str(scale.plain()), SCALES)
        )


def _wrong_spacing(given: Located, path: Path) -> Iterator[Problem]:
    steps, step = given.mapping.get("steps"), given.mapping.get("step")
    if steps is None and step is None and set(given.mapping) <= set(KEYS):
        mark = given.key or given.mark
        yield Problem.at("E102", mark, (*path, "steps"), "is missing", f"write it like {EXAMPLE}")
    if steps is not None and step is not None:
        message = "has both steps (how many values) and step (their distance)"
        yield Problem.at(
            "E207",
            step.key or step.mark,
            path,
            message,
            "keep one of the two (null removes what a file below has)",
        )
    if steps is not None and not (type(steps.value) is int and 2 <= steps.value <= MOST_STEPS):
        message = f"{shown(steps.plain())} is not a number of values"
        way_out = f"give a whole number, 2 to {MOST_STEPS}"
        yield Problem.at("E207", steps.mark, (*path, "steps"), message, way_out)
    if step is not None and is_log(given):
        message = "a step is a distance, and on a logarithmic scale no two are the same"
        yield Problem.at("E207", step.key or step.mark, (*path, "step"), message, "give 'steps' instead")


def _by_steps(given: Located, between: Ends, path: Path) -> list[Fraction] | Problem:
    steps = int(str(given.mapping["steps"].value))
    if is_log(given):
        return _multiples(between, steps)
    width = between.last - between.first
    return [between.first + width * index / (steps - 1) for index in range(steps)]


def _by_step(given: Located, between: Ends, path: Path) -> list[Fraction] | Problem:
    step = given.mapping["step"]
    found = amount(step.value)
    by = factor(found.unit, between.unit) if found is not None else None
    place = (*path, "step")
    if found is None or by is None or found.number <= 0:
        message = f"{shown(step.plain())} is no distance from 'from' to 'to'"
        way_out = "give an amount above 0 of the same kind, such as {from: 5 min, to: 30 min, step: 5 min}"
        return Problem.at("E207", step.mark, place, message, way_out)
    distance = found.number * by if between.last > between.first else -found.number * by
    times = (between.last - between.first) / distance
    if times >= MOST_STEPS:
        message = f"gives more than {MOST_STEPS} values"
        return Problem.at("E207", step.mark, place, message, "take longer steps")
    if times.denominator != 1:
        before, after = (
            as_scalar(between.first + math.floor(times + more) * distance, between.unit, whole=between.whole)
            for more in (0, 1)
        )
        message = f"steps of {step.plain()} do not meet {given.mapping['to'].plain()}"
        inside = f"at {before} or {after}" if times > 1 else f"at {after}"
        way_out = f"end {inside}, or give the number of values: 'steps'"
        return Problem.at("E207", given.mapping["to"].mark, place, message, way_out)
    return [between.first + index * distance for index in range(int(times) + 1)]


def _multiples(between: Ends, steps: int) -> list[Fraction]:
    """Each value the same multiple of the one before, rounded to a hundredth of what lies between two.

    A value that needs nine digits or less is exact: 1, 2, 4, 8.
    """
    growth = math.log(between.last / between.first) / (steps - 1)
    digits = max(LEAST_DIGITS, 3 - math.floor(math.log10(abs(math.expm1(growth)))))
    made = [between.first]
    for index in range(1, steps - 1):
        number = float(between.first) * math.exp(growth * index)
        made.append(_rounded(number, digits))
    return [*made, between.last]


def _rounded(number: float, digits: int) -> Fraction:
    full = f"{number:.{EXACT_DIGITS - 1}e}"
    mantissa = full.partition("e")[0]
    return Fraction(full if mantissa.endswith("000") else f"{number:.{digits - 1}e}")
