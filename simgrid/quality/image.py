"""One image as every part of this room sees it: a plane of numbers, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """A single plane.

    ``pixels`` (rows, columns), float32, finite: Hounsfield units in CT, the scanner's numbers in MR, and in
    radiographs detector signal with bone *bright* (a MONOCHROME1 file is turned over when it is read).
    ``spacing_mm``: distance between rows and between columns, None where the file tells none. ``limits``: the
    lowest and highest value the file could hold, in the same units, so that clipping can be seen; None for
    images that come from no file. ``frame`` counts from 0.
    """

    pixels: Pixels
    modality: str
    body_part: str = ""
    spacing_mm: tuple[float, float] | None = None
    limits: tuple[float, float] | None = None
    frame: int = 0

    def __post_init__(self) -> None:
        if self.pixels.ndim != 2 or self.pixels.dtype != np.float32:
            raise ValueError(
                f"an image is a plane of float32: got {self.pixels.dtype} with {self.pixels.ndim} dimensions"
            )

    def with_pixels(self, pixels: Pixels) -> Image:
        """The same image with other pixels of the same meaning."""
        return Image(pixels, self.modality, self.body_part, self.spacing_mm, self.limits, self.frame)
