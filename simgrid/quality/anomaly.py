"""Where a slice holds something that does not belong there: by a rule, and by a network.

Both give a map on the image's pixels, high where something is unusual. What they are worth was tried on
inserted blobs of three contrasts and on a few real lesions (see the model card): they point, they diagnose
nothing, and a low map is no clean bill.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.image import Image
from simgrid.quality.network import WEIGHTS, Network, open_network
from simgrid.quality.segmentation.organs import SEEN_MODALITIES, to_grid

Map = NDArray[np.float64]
SCALES = (1.0, 1.8, 3.2)  # of the grid's pixels
HALVINGS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Anomalies:
    """A network from (1, 2, rows, columns) on the grid of 3 mm to one score a pixel.

    It was taught to find patches that were put into ordinary slices from elsewhere (the idea of foreign patch
    interpolation, doi 10.59275/j.melba.2022-e651).
    """

    network: Network

    @staticmethod
    @cache
    def shipped() -> Anomalies:
        """The network that travels with the package."""
        return Anomalies(open_network(WEIGHTS / "anomaly.onnx"))

    def learned(self, image: Image) -> Map:
        """Of every pixel, how foreign it looks: 0 to 1, 0 outside the body; no calibrated probability.

        :raises ValueError: for a modality that has no slices.
        """
        plane, body = grid(image)
        rows, columns = body.shape
        step = 2**HALVINGS
        padded = np.pad(plane, ((0, 0), (0, -rows % step), (0, -columns % step)), mode="edge")
        (scores,) = self.network(slice=padded[None])
        foreign = 1 / (1 + np.exp(-scores[0, 0, :rows, :columns].astype(np.float64)))
        return on_image(np.where(body, foreign, 0.0), image)


def by_rule(image: Image) -> Map:
    """How far a spot differs from its surroundings, in the slice's own robust deviations; 0 outside the body.

    :raises ValueError: for a modality that has no slices.
    """
    plane, body = grid(image)
    shown = np.zeros(body.shape)
    for channel in plane:
        for scale in SCALES:
            spot = ndimage.gaussian_filter(channel, scale) - ndimage.gaussian_filter(channel, 2 * scale)
            inside = np.abs(spot[body])
            deviation = 1.4826 * float(np.median(inside)) if inside.size else 1.0
            shown = np.maximum(shown, np.abs(spot) / max(deviation, 1e-3))
    return on_image(np.where(body, shown, 0.0), image)


def grid(image: Image) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The slice on the grid of 3 mm (2, rows, columns) and where on it the patient is, just inside the skin.

    :raises ValueError: for a modality that has no slices.
    """
    if image.modality not in SEEN_MODALITIES:
        allowed = " and ".join(SEEN_MODALITIES)
        raise ValueError(f"anomalies are looked for in {allowed} slices: this is {image.modality}")
    plane = to_grid(image)
    tissue = plane[1] > 0.35 if image.modality == "CT" else plane[0] > 0.12
    filled = ndimage.binary_fill_holes(ndimage.binary_opening(tissue))
    return plane, np.asarray(ndimage.binary_erosion(filled, iterations=2))


def on_image(coarse: Map, image: Image) -> Map:
    """A map of the grid on the image's own pixels."""
    axes = [
        np.clip((np.arange(size) + 0.5) * now / size - 0.5, 0, now - 1)
        for size, now in zip(image.pixels.shape, coarse.shape, strict=True)
    ]
    return np.asarray(ndimage.map_coordinates(coarse, np.meshgrid(*axes, indexing="ij"), order=1))
