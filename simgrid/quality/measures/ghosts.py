"""Copies of the object where it is not: half a field of view away, or at any other even distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.defect_names import family
from simgrid.quality.measures.noise import correlation
from simgrid.quality.measures.view import View, log_ratio, ratio

MEASURES = {
    "ghost_x": "ghost-to-signal ratio, half a field away in x (Giannelli 2010, MRIQC gsr)",
    "ghost_y": "the same in y",
    "ghost_half_x": "autocorrelation of edges at half the field in x",
    "ghost_half_y": "the same in y",
    "ghost_third": "the greater of that at a third in x and y",
    "ghost_quarter": "the greater of that at a quarter in x and y",
    "ghost_comb_x": "largest autocorrelation of edges beyond a tenth of the field in x, over its spread",
    "ghost_comb_y": "the same in y",
    "air_level": "mean of air over mean of tissue, in z",
    "air_structure": "ln of the variation of air between blocks over its noise (cf. QI1, Mortamet 2009)",
    "air_range": "P99 of air over its median, in z",
    "air_stripes_x": "variation of column means of air over that of all air",
    "air_stripes_y": "variation of row means of air over that of all air",
    "air_like_object_x": "correlation of air with the object half a field away in x",
    "air_like_object_y": "the same in y",
    "air_share": "share of blocks that are air",
}


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES; all 0 but for MR, which alone can have the defect."""
    if family(view.image.modality) != "MR":
        return (0.0,) * len(MEASURES)
    air, means = view.block_air, view.block_means
    tissue = means[view.block_tissue]
    signal = float(tissue.mean()) if tissue.size else 1.0
    inside = means[air]
    edges = view.edge_correlation
    return (
        _ghost_ratio(means, air, signal, axis=1),
        _ghost_ratio(means, air, signal, axis=0),
        *_echoes(edges),
        _comb(edges[0]),
        _comb(edges[:, 0]),
        *_air(view, inside, signal),
        _stripes(means, air, 0),
        _stripes(means, air, 1),
        _like_object(means, air, 1),
        _like_object(means, air, 0),
        float(air.mean()),
    )


def _ghost_ratio(means: NDArray[np.float64], air: NDArray[np.bool_], signal: float, axis: int) -> float:
    """(mean of the air that half a field away is object - mean of the other air) / twice the signal."""
    opposite = np.roll(~air, air.shape[axis] // 2, axis=axis)
    ghost, free = means[air & opposite], means[air & ~opposite]
    if ghost.size == 0 or free.size == 0:
        return 0.0
    return ratio(float(ghost.mean() - free.mean()), 2 * signal, 1e-3)


def _echoes(edges: NDArray[np.float32]) -> tuple[float, float, float, float]:
    lines = (edges[0], edges[:, 0])

    def at(line: NDArray[np.float32], share: float) -> float:
        place = round(line.size * share)
        return float(line[max(place - 1, 1) : place + 2].max())

    return (
        at(lines[0], 1 / 2),
        at(lines[1], 1 / 2),
        max(at(line, 1 / 3) for line in lines),
        max(at(line, 1 / 4) for line in lines),
    )


def _comb(line: NDArray[np.float32]) -> float:
    far = line[line.size // 10 : line.size // 2 + 2].astype(np.float64)
    return ratio(float(far.max() - far.mean()), float(far.std()), 1e-6) if far.size > 2 else 0.0


def _air(view: View, inside: NDArray[np.float64], signal: float) -> tuple[float, float, float]:
    if inside.size < 4:
        return 0.0, 0.0, 0.0
    noise = float(np.median(view.block_noise[view.block_air])) / 8  # of a mean of 64 pixels
    middle, top = np.quantile(inside, (0.5, 0.99))
    return (
        ratio(float(inside.mean()), signal, 1e-3),
        log_ratio(float(inside.std()), noise, 1e-4),
        float(top - middle),
    )


def _stripes(means: NDArray[np.float64], air: NDArray[np.bool_], axis: int) -> float:
    counts = air.sum(axis=axis)
    lines = (means * air).sum(axis=axis)[counts > 2] / counts[counts > 2]
    return ratio(float(lines.std()), float(means[air].std()), 1e-4) if lines.size > 2 else 0.0


def _like_object(means: NDArray[np.float64], air: NDArray[np.bool_], axis: int) -> float:
    there = np.roll(means, means.shape[axis] // 2, axis=axis)
    return correlation(means[air], there[air]) if air.sum() > 4 else 0.0
