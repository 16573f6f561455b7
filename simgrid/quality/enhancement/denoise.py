"""Takes noise out of a plane by a small residual network (the idea of DnCNN, doi 10.1109/TIP.2017.2662206).

The network works on groups of 2 x 2 pixels and is told how strong the noise is (as FFDNet does, doi
10.1109/TIP.2018.2839891); the strength is estimated from the image, in two octaves. It estimates the noise,
which is subtracted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.defect_names import family
from simgrid.quality.image import Image, Pixels
from simgrid.quality.network import WEIGHTS, Network, UnreadableWeights, open_network

TILE, HALO = 512, 24  # a tile's inside does not depend on what lies further away than the halo
ENDS = (1.0, 99.0)
PLANES = 4  # the image, its noise in two octaves, and whether that is of a magnitude
Told: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Denoiser:
    """A network from (1, 4, rows, columns), the plane and what is told, to its noise (1, 1, rows, columns).

    Rows and columns are even, values about 0 to 1.
    """

    network: Network

    @staticmethod
    @cache
    def shipped() -> Denoiser:
        """The residual denoiser that travels with the package; trained on squared error alone."""
        return Denoiser(open_network(WEIGHTS / "denoiser.onnx"))

    @staticmethod
    def load(path: Path) -> Denoiser:
        """One of one's own, such as the adversarial variant of ``simgrid qa train denoiser-adversarial``.

        :raises UnreadableWeights: naming the file.
        """
        network = open_network(path)
        planes = network.session.get_inputs()[0].shape[1]
        if planes != PLANES:
            raise UnreadableWeights(
                f"{path} is a denoiser of {planes} planes, and {PLANES} are given (the image and what is "
                "told of its noise): train it again by `simgrid qa train denoiser-adversarial`"
            )
        return Denoiser(network)

    def denoise(self, image: Image) -> Image:
        """The image with less noise: same size, units and limits."""
        low, span = scale(image.pixels)
        scaled = (image.pixels - np.float32(low)) / np.float32(span)
        known = told(scaled, image.modality)
        clean = np.empty_like(scaled)
        for inside, outside, crop in _tiles(scaled.shape):
            clean[inside] = self._plane(scaled[outside], known)[crop]
        restored = clean * np.float32(span) + np.float32(low)
        if image.limits is not None:
            restored = np.clip(restored, *image.limits)
        return image.with_pixels(restored.astype(np.float32))

    def _plane(self, plane: Pixels, known: Told) -> Pixels:
        rows, columns = plane.shape
        even = np.pad(plane, ((0, rows % 2), (0, columns % 2)), mode="edge")
        (noise,) = self.network(image=with_told(even, known)[None])
        return np.asarray(plane - noise[0, 0, :rows, :columns])


def told(plane: NDArray[np.floating], modality: str) -> Told:
    """The noise of a scaled plane in two octaves, its logarithm brought to about -1 to 1; 1 for MR, else 0.

    An MR image is the magnitude of a complex one: where nothing is, its noise lies above nothing.

    Median of the diagonal Haar detail (Donoho and Johnstone 1994, doi 10.1093/biomet/81.3.425): what is fine
    as noise is, and what is coarse as a smooth kernel leaves it.
    """
    first, low = _haar(np.asarray(plane, np.float32))
    second, _ = _haar(low)
    one, two = (
        float(np.median(np.abs(detail))) / 0.6745 if detail.size else 0.0 for detail in (first, second)
    )
    return _level(one), _level(two), float(family(modality) == "MR")


def with_told(plane: NDArray[np.floating], known: Told) -> NDArray[np.float32]:
    """(PLANES, rows, columns): what the network is shown."""
    return np.stack([plane, *(np.full_like(plane, one) for one in known)]).astype(np.float32)


def _level(size: float) -> float:
    return float(np.log10(max(size, 1e-4)) + 2) / 2


def _haar(plane: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Diagonal detail and half-size plane of one step, white noise keeping its size in both."""
    rows, columns = (size // 2 * 2 for size in plane.shape)
    a, b = plane[:rows:2, :columns:2], plane[:rows:2, 1:columns:2]
    c, d = plane[1:rows:2, :columns:2], plane[1:rows:2, 1:columns:2]
    half = np.float32(0.5)
    return np.asarray((a - b - c + d) * half), np.asarray((a + b + c + d) * half)


def scale(pixels: NDArray[np.float32]) -> tuple[float, float]:
    """Offset and span that bring a plane to about 0 to 1: its outer percentiles, apart even where flat."""
    low, high = (float(one) for one in np.percentile(pixels, ENDS))
    return low, high - low if high - low > 1e-6 * max(1.0, abs(low)) else max(1.0, abs(low))


def _tiles(shape: tuple[int, ...]) -> Iterator[tuple[tuple[slice, slice], ...]]:
    """Where a tile's answer goes, what the network is shown for it, and what of its answer is kept."""
    for row in range(0, shape[0], TILE):
        for column in range(0, shape[1], TILE):
            inside, outside, crop = zip(
                *(_stretch(start, size) for start, size in zip((row, column), shape, strict=True)),
                strict=True,
            )
            yield inside, outside, crop


def _stretch(start: int, size: int) -> tuple[slice, slice, slice]:
    end = min(start + TILE, size)
    first, last = max(0, start - HALO), min(size, end + HALO)
    return slice(start, end), slice(first, last), slice(start - first, end - first)
