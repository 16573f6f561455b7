"""The maps: a panel a headline gain, a cell two assumptions, in it the gain with its interval."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from simgrid.reproduction.exhibits.exhibit import Exhibit, Found, Need, Table, Value
from simgrid.reproduction.maps import MAPS, Cell, Headline, Map, State, cells_of, headlines, metrics_of_maps

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS: dict[State, str] = {"includes": "\u25cf", "compatible": "\u25cb", "excludes": "\u00d7", "no ratio": ""}
_NARROWEST = 4.6
"""Inches of a panel whose title is to be read whole."""
_NO_BOUNDS = (math.nan, math.nan, math.nan)
_PALEST, _DARKEST = 1.0, 0.62
"""Greys on which black reads well, also in print."""
_NOTE = (
    "Gain of RWOA over the chief in %, below it its 95 % interval; darker is larger. "
    "\u25cf the interval includes the stated value; \u25cb it does not, yet single worlds\n"
    "(2.5 to 97.5 %) reach it; \u00d7 excluded. "
)
_FRAME = "Frame: the defaults of Stage 2. "


def table(asked: Map, found: Found) -> Table:
    """One row a gain, reading and cell, with the interval, the range of single worlds and what it means."""
    columns = (
        *("claim", "gain", "reading", asked.down.place, asked.across.place, "stated"),
        *("gain_or_reduction", "lo95", "hi95", "single_lo", "single_hi", "worlds", "stated_value"),
    )
    return Table(columns, tuple(_rows(asked, found)))


def _rows(asked: Map, found: Found) -> Iterator[tuple[Value, ...]]:
    evidence = found[asked.name]
    for headline in headlines():
        for one in cells_of(asked, evidence, headline):
            mean, low, high = _NO_BOUNDS if one.interval is None else _bounds(one)
            singles = (math.nan, math.nan) if one.singles is None else (one.singles.low, one.singles.high)
            yield (
                *(headline.claim, headline.name, headline.reading, one.down, one.across, headline.stated),
                *(mean, low, high, *singles, evidence.worlds, one.state),
            )


def _bounds(one: Cell) -> tuple[float, float, float]:
    if one.interval is None:
        return _NO_BOUNDS
    return one.interval.mean, one.interval.low, one.interval.high


def figure(asked: Map, found: Found) -> Figure:
    """A panel a headline gain under its usual reading."""
    from matplotlib.figure import Figure

    evidence = found[asked.name]
    usual = [one for one in headlines() if one.usual]
    wide = max(1.3 + 0.95 * len(asked.across.values), _NARROWEST)
    drawn = Figure(figsize=(2 * wide, 2 * (0.95 + 0.52 * len(asked.down.values)) + 0.8))
    panels = drawn.subplots(2, 2, squeeze=False)
    for panel, headline in zip(panels.flat, usual, strict=True):
        _panel(panel, asked, headline, list(cells_of(asked, evidence, headline)))
    drawn.suptitle(asked.title, x=0.01, ha="left", fontsize=11)
    frame = _FRAME if asked.down.usual and asked.across.usual else ""
    note = f"{_NOTE}{frame}{evidence.worlds} paired worlds a cell."
    drawn.text(0.01, 0.008, note, fontsize=7.5, ha="left", va="bottom")
    below = 0.42 / drawn.get_figheight()
    drawn.set_layout_engine("constrained", rect=(0, below, 1, 1 - below))
    return drawn


def _panel(panel: Axes, asked: Map, headline: Headline, cells: list[Cell]) -> None:
    from matplotlib.patches import Rectangle

    means = [one.interval.mean for one in cells if one.interval is not None]
    least, most = (min(means), max(means)) if means else (0.0, 0.0)
    wide = len(asked.across.values)
    for number, one in enumerate(cells):
        row, column = divmod(number, wide)
        grey = _PALEST
        if one.interval is not None and most > least:
            grey -= (_PALEST - _DARKEST) * (one.interval.mean - least) / (most - least)
        usual = (one.down, one.across) == (asked.down.usual, asked.across.usual)
        box = Rectangle((column, row), 1, 1, facecolor=str(grey), edgecolor="white", linewidth=1.2)
        panel.add_patch(box)
        if usual:
            panel.add_patch(
                Rectangle(
                    (column + 0.03, row + 0.04), 0.94, 0.92, fill=False, edgecolor="black", linewidth=1.3
                )
            )
        _write(panel, one, column, row)
    panel.set_xlim(0, wide)
    panel.set_ylim(len(asked.down.values), 0)
    panel.set_xticks(
        [place + 0.5 for place in range(wide)], list(map(asked.across.word, asked.across.values))
    )
    rows = [place + 0.5 for place in range(len(asked.down.values))]
    panel.set_yticks(rows, list(map(asked.down.word, asked.down.values)))
    panel.set_xlabel(asked.across.name)
    panel.set_ylabel(asked.down.name)
    panel.tick_params(length=0)
    for side in panel.spines.values():
        side.set_visible(False)
    said = f"{headline.title[0].upper()}{headline.title[1:]} (study: {100 * headline.stated:.4g} %)"
    panel.set_title(said, fontsize=8.6, loc="left")


def _write(panel: Axes, one: Cell, column: int, row: int) -> None:
    middle = column + 0.5
    if one.interval is None:
        panel.text(middle, row + 0.5, "no ratio", ha="center", va="center", fontsize=7)
        return
    mean, low, high = (_percent(value) for value in _bounds(one))
    panel.text(middle, row + 0.34, f"{mean} {MARKS[one.state]}", ha="center", va="center", fontsize=9)
    panel.text(middle, row + 0.72, f"[{low}, {high}]", ha="center", va="center", fontsize=6.3)


def _percent(share: float) -> str:
    """In percent: a decimal below a hundred, none above, a true minus sign."""
    value = 100 * share
    text = f"{value:+.1f}" if abs(value) < 99.95 else f"{value:+.0f}"
    return text.replace("-", "\u2212")


def _exhibit(one: Map) -> Exhibit:
    needs = (Need(one.worlds, metrics_of_maps()),)
    return Exhibit(one.name, one.title, needs, table=partial(table, one), figure=partial(figure, one))


MAP_EXHIBITS = tuple(map(_exhibit, MAPS))
