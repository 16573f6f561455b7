"""The photometric mistake: MONOCHROME1 shown as MONOCHROME2, or the reverse."""

from __future__ import annotations

import numpy as np

from simgrid.quality.defects.receipt import Parameter, Parameters, number
from simgrid.quality.image import Image, Pixels


def draw(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """Turned over about the middle of what the file can hold, or of what the image holds; no more or less."""
    low, high = float(image.pixels.min()), float(image.pixels.max())
    if image.limits is not None and rng.random() < 0.5:
        low, high = min(low, image.limits[0]), max(high, image.limits[1])
    return {"low": low, "high": high}


def apply(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Low becomes high and high low; twice is the image itself."""
    total = number(parameters, "low") + number(parameters, "high")
    return (total - image.pixels.astype(np.float64)).astype(np.float32)
