"""CT: rings around an axis that is not in the middle of the picture.

Seen from the middle, a ring around an axis e away lies e cos further out on one side and as much nearer on
the other. Profiles of opposite sectors are therefore alike at a lag of 2 e cos: the lags of six pairs of
sectors vote for the axis, and rings are measured around that.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.defect_names import family
from simgrid.quality.measures.view import View, log_ratio

MEASURES = {
    "axis_alike": "median over six pairs of opposite sectors of the highest correlation of their radial "
    "detail at any lag; CT, elsewhere 0, as all of these",
    "axis_vote": "mean correlation of the pairs at the lags of the best axis",
    "axis_vote_score": "that over the votes for all axes, in standard deviations",
    "axis_off": "distance of that axis from the middle, in sides",
    "axis_rings": "ln of the variance of the Laplacian's means over circles around it, over white noise",
    "axis_peak": "largest size of such a mean, in standard deviations that white noise would have",
    "axis_share": "share of circles whose mean is beyond four of these",
    "axis_gain": "the measure before last but one less the same around the middle",
}
_SECTORS, _WITHIN = 12, 15  # and so many rays in each
_FIRST = 6  # pixels of radius: smaller circles have too few pixels
_FARTHEST = 0.045  # of the side: an axis is sought no further from the middle
_NEIGHBOURS = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES."""
    if family(view.image.modality) != "CT":
        return (0.0,) * len(MEASURES)
    usual = max(float(np.median(np.abs(view.laplacian[::3, ::3]))) / 0.6745, 1e-6)
    cut = np.clip(view.laplacian, -3 * usual, 3 * usual)
    radius = max(int(0.42 * min(cut.shape)), _FIRST + 8)
    middle = _around(cut, 0, 0, radius)
    lags = max(int(2 * _FARTHEST * max(cut.shape)), 2)
    alike = _correlations(middle, lags)
    votes, off = _votes(alike, lags)
    at = int(np.argmax(votes))
    down, across = int(off[0].flat[at]), int(off[1].flat[at])
    spread = max(float(cut.std(dtype=np.float64)), 1e-9)
    found = [_scores(_around(cut, down + y, across + x, radius), spread) for y, x in _NEIGHBOURS]
    best = max(found, key=lambda one: float(np.mean(one**2)))
    energy = float(np.mean(best**2))
    return (
        float(np.median(alike.max(axis=1))),
        float(votes.max()),
        float((votes.max() - votes.mean()) / max(float(votes.std()), 1e-6)),
        float(np.hypot(down, across)) / max(cut.shape),
        log_ratio(energy, 1.0, 1e-6),
        float(np.abs(best).max()),
        float(np.mean(np.abs(best) > 4)),
        log_ratio(energy, float(np.mean(_scores(middle, spread) ** 2)), 1e-6),
    )


def _around(cut: NDArray[np.float32], down: int, across: int, radius: int) -> NDArray[np.float32]:
    """(rays, radii) around a point that lies so far from the middle, nearest neighbours."""
    rows, columns = _grid(cut.shape, radius)
    y = np.clip(rows + down, 0, cut.shape[0] - 1)
    x = np.clip(columns + across, 0, cut.shape[1] - 1)
    found: NDArray[np.float32] = cut.ravel()[y * cut.shape[1] + x]
    return found


@lru_cache(maxsize=16)
def _grid(shape: tuple[int, int], radius: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    count = _SECTORS * _WITHIN
    angles = np.arange(count)[:, None] * (2 * np.pi / count)
    radii = np.arange(_FIRST, radius) + 0.5
    rows = np.rint((shape[0] - 1) / 2 + np.sin(angles) * radii).astype(np.int32)
    return rows, np.rint((shape[1] - 1) / 2 + np.cos(angles) * radii).astype(np.int32)


def _correlations(rays: NDArray[np.float32], lags: int) -> NDArray[np.float64]:
    """(6, 2 lags + 1): of the radial profiles of opposite sectors, by lag from -lags."""
    lines = rays.reshape(_SECTORS, _WITHIN, -1).mean(axis=1, dtype=np.float64)
    lines -= lines.mean(axis=1, keepdims=True)
    one, other = np.split(lines, 2)
    moved = np.fft.rfft(lines, 2 * max(lines.shape[1], lags + 1), axis=1)
    products = np.fft.irfft(moved[:6] * np.conj(moved[6:]), axis=1)
    sizes = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    alike = products / np.maximum(sizes, 1e-9)[:, None]
    return np.concatenate([alike[:, -lags:], alike[:, : lags + 1]], axis=1)


def _votes(
    alike: NDArray[np.float64], lags: int
) -> tuple[NDArray[np.float64], tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The mean correlation for each axis (rows and columns from the middle), and these."""
    at, down, across = _axes(lags)
    return np.take_along_axis(alike, at, axis=1).mean(axis=0), (down, across)


@lru_cache(maxsize=16)
def _axes(lags: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """(6, axes): where the correlation for each axis is; the axes."""
    reach = np.arange(-(lags // 2), lags // 2 + 1)
    down, across = (one.ravel() for one in np.meshgrid(reach, reach, indexing="ij"))
    angles = (np.arange(6) * _WITHIN + (_WITHIN - 1) / 2) * (2 * np.pi / (_SECTORS * _WITHIN))
    lag = np.rint(2 * (np.sin(angles)[:, None] * down + np.cos(angles)[:, None] * across)).astype(np.int64)
    return np.clip(lag, -lags, lags) + lags, down, across


def _scores(rays: NDArray[np.float32], spread: float) -> NDArray[np.float64]:
    """Means over circles, in standard deviations that those of white noise have."""
    return np.asarray(rays.mean(axis=0, dtype=np.float64) * np.sqrt(rays.shape[0]) / spread)
