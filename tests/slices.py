"""Slices of a body with a bright organ, for the networks that look at images."""

from __future__ import annotations

import numpy as np

from simgrid.quality.image import Image
from simgrid.quality.segmentation.organs import nearest, to_grid
from simgrid.quality.training.segmentation import Example


def slice_of(modality: str = "CT", shape: tuple[int, int] = (120, 144), seed: int = 0) -> Image:
    """A body with a bright organ on the left of the picture, 3 mm pixels."""
    rng = np.random.default_rng(seed)
    down, right = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    body = (down / 0.8) ** 2 + (right / 0.9) ** 2 < 1
    organ = (down / 0.4) ** 2 + ((right + 0.4) / 0.3) ** 2 < 1
    if modality == "CT":
        pixels = np.where(body, 20.0, -1000.0) + 90 * organ + 8 * rng.standard_normal(shape)
    else:
        pixels = 300.0 * body + 200 * organ + 4 * rng.standard_normal(shape)
    return Image(pixels.astype(np.float32), modality, "ABDOMEN", (3.0, 3.0))


def example(seed: int) -> Example:
    """A slice on the network's grid, its bright organ labelled."""
    image = slice_of(seed=seed)
    plane = to_grid(image)
    labels = np.where(image.pixels > 70, 1, 0).astype(np.uint8)
    return Example(plane, nearest(labels, plane.shape[1:]))
