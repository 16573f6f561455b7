"""``sensitivity``: which places are varied between two ends, which switches are crossed, what is measured."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from simgrid.domain.analysis import Analysis, Method
from simgrid.domain.metric import METRICS
from simgrid.scenario.amounts import amount, as_scalar, meaning
from simgrid.scenario.axes import COLUMN, Axis, Column, twice, wrong_place
from simgrid.scenario.designs import SOBOL as SEQUENCE
from simgrid.scenario.designs import Span
from simgrid.scenario.marks import Located, Path
from simgrid.scenario.problems import Problem, did_you_mean, shown
from simgrid.scenario.ranges import wrong_keys
from simgrid.scenario.samples import LARGEST_SEED, SEED, Place, places_over, wrong_method, wrong_number
from simgrid.scenario.sensitivity_design import LEVELS, METHODS, design, rows_of

KEYS = ("method", "trajectories", "points", "seed", "over", "of", "cross")
MOST = {"trajectories": 1000, "points": 1024}
DEFAULT = {"trajectories": 10, "points": 64}
MOST_ANALYSED = 10_000
"""Cells of one analysis."""
EXAMPLE = "{over: {demand.scale: {from: 0.8, to: 1.4}}, of: [tat_p95_min]}"
HERE: Path = ("sensitivity",)


@dataclass(frozen=True, slots=True)
class Section:
    """The block as written, checked: ``count`` is that of trajectories (Morris) or base points (Sobol')."""

    method: Method
    count: int
    seed: int
    places: tuple[Place, ...]
    crossed: tuple[Axis, ...]
    of: tuple[str, ...]
    warnings: tuple[Problem, ...]

    @property
    def combinations(self) -> int:
        """How many times the whole analysis is made."""
        return prod(len(axis.points) for axis in self.crossed)


def section(tree: Located, varied: Collection[str], problems: list[Problem]) -> Section | None:
    """The analysis that a scenario declares, or None; what is wrong goes to ``problems``.

    ``varied``: the scenario's variants, of which ``cross`` may name some.
    """
    given = tree.mapping.get("sensitivity")
    if given is None or given.value is None:
        return None
    if not isinstance(given.value, dict):
        message, way_out = f"expected a mapping, got {shown(given.plain())}", f"write it like {EXAMPLE}"
        problems.append(Problem.at("E215", given.mark, HERE, message, way_out))
        return None
    method = given.mapping.get("method")
    key = "points" if method is not None and method.value == "sobol" else "trajectories"
    wrong = [
        *wrong_keys(given, HERE, KEYS, ("over",), EXAMPLE),
        *wrong_method(given, HERE, METHODS),
        *(one for name, most in MOST.items() for one in wrong_number(given, (*HERE, name), 2, most)),
        *wrong_number(given, (*HERE, "seed"), 0, LARGEST_SEED),
    ]
    places = places_over(tree, given.mapping.get("over"), (*HERE, "over"), wrong, lists=False)
    wrong += [
        Problem.at(
            "E215", one.column.mark, one.column.path, "is the same at all points", "cross it, or leave it out"
        )
        for one in places
        if one.column.name == "seed"
    ]
    crossed = list(_crossed(tree, given.mapping.get("cross"), varied, wrong))
    of = _metrics(tree, given, wrong)
    problems += wrong
    if wrong:
        return None
    count = _number(given, key, DEFAULT[key])
    return Section(
        method="sobol" if key == "points" else "morris",
        count=count,
        seed=_number(given, "seed", SEED),
        places=tuple(places),
        crossed=tuple(crossed),
        of=of,
        warnings=tuple(_doubts(given, key, count)),
    )


def too_many(tree: Located, made: Section) -> Iterator[Problem]:
    """More rows than can be run."""
    rows = rows_of(made.method, made.count, len(made.places)) * made.combinations
    if rows > MOST_ANALYSED:
        message = f"{rows} points, at most {MOST_ANALYSED} fit"
        way_out = "take fewer trajectories, points or places, or cross less"
        yield Problem.at("E215", tree.spot(HERE), HERE, message, way_out)


def analysed(made: Section) -> tuple[Analysis, Axis]:
    """The design with its points as one axis; what rounding makes the same is one point."""
    shares = design(made.method, made.count, len(made.places), made.seed)
    known: dict[tuple[Hashable, ...], int] = {}
    points: list[tuple[Located, ...]] = []
    row_points = []
    for row in shares:
        values = tuple(
            _value(place, float(share), made.method) for place, share in zip(made.places, row, strict=True)
        )
        found = known.setdefault(tuple(meaning(one) for one in values), len(points))
        if found == len(points):
            points.append(values)
        row_points.append(found)
    spans = [_span(place) for place in made.places]
    import numpy as np

    exact = np.array([[_share(span, one) for span, one in zip(spans, row, strict=True)] for row in points])
    analysis = Analysis(
        method=made.method,
        places=tuple(place.column.name for place in made.places),
        ends=tuple(_ends(place) for place in made.places),
        shares=exact[row_points],
        row_points=tuple(row_points),
        distinct=len(points),
        crossed=tuple(column.name for axis in made.crossed for column in axis.columns),
        of=made.of,
        seed=made.seed,
    )
    return analysis, Axis(tuple(place.column for place in made.places), tuple(points))


def outermost(made: Section) -> Axis:
    """All places at their lower ends, and all at their upper ones."""
    points = tuple(tuple(_value(place, share, "morris") for place in made.places) for share in (0.0, 1.0))
    return Axis(tuple(place.column for place in made.places), points)


def _value(place: Place, share: float, method: Method) -> Located:
    if method == "sobol":
        return place.value(Fraction(share), SEQUENCE, 1)
    span = _span(place)
    number = span.level(Fraction(round(share * (LEVELS - 1)), LEVELS - 1))
    return Located(as_scalar(number, place.column.unit, whole=span.whole), place.mark)


def _span(place: Place) -> Span:
    if place.column.span is None:
        raise ValueError(f"{place.column.name}: a list has no ends")
    return place.column.span


def _share(span: Span, value: Located) -> float:
    found = amount(value.value)
    if found is None:
        raise ValueError(f"{value.value!r}: no amount")
    return span.share(found.number)


def _ends(place: Place) -> tuple[str, str]:
    span = _span(place)
    low, high = (str(as_scalar(end, place.column.unit, whole=span.whole)) for end in (span.low, span.high))
    return low, high


def _number(given: Located, key: str, default: int) -> int:
    return int(str(given.mapping[key].value)) if key in given.mapping else default


def _doubts(given: Located, key: str, count: int) -> Iterator[Problem]:
    if key == "points" and count & (count - 1):
        below = 1 << (count.bit_length() - 1)
        message = f"{count} is no power of two: the sequence is balanced only over 2, 4, 8, ... points"
        yield Problem.at(
            "W313", given.mapping[key].mark, (*HERE, key), message, f"take {below} or {2 * below}"
        )


def _metrics(tree: Located, given: Located, problems: list[Problem]) -> tuple[str, ...]:
    """``of``, or the primary metrics."""
    named, path = given.mapping.get("of"), (*HERE, "of")
    if named is None:
        primary = tree.mapping.get("primary")
        names = primary.plain() if primary is not None else None
        if isinstance(names, list) and names:
            return tuple(map(str, names))  # wrong ones are refused where they stand
        message = "'of' is missing, and the scenario has no primary metrics"
        problems.append(Problem.at("E102", given.key or given.mark, HERE, message, "add 'of: [tat_p95_min]'"))
        return ()
    if not isinstance(named.value, list) or not named.value:
        message = f"expected a list of metrics, got {shown(named.plain())}"
        problems.append(Problem.at("E215", named.mark, path, message, "write it like [tat_p95_min]"))
        return ()
    problems += twice(named, path, "E215")
    for one in named.value:
        if one.value not in METRICS:
            way_out = did_you_mean(str(one.plain()), METRICS, "the metrics are")
            message = f"there is no metric {shown(one.plain())}"
            problems.append(Problem.at("E201", one.mark, path, message, way_out))
    return tuple(str(one.value) for one in named.value)


def _crossed(
    tree: Located, cross: Located | None, varied: Collection[str], problems: list[Problem]
) -> Iterator[Axis]:
    """One axis a crossed switch; ``variant`` stands for some of the scenario's variants."""
    path = (*HERE, "cross")
    if cross is None or cross.value is None:
        return
    if not isinstance(cross.value, dict):
        message = f"expected places with lists, got {shown(cross.plain())}"
        way_out = "write it like {workload_limit.share: [equal, full-time]}"
        problems.append(Problem.at("E215", cross.mark, path, message, way_out))
        return
    for name, given in cross.value.items():
        here = (*path, name)
        key = given.key or given.mark
        wrong = [*(wrong_place(tree, name, given, here, "E215") if name != COLUMN else ())]
        if not isinstance(given.value, list) or not given.value:
            message = f"expected a list of values, got {shown(given.plain())}"
            wrong.append(Problem.at("E215", given.mark, here, message, "write it like [equal, full-time]"))
        elif name == COLUMN:
            wrong += _unknown(given.value, varied, here)
        wrong += twice(given, here, "E215")
        problems += wrong
        if not wrong and isinstance(given.value, list):
            yield Axis((Column(name, key, here),), tuple((one,) for one in given.value))


def _unknown(names: list[Located], varied: Collection[str], path: Path) -> Iterator[Problem]:
    for one in names:
        if one.value not in varied:
            way_out = did_you_mean(str(one.plain()), varied, "the variants are")
            yield Problem.at("E201", one.mark, path, f"there is no variant {shown(one.plain())}", way_out)
