"""CT: what noise hides in the two windows that people look through, as the measured damage is defined.

``simgrid.quality.defects.damage`` compares with the clean image. Here the noise is that of the Laplacian
within blocks of 8 x 8, and the structure that masks it is what differs between blocks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.defect_names import family
from simgrid.quality.display import BLACK, CT_WINDOWS, STEP
from simgrid.quality.measures.view import View, blocks

_NAMES = ("soft", "lung")
MEASURES = {
    **{
        f"{of}_{name}": f"{says}, {name} window; CT, elsewhere 0"
        for name in _NAMES
        for of, says in (
            ("hidden", "share of the picture that noise hides, estimated without the clean image"),
            ("hidden_grey", "the same of what is neither black nor white"),
            ("grey", "share of blocks that are neither black nor white"),
            ("grey_noise", "ln of the median variance of noise in these"),
        )
    },
    "hidden_worse": "the greater of the two shares hidden",
}


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES."""
    if family(view.image.modality) != "CT":
        return (0.0,) * len(MEASURES)
    found = [_through(view, low, high) for low, high in CT_WINDOWS]
    return (*found[0], *found[1], max(found[0][0], found[1][0]))


def _through(view: View, low: float, high: float) -> tuple[float, float, float, float]:
    shown = np.clip((view.plane - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    inner = 4 * shown[1:-1, 1:-1] - shown[:-2, 1:-1] - shown[2:, 1:-1] - shown[1:-1, :-2] - shown[1:-1, 2:]
    noise = _block_mean(np.pad(inner * inner, 1)) / 20
    means = _block_mean(shown)
    between = np.maximum(ndimage.uniform_filter(means * means, 3) - ndimage.uniform_filter(means, 3) ** 2, 0)
    spoiled = noise / (noise + between + STEP**2)
    grey = (means > BLACK) & (means < 1 - BLACK)
    pooled = [float(np.sqrt((spoiled[part] ** 2).mean())) if part.any() else 0.0 for part in (grey, ~grey)]
    middle = float(np.median(noise[grey])) if grey.any() else 0.0
    return 1 - (1 - pooled[0]) * (1 - pooled[1]), pooled[0], float(grey.mean()), float(np.log(middle + 1e-7))


def _block_mean(plane: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(blocks(plane, 8).mean(axis=1).mean(axis=-1), np.float64)
