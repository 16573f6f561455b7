"""A cache whose order is that of its turns (LRU, FIFO): a queue of keys, no object for what it holds.

For millions of objects: about 130 bytes each and half the time of ``Cache``, with the same answers to the
same calls. What is not yet to go when its turn comes is passed by, and comes first when it may go.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from heapq import heappop, heappush

from simgrid.domain.units import Bytes, Seconds
from simgrid.network.copies.cache import Cache, whole
from simgrid.network.copies.rules import Fifo, Lru

_SIZE_BITS = 40
_SIZE = (1 << _SIZE_BITS) - 1
_SLACK = 64
"""Outdated entries that are always borne, beyond as many as there are objects."""

LARGEST_BYTES = _SIZE
"""The largest object that fits: 1 TiB."""


class RecencyCache(Cache):
    """As ``Cache`` under the rule ``Lru`` or ``Fifo``, for objects of at most ``LARGEST_BYTES``."""

    def __init__(self, capacity_bytes: Bytes, rule: Lru | Fifo) -> None:
        super().__init__(capacity_bytes, rule)
        self._moves = rule.moves_on_hit
        # Turn and size in one number each; the queue has one key for each turn from ``_next_turn`` on.
        self._entries: dict[int, int] = {}
        self._queue: deque[int] = deque()
        self._next_turn = 1
        self._passed: list[tuple[int, int]] = []
        self._pins: dict[int, int] = {}
        self._going: set[int] = set()
        self._refused: dict[int, int] = {}
        self._tickets = 0
        self._retries: list[tuple[Seconds, int, int]] = []

    def __contains__(self, key: int) -> bool:
        return key in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[int]:
        """Keys in order of admission."""
        return iter(self._entries)

    def is_pinned(self, key: int) -> bool:
        """Whether an object is held and may not go."""
        return key in self._pins

    def get(self, key: int, now_s: Seconds) -> bool:
        """One request: whether it is a hit."""
        entry = self._entries.get(key)
        if entry is None:
            return False
        if self._moves:
            self._used_now(key, entry & _SIZE)
        return True

    def admit(
        self, key: int, size_bytes: Bytes, now_s: Seconds, cost_s: Seconds = 1.0, *, pinned: bool = False
    ) -> bool:
        """Hold an object whose bytes have arrived; False when it does not fit as things are."""
        size = size_bytes if type(size_bytes) is int and size_bytes >= 0 else whole(size_bytes)
        if not cost_s >= 0:
            raise ValueError(f"cost_s must not be negative, got {cost_s!r}")
        entries = self._entries
        if key in entries:
            self._check_same(key, entries[key] & _SIZE, size)
            self._used_now(key, size)
            return True
        if size > self.capacity_bytes - self.used_bytes - self.reserved_bytes:
            return False
        if size > _SIZE:
            raise ValueError(f"object {key} has {size} bytes: at most {LARGEST_BYTES}; see Cache")
        self._turn = turn = self._turn + 1
        entries[key] = turn << _SIZE_BITS | size
        self._queue.append(key)
        self.used_bytes += size
        if pinned:
            self._pins[key] = 1
        else:
            self._candidate_bytes += size
        return True

    def pin(self, key: int) -> None:
        """The object may not go until as many ``unpin``; also while permission to drop it is asked."""
        entry = self._entry(key)
        if self._may_go(key):
            self._candidate_bytes -= entry & _SIZE
        self._pins[key] = self._pins.get(key, 0) + 1

    def unpin(self, key: int) -> None:
        """Take one pin off; ValueError when there is none."""
        self._entry(key)
        if key not in self._pins:
            raise ValueError(f"object {key} is not pinned: every unpin needs its pin")
        self.release(key)

    def release(self, key: int) -> bool:
        """``unpin`` where the object is held; whether it is."""
        entry = self._entries.get(key)
        if entry is None:
            return False
        pins = self._pins.pop(key, 0)
        if pins == 1:
            self._let_go(key, entry)
        elif pins:
            self._pins[key] = pins - 1
        else:
            self.unpin(key)
        return True

    def propose(self, size_bytes: Bytes, now_s: Seconds) -> tuple[int, ...] | None:
        """Victims in order of their turns; otherwise as ``Cache.propose``."""
        self._take_back(now_s)
        missing = whole(size_bytes) - self.free_bytes - self._leaving_bytes
        if missing > self._candidate_bytes:
            return None
        victims = []
        while missing > 0:
            key = self._first()
            size = self._entries[key] & _SIZE
            self._going.add(key)
            self._leaving += 1
            self._candidate_bytes -= size
            self._leaving_bytes += size
            missing -= size
            victims.append(key)
        return tuple(victims)

    def drop(self, key: int) -> bool:
        """Let an object go, proposed or not; False when it is pinned, and then a proposal is withdrawn."""
        size = self._entry(key) & _SIZE
        if key in self._pins:
            self.keep(key)
            return False
        if key in self._going:
            self._going.discard(key)
            self._leaving -= 1
            self._leaving_bytes -= size
        elif key not in self._refused:
            self._candidate_bytes -= size
        self._refused.pop(key, None)
        del self._entries[key]
        self.used_bytes -= size
        self._tidy()
        return True

    def keep(self, key: int, retry_s: Seconds | None = None) -> None:
        """The object stays, at its turn; otherwise as ``Cache.keep``."""
        entry = self._entry(key)
        size = entry & _SIZE
        if self._may_go(key):
            self._candidate_bytes -= size
        if key in self._going:
            self._going.discard(key)
            self._leaving -= 1
            self._leaving_bytes -= size
        self._refused.pop(key, None)
        if retry_s is not None:
            self._tickets += 1
            self._refused[key] = self._tickets
            if retry_s < math.inf:
                heappush(self._retries, (retry_s, self._tickets, key))
        self._let_go(key, entry)

    def _entry(self, key: int) -> int:
        entry = self._entries.get(key)
        if entry is None:
            raise self._unknown(key)
        return entry

    def _may_go(self, key: int) -> bool:
        return not (key in self._pins or key in self._going or key in self._refused)

    def _used_now(self, key: int, size: int) -> None:
        self._turn += 1
        self._entries[key] = self._turn << _SIZE_BITS | size
        self._queue.append(key)
        self._tidy()

    def _let_go(self, key: int, entry: int) -> None:
        """A candidate again, unless something still speaks against it; the queue may have passed it by."""
        if key in self._pins or key in self._going or key in self._refused:
            return
        self._candidate_bytes += entry & _SIZE
        turn = entry >> _SIZE_BITS
        if turn < self._next_turn:
            heappush(self._passed, (turn, key))
            if len(self._passed) > 2 * len(self._entries) + _SLACK:
                self._passed = sorted(one for one in set(self._passed) if self._is_at(*one))

    def _first(self) -> int:
        """The candidate of the lowest turn. What is none is passed by: it is entered when it becomes one."""
        while self._passed:
            turn, key = heappop(self._passed)
            if self._is_at(turn, key) and self._may_go(key):
                return key
        while True:
            key, turn = self._queue.popleft(), self._next_turn
            self._next_turn = turn + 1
            if self._is_at(turn, key) and self._may_go(key):
                return key

    def _is_at(self, turn: int, key: int) -> bool:
        return self._entries.get(key, 0) >> _SIZE_BITS == turn

    def _tidy(self) -> None:
        """Give turns anew when most are outdated: memory stays in proportion to the objects held."""
        if len(self._queue) <= 2 * len(self._entries) + _SLACK:
            return
        turns = enumerate(self._queue, start=self._next_turn)
        self._queue = deque(key for turn, key in turns if self._is_at(turn, key))
        for turn, key in enumerate(self._queue, start=self._next_turn):
            self._entries[key] = turn << _SIZE_BITS | self._entries[key] & _SIZE
        self._turn = self._next_turn + len(self._queue) - 1

    def _take_back(self, now_s: Seconds) -> None:
        while self._retries and self._retries[0][0] <= now_s:
            _, ticket, key = heappop(self._retries)
            if self._refused.get(key) == ticket:
                del self._refused[key]
                self._let_go(key, self._entries[key])
