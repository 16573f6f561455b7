"""The door: a file or the name of a shipped scenario to domain scenarios, or every problem at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simgrid.domain.analysis import Analysis
from simgrid.domain.scenario import Scenario
from simgrid.scenario import files
from simgrid.scenario.axes import COLUMN
from simgrid.scenario.build import Cell, Surroundings, build_cell
from simgrid.scenario.cells import BASE, Cells, Point, cells, regardless
from simgrid.scenario.installed import Installed
from simgrid.scenario.marks import Located
from simgrid.scenario.plugged import PlugIns
from simgrid.scenario.problems import Problem, ScenarioInvalid, in_order
from simgrid.scenario.redraw import Redraw, reaching
from simgrid.scenario.relocated import relocated
from simgrid.scenario.tables import Tables
from simgrid.scenario.uncertain import Place
from simgrid.scenario.writing import as_yaml

MOST_REFUSED = 200


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario file, built: one cell a variant and point of its sweep and sample, in the order written.

    ``sweep_columns``: ``variant`` where there are some, then the swept places and the sampled ones, in order.
    ``text``: the file as given. ``resolved``: YAML after ``extends`` and overrides, variants, sweep, sample
    and exclude included; ``tree``: the same with its marks. ``analysis``: the design of which the cells are.
    ``deployed``: where the cells are plans, the scenario as written.
    """

    cells: tuple[Scenario, ...]
    warnings: tuple[Problem, ...]
    sweep_columns: tuple[str, ...]
    text: str
    resolved: str
    path: Path
    tree: Located
    analysis: Analysis | None = None
    deployed: Scenario | None = None

    def resolved_in(self, folder: Path) -> str:
        """``resolved``, with relative names of files told from the folder that it is going to lie in."""
        return as_yaml(relocated(self.tree, folder))


def load(
    path_or_name: str | Path | files.Draft,
    overrides: Sequence[str] = (),
    installed: Installed | None = None,
    *,
    analyse: bool = False,
    planned: bool = False,
    warned: bool = True,
) -> Loaded:
    """Read, check and build a scenario.

    ``path_or_name``: an existing file, else a shipped scenario such as ``paper/table-1``. ``overrides``:
    ``KEY=VALUE`` as after ``--set``. ``installed`` knows which policies and gates exist; without it their
    names are not checked here. ``analyse``: the cells are those of ``sensitivity`` instead; ``planned``:
    those of ``plan``, with what is odd asked of the scenario as written alone. ``warned``: what is odd about
    each cell is asked, which takes longer than all the rest.

    :raises ScenarioInvalid: with every problem found.
    """
    resolved = files.read_resolved(path_or_name, overrides)
    tree = resolved.tree
    known = installed or Installed()
    around = Surroundings(resolved.path.stem, Tables(), known, PlugIns(known))
    made = _cells(resolved, around, analyse=analyse, planned=planned)
    built = _build(tree, made.points, around, warned=warned and not planned)
    built = [_drawn(one, point, made, around) for one, point in zip(built, made.points, strict=False)]
    tried = [_errors(cell, made.uncertain) for cell in _build(tree, made.trials, around, warned=False)]
    tried += [_errors(cell, ()) for cell in _build(tree, made.plans, around, warned=False)]
    deployed = [] if made.deployed is None else [((), made.deployed)]
    now = [*_build(tree, deployed, around, warned=warned)]
    now = [_drawn(one, point, made, around) for one, point in zip(now, deployed, strict=False)]
    problems = in_order([*resolved.problems, *made.warnings, *_of_cells([*now, *built, *tried])])
    if any(problem.severity == "error" for problem in problems):
        raise ScenarioInvalid([problem for problem in problems if problem.severity == "error"])
    accounted = _accounted(tree, built)
    return Loaded(
        cells=tuple(_built(built)),
        warnings=tuple(_told_once(problems, len(built))),
        sweep_columns=made.columns,
        text=resolved.text,
        resolved=as_yaml(accounted),
        path=resolved.path,
        tree=accounted,
        analysis=made.analysis,
        deployed=now[0].scenario if now else None,
    )


