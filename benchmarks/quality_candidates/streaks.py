"""Lines that no anatomy draws: of motion, and of what metal does around itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.defect_names import family
from simgrid.quality.measures.view import View, blocks, log_ratio, polar_around, ratio

MEASURES = {
    "gradient_entropy_x": "entropy of the size of differences in x, 1 for all alike: what autofocus lowers "
    "(McGee 2000, doi 10.1002/(SICI)1522-2586(200002)11:2<174::AID-JMRI15>3.0.CO;2-3)",
    "gradient_entropy_y": "the same in y",
    "gradient_entropy_axes": "their difference",
    "gradient_peaked": "ln of the mean square of the gradient over its squared mean",
    "air_patches": "ln of how much blocks of air differ from their neighbours, over their noise",
    "air_patches_size": "ln of the same in z",
    "air_darkest": "lowest fiftieth of the air's blocks less their median: dark streaks",
    "line_x": "ln of the energy of the Laplacian's means over 15 pixels in x, over that of white noise",
    "line_y": "the same in y",
    "line_axes": "|difference| of the two",
    "angle_fine_mid": "largest fine variation of ln power over angles, rings 6 to 14",
    "angle_fine_high": "the same, rings 14 to 26",
    "angle_peak_mid": "largest direction over its neighbours in ln power, rings 6 to 14",
    "angle_peak_high": "the same, rings 14 to 26",
    "lump": "largest height over the mean of 22 x 22 pixels around, in z",
    "lump_score": "the same in local standard deviations",
    "lump_alone": "the first over its highest thousandth",
    "steepest_alone": "largest gradient over its highest thousandth",
    "bright_steep": "mean gradient of the brightest fiftieth over that of all",
    "bright_flat": "median gradient of the brightest fiftieth",
    "rays": "ln of the energy of rays from the highest lump, over that of white noise",
    "rays_dark": "the darkest of these rays",
    "highest_hu": "CT: ln of 1 + the highest value in HU; elsewhere 0",
    "above_2000_hu": "CT: ln of the share above 2000 HU; elsewhere 0",
    "above_3000_hu": "CT: ln of the share from 3000 HU on; elsewhere 0",
    "below_air": "CT: share below -1010 HU; elsewhere 0",
}
_AROUND = 11  # blocks of 2 x 2
_LINE = 15


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES."""
    x, y = (_entropy(one[::2, ::2]) for one in (view.dx, view.dy))
    size = view.gradient[::2, ::2].ravel()
    peaked = log_ratio(float(np.dot(size, size)) / size.size, float(size.mean(dtype=np.float64)) ** 2)
    return (
        x,
        y,
        x - y,
        peaked,
        *_air(view),
        *_lines(view),
        *_angles(view),
        *_lumps(view),
        *_hounsfield(view),
    )


def _entropy(differences: NDArray[np.float32]) -> float:
    sizes = np.abs(differences).ravel()
    shares = sizes * np.float32(1 / max(float(sizes.sum(dtype=np.float64)), 1e-9))
    return float(-np.dot(shares, np.log(shares + np.float32(1e-12)))) / float(np.log(max(shares.size, 2)))


def _air(view: View) -> tuple[float, float, float]:
    air = view.block_air
    if air.sum() <= 10:
        return 0.0, 0.0, 0.0
    means = view.block_means[air]
    rest = means - ndimage.uniform_filter(view.block_means, 3)[air]
    size = 1.4826 * float(np.median(np.abs(rest - np.median(rest))))
    noise = float(np.median(view.block_noise[air])) / 8  # of a mean of 64 pixels
    darkest = float(np.quantile(means, 0.02) - np.median(means))
    return log_ratio(size, noise, 1e-5), float(np.log(max(size, 1e-5))), darkest


def _lines(view: View) -> tuple[float, float, float]:
    usual = max(float(np.median(np.abs(view.laplacian[::3, ::3]))) / 0.6745, 1e-6)
    cut = np.clip(view.laplacian, -3 * usual, 3 * usual)
    every = float(np.mean(np.square(cut)))
    rows, columns = (side // _LINE * _LINE for side in cut.shape)
    in_x = cut[:, :columns].reshape(len(cut), -1, _LINE).mean(axis=-1)
    in_y = cut[:rows].reshape(-1, _LINE, cut.shape[1]).mean(axis=1)
    found = [_LINE * float(np.mean(np.square(one))) for one in (in_x, in_y)]
    x, y = (log_ratio(one, every, 1e-12) for one in found)
    return x, y, abs(x - y)


def _angles(view: View) -> tuple[float, ...]:
    table = view.spectral_map
    logs = np.log(np.maximum(table, max(float(table[1:].mean()), 1e-12) * 1e-9))
    profiles = [logs[a:b].mean(axis=0) for a, b in ((6, 14), (14, 26))]
    fine = [float(np.abs(np.fft.rfft(one))[3:].max()) / (one.size / 2) for one in profiles]
    peaks = [float((one - ndimage.uniform_filter1d(one, 5, mode="wrap")).max()) for one in profiles]
    return (*fine, *peaks)


def _lumps(view: View) -> tuple[float, ...]:
    plane = blocks(view.z, 2).mean(axis=1).mean(axis=-1)
    around = ndimage.uniform_filter(plane, _AROUND, mode="nearest")
    squared = ndimage.uniform_filter(plane * plane, _AROUND, mode="nearest")
    spread = np.sqrt(np.maximum(squared - around * around, 1e-8))
    lump = plane - around
    at = int(np.argmax(lump))
    highest = float(lump.flat[at])
    row, column = (2 * one for one in divmod(at, plane.shape[1]))
    steep, alone = view.gradient.ravel()[::3], lump.ravel()[::2]
    bright = view.z[:-1, :-1] > (view.quantile(0.98) - view.span[0]) / view.span[1]
    gradient = view.gradient[bright] if bright.any() else np.zeros(1, np.float32)
    return (
        highest,
        float((lump / (spread + np.float32(0.02))).max()),
        ratio(highest, _thousandth(alone), 1e-3),
        ratio(float(view.gradient.max()), _thousandth(steep), 1e-3),
        ratio(float(gradient.mean()), float(view.gradient.mean(dtype=np.float64)), 1e-5),
        float(np.median(gradient)),
        *_rays(view, row, column),
    )


def _thousandth(sample: NDArray[np.float32]) -> float:
    at = int(0.999 * (sample.size - 1))
    return float(np.partition(sample, at)[at])


def _rays(view: View, row: int, column: int) -> tuple[float, float]:
    """Rays of 10 to 80 pixels, each less its neighbours."""
    rays = polar_around(view, float(row), float(column), min(80, *view.z.shape))[:, 10:]
    detail = np.clip(rays - ndimage.uniform_filter1d(rays, 9, axis=0, mode="wrap"), -0.3, 0.3)
    means = detail.mean(axis=1)
    energy = float(np.mean(np.square(means))) * detail.shape[1]
    return log_ratio(energy, float(np.mean(np.square(detail)))), float(means.min())


def _hounsfield(view: View) -> tuple[float, float, float, float]:
    if family(view.image.modality) != "CT":
        return 0.0, 0.0, 0.0, 0.0
    plane = view.plane
    dense, denser = float(np.mean(plane > 2000)), float(np.mean(plane >= 3000))
    return (
        float(np.log1p(max(float(plane.max()), 0.0))),
        log_ratio(dense, 1, 1e-6),
        log_ratio(denser, 1, 1e-6),
        float(np.mean(plane < -1010)),
    )
