"""A byte-sized cache that never deletes on its own: it proposes, somebody permits, then it drops.

``propose`` takes victims out of the rule's order, ``drop`` lets one go after permission, ``keep`` puts one
back after a refusal; ``make_room`` is all three at once where permission takes no time. Every operation is
O(log n) amortised: a hit only notes the new rank, and the heap catches up when it meets an old one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from heapq import heappop, heappush

from simgrid.domain.units import Bytes, Seconds
from simgrid.network.copies.eviction_order import EvictionOrder, is_candidate
from simgrid.network.copies.rules import Held, Rule


class Cache:
    """Objects by integer key (a study's row) within ``capacity_bytes`` (inf: no limit), under a rule.

    Sizes are rounded up to whole bytes, so that sums stay exact. Reserved bytes count as used: reserve
    when a transfer starts, ``unreserve`` and ``admit`` when it ends. Of pinned objects (in use, or not yet
    uploaded) none is ever proposed or dropped; pins are counted.
    """

    def __init__(self, capacity_bytes: Bytes, rule: Rule) -> None:
        if not capacity_bytes >= 0:
            raise ValueError(f"capacity_bytes is {capacity_bytes!r}: give 0 or more (0 keeps nothing)")
        self.capacity_bytes = capacity_bytes
        self.rule = rule
        self.used_bytes = 0
        self.reserved_bytes = 0
        self._candidate_bytes = 0
        self._leaving_bytes = 0
        self._leaving = 0
        self._turn = 0
        self._held: dict[int, Held] = {}
        self._order = EvictionOrder()
        self._withheld: list[tuple[Seconds, int, Held]] = []

    def __contains__(self, key: int) -> bool:
        return key in self._held

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[int]:
        """Keys in order of admission."""
        return iter(self._held)

    @property
    def free_bytes(self) -> float:
        """Room for a further object or reservation, without dropping anything."""
        return self.capacity_bytes - self.used_bytes - self.reserved_bytes

    def is_pinned(self, key: int) -> bool:
        """Whether an object is held and may not go."""
        return key in self._held and self._held[key]._pins > 0

    def get(self, key: int, now_s: Seconds) -> bool:
        """One request: whether it is a hit.

        An expired object is a miss; ``admit`` renews it.
        """
        held = self._held.get(key)
        rule = self.rule
        if held is None or now_s - held.admitted_s >= rule.lifetime_s:
            return False
        held.uses += 1
        if rule.moves_on_hit:
            self._turn += 1
            held.turn = self._turn
            held._rank = rank = rule.rank(held, now_s)
            if rank < held._entry_rank and held._entry_turn >= 0:
                # The heap finds a risen rank by itself, a fallen one only under a new entry.
                self._order.move(held)
        return True

    def admit(
        self, key: int, size_bytes: Bytes, now_s: Seconds, cost_s: Seconds = 1.0, *, pinned: bool = False
    ) -> bool:
        """Hold an object whose bytes have arrived; False when it does not fit as things are.

        ``cost_s``: transfer time of fetching it again; ``pinned``: a new one has a pin from the start. A key
        already held begins a new lifetime as a new use; then its size must be the same (drop first if not).
        """
        size = whole(size_bytes)
        if not cost_s >= 0:
            raise ValueError(f"cost_s must not be negative, got {cost_s!r}")
        held = self._held.get(key)
        if held is not None:
            self._renew(held, size, now_s, cost_s)
            return True
        if size > self.capacity_bytes - self.used_bytes - self.reserved_bytes:
            return False
        self._turn += 1
        held = self._held[key] = Held(key, size, cost_s, now_s, self._turn)
        held._rank = self.rule.rank(held, now_s)
        self.used_bytes += size
        if pinned:
            held._pins = 1
        else:
            self._candidate_bytes += size
            self._order.enter(held)
        return True

    def reserve(self, size_bytes: Bytes) -> bool:
        """Set room aside for a transfer under way; False when there is not enough now."""
        size = whole(size_bytes)
        if size > self.free_bytes:
            return False
        self.reserved_bytes += size
        return True

    def unreserve(self, size_bytes: Bytes) -> None:
        """Give reserved room back; ValueError when less is reserved."""
        size = whole(size_bytes)
        if size > self.reserved_bytes:
            raise ValueError(f"{size} bytes given back, but {self.reserved_bytes} are reserved")
        self.reserved_bytes -= size

    def pin(self, key: int) -> None:
        """The object may not go until as many ``unpin``; also while permission to drop it is asked."""
        held = self._of(key)
        if is_candidate(held):
            self._candidate_bytes -= held.size_bytes
        held._pins += 1

    def unpin(self, key: int) -> None:
        """Take one pin off; ValueError when there is none."""
        held = self._of(key)
        if not held._pins:
            raise ValueError(f"object {key} is not pinned: every unpin needs its pin")
        held._pins -= 1
        if not held._pins:
            self._return(held)

    def release(self, key: int) -> bool:
        """``unpin`` where the object is held; whether it is."""
        held = self._held.get(key)
        if held is None:
            return False
        if held._pins == 1:
            held._pins = 0
            self._return(held)
        else:
            self.unpin(key)
        return True

    def propose(self, size_bytes: Bytes, now_s: Seconds) -> tuple[int, ...] | None:
        """Victims in the rule's order whose going would make room; they wait for ``drop`` or ``keep``.

        What was proposed before counts as room already. ``()``: nothing further has to go. None: all that
        may be proposed now would not do, and nothing is proposed.
        """
        self._take_back(now_s)
        missing = whole(size_bytes) - self.free_bytes - self._leaving_bytes
        if missing > self._candidate_bytes:
            return None
        victims = []
        while missing > 0:
            held = self._order.first()
            held._leaving = True
            self._leaving += 1
            self._candidate_bytes -= held.size_bytes
            self._leaving_bytes += held.size_bytes
            missing -= held.size_bytes
            victims.append(held.key)
        return tuple(victims)

    def drop(self, key: int) -> bool:
        """Let an object go, proposed or not; False when it is pinned, and then a proposal is withdrawn."""
        held = self._of(key)
        if held._pins:
            self.keep(key)
            return False
        if held._leaving:
            self._leaving -= 1
            self._leaving_bytes -= held.size_bytes
            self.rule.dropped(held._rank)
        elif not held._withheld:
            self._candidate_bytes -= held.size_bytes
        del self._held[key]
        self.used_bytes -= held.size_bytes
        self._order.leave(held)
        held._withheld = 0
        return True

    def keep(self, key: int, retry_s: Seconds | None = None) -> None:
        """The object stays, because it was refused or is not to go after all; its rank is as before.

        It is not proposed again before ``retry_s`` (inf: until ``keep`` is called once more without).
        """
        held = self._of(key)
        if is_candidate(held):
            self._candidate_bytes -= held.size_bytes
        if held._leaving:
            held._leaving = False
            self._leaving -= 1
            self._leaving_bytes -= held.size_bytes
        held._withheld = 0
        if retry_s is not None:
            self._turn += 1
            held._withheld = self._turn
            if retry_s < math.inf:
                heappush(self._withheld, (retry_s, self._turn, held))
        self._return(held)

    def make_room(
        self, size_bytes: Bytes, now_s: Seconds, may_drop: Callable[[int], bool]
    ) -> tuple[int, ...] | None:
        """Drop what the rule names and ``may_drop`` permits, until so much is free; the keys dropped.

        None, and nothing dropped, when permission is refused for too many: all or nothing, so that nothing
        goes in vain. ``may_drop`` is asked once for each victim. For permission that takes a message use
        ``propose``; ValueError while such proposals are open.
        """
        if self._leaving:
            raise ValueError(f"{self._leaving} proposals are open: answer them by drop or keep first")
        granted: list[int] = []
        refused: list[int] = []
        while victims := self.propose(size_bytes, now_s):
            for key in victims:
                if may_drop(key):
                    granted.append(key)
                else:
                    refused.append(key)
                    self.keep(key, math.inf)
        for key in refused:
            self.keep(key)
        if victims is None:
            for key in granted:
                self.keep(key)
            return None
        for key in granted:
            self.drop(key)
        return tuple(granted)

    def _of(self, key: int) -> Held:
        held = self._held.get(key)
        if held is None:
            raise self._unknown(key)
        return held

    def _unknown(self, key: int) -> ValueError:
        return ValueError(f"object {key} is not in the cache")

    def _check_same(self, key: int, held: int, size: int) -> None:
        if size != held:
            raise ValueError(
                f"object {key} is held with {held} bytes and comes again with {size}: drop it first"
            )

    def _renew(self, held: Held, size: int, now_s: Seconds, cost_s: Seconds) -> None:
        self._check_same(held.key, held.size_bytes, size)
        self._turn += 1
        held.turn = self._turn
        held.uses += 1
        held.admitted_s = now_s
        held.cost_s = cost_s
        held._rank = self.rule.rank(held, now_s)
        self._order.move(held)

    def _return(self, held: Held) -> None:
        """A candidate again, unless something still speaks against it."""
        if not (held._pins or held._leaving or held._withheld):
            self._candidate_bytes += held.size_bytes
            if held._entry_turn < 0:
                self._order.enter(held)

    def _take_back(self, now_s: Seconds) -> None:
        while self._withheld and self._withheld[0][0] <= now_s:
            _, ticket, held = heappop(self._withheld)
            if held._withheld == ticket:
                held._withheld = 0
                self._return(held)


def whole(size_bytes: Bytes) -> int:
    """Bytes rounded up; ValueError for what is no size."""
    if type(size_bytes) is int and size_bytes >= 0:
        return size_bytes
    if not 0 <= size_bytes < math.inf:
        raise ValueError(f"size_bytes must be finite and not negative, got {size_bytes!r}")
    return math.ceil(size_bytes)
