"""Figure 3 of a log: what it shows of each radiologist. No truth stands beside it, for nobody knows one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simgrid.domain.units import FloatArray, IntArray
from simgrid.rating import Practice, reading_minutes
from simgrid.reproduction.department.log_window import Shown
from simgrid.reproduction.exhibits.drawing import INK, finish, heading
from simgrid.reproduction.exhibits.figure_3 import RARE, cells_panel, shares

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_RADIOLOGISTS, MOST_CELLS = 25, 22
"""What fits a page; the table has all."""


def mined_figure(shown: Shown) -> Figure:
    """Workload, readings and pace of each; minutes and frequency by cell."""
    from matplotlib.figure import Figure

    seen = _largest(shown.practice)
    people = len(seen.radiologists)
    tall = 1.2 + 0.22 * people
    drawn = Figure(figsize=(10.5, 1.1 + 3 * tall + 1.6))
    grid = drawn.add_gridspec(3, 3, height_ratios=(1.0, 1.25, 1.25))
    above = (
        ("Workload [h]", "rows without a time at the cell's mean", seen.workload_min / 60.0, 1),
        ("Readings", "rows of the log", seen.readings.sum(axis=1).astype(np.float64), 0),
        ("Pace", "her minutes / everybody's for the same cells", pace(seen), 2),
    )
    for place, (title, beneath, values, decimals) in enumerate(above):
        _bars(drawn.add_subplot(grid[0, place]), seen.radiologists, values, decimals)
        heading(drawn.axes[-1], title, beneath)
    minutes, often = drawn.add_subplot(grid[1, :]), drawn.add_subplot(grid[2, :])
    cells_panel(minutes, seen, reading_minutes(seen))
    rare = f"italic: fewer than {RARE} readings"
    heading(
        minutes,
        "Reading time as estimated [min]",
        f"{rare}, shrunk towards the cell's mean times her pace",
        pad=24,
    )
    cells_panel(often, seen, 100.0 * shares(shown.practice)[0][_kept(shown.practice)])
    heading(often, "Frequency: share of her own readings [%]", rare, pad=24)
    finish(drawn, f"Figure 3 of one's own: what {Path(shown.file).name} shows", _note(shown, seen))
    return drawn


def pace(seen: Practice) -> FloatArray:
    """Minutes of each over what everybody's means give for the same readings, (R,); NaN without a time."""
    usual = (seen.timed * np.nan_to_num(seen.cell_minutes)).sum(axis=1)
    found: FloatArray = np.full(len(usual), np.nan)
    np.divide(seen.minutes.sum(axis=1), usual, out=found, where=usual > 0)
    return found


def _kept(seen: Practice) -> tuple[IntArray, IntArray]:
    """Who read most, as a column, and the cells read most, in their old order: to index (R, C) with."""
    people = np.sort(np.argsort(-seen.readings.sum(axis=1), kind="stable")[:MOST_RADIOLOGISTS])
    cells = np.sort(np.argsort(-seen.readings.sum(axis=0), kind="stable")[:MOST_CELLS])
    return people[:, None], cells


def _largest(seen: Practice) -> Practice:
    kept = _kept(seen)
    return replace(
        seen,
        radiologists=tuple(seen.radiologists[one] for one in kept[0].ravel().tolist()),
        cells=tuple(seen.cells[one] for one in kept[1].tolist()),
        readings=seen.readings[kept],
        timed=seen.timed[kept],
        minutes=seen.minutes[kept],
    )


def _bars(panel: Axes, names: tuple[str, ...], values: FloatArray, decimals: int) -> None:
    rows = np.arange(len(names))[::-1].astype(np.float64)
    lengths = np.nan_to_num(values)
    panel.barh(rows, lengths, height=0.62, color="0.72", edgecolor=INK, lw=0.6)
    for row, length, value in zip(rows.tolist(), lengths.tolist(), values.tolist(), strict=True):
        told = "not timed" if np.isnan(value) else f"{value:,.{decimals}f}"
        panel.annotate(
            told, (length, row), xytext=(3, 0), textcoords="offset points", fontsize=7.5, va="center"
        )
    panel.set_yticks(rows, names)
    panel.tick_params(axis="y", length=0)
    panel.set_xlim(0.0, 1.22 * float(lengths.max(initial=0.0)) or 1.0)


def _note(shown: Shown, seen: Practice) -> str:
    left = [
        f"{number} {why}"
        for number, why in (
            (shown.nobodys, "assigned to nobody"),
            (shown.strangers, "to somebody whom the scenario lacks"),
            (shown.without_kind, "without modality or body part"),
        )
        if number
    ]
    rows = f"{shown.used} of the {shown.rows} rows, {shown.timed} of them timed"
    told = f"{rows}; left out: {', '.join(left)}." if left else f"{rows}."
    parts = []
    if len(shown.practice.radiologists) > len(seen.radiologists):
        parts.append(f"{len(seen.radiologists)} of {len(shown.practice.radiologists)} radiologists")
    if len(shown.practice.cells) > len(seen.cells):
        parts.append(f"{len(seen.cells)} of {len(shown.practice.cells)} cells")
    most = f"\nShown: those with most readings ({' and '.join(parts)}); the table has all." if parts else ""
    return told + most
