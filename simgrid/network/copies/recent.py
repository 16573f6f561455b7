"""What was used last, within a limit: the least recently used goes first.

For caches that may forget without asking anybody, in a hot path; ``Cache`` has rules, pins and permission.
"""

from __future__ import annotations

from collections import OrderedDict

from simgrid.domain.units import Bytes


class Recent:
    """Objects by integer key, of so many bytes (or pieces, at 1 each) together; capacity 0 keeps nothing."""

    __slots__ = ("_capacity", "_held", "used")

    def __init__(self, capacity: Bytes) -> None:
        if not capacity >= 0:
            raise ValueError(f"capacity is {capacity!r}: give 0 or more (0 keeps nothing)")
        self._capacity = capacity
        self._held: OrderedDict[int, Bytes] = OrderedDict()
        self.used: Bytes = 0.0

    def __contains__(self, key: int) -> bool:
        return key in self._held

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: int) -> bool:
        """Whether it is there; then it is the most recent."""
        if key not in self._held:
            return False
        self._held.move_to_end(key)
        return True

    def put(self, key: int, size: Bytes = 1.0) -> None:
        """Keep it as the most recent, and forget what has to go; what is larger than all is not kept."""
        held = self._held
        if key in held:
            held.move_to_end(key)
            return
        if size > self._capacity or not self._capacity:
            return
        held[key] = size
        self.used += size
        while self.used > self._capacity:
            self.used -= held.popitem(last=False)[1]

    def forget(self, key: int) -> None:
        """What was kept under the key is out of date, if there was anything."""
        size = self._held.pop(key, None)
        if size is not None:
            self.used -= size