def _build(
    tree: Located, points: Sequence[tuple[Point, Located]], around: Surroundings, *, warned: bool = True
) -> list[Cell]:
    """Every cell, or those up to the last of ``MOST_REFUSED``: what is wrong there is wrong elsewhere."""
    built: list[Cell] = []
    refused = 0
    for swept, cell in points:
        built.append(_in_variant(tree, swept, build_cell(cell, around, swept, warned=warned)))
        refused += built[-1].scenario is None
        if refused == MOST_REFUSED:
            break
    return built


def _errors(trial: Cell, drawn: Sequence[Place]) -> Cell:
    """What forbids an outermost point, in the words of what is drawn where something is."""
    wrong = [one for one in trial.problems if one.severity == "error"]
    return Cell(None, tuple(reaching(one, drawn) if drawn else one for one in wrong))


def _drawn(cell: Cell, point: tuple[Point, Located], made: Cells, around: Surroundings) -> Cell:
    """The cell with what each world draws of it."""
    if cell.scenario is None or not made.uncertain:
        return cell
    swept, tree = point
    redraw = Redraw(tree, around, swept, made.uncertain, cell.scenario.sources)
    declared = tuple(one.of for one in made.uncertain)
    return replace(cell, scenario=replace(cell.scenario, uncertain=declared, realise=redraw))


def _cells(resolved: files.Resolved, around: Surroundings, *, analyse: bool, planned: bool) -> Cells:
    """Every cell; where they cannot be made, what else is wrong with the scenario is told as well."""
    try:
        return cells(resolved.tree, analyse=analyse, planned=planned)
    except ScenarioInvalid as invalid:
        known = {(one.file, one.line, one.column) for one in invalid.problems}
        built = [build_cell(tree, around, at, warned=False) for at, tree in regardless(resolved.tree)]
        others = [
            one
            for one in _of_cells(built)
            if one.severity == "error" and (one.file, one.line, one.column) not in known
        ]
        raise ScenarioInvalid(in_order([*resolved.problems, *invalid.problems, *others])) from None


def _in_variant(tree: Located, swept: Point, cell: Cell) -> Cell:
    """The cell, its problems placed where their marks are: within the variant, where that wrote the value."""
    name = dict(swept).get(COLUMN, BASE)
    if name == BASE or not cell.problems:
        return cell
    variant = tree.mapping["variants"].mapping[name]
    own = {(mark.source.name, mark.line, mark.column) for mark in variant.marks()}
    placed = (
        replace(one, place=f"variants.{name}.{one.place}") if (one.file, one.line, one.column) in own else one
        for one in cell.problems
    )
    return replace(cell, problems=tuple(placed))


def _of_cells(built: Sequence[Cell]) -> Iterator[Problem]:
    """What is wrong in any cell; an error that an earlier cell has at the same place is not told again.

    The values of a range share their place, and each would be refused in words of its own.
    """
    told: set[tuple[object, ...]] = set()
    for cell in built:
        own = [(one, (one.code, one.file, one.line, one.column, one.place)) for one in cell.problems]
        yield from (one for one, place in own if place not in told)
        told.update(place for one, place in own if one.severity == "error")


def _built(built: Sequence[Cell]) -> list[Scenario]:
    return [one.scenario for one in built if one.scenario is not None]


def _told_once(warnings: Sequence[Problem], cells: int) -> Iterator[Problem]:
    """One warning a kind and place: the cells of a sweep say the same thing with other numbers."""
    groups: dict[tuple[object, ...], list[Problem]] = {}
    for one in warnings:
        groups.setdefault((one.code, one.file, one.line, one.column), []).append(one)
    for first, *others in groups.values():
        more = f" (and so in other words in some of the {cells} cells)" if others and cells > 1 else ""
        yield replace(first, message=first.message + more)
        yield from others if cells == 1 else ()


def _accounted(tree: Located, built: Sequence[Cell]) -> Located:
    """The tree without the ledger's lines about what this file removed."""
    places = {source.place for one in _built(built) for source in one.sources}
    lines = tree.mapping.get("sources")
    for place in lines.mapping if lines is not None else ():
        if place not in places:
            tree = tree.put(("sources", place), None)
    return tree
