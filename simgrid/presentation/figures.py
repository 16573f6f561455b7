"""A study as figures: means with their intervals, readable in grey, the same bytes every time.

One cell: a panel a metric, a row a policy (here). A sweep: ``sweep_figures``. Needs no display.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from simgrid.experiments.study import Study
from simgrid.presentation import wording
from simgrid.presentation.figure_parts import Spread, add_title, finish, spread_of
from simgrid.presentation.sweep_figures import axes_of, by_metric, fits, grid_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS_A_INCH = 150
HASH_SALT = "simgrid"
_HASHED = re.compile(rb"\b[pm][0-9a-f]{10}\b")
INK, PALE = "black", "0.72"


def figure_files(study: Study) -> dict[str, bytes]:
    """Every figure of a study as SVG and PNG, by file name; nothing where no headline metric was measured.

    A sweep over scattered points has no figure either; its tables tell it.
    """
    return drawn(lambda: _figures(study))


def drawn(
    make: Callable[[], list[tuple[str, Figure]]], kinds: tuple[str, ...] = ("svg", "png")
) -> dict[str, bytes]:
    """Figures as SVG and PNG by file name, made and written under the settings of all our figures."""
    import matplotlib as mpl

    settings = {
        "svg.hashsalt": HASH_SALT,
        "svg.fonttype": "none",
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with mpl.rc_context(settings):
        return {f"{name}.{kind}": _bytes(figure, kind) for name, figure in make() for kind in kinds}


def _figures(study: Study) -> list[tuple[str, Figure]]:
    wanted = wording.told_metrics(study)
    spreads = [spread for metric in wanted if (spread := spread_of(study, metric)) is not None]
    if not spreads:
        return []
    axes = axes_of(study)
    if not axes:
        return [("comparison", _dots(study, spreads))]
    if len(axes) == 1:
        return [("comparison", by_metric(study, spreads))]
    if not fits(study):
        return []
    primary = [one for one in spreads if one.metric in study.design.primary] or spreads
    return [(f"comparison-{one.metric.replace('_', '-')}", grid_of(study, one)) for one in primary]


def _dots(study: Study, spreads: list[Spread]) -> Figure:
    """One panel a metric: a dot with its interval for each policy, over the range of single worlds."""
    from matplotlib.figure import Figure

    labels = study.design.policies
    across = min(len(spreads), 2)
    down = -(-len(spreads) // across)
    figure = Figure(figsize=(8, 0.9 + down * (0.75 + 0.3 * len(labels))))
    grid = figure.subplots(down, across, squeeze=False, sharey=True)
    for panel, one in zip(grid.flat, spreads, strict=False):
        _dot_panel(panel, one, labels, study.design.baseline)
    for panel in list(grid.flat)[len(spreads) :]:
        panel.set_axis_off()
    finish(
        figure,
        study,
        "Dot and bar: mean with its 95 % interval. Pale band: the middle 95 % of single replications. "
        f"Hollow: {study.design.baseline}, the baseline.",
    )
    return figure


def _dot_panel(panel: Axes, one: Spread, labels: tuple[str, ...], baseline: str) -> None:
    rows = np.arange(len(labels))[::-1]
    decimals = wording.places(zip(one.low[0].tolist(), one.high[0].tolist(), strict=True), most=3)
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
    add_title(panel, one.metric)


def _bytes(figure: Figure, kind: str) -> bytes:
    out = io.BytesIO()
    metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    figure.savefig(out, format=kind, dpi=DOTS_A_INCH, metadata=metadata)
    return _named_in_order(out.getvalue()) if kind == "svg" else out.getvalue()


def _named_in_order(svg: bytes) -> bytes:
    """Clips and markers numbered as they appear: their names hash places to the last bit, in which the
    layout's solver differs from run to run."""
    names: dict[bytes, bytes] = {}
    return _HASHED.sub(lambda found: names.setdefault(found[0], b"%s%d" % (found[0][:1], len(names))), svg)
