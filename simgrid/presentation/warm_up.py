"""A warm-up proposed: a table, a sentence, a CSV, and Welch's figure."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING

import numpy as np

from simgrid.domain.units import DAY, HOUR, MINUTE, Seconds
from simgrid.experiments.pilot import Settling
from simgrid.metrics.series import SERIES
from simgrid.presentation.blocks import Block
from simgrid.presentation.figures import drawn
from simgrid.statistics.intervals import mean_interval
from simgrid.statistics.warm_up import BATCH, welch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TOO_SHORT, NONE, UNSEEN = "run too short", "none needed", "nothing observed"
WINDOW = BATCH


def verdict(one: Settling) -> str:
    """How long the warm-up is to be, or that the run never settles."""
    if one.cut is None:
        return UNSEEN
    if one.cut.too_short:
        return TOO_SHORT
    return span(one.warm_up_s) if one.warm_up_s else NONE


def proposed_s(found: tuple[Settling, ...]) -> Seconds | None:
    """The longest over policies and series, which are compared over the same time; None if none will do."""
    if any(one.cut is None or one.cut.too_short for one in found):
        return None
    return max(one.warm_up_s for one in found)


def warm_up_block(found: tuple[Settling, ...], replications: int, warmup_s: Seconds) -> Block:
    """What is proposed for each policy, and for all."""
    rows = tuple((one.policy, one.series, verdict(one)) for one in found)
    proposed = proposed_s(found)
    if proposed is None:
        said = (
            "No warm-up can be proposed: MSER-5 cuts half of the run or more, so it is too short to have "
            "settled, or too noisy to tell. Lengthen the horizon, or take more replications; if it never "
            "settles, the work is more than the team can do."
        )
    elif proposed:
        said = f"Proposed: 'warmup: {span(proposed)}', the longest of them, for all policies alike."
    else:
        said = "No warm-up is needed."
    lines = [said]
    if proposed is not None and 0 < warmup_s < proposed:
        lines.append(f"The scenario's own, {span(warmup_s)}, is shorter.")
    batch = found[0].batch_s
    over = f"means of {replications} replications" if replications > 1 else "one replication"
    lines.append(f"MSER-5 over {over}, batches of {span(batch)} in five bins.")
    return Block("Warm-up", ("policy", "series", "warm-up"), rows, tuple(lines), keys=2)


def warm_up_csv(found: tuple[Settling, ...]) -> str:
    """policy, series, unit, from_h, mean, lo95, hi95, moving_average: a bin a row, empty where undefined."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("policy", "series", "unit", "from_h", "mean", "lo95", "hi95", "moving_average"))
    for one in found:
        bins = mean_interval(one.values.T)
        smooth = welch(one.values, WINDOW).tolist() + [math.nan] * WINDOW
        rows = zip(bins.mean.tolist(), bins.low.tolist(), bins.high.tolist(), smooth, strict=True)
        for place, numbers in enumerate(rows):
            at = (
                one.policy,
                one.series,
                SERIES[one.series].unit,
                _number(place * one.batch_s / BATCH / HOUR),
            )
            writer.writerow((*at, *map(_number, numbers)))
    return text.getvalue()


def warm_up_files(found: tuple[Settling, ...], title: str) -> dict[str, bytes]:
    """Welch's figure as SVG and PNG."""
    return drawn(lambda: [("warm-up", welch_figure(found, title))])


def welch_figure(found: tuple[Settling, ...], title: str) -> Figure:
    """A row a series, a column a policy: bins with their interval, the moving average, and MSER-5's cut."""
    from matplotlib.figure import Figure

    policies = list(dict.fromkeys(one.policy for one in found))
    names = list(dict.fromkeys(one.series for one in found))
    figure = Figure(figsize=(max(5.0, 2.9 * len(policies)), 0.9 + 2.3 * len(names)), layout="constrained")
    panels = figure.subplots(len(names), len(policies), squeeze=False, sharex=True, sharey="row")
    for one in found:
        panel = panels[names.index(one.series)][policies.index(one.policy)]
        _draw(panel, one)
        if one.policy == policies[0]:
            panel.set_ylabel(f"{one.series} [{SERIES[one.series].unit}]", fontsize=8)
        if one.series == names[0]:
            panel.set_title(one.policy, fontsize=9, loc="left")
        if one.series == names[-1]:
            panel.set_xlabel(f"time since the beginning [{_scale(one)[0]}]", fontsize=8)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10, fontweight="bold")
    note = (
        "Grey: mean of a bin over the replications, with its 95 % interval. Black: moving average, 11 bins."
    )
    figure.supxlabel(note, x=0.01, ha="left", fontsize=7)
    return figure


def _draw(panel: Axes, one: Settling) -> None:
    name, size = _scale(one)
    width = one.batch_s / BATCH / size
    at = (np.arange(one.values.shape[1]) + 0.5) * width
    bins = mean_interval(one.values.T)
    panel.fill_between(at, bins.low, bins.high, color="0.85", lw=0)
    panel.plot(at, bins.mean, color="0.55", lw=0.7)
    smooth = welch(one.values, WINDOW)
    panel.plot(at[: len(smooth)], smooth, color="black", lw=1.4)
    if one.cut is not None and one.warm_up_s:
        cut = one.warm_up_s / size
        panel.axvline(cut, color="black", lw=1, ls="--")
        late = 2 * cut > at[-1]
        said = TOO_SHORT if one.cut.too_short else f"MSER-5: {cut:.3g} {name}"
        panel.annotate(
            said,
            (cut, 1),
            xycoords=panel.get_xaxis_transform(),
            xytext=(-4 if late else 4, -2),
            ha="right" if late else "left",
            textcoords="offset points",
            fontsize=7.5,
            va="top",
        )
    panel.set_ylim(bottom=0)
    panel.set_xlim(0, at[-1] + width / 2)
    panel.tick_params(labelsize=8)


def span(seconds: Seconds) -> str:
    """A duration as a scenario writes it, in the largest unit that is whole."""
    for name, size in (("d", DAY), ("h", HOUR), ("min", MINUTE)):
        if seconds >= size and abs(seconds / size - round(seconds / size)) < 1e-9:
            return f"{round(seconds / size)} {name}"
    return f"{seconds / MINUTE:.4g} min" if seconds >= MINUTE else f"{seconds:.4g} s"


def _scale(one: Settling) -> tuple[str, Seconds]:
    whole = one.values.shape[1] * one.batch_s / BATCH
    return ("d", DAY) if whole >= 4 * DAY else ("h", HOUR)


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.10g}"
