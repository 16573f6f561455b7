"""``sample``: points scattered over several places at once, by Latin hypercube or Sobol' sequence."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from simgrid.scenario.amounts import as_scalar, meaning
from simgrid.scenario.axes import Axis, Column, code_of, twice, wrong_place
from simgrid.scenario.designs import METHODS, SOBOL, Span, unit_points
from simgrid.scenario.marks import Located, Mark, Path
from simgrid.scenario.problems import Problem, did_you_mean, shown
from simgrid.scenario.ranges import Ends, ends, is_log, wrong_keys, wrong_scale
from simgrid.scenario.refusals import takes_fractions

KEYS = ("method", "points", "seed", "over")
MOST_POINTS = 2000
MOST_PLACES = 100
LARGEST_SEED = 1_000_000_000
SEED = 1
EXAMPLE = "{from: 4 Mbit/s, to: 16 Mbit/s}"
WHOLE_EXAMPLE = "{method: latin-hypercube, points: 64, over: {dispatch.every: {from: 5 min, to: 30 min}}}"
_RANGE = ("from", "to", "scale")


@dataclass(frozen=True, slots=True)
class Place:
    """One sampled place: either the span of its values, or the list from which they come in equal shares."""

    column: Column
    mark: Mark
    listed: tuple[Located, ...] = ()

    def value(self, share: Fraction, method: str, points: int) -> Located:
        """The value of a share from 0 to below 1, as ``Span.value``."""
        span = self.column.span
        if span is None:
            return self.listed[int(share * len(self.listed))]
        number = span.value(share, method, points)
        return Located(as_scalar(number, self.column.unit, whole=span.whole), self.mark)


def sampled(tree: Located, problems: list[Problem]) -> tuple[Axis | None, list[Problem]]:
    """The axis of the sample, if there is one, and warnings; what is wrong goes to ``problems``.

    Points that rounding to whole numbers, or lists, make the same are kept once.
    """
    sample = tree.mapping.get("sample")
    if sample is None or sample.value is None:
        return None, []
    if not isinstance(sample.value, dict):
        message, way_out = (
            f"expected a mapping, got {shown(sample.plain())}",
            f"write it like {WHOLE_EXAMPLE}",
        )
        problems.append(Problem.at("E213", sample.mark, ("sample",), message, way_out))
        return None, []
    wrong = [
        *wrong_keys(sample, ("sample",), KEYS, ("method", "points", "over"), WHOLE_EXAMPLE),
        *wrong_method(sample, ("sample",), METHODS),
        *wrong_number(sample, ("sample", "points"), 1, MOST_POINTS),
        *wrong_number(sample, ("sample", "seed"), 0, LARGEST_SEED),
    ]
    places = places_over(tree, sample.mapping.get("over"), ("sample", "over"), wrong)
    problems += wrong
    if wrong:
        return None, []
    return _axis(sample, places)


def _axis(sample: Located, places: list[Place]) -> tuple[Axis, list[Problem]]:
    method, points = str(sample.mapping["method"].value), int(str(sample.mapping["points"].value))
    seed = int(str(sample.mapping["seed"].value)) if "seed" in sample.mapping else SEED
    made: dict[tuple[Hashable, ...], tuple[Located, ...]] = {}
    for row in unit_points(method, points, len(places), seed):
        shares = [Fraction(float(share)) for share in row]
        values = [place.value(share, method, points) for place, share in zip(places, shares, strict=True)]
        made.setdefault(tuple(meaning(one) for one in values), tuple(values))
    axis = Axis(tuple(place.column for place in places), tuple(made.values()))
    return axis, [*_coarse(places, points), *_doubts(sample, method, points, len(made))]


def _coarse(places: list[Place], points: int) -> Iterator[Problem]:
    """Whole ends where fractions are allowed, and so few between them that these were probably meant."""
    for place in places:
        span, column = place.column.span, place.column
        if span is None or not span.whole or not takes_fractions(tuple(column.name.split("."))):
            continue
        count = int(span.high - span.low) + 1
        if count < points:
            message = f"whole ends: only the {count} whole numbers from {span.low} to {span.high} are run"
            way_out = f"write {span.low}.0 for what lies between, or a list for these: [{span.low}, ...]"
            yield Problem.at("W313", place.mark, column.path, message, way_out)


def _doubts(sample: Located, method: str, points: int, different: int) -> Iterator[Problem]:
    given = sample.mapping["points"]
    if method == SOBOL and points & (points - 1):
        below = 1 << (points.bit_length() - 1)
        message = f"{points} is no power of two: the sequence is balanced only over 2, 4, 8, ... points"
        way_out = f"take {below} or {2 * below}" if 2 * below <= MOST_POINTS else f"take {below}"
        yield Problem.at("W313", given.mark, ("sample", "points"), message, way_out)
    if different < points:
        over = sample.mapping["over"]
        message = f"only {different} of the {points} points differ; each is run once"
        way_out = "sweep whole numbers and lists, or give ends between which more values lie, such as 1.0"
        yield Problem.at("W313", over.key or over.mark, ("sample", "over"), message, way_out)


def wrong_method(given: Located, path: Path, methods: tuple[str, ...]) -> Iterator[Problem]:
    """A ``method`` that is none."""
    method = given.mapping.get("method")
    if method is not None and method.value not in methods:
        message = f"{shown(method.plain())} is not one of the choices"
        way_out = did_you_mean(str(method.plain()), methods)
        yield Problem.at("E108", method.mark, (*path, "method"), message, way_out)


def wrong_number(given: Located, path: Path, least: int, most: int) -> Iterator[Problem]:
    """What stands at the last key of the path, where it is no whole number in these bounds."""
    key = str(path[-1])
    one = given.mapping.get(key)
    if one is None or (type(one.value) is int and least <= one.value <= most):
        return
    what = "a seed" if key == "seed" else f"a number of {key}"
    message = f"{shown(one.plain())} is not {what}"
    way_out = f"give a whole number, {least} to {most}"
    yield Problem.at(code_of(path), one.mark, path, message, way_out)


def places_over(
    tree: Located, over: Located | None, path: Path, problems: list[Problem], *, lists: bool = True
) -> list[Place]:
    """The places of ``over``, which stands at ``path``; without ``lists`` each needs two ends."""
    if over is None:
        return []
    if not over.mapping or len(over.mapping) > MOST_PLACES:
        message = f"expected 1 to {MOST_PLACES} places with what they are sampled from"
        way_out = "write it like {dispatch.every: {from: 5 min, to: 30 min}}"
        problems.append(Problem.at(code_of(path), over.key or over.mark, path, message, way_out))
        return []
    found = []
    for name, given in over.mapping.items():
        wrong = [*wrong_place(tree, name, given, (*path, name), code_of(path))]
        place = _place(name, given, (*path, name), lists=lists) if not wrong else None
        if isinstance(place, Place):
            found.append(place)
        problems += [*wrong, *(place if isinstance(place, list) else [])]
    return found


def _place(name: str, given: Located, path: Path, *, lists: bool) -> Place | list[Problem]:
    key, code = given.key or given.mark, code_of(path)
    if isinstance(given.value, list) and not lists:
        message = "a list has no ends between which an effect could be told"
        return [Problem.at(code, given.mark, path, message, "give {from: .., to: ..}, or move it to 'cross'")]
    if isinstance(given.value, list) and len(given.value) > 1:
        wrong = [*twice(given, path, code)]
        return wrong or Place(Column(name, key, path), given.mark, tuple(given.value))
    if not given.mapping:
        message = f"expected two ends or a list of values, got {shown(given.plain())}"
        if not lists:
            message = f"expected two ends, got {shown(given.plain())}"
        elif isinstance(given.value, list):
            message = "expected two ends or a list of two values and more"
        way_out = f"write it like {EXAMPLE}"
        return [Problem.at(code, given.mark, path, message, way_out)]
    between = ends(given, path, EXAMPLE, code)
    wrong = [*_wrong_range_keys(given, path), *wrong_scale(given, path)]
    if wrong or not isinstance(between, Ends):
        return [*wrong, *(between if isinstance(between, list) else [])]
    if between.first > between.last:
        return [Problem.at(code, between.mark, path, "from is above to", "swap the two")]
    span = Span(between.first, between.last, is_log(given), between.whole)
    return Place(Column(name, key, path, span, between.unit), between.mark)


def _wrong_range_keys(given: Located, path: Path) -> Iterator[Problem]:
    spacing = [key for key in ("steps", "step") if key in given.mapping]
    for key in spacing:
        one = given.mapping[key]
        message, way_out = "a sampled place has no steps", f"leave '{key}' out, or move the place to 'sweep'"
        yield Problem.at(code_of(path), one.key or one.mark, (*path, key), message, way_out)
    yield from wrong_keys(given, path, (*_RANGE, *spacing), ("from", "to"), EXAMPLE)
