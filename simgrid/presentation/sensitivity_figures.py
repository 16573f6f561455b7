"""A sensitivity analysis as bars: a panel an output, a bar a place, one order in all panels of a metric."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from simgrid.domain.analysis import Analysis
from simgrid.experiments.sensitivity import Output
from simgrid.presentation import wording
from simgrid.presentation.figures import drawn
from simgrid.presentation.sensitivity import NAMES, output_name, rank

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ACROSS = 3
MAIN, OTHER, INK = "0.75", "0.4", "0.0"
LABEL_WIDTH, TITLE_WIDTH = 26, 44
_NOTES = {
    "morris": "Bar: mu*, the mean size of the change over a place's whole range, with its 95 % interval.",
    "sobol": "Pale bar: total index with its 95 % interval; dark bar: first index.",
}


def sensitivity_figures(analysis: Analysis, found: tuple[Output, ...], title: str) -> dict[str, bytes]:
    """One figure a metric as SVG and PNG, by file name: outputs as rows, crossed combinations as columns.

    Of more than three combinations the first three are drawn; the tables have the others.
    """
    return drawn(
        lambda: [
            (f"sensitivity-{metric.replace('_', '-')}", _figure(analysis, of_metric, title))
            for metric in analysis.of
            if (of_metric := [one for one in found if one.metric == metric and _moves(one)])
        ]
    )


def _figure(analysis: Analysis, found: list[Output], title: str) -> Figure:
    from matplotlib.figure import Figure

    combinations = list(dict.fromkeys(one.crossed for one in found))[:MOST_ACROSS]
    names = list(dict.fromkeys(output_name(one) for one in found))
    by_name = {(output_name(one), one.crossed): one for one in found}
    shape = len(names), len(combinations)
    height = 1.0 + shape[0] * (0.75 + 0.3 * len(analysis.places))
    figure = Figure(figsize=(2.6 + 3.4 * shape[1], height))
    grid = figure.subplots(*shape, squeeze=False, sharey=True)
    order = _order(analysis, found)
    for r, name in enumerate(names):
        for c, combination in enumerate(combinations):
            one = by_name.get((name, combination))
            if one is None:
                grid[r][c].set_axis_off()
                continue
            _panel(grid[r][c], analysis, one, order)
            where = [
                f"{column} = {value}" for column, value in zip(analysis.crossed, combination, strict=True)
            ]
            said = "\n".join(textwrap.fill(line, TITLE_WIDTH) for line in (name, *where))
            grid[r][c].set_title(said, fontsize=8.5, loc="left")
    metric = found[0].metric
    measure = f" [{wording.unit(metric)}]" if wording.unit(metric) and analysis.method == "morris" else ""
    what = NAMES[analysis.method][0]
    figure.suptitle(f"{title}\n{what} of {wording.title(metric)}{measure}", x=0.01, ha="left", fontsize=10)
    fewest = min(one.n for one in found)
    note = (
        f"{_NOTES[analysis.method]} Tick: what noise alone would give.\n"
        "Number: the value, and the ranks that the intervals leave. Each panel has its own scale. "
        f"{fewest} replications at each of {analysis.distinct} points."
    )
    figure.text(0.01, 0.05 / height, note, fontsize=7, ha="left", va="bottom")
    below = 0.36 / height
    figure.set_layout_engine("constrained", rect=(0, below, 1, 1 - below))
    return figure


def _moves(one: Output) -> bool:
    return any(effect.main[0] > 0 for effect in one.effects)


def _order(analysis: Analysis, found: list[Output]) -> list[int]:
    """The places from the largest to the smallest, each output having the same weight."""
    sizes = np.array([[effect.main[0] for effect in one.effects] for one in found])
    sizes = np.nan_to_num(sizes)
    largest = sizes.max(axis=1, keepdims=True)
    relative = np.divide(sizes, largest, out=np.zeros_like(sizes), where=largest > 0)
    return sorted(range(len(analysis.places)), key=lambda place: -float(relative[:, place].mean()))


def _panel(panel: Axes, analysis: Analysis, one: Output, order: list[int]) -> None:
    at = np.arange(len(order))[::-1].astype(np.float64)
    effects = [one.effects[place] for place in order]
    main = np.array([effect.main for effect in effects])
    values = np.nan_to_num(main[:, 0])
    low, high = (np.where(np.isnan(main[:, end]), values, main[:, end]) for end in (1, 2))
    panel.barh(at, values, height=0.62, color=MAIN)
    if analysis.method == "sobol":
        first = np.nan_to_num([effect.other[0] for effect in effects])
        panel.barh(at, np.maximum(first, 0.0), height=0.28, color=OTHER)
    errors = np.maximum([values - low, high - values], 0.0)
    panel.errorbar(values, at, xerr=errors, fmt="none", ecolor=INK, elinewidth=1.1, capsize=2.5)
    noise = np.array([effect.noise for effect in effects])
    panel.plot(noise, at, ls="none", marker="|", ms=13, mew=1.3, color=INK)
    digits = 2 if analysis.method == "sobol" else _digits(float(values.max()))
    reach = np.nanmax([high, np.nan_to_num(noise)], axis=0)
    for effect, value, row, end in zip(effects, values.tolist(), at.tolist(), reach.tolist(), strict=True):
        panel.annotate(
            f"{value:.{digits}f}  (rank {rank(effect)})",
            (end, row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=7.5,
        )
    names = ["\n".join(textwrap.wrap(effect.place.replace(".", ". "), LABEL_WIDTH)) for effect in effects]
    panel.set_yticks(at, [name.replace(". ", ".") for name in names])
    panel.set_xlim(0.0, max(float(reach.max()) * 1.4, 1e-12))
    panel.tick_params(axis="y", length=0)
    panel.grid(axis="x", color="0.9", lw=0.6)
    panel.set_axisbelow(True)


def _digits(largest: float) -> int:
    return 2 if largest <= 0 else min(max(1 - int(np.floor(np.log10(largest))), 0), 6)
