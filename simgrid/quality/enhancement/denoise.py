"""Takes noise out of a plane by a small residual network (the idea of DnCNN, doi 10.1109/TIP.2017.2662206).

The network works on groups of 2 x 2 pixels (as FFDNet does, doi 10.1109/TIP.2018.2839891), which costs a
quarter of the time and sees twice as far. It estimates the noise, which is subtracted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.image import Image, Pixels
from simgrid.quality.network import WEIGHTS, Network, open_network

TILE, HALO = 512, 24  # a tile's inside does not depend on what lies further away than the halo
ENDS = (1.0, 99.0)


@dataclass(frozen=True, slots=True, eq=False)
class Denoiser:
    """A network from (1, 1, rows, columns) to its noise; rows and columns even, values about 0 to 1."""

    network: Network

    @staticmethod
    @cache
    def shipped() -> Denoiser:
        """The residual denoiser that travels with the package; trained on squared error alone."""
        return Denoiser(open_network(WEIGHTS / "denoiser.onnx"))

    @staticmethod
    def load(path: Path) -> Denoiser:
        """One of one's own, such as the adversarial variant of ``simgrid qa train --adversarial``.

        :raises UnreadableWeights: naming the file.
        """
        return Denoiser(open_network(path))

    def denoise(self, image: Image) -> Image:
        """The image with less noise: same size, units and limits."""
        low, span = scale(image.pixels)
        scaled = (image.pixels - np.float32(low)) / np.float32(span)
        clean = np.empty_like(scaled)
        for inside, outside, crop in _tiles(scaled.shape):
            clean[inside] = self._plane(scaled[outside])[crop]
        restored = clean * np.float32(span) + np.float32(low)
        if image.limits is not None:
            restored = np.clip(restored, *image.limits)
        return image.with_pixels(restored.astype(np.float32))

    def _plane(self, plane: Pixels) -> Pixels:
        rows, columns = plane.shape
        even = np.pad(plane, ((0, rows % 2), (0, columns % 2)), mode="edge")
        (noise,) = self.network(image=even[None, None])
        return np.asarray(plane - noise[0, 0, :rows, :columns])


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
