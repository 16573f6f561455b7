"""The cells of a scenario: every variant at every point of sweep and sample, each a whole tree of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from math import prod

from simgrid.domain.analysis import Analysis
from simgrid.scenario.axes import COLUMN, OF_THE_STUDY, Axis, Column, code_of, label, overlapping, swept
from simgrid.scenario.excludes import kept
from simgrid.scenario.ledger import inner_places, named
from simgrid.scenario.marks import Located, NoSuchEntry, Path, addressed, idle_nulls, merge
from simgrid.scenario.plan_axes import outermost_plans, places_meant, plan_axes, plan_cells
from simgrid.scenario.problems import Problem, ScenarioInvalid, nothing_to_remove, shown
from simgrid.scenario.redraw import with_values
from simgrid.scenario.samples import sampled
from simgrid.scenario.sensitivity import EXAMPLE, HERE, Section, analysed, outermost, section, too_many
from simgrid.scenario.uncertain import Place, uncertain_places

MAX_CELLS = 2000
MAX_POINTS = 200_000
"""Points that may be written before ``exclude`` leaves the cells."""
MOST_TRIED = 40
"""Outermost points of an analysis, or of what is drawn, that are checked before anything is run."""
BASE = "base"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?")
Point = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """Every cell's point (column and label, variant first) with its tree; what is odd about the points.

    ``trials``: the outermost points of an analysis that is declared and not made now, and of what is drawn,
    to be checked only. ``plans``: some plans, to be checked as well. ``uncertain``: what is drawn in each
    world. ``deployed``: of plans the scenario as written.
    """

    columns: tuple[str, ...]
    points: tuple[tuple[Point, Located], ...]
    warnings: tuple[Problem, ...]
    analysis: Analysis | None = None
    trials: tuple[tuple[Point, Located], ...] = ()
    uncertain: tuple[Place, ...] = ()
    plans: tuple[tuple[Point, Located], ...] = ()
    deployed: Located | None = None


def cells(tree: Located, *, analyse: bool = False, planned: bool = False) -> Cells:
    """Every cell, in the order of variants, swept places and sample, the last fastest; one without any.

    With variants the scenario as written is the first of them, called ``base``. To ``analyse`` is to make the
    cells of ``sensitivity`` instead, in the order of crossed switches and design; ``planned`` are those of
    ``plan``.

    :raises ScenarioInvalid: for variants, places and values that cannot be, all at once.
    """
    problems: list[Problem] = []
    sweeps = swept(tree, problems)
    sample, warnings = sampled(tree, problems)
    varied = _variants(tree, problems)
    along = [*sweeps, *([sample] if sample is not None else [])]
    drawn, doubts = uncertain_places(tree, problems)
    warnings += doubts
    problems += overlapping(tree, [*along, *(_alone(one) for one in drawn)])
    bought = plan_axes(tree, problems)
    problems += _drawn_and_planned(tree, bought, drawn)
    asked = _section(tree, [BASE, *(name for name, _ in varied)], problems)
    axes = [*_variant_axis(tree, varied), *along]
    run = _run(tree, axes, problems)
    if analyse and asked is None and not problems:
        way_out = f"add one: sensitivity: {EXAMPLE}"
        problems.append(Problem.at("E215", tree.mark, HERE, "the scenario has no such block", way_out))
    if planned and "plan" not in tree.mapping:
        problems.append(
            Problem.at("E217", tree.mark, ("plan",), "the scenario has no such block", _a_plan(tree))
        )
    if problems or (analyse and asked is None):
        raise ScenarioInvalid(problems)
    bare = _bare(tree)
    if planned:
        made, columns = tuple(plan_cells(bare, bought)), tuple(axis.columns[0].name for axis in bought)
        return Cells(columns, made, tuple(warnings), uncertain=tuple(drawn), deployed=bare)
    starts = {BASE: bare} | {name: _varied(bare, over) for name, over in varied}
    analysis = None
    if analyse and asked is not None:
        analysis, varying = analysed(asked)
        axes = [*asked.crossed, varying]
        run = [True] * prod(len(axis.points) for axis in axes)
        drawn = [one for one in drawn if not [*overlapping(tree, [*_places(axes), _alone(one)])]]
    trials: list[tuple[Point, Located]] = []
    if asked is not None:
        warnings += asked.warnings
        ends = [] if analyse else [*asked.crossed, outermost(asked)]
        tried = _cells(starts, ends, [True] * prod(len(axis.points) for axis in ends)) if ends else ()
        trials = [*islice(tried, MOST_TRIED)]
    columns = tuple(column.name for axis in axes for column in axis.columns)
    points = tuple(_cells(starts, axes, run))
    trials += _ends(points, drawn)
    plans = tuple(outermost_plans(bare, bought, MOST_TRIED))
    return Cells(columns, points, tuple(warnings), analysis, tuple(trials), tuple(drawn), plans)


def regardless(tree: Located) -> Iterator[tuple[Point, Located]]:
    """What can be checked where a sweep or a plan cannot be made: the scenario as written, some plans."""
    bare = _bare(tree)
    yield (), bare
    try:
        yield from outermost_plans(bare, plan_axes(bare, []), MOST_TRIED)
    except (ScenarioInvalid, KeyError):
        return


def _bare(tree: Located) -> Located:
    for key in ("sweep", "sample", "uncertain", "sensitivity", "exclude", "variants"):
        tree = tree.put((key,), None)
    return tree


def _drawn_and_planned(tree: Located, bought: Sequence[Axis], drawn: Sequence[Place]) -> Iterator[Problem]:
    """Places that are both: what a plan decides nobody draws."""
    for axis in bought:
        for place in places_meant(tree, axis.columns[0].name):
            alone = Axis((replace(axis.columns[0], name=place),), ())
            yield from overlapping(tree, [*(_alone(one) for one in drawn), alone])


def _alone(place: Place) -> Axis:
    return Axis((place.column,), ())


def _places(axes: Sequence[Axis]) -> list[Axis]:
    return [axis for axis in axes if axis.columns[0].name != COLUMN]


def _ends(points: Sequence[tuple[Point, Located]], drawn: Sequence[Place]) -> Iterator[tuple[Point, Located]]:
    """Cells with all that is drawn at its lower end, and at its upper one."""
    for point, cell in points[: MOST_TRIED // 2] if drawn else ():
        for numbers in ([one.of.low for one in drawn], [one.of.high for one in drawn]):
            yield point, with_values(cell, drawn, numbers)


def _section(tree: Located, varied: Sequence[str], problems: list[Problem]) -> Section | None:
    """The analysis that is declared, its places held against each other."""
    asked = section(tree, varied, problems)
    if asked is not None:
        columns = tuple(place.column for place in asked.places)
        switches = [axis for axis in asked.crossed if axis.columns[0].name != COLUMN]
        problems += overlapping(tree, [*switches, Axis(columns, ())])
        problems += too_many(tree, asked)
    return asked


def _run(tree: Located, axes: Sequence[Axis], problems: list[Problem]) -> Sequence[bool]:
    """Which points of the grid are run; too many of them are a problem, as is what is wrong with excludes."""
    count = prod(len(axis.points) for axis in axes)
    excluded = tree.mapping.get("exclude")
    if count > MAX_POINTS or (excluded is None and count > MAX_CELLS):
        problems.append(_too_many(tree, count))
        return []
    if any(one.code != "E214" for one in problems):
        return []  # of columns that could not be made nothing can be left out
    run = kept(tree, axes, problems)
    if (count := sum(run)) > MAX_CELLS:
        problems.append(_too_many(tree, count))
    return run


def _too_many(tree: Located, count: int) -> Problem:
    key = next(one for one in ("sweep", "sample", "variants") if one in tree.mapping)
    message = f"{count} cells, at most {MAX_CELLS} fit"
    way_out = "sweep fewer values, or take a sample of them"
    if key != "sweep":
        way_out = "take fewer points" if key == "sample" else "write fewer"
    return Problem.at("E207", tree.spot((key,)), (key,), message, way_out)


def _variant_axis(tree: Located, varied: list[tuple[str, Located]]) -> Iterator[Axis]:
    if varied:
        mark = tree.spot(("variants",))
        points = tuple((Located(name, mark),) for name in (BASE, *(name for name, _ in varied)))
        yield Axis((Column(COLUMN, mark, ("variants",)),), points)


def _cells(
    starts: dict[str, Located], axes: Sequence[Axis], run: Sequence[bool]
) -> Iterator[tuple[Point, Located]]:
    columns = [column for axis in axes for column in axis.columns]
    for wanted, parts in zip(run, product(*(axis.points for axis in axes)), strict=True):
        if not wanted:
            continue
        values = [value for part in parts for value in part]
        point = tuple((column.name, label(value)) for column, value in zip(columns, values, strict=True))
        cell = starts[dict(point).get(COLUMN, BASE)]
        for column, value in zip(columns, values, strict=True):
            if column.name != COLUMN:
                cell = cell.put(_path(column, cell), replace(value, key=column.mark))
        yield point, cell


def _path(column: Column, cell: Located) -> Path:
    try:
        return addressed(cell, column.name.split("."))
    except NoSuchEntry as wrong:
        _, message, way_out = wrong.args
        raise ScenarioInvalid(
            [Problem.at(code_of(column.path), column.mark, column.path, message, way_out)]
        ) from None


def _varied(base: Located, over: Located) -> Located:
    """The variant's tree, without the ledger's lines about what the variant removes."""
    cell = replace(merge(base, over), mark=base.mark)
    lines = cell.mapping["sources"].mapping if "sources" in cell.mapping else {}
    for place in named(lines, set(inner_places(base))) - named(lines, set(inner_places(cell))):
        cell = cell.put(("sources", place), None)
    return cell


def _a_plan(tree: Located) -> str:
    """A block that could be added, and where a whole example is to be had."""
    people = tree.mapping.get("radiologists")
    name = next(iter(people.mapping), "evening") if people is not None else "evening"
    return (
        f"add one, such as plan: {{vary: {{radiologists.{name}.count: 1..4}}}}, with targets and costs; "
        "'simgrid new region' writes a whole example"
    )


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
