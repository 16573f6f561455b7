"""Where the object lies: cut by a border, wrapped around, lopsided, bright outside and dark inside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.measures.noise import correlation
from simgrid.quality.measures.view import View

MEASURES = {
    "border_foreground": "share of the border's blocks that are bright: a body that goes on outside",
    "border_foreground_max": "the same on the fullest of the four sides",
    "border_foreground_min": "the same on the emptiest",
    "border_mean": "mean of z on the border",
    "border_less_centre": "mean of z on the border less that in the middle ninth: above 0 where inverted",
    "border_gradient": "mean step over the second line from the border against that of the whole plane",
    "border_flat": "share of rows and columns at the edges that do not vary: a collimator or a padding",
    "cut_step": "largest difference of neighbouring rows' or columns' means in z: where a field ends",
    "field_ends": "distance of the centre of mass from the middle, in half sides",
    "wrap_x": "correlation of the left border with the right one",
    "wrap_y": "correlation of the upper border with the lower one",
    "corner_flat": "share of corner pixels at one value: a round reconstruction field",
    "mirror_x": "correlation of blocks with their mirror image left to right",
    "mirror_y": "the same top to bottom",
    "bright_to_centre": "correlation of brightness with distance from the middle: above 0 where inverted",
    "detail_skewness": "skewness of the Laplacian: thin bright lines or thin dark ones",
    "structure_skewness": "skewness of block means less those of their neighbours",
    "dark_hangs_together": "share of dark blocks that hang together with the border",
    "air_minus_rim": "CT: lowest hundredth on its own scale, in thousands of HU; elsewhere 0",
    "middle_hu": "CT: median of bright blocks on its own scale, in thousands of HU; elsewhere 0",
}


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES."""
    means, tissue = view.block_means, view.block_tissue
    sides = [float(side.mean()) for side in (tissue[0], tissue[-1], tissue[:, 0], tissue[:, -1])]
    rim = np.concatenate([means[0], means[-1], means[:, 0], means[:, -1]])
    rows, columns = means.shape
    middle = means[rows // 3 : rows - rows // 3, columns // 3 : columns - columns // 3]
    dark = ~tissue
    return (
        float(np.mean(sides)),
        max(sides),
        min(sides),
        float(rim.mean()),
        float(rim.mean() - middle.mean()),
        *_borders(view),
        *_object_place(means),
        *_wraps(view.z),
        _corners(view),
        correlation(means.ravel(), means[:, ::-1].ravel()),
        correlation(means.ravel(), means[::-1].ravel()),
        correlation(means.ravel(), _distances(means.shape).ravel()),
        _skewness(view.laplacian.ravel()[::3]),
        _skewness((means[1:-1, 1:-1] - _neighbours(means)).ravel()),
        float(view.block_air.sum()) / max(float(dark.sum()), 1.0),
        *_hounsfield(view),
    )


def _borders(view: View) -> tuple[float, float, float]:
    z = view.z
    steps = [
        np.abs(z[1] - z[2]),
        np.abs(z[-2] - z[-3]),
        np.abs(z[:, 1] - z[:, 2]),
        np.abs(z[:, -2] - z[:, -3]),
    ]
    usual = float(view.gradient.mean(dtype=np.float64))
    lines = [
        np.ptp(part, axis=axis) for part, axis in ((z[:4], 1), (z[-4:], 1), (z[:, :4], 0), (z[:, -4:], 0))
    ]
    by_row, by_column = z.mean(axis=1, dtype=np.float64), z.mean(axis=0, dtype=np.float64)
    step = max(float(np.abs(np.diff(by_row)).max()), float(np.abs(np.diff(by_column)).max()))
    here = float(np.mean([side.mean() for side in steps]))
    return here / max(usual, 1e-4), float(np.mean(np.concatenate(lines) < 1e-5)), step


def _object_place(means: NDArray[np.float64]) -> tuple[float]:
    weight = np.maximum(means, 0)
    total = max(float(weight.sum()), 1e-9)
    down = float((weight.sum(axis=1) * np.linspace(-1, 1, means.shape[0])).sum()) / total
    right = float((weight.sum(axis=0) * np.linspace(-1, 1, means.shape[1])).sum()) / total
    return (float(np.hypot(down, right)),)


def _wraps(z: NDArray[np.float32]) -> tuple[float, float]:
    return (
        correlation(z[:, :3].mean(axis=1), z[:, -3:].mean(axis=1)),
        correlation(z[:3].mean(axis=0), z[-3:].mean(axis=0)),
    )


def _corners(view: View) -> float:
    rows, columns = (max(side // 12, 2) for side in view.z.shape)
    z = view.z
    corners = (z[:rows, :columns], z[:rows, -columns:], z[-rows:, :columns], z[-rows:, -columns:])
    return float(np.mean([np.mean(np.abs(one - one[0, 0]) < 1e-5) for one in corners]))


def _distances(shape: tuple[int, ...]) -> NDArray[np.float64]:
    return np.hypot(np.linspace(-1, 1, shape[0])[:, None], np.linspace(-1, 1, shape[1])[None, :])


def _neighbours(means: NDArray[np.float64]) -> NDArray[np.float64]:
    around: NDArray[np.float64] = (
        means[:-2, 1:-1] + means[2:, 1:-1] + means[1:-1, :-2] + means[1:-1, 2:]
    ) / 4
    return around


def _skewness(sample: NDArray[np.floating]) -> float:
    centred = sample - sample.mean()
    spread = float(centred.std())
    return float(np.mean(centred * centred * centred)) / spread**3 if spread > 1e-6 else 0.0


def _hounsfield(view: View) -> tuple[float, float]:
    if view.image.modality != "CT":
        return 0.0, 0.0
    low, span = view.span
    bright = view.block_means[view.block_tissue]
    middle = float(np.median(bright)) if bright.size else 0.0
    return view.quantile(0.01) / 1000, (low + span * middle) / 1000
