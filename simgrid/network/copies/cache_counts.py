"""What a cache has done so far, and the two ratios that are reported of it."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """What a cache has done: hits and misses in numbers and bytes, and what came, went or was refused.

    ``too_large``: objects larger than the whole cache. ``no_room``: admissions that found too little room.
    """

    hits: int
    misses: int
    hit_bytes: int
    miss_bytes: int
    admitted: int
    dropped: int
    dropped_bytes: int
    too_large: int
    no_room: int

    @property
    def hit_ratio(self) -> float:
        """Hits over all requests; nan without any."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else math.nan

    @property
    def byte_hit_ratio(self) -> float:
        """Bytes of hits over bytes of all requests; nan without any."""
        asked = self.hit_bytes + self.miss_bytes
        return self.hit_bytes / asked if asked else math.nan
