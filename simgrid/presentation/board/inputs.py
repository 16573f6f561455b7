"""The inputs of a study: what was swept, in an order that reads well, and the cell of "as it is"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simgrid.experiments.study import Study
from simgrid.presentation.board import saying
from simgrid.presentation.swept_values import in_order
from simgrid.scenario import Loaded
from simgrid.scenario.amounts import amount, factor

POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Input:
    """One swept column that truly varies: its name for a reader, its levels, and the level of each cell."""

    column: str
    label: str
    levels: tuple[str, ...]
    of_cell: tuple[int, ...]


def inputs_of(study: Study) -> tuple[Input, ...]:
    """The columns with at least two values, in the scenario's order."""
    design = study.design
    found = []
    for place, column in enumerate(design.sweep_columns):
        values = [point[place] for point in design.points]
        levels = _rising(in_order(values))
        if len(levels) > 1:
            index = {value: k for k, value in enumerate(levels)}
            found.append(
                Input(column, saying.place(column), tuple(levels), tuple(index[one] for one in values))
            )
    return tuple(found)


def base_cell(study: Study, inputs: tuple[Input, ...], loaded: Loaded | None) -> int:
    """The cell nearest to the scenario as it is written, or to the middle where it does not say."""
    written = _written(loaded)
    wanted = [_level_of(one, written.get(one.column)) for one in inputs]

    def far(cell: int) -> float:
        return sum(
            ((one.of_cell[cell] - level) / (len(one.levels) - 1)) ** 2
            for one, level in zip(inputs, wanted, strict=True)
        )

    return min(range(len(study.design.points)), key=lambda cell: (far(cell), cell))


def star(inputs: tuple[Input, ...], base: int, along: Input) -> dict[int, int]:
    """The cells that differ from the base in this input only: level and cell, the base among them."""
    others = [one for one in inputs if one is not along]
    found: dict[int, int] = {}
    for cell, level in enumerate(along.of_cell):
        if all(one.of_cell[cell] == one.of_cell[base] for one in others):
            found.setdefault(level, cell)
    return dict(sorted(found.items()))


def _rising(levels: list[str]) -> list[str]:
    return levels[::-1] if len(levels) > 1 and _less(levels[-1], levels[0]) else levels


def _less(one: str, other: str) -> bool:
    a, b = amount(_number(one)), amount(_number(other))
    if a is None or b is None or (by := factor(a.unit, b.unit)) is None:
        return False
    return a.number * by < b.number


def _level_of(one: Input, text: str | None) -> int:
    """The level that is written so, or is the same amount; the middle one where none is."""
    for level, value in enumerate(one.levels):
        if text is not None and (value == text or _same(value, text)):
            return level
    return 0 if one.column == "variant" else len(one.levels) // 2


def _same(one: str, other: str) -> bool:
    a, b = amount(_number(one)), amount(_number(other))
    if a is None or b is None or (by := factor(a.unit, b.unit)) is None:
        return False
    return a.number * by == b.number


def _number(text: str) -> object:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _written(loaded: Loaded | None) -> Mapping[str, str]:
    """Every value of the scenario as written, by its place."""
    if loaded is None:
        return {}
    return {".".join(map(str, path)): str(leaf.value) for path, leaf in loaded.tree.leaves()}
