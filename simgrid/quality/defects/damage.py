"""How much of what is shown a defect has spoiled: severity as measured, not as drawn."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.defect_names import family
from simgrid.quality.display import BLACK, CT_WINDOWS, STEP
from simgrid.quality.image import Image, Pixels

SHIFT = 0.15  # of the display: a brightness so wrong is half spoiled; a reader can window some of it away
SMOOTHING = 2.0  # pixels: edges of anatomy are left, noise and texture are not
NEIGHBOURHOOD = 7  # pixels, as in the usual structural similarity


def damage(clean: Image, degraded: Image) -> float:
    """0 where nothing changed, towards 1 where nothing is left; 1 where black and white are exchanged.

    Both images (same shape) are shown in the window of the clean one. Of each neighbourhood two shares are
    spoiled. Structure: v / (v + s + 0.05^2), v the variance of the difference and s the smaller variance of
    both images after smoothing: structural similarity (Wang 2004, doi 10.1109/TIP.2003.819861; as a
    normalised error, Brunet 2012, doi 10.1109/TIP.2011.2173206) in which edges mask and noise does not.
    Brightness: m^2 / (m^2 + 0.15^2), m the difference of the means. What neither spoils is sound. Shares are
    pooled by their quadratic mean, in which a spot counts more than in the mean (Moorthy and Bovik 2009, doi
    10.1109/JSTSP.2009.2015374, pool the worst places), over what of the patient is grey and over the rest
    (background, saturation), which spoil independently. CT: the worse of two windows.

    :raises ValueError: for different shapes.
    """
    if clean.pixels.shape != degraded.pixels.shape:
        raise ValueError(
            f"damage: the clean image has shape {clean.pixels.shape}, the degraded one "
            f"{degraded.pixels.shape}: expected the same shape"
        )
    if family(clean.modality) == "CT":
        windows: tuple[tuple[float, float], ...] = CT_WINDOWS
    else:
        low, high = (float(value) for value in np.percentile(clean.pixels, [0.5, 99.5]))
        windows = ((low, high if high > low else low + 1.0),)
    return max(_spoiled(clean.pixels, degraded.pixels, low, high) for low, high in windows)


def _spoiled(clean: Pixels, degraded: Pixels, low: float, high: float) -> float:
    before, after = _shown(clean, low, high), _shown(degraded, low, high)
    if _inverted(before, after):
        return 1.0
    share = _share(before, after)
    grey = (before > BLACK) & (before < 1 - BLACK)
    pooled = [float(np.sqrt((share[part] ** 2).mean())) for part in (grey, ~grey) if part.any()]
    return 1 - math.prod(1 - one for one in pooled)


def _share(before: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much of each pixel's neighbourhood is spoiled, 0 to 1."""
    apart = _mean(before - after)
    error = np.maximum(_mean((before - after) ** 2) - apart**2, 0)
    edges = np.minimum(*(_variance(ndimage.gaussian_filter(plane, SMOOTHING)) for plane in (before, after)))
    structure = error / (error + edges + STEP**2)
    brightness = apart**2 / (apart**2 + SHIFT**2)
    return np.asarray(1 - (1 - structure) * (1 - brightness))


def _variance(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.maximum(_mean(plane**2) - _mean(plane) ** 2, 0))


def _mean(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(ndimage.uniform_filter(plane, NEIGHBOURHOOD, mode="reflect"))


def _shown(pixels: Pixels, low: float, high: float) -> NDArray[np.float32]:
    return np.asarray(np.clip((pixels - np.float32(low)) / np.float32(high - low), 0, 1))


def _inverted(before: NDArray[np.float32], after: NDArray[np.float32]) -> bool:
    """Whether bright and dark have changed places."""
    first, second = before - before.mean(), after - after.mean()
    together = float((first * second).sum())
    return together < -0.3 * float(np.sqrt((first**2).sum() * (second**2).sum()))
