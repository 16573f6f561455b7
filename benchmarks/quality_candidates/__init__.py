"""Measures that no weights ask for yet: each was written for a goal that the classifier misses.

``python -m benchmarks.quality_improvements`` says what each is worth. One that is adopted moves to
``simgrid.quality.measures`` with the training that uses it; until then no image waits for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality_candidates import edges, replicas, rings, shading, streaks, windows
from simgrid.quality.measures import LARGEST_VALUE
from simgrid.quality.measures.view import View

_MODULES: tuple[ModuleType, ...] = (edges, streaks, replicas, shading, rings, windows)
NAMES: tuple[str, ...] = tuple(name for module in _MODULES for name in module.MEASURES)
OF_MODULE: Mapping[str, tuple[str, ...]] = {
    module.__name__.rpartition(".")[2]: tuple(module.MEASURES) for module in _MODULES
}


def candidates(view: View) -> NDArray[np.float64]:
    """(len(NAMES),), always finite: what cannot be computed is 0."""
    with np.errstate(all="ignore"):
        found = np.array([value for module in _MODULES for value in module.values(view)], dtype=np.float64)
    found = np.nan_to_num(found, nan=0.0, posinf=LARGEST_VALUE, neginf=-LARGEST_VALUE)
    return np.clip(found, -LARGEST_VALUE, LARGEST_VALUE)
