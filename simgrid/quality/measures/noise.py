"""How much of the image is noise, where, and of what kind."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.measures.view import View, log_ratio, ratio

MEASURES = {
    "noise_wavelet_mad": "median |HH1| / 0.6745 (Donoho & Johnstone 1994, doi 10.1093/biomet/81.3.425)",
    "noise_wavelet_mad_2": "the same one octave lower",
    "noise_wavelet_slope": "ln of the first octave over the second: 0 for white noise, lower after blur",
    "noise_immerkaer": "Immerkaer 1996, doi 10.1006/cviu.1996.0060",
    "noise_air": "median local noise in the air around the patient",
    "noise_tissue_p10": "lowest tenth of the local noise in bright blocks",
    "noise_tissue_p50": "median of it",
    "noise_p10": "lowest tenth of the local noise of all blocks",
    "noise_p50": "median of it",
    "noise_p90": "highest tenth of it",
    "noise_spread": "ln P90/P10 of the local noise: near 0 where noise hides everything",
    "noise_air_to_tissue": "ln of the local noise in air over that in tissue",
    "noise_on_signal": "correlation of local noise with local mean: Poisson noise grows with signal",
    "noise_lag_x": "correlation of the Haar detail with its neighbour in x: 0 for white noise",
    "noise_lag_y": "the same in y",
    "noise_tail": "kurtosis of the Laplacian: 3 for Gaussian noise, far above for edges on a clean image",
    "noise_silent": "share of blocks without any noise: flat by construction, as no detector's are",
    "snr_wavelet": "median of the foreground over the wavelet noise",
    "noise_hu": "CT: ln of 1 + the wavelet noise in HU; elsewhere 0",
    "noise_hu_tissue": "CT: ln of 1 + the median local noise of bright blocks in HU; elsewhere 0",
    "range_hu": "CT: ln of the distance of P0.5 and P99.5 in HU; elsewhere 0",
}


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES."""
    detail, low = _haar(view.z)
    detail_2, _ = _haar(low)
    first, second = _mad(detail), _mad(detail_2)
    local = view.block_noise
    tissue, air = local[view.block_tissue], local[view.block_air]
    p10, p50, p90 = np.quantile(local, (0.1, 0.5, 0.9))
    in_air = float(np.median(air)) if air.size else 0.0
    in_tissue = np.quantile(tissue, (0.1, 0.5)) if tissue.size else np.zeros(2)
    foreground = float(np.median(view.block_means[view.block_tissue])) if tissue.size else 0.0
    squared = np.square(view.laplacian.ravel()[::3].astype(np.float64))
    return (
        first,
        second,
        log_ratio(first, second, 1e-4),
        _immerkaer(view),
        in_air,
        float(in_tissue[0]),
        float(in_tissue[1]),
        float(p10),
        float(p50),
        float(p90),
        log_ratio(p90, p10, 1e-4),
        log_ratio(in_air, in_tissue[1], 1e-4),
        correlation(local.ravel(), view.block_means.ravel()),
        correlation(detail[:, 1:].ravel(), detail[:, :-1].ravel()),
        correlation(detail[1:].ravel(), detail[:-1].ravel()),
        ratio(float(np.mean(squared * squared)), float(np.mean(squared)) ** 2, 1e-12),
        float(np.mean(local < 1e-5)),
        ratio(foreground, first, 1e-3),
        *_hounsfield(view, first, float(in_tissue[1])),
    )


def _hounsfield(view: View, wavelet: float, tissue: float) -> tuple[float, float, float]:
    """What a window of so many HU shows of the noise does not depend on the image's own range."""
    if view.image.modality != "CT":
        return 0.0, 0.0, 0.0
    span = view.span[1]
    return float(np.log1p(wavelet * span)), float(np.log1p(tissue * span)), float(np.log(max(span, 1.0)))


def correlation(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Pearson's, 0 where one of the two does not vary."""
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt(np.dot(a, a) * np.dot(b, b)))
    return float(np.dot(a, b)) / size if size > 1e-12 else 0.0


def _haar(plane: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Diagonal detail and half-size plane of one Haar step, both with the scale of the input."""
    rows, columns = plane.shape[0] // 2 * 2, plane.shape[1] // 2 * 2
    a, b = plane[:rows:2, :columns:2], plane[:rows:2, 1:columns:2]
    c, d = plane[1:rows:2, :columns:2], plane[1:rows:2, 1:columns:2]
    left, right = a + c, b + d
    return (a - b - c + d) * np.float32(0.5), (left + right) * np.float32(0.5)


def _mad(detail: NDArray[np.float32]) -> float:
    return float(np.median(np.abs(detail.ravel()[::3]))) / 0.6745


def _immerkaer(view: View) -> float:
    """sqrt(pi/2) / 6 of the mean absolute response of the difference of two Laplacians."""
    rows = 2 * view.z[1:-1] - view.z[:-2] - view.z[2:]
    response = 2 * rows[:, 1:-1] - rows[:, :-2] - rows[:, 2:]
    return float(np.sqrt(np.pi / 2) / 6 * np.mean(np.abs(response)))
