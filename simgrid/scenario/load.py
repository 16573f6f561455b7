"""The door: a file or the name of a shipped scenario to domain scenarios, or every problem at once."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from simgrid.domain.scenario import Scenario
from simgrid.scenario import files
from simgrid.scenario.build import Cell, Surroundings, build_cell
from simgrid.scenario.installed import Installed
from simgrid.scenario.marks import Located
from simgrid.scenario.overrides import cells, overridden
from simgrid.scenario.problems import Problem, ScenarioInvalid, in_order
from simgrid.scenario.tables import Tables


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario file, built: one cell a point of its sweep, in the order written.

    ``sweep_columns``: the swept places, in order. ``text``: the file as given. ``resolved``: YAML after
    ``extends`` and overrides, sweep included.
    """

    cells: tuple[Scenario, ...]
    warnings: tuple[Problem, ...]
    sweep_columns: tuple[str, ...]
    text: str
    resolved: str
    path: Path


def load(
    path_or_name: str | Path, overrides: Sequence[str] = (), installed: Installed | None = None
) -> Loaded:
    """Read, check and build a scenario.

    ``path_or_name``: an existing file, else a shipped scenario such as ``paper/table-1``. ``overrides``:
    ``KEY=VALUE`` as after ``--set``. ``installed`` knows which policies and gates exist; without it their
    names are not checked here.

    :raises ScenarioInvalid: with every problem found.
    """
    path = files.find(path_or_name)
    label = str(path_or_name) if Path(path_or_name) == path else path.name
    text = files.read_text(path, label)
    tree = overridden(files.read_extended(path, label), overrides)
    around = Surroundings(path.stem, Tables(), installed or Installed())
    points = cells(tree)
    built = [build_cell(cell, around, swept) for swept, cell in points]
    problems = in_order(problem for one in built for problem in one.problems)
    if any(one.scenario is None for one in built):
        raise ScenarioInvalid([problem for problem in problems if problem.severity == "error"])
    return Loaded(
        cells=tuple(_built(built)),
        warnings=problems,
        sweep_columns=tuple(place for place, _ in points[0][0]),
        text=text,
        resolved=_as_yaml(_accounted(tree, built)),
        path=path,
    )


def _built(built: Sequence[Cell]) -> list[Scenario]:
    return [one.scenario for one in built if one.scenario is not None]


def _accounted(tree: Located, built: Sequence[Cell]) -> object:
    """The tree's plain values, without the ledger's lines about what this file removed."""
    places = {source.place for one in _built(built) for source in one.sources}
    lines = tree.mapping.get("sources")
    for place in lines.mapping if lines is not None else ():
        if place not in places:
            tree = tree.put(("sources", place), None)
    return tree.plain()


def _as_yaml(plain: object) -> str:
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.width = 110
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    stream = io.StringIO()
    writer.dump(plain, stream)
    return stream.getvalue()
