"""``uncertain``: places whose values are estimates, and what each world draws them from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import NormalDist

from simgrid.domain.uncertain import Family, Uncertain
from simgrid.scenario.amounts import Amount, amount, as_scalar, factor
from simgrid.scenario.axes import Column, wrong_place
from simgrid.scenario.marks import Located, Mark, NoSuchEntry, Path, addressed
from simgrid.scenario.problems import Problem, shown
from simgrid.scenario.ranges import is_log, wrong_keys, wrong_scale
from simgrid.scenario.refusals import takes_fractions, takes_whole_numbers

HERE: Path = ("uncertain",)
CODE = "E216"
EXAMPLE = "{interval: [0.9, 1.2]}"
WHOLE_EXAMPLE = "uncertain: {demand.scale: {interval: [0.9, 1.2]}}"
FAMILIES = ("interval", "normal", "lognormal", "uniform", "triangular")
KEYS = (*FAMILIES, "scale", "within")
MOST_PLACES = 100
CHOSEN = ("seed", "horizon", "warmup", "give_up_after", "calendar")
"""What whoever writes a scenario decides, and nobody estimates."""
SIDE = NormalDist().inv_cdf(0.975)
REACH = 4.0
"""Standard deviations at which a normal or lognormal is cut, unless ``within`` says where."""
FARTHEST = 600.0
"""The largest logarithm of a draw, to either side: beyond, a number is soon infinite or 0."""
BELOW_1 = 1 - 2**-53
PAIRS = {
    "normal": (("mean", "sd"), ("mean", "cv")),
    "lognormal": (("mean", "cv"), ("mean", "sd"), ("median", "p95")),
    "uniform": (("low", "high"),),
    "triangular": (("low", "mode", "high"),),
}
FORMS = {
    "interval": "interval: [40/d, 60/d]",
    "normal": "normal: {mean: 50/d, sd: 5/d}",
    "lognormal": "lognormal: {mean: 12 min, cv: 0.1}",
    "uniform": "uniform: {low: 80 Mbit/s, high: 100 Mbit/s}",
    "triangular": "triangular: {low: 8 min, mode: 10 min, high: 15 min}",
}


@dataclass(frozen=True, slots=True)
class Place:
    """An uncertain place, and where it is written."""

    of: Uncertain
    column: Column
    mark: Mark

    def scalar(self, number: float) -> Located:
        """A value of the place as a scenario holds it."""
        value = as_scalar(Fraction(str(number)), self.of.unit, whole=self.of.whole)
        return Located(value, self.mark, self.column.mark)

    @property
    def reach(self) -> str:
        """From where to where draws lie, in words."""
        low, high = (f"{end:.6g} {self.of.unit}".rstrip() for end in (self.of.low, self.of.high))
        return f"from {low} to {high}"


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Amounts in the unit of the first."""

    of: tuple[float, ...]
    unit: str
    whole: bool


def uncertain_places(tree: Located, problems: list[Problem]) -> tuple[list[Place], list[Problem]]:
    """The places that are declared, and warnings; what is wrong goes to ``problems``."""
    given = tree.mapping.get("uncertain")
    if given is None or given.value is None:
        return [], []
    if not given.mapping or len(given.mapping) > MOST_PLACES:
        message = f"expected 1 to {MOST_PLACES} places with what they are drawn from"
        way_out = f"write it like {WHOLE_EXAMPLE}"
        problems.append(Problem.at(CODE, given.key or given.mark, HERE, message, way_out))
        return [], []
    found: list[Place] = []
    warnings: list[Problem] = []
    for name, one in given.mapping.items():
        path = (*HERE, name)
        wrong = [*_chosen(name, one, path)] or [*wrong_place(tree, name, one, path, CODE)]
        made = wrong or _place(name, one, path)
        if isinstance(made, Place):
            found.append(made)
            warnings += _outside(tree, made)
        else:
            problems += made
    return found, warnings


def _chosen(name: str, given: Located, path: Path) -> Iterator[Problem]:
    if name.split(".", 1)[0] in CHOSEN:
        message, way_out = "this place is chosen, not estimated", "sweep it, or leave it as it is"
        yield Problem.at(CODE, given.key or given.mark, path, message, way_out)


