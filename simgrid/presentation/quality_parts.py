"""What segmentation, denoiser, anomaly maps and explanation are worth: one table and one figure each.

Every row of a figure is one thing that was measured; black is ours, grey the control, lines 95 % intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simgrid.presentation.figures import INK, PALE, drawn
from simgrid.quality.evaluation.parts.found import Found

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLES = {
    "segmentation": ("Dice of each organ on sources held out", "Dice"),
    "denoiser": ("Decibels gained over the noisy image", "gain dB"),
    "anomaly": ("How often a pixel of the lesion stands out over another", "AUC"),
    "explanation": ("Share of the heat in the box where the defect is", "heat in the box"),
}
MARKS = ("o", "s", "^", "D")


def parts_markdown(rows: Sequence[Found]) -> str:
    """One table a part: what was measured on what, by whom, the figure with its interval, and of how many."""
    sections = []
    for part in dict.fromkeys(row.part for row in rows):
        lines = ["| on | measure | judge | figure [95 %] | units |", "| --- | --- | --- | --- | --- |"]
        lines += [
            f"| {row.on} | {row.of} | {row.judge} | {_said(row)} | {row.units} |"
            for row in rows
            if row.part == part
        ]
        sections.append(f"## {part.capitalize()}\n\n" + "\n".join(lines))
    return "\n\n".join(sections) + "\n"


def _said(row: Found) -> str:
    if not np.isfinite(row.value):
        return "none"
    interval = f" [{row.low:.3f}, {row.high:.3f}]" if np.isfinite(row.low) else ""
    return f"{row.value:.3f}{interval}"


def parts_figures(rows: Sequence[Found]) -> dict[str, bytes]:
    """``part-NAME.png`` for every part that was measured."""
    there = [part for part in TITLES if any(row.part == part for row in rows)]
    return drawn(lambda: [(f"part-{part}", _figure(rows, part)) for part in there], ("png",))


def _figure(rows: Sequence[Found], part: str) -> Figure:
    from matplotlib.figure import Figure

    title, measure = TITLES[part]
    own = [row for row in rows if row.part == part and row.of == measure]
    places = list(dict.fromkeys(row.on for row in own))
    judges = list(dict.fromkeys(row.judge for row in own))
    figure = Figure(figsize=(7.5, 1.3 + 0.42 * len(places)), layout="constrained")
    panel = figure.subplots()
    for number, judge in enumerate(judges):
        _judge(panel, [row for row in own if row.judge == judge], places, number, len(judges))
    panel.set_yticks(range(len(places)), places)
    panel.invert_yaxis()
    panel.set_xlabel(measure)
    panel.set_title(title, loc="left")
    if part == "anomaly":
        panel.axvline(0.5, color=PALE, linewidth=0.8, linestyle=":")
    figure.legend(loc="outside lower center", ncols=min(3, len(judges)), frameon=False)
    return figure


def _judge(panel: Axes, rows: Sequence[Found], places: Sequence[str], number: int, judges: int) -> None:
    control = any("control" in row.judge for row in rows)
    colour = PALE if control else INK if number == 0 else "0.45"
    offset = (number - (judges - 1) / 2) * 0.2
    for row in rows:
        at = places.index(row.on) + offset
        if np.isfinite(row.low):
            panel.plot([row.low, row.high], [at, at], color=colour, linewidth=1.4)
    panel.plot(
        [row.value for row in rows],
        [places.index(row.on) + offset for row in rows],
        MARKS[number % len(MARKS)],
        color=colour,
        markersize=5,
        label=rows[0].judge,
    )
