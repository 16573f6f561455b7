"""MR: the field of a coil, out of what changes slowly within tissue that is flat.

Anatomy has steep steps and flat insides; a coil has a small slope everywhere. A cubic whose *slopes* fit
those of ln brightness, steep ones counting little, is the coil's (sparse gradients: Zheng and Gee 2010, doi
10.1007/978-3-642-15711-0_50).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.defect_names import family
from simgrid.quality.measures.noise import correlation
from simgrid.quality.measures.view import Mask, View, blocks

MEASURES = {
    "shade_range": "P98 less P2 of the fitted field within tissue, ln; MR, elsewhere 0, as all of these",
    "shade_spread": "standard deviation of it",
    "shade_slope": "size of its linear part, per half side",
    "shade_flattens": "ln of the median slope of ln brightness before the field is taken away, over after",
    "shade_explains": "share of the weighted squared slopes that the field explains",
    "shade_entropy": "entropy of ln brightness before the field is taken away, less after (cf. N3, N4)",
    "shade_variance": "ln of the variance before over that after",
    "shade_rest": "median slope that is left",
    "shade_tiles": "range of the 85th percentile of ln brightness over 5 x 5 tiles",
    "shade_tiles_fit": "standard deviation of a quadratic through these",
    "shade_air": "range of a quadratic through ln noise of the air",
    "shade_air_agrees": "correlation of that with the fitted field: a coil's gain raises both",
}
_TERMS = ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3))  # powers of y and x
_ROUNDS = 6
_TILES = 5
Plane = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Slopes:
    """Differences of ln brightness per half side between neighbours in tissue; ``basis``: of each term."""

    found: Plane
    basis: Plane


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES."""
    if family(view.image.modality) != "MR":
        return (0.0,) * len(MEASURES)
    means = blocks(view.z, 4 if max(view.z.shape) < 400 else 8).mean(axis=1).mean(axis=-1).astype(np.float64)
    tissue: Mask = means >= max(0.7 * view.threshold, 0.08)
    logs = np.log(np.clip(means, 0.05, None))
    slopes = _slopes(logs, tissue)
    if slopes.found.size < 60:
        return (0.0,) * len(MEASURES)
    fit, weights = _fitted(slopes)
    rest = slopes.found - slopes.basis @ fit
    down, across = _places(logs.shape)
    field = _field(fit, down, across)[tissue]
    inside = logs[tissue]
    weighted = float((weights * slopes.found**2).sum())
    return (
        float(np.quantile(field, 0.98) - np.quantile(field, 0.02)),
        float(field.std()),
        float(np.hypot(fit[0], fit[1])),
        float(np.log(np.median(np.abs(slopes.found)) + 1e-4) - np.log(np.median(np.abs(rest)) + 1e-4)),
        float((weights * (slopes.found - rest) ** 2).sum()) / max(weighted, 1e-9),
        _entropy(inside) - _entropy(inside - field),
        float(np.log(max(inside.var(), 1e-5) / max((inside - field).var(), 1e-5))),
        float(np.median(np.abs(rest))),
        *_tiles(logs, tissue),
        *_air(view, fit),
    )


def _places(shape: tuple[int, ...]) -> tuple[Plane, Plane]:
    down, across = np.meshgrid(np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1]), indexing="ij")
    return down, across


def _slopes(logs: Plane, tissue: Mask) -> _Slopes:
    down, across = _places(logs.shape)
    right = np.diff(logs, axis=1) * (logs.shape[1] - 1) / 2
    below = np.diff(logs, axis=0) * (logs.shape[0] - 1) / 2
    in_row, in_column = tissue[:, 1:] & tissue[:, :-1], tissue[1:] & tissue[:-1]
    halfway = (across[:, 1:] + across[:, :-1])[in_row] / 2, (down[1:] + down[:-1])[in_column] / 2
    by_x = [j * halfway[0] ** max(j - 1, 0) * down[:, 1:][in_row] ** i for i, j in _TERMS]
    by_y = [i * halfway[1] ** max(i - 1, 0) * across[1:][in_column] ** j for i, j in _TERMS]
    basis = np.concatenate([np.stack(by_x, axis=-1), np.stack(by_y, axis=-1)])
    return _Slopes(np.concatenate([right[in_row], below[in_column]]), basis)


def _fitted(slopes: _Slopes) -> tuple[Plane, Plane]:
    """Coefficients by reweighted least squares, and the last weights: steep steps count next to nothing."""
    weights = np.ones(slopes.found.size)
    little = 1e-4 * slopes.found.size * np.eye(len(_TERMS))
    fit: Plane = np.zeros(len(_TERMS))
    for _ in range(_ROUNDS):
        weighted = slopes.basis * weights[:, None]
        fit = np.asarray(
            np.linalg.solve(slopes.basis.T @ weighted + little, weighted.T @ slopes.found), np.float64
        )
        rest = slopes.found - slopes.basis @ fit
        usual = max(1.2 * float(np.median(np.abs(rest))), 1e-4)
        weights = (1 + (rest / usual) ** 2) ** -1.5
    return fit, weights


def _field(fit: Plane, down: Plane, across: Plane) -> Plane:
    parts = [c * down**i * across**j for c, (i, j) in zip(fit, _TERMS, strict=True)]
    return np.asarray(np.sum(parts, axis=0))


def _entropy(sample: Plane) -> float:
    """Of a density, in 40 levels between the outer hundredths."""
    low, high = np.quantile(sample, (0.01, 0.99))
    width = max(float(high - low), 0.05)
    counts = np.histogram(sample, bins=40, range=(float(low), float(low) + width))[0] + 1e-9
    shares = counts / counts.sum()
    return float(-(shares * np.log(shares)).sum() + np.log(width))


def _tiles(logs: Plane, tissue: Mask) -> tuple[float, float]:
    rows, columns = (np.array_split(np.arange(side), _TILES) for side in logs.shape)
    places, found = [], []
    for i, down in enumerate(rows):
        for j, across in enumerate(columns):
            part = logs[np.ix_(down, across)][tissue[np.ix_(down, across)]]
            if part.size >= 8:
                places.append((i / 2 - 1, j / 2 - 1))
                found.append(float(np.quantile(part, 0.85)))
    if len(found) < 8:
        return (float(np.ptp(found)) if len(found) > 4 else 0.0), 0.0
    y, x = np.array(places).T
    return float(np.ptp(found)), float(_quadratic(y, x, np.array(found)).std())


def _air(view: View, fit: Plane) -> tuple[float, float]:
    noisy = view.block_air & (view.block_noise > 2e-4)
    if noisy.sum() <= 20:
        return 0.0, 0.0
    y, x = (place[noisy] for place in _places(view.block_noise.shape))
    smooth = _quadratic(y, x, np.log(view.block_noise[noisy]))
    return float(np.quantile(smooth, 0.95) - np.quantile(smooth, 0.05)), correlation(
        _field(fit, y, x), smooth
    )


def _quadratic(y: Plane, x: Plane, found: Plane) -> Plane:
    """Its values at the places where it was fitted."""
    basis = np.stack([np.ones_like(x), y, x, y * y, x * x, x * y], axis=-1)
    normal = basis.T @ basis + 1e-6 * len(x) * np.eye(6)
    return np.asarray(basis @ np.linalg.solve(normal, basis.T @ found))
