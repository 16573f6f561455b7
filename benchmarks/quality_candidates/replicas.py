"""MR: copies of the object one period's share of the field away, and stripes of a single wrong sample.

Lines of k-space whose phase or strength swings with a period of p lines put copies of the object the field
over p away, along the phase encoding alone (Bernstein, King and Zhou 2004, chapter 11). What is sought is a
peak at these distances over what lies beside it, and not correlation as such, which anatomy has too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from simgrid.quality.defect_names import family
from simgrid.quality.measures.view import Mask, View, blocks, log_ratio

MEASURES = {
    "copy_edges": "highest peak of the autocorrelation of edges a 2nd to 8th of the field away, less its "
    "running median; MR, elsewhere 0, as all of these",
    "copy_edges_2": "the same half a field away",
    "copy_edges_3": "the same a third of it away",
    "copy_edges_4_8": "the same a fourth to an eighth away",
    "copy_edges_score": "the first of these over the usual size of such differences",
    "copy_edges_axes": "|ln| of the peak in x over that in y: ghosts lie along the phase encoding alone",
    "copy_air": "air against the object moved by a 2nd to 8th of the field: share found there, less that "
    "found beside these distances",
    "copy_air_axes": "difference of that between x and y",
    "copy_air_2": "the same half a field away",
    "copy_air_2_axes": "difference of that between x and y",
    "copy_air_level": "largest share of the object found in air at these distances",
    "copy_air_level_axes": "difference of that between x and y",
    "beside_noise_x": "ln of the noise of air in rows that cross the body over that in other rows",
    "beside_noise_y": "the same of columns",
    "beside_level_x": "mean of air in rows that cross the body less that in other rows",
    "beside_level_y": "the same of columns",
    "beside_noise_axes": "|ln| of the noise of air left and right of the body over that above and below",
    "beside_level_axes": "difference of the means of these",
    "lone_frequency": "ln of the largest ratio of a frequency's power to that around it (k-space spike)",
    "lone_frequency_share": "ln of the largest excess of a frequency over those around it, over all power",
}
_PERIODS = (2, 3, 4, 5, 6, 8)
_BESIDE = 0.07  # of the field: so far from a copy's place there is none
Profile = NDArray[np.float64]


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES."""
    if family(view.image.modality) != "MR":
        return (0.0,) * len(MEASURES)
    return (*_edges(view), *_air(view), *_beside(view), *_lone(view.spectrum))


def _edges(view: View) -> tuple[float, ...]:
    lines = (view.edge_correlation[0], view.edge_correlation[:, 0])
    found = [
        _peaks(line.astype(np.float64), side) for line, side in zip(lines, view.z.shape[::-1], strict=True)
    ]
    peaks = np.array([one for one, _ in found])
    in_x, in_y = (max(float(one.max()), 1e-5) for one in peaks)
    return (
        float(peaks.max()),
        float(peaks[:, 0].max()),
        float(peaks[:, 1].max()),
        float(peaks[:, 2:].max()),
        max(float(one.max()) / spread for one, spread in found),
        abs(log_ratio(in_x, in_y)),
    )


def _peaks(line: Profile, side: int) -> tuple[Profile, float]:
    """By period the height over the running median, and the usual size of such heights."""
    half = line[: line.size // 2 + 3]
    detail = half - ndimage.median_filter(half, 13, mode="nearest")
    rest = detail[8:]
    spread = 1.4826 * float(np.median(np.abs(rest - np.median(rest)))) if rest.size else 0.0
    found = []
    for period in _PERIODS:
        first, last = max(int(np.floor(side / period)) - 1, 4), int(np.ceil(side / period)) + 2
        found.append(float(detail[first:last].max()) if detail[first:last].size else 0.0)
    return np.array(found), max(spread, 1e-5)


def _air(view: View) -> tuple[float, ...]:
    """What of the object is found in the air at each distance, by axis: a mean weighted by the object."""
    means = blocks(view.z, 4).mean(axis=1).mean(axis=-1).astype(np.float64)
    air = _far_air(means < 0.6 * view.threshold)
    if air.mean() < 0.03:
        return (0.0,) * 6
    excess = np.where(air, means - np.median(means[air]), 0.0)
    body = np.where(air, 0.0, np.maximum(means, 0))
    found = np.array([_found_at(excess, air, body, axis) for axis in (0, 1)])
    return tuple(value for one in found.T for value in (float(one.max()), abs(float(one[0]) - float(one[1]))))


def _far_air(dark: Mask) -> Mask:
    """Dark blocks that hang together with the border, two blocks away from anything else."""
    labels, _ = ndimage.label(dark)
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    outside = np.isin(labels, np.unique(rim[rim > 0]))
    return np.asarray(ndimage.binary_erosion(outside, iterations=2, border_value=1))


def _found_at(excess: Profile, air: Mask, body: Profile, axis: int) -> tuple[float, float, float]:
    """Largest peak over what is beside it, that at half the field, and the largest share."""
    count = excess.shape[axis]
    moved = np.conj(fft.rfft(body, axis=axis))
    both, there = (
        fft.irfft((fft.rfft(plane, axis=axis) * moved).sum(axis=1 - axis), n=count)
        for plane in (excess, air.astype(np.float64))
    )
    share = both / np.maximum(there, max(1e-2 * float(there.max()), 1e-9))
    share = (share + np.roll(share[::-1], 1)) / 2
    grid = np.arange(2 * count + 1) / count
    periodic = np.concatenate([share, share, share[:1]])

    def at(place: float) -> float:
        return float(np.interp(place, grid, periodic))

    levels = [at(1 / period) for period in _PERIODS]
    peaks = [
        level - (at(1 / period - _BESIDE) + at(1 / period + _BESIDE)) / 2
        for level, period in zip(levels, _PERIODS, strict=True)
    ]
    return max(peaks), peaks[0], max(levels)


def _beside(view: View) -> tuple[float, ...]:
    """Ghosts and motion fill the lines that cross the body, in one direction and not in the other."""
    air, noise, means = view.block_air, view.block_noise, view.block_means
    rows = np.broadcast_to(view.block_tissue.mean(axis=1, keepdims=True) > 0.15, air.shape)
    columns = np.broadcast_to(view.block_tissue.mean(axis=0, keepdims=True) > 0.15, air.shape)
    pairs = [(air & one, air & ~one) for one in (rows, columns)]
    pairs.append((air & rows & ~columns, air & columns & ~rows))
    ln_noise, level = [], []
    for one, other in pairs:
        enough = one.sum() > 3 and other.sum() > 3
        ln_noise.append(log_ratio(np.median(noise[one]), np.median(noise[other]), 1e-4) if enough else 0.0)
        level.append(float(means[one].mean() - means[other].mean()) if enough else 0.0)
    return (*ln_noise[:2], *level[:2], abs(ln_noise[2]), abs(level[2]))


def _lone(power: NDArray[np.float32]) -> tuple[float, float]:
    """Power against the mean of 11 x 11 around it less the inner 5 x 5, away from the middle."""
    around = (ndimage.uniform_filter(power, 11, mode="wrap") * 121) - (
        ndimage.uniform_filter(power, 5, mode="wrap") * 25
    )
    around = np.maximum(around / 96, 1e-9 * float(power.max()) + 1e-12)
    middle = max(power.shape[0] // 40, 3)
    searched = np.ones(power.shape, bool)
    searched[:middle, :middle] = searched[-middle:, :middle] = False
    largest = float((power / around)[searched].max())
    excess = float((power - around)[searched].max())
    return float(np.log(max(largest, 1e-6))), log_ratio(excess, float(power.sum()), 1e-12)
