"""What goes first when a cache is full: one small class a rule, and the protocol for a rule of one's own.

A rule ranks an object when it is admitted and, if ``moves_on_hit``, at each hit; the lowest rank goes first,
ties by the longest untouched. Whatever a rule says, a pinned object stays (see ``Cache``).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from simgrid.domain.units import Seconds


class Held:
    """One object in a cache, as its rule sees it; the fields with an underscore are the cache's own.

    ``uses`` counts the admission and every hit since; ``turn`` numbers the cache's uses, so that the object
    with the lowest was used least recently; ``cost_s`` is the transfer time that a later miss would cost.
    """

    __slots__ = (
        "_entry_rank",
        "_entry_turn",
        "_leaving",
        "_pins",
        "_rank",
        "_withheld",
        "admitted_s",
        "cost_s",
        "key",
        "size_bytes",
        "turn",
        "uses",
    )

    def __init__(self, key: int, size_bytes: int, cost_s: Seconds, admitted_s: Seconds, turn: int) -> None:
        self.key = key
        self.size_bytes = size_bytes
        self.cost_s = cost_s
        self.admitted_s = admitted_s
        self.turn = turn
        self.uses = 1
        self._rank = 0.0
        self._entry_rank = 0.0
        self._entry_turn = -1
        self._pins = 0
        self._leaving = False
        self._withheld = 0


class Rule(Protocol):
    """An eviction rule. One instance serves one cache, since a rule may remember what has gone.

    ``lifetime_s``: an object older than this since its admission is no hit any more (inf: for ever).
    ``moves_on_hit``: whether a hit changes an object's place in the order.
    """

    lifetime_s: Seconds
    moves_on_hit: bool

    def rank(self, held: Held, now_s: Seconds) -> float:
        """The object's place in the order, lowest first; never nan."""
        ...

    def dropped(self, rank: float) -> None:
        """An object of this rank has made room."""
        ...


class Lru:
    """Least recently used first."""

    lifetime_s = math.inf
    moves_on_hit = True

    def rank(self, held: Held, now_s: Seconds) -> float:
        """The number of the object's last use."""
        return held.turn

    def dropped(self, rank: float) -> None:
        """Nothing to remember."""


class Lfu:
    """Least frequently used since admission first (in-cache frequency: what has gone is forgotten)."""

    lifetime_s = math.inf
    moves_on_hit = True

    def rank(self, held: Held, now_s: Seconds) -> float:
        """The number of uses since admission."""
        return held.uses

    def dropped(self, rank: float) -> None:
        """Nothing to remember."""


class Fifo:
    """First admitted first, however often it was used since."""

    lifetime_s = math.inf
    moves_on_hit = False

    def rank(self, held: Held, now_s: Seconds) -> float:
        """The number of the use that admitted it."""
        return held.turn

    def dropped(self, rank: float) -> None:
        """Nothing to remember."""


class Ttl:
    """Each object lives ``lifetime_s`` from its admission and then is no hit; first to expire goes first."""

    moves_on_hit = False

    def __init__(self, lifetime_s: Seconds) -> None:
        if not lifetime_s > 0:
            raise ValueError(f"lifetime_s is {lifetime_s!r}: give a positive time")
        self.lifetime_s = lifetime_s

    def rank(self, held: Held, now_s: Seconds) -> float:
        """The moment of expiry, up to the constant lifetime."""
        return held.admitted_s

    def dropped(self, rank: float) -> None:
        """Nothing to remember."""


class Gdsf:
    """Greedy-Dual-Size-Frequency: least saved transfer time per byte first, aged by what has gone.

    Rank H = L + uses * cost_s / size_bytes, L the highest rank dropped so far (Cherkasova, HP Laboratories
    HPL-98-69R1, 1998; Cao and Irani, USITS 1997). An object without bytes never needs to go.
    """

    lifetime_s = math.inf
    moves_on_hit = True

    def __init__(self) -> None:
        self._floor = 0.0

    def rank(self, held: Held, now_s: Seconds) -> float:
        """H, in seconds per byte."""
        if not held.size_bytes:
            return math.inf
        return self._floor + held.uses * held.cost_s / held.size_bytes

    def dropped(self, rank: float) -> None:
        """The floor rises to the rank of what has gone."""
        if self._floor < rank < math.inf:
            self._floor = rank


class Clairvoyant:
    """Furthest next use first (Belady, IBM Systems Journal 5(2), 1966): a reference, not a policy.

    It knows every use beforehand: ``keys[i]`` is used at ``at_s[i]``, in any order. No rule that admits every
    miss has more hits where all objects have the same size; with unequal sizes it is NO bound, neither for
    hits nor for bytes, merely a rule that sees the future.
    """

    lifetime_s = math.inf
    moves_on_hit = True

    def __init__(self, keys: Sequence[int], at_s: Sequence[Seconds]) -> None:
        if len(keys) != len(at_s):
            raise ValueError(f"{len(keys)} keys for {len(at_s)} times: give each use its key and time")
        key = np.asarray(keys, dtype=np.int64)
        time = np.asarray(at_s, dtype=np.float64)
        order = np.lexsort((time, key))
        self._at_s: list[float] = time[order].tolist()
        unique, first = np.unique(key[order], return_index=True)
        ends = np.append(first[1:], len(key))[: len(first)]
        self._span = dict(zip(unique.tolist(), zip(first.tolist(), ends.tolist(), strict=True), strict=True))

    def rank(self, held: Held, now_s: Seconds) -> float:
        """Minus the first use after now; minus infinity where there is none."""
        begin, end = self._span.get(held.key, (0, 0))
        place = bisect_right(self._at_s, now_s, begin, end)
        return -self._at_s[place] if place < end else -math.inf

    def dropped(self, rank: float) -> None:
        """Nothing to remember."""


RULES: dict[str, Callable[[], Rule]] = {"fifo": Fifo, "gdsf": Gdsf, "lfu": Lfu, "lru": Lru}
"""Rules without parameters, by the name that scenarios use; ``Ttl`` and ``Clairvoyant`` need theirs."""
