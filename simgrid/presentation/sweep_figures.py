"""Sweeps as lines: means with their intervals along a swept axis, further axes as a grid of panels."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from simgrid.experiments.study import Study
from simgrid.presentation import wording
from simgrid.presentation.figure_parts import Spread, add_legend, add_title, finish
from simgrid.presentation.swept_values import in_order

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 30
LABEL_ROOM = 36
MOST_TICKS = 24

# Told apart without colour: marker, line and shade; the baseline is the hollow one.
_STYLES = (
    ("o", "-", "0.0"),
    ("s", "--", "0.25"),
    ("^", "-.", "0.0"),
    ("D", ":", "0.25"),
    ("v", (0, (5, 1)), "0.5"),
    ("P", (0, (3, 1, 1, 1)), "0.5"),
    ("X", (0, (1, 1)), "0.0"),
)


@dataclass(frozen=True, slots=True)
class Axis:
    """A swept column and the values it takes, in scenario order or, scattered ones, by size."""

    name: str
    values: list[str]


def axes_of(study: Study) -> list[Axis]:
    """The swept columns that truly vary, the longest first, else in scenario order."""
    design = study.design
    axes = [
        Axis(name, in_order(point[place] for point in design.points))
        for place, name in enumerate(design.sweep_columns)
    ]
    return sorted((axis for axis in axes if len(axis.values) > 1), key=lambda axis: -len(axis.values))


def fits(study: Study) -> bool:
    """Whether a grid of panels can show the sweep: scattered points (a Latin hypercube) are no grid."""
    return prod(len(axis.values) for axis in axes_of(study)[1:]) <= MOST_PANELS


def by_metric(study: Study, spreads: list[Spread]) -> Figure:
    """A sweep along one axis: one panel a metric, one line a policy."""
    from matplotlib.figure import Figure

    across = min(len(spreads), 2)
    down = -(-len(spreads) // across)
    figure = Figure(figsize=(8.5, 0.9 + 2.6 * down))
    grid = figure.subplots(down, across, squeeze=False)
    along, *_ = axes_of(study)
    for panel, one in zip(grid.flat, spreads, strict=False):
        _line_panel(panel, one, study, _cells_at(study, {}), along)
        add_title(panel, one.metric)
        panel.set_xlabel(along.name)
    for panel in list(grid.flat)[len(spreads) :]:
        panel.set_axis_off()
    add_legend(figure, grid[0][0], study)
    finish(figure, study, "Points: means; bars: their 95 % intervals.")
    return figure


def grid_of(study: Study, one: Spread) -> Figure:
    """A sweep along several axes: the longest to the right, the others as columns and rows of panels."""
    from matplotlib.figure import Figure

    along, columns, *rows = axes_of(study)
    row_points = list(product(*(axis.values for axis in rows)))
    shape = (len(row_points), len(columns.values))
    figure = Figure(figsize=(1.2 + 2.6 * shape[1], 1.4 + 2.0 * shape[0]))
    grid = figure.subplots(*shape, squeeze=False, sharex=True, sharey=True)
    for r, row in enumerate(row_points):
        for c, column in enumerate(columns.values):
            fixed = {columns.name: column, **dict(zip((axis.name for axis in rows), row, strict=True))}
            panel = grid[r][c]
            _line_panel(panel, one, study, _cells_at(study, fixed), along)
            said = "\n".join(textwrap.fill(f"{name} = {value}", 36) for name, value in fixed.items())
            panel.set_title(said, fontsize=8, loc="left")
            if r == shape[0] - 1:
                panel.set_xlabel(along.name)
    measure = f" [{wording.unit(one.metric)}]" if wording.unit(one.metric) else ""
    figure.supylabel(f"{wording.title(one.metric)}{measure} ({wording.direction(one.metric)})", fontsize=9)
    add_legend(figure, grid[0][0], study)
    finish(figure, study, "Points: means; bars: their 95 % intervals.")
    return figure


def _line_panel(panel: Axes, one: Spread, study: Study, cells: list[int], along: Axis) -> None:
    column = study.design.sweep_columns.index(along.name)
    cells = sorted(cells, key=lambda cell: along.values.index(study.design.points[cell][column]))
    at = np.array([along.values.index(study.design.points[cell][column]) for cell in cells], dtype=np.float64)
    count = len(study.design.policies)
    for place, policy in enumerate(study.design.policies):
        marker, line, shade = _STYLES[place % len(_STYLES)]
        mean, low, high = one.mean[cells, place], one.low[cells, place], one.high[cells, place]
        shift = 0.05 * (place - (count - 1) / 2)  # side by side, so that bars do not hide each other
        errors = np.nan_to_num(np.array([mean - low, high - mean]))
        panel.errorbar(
            at + shift,
            mean,
            yerr=np.maximum(errors, 0.0),
            label=policy,
            marker=marker,
            ms=4.5,
            lw=1.1,
            ls=line,
            color=shade,
            mfc="white" if policy == study.design.baseline else shade,
            elinewidth=0.9,
        )
    crowded = sum(len(value) for value in along.values) > LABEL_ROOM
    slant = {"rotation": 30, "ha": "right"} if crowded else {}
    told = slice(None, None, -(-len(along.values) // MOST_TICKS))
    panel.set_xticks(np.arange(len(along.values))[told], along.values[told], **slant)
    panel.grid(axis="y", color="0.9", lw=0.6)
    panel.set_axisbelow(True)


def _cells_at(study: Study, fixed: dict[str, str]) -> list[int]:
    """The cells with these values, in order; a sweep may have excluded some."""
    columns = study.design.sweep_columns
    wanted = {columns.index(name): value for name, value in fixed.items()}
    return [
        cell
        for cell, point in enumerate(study.design.points)
        if all(point[place] == value for place, value in wanted.items())
    ]