def _place(name: str, given: Located, path: Path) -> Place | list[Problem]:
    if not given.mapping:
        message = f"expected what it is drawn from, got {shown(given.plain())}"
        return [Problem.at(CODE, given.mark, path, message, f"write it like {EXAMPLE}")]
    wrong = [*wrong_keys(given, path, KEYS, (), EXAMPLE), *wrong_scale(given, path)]
    families = [key for key in FAMILIES if key in given.mapping]
    if not wrong and len(families) != 1:
        message = f"has {' and '.join(families) or 'none'} of {', '.join(FAMILIES)}"
        wrong.append(
            Problem.at(CODE, given.key or given.mark, path, message, f"write one, such as {EXAMPLE}")
        )
    elif not wrong and "scale" in given.mapping and families[0] != "interval":
        mark = given.mapping["scale"].key or given.mark
        message = f"{families[0]} has no scale"
        wrong.append(Problem.at(CODE, mark, (*path, "scale"), message, "leave it out, or give an interval"))
    if wrong:
        return wrong
    made = _law(name, given, families[0], path)
    if isinstance(made, Problem):
        return [made]
    key = given.key or given.mark
    return Place(made, Column(name, key, path, unit=made.unit), given.mapping[families[0]].mark)


def _law(name: str, given: Located, family: str, path: Path) -> Uncertain | Problem:
    one, here = given.mapping[family], (*path, family)
    numbers = _listed(one, here) if family == "interval" else _named(one, here, family)
    if isinstance(numbers, Problem):
        return numbers
    try:
        law, first, second, low, high = _parameters(family, numbers, one, log=is_log(given))
    except ValueError as wrong:
        message, _, way_out = str(wrong).partition(": ")
        return Problem.at(CODE, one.key or one.mark, here, message, way_out)
    if "within" in given.mapping:
        between = _within(given.mapping["within"], (*path, "within"), numbers.unit, (low, high), law)
        if isinstance(between, Problem):
            return between
        low, high = between
    at = tuple(name.split("."))
    if numbers.unit and takes_whole_numbers(at):
        message = f"the place takes whole numbers without a unit, and this is in '{numbers.unit}'"
        return Problem.at(CODE, one.key or one.mark, here, message, "write bare numbers")
    whole = takes_whole_numbers(at) or (numbers.whole and not takes_fractions(at))
    if whole:
        low, high = math.ceil(low), math.floor(high)
    made = Uncertain(name, numbers.unit, law, first, second, low, high, whole)
    if not low < high or made.value(0.0) == made.value(BELOW_1):
        message = f"{'is drawn in whole numbers, and ' if whole else ''}draws would all be the same"
        return Problem.at(CODE, one.key or one.mark, here, message, "widen it, or leave this line out")
    return made


def _parameters(
    family: str, numbers: _Numbers, given: Located, *, log: bool
) -> tuple[Family, float, float, float, float]:
    """Family, first and second parameter, and the ends; :raises ValueError: ``problem: way out``."""
    if family == "uniform":
        low, high = _ascending(numbers.of, strictly=True)
        return "uniform", 0.0, 0.0, low, high
    if family == "triangular":
        low, mode, high = _ascending(numbers.of)
        if not low < high:
            raise ValueError("low and high are the same: give two different ends")
        return "triangular", mode, 0.0, low, high
    if family == "interval":
        low, high = _ascending(numbers.of, strictly=True)
        if log:
            low, high = _log(low), _log(high)
        mean, sd = (low + high) / 2, (high - low) / 2 / SIDE
        return _reaching(mean, sd, log=log)
    first, second = numbers.of
    keys = set(given.mapping)
    if family == "normal":
        return _reaching(first, _positive(second * first if "cv" in keys else second), log=False)
    if "median" in keys:
        median, p95 = _ascending((first, second), strictly=True)
        return _reaching(_log(median), (_log(p95) - _log(median)) / NormalDist().inv_cdf(0.95), log=True)
    cv = _positive(second if "cv" in keys else second / first if first else 0.0)
    return _reaching(_log(first) - math.log1p(cv * cv) / 2, math.sqrt(math.log1p(cv * cv)), log=True)


def _reaching(mean: float, sd: float, *, log: bool) -> tuple[Family, float, float, float, float]:
    low, high = mean - REACH * sd, mean + REACH * sd
    if not log:
        return "normal", mean, sd, low, high
    if max(-low, high) > FARTHEST:
        raise ValueError("the distribution is wider than numbers reach: narrow it")
    return "lognormal", mean, sd, math.exp(low), math.exp(high)


def _ascending(numbers: Sequence[float], *, strictly: bool = False) -> Sequence[float]:
    for before, after in pairwise(numbers):
        if before > after:
            raise ValueError("the numbers do not ascend: write the lower one first")
        if strictly and before == after:
            raise ValueError("both ends are the same: widen it, or leave this line out")
    return numbers


