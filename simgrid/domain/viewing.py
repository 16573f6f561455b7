"""How images get to a reporting unit, and how much of a study a viewer needs before reading may begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Delivery: TypeAlias = Literal["assigned", "broadcast", "pull"]
"""To the assigned unit; to every unit as soon as uploaded; to the assigned unit when the study is opened."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """The viewer at every desk: the study's own fetches 3 neighbour slices ahead
    (doi 10.1016/j.cmpb.2015.10.005).

    ``streaming``: a study may be opened when its ``first_images`` are at the unit; of its reading, only the
    share that the last ``neighbours`` images have can be done after the last one's arrival. Otherwise it
    may be opened when all images are there.
    """

    streaming: bool = False
    first_images: int = 3
    neighbours: int = 3

    def first_share(self, images: int) -> float:
        """The share of a study's bytes that has to arrive first, 1 where it comes as a whole."""
        return min(self.first_images / images, 1.0) if self.streaming and images > 0 else 1.0

    def last_share(self, images: int) -> float:
        """The share of a study's reading that needs the last image."""
        return min(self.neighbours / images, 1.0) if images > 0 else 1.0
