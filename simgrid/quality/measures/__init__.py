"""Numbers of one image under the field's names: noise, contrast, sharpness, spectrum, uniformity.

``measure(image)`` gives all of them in the order of ``NAMES``; ``SAYS`` tells what each is and where it comes
from. All but those that say CT are blind to gain and offset. Read ``view`` first: what they share.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.image import Image
from simgrid.quality.measures import (
    bias,
    contrast,
    edges,
    exposure,
    ghosts,
    layout,
    metal,
    noise,
    radial,
    replicas,
    rings,
    shading,
    sharpness,
    spectrum,
    streaks,
    windows,
)
from simgrid.quality.measures.view import View

_MODULES: tuple[ModuleType, ...] = (
    noise,
    contrast,
    sharpness,
    spectrum,
    radial,
    metal,
    ghosts,
    exposure,
    layout,
    bias,
    edges,
    streaks,
    replicas,
    shading,
    rings,
    windows,
)
SAYS: Mapping[str, str] = {name: says for module in _MODULES for name, says in module.MEASURES.items()}
NAMES: tuple[str, ...] = tuple(SAYS)
OF_MODULE: Mapping[str, tuple[str, ...]] = {
    module.__name__.rpartition(".")[2]: tuple(module.MEASURES) for module in _MODULES
}
"""The names that each module measures, for whoever wants only some of them."""
LARGEST_VALUE = 1e6


def measure(image: Image) -> NDArray[np.float64]:
    """Every measure of one image, (len(NAMES),), always finite: what cannot be computed is 0."""
    return measure_view(View(image))


def measure_view(view: View) -> NDArray[np.float64]:
    """The same of an image already prepared, which the network looks at too."""
    with np.errstate(all="ignore"):
        found = np.array([value for module in _MODULES for value in module.values(view)], dtype=np.float64)
    found = np.nan_to_num(found, nan=0.0, posinf=LARGEST_VALUE, neginf=-LARGEST_VALUE)
    return np.clip(found, -LARGEST_VALUE, LARGEST_VALUE)
