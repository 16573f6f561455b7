"""What several measures need of one image, computed once: plane, blocks, mask, spectrum, polar map.

Normalisation makes the measures blind to gain and offset: z = (x - P0.5) / (P99.5 - P0.5). Planes with a side
above ``LARGEST`` are averaged over whole blocks first, so that a radiograph of 3000 columns costs no more
than a CT slice and its noise is that of the picture a person sees at once.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from simgrid.quality.image import Image, Pixels

LARGEST = 640
SMALLEST = 32
BLOCK = 8
RADII, ANGLES = 32, 24
POLAR_ANGLES = 180
_LEVELS = 128
_SAMPLE = 65536

Mask = NDArray[np.bool_]


class View:
    """One image prepared; every attribute is made at its first use."""

    def __init__(self, image: Image) -> None:
        self.image = image
        pixels = image.pixels
        if not np.isfinite(pixels).all():
            pixels = np.nan_to_num(pixels, nan=0.0, posinf=1e9, neginf=-1e9)
        self.plane: Pixels = reduced(pixels)

    @cached_property
    def ordered(self) -> NDArray[np.float64]:
        """Every k-th value of the plane, sorted: about 65,000 of them."""
        flat = self.plane.ravel()
        step = max(1, flat.size // _SAMPLE)
        step += step % 2 == 0 and step > 1  # an odd step walks through all columns
        return np.sort(flat[::step]).astype(np.float64)

    def quantile(self, share: float) -> float:
        """Of the plane, in its own units."""
        return float(self.ordered[round(share * (self.ordered.size - 1))])

    @cached_property
    def span(self) -> tuple[float, float]:
        """P0.5 and the distance to P99.5; the whole range where these agree, 1 for a constant plane."""
        low, high = self.quantile(0.005), self.quantile(0.995)
        if high - low <= 0:
            low, high = float(self.plane.min()), float(self.plane.max())
        return low, (high - low) if high > low else 1.0

    @cached_property
    def z(self) -> Pixels:
        """The normalised plane, cut at -2 and 5 so that one bright pixel moves no mean."""
        low, span = self.span
        z: Pixels = np.clip((self.plane - np.float32(low)) * np.float32(1 / span), -2.0, 5.0)
        return z

    @cached_property
    def histogram(self) -> NDArray[np.float64]:
        """Shares of 128 levels of z between 0 and 1."""
        low, span = self.span
        levels = np.clip((self.ordered - low) / span * _LEVELS, 0, _LEVELS - 1).astype(np.int64)
        counts = np.bincount(levels, minlength=_LEVELS).astype(np.float64)
        shares: NDArray[np.float64] = counts / counts.sum()
        return shares

    @cached_property
    def threshold(self) -> float:
        """Between dark and bright, in z (Otsu 1979, doi 10.1109/TSMC.1979.4310076)."""
        return otsu(self.histogram)

    @cached_property
    def laplacian(self) -> Pixels:
        """Four-neighbour Laplacian of the interior of z."""
        z = self.z
        inner: Pixels = 4 * z[1:-1, 1:-1] - z[:-2, 1:-1] - z[2:, 1:-1] - z[1:-1, :-2] - z[1:-1, 2:]
        return inner

    @cached_property
    def dx(self) -> Pixels:
        """Differences between columns of z."""
        return np.diff(self.z, axis=1)

    @cached_property
    def dy(self) -> Pixels:
        """Differences between rows of z."""
        return np.diff(self.z, axis=0)

    @cached_property
    def gradient(self) -> Pixels:
        """Magnitude of the forward differences."""
        squared = self.dx[:-1] ** 2 + self.dy[:, :-1] ** 2
        size: Pixels = np.sqrt(squared)
        return size

    @cached_property
    def block_means(self) -> NDArray[np.float64]:
        """Means of z over blocks of 8 x 8."""
        means: NDArray[np.float64] = _block_mean(self.z).astype(np.float64)
        return means

    @cached_property
    def block_noise(self) -> NDArray[np.float64]:
        """Standard deviation per 8 x 8 block of what the Laplacian leaves, as that of the noise in z.

        White noise of variance s^2 comes out of the Laplacian with 20 s^2.
        """
        padded = np.pad(self.laplacian, 1)
        noise: NDArray[np.float64] = np.sqrt(_block_mean(np.square(padded)) / 20.0).astype(np.float64)
        return noise

    @cached_property
    def block_air(self) -> Mask:
        """Dark blocks that hang together with the border: the air around the patient, if there is any."""
        dark = self.block_means < self.threshold
        labels, _ = ndimage.label(dark)
        rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
        air: Mask = np.isin(labels, np.unique(rim[rim > 0]))
        return air

    @cached_property
    def block_tissue(self) -> Mask:
        """Bright blocks."""
        tissue: Mask = self.block_means >= self.threshold
        return tissue

    @cached_property
    def spectrum(self) -> NDArray[np.float32]:
        """Power of the half plane of frequencies of z under a Hann window; zero frequency removed."""
        rows, columns = fft.prev_fast_len(self.z.shape[0]), 2 * fft.prev_fast_len(self.z.shape[1] // 2)
        top, left = (self.z.shape[0] - rows) // 2, (self.z.shape[1] - columns) // 2
        part = self.z[top : top + rows, left : left + columns]
        windowed = (part - part.mean()) * _hann(rows)[:, None] * _hann(columns)[None, :]
        transformed = fft.rfft2(windowed, workers=1)
        power: NDArray[np.float32] = transformed.real**2 + transformed.imag**2
        power[0, 0] = 0.0
        return power

    @cached_property
    def spectral_map(self) -> NDArray[np.float64]:
        """Mean power by (radius, angle): 32 rings up to Nyquist, 24 sectors of the half circle."""
        rows, half = self.spectrum.shape
        index, counts = _sectors(rows, half)
        sums = np.bincount(index, weights=self.spectrum.ravel(), minlength=RADII * ANGLES + 1)
        return (sums[:-1] / np.maximum(counts, 1)).reshape(RADII, ANGLES)

    @cached_property
    def edge_correlation(self) -> NDArray[np.float32]:
        """Autocorrelation of the gradient field of z by shift (rows, columns), 1 at no shift."""
        rows, half = self.spectrum.shape
        weights = _squared_frequency(rows, half)
        turned = fft.irfft2(self.spectrum * weights, s=(rows, 2 * (half - 1)), workers=1)
        correlation: NDArray[np.float32] = turned * np.float32(1 / max(float(turned[0, 0]), 1e-12))
        return correlation

    @cached_property
    def polar(self) -> Pixels:
        """z around the centre of the plane: (180 angles, radii), nearest neighbours."""
        indices = _polar(self.z.shape, (self.z.shape[0] - 1) / 2, (self.z.shape[1] - 1) / 2)
        return self.z.ravel()[indices]


def reduced(plane: Pixels) -> Pixels:
    """Averaged over blocks until no side is above LARGEST; edges repeated until none is below SMALLEST."""
    factor = -(-max(plane.shape) // LARGEST)
    if factor > 1 and min(plane.shape) >= factor:
        plane = blocks(plane, factor).mean(axis=(1, 3), dtype=np.float64).astype(np.float32)
    missing = [max(0, SMALLEST - side) for side in plane.shape]
    if any(missing):
        plane = np.pad(plane, [(0, missing[0]), (0, missing[1])], mode="edge")
    return np.ascontiguousarray(plane, dtype=np.float32)


def blocks(plane: NDArray[Any], side: int) -> NDArray[Any]:
    """(rows, side, columns, side): whole blocks of the plane; what is left over on the far edges is cut."""
    rows, columns = plane.shape[0] // side, plane.shape[1] // side
    return plane[: rows * side, : columns * side].reshape(rows, side, columns, side)


def _block_mean(plane: Pixels) -> Pixels:
    """Over blocks of 8 x 8, in two steps: numpy is fast along whole rows."""
    means: Pixels = blocks(plane, BLOCK).mean(axis=1).mean(axis=-1)
    return means


def otsu(shares: NDArray[np.float64]) -> float:
    """The upper edge of the level, as a share of the range, that splits a histogram best into two."""
    places = (np.arange(shares.size) + 0.5) / shares.size
    below = np.cumsum(shares)
    moment = np.cumsum(shares * places)
    above = 1 - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (moment[-1] * below - moment) ** 2 / (below * above)
    best = int(np.argmax(np.where((below > 1e-9) & (above > 1e-9), between, -1.0)))
    return (best + 1) / shares.size


def ratio(above: float, below: float, least: float = 1e-6) -> float:
    """A ratio of two sizes whose denominator is at least ``least``."""
    return float(above) / max(float(below), least)


def log_ratio(above: float, below: float, least: float = 1e-9) -> float:
    """ln of a ratio of two sizes, both at least ``least``."""
    return float(np.log(max(float(above), least) / max(float(below), least)))


@lru_cache(maxsize=64)
def _hann(length: int) -> NDArray[np.float32]:
    window: NDArray[np.float64] = np.hanning(length + 2)[1:-1]
    return window.astype(np.float32)


@lru_cache(maxsize=16)
def _squared_frequency(rows: int, half: int) -> NDArray[np.float32]:
    fy, fx = np.fft.fftfreq(rows)[:, None], (np.arange(half) / (2 * max(half - 1, 1)))[None, :]
    weights: NDArray[np.float64] = np.sin(np.pi * fy) ** 2 + np.sin(np.pi * fx) ** 2
    return weights.astype(np.float32)


@lru_cache(maxsize=16)
def _sectors(rows: int, half: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which ring and sector each frequency of the half plane belongs to, and how many belong to each."""
    fy = np.fft.fftfreq(rows)[:, None]
    fx = (np.arange(half) / (2 * max(half - 1, 1)))[None, :]
    radius = np.sqrt(fy**2 + fx**2) * 2  # 1 at Nyquist
    ring = np.floor(radius * RADII).astype(np.int64)
    angle = np.mod(np.arctan2(fy, fx + 0 * fy), np.pi)
    sector = np.minimum((angle / np.pi * ANGLES).astype(np.int64), ANGLES - 1)
    index = np.where(ring < RADII, ring * ANGLES + sector, RADII * ANGLES).ravel()
    counts = np.bincount(index, minlength=RADII * ANGLES + 1)[:-1]
    return index, counts


