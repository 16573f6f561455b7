"""How sharp edges are, and whether they are sharper in one direction than in another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.measures.view import View, blocks, log_ratio, ratio

MEASURES = {
    "sharp_laplacian": "ln of the Laplacian's variance over the plane's (Pech-Pacheco 2000)",
    "sharp_gradient": "ln of the gradient's energy over the plane's variance (Tenengrad; Krotkov 1988)",
    "sharp_brenner": "ln of the energy of differences over two pixels (Brenner 1976)",
    "sharp_gradient_p99": "P99 of the gradient's size: the steepest edges per pixel",
    "sharp_gradient_tail": "P99.5 over the median of the gradient's size",
    "fwhm_x": "full width at half maximum of the smoothness in x, pixels (Forman 1995; AFNI, MRIQC)",
    "fwhm_y": "the same in y",
    "fwhm_ratio": "ln of x over y: blur in one direction",
    "reblur_x": "loss of differences by a further blur in x (Crete 2007, doi 10.1117/12.702790)",
    "reblur_y": "the same in y",
    "reblur_ratio": "difference of the two",
    "edge_width": "median width of strong edges, pixels: range over largest gradient (Marziliano 2002)",
    "edge_width_p10": "lowest tenth of it: the sharpest edges there are",
    "gradient_anisotropy": "|ln| of the energy in x over y",
    "gradient_coherence": "coherence of the mean structure tensor (Bigun & Granlund 1987)",
    "step_two_over_one": "ln of the energy of differences over two pixels against one: 0 for white noise",
    "laplacian_over_gradient": "ln of second-order over first-order energy",
    "double_edge_x": "highest bend in the autocorrelation of edges at 4 to 26 pixels in x",
    "double_edge_y": "the same in y",
}


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES."""
    z, dx, dy = view.z, view.dx, view.dy
    variance = float(z.var(dtype=np.float64))
    ex, ey = _energy(dx), _energy(dy)
    second = _energy(view.laplacian) / 2
    two = (_energy(z[:, 2:] - z[:, :-2]) + _energy(z[2:] - z[:-2])) / 2
    steep = np.sort(view.gradient.ravel()[::5])
    p50, p99, top = (float(steep[int(q * (steep.size - 1))]) for q in (0.5, 0.99, 0.995))
    wx, wy = _fwhm(ex, variance), _fwhm(ey, variance)
    bx, by = _reblur(z, 1), _reblur(z, 0)
    widths = _edge_widths(view)
    exy = float(np.mean(dx[:-1] * dy[:, :-1], dtype=np.float64))
    return (
        log_ratio(second, variance),
        log_ratio(ex + ey, variance),
        log_ratio(two, variance),
        p99,
        ratio(top, p50, 1e-3),
        wx,
        wy,
        log_ratio(wx, wy, 1e-3),
        bx,
        by,
        bx - by,
        float(widths[0]),
        float(widths[1]),
        abs(log_ratio(ex, ey)),
        ratio(float(np.hypot(ex - ey, 2 * exy)), ex + ey, 1e-12),
        log_ratio(2 * two, ex + ey),
        log_ratio(second, ex + ey),
        *_double_edges(view),
    )


def _energy(plane: NDArray[np.float32]) -> float:
    flat = plane.ravel()
    return float(np.dot(flat, flat)) / flat.size


def _fwhm(differences: float, variance: float) -> float:
    """From the variance of first differences, as if the plane were Gaussian-smoothed white noise."""
    part = 1 - differences / max(2 * variance, 1e-12)
    return float(np.sqrt(-2 * np.log(2) / np.log(part))) if 1e-6 < part < 1 - 1e-9 else 0.0


def _reblur(z: NDArray[np.float32], axis: int) -> float:
    """Share of the absolute differences that a moving average of 9 pixels leaves: 1 if already blurred."""
    if axis == 1:
        smooth, sharp = z[:, 9:] - z[:, :-9], z[:, 5:-4] - z[:, 4:-5]
    else:
        smooth, sharp = z[9:] - z[:-9], z[5:-4] - z[4:-5]
    size = np.abs(sharp)
    lost = np.maximum(size - np.abs(smooth) * np.float32(1 / 9), 0).mean()
    return 1 - ratio(float(lost), float(size.mean()), 1e-9)


def _edge_widths(view: View) -> tuple[float, float]:
    """Median and lowest tenth over the tenth of 16 x 16 blocks with the largest range."""
    tiles = blocks(view.z, 16)
    extent = (tiles.max(axis=1).max(axis=-1) - tiles.min(axis=1).min(axis=-1)).ravel()
    steepest = blocks(view.gradient, 16).max(axis=1).max(axis=-1)
    full = np.zeros((tiles.shape[0], tiles.shape[2]), np.float32)
    full[: steepest.shape[0], : steepest.shape[1]] = steepest
    strong = (extent >= np.quantile(extent, 0.9)) & (full.ravel() > 1e-4)
    if not strong.any():
        return 0.0, 0.0
    widths = np.quantile(extent[strong] / full.ravel()[strong], (0.5, 0.1))
    return float(widths[0]), float(widths[1])


def _double_edges(view: View) -> tuple[float, float]:
    """A second contour beside the first, as a patient that moved once leaves it."""
    found = []
    for profile in (view.edge_correlation[0], view.edge_correlation[:, 0]):
        near = profile[3 : 3 + min(24, profile.size // 3)].astype(np.float64)
        bend = near[1:-1] - (near[:-2] + near[2:]) / 2 if near.size > 3 else np.zeros(1)
        found.append(float(bend.max()))
    return found[0], found[1]
