"""``sample``: points scattered over several places at once, by Latin hypercube or Sobol' sequence."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from simgrid.scenario.amounts import as_scalar, meaning
from simgrid.scenario.axes import Axis, Column, twice, wrong_place
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
class _Place:
    """One sampled place: either the span of its values, or the list from which they come in equal shares."""

    column: Column
    mark: Mark
    listed: tuple[Located, ...] = ()

    def value(self, share: Fraction, method: str, points: int) -> Located:
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
        *_wrong_method(sample),
        *_wrong_number(sample, "points", 1, MOST_POINTS),
        *_wrong_number(sample, "seed", 0, LARGEST_SEED),
    ]
    places = _places(tree, sample.mapping.get("over"), wrong)
    problems += wrong
    if wrong:
        return None, []
    return _axis(sample, places)


def _axis(sample: Located, places: list[_Place]) -> tuple[Axis, list[Problem]]:
    method, points = str(sample.mapping["method"].value), int(str(sample.mapping["points"].value))
    seed = int(str(sample.mapping["seed"].value)) if "seed" in sample.mapping else SEED
    made: dict[tuple[Hashable, ...], tuple[Located, ...]] = {}
    for row in unit_points(method, points, len(places), seed):
        shares = [Fraction(float(share)) for share in row]
        values = [place.value(share, method, points) for place, share in zip(places, shares, strict=True)]
        made.setdefault(tuple(meaning(one) for one in values), tuple(values))
    axis = Axis(tuple(place.column for place in places), tuple(made.values()))
    return axis, [*_coarse(places, points), *_doubts(sample, method, points, len(made))]


def _coarse(places: list[_Place], points: int) -> Iterator[Problem]:
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


def _wrong_method(sample: Located) -> Iterator[Problem]:
    given = sample.mapping.get("method")
    if given is not None and given.value not in METHODS:
        message = f"{shown(given.plain())} is not one of the choices"
        way_out = did_you_mean(str(given.plain()), METHODS)
        yield Problem.at("E108", given.mark, ("sample", "method"), message, way_out)


def _wrong_number(sample: Located, key: str, least: int, most: int) -> Iterator[Problem]:
    given = sample.mapping.get(key)
    if given is None or (type(given.value) is int and least <= given.value <= most):
        return
    what = "a number of points" if key == "points" else "a seed"
    message = f"{shown(given.plain())} is not {what}"
    way_out = f"give a whole number, {least} to {most}"
    yield Problem.at("E213", given.mark, ("sample", key), message, way_out)


def _places(tree: Located, over: Located | None, problems: list[Problem]) -> list[_Place]:
    path: Path = ("sample", "over")
    if over is None:
        return []
    if not over.mapping or len(over.mapping) > MOST_PLACES:
        message = f"expected 1 to {MOST_PLACES} places with what they are sampled from"
        way_out = "write it like {dispatch.every: {from: 5 min, to: 30 min}}"
        problems.append(Problem.at("E213", over.key or over.mark, path, message, way_out))
        return []
    found = []
    for name, given in over.mapping.items():
        wrong = [*wrong_place(tree, name, given, (*path, name), "E213")]
        place = _place(name, given, (*path, name)) if not wrong else None
        if isinstance(place, _Place):
            found.append(place)
        problems += [*wrong, *(place if isinstance(place, list) else [])]
    return found


def _place(name: str, given: Located, path: Path) -> _Place | list[Problem]:
    key = given.key or given.mark
    if isinstance(given.value, list) and len(given.value) > 1:
        wrong = [*twice(given, path, "E213")]
        return wrong or _Place(Column(name, key, path), given.mark, tuple(given.value))
    if not given.mapping:
        message = f"expected two ends or a list of values, got {shown(given.plain())}"
        if isinstance(given.value, list):
            message = "expected two ends or a list of two values and more"
        way_out = f"write it like {EXAMPLE}"
        return [Problem.at("E213", given.mark, path, message, way_out)]
    between = ends(given, path, EXAMPLE, "E213")
    wrong = [*_wrong_range_keys(given, path), *wrong_scale(given, path)]
    if wrong or not isinstance(between, Ends):
        return [*wrong, *(between if isinstance(between, list) else [])]
    if between.first > between.last:
        return [Problem.at("E213", between.mark, path, "from is above to", "swap the two")]
    span = Span(between.first, between.last, is_log(given), between.whole)
    return _Place(Column(name, key, path, span, between.unit), between.mark)


def _wrong_range_keys(given: Located, path: Path) -> Iterator[Problem]:
    spacing = [key for key in ("steps", "step") if key in given.mapping]
    for key in spacing:
        one = given.mapping[key]
        message, way_out = "a sampled place has no steps", f"leave '{key}' out, or move the place to 'sweep'"
        yield Problem.at("E213", one.key or one.mark, (*path, key), message, way_out)
    yield from wrong_keys(given, path, (*_RANGE, *spacing), ("from", "to"), EXAMPLE)
