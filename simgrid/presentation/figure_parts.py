"""What every figure has: the numbers of a metric, its title, a legend, and a note on how to read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simgrid.domain.units import BoolArray, FloatArray
from simgrid.experiments.answers import scored
from simgrid.experiments.study import ALL_INSPECTIONS, Study
from simgrid.presentation import wording
from simgrid.presentation.unreported import unreported_note
from simgrid.statistics.intervals import mean_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NOTE_INCHES, LEGEND_INCHES = 0.22, 0.3


@dataclass(frozen=True, slots=True)
class Spread:
    """What is drawn of one metric: shape (cells, policies); ``low_world``, ``high_world``: 2.5 and 97.5 %."""

    metric: str
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    low_world: FloatArray
    high_world: FloatArray


def spread_of(study: Study, metric: str) -> Spread | None:
    """The numbers of a metric over all inspections; None where it was not measured."""
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


def add_title(panel: Axes, metric: str) -> None:
    """The metric, its unit, and which way is better."""
    measure = f" [{wording.unit(metric)}]" if wording.unit(metric) else ""
    panel.set_title(f"{wording.title(metric)}{measure}\n{wording.direction(metric)}", fontsize=9, loc="left")


def add_legend(figure: Figure, panel: Axes, study: Study) -> None:
    """The policies of ``panel``, below all panels."""
    handles, labels = panel.get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="lower left",
        bbox_to_anchor=(0.0, _note_inches(study) / figure.get_figheight()),
        ncols=min(len(labels), 6),
        frameon=False,
        fontsize=8,
    )


def finish(figure: Figure, study: Study, note: str) -> None:
    """Title above, note (and legend, where there is one) below, and the panels in the room between."""
    design = study.design
    height = figure.get_figheight()
    left_out = unreported_note(study)
    below = _note_inches(study) + (LEGEND_INCHES if figure.legends else 0.0)
    figure.suptitle(design.title or design.name, x=0.01, ha="left", fontsize=10, fontweight="bold")
    said = f"{note} {design.replications} paired replications, seed {design.seed}."
    if study.group != ALL_INSPECTIONS:
        said = f"{study.group} only. {said}"
    if left_out:
        said = f"{left_out}\n{said}"
    figure.text(0.01, 0.04 / height, said, fontsize=7, ha="left", va="bottom")
    figure.set_layout_engine("constrained", rect=(0, below / height, 1, 1 - below / height))


def _note_inches(study: Study) -> float:
    """Two lines where inspections were left unreported, else one."""
    return NOTE_INCHES * (2 if unreported_note(study) else 1)
