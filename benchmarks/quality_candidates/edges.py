"""Where in the spectrum an image ends, and how steep its steepest edges are, followed across each edge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.measures.view import View

MEASURES = {
    "cut_x": "largest drop of ln power along the frequencies in x: where k-space or a kernel ends",
    "cut_y": "the same in y",
    "cut_place_x": "where it drops, 0 the lowest frequency and 1 the highest",
    "cut_place_y": "the same in y",
    "reach_x": "where ln power in x first comes within 0.7 of its end",
    "reach_y": "the same in y",
    "cut_largest": "the greater of the two drops",
    "reach_least": "the lesser of the two places",
    "reach_axes": "their distance",
    "fall_low": "slope of ln power on squared frequency, rings 3 to 10: a Gaussian's width",
    "fall_mid": "the same, rings 8 to 18",
    "fall_high": "the same, rings 16 to 28",
    "floor_place": "where ln power first comes within 0.7 of the outermost rings",
    "across_p10": "width of edges, lowest tenth: range over steepest step along the normal, 13 pixels",
    "across_p50": "the same, median",
    "across_overshoot": "median of what the profile falls back by from its highest: ringing",
    "across_near": "median of the steps beside the steepest, as shares of it",
    "across_near_p10": "the lowest tenth of these",
}
_BINS = 64
_HALF = 6  # pixels to each side of an edge
_MOST = 1500  # edges that are followed
Line = NDArray[np.float64]


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES."""
    rows = view.spectrum.shape[0] // 2
    in_x = _ends(view.spectrum.mean(axis=0))
    in_y = _ends((view.spectrum[:rows] + view.spectrum[::-1][:rows]).mean(axis=1))
    rings = view.spectral_map.mean(axis=1)
    logs = np.log(np.maximum(rings, max(float(rings[1:].mean()), 1e-12) * 1e-10))
    squared = (np.arange(rings.size) + 0.5) ** 2 / 1000
    return (
        *(value for pair in zip(in_x, in_y, strict=True) for value in pair),
        max(in_x[0], in_y[0]),
        min(in_x[2], in_y[2]),
        abs(in_x[2] - in_y[2]),
        *(_slope(squared[a:b], logs[a:b]) for a, b in ((3, 10), (8, 18), (16, 28))),
        float(np.argmax(logs < logs[27:31].mean() + 0.7)) / rings.size,
        *_across(view),
    )


def _ends(power: NDArray[np.float32]) -> tuple[float, float, float]:
    """Largest drop, its place, and the place where the end is nearly reached."""
    logs = np.log(np.maximum(power.astype(np.float64), 1e-12))
    bounds = np.linspace(0, logs.size - 1, _BINS + 1).astype(np.int64)
    sums = np.concatenate([[0.0], np.cumsum(logs)])
    last = np.maximum(bounds[1:], bounds[:-1] + 1)
    profile = (sums[last] - sums[bounds[:-1]]) / (last - bounds[:-1])
    drop = (profile[:-6] + profile[1:-5] - profile[5:-1] - profile[6:]) / 2
    at = 6 + int(np.argmax(drop[6:]))
    near = profile < profile[-8:].mean() + 0.7
    return float(drop[at]), at / _BINS, float(np.argmax(near)) / _BINS


def _slope(x: Line, y: Line) -> float:
    centred = x - x.mean()
    return float(centred @ y / (centred @ centred))


def _across(view: View) -> tuple[float, float, float, float, float]:
    """Profiles along the gradient through the steepest two hundredths of the pixels."""
    strong = np.quantile(view.gradient.ravel()[::5], 0.995)
    flat = np.flatnonzero(view.gradient.ravel() >= strong)
    flat = flat[:: max(1, flat.size // _MOST)]
    y, x = np.divmod(flat, view.gradient.shape[1])
    inside = (y > _HALF) & (y < view.z.shape[0] - _HALF - 1) & (x > _HALF) & (x < view.z.shape[1] - _HALF - 1)
    y, x = y[inside], x[inside]
    if y.size <= 20:
        return (0.0,) * 5
    right, below = view.dx[y, x], view.dy[y, x]
    size = np.hypot(right, below) + np.float32(1e-9)
    away = np.arange(-_HALF, _HALF + 1)
    rows = np.rint(y[:, None] + (below / size)[:, None] * away).astype(np.int64)
    columns = np.rint(x[:, None] + (right / size)[:, None] * away).astype(np.int64)
    profile = view.z[rows, columns]
    top = profile.max(axis=1)
    extent = top - profile.min(axis=1)
    steps = np.abs(np.diff(profile, axis=1))
    steepest = np.maximum(steps.max(axis=1), np.float32(1e-4))
    near = (steps[:, _HALF - 2] + steps[:, _HALF + 1]) / (2 * steepest)
    widths = np.quantile(extent / steepest, (0.1, 0.5))
    fallen = np.median((top - profile[:, -1]) / np.maximum(extent, np.float32(1e-4)))
    return float(widths[0]), float(widths[1]), float(fallen), *np.quantile(near, (0.5, 0.1)).tolist()
