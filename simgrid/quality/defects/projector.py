"""Parallel-beam projections of a square plane, and back: Fourier slices by gridding, 6 ms at 256 x 256.

A view is the slice of the plane's spectrum at the view's angle. Slices are read from an oversampled FFT with
a Kaiser-Bessel kernel (Fessler and Sutton 2003, doi 10.1109/TSP.2002.807005; the kernel's shape: Beatty
2005, doi 10.1109/TMI.2005.848376); filtered back-projection is the adjoint after the ramp filter of Kak and
Slaney (Principles of Computerized Tomographic Imaging, 3.3, doi 10.1137/1.9780898719277).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft, sparse

from simgrid.quality.image import Pixels

WIDTH = 5  # samples of the kernel along each axis: aliasing below 1e-4 of the largest value
OVERSAMPLING = 2
SIZES_KEPT = (
    8  # tables of the last sizes stay in memory: 16 MB for 256 x 256, 66 MB for 512 x 512, 210 MB for all
)
SIZE_STEP = 64  # planes are fitted into squares of these sizes, so that few tables serve all


@dataclass(frozen=True, slots=True, eq=False)
class Scanner:
    """Geometry and tables for planes of ``size`` x ``size`` pixels.

    ``views`` angles, evenly over half a turn; ``detectors`` elements of one pixel's width, the axis of
    rotation at element ``detectors // 2`` and pixel ``size // 2``.
    """

    size: int
    views: int
    detectors: int
    slices: sparse.csr_array
    evenness: NDArray[np.float32]
    ramp: NDArray[np.float32]

    @property
    def angles(self) -> NDArray[np.float64]:
        """Radians, one a view: the direction along which the detector lies, from +columns to +rows."""
        return np.arange(self.views, dtype=np.float64) * (np.pi / self.views)

    @property
    def positions(self) -> NDArray[np.float64]:
        """Distance of each detector element from the axis, in pixels."""
        return np.arange(self.detectors, dtype=np.float64) - self.detectors // 2


@lru_cache(maxsize=SIZES_KEPT)
def scanner(size: int) -> Scanner:
    """The scanner for planes of this size, an even number; 1.25 views a pixel."""
    views = max(16, 5 * size // 4)
    grid = OVERSAMPLING * size
    radii = np.arange(grid // 2 + 1, dtype=np.float64)
    angles = np.arange(views) * (np.pi / views)
    columns = np.outer(np.cos(angles), radii).ravel()
    rows = np.outer(np.sin(angles), radii).ravel()
    return Scanner(size, views, grid, _slices(rows, columns, grid), _evenness(size, grid), _ramp(grid))


def project(scan: Scanner, plane: NDArray[np.floating]) -> NDArray[np.float32]:
    """Line sums of a plane (size, size), in values times pixels: (views, detectors)."""
    grid = scan.detectors
    padded = np.zeros((grid, grid), np.float32)
    low = grid // 2 - scan.size // 2
    padded[low : low + scan.size, low : low + scan.size] = plane * scan.evenness
    spectrum = fft.fft2(padded)  # the origin at grid // 2: an alternating sign, put right below
    parts = spectrum.ravel().view(np.float32).reshape(-1, 2)
    lines = (scan.slices @ parts).view(np.complex64).reshape(scan.views, -1)
    return np.asarray(fft.irfft(lines * _signs(lines.shape[1]), grid, axis=1), np.float32)


def back_project(scan: Scanner, lines: NDArray[np.floating], window: float = 1.0) -> NDArray[np.float32]:
    """Filtered back-projection of (views, detectors) to (size, size).

    ``window``: where the Hann window that smooths the ramp ends, in sampling frequencies: 0.5 is Nyquist, 1
    leaves half of the response there. 0 means the bare ramp.
    """
    grid = scan.detectors
    spectra = fft.rfft(np.asarray(lines, np.float32), axis=1)
    weights = scan.ramp * _hann(scan.ramp.size, window) * _signs(scan.ramp.size)
    spectra = np.ascontiguousarray(spectra * weights, dtype=np.complex64)
    parts = scan.slices.T @ spectra.ravel().view(np.float32).reshape(-1, 2)
    plane = fft.ifft2(np.ascontiguousarray(parts).view(np.complex64).reshape(grid, grid)).real
    low = grid // 2 - scan.size // 2
    inner = plane[low : low + scan.size, low : low + scan.size]
    scale = grid * np.pi / scan.views
    return np.asarray(inner * scan.evenness * scale, np.float32)


def noise_kept(scan: Scanner, window: float) -> float:
    """The share of white noise (its standard deviation) that a window leaves of what the bare ramp gives."""
    smoothed = scan.ramp * _hann(scan.ramp.size, window)
    return float(np.sqrt((smoothed**2).sum() / (scan.ramp**2).sum()))


def shifted(lines: NDArray[np.float32], shifts: NDArray[np.floating]) -> NDArray[np.float32]:
    """Each view moved by its own number of detector elements, exactly for what the detector resolves."""
    spectra = fft.rfft(lines, axis=1)
    frequencies = np.arange(spectra.shape[1]) * (-2j * np.pi / lines.shape[1])
    moved = fft.irfft(spectra * np.exp(np.outer(shifts, frequencies)), lines.shape[1], axis=1)
    return np.asarray(moved, np.float32)


def _slices(rows: NDArray[np.float64], columns: NDArray[np.float64], grid: int) -> sparse.csr_array:
    count = rows.size
    places = np.empty((count, WIDTH, WIDTH), np.int32)
    weights = np.empty((count, WIDTH, WIDTH), np.float32)
    steps = np.arange(WIDTH)[:, None]
    row, column = (np.ceil(place - WIDTH / 2) + steps for place in (rows, columns))
    signs = [1 - 2 * np.mod(place, 2) for place in (row, column)]  # the plane's origin is at grid // 2
    down, across = _kernel(row - rows) * signs[0], _kernel(column - columns) * signs[1]
    row, column = np.mod(row, grid) * grid, np.mod(column, grid)
    for step in range(WIDTH):
        weights[:, step, :] = (down[step] * across).T
        places[:, step, :] = (row[step] + column).T
    starts = np.arange(0, weights.size + 1, WIDTH * WIDTH)
    return sparse.csr_array((weights.ravel(), places.ravel(), starts), shape=(count, grid * grid))


def _shape() -> float:
    return float(np.pi * np.sqrt((WIDTH / OVERSAMPLING) ** 2 * (OVERSAMPLING - 0.5) ** 2 - 0.8))


def _kernel(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(1 - (2 * distance / WIDTH) ** 2, 0, None)
    return np.where(np.abs(distance) <= WIDTH / 2, np.i0(_shape() * np.sqrt(inside)), 0.0)


def _evenness(size: int, grid: int) -> NDArray[np.float32]:
    """One over the kernel's transform at every pixel: what gridding darkens towards the edges."""
    position = (np.arange(size) - size // 2) / grid
    root = np.sqrt(_shape() ** 2 - (np.pi * WIDTH * position) ** 2)
    transform = WIDTH * np.sinh(root) / root
    return np.asarray(1 / np.outer(transform, transform), np.float32)


def _ramp(detectors: int) -> NDArray[np.float32]:
    offset = np.minimum(np.arange(detectors), detectors - np.arange(detectors)).astype(np.float64)
    taps = np.zeros(detectors)
    taps[0] = 0.25
    odd = offset % 2 == 1
    taps[odd] = -1 / (np.pi * offset[odd]) ** 2
    response = fft.rfft(taps).real
    response[1:-1] *= 2  # a real signal's negative frequencies
    return np.asarray(response, np.float32)


def _hann(count: int, window: float) -> NDArray[np.float32]:
    if window <= 0:
        return np.ones(count, np.float32)
    share = np.minimum(np.linspace(0, 1, count) / (2 * window), 1)
    return (0.5 + 0.5 * np.cos(np.pi * share)).astype(np.float32)


def _signs(count: int) -> NDArray[np.float32]:
    """Alternating: the axis of rotation at the middle of the detector, not at its first element."""
    return (1 - 2 * (np.arange(count) % 2)).astype(np.float32)


def fitted(pixels: Pixels, outside: float) -> NDArray[np.float32]:
    """The plane centred in the next square that has a table: (side, side)."""
    longest = max(pixels.shape)
    step = SIZE_STEP if longest > SIZE_STEP else SIZE_STEP // 4
    side = -(-longest // step) * step
    square = np.full((side, side), outside, np.float32)
    square[window_of(pixels.shape, side)] = pixels
    return square


def window_of(shape: tuple[int, ...], side: int) -> tuple[slice, slice]:
    """Where ``fitted`` put the plane."""
    top, left = (side - shape[0]) // 2, (side - shape[1]) // 2
    return slice(top, top + shape[0]), slice(left, left + shape[1])
