"""A study as figures: means with their intervals, readable in grey, the same bytes every time.

One cell: a panel a metric, a row a policy. A sweep: the longest axis runs to the right, further axes become
rows and columns of panels, one figure a metric. Needs matplotlib; draws without a display.
"""

from __future__ import annotations

import io
import textwrap
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from simgrid.domain.units import BoolArray, FloatArray, IntArray
from simgrid.experiments.answers import scored
from simgrid.experiments.statistics import mean_interval
from simgrid.experiments.study import Study
from simgrid.presentation import wording

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS_A_INCH = 150
NOTE_INCHES, LEGEND_INCHES = 0.22, 0.3
HASH_SALT = "simgrid"
INK, PALE = "black", "0.72"

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
class Spread:
    """What is drawn of one metric: shape (cells, policies); ``low_world``, ``high_world``: 2.5 and 97.5 %."""

    metric: str
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    low_world: FloatArray
    high_world: FloatArray


def figure_files(study: Study) -> dict[str, bytes]:
    """Every figure of a study as SVG and PNG, by file name; nothing where no headline metric was measured."""
    import matplotlib as mpl

    mpl.use("Agg")
    settings = {
        "svg.hashsalt": HASH_SALT,
        "svg.fonttype": "none",
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with mpl.rc_context(settings):
        return {
            f"{name}.{kind}": _bytes(figure, kind)
            for name, figure in _figures(study)
            for kind in ("svg", "png")
        }


def _figures(study: Study) -> list[tuple[str, Figure]]:
    wanted = wording.headline_metrics(study.design.primary)
    spreads = [spread for metric in wanted if (spread := _spread(study, metric)) is not None]
    if not spreads:
        return []
    axes = _axes_of(study)
    if not axes:
        return [("comparison", _dots(study, spreads))]
    if len(axes) == 1:
        return [("comparison", _sweep_by_metric(study, spreads))]
    primary = [one for one in spreads if one.metric in study.design.primary] or spreads
    return [(f"comparison-{one.metric.replace('_', '-')}", _sweep_grid(study, one)) for one in primary]


def _spread(study: Study, metric: str) -> Spread | None:
    place = study.column(metric)
    if place is None:
        return None
    values = scored(study)[..., place]
    found = mean_interval(values)
    flat: BoolArray = np.asarray(np.isnan(values).all(axis=-1), dtype=np.bool_)
    worlds = np.where(flat[..., None], 0.0, values)
    low, high = np.nanpercentile(worlds, [2.5, 97.5], axis=-1)
    low, high = np.where(flat, np.nan, low), np.where(flat, np.nan, high)
    return Spread(metric, found.mean, found.low, found.high, low, high)


def _dots(study: Study, spreads: list[Spread]) -> Figure:
    """One panel a metric: a dot with its interval for each policy, over the range of single worlds."""
    from matplotlib import pyplot as plt

    labels = study.design.policies
    across = min(len(spreads), 2)
    down = -(-len(spreads) // across)
    figure, grid = plt.subplots(
        down, across, figsize=(8, 0.9 + down * (0.75 + 0.3 * len(labels))), squeeze=False, sharey=True
    )
    for panel, one in zip(grid.flat, spreads, strict=False):
        _dot_panel(panel, one, labels, study.design.baseline)
    for panel in list(grid.flat)[len(spreads) :]:
        panel.set_axis_off()
    _finish(
        figure,
        study,
        "Dot and bar: mean with its 95 % interval. Pale band: the middle 95 % of single replications. "
        f"Hollow: {study.design.baseline}, the baseline.",
    )
    return figure


def _dot_panel(panel: Axes, one: Spread, labels: tuple[str, ...], baseline: str) -> None:
    rows = np.arange(len(labels))[::-1]
    decimals = wording.places(zip(one.low[0].tolist(), one.high[0].tolist(), strict=True))
    for row, place in zip(rows.tolist(), range(len(labels)), strict=True):
        mean = float(one.mean[0, place])
        if np.isnan(mean):
            continue
        worlds = [one.low_world[0, place], one.high_world[0, place]]
        panel.plot(worlds, [row, row], color=PALE, lw=6, solid_capstyle="butt")
        if not np.isnan(one.low[0, place]):
            panel.plot([one.low[0, place], one.high[0, place]], [row, row], color=INK, lw=1.6)
        fill = "white" if labels[place] == baseline else INK
        panel.plot(mean, row, "o", ms=6, mfc=fill, mec=INK, zorder=3)
        panel.annotate(
            f"{mean:.{decimals}f}",
            (mean, row),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=7.5,
        )
    panel.set_yticks(rows, labels)
    panel.set_ylim(-0.6, len(labels) - 0.2)
    panel.tick_params(axis="y", length=0)
    panel.grid(axis="x", color="0.9", lw=0.6)
    panel.set_axisbelow(True)
    panel.margins(x=0.08)
    _title(panel, one.metric)


def _sweep_by_metric(study: Study, spreads: list[Spread]) -> Figure:
    """A sweep along one axis: one panel a metric, one line a policy."""
    from matplotlib import pyplot as plt

    across = min(len(spreads), 2)
    down = -(-len(spreads) // across)
    figure, grid = plt.subplots(down, across, figsize=(8.5, 0.9 + 2.6 * down), squeeze=False)
    (axis, values), *_ = _axes_of(study)
    cells = np.arange(len(study.design.points))
    for panel, one in zip(grid.flat, spreads, strict=False):
        _line_panel(panel, one, study, cells, values)
        _title(panel, one.metric)
        panel.set_xlabel(axis)
    for panel in list(grid.flat)[len(spreads) :]:
        panel.set_axis_off()
    _legend(figure, grid[0][0])
    _finish(figure, study, "Points: means; bars: their 95 % intervals.")
    return figure


def _sweep_grid(study: Study, one: Spread) -> Figure:
    """A sweep along several axes: the longest to the right, the others as columns and rows of panels."""
    from matplotlib import pyplot as plt

    along, *others = _axes_of(study)
    columns, rows = others[0], others[1:]
    row_points = _product([values for _, values in rows])
    shape = (len(row_points), len(columns[1]))
    figure, grid = plt.subplots(
        *shape, figsize=(1.2 + 2.6 * shape[1], 1.4 + 2.0 * shape[0]), squeeze=False, sharex=True, sharey=True
    )
    for r, row in enumerate(row_points):
        for c, column in enumerate(columns[1]):
            fixed = {columns[0]: column, **dict(zip((name for name, _ in rows), row, strict=True))}
            panel = grid[r][c]
            _line_panel(panel, one, study, _cells_at(study, fixed), along[1])
            said = "\n".join(textwrap.fill(f"{name} = {value}", 36) for name, value in fixed.items())
            panel.set_title(said, fontsize=8, loc="left")
            if r == shape[0] - 1:
                panel.set_xlabel(along[0])
    measure = f" [{wording.unit(one.metric)}]" if wording.unit(one.metric) else ""
    figure.supylabel(f"{wording.title(one.metric)}{measure} ({wording.direction(one.metric)})", fontsize=9)
    _legend(figure, grid[0][0])
    _finish(figure, study, "Points: means; bars: their 95 % intervals.")
    return figure


def _line_panel(panel: Axes, one: Spread, study: Study, cells: IntArray, values: list[str]) -> None:
    at = np.arange(len(cells), dtype=np.float64)
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
    panel.set_xticks(at, values)
    panel.grid(axis="y", color="0.9", lw=0.6)
    panel.set_axisbelow(True)


def _axes_of(study: Study) -> list[tuple[str, list[str]]]:
    """The swept columns that truly vary with their values, the longest first, else in scenario order."""
    design = study.design
    axes = [
        (name, list(dict.fromkeys(point[place] for point in design.points)))
        for place, name in enumerate(design.sweep_columns)
    ]
    return sorted((axis for axis in axes if len(axis[1]) > 1), key=lambda axis: -len(axis[1]))


def _cells_at(study: Study, fixed: dict[str, str]) -> IntArray:
    columns = study.design.sweep_columns
    wanted = {columns.index(name): value for name, value in fixed.items()}
    matches = [
        cell
        for cell, point in enumerate(study.design.points)
        if all(point[place] == value for place, value in wanted.items())
    ]
    return np.array(matches, dtype=np.int64)


def _product(axes: list[list[str]]) -> list[tuple[str, ...]]:
    return list(product(*axes))


def _title(panel: Axes, metric: str) -> None:
    measure = f" [{wording.unit(metric)}]" if wording.unit(metric) else ""
    panel.set_title(f"{wording.title(metric)}{measure}\n{wording.direction(metric)}", fontsize=9, loc="left")


def _legend(figure: Figure, panel: Axes) -> None:
    handles, labels = panel.get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="lower left",
        bbox_to_anchor=(0.0, NOTE_INCHES / figure.get_figheight()),
        ncols=min(len(labels), 6),
        frameon=False,
        fontsize=8,
    )


def _finish(figure: Figure, study: Study, note: str) -> None:
    """Title above, note (and legend, where there is one) below, and the panels in the room between."""
    design = study.design
    height = figure.get_figheight()
    below = NOTE_INCHES + (LEGEND_INCHES if figure.legends else 0.0)
    figure.suptitle(design.title or design.name, x=0.01, ha="left", fontsize=10, fontweight="bold")
    said = f"{note} {design.replications} paired replications, seed {design.seed}."
    figure.text(0.01, 0.04 / height, said, fontsize=7, ha="left", va="bottom")
    figure.set_layout_engine("constrained", rect=(0, below / height, 1, 1 - below / height))


def _bytes(figure: Figure, kind: str) -> bytes:
    from matplotlib import pyplot as plt

    out = io.BytesIO()
    metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    figure.savefig(out, format=kind, dpi=DOTS_A_INCH, metadata=metadata)
    if kind == "png":
        plt.close(figure)
    return out.getvalue()
