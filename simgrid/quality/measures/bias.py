"""Slow changes of brightness that belong to the coil or the tube and not to the body."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.defect_names import family
from simgrid.quality.measures.noise import correlation
from simgrid.quality.measures.view import View, ratio

MEASURES = {
    "bias_cv": "coefficient of variation of bright block means (cf. MRIQC inu_range)",
    "bias_range": "P95 over P5 of bright block means",
    "bias_linear": "size of the gradient of ln brightness over the foreground, per half side",
    "bias_quadratic": "root mean square of a quadratic in ln brightness over the foreground (cf. N4)",
    "bias_explained": "share of the variance of ln brightness that the quadratic explains",
    "bias_peak": "largest less smallest value of that fit within the foreground",
    "bias_left": "ln of right over left brightness, absolute",
    "bias_top": "ln of lower over upper brightness, absolute",
    "bias_mirror": "root mean square of ln brightness less its mirror image",
    "bias_smooth": "ln-brightness variance at a scale of 64 pixels over that at 8 pixels",
    "bias_noise": "correlation of local noise with the fit: a coil's gain raises both",
}


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES; all 0 but for MR, which alone can have the defect."""
    if family(view.image.modality) != "MR":
        return (0.0,) * len(MEASURES)
    means, tissue = view.block_means, view.block_tissue
    bright = means[tissue]
    if bright.size < 12:
        return (0.0,) * len(MEASURES)
    logs = np.log(np.clip(means, 0.05, None))
    fit, full = _quadratic(logs, tissue)
    inside = logs[tissue]
    p05, p95 = np.quantile(bright, (0.05, 0.95))
    variance = float(inside.var())
    smooth = full[tissue]
    down, right = fit[1], fit[2]
    return (
        ratio(float(bright.std()), float(bright.mean()), 1e-3),
        ratio(float(p95), float(p05), 0.02),
        float(np.hypot(down, right)),
        float(smooth.std()),
        ratio(float(smooth.var()), variance, 1e-9),
        float(np.ptp(smooth)),
        abs(_halves(logs, tissue, 1)),
        abs(_halves(logs, tissue, 0)),
        _mirror(logs, tissue),
        _coarse(logs, tissue, variance),
        correlation(view.block_noise[tissue], smooth),
    )


def _quadratic(
    logs: NDArray[np.float64], tissue: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coefficients of 1, y, x, y^2, x^2, xy (half sides), least squares over the foreground; the surface."""
    y, x = np.meshgrid(np.linspace(-1, 1, logs.shape[0]), np.linspace(-1, 1, logs.shape[1]), indexing="ij")
    basis = np.stack([np.ones_like(x), y, x, y * y, x * x, x * y], axis=-1)
    chosen = basis[tissue]
    normal = chosen.T @ chosen + 1e-3 * np.eye(6)
    fit = np.linalg.solve(normal, chosen.T @ logs[tissue]).astype(np.float64)
    return fit, basis @ fit


def _halves(logs: NDArray[np.float64], tissue: NDArray[np.bool_], axis: int) -> float:
    middle = logs.shape[axis] // 2
    first, second = np.arange(middle), np.arange(logs.shape[axis] - middle, logs.shape[axis])
    one = np.take(logs, first, axis)[np.take(tissue, first, axis)]
    other = np.take(logs, second, axis)[np.take(tissue, second, axis)]
    return float(np.median(other) - np.median(one)) if one.size and other.size else 0.0


def _mirror(logs: NDArray[np.float64], tissue: NDArray[np.bool_]) -> float:
    both = tissue & tissue[:, ::-1]
    return float(np.sqrt(np.mean((logs - logs[:, ::-1])[both] ** 2))) if both.any() else 0.0


def _coarse(logs: NDArray[np.float64], tissue: NDArray[np.bool_], variance: float) -> float:
    rows, columns = logs.shape[0] // 8, logs.shape[1] // 8
    if rows < 1 or columns < 1:
        return 0.0
    tiles = (slice(0, rows * 8), slice(0, columns * 8))
    counts = tissue[tiles].reshape(rows, 8, columns, 8).sum(axis=(1, 3))
    sums = (logs * tissue)[tiles].reshape(rows, 8, columns, 8).sum(axis=(1, 3))
    enough = counts >= 16
    return ratio(float((sums[enough] / counts[enough]).var()), variance, 1e-9) if enough.sum() > 1 else 0.0
