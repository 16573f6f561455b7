"""The evaluation of the image-quality classifier as Markdown and figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simgrid.presentation.figures import drawn
from simgrid.quality.defect_names import DEFECTS
from simgrid.quality.evaluation.auc import reliability
from simgrid.quality.evaluation.gallery import Failure
from simgrid.quality.evaluation.goals import earns, goals_table
from simgrid.quality.evaluation.scores import HEADS, JUDGES, Kept, cross_calibrated
from simgrid.quality.evaluation.tables import Row, by_name
from simgrid.quality.image import Image

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BEST_MEASURES = 10


def markdown(rows: Sequence[Row]) -> str:
    """Every table, the longest cut to what a person reads; all rows are in the CSV."""
    titles = list(dict.fromkeys(row.table for row in rows))
    parts = ["# Image-quality classifier: evaluation", _read_me(), earns(rows)]
    parts += [goals_table(rows), _judges(rows)]
    for title in titles:
        own = [row for row in rows if row.table == title]
        if title == "judges":
            continue
        if title == "single measures":
            own = own[:BEST_MEASURES]
        lines = [
            f"| {one.judge} | {one.on} | {one.of} | {one.estimate} | {one.estimate.images} |" for one in own
        ]
        head = "| judge | on | measure | value [95 % interval] | images |\n| --- | --- | --- | --- | --- |"
        parts.append(f"## {title[0].upper()}{title[1:]}\n\n{head}\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _read_me() -> str:
    return (
        "Made by `simgrid qa evaluate`. Unless a table says test, every image was judged by weights that\n"
        "never saw its source. Intervals: 95 %, bootstrap over sources, 1000 replicates (measures: 200);\n"
        "a single source has none. Outside: images that are not to be judged, and the share that was not."
    )


def _judges(rows: Sequence[Row]) -> str:
    found = by_name(list(rows))
    head = "| on | " + " | ".join(JUDGES) + " |\n" + "| --- " * (len(JUDGES) + 1) + "|"
    lines = [
        f"| {name} | " + " | ".join(str(found["judges", judge, name, "AUC"]) for judge in JUDGES) + " |"
        for name in ("any", *DEFECTS)
    ]
    return "## Judges: AUC on sources left out\n\n" + head + "\n" + "\n".join(lines)


def calibration_figure(scores: Kept) -> dict[str, bytes]:
    """Probability said against share true, for any defect and for each, on sources left out."""
    return drawn(lambda: [("calibration", _calibration(scores))], ("png",))


def _calibration(scores: Kept) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 7.2), layout="constrained")
    found = cross_calibrated(scores)
    for place, head in enumerate((len(HEADS) - 1, *range(len(HEADS) - 1))):
        axes = figure.add_subplot(3, 4, place + 1)
        own = scores.could[:, head]
        points = reliability(found[own, head], scores.truth[own, head])
        axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
        said, true, counts = (np.array(part) for part in zip(*points, strict=True))
        axes.plot(said, true, color="black", linewidth=1)
        axes.scatter(said, true, s=5 + 60 * np.sqrt(counts / counts.max()), color="black")
        axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", title=HEADS[head])
    figure.supxlabel("probability said, source left out")
    figure.supylabel("share in which the defect was there")
    return figure


def gallery_figure(
    missed: Sequence[tuple[Failure, Image]], alarms: Sequence[tuple[Failure, Image]]
) -> dict[str, bytes]:
    """The surest errors, as a person would see the images."""
    return drawn(lambda: [("failures", _gallery(missed, alarms))], ("png",))


def _gallery(missed: Sequence[tuple[Failure, Image]], alarms: Sequence[tuple[Failure, Image]]) -> Figure:
    from matplotlib.figure import Figure

    columns = max(len(missed), len(alarms), 1)
    figure = Figure(figsize=(1.9 * columns, 5.2), layout="constrained")
    for line, side in enumerate((missed, alarms)):
        for place, (failure, image) in enumerate(side):
            axes = figure.add_subplot(2, columns, line * columns + place + 1)
            low, high = np.percentile(image.pixels, (1, 99))
            axes.imshow(image.pixels, cmap="gray", vmin=low, vmax=max(high, low + 1e-6))
            axes.set_axis_off()
            there = ", ".join(failure.truth) or "nothing"
            source = failure.key.rpartition("/")[0].replace(" projected", "\nprojected")
            axes.set_title(f"{source}\nthere: {there}\nsaid: {failure.said:.0%}", fontsize=6)
    figure.suptitle("Surest misses (above) and surest false alarms (below), sources left out", fontsize=9)
    return figure