def _positive(spread: float) -> float:
    if not spread > 0:
        raise ValueError("the spread is not above 0: what is known exactly needs no line here")
    return spread


def _log(number: float) -> float:
    if not number > 0:
        raise ValueError("a logarithmic scale has no place for 0 and below: give numbers above 0")
    return math.log(number)


def _within(
    given: Located, path: Path, unit: str, ends: tuple[float, float], family: Family
) -> tuple[float, float] | Problem:
    """The bounds that are asked for, in the unit of the distribution."""
    found = _listed(given, path)
    if isinstance(found, Problem):
        return found
    by = factor(found.unit, unit)
    if by is None:
        message = f"'{found.unit or 'a bare number'}' is no '{unit or 'bare number'}'"
        return Problem.at(CODE, given.mark, path, message, "give both in units of one kind")
    low, high = (float(by) * one for one in found.of)
    if family not in ("normal", "lognormal") or not low < high:
        message = "the lower bound is not below the upper one" if low >= high else "it has its bounds already"
        return Problem.at(CODE, given.key or given.mark, path, message, "write it like within: [0.5, 2]")
    low, high = max(low, ends[0]), min(high, ends[1])
    if not low < high:
        message = "leaves nothing of the distribution"
        return Problem.at(CODE, given.key or given.mark, path, message, "let it hold the middle")
    return low, high


def _listed(given: Located, path: Path) -> _Numbers | Problem:
    """Two numbers in a list."""
    items = given.value if isinstance(given.value, list) else []
    if len(items) != 2:
        message = f"expected two ends, got {shown(given.plain())}"
        return Problem.at(CODE, given.key or given.mark, path, message, f"write it like {EXAMPLE}")
    return _numbers([(one, (*path, place)) for place, one in enumerate(items)])


def _named(given: Located, path: Path, family: str) -> _Numbers | Problem:
    """The numbers of a family in the order of its names; ``cv`` becomes a bare number."""
    example = f"write it like {FORMS[family]}"
    names = next((one for one in PAIRS[family] if set(one) == set(given.mapping)), None)
    if names is None:
        got = ", ".join(given.mapping) or shown(given.plain())
        message = f"a {family} cannot be made of {got}"
        way_out = f"give {', or '.join(' and '.join(one) for one in PAIRS[family])}: {FORMS[family]}"
        return Problem.at(CODE, given.key or given.mark, path, message, way_out)
    with_unit = [(given.mapping[name], (*path, name)) for name in names if name != "cv"]
    found = _numbers(with_unit)
    if isinstance(found, Problem) or "cv" not in names:
        return found
    one = given.mapping["cv"]
    cv = amount(one.value)
    if cv is None or cv.unit not in ("", "%"):
        message = f"{shown(one.plain())} is no share"
        return Problem.at(CODE, one.mark, (*path, "cv"), message, example)
    share = float(cv.number) / (100 if cv.unit == "%" else 1)
    return _Numbers((*found.of, share), found.unit, whole=False)


def _numbers(given: Sequence[tuple[Located, Path]]) -> _Numbers | Problem:
    found: list[Amount] = []
    numbers: list[float] = []
    for one, path in given:
        number = amount(one.value)
        if number is None:
            message = f"{shown(one.plain())} is neither a number nor a quantity"
            return Problem.at(CODE, one.mark, path, message, "such as 0.9, 12 min or 40/d")
        found.append(number)
        by = factor(number.unit, found[0].unit)
        if by is None:
            message = f"'{number.unit or 'a bare number'}' is no '{found[0].unit or 'bare number'}'"
            return Problem.at(CODE, one.mark, path, message, "give all in units of one kind")
        numbers.append(float(number.number * by))
    return _Numbers(tuple(numbers), found[0].unit, all(one.whole for one in found))


def _outside(tree: Located, place: Place) -> Iterator[Problem]:
    """The value that the scenario has there, where no draw could be it."""
    try:
        written = tree.at(addressed(tree, place.of.place.split(".")))
    except NoSuchEntry:
        return  # told of every cell where it is put there
    found = amount(written.value) if written is not None else None
    by = factor(found.unit, place.of.unit) if found is not None else None
    if written is None or found is None or by is None:
        return
    if not place.of.low <= float(found.number * by) <= place.of.high:
        message = f"the scenario has {shown(written.plain())} here, and draws lie {place.reach}"
        way_out = "write its middle there: estimates and the editor go by that value"
        yield Problem.at("W315", place.column.mark, place.column.path, message, way_out)
