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

    ``streaming``: a study may be opened when its ``first_images`` are at the unit, and never more of it has
    been read than has come; the last ``neighbours`` images cannot be read before the last one is there. What
    lies between them comes in up to ``groups`` groups of images, each unread until it is whole. Otherwise a
    study may be opened when all images are there.
    """

    streaming: bool = False
    first_images: int = 3
    neighbours: int = 3
    groups: int = 16

    def shares(self, images: int) -> tuple[float, ...]:
        """The share of a study's images that is there after each of its pieces: rising, the last one 1.0.

        The first piece is the first images, the last one the last neighbours where there are so many.
        """
        first = self.first_images
        if not self.streaming or first >= images:
            return (1.0,)
        between = max(images - self.neighbours - first, 0)
        groups = min(self.groups, between)
        stops = [first + between * group // groups for group in range(1, groups + 1)]
        return (*(stop / images for stop in (first, *stops) if stop < images), 1.0)

    def readable(self, images: int, there: float) -> float:
        """The share of a study's reading that can be done with this share of its images."""
        if there == 1.0 or images <= 0:
            return there
        return min(there, max(images - self.neighbours, 0) / images)
