"""Figure 3: what the log of Stage 1 shows of each radiologist, mined, beside what is true of her."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from simgrid.domain.units import FloatArray
from simgrid.experiments.workloads import codes_of
from simgrid.rating import Practice, reading_minutes
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.exhibits.drawing import INK, SOFT, dot, finish, heading, rows_of
from simgrid.reproduction.exhibits.estimates import COLUMNS, Estimate, estimated
from simgrid.reproduction.exhibits.exhibit import Exhibit, Found, Need, Table, Value
from simgrid.reproduction.experiments import EXPERIMENTS
from simgrid.reproduction.mined_ratings import MINUTES, READINGS, SPEED, practice_in

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OVERLOADED = "R8"
"""The one radiologist whom the study calls overloaded."""
_STAGE_1 = EXPERIMENTS["stage-1"].worlds
RARE = 5
"""Readings below which a cell says little; as many readings are what shrinkage weighs."""
SHOWN_WORLD = 0
_SHORT = {
    "Brain": "Brain",
    "Thorax": "Thorax",
    "Upper Abdomen": "Upper abd.",
    "Lower Abdomen": "Lower abd.",
    "Pelvis": "Pelvis",
    "Temporal Bone": "Temporal",
    "Paranasal Sinuses": "Sinuses",
}


def table(found: Found) -> Table:
    """One row a radiologist and cell, in the first world."""
    columns = (
        *("radiologist", "modality", "body_part", "readings", "minutes_mean", "minutes_shrunk"),
        *("minutes_true", "share_of_practice", "share_of_cell"),
    )
    return Table(columns, tuple(_rows(found[_STAGE_1.name])))


def _rows(evidence: Evidence) -> Iterator[tuple[Value, ...]]:
    seen = practice_in(evidence.values, SHOWN_WORLD)
    shrunk, true = reading_minutes(seen), true_minutes(evidence, seen, SHOWN_WORLD)
    own, cell = shares(seen)
    mean = own_mean(seen)
    for who, name in enumerate(seen.radiologists):
        for place, (modality, part) in enumerate(seen.cells):
            told = [float(one[who, place]) for one in (mean, shrunk, true, own, cell)]
            yield (name, modality, part, int(seen.readings[who, place]), *told)


def workload_table(found: Found) -> Table:
    """One row a radiologist: hours read over all worlds, and what is mined of her CT under both readings."""
    evidence = found[_STAGE_1.name]
    names = practice_in(evidence.values, SHOWN_WORLD).radiologists
    told = {"workload_h": workload(evidence)} | {
        f"ct_rating_{kind}": [estimated(one) for one in values]
        for kind, values in zip(("cell", "practice"), _ct_ratings(evidence), strict=True)
    }
    rows = [(name, what, *of[who].cells) for what, of in told.items() for who, name in enumerate(names)]
    return Table(("radiologist", "what", *COLUMNS), tuple(rows))


def shares(seen: Practice) -> tuple[FloatArray, FloatArray]:
    """Of each radiologist and cell: its share of her readings, and her share of its readings; (R, C)."""
    own = seen.readings / np.maximum(seen.readings.sum(axis=1, keepdims=True), 1)
    cell = seen.readings / np.maximum(seen.readings.sum(axis=0, keepdims=True), 1)
    return own, cell


def true_minutes(evidence: Evidence, seen: Practice, world: int) -> FloatArray:
    """Expected minutes of each radiologist in each cell: the code tables' times her true speed, (R, C)."""
    protocols = codes_of(None).protocols
    usual = np.array([protocols[cell].reading_min for cell in seen.cells])
    speed = np.array([evidence.values[SPEED][name][world] for name in seen.radiologists])
    true: FloatArray = speed[:, None] * usual[None, :]
    return true


def workload(evidence: Evidence) -> list[Estimate]:
    """Hours read by each radiologist, over the worlds."""
    hours = [practice_in(evidence.values, world).workload_min / 60.0 for world in range(evidence.worlds)]
    return [estimated(one) for one in np.array(hours).T]


