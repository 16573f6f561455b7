"""Water, discs and defects made of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.defects import SIMULATIONS
from simgrid.quality.defects.receipt import Parameter
from simgrid.quality.image import Image

SIDE = 128


def grid(side: int = SIDE) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    down, across = np.mgrid[:side, :side] - side // 2
    return down.astype(float), across.astype(float)


def disc(radius: float, row: float = 0, column: float = 0, side: int = SIDE) -> NDArray[np.float64]:
    """A disc with an edge of about a pixel."""
    down, across = grid(side)
    return 1 / (1 + np.exp(2 * (np.hypot(down - row, across - column) - radius)))


def made(image: Image, defect: str, seed: int = 5, **parameters: Parameter) -> NDArray[np.float64]:
    """What the simulation makes, before it is rounded to the whole numbers of a file."""
    simulation = SIMULATIONS[image.modality, defect]  # type: ignore[index]
    return simulation.apply(image, parameters, np.random.default_rng(seed)).astype(float)
