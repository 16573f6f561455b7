"""How much of what is shown a defect has spoiled: severity as measured, not as drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.defect_names import family
from simgrid.quality.image import Image, Pixels

STEP = 0.1  # of the display: a step of the SMPTE grey wedge; an error as large spoils half
NEIGHBOURHOOD = 7  # pixels, as in the usual structural similarity
CT_WINDOWS = ((-160.0, 240.0), (-1350.0, 150.0))  # soft tissue W400 L40, lung W1500 L-600


def damage(clean: Image, degraded: Image) -> float:
    """0 where nothing changed, towards 1 where nothing is left; 1 where black and white are exchanged.

    Both images (same shape) are shown in the window of the clean one. With e2 the mean squared error of a
    neighbourhood, in displays, the share e2 / (e2 + 0.1^2) of it is spoiled: structural similarity for a flat
    patch (Wang 2004, doi 10.1109/TIP.2003.819861), without its masking by texture. The share is averaged over
    the patient and over the background, and the two spoil independently. CT: the worse of two windows.

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
    error = ndimage.uniform_filter((before - after) ** 2, NEIGHBOURHOOD, mode="reflect")
    share = np.maximum(error, 0) / (np.maximum(error, 0) + STEP**2)
    patient = before > 0.05
    if patient.all() or not patient.any():
        return float(share.mean())
    return float(1 - (1 - share[patient].mean()) * (1 - share[~patient].mean()))


def _shown(pixels: Pixels, low: float, high: float) -> NDArray[np.float32]:
    return np.asarray(np.clip((pixels - np.float32(low)) / np.float32(high - low), 0, 1))


def _inverted(before: NDArray[np.float32], after: NDArray[np.float32]) -> bool:
    """Whether bright and dark have changed places."""
    first, second = before - before.mean(), after - after.mean()
    together = float((first * second).sum())
    return together < -0.3 * float(np.sqrt((first**2).sum() * (second**2).sum()))
