"""The log beside the model: quantiles against quantiles, hours a radiologist, and times of transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgrid.domain.units import FloatArray
from simgrid.reproduction.department.beside import TOLD, Beside, Compared, Transfer, level
from simgrid.reproduction.department.judging import Judged, places
from simgrid.reproduction.exhibits.drawing import INK, PALE, SOFT, finish, heading, rows_of
from simgrid.reproduction.verdicts import SINGLE_WORLDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LEAST_MIN = 0.1
_TICKS = {
    0.1: "0.1 min",
    1.0: "1 min",
    2.0: "2",
    5.0: "5",
    10.0: "10 min",
    20.0: "20",
    30.0: "30",
    60.0: "1 h",
    120.0: "2 h",
    300.0: "5 h",
    600.0: "10 h",
    1440.0: "1 d",
    14400.0: "10 d",
    144000.0: "100 d",
}
_FEW_TICKS = (0.1, 1.0, 10.0, 60.0, 600.0, 14400.0, 144000.0)
_MOST_TICKS = 9


def department_figure(found: Beside, verdicts: tuple[Judged, ...], title: str) -> Figure:
    """Four panels, each with its verdict above it."""
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(10.0, 8.6))
    grid = drawn.subplots(2, 2)
    by_name = {one.name: one for one in verdicts}
    _against(grid[0, 0], found.turnaround)
    _against(grid[0, 1], found.wait)
    _load(grid[1, 0], found.load)
    _transfer(grid[1, 1], found.transfer)
    names = ("turnaround", "wait", "load", "transfer")
    titles = (
        "Turnaround: from request to report",
        "Wait: from request to opening",
        "Load: hours read",
        "Transfer: share of studies within a time",
    )
    for panel, name, told in zip(grid.flat, names, titles, strict=True):
        heading(panel, told, _verdict(by_name[name]))
    note = (
        f"{found.requests} requests replayed to whom the log gave them, {found.replications} replications. "
        "Pale: middle 95 % of single replications, one quantity at a time;\n"
        "p: chance that a further replication lies as far off as the log, all of a panel together."
    )
    finish(drawn, title, note)
    return drawn


def _verdict(one: Judged) -> str:
    return one.word if np.isnan(one.p) else f"{one.word} (p = {one.p:.2g})"


def _against(panel: Axes, one: Compared) -> None:
    """Quantiles of the model over those of the log, with the line on which both are the same."""
    if not one.told:
        _nothing(panel)
        return
    log = np.maximum(one.log, _LEAST_MIN)
    worlds = np.maximum(one.worlds, _LEAST_MIN)
    low, high = np.quantile(worlds, SINGLE_WORLDS, axis=0, method="nearest")
    middle = np.median(worlds, axis=0)
    ends = _ends(np.concatenate([log, low, high]))
    panel.plot(ends, ends, color=SOFT, lw=0.9, ls="--", zorder=1)
    panel.fill_between(log, low, high, color=PALE, lw=0, zorder=0)
    panel.plot(log, middle, color=INK, lw=1.2, zorder=2)
    for share in TOLD:
        place = one.labels.index(level(share))
        at = (float(log[place]), float(middle[place]))
        panel.plot(*at, "o", ms=4.5, color=INK, zorder=3)
        below = place % 2 == 0
        panel.annotate(
            level(share),
            at,
            xytext=(6, -9) if below else (-6, 6),
            textcoords="offset points",
            fontsize=7.5,
            ha="left" if below else "right",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.3, "alpha": 0.7},
        )
    _log_axes(panel, ends)
    panel.set_xlabel("log")
    panel.set_ylabel("model")
    panel.annotate(
        "same in both", (ends[1], ends[1]), xytext=(-34, -12), textcoords="offset points", fontsize=7.5,
        color=SOFT, ha="right",
    )  # fmt: skip


def _ends(values: FloatArray) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    return float(known.min()) / 1.5, float(known.max()) * 1.5


def _log_axes(panel: Axes, ends: tuple[float, float]) -> None:
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xlim(*ends)
    panel.set_ylim(*ends)
    at, told = _ticks(ends)
    panel.set_xticks(at, told, fontsize=8)
    panel.set_yticks(at, told, fontsize=8)
    panel.minorticks_off()


def _ticks(ends: tuple[float, float]) -> tuple[list[float], list[str]]:
    """Round times within the ends, not too many."""
    at = [one for one in _TICKS if ends[0] <= one <= ends[1]]
    at = at if len(at) <= _MOST_TICKS else [one for one in _FEW_TICKS if one in at]
    return at, [_TICKS[one] for one in at]


def _load(panel: Axes, one: Compared) -> None:
    if not one.told:
        _nothing(panel)
        return
    told = places(one)
    rows = [float(len(told) - place) for place in range(len(told))]
    for row, place in zip(rows, told, strict=True):
        if not np.isnan(place.low):
            panel.plot([place.low, place.high], [row, row], color=PALE, lw=7, solid_capstyle="butt")
        panel.plot(place.mean, row, "o", ms=5, mfc="white", mec=INK)
        panel.plot(place.log, row, "|", ms=15, mew=2.4, color=INK)
    rows_of(panel, [one.label for one in told], rows)
    for number, (value, words) in enumerate(((told[0].log, "log"), (told[0].mean, "model"))):
        panel.annotate(
            words, (value, rows[0]), xytext=(0, 9 + 9 * number), textcoords="offset points", fontsize=7.5,
            ha="center",
        )  # fmt: skip
    panel.set_ylim(min(rows) - 0.6, max(rows) + 1.1)
    panel.set_xlabel(f"{one.unit} over the whole time")


def _transfer(panel: Axes, one: Transfer) -> None:
    """Shares that have arrived (model) and that were opened (log) within a time: opened is never before."""
    if not len(one.opened_min):
        _nothing(panel)
        return
    share = 100.0 * np.arange(1, len(one.opened_min) + 1) / len(one.opened_min)
    curves = (("travel of the\nimages (model)", one.travel_min, "-"), ("opened (log)", one.opened_min, "--"))
    sorted_ = [np.sort(np.maximum(values, _LEAST_MIN)) for _, values, _ in curves]
    for (words, _, style), values, at, shift, side in zip(
        curves, sorted_, (70.0, 35.0), (-6, 6), ("right", "left"), strict=True
    ):
        panel.step(values, share, where="post", color=INK, ls=style, lw=1.4)
        place = min(int(at / 100 * len(values)), len(values) - 1)
        panel.annotate(
            words, (float(values[place]), at), xytext=(shift, 0), textcoords="offset points", fontsize=7.5,
            ha=side, va="center", bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip
    ends = _ends(np.concatenate(sorted_))
    panel.set_xscale("log")
    panel.set_xlim(ends[0] / 2, ends[1])
    panel.set_xticks(*_ticks(ends), fontsize=8)
    panel.minorticks_off()
    panel.set_ylim(0, 103)
    panel.set_ylabel("studies [%]")
    panel.set_xlabel("time")


def _nothing(panel: Axes) -> None:
    panel.text(0.5, 0.5, "the log does not tell", transform=panel.transAxes, ha="center", va="center")
    panel.set_axis_off()
