"""A small U-Net (doi 10.1007/978-3-319-24574-4_28) that labels slices on a grid of 3 mm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.image import Image
from simgrid.quality.network import WEIGHTS, Network, open_network

Organ: TypeAlias = Literal[
    "liver", "spleen", "kidney", "stomach", "bowel", "bone", "muscle", "bladder", "vessel", "heart", "brain"
]
ORGANS: tuple[Organ, ...] = get_args(Organ)
Labels = NDArray[np.uint8]
GRID_MM = 3.0
HALVINGS = 3  # the network halves the plane so often
ASSUMED_FIELD_MM = 380.0  # of the longer side, where the file tells no spacing
SEEN_MODALITIES = ("CT", "MR")


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """What a slice shows.

    ``labels`` (rows, columns) of the image: 0 for none, n for ``ORGANS[n - 1]``. ``area_cm2`` of every organ
    that has a pixel; ``at_edge``: millimetres of the picture's edge that the organ touches.
    """

    labels: Labels
    area_cm2: Mapping[Organ, float]
    at_edge_mm: Mapping[Organ, float]


@dataclass(frozen=True, slots=True, eq=False)
class Segmenter:
    """A network from (1, 2, rows, columns) on the grid to (1, 1 + organs, rows, columns) of scores."""

    network: Network

    @staticmethod
    @cache
    def shipped() -> Segmenter:
        """The network that travels with the package; its model card says on whom it was tried."""
        return Segmenter(open_network(WEIGHTS / "organs.onnx"))

    def anatomy(self, image: Image) -> Anatomy:
        """What the slice shows.

        :raises ValueError: for a modality that has no slices.
        """
        if image.modality not in SEEN_MODALITIES:
            allowed = " and ".join(SEEN_MODALITIES)
            raise ValueError(f"organs are looked for in {allowed} slices: this is {image.modality}")
        coarse = self.on_grid(to_grid(image))
        labels = nearest(coarse, image.pixels.shape)
        height, width = spacing(image)
        areas, edges = {}, {}
        for number, organ in enumerate(ORGANS, start=1):
            mask = labels == number
            if mask.any():
                areas[organ] = float(mask.sum()) * height * width / 100
                edges[organ] = float(
                    (mask[0].sum() + mask[-1].sum()) * width + (mask[:, 0].sum() + mask[:, -1].sum()) * height
                )
        return Anatomy(labels, areas, edges)

    def on_grid(self, channels: NDArray[np.float32]) -> Labels:
        """Labels of a plane (2, rows, columns) that already lies on the grid."""
        rows, columns = channels.shape[1:]
        step = 2**HALVINGS
        padded = np.pad(channels, ((0, 0), (0, -rows % step), (0, -columns % step)), mode="edge")
        (scores,) = self.network(slice=padded[None])
        best: Labels = np.argmax(scores[0, :, :rows, :columns], axis=0).astype(np.uint8)
        return best


def spacing(image: Image) -> tuple[float, float]:
    """Millimetres between rows and between columns: the file's, or those of an assumed field of view."""
    if image.spacing_mm is not None:
        return image.spacing_mm
    assumed = ASSUMED_FIELD_MM / max(image.pixels.shape)
    return assumed, assumed


def to_grid(image: Image) -> NDArray[np.float32]:
    """The plane on the grid, in the network's two channels (2, rows, columns).

    CT: a soft-tissue window and a wide one. MR, whose numbers have no unit: between the plane's percentiles,
    and -1 in the second channel.
    """
    factors = [one / GRID_MM for one in spacing(image)]
    shape = [max(8, round(size * f)) for size, f in zip(image.pixels.shape, factors, strict=True)]
    smooth = ndimage.gaussian_filter(image.pixels, [max(0.0, 0.4 / f - 0.4) for f in factors], mode="nearest")
    rows, columns = (_centres(now, size) for now, size in zip(shape, image.pixels.shape, strict=True))
    plane = ndimage.map_coordinates(
        smooth, np.meshgrid(rows, columns, indexing="ij"), order=1, mode="nearest"
    )
    return channels(plane, image.modality)


def channels(plane: NDArray[np.float32], modality: str) -> NDArray[np.float32]:
    """What the network is shown of a plane in modality units."""
    if modality == "CT":
        both = [np.clip((plane + 160) / 400, 0, 1), np.clip((plane + 1000) / 2000, 0, 1)]
    else:
        low, high = np.percentile(plane, (1, 99))
        both = [np.clip((plane - low) / max(float(high - low), 1e-6), 0, 1.2), np.full_like(plane, -1)]
    return np.stack(both).astype(np.float32)


def _centres(now: int, before: int) -> NDArray[np.float64]:
    return (np.arange(now) + 0.5) * before / now - 0.5


def nearest(labels: Labels, shape: tuple[int, ...]) -> Labels:
    """Labels on another grid over the same field: of every new pixel, the label at its middle."""
    rows, columns = (
        np.minimum(((2 * np.arange(size) + 1) * now) // (2 * size), now - 1)
        for size, now in zip(shape, labels.shape, strict=True)
    )
    return labels[np.ix_(rows, columns)]
