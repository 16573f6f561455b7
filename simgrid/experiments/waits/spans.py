"""Stretches of time, and the pieces into which they cut another one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from simgrid.domain.units import Seconds


@dataclass(frozen=True, slots=True)
class Spans:
    """Disjoint ascending stretches [start, end), each with the number of whatever it belongs to."""

    starts: tuple[Seconds, ...]
    ends: tuple[Seconds, ...]
    owners: tuple[int, ...]

    @classmethod
    def of(cls, stretches: Iterable[tuple[Seconds, Seconds, int]]) -> Spans:
        """Stretches in any order that do not overlap; empty ones are left out."""
        kept = sorted(one for one in stretches if one[1] > one[0])
        return cls(*(tuple(one[place] for one in kept) for place in range(3)))  # type: ignore[arg-type]

    @classmethod
    def none(cls) -> Spans:
        """No stretch at all."""
        return cls((), (), ())

    def owner(self, at_s: Seconds) -> int | None:
        """Whose stretch the instant lies in."""
        place = bisect_right(self.starts, at_s) - 1
        return self.owners[place] if place >= 0 and at_s < self.ends[place] else None

    def within(self, from_s: Seconds, to_s: Seconds) -> Iterator[tuple[Seconds, Seconds, int]]:
        """The stretches that have a part in an interval, cut to it."""
        place = max(bisect_left(self.starts, from_s) - 1, 0)
        while place < len(self.starts) and self.starts[place] < to_s:
            start, end = max(self.starts[place], from_s), min(self.ends[place], to_s)
            if end > start:
                yield start, end, self.owners[place]
            place += 1


def pieces(
    from_s: Seconds, to_s: Seconds, cutting: Iterable[Spans]
) -> Iterator[tuple[Seconds, Seconds, Seconds]]:
    """The interval cut wherever a stretch begins or ends: start, end and an instant within each piece."""
    cuts = {from_s, to_s}
    for spans in cutting:
        for start, end, _ in spans.within(from_s, to_s):
            cuts.update((start, end))
    for start, end in pairwise(sorted(cuts)):
        yield start, end, start + (end - start) / 2
