"""The denoiser and the explanation that travel with this installation, as the bot wants them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simgrid.quality.bot.reporting import gray_levels
from simgrid.quality.bot.seams import Picture
from simgrid.quality.classifier.classifier import Classifier, WeightsError
from simgrid.quality.enhancement.denoise import Denoiser
from simgrid.quality.explanation.heat import PLACED, UNPLACED, heat, suspected
from simgrid.quality.image import Image
from simgrid.quality.network import UnreadableWeights

LARGEST = 512
_DIM = 0.3  # what is left of the picture where nothing speaks for the defect


def denoise() -> Callable[[Image], Image] | None:
    """The shipped denoiser, None where there is none."""
    try:
        return Denoiser.shipped().denoise
    except UnreadableWeights:
        return None


def explain() -> Callable[[Image], Sequence[Picture]] | None:
    """Pictures of where the shipped judge looks, None where there is none."""
    try:
        Classifier.shipped()
    except WeightsError:
        return None
    return _pictures


def _pictures(image: Image) -> list[Picture]:
    """Of every defect that is more likely than not, the image, bright where its score comes from."""
    classifier = Classifier.shipped()
    shown = []
    for defect, probability in suspected(classifier, image):
        lit = image.with_pixels(heat(classifier, image, defect).astype(np.float32))
        bright = _DIM + (1 - _DIM) * gray_levels(lit.pixels, LARGEST) / 255
        gray = np.rint(gray_levels(image.pixels, LARGEST) * bright).astype(np.uint8)
        says = f"bright: where the network's score for {defect} ({probability:.0%}) comes from"
        if defect not in PLACED:
            says += f"; {UNPLACED}"
        shown.append(Picture(gray, says))
    return shown