def errors(evidence: Evidence) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Of cells read so often: |log(estimate / true)| as it was averaged and shrunk, over all worlds."""
    plain, shrunk, counts = [], [], []
    for world in range(evidence.worlds):
        seen = practice_in(evidence.values, world)
        true = true_minutes(evidence, seen, world)
        read = seen.readings > 0
        plain.append(np.abs(np.log(own_mean(seen)[read] / true[read])))
        shrunk.append(np.abs(np.log(reading_minutes(seen)[read] / true[read])))
        counts.append(seen.readings[read])
    raw, mended, count = np.concatenate(plain), np.concatenate(shrunk), np.concatenate(counts)
    bins = {
        "1": (1, 1),
        "2 to 4": (2, 4),
        "5 to 19": (5, 19),
        "20 to 99": (20, 99),
        "100 or more": (100, 10**9),
    }
    inside = {name: (count >= low) & (count <= high) for name, (low, high) in bins.items()}
    return {name: (raw[one], mended[one]) for name, one in inside.items() if one.any()}


def own_mean(seen: Practice) -> FloatArray:
    """Mean minutes of her own timed readings in each cell, (R, C); NaN where she has none."""
    mean: FloatArray = np.full(seen.readings.shape, np.nan)
    np.divide(seen.minutes, seen.timed, out=mean, where=seen.timed > 0)
    return mean


def figure(found: Found) -> Figure:
    """Workload, shares of CT under both readings, minutes, how much shrinkage mends; and all cells."""
    from matplotlib.figure import Figure

    evidence = found[_STAGE_1.name]
    seen = practice_in(evidence.values, SHOWN_WORLD)
    drawn = Figure(figsize=(10.5, 10.4))
    grid = drawn.add_gridspec(3, 3, height_ratios=(1.0, 1.25, 1.25))
    _workload(drawn.add_subplot(grid[0, 0]), evidence)
    _shares_of_ct(drawn.add_subplot(grid[0, 1]), evidence)
    _errors(drawn.add_subplot(grid[0, 2]), evidence)
    minutes, often = drawn.add_subplot(grid[1, :]), drawn.add_subplot(grid[2, :])
    estimate, true = reading_minutes(seen), true_minutes(evidence, seen, SHOWN_WORLD)
    gap = float(np.mean(np.abs(np.log(estimate / true))))
    cells_panel(minutes, seen, estimate)
    heading(
        minutes,
        "Reading time as estimated [min], first world",
        f"italic: fewer than {RARE} readings, shrunk towards the cell's mean times her pace; "
        f"all in all {100 * (np.exp(gap) - 1):.0f} % off the truth",
        pad=16,
    )
    cells_panel(often, seen, 100.0 * shares(seen)[0])
    heading(
        often,
        "Frequency: share of her own readings [%], first world",
        f"italic: fewer than {RARE} readings",
        pad=16,
    )
    count = int(seen.readings.sum())
    note = (
        f"Stage 1 is generated: {count} inspections of one month, given out by the modelled chief. "
        f"{evidence.worlds} worlds; pale bar: their middle 95 %.\nR8 (bold) is the one whom the study calls "
        "overloaded; the study's own values of this figure are not available."
    )
    finish(drawn, "Figure 3 again: what the log of Stage 1 shows", note)
    return drawn


def _workload(panel: Axes, evidence: Evidence) -> None:
    names = practice_in(evidence.values, SHOWN_WORLD).radiologists
    rows = [float(len(names) - one) for one in range(len(names))]
    for name, row, one in zip(names, rows, workload(evidence), strict=True):
        dot(panel, row, one, soft=name != OVERLOADED)
    rows_of(panel, names, rows)
    _bold(panel)
    heading(panel, "Workload [h]", "mean, 95 % interval")


def _shares_of_ct(panel: Axes, evidence: Evidence) -> None:
    """Under both readings of a frequency, each over its largest: only one of them sees load as experience."""
    names = practice_in(evidence.values, SHOWN_WORLD).radiologists
    rows = [float(len(names) - one) for one in range(len(names))]
    for values, hollow, shift in zip(_ct_ratings(evidence), (False, True), (0.14, -0.14), strict=True):
        for name, row, one in zip(names, rows, values, strict=True):
            dot(panel, row + shift, estimated(one), hollow=hollow, soft=name != OVERLOADED)
    rows_of(panel, names, rows)
    _bold(panel)
    heading(panel, "Mined rating for CT", "share of the cell (filled), own practice (hollow)")


def _ct_ratings(evidence: Evidence) -> tuple[FloatArray, FloatArray]:
    """By share of the cell and by share of the practice, each (R, worlds)."""
    by_world = [_of_ct(practice_in(evidence.values, world)) for world in range(evidence.worlds)]
    cell, own = (np.array(one).T for one in zip(*by_world, strict=True))
    return cell, own


def _of_ct(seen: Practice) -> tuple[FloatArray, FloatArray]:
    is_ct = np.array([modality == "CT" for modality, _ in seen.cells])
    ct = seen.readings[:, is_ct].sum(axis=1)
    cell, own = ct / ct.sum(), ct / seen.readings.sum(axis=1)
    return cell / cell.max(), own / own.max()


def _errors(panel: Axes, evidence: Evidence) -> None:
    found = errors(evidence)
    at = np.arange(len(found), dtype=np.float64)
    styles = (("her own mean", "s--", SOFT, "white"), ("shrunk", "o-", INK, INK))
    for kind, (label, style, colour, fill) in enumerate(styles):
        typical = [100.0 * (float(np.exp(np.median(one[kind]))) - 1.0) for one in found.values()]
        panel.plot(at, typical, style, color=colour, mfc=fill, ms=5, lw=1.2)
        beside = (8, -2) if kind == 0 else (4, -14)
        panel.annotate(
            label, (at[0], typical[0]), xytext=beside, textcoords="offset points", fontsize=8, color=colour
        )
    panel.set_xticks(at, list(found), fontsize=7.5)
    panel.set_ylim(bottom=0)
    panel.grid(axis="y", color="0.92", lw=0.6)
    panel.set_xlabel("readings in the cell", fontsize=8)
    heading(panel, "Reading time: median error [%]", "estimated against true, all worlds")


def cells_panel(panel: Axes, seen: Practice, values: FloatArray) -> None:
    """A number a radiologist and cell over its shade, (R, C); cells side by side by modality.

    Where a value is NaN there is neither number nor shade.
    """
    order = sorted(range(len(seen.cells)), key=lambda one: _place(seen.cells[one]))
    shown, counts = values[:, order], seen.readings[:, order]
    top = float(np.nanmax(shown))
    panel.imshow(shown, cmap="Greys", vmin=0.0, vmax=2.8 * top, aspect="auto")
    for who in range(len(seen.radiologists)):
        for place in range(len(order)):
            style = "italic" if counts[who, place] < RARE else "normal"
            told = "" if np.isnan(shown[who, place]) else f"{shown[who, place]:.1f}"
            panel.text(place, who, told, ha="center", va="center", fontsize=7, style=style)
    panel.set_yticks(range(len(seen.radiologists)), seen.radiologists)
    parts = [_SHORT.get(seen.cells[one][1], seen.cells[one][1]) for one in order]
    panel.set_xticks(range(len(order)), parts, rotation=35, ha="right", fontsize=7.5)
    panel.tick_params(length=0)
    modalities = [seen.cells[one][0] for one in order]
    for name in dict.fromkeys(modalities):
        first, count = modalities.index(name), modalities.count(name)
        panel.text(
            first + (count - 1) / 2, -0.62, name, ha="center", va="bottom", fontsize=8, fontweight="bold"
        )
        if first:
            panel.axvline(first - 0.5, color="white", lw=4)
    panel.spines[:].set_visible(False)
    _bold(panel)


def _place(cell: tuple[str, str]) -> tuple[int, str, int, str]:
    """The study's modalities and parts in its order, then others by name."""
    modalities, parts = ("CT", "MR", "CR", "MG"), tuple(_SHORT)
    first = modalities.index(cell[0]) if cell[0] in modalities else len(modalities)
    return first, cell[0], parts.index(cell[1]) if cell[1] in parts else len(parts), cell[1]


def _bold(panel: Axes) -> None:
    for label in panel.get_yticklabels():
        if label.get_text() == OVERLOADED:
            label.set_fontweight("bold")


FIGURE_3 = Exhibit(
    "figure-3",
    "Figure 3: reading time, workload and frequency by modality and body part, mined from Stage 1",
    (Need(_STAGE_1, (READINGS, MINUTES, SPEED)),),
    table=table,
    figure=figure,
)
FIGURE_3_WORKLOAD = Exhibit(
    "figure-3-workload",
    "Figure 3: workload and mined CT ratings of each radiologist over the worlds",
    FIGURE_3.needs,
    table=workload_table,
)
