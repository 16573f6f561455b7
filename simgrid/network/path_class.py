"""The state of sharing: links, and the classes of flows that cross the same ones.

Flows with the same path and the same cap per unit of weight have the same rate per unit of weight at
every moment. A class therefore keeps one virtual clock, the bits sent so far per unit of weight, and a
heap of the readings at which its flows end. A change of rate touches the class, never its flows.

Time is an unevaluated sum of two floats (``high`` the clock that everybody sees, ``low`` the rest), so
that 30 months of seconds do not eat the digits of a transfer that lasts milliseconds.
"""

from __future__ import annotations

import heapq
import math
from fractions import Fraction
from typing import TypeAlias

from simgrid.domain.units import BitsPerSecond, Seconds

# A virtual clock that has run this many times the size of a flow would cost it 12 of its 53 binary digits.
REBASE_AT = 4096.0


# A moment: the float nearest to it, and what that float misses.
Instant: TypeAlias = tuple[Seconds, Seconds]
NEVER: Instant = (math.inf, 0.0)


def later(at: Instant, seconds: Seconds) -> Instant:
    """The moment ``seconds`` after ``at``, without losing digits (Knuth's two-sum)."""
    start, rest = at
    high = start + seconds
    if high == math.inf:
        return NEVER
    part = high - start
    low = (start - (high - part)) + (seconds - part) + rest
    total = high + low
    return total, low - (total - high)


class Link:
    """One direction of one line, with the classes that cross it now; the rest is scratch of the solver."""

    __slots__ = ("capacity", "classes", "level", "name", "noise", "open", "open_weight", "residual", "seen")

    def __init__(self, name: str, capacity: BitsPerSecond) -> None:
        self.name = name
        self.capacity = capacity
        self.classes: dict[PathClass, None] = {}
        self.residual = 0.0
        self.open_weight = 0.0
        self.open = 0
        self.level = math.inf
        self.noise = 0.0
        self.seen = 0

    def load(self) -> BitsPerSecond:
        """Bits per second that cross the link now."""
        return math.fsum(cls.weight * cls.rate for cls in self.classes)


class PathClass:
    """All flows of one path and one cap per unit of weight."""

    __slots__ = (
        "bottleneck",
        "cap",
        "cap_of",
        "heap",
        "links",
        "new_bottleneck",
        "new_noise",
        "new_rate",
        "noise",
        "order",
        "rate",
        "seen",
        "since",
        "ticket",
        "virtual",
        "weight",
        "weights",
    )

    def __init__(self, order: int, links: tuple[Link, ...], cap: float, cap_of: tuple[float, float]) -> None:
        self.order = order
        self.links = links
        self.cap = cap
        self.cap_of = cap_of
        self.weights: dict[float, int] = {}
        self.weight = 0.0
        self.rate = 0.0
        self.noise = 1.0
        self.bottleneck: Link | None = None
        self.virtual = 0.0
        self.since: Instant = (0.0, 0.0)
        self.heap: list[tuple[float, int]] = []
        self.ticket = 0
        self.seen = 0
        self.new_rate = 0.0
        self.new_noise = 1.0
        self.new_bottleneck: Link | None = None

    def exact_cap(self) -> Fraction | None:
        """The cap per unit of weight without rounding; None when there is none."""
        if self.cap == math.inf:
            return None
        return Fraction(self.cap_of[0]) / Fraction(self.cap_of[1])

    def exact_weight(self) -> Fraction:
        """The weight of all flows together without rounding."""
        return sum((Fraction(weight) * count for weight, count in self.weights.items()), Fraction(0))

    def sync(self, at: Instant) -> None:
        """Let the virtual clock run up to ``at`` at the present rate."""
        since = self.since
        if self.rate:
            self.virtual += self.rate * ((at[0] - since[0]) + (at[1] - since[1]))
        self.since = at

    def push(self, flow: int, weight: float, bits: float) -> None:
        """A flow joins (the clock is in sync); its end is read off the virtual clock."""
        need = bits / weight
        if self.virtual > REBASE_AT * need:
            self._rebase()
        heapq.heappush(self.heap, (self.virtual + need, flow))
        self.weights[weight] = self.weights.get(weight, 0) + 1
        self._reweigh()

    def pop(self, weight: float) -> int:
        """The flow that ends first leaves."""
        flow = heapq.heappop(self.heap)[1]
        self._release(weight)
        return flow

    def remove(self, flow: int, weight: float) -> float:
        """A flow leaves before its end (the clock is in sync); the bits it still had to send."""
        end = next(reading for reading, other in self.heap if other == flow)
        self.heap.remove((end, flow))
        heapq.heapify(self.heap)
        left = max(0.0, end - self.virtual) * weight
        self._release(weight)
        return left

    def due(self) -> Instant:
        """When the first flow ends at the present rate, seen from the last sync."""
        if not self.heap or not self.rate:
            return NEVER
        return later(self.since, max(0.0, self.heap[0][0] - self.virtual) / self.rate)

    def _release(self, weight: float) -> None:
        left = self.weights[weight] - 1
        if left:
            self.weights[weight] = left
        else:
            del self.weights[weight]
        self._reweigh()
        if not self.heap:
            self.virtual = 0.0

    def _reweigh(self) -> None:
        # Summed anew: taking a heavy weight off a running sum would leave nothing of a light one.
        self.weight = sum(weight * count for weight, count in self.weights.items())

    def _rebase(self) -> None:
        origin = self.virtual
        self.heap = [(reading - origin, flow) for reading, flow in self.heap]
        heapq.heapify(self.heap)
        self.virtual = 0.0
