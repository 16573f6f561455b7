"""Around the centre of the field of view: the rings of a CT detector, and what lies behind them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.measures.noise import correlation
from simgrid.quality.measures.view import View, circles, log_ratio, polar_around, ratio

MEASURES = {
    "ring_energy": "ln of the energy of the angular mean of radial detail, times angles, over all of it "
    "(polar methods: Sijbers & Postnov 2004, doi 10.1088/0031-9155/49/14/N06)",
    "ring_energy_median": "the same with the angular median, which edges move less",
    "ring_peak": "largest radius of that median over the median of its size",
    "ring_peaks": "share of radii above four times that median",
    "ring_quarters": "mean correlation of the radial detail between quarters of the circle",
    "ring_halves": "correlation of the radial detail between the two halves of the circle",
    "ring_inner": "the first measure within a third of the radius",
    "ring_middle": "the same in the middle third",
    "ring_outer": "the same in the outer third",
    "ring_elsewhere": "the first measure around four points off the centre: the control",
    "ring_excess": "the first measure less its control",
    "ring_air": "ring energy in what is dark: air shows rings best",
    "ring_pixels": "ln of the variance of the Laplacian's means over whole circles, over that of white noise",
    "ring_pixels_peak": "largest size of such a mean, in standard deviations that white noise would have",
    "ring_pixels_share": "share of circles whose mean is beyond four of these",
    "swirl": "ln of the energy of angular over radial detail at equal distances",
}


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES."""
    detail = _detail(view.polar)
    detail_mean = detail.mean(axis=0)
    middle = np.median(np.ascontiguousarray(detail[::2].T), axis=1)
    size = np.abs(middle)
    usual = max(float(np.median(size)), 1e-7)
    thirds = np.array_split(np.arange(detail.shape[1]), 3)
    quarters = np.array_split(detail, 4, axis=0)
    lines = [one.mean(axis=0) for one in quarters]
    pairs = [correlation(lines[i], lines[j]) for i in range(4) for j in range(i)]
    energy = _energy(detail, detail_mean)
    control = _elsewhere(view)
    around = np.diff(view.polar, axis=0)
    return (
        energy,
        _energy(detail, middle),
        ratio(float(size.max()), usual, 1e-7),
        float(np.mean(size > 4 * usual)),
        float(np.mean(pairs)),
        correlation((lines[0] + lines[1]), (lines[2] + lines[3])),
        *(_energy(detail[:, third], detail_mean[third]) for third in thirds),
        control,
        energy - control,
        _in_air(view.polar, detail, view.threshold),
        *_circles(view),
        log_ratio(float(np.mean(around**2)), float(np.mean(np.diff(view.polar, axis=1) ** 2))),
    )


def _detail(polar: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a moving mean of nine radii leaves, cut at 0.2 so that an edge counts no more than a ring."""
    padded = np.pad(polar, ((0, 0), (5, 4)), mode="edge")
    sums = np.cumsum(padded, axis=1, dtype=np.float32)
    detail: NDArray[np.float32] = np.clip(polar - (sums[:, 9:] - sums[:, :-9]) / 9, -0.2, 0.2)
    return detail


def _energy(detail: NDArray[np.float32], line: NDArray[np.float32]) -> float:
    """0 where angles have nothing in common (white noise), ln of their number where all are alike."""
    shared = float(np.mean(np.square(line, dtype=np.float64))) * detail.shape[0]
    return log_ratio(shared, float(np.mean(np.square(detail))))


def _elsewhere(view: View) -> float:
    rows, columns = view.z.shape
    radius = max(min(rows, columns) // 4, 8)
    found = []
    for row, column in ((0.42, 0.36), (0.36, 0.58), (0.58, 0.64), (0.64, 0.42)):
        detail = _detail(polar_around(view, row * rows, column * columns, radius, 3))
        found.append(_energy(detail, detail.mean(axis=0)) + float(np.log(3)))
    return float(np.median(found))


def _circles(view: View) -> tuple[float, float, float]:
    """Means over every pixel of a circle find rings far below the noise of a single pixel.

    Edges are cut at three times the usual size; circles of less than 4 pixels radius are left out.
    """
    usual = max(float(np.median(np.abs(view.laplacian[::3, ::3]))) / 0.6745, 1e-6)
    cut = np.clip(view.laplacian, -3 * usual, 3 * usual)
    index, counts, last = circles(cut.shape)
    means = (np.bincount(index, weights=cut.ravel(), minlength=counts.size) / counts)[4:last]
    spread = max(float(cut.std(dtype=np.float64)), 1e-9)
    scores = means * np.sqrt(counts[4:last]) / spread
    size = np.abs(scores)
    return log_ratio(float(np.mean(scores**2)), 1.0), float(size.max()), float(np.mean(size > 4))


def _in_air(polar: NDArray[np.float32], detail: NDArray[np.float32], threshold: float) -> float:
    dark = polar < threshold / 2
    counts = dark.sum(axis=0)
    enough = counts > polar.shape[0] // 6
    if not enough.any():
        return 0.0
    line = (detail * dark).sum(axis=0)[enough] / counts[enough]
    rest = float(np.mean(np.square(detail[:, enough][dark[:, enough]])))
    return log_ratio(float(np.mean(line**2 * counts[enough])), rest)
