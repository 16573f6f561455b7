"""The assumptions ranked by how far they move each headline gain, with intervals and the noise's own part."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from simgrid.experiments.sensitivity import Effect
from simgrid.reproduction.assumptions import SENSITIVITY, Ranked, design, place_word, ranked
from simgrid.reproduction.exhibits.exhibit import Exhibit, Found, Need, Table, Value
from simgrid.reproduction.maps import headlines

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BAR, _INK = "0.72", "black"
_OTHERS = ("D", "s", "^")
_NOTE = (
    "Bar: mu*, the mean size of the change in percentage points of gain when an assumption moves over its "
    "whole range, the others being anywhere in theirs;\nline: 95 % interval (bootstrap over trajectories). "
    "Tick: what the noise of the worlds alone would give. Number: the ranks that the intervals leave.\n"
)


def table(found: Found) -> Table:
    """One row a gain, combination and assumption."""
    analysis, _ = design()
    columns = (
        *("gain", "reading", *analysis.crossed, "assumption", "from", "to"),
        *("mu_star", "lo95", "hi95", "sigma", "mu", "noise_gives", "rank_first", "rank_last", "word"),
        *("mean_gain", "noise_share", "worlds"),
    )
    return Table(columns, tuple(_rows(found)))


def _rows(found: Found) -> Iterator[tuple[Value, ...]]:
    evidence = found[SENSITIVITY.name]
    for one in ranked(evidence):
        for effect in one.effects:
            yield (
                *(one.headline.name, one.headline.reading, *(value for _, value in one.crossed)),
                *(effect.place, *effect.ends, *effect.main, effect.other[0], effect.signed, effect.noise),
                *(effect.rank_first, effect.rank_last, effect.word),
                *(one.mean, one.noise.all, evidence.worlds),
            )


def figure(found: Found) -> Figure:
    """A panel a gain: bars under the first combination of definitions, marks for the others."""
    from matplotlib.figure import Figure

    evidence = found[SENSITIVITY.name]
    every = list(ranked(evidence))
    usual = [one for one in headlines() if one.usual]
    places = len(design()[0].places)
    drawn = Figure(figsize=(10.5, 2 * (0.75 + 0.24 * places) + 0.9))
    panels = drawn.subplots(2, 2, squeeze=False)
    for panel, headline in zip(panels.flat, usual, strict=True):
        _panel(panel, [one for one in every if one.headline == headline])
    drawn.suptitle("Which assumptions the gains of Stage 2 hang on", x=0.01, ha="left", fontsize=11)
    analysis, combinations = design()
    said = [", ".join(f"{place} = {value}" for place, value in crossed) for crossed in combinations]
    others = "".join(
        f" {name}: {mark}." for name, mark in zip(said[1:], ("\u25c7", "\u25a1", "\u25b3"), strict=False)
    )
    counted = f"{analysis.distinct} points of {evidence.worlds} paired worlds each."
    note = f"{_NOTE}Bars: {said[0]}.{others} {counted}"
    drawn.text(0.01, 0.008, note, fontsize=7.3, ha="left", va="bottom")
    below = 0.58 / drawn.get_figheight()
    drawn.set_layout_engine("constrained", rect=(0, below, 1, 1 - below))
    return drawn


def _panel(panel: Axes, combinations: Sequence[Ranked]) -> None:
    first, *others = combinations
    title = f"{first.headline.title[0].upper()}{first.headline.title[1:]}"
    if not first.effects:
        panel.set_axis_off()
        panel.set_title(f"{title}: no ratio at some point", fontsize=9, loc="left")
        return
    order = sorted(first.effects, key=lambda effect: -effect.main[0])
    at = np.arange(len(order))[::-1].astype(np.float64)
    values, low, high = (100 * np.array([effect.main[end] for effect in order]) for end in range(3))
    panel.barh(at, values, height=0.62, color=_BAR)
    errors = np.maximum(np.nan_to_num([values - low, high - values]), 0.0)
    panel.errorbar(values, at, xerr=errors, fmt="none", ecolor=_INK, elinewidth=1.1, capsize=2.5)
    panel.plot(
        100 * np.array([one.noise for one in order]), at, ls="none", marker="|", ms=11, mew=1.4, color=_INK
    )
    reach = np.fmax(values, high)
    for other, mark in zip(others, _OTHERS, strict=False):
        sizes = {effect.place: 100 * effect.main[0] for effect in other.effects}
        there = np.array([sizes.get(effect.place, math.nan) for effect in order])
        panel.plot(there, at, ls="none", marker=mark, ms=4.2, mfc="white", mec=_INK, mew=0.9)
        reach = np.fmax(reach, there)
    for effect, row, end in zip(order, at.tolist(), reach.tolist(), strict=True):
        panel.annotate(
            _rank(effect), (end, row), xytext=(6, 0), textcoords="offset points", va="center", fontsize=7.2
        )
    panel.set_yticks(at, [_label(effect) for effect in order], fontsize=7.6)
    panel.set_xlim(0.0, max(float(np.nanmax(reach)) * 1.12, 1e-9))
    panel.set_xlabel("percentage points of gain", fontsize=8)
    panel.tick_params(axis="y", length=0)
    panel.grid(axis="x", color="0.9", lw=0.6)
    panel.set_axisbelow(True)
    share = f"noise: {100 * first.noise.all:.0f} % of the variance of one world"
    panel.set_title(f"{title}\n{share}", fontsize=8.8, loc="left")


def _rank(effect: Effect) -> str:
    first, last = effect.rank_first, effect.rank_last
    return f"{first}" if first == last else f"{first}\u2013{last}"


def _label(effect: Effect) -> str:
    low, high = effect.ends
    return f"{place_word(effect.place)} ({low} to {high})"


ASSUMPTIONS = Exhibit(
    "sensitivity",
    "Which assumptions the gains of Stage 2 hang on",
    (Need(SENSITIVITY, tuple(dict.fromkeys(one.metric for one in headlines() if one.usual))),),
    table=table,
    figure=figure,
)
