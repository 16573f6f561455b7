"""The state of sharing: links, and the classes of flows that cross the same ones.

Flows with the same path and the same cap per unit of weight have the same rate per unit of weight at
every moment. A class therefore keeps one virtual clock, the bits sent so far per unit of weight, and a
heap of the readings at which its flows end. A change of rate touches the class, never its flows.

Moments are unevaluated sums of two floats (``high`` the clock that everybody sees, ``low`` the rest), so
that 30 months of seconds do not eat the digits of a transfer that lasts milliseconds.
"""

from __future__ import annotations

import math
from fractions import Fraction
from heapq import heapify, heappop, heappush
from typing import TypeAlias

from simgrid.domain.units import BITS_PER_BYTE, BitsPerSecond, Bytes, Seconds

# A virtual clock that has run this many times the size of a flow would cost it 12 of its 53 binary digits.
REBASE_AT = 4096.0
# A link's running load is off by rounding, at most this share of its capacity between two exact sums.
LOAD_SLACK = 1e-9

# The reading of the virtual clock at its end, the flow's id, its weight, its start and its size in bits.
Sending: TypeAlias = tuple[float, int, float, Seconds, float]
# A moment, a number that settles ties, and the class that has an end then.
Due: TypeAlias = "tuple[Seconds, Seconds, int, PathClass]"


class Link:
    """One direction of one line, with the classes that cross it now; the rest is scratch of the solver.

    ``held`` counts the classes that have their bottleneck here, ``load`` is a running sum (see
    ``LOAD_SLACK``), ``room`` the load up to which the link certainly limits nobody.
    """

    __slots__ = (
        "capacity",
        "classes",
        "fastest",
        "held",
        "level",
        "load",
        "name",
        "noise",
        "open",
        "open_weight",
        "outside",
        "residual",
        "room",
        "seen",
        "stirred",
    )

    def __init__(self, name: str, capacity: BitsPerSecond) -> None:
        self.name = name
        self.classes: dict[PathClass, None] = {}
        self.held = 0
        self.load = 0.0
        self.resize(capacity)
        self.residual = 0.0
        self.open_weight = 0.0
        self.open = 0
        self.outside = 0
        self.fastest = 0.0
        self.level = math.inf
        self.noise = 0.0
        self.seen = 0
        self.stirred = 0

    def resize(self, capacity: BitsPerSecond) -> None:
        """Another capacity; a dead link limits whoever comes."""
        self.capacity = capacity
        self.room = capacity * (1.0 - LOAD_SLACK) if capacity > 0.0 else -math.inf

    def exact_load(self) -> BitsPerSecond:
        """Bits per second that cross the link now."""
        return math.fsum([cls.sent for cls in self.classes])


class PathClass:
    """All flows of one path and one cap per unit of weight.

    ``sent`` is what the class adds to the loads of its links, ``solved`` the weight that its rate was worked
    out for. ``queued`` is its valid entry among the ends to come and ``late`` whether the end may be later
    than that; up to ``safe_rate`` it is not earlier. ``crossed`` counts the links that a re-solve looks at.
    """

    __slots__ = (
        "awake",
        "bottleneck",
        "cap",
        "cap_of",
        "crossed",
        "heap",
        "late",
        "links",
        "new_bottleneck",
        "new_noise",
        "new_rate",
        "noise",
        "order",
        "queued",
        "rate",
        "safe_rate",
        "seen",
        "sent",
        "since_high",
        "since_low",
        "solved",
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
        self.solved = 0.0
        self.rate = 0.0
        self.sent = 0.0
        self.noise = 1.0
        self.bottleneck: Link | None = None
        self.virtual = 0.0
        self.since_high: Seconds = 0.0
        self.since_low: Seconds = 0.0
        self.heap: list[Sending] = []
        self.queued: Due | None = None
        self.late = False
        self.safe_rate = 0.0
        self.awake = False
        self.seen = 0
        self.crossed = 0
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

    def sync(self, high: Seconds, low: Seconds) -> None:
        """Let the virtual clock run up to a moment at the present rate."""
        if self.rate:
            self.virtual += self.rate * ((high - self.since_high) + (low - self.since_low))
        self.since_high = high
        self.since_low = low

    def push(self, flow: int, weight: float, bits: float, start_s: Seconds) -> None:
        """A flow joins (the clock is in sync); its end is read off the virtual clock."""
        need = bits / weight
        if self.virtual > REBASE_AT * need:
            self._rebase()
        heappush(self.heap, (self.virtual + need, flow, weight, start_s, bits))
        weights = self.weights
        count = weights[weight] = weights.get(weight, 0) + 1
        if len(weights) == 1:
            self.weight = weight * count
        else:
            self._weigh()

    def pop(self) -> int:
        """The flow that ends first leaves, with the virtual clock at its end."""
        self.virtual, flow, weight, _, _ = heappop(self.heap)
        if self.heap:
            self._release(weight)
        else:
            self._empty()
        return flow

    def remove(self, flow: int) -> Bytes:
        """A flow leaves before its end (the clock is in sync); the bytes it still had to send."""
        entry = next(entry for entry in self.heap if entry[1] == flow)
        self.heap.remove(entry)
        heapify(self.heap)
        reading, _, weight, _, bits = entry
        left = min(bits, max(0.0, reading - self.virtual) * weight)
        if self.heap:
            self._release(weight)
        else:
            self._empty()
        return left / BITS_PER_BYTE

    def _release(self, weight: float) -> None:
        weights = self.weights
        count = weights[weight] - 1
        if count:
            weights[weight] = count
        else:
            del weights[weight]
        self._weigh()

    def _empty(self) -> None:
        self.weights.clear()
        self.weight = self.virtual = 0.0

    def _weigh(self) -> None:
        # Summed anew: taking a heavy weight off a running sum would leave nothing of a light one.
        self.weight = math.fsum([weight * count for weight, count in self.weights.items()])

    def _rebase(self) -> None:
        origin = self.virtual
        self.heap = [(reading - origin, *rest) for reading, *rest in self.heap]  # type: ignore[misc]
        heapify(self.heap)
        self.virtual = 0.0
