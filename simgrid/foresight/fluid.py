"""Work as a fluid: it comes at an even rate within each bin and is read at an even rate, urgent work first.

Exact for such rates and nothing else: chance adds to what is said here, never takes away (a queue that is
sometimes idle while the fluid is not falls behind it).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from math import inf

from simgrid.domain.units import Seconds

_ROUNDING = 1e-9


def backlog(coming: Sequence[float], capacity: Sequence[float]) -> tuple[float, ...]:
    """What is left at each edge, one more than there are bins: nothing at first; never below 0."""
    left = [0.0]
    for came, can in zip(coming, capacity, strict=True):
        left.append(max(left[-1] + came - can, 0.0))
    return tuple(left)


def done(coming: Sequence[float], left: Sequence[float]) -> tuple[float, ...]:
    """What has been read by each edge, given what came in each bin and what is left at each edge."""
    came = accumulate(coming, initial=0.0)
    return tuple(all_of - rest for all_of, rest in zip(came, left, strict=True))


def finished_s(
    edges_s: Sequence[Seconds], coming: Sequence[float], read: Sequence[float]
) -> tuple[Seconds, ...]:
    """When the work that comes in the middle of each bin has been read, first come first read.

    Not before the middle itself; infinite for what is not read before the last edge.
    """
    came = list(accumulate(coming, initial=0.0))
    found = []
    for place in range(len(coming)):
        middle = (edges_s[place] + edges_s[place + 1]) / 2
        wanted = (came[place] + came[place + 1]) / 2
        found.append(max(middle, _reaches(edges_s, read, wanted)))
    return tuple(found)


def _reaches(edges_s: Sequence[Seconds], level: Sequence[float], wanted: float) -> Seconds:
    """When a rising curve, straight between the edges, reaches a height."""
    wanted -= _ROUNDING * max(wanted, 1.0)
    place = bisect_left(level, wanted)
    if place == len(level):
        return inf
    if place == 0:
        return edges_s[0]
    low, high = level[place - 1], level[place]
    left, right = edges_s[place - 1], edges_s[place]
    return left + (right - left) * (wanted - low) / (high - low)
