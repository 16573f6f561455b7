"""What several figures draw alike: rows of dots with intervals, panel titles, notes, labels beside points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from simgrid.presentation import wording
from simgrid.reproduction.exhibits.estimates import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, PALE = "black", "0.45", "0.8"
NOTE_SIZE, LABEL_SIZE = 7.5, 8.0
HOW_TO_READ = (
    "Dot and line: mean with its 95 % interval. Pale bar: middle 95 % of single worlds. "
    "↑ more is better, ↓ less is better."
)


def dot(panel: Axes, row: float, one: Estimate, *, hollow: bool = False, soft: bool = False) -> None:
    """One estimate as a dot on a row, its interval, and the range of single worlds behind it."""
    ink = SOFT if soft else INK
    if not math.isnan(one.single_low) and math.isfinite(one.single_high):
        bar = [one.single_low, one.single_high]
        panel.plot(bar, [row, row], color=PALE, lw=5, solid_capstyle="butt", zorder=1)
    if not math.isnan(one.low):
        panel.plot([one.low, one.high], [row, row], color=ink, lw=1.5, zorder=2)
    panel.plot(one.mean, row, "o", ms=5, mfc="white" if hollow else ink, mec=ink, zorder=3)


def value_labels(panel: Axes, told: Sequence[Estimate], rows: Sequence[float], *, most: int = 3) -> None:
    """Each mean in digits above its dot."""
    decimals = wording.places([(one.low, one.high) for one in told if not math.isnan(one.low)], most=most)
    for one, row in zip(told, rows, strict=True):
        panel.annotate(
            f"{one.mean:.{decimals}f}",
            (one.mean, row),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            fontsize=7,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.7},
        )


def rows_of(panel: Axes, labels: Sequence[str], rows: Sequence[float]) -> None:
    """Row labels without ticks, and a light grid to read values by."""
    panel.set_yticks(list(rows), list(labels))
    panel.set_ylim(min(rows) - 0.6, max(rows) + 0.8)
    panel.tick_params(axis="y", length=0)
    panel.grid(axis="x", color="0.92", lw=0.6)
    panel.set_axisbelow(True)
    panel.margins(x=0.1)


def heading(panel: Axes, title: str, beneath: str = "", pad: float = 6.0) -> None:
    """A panel's title, left, and a second line; ``pad`` points above the panel."""
    panel.set_title(f"{title}\n{beneath}" if beneath else title, fontsize=9, loc="left", pad=pad)


def finish(figure: Figure, title: str, note: str) -> None:
    """Title above, note below, panels in the room between."""
    height = figure.get_figheight()
    lines = note.count("\n") + 1
    below = (0.1 + 0.15 * lines) / height
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    figure.text(0.01, 0.05 / height, note, fontsize=NOTE_SIZE, ha="left", va="bottom")
    figure.set_layout_engine("constrained", rect=(0, below, 1, 1 - below))


def spread_out(places: Sequence[float], least: float) -> list[float]:
    """Places moved apart by at least ``least``, in their order, as little as that needs, about their mean."""
    order = sorted(range(len(places)), key=lambda one: places[one])
    groups: list[list[int]] = []
    for one in order:
        groups.append([one])
        while len(groups) > 1 and _low(groups[-1], places, least) < _high(groups[-2], places, least) + least:
            last = groups.pop()
            groups[-1] += last
    found = [0.0] * len(places)
    for group in groups:
        for number, one in enumerate(group):
            found[one] = _low(group, places, least) + number * least
    return found


def _low(group: Sequence[int], places: Sequence[float], least: float) -> float:
    return sum(places[one] for one in group) / len(group) - least * (len(group) - 1) / 2.0


def _high(group: Sequence[int], places: Sequence[float], least: float) -> float:
    return _low(group, places, least) + least * (len(group) - 1)