@lru_cache(maxsize=64)
def _polar(shape: tuple[int, int], row: float, column: float) -> NDArray[np.int64]:
    """Flat indices (angles, radii) of the pixels nearest to the polar grid around a centre."""
    largest = max(int(min(row, column, shape[0] - 1 - row, shape[1] - 1 - column)), 8)
    angles = np.arange(POLAR_ANGLES) * (2 * np.pi / POLAR_ANGLES)
    radii = np.arange(largest) + 0.5
    rows = np.clip(np.rint(row + np.sin(angles)[:, None] * radii), 0, shape[0] - 1).astype(np.int64)
    columns = np.clip(np.rint(column + np.cos(angles)[:, None] * radii), 0, shape[1] - 1).astype(np.int64)
    flat: NDArray[np.int64] = rows * shape[1] + columns
    return flat


@lru_cache(maxsize=16)
def circles(shape: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """The circle (whole pixels of radius) of each pixel, how many it has, and the first not whole."""
    down, across = (np.arange(side) - (side - 1) / 2 for side in shape)
    index = np.hypot(down[:, None], across[None, :]).astype(np.int64).ravel()
    return index, np.maximum(np.bincount(index), 1), max(min(shape) // 2, 8)


def polar_around(view: View, row: float, column: float, radius: int, every: int = 1) -> Pixels:
    """z around a point: (180 / ``every`` angles, ``radius`` radii); pixels outside repeat the edge."""
    down, right = _offsets(radius, every)
    rows = np.clip(down + round(row), 0, view.z.shape[0] - 1)
    columns = np.clip(right + round(column), 0, view.z.shape[1] - 1)
    around: Pixels = view.z.ravel()[rows * view.z.shape[1] + columns]
    return around


@lru_cache(maxsize=16)
def _offsets(radius: int, every: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    angles = np.arange(0, POLAR_ANGLES, every)[:, None] * (2 * np.pi / POLAR_ANGLES)
    radii = np.arange(radius) + 0.5
    return np.rint(np.sin(angles) * radii).astype(np.int64), np.rint(np.cos(angles) * radii).astype(np.int64)
