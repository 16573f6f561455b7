"""How the power of the image is spread over frequencies and directions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.measures.noise import correlation
from simgrid.quality.measures.view import View, log_ratio

_BANDS = ((1, 2), (2, 3), (3, 5), (5, 8), (8, 12), (12, 17), (17, 23), (23, 28), (28, 32))
MEASURES = {
    **{
        f"band_{low}_{high}": f"ln of mean power in rings {low} to {high} of 32 over that of all rings"
        for low, high in _BANDS
    },
    "slope_low": "slope of ln power on ln frequency, rings 2 to 10: -2 to -3 in nature (Field 1987)",
    "slope_high": "the same, rings 10 to 31: near 0 where white noise lies under the image",
    "curvature": "difference of the two",
    "floor": "ln of the least over the greatest ring",
    "ripple": "what a parabola leaves of the radial ln power: zeros of a motion blur, rings of a kernel",
    "anisotropy_low": "standard deviation of ln power over angles, rings 2 to 8",
    "anisotropy_mid": "the same, rings 8 to 18",
    "anisotropy_high": "the same, rings 18 to 30",
    "axis_x": "ln power on the x axis over its neighbours: streaks along y",
    "axis_y": "ln power on the y axis over its neighbours: streaks along x",
    "oriented": "largest difference of ln power between a direction and that across it, rings 6 to 24",
    "spike": "ln of the strongest single frequency outside the middle over its ring's mean (k-space spike)",
    "zero_filled": "ln of the power in the corners over the outermost rings: interpolation, zero-filling",
    "edge_x": "ln power near Nyquist in x over that near Nyquist in y",
}


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES."""
    table = view.spectral_map
    rings = table.mean(axis=1)
    whole = float(rings[1:].mean())
    logs = np.log(np.maximum(rings[1:], max(whole, 1e-12) * 1e-9))
    steps = np.log(np.arange(1, rings.size) + 0.5)
    low, high = _slope(steps[1:9], logs[1:9]), _slope(steps[9:30], logs[9:30])
    angles = np.log(np.maximum(table, max(whole, 1e-12) * 1e-9))
    across = angles[6:24].mean(axis=0)
    parabola = np.polynomial.Polynomial.fit(steps[2:], logs[2:], 2)
    return (
        *(log_ratio(float(rings[a:b].mean()), whole, 1e-12) for a, b in _BANDS),
        low,
        high,
        high - low,
        float(logs.min() - logs.max()),
        float(np.std(logs[2:] - parabola(steps[2:]))),
        float(angles[2:8].mean(axis=0).std()),
        float(angles[8:18].mean(axis=0).std()),
        float(angles[18:30].mean(axis=0).std()),
        *_axes(view.spectrum),
        float(np.abs(across - np.roll(across, across.size // 2)).max()),
        _spike(view, rings),
        _corners(view.spectrum, rings),
        float(angles[26:31, [0, -1]].mean() - angles[26:31, 11:13].mean()),
    )


def _slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return correlation(x, y) * float(y.std() / max(x.std(), 1e-12))


def _axes(power: NDArray[np.float32]) -> tuple[float, float]:
    """Power on an axis beyond the lowest frequencies, over that a few lines beside it."""
    near, far = max(4, power.shape[0] // 32), power.shape[0] // 2
    right = power.shape[1]
    on_x = float(power[0, near : right - 1].mean())
    by_x = float(power[3:7, near : right - 1].mean())
    on_y = float(power[near:far, 0].mean())
    by_y = float(power[near:far, 3:7].mean())
    return log_ratio(on_x, by_x), log_ratio(on_y, by_y)


def _spike(view: View, rings: NDArray[np.float64]) -> float:
    """Only half of the plane is searched, which holds every frequency once."""
    rows, half = view.spectrum.shape
    inner_rows, inner = max(rows // 12, 2), max(half // 6, 2)
    region = view.spectrum[:, inner:]
    at = int(np.argmax(region))
    row, column = divmod(at, region.shape[1])
    distance = np.hypot(min(row, rows - row) / rows, (column + inner) / (2 * half)) * 2
    best, ring = float(region.flat[at]), min(int(distance * rings.size), rings.size - 1)
    along = view.spectrum[inner_rows : rows // 2, :inner]
    if along.size:
        second = divmod(int(np.argmax(along)), along.shape[1])
        other = min(int((second[0] + inner_rows) / rows * 2 * rings.size), rings.size - 1)
        return max(log_ratio(best, rings[ring]), log_ratio(float(along.max()), rings[other]))
    return log_ratio(best, rings[ring])


def _corners(power: NDArray[np.float32], rings: NDArray[np.float64]) -> float:
    rows, half = power.shape
    corner = power[int(rows * 0.42) : int(rows * 0.58), int(half * 0.84) :]
    return log_ratio(float(corner.mean()) if corner.size else 0.0, float(rings[26:31].mean()), 1e-12)
