"""An image with what the classifier looked at: heat over it, and the measures that spoke for and against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simgrid.presentation.figures import drawn
from simgrid.quality.bot.reporting import gray_levels
from simgrid.quality.explanation.attribution import Contribution
from simgrid.quality.explanation.heat import Heat
from simgrid.quality.image import Image

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 8  # measures that are drawn
LARGEST = 768  # pixels a side
_FOR, _AGAINST = "#b35806", "#542788"  # told apart without colour vision, and by their direction


def explanation_figure(
    name: str, image: Image, heat: Heat, contributions: Sequence[Contribution], title: str
) -> dict[str, bytes]:
    """``name.png``: the image, the heat over it, and bars of the measures. No text but ours is in it."""
    return drawn(lambda: [(name, _figure(image, heat, contributions, title))], ("png",))


def _figure(image: Image, heat: Heat, contributions: Sequence[Contribution], title: str) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.2), layout="constrained")
    plain, over, bars = figure.subplots(1, 3, width_ratios=(1, 1, 1.1))
    gray = gray_levels(image.pixels, LARGEST)  # in which letters are blanked: they might name someone
    frame = (0, gray.shape[1], gray.shape[0], 0)
    for panel in (plain, over):
        panel.imshow(gray, cmap="gray", vmin=0, vmax=255, interpolation="nearest", extent=frame)
        panel.axis("off")
    plain.set_title("the image")
    over.imshow(heat, cmap="inferno", alpha=0.65 * np.clip(heat, 0, 1), vmin=0, vmax=1, extent=frame)
    over.set_title("where the network's score comes from")
    shown = list(contributions[:MOST])[::-1]
    colours = [_FOR if one.raises > 0 else _AGAINST for one in shown]
    bars.barh([one.measure for one in shown], [one.raises for one in shown], color=colours)
    bars.axvline(0, color="black", linewidth=0.8)
    bars.set_xlabel("log odds, against the measure's middle value")
    bars.set_title("measures for (right) and against (left)")
    figure.suptitle(title)
    return figure
