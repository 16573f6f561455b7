"""What the network looks at: four small pictures of one image, and its measures as ranks.

plane      z (see ``measures.view``), shrunk by averaging
detail     ln of the local size of the Laplacian: where noise, edges and their loss are
spectrum   ln power of the half plane of frequencies, its mean removed
polar      radial detail by angle (down) and radius (across): rings are lines here
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.defect_names import family
from simgrid.quality.measures import NAMES
from simgrid.quality.measures.view import View

SIDE = 96
CHANNELS = ("plane", "detail", "spectrum", "polar")
FAMILIES = ("CT", "MR", "CR")
FEATURES = (*NAMES, *(f"is_{name}" for name in FAMILIES))
LEVELS = 64  # ranks of a measure


def pictures(view: View) -> NDArray[np.float16]:
    """(4, SIDE, SIDE); float16 as the weights are, so that a training set fits into memory."""
    padded = np.pad(view.laplacian, 1, mode="edge")
    size = np.sqrt(shrunk(np.square(padded), SIDE))
    half = np.fft.fftshift(view.spectrum, axes=0)
    power = np.log(shrunk(half, SIDE) + np.float32(1e-6 * max(float(view.spectrum.mean()), 1e-9)))
    turning = view.polar
    padded_polar = np.pad(turning, ((0, 0), (5, 4)), mode="edge").cumsum(axis=1, dtype=np.float32)
    radial = np.clip(turning - (padded_polar[:, 9:] - padded_polar[:, :-9]) / 9, -0.2, 0.2)
    stack = np.stack(
        [
            shrunk(view.z, SIDE) * 2 - 1,
            np.log(size + np.float32(1e-3)) / 2 + 2,
            (power - power.mean()) / 4,
            shrunk(radial, SIDE) * 30,
        ]
    )
    small: NDArray[np.float16] = np.clip(stack, -8, 8).astype(np.float16)
    return small


def shrunk(plane: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """(side, side): means over tiles that share the plane out; a shorter side repeats its pixels."""
    rows, columns = (np.arange(side) * length // side for length in plane.shape)
    sums = np.add.reduceat(np.add.reduceat(plane, rows, axis=0), columns, axis=1)
    tall, wide = (
        np.maximum(np.diff(at, append=n), 1) for at, n in zip((rows, columns), plane.shape, strict=True)
    )
    means: NDArray[np.float32] = (sums / (tall[:, None] * wide[None, :])).astype(np.float32)
    return means


def features(measures: NDArray[np.float64], modality: str) -> NDArray[np.float32]:
    """The measures and which family of modalities the image is of: (len(FEATURES),)."""
    own = [float(family(modality) == name) for name in FAMILIES]
    return np.concatenate([measures, own]).astype(np.float32)


def ranks(values: NDArray[np.float32], edges: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(n, features) to ranks 0 to LEVELS - 1: how many edges (features, LEVELS - 1) lie below each value."""
    return np.stack(
        [np.searchsorted(edges[k], values[:, k], side="left") for k in range(edges.shape[0])], axis=1
    ).astype(np.uint8)


def centred(found: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Ranks as the network and the regression see them: -1 to 1."""
    return found.astype(np.float32) * np.float32(2 / (LEVELS - 1)) - 1
