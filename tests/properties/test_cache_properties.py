"""Whatever is asked of a cache, in any order: never over capacity, nothing pinned goes, the books agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from simgrid.network.copies import Cache, Clairvoyant, Fifo, Gdsf, Lfu, Lru, RecencyCache, Rule, Ttl

KEYS = st.integers(0, 7)
SIZES = (3.0, 5.0, 1.0, 8.0, 2.5, 0.0, 6.0, 30.0)
FUTURE = [(k * 7 % 8, k * 0.6) for k in range(300)]
RULES: list[Callable[[], Rule]] = [
    Lru,
    Lfu,
    Fifo,
    Gdsf,
    lambda: Ttl(5.0),
    lambda: Clairvoyant([key for key, _ in FUTURE], [at_s for _, at_s in FUTURE]),
]


@dataclass
class Known:
    """What the test itself remembers of an object."""

    size: int
    pins: int = 0
    proposed: bool = False
    held_back_s: float = -1.0
    held_back: bool = False


class CacheMachine(RuleBasedStateMachine):
    @initialize(capacity=st.integers(5, 25), which=st.sampled_from(RULES), lean=st.booleans())
    def start(self, capacity: int, which: Callable[[], Rule], lean: bool) -> None:
        rule = which()
        lean = lean and isinstance(rule, Lru | Fifo)
        self.cache = RecencyCache(capacity, rule) if lean else Cache(capacity, rule)
        self.known: dict[int, Known] = {}
        self.reserved: list[int] = []
        self.now_s = 0.0

    def size(self, key: int) -> int:
        return int(SIZES[key] + 0.5)

    def one_held(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from(sorted(self.known)))

    @rule(by=st.floats(0.0, 4.0))
    def wait(self, by: float) -> None:
        self.now_s += by

    @rule(key=KEYS)
    def request(self, key: int) -> None:
        hit = self.cache.get(key, self.now_s)
        assert not hit or key in self.known

    @rule(key=KEYS, cost_s=st.sampled_from([0.0, 1.0, 30.0]))
    def admit(self, key: int, cost_s: float) -> None:
        fits = self.size(key) <= self.cache.free_bytes
        new = key not in self.known
        assert self.cache.admit(key, SIZES[key], self.now_s, cost_s) == (fits or not new)
        if fits and new:
            self.known[key] = Known(self.size(key))

    @rule(key=KEYS)
    def touch_what_is_not_there(self, key: int) -> None:
        if key not in self.known:
            for act in (self.cache.pin, self.cache.unpin, self.cache.drop, self.cache.keep):
                with pytest.raises(ValueError, match=f"object {key} is not in the cache"):
                    act(key)

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def pin(self, data: st.DataObject) -> None:
        key = self.one_held(data)
        self.cache.pin(key)
        self.known[key].pins += 1

    @precondition(lambda self: any(one.pins for one in self.known.values()))
    @rule(data=st.data())
    def unpin(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from([key for key, one in self.known.items() if one.pins]))
        self.cache.unpin(key)
        self.known[key].pins -= 1

    @rule(size=st.integers(0, 8))
    def reserve(self, size: int) -> None:
        fits = size <= self.cache.free_bytes
        assert self.cache.reserve(size) == fits
        if fits:
            self.reserved.append(size)

    @precondition(lambda self: self.reserved)
    @rule()
    def unreserve(self) -> None:
        self.cache.unreserve(self.reserved.pop())

    @rule(keys=st.permutations(range(len(SIZES))))
    def fill(self, keys: list[int]) -> None:
        for key in keys:
            if key not in self.known and self.size(key) <= self.cache.free_bytes:
                self.admit(key, 1.0)

    @precondition(lambda self: self.known)
    @rule(share=st.floats(0.0, 1.1))
    def propose(self, share: float) -> None:
        for one in self.known.values():
            one.held_back = one.held_back and one.held_back_s > self.now_s
        may = {k for k, one in self.known.items() if not (one.pins or one.proposed or one.held_back)}
        coming = sum(one.size for one in self.known.values() if one.proposed)
        # Mostly what can just be had by dropping some, seldom more than all of them hold.
        size = round(self.cache.free_bytes + coming + share * sum(self.known[key].size for key in may))
        missing = size - self.cache.free_bytes - coming
        victims = self.cache.propose(size, self.now_s)
        if victims is None:
            assert missing > sum(self.known[key].size for key in may)
            return
        assert set(victims) <= may
        assert len(set(victims)) == len(victims)
        freed = [self.known[key].size for key in victims]
        assert sum(freed) >= missing
        # Nobody is named once there is room already.
        assert not victims or sum(freed[:-1]) < missing
        for key in victims:
            self.known[key].proposed = True

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        key = self.one_held(data)
        one = self.known[key]
        assert self.cache.drop(key) == (one.pins == 0)
        if one.pins:
            one.proposed = one.held_back = False
        else:
            del self.known[key]

    @precondition(lambda self: self.known)
    @rule(data=st.data(), retry_in_s=st.one_of(st.none(), st.sampled_from([0.0, 3.0, float("inf")])))
    def keep(self, data: st.DataObject, retry_in_s: float | None) -> None:
        key = self.one_held(data)
        one = self.known[key]
        retry_s = None if retry_in_s is None else self.now_s + retry_in_s
        self.cache.keep(key, retry_s)
        one.proposed = False
        one.held_back, one.held_back_s = retry_s is not None, -1.0 if retry_s is None else retry_s

    @rule(size=st.integers(0, 20), forbidden=st.sets(KEYS))
    def make_room(self, size: int, forbidden: set[int]) -> None:
        if any(one.proposed for one in self.known.values()):
            with pytest.raises(ValueError, match="proposals are open"):
                self.cache.make_room(size, self.now_s, lambda _: True)
            return
        asked: list[int] = []

        def may_drop(key: int) -> bool:
            asked.append(key)
            return key not in forbidden

        before = set(self.known)
        gone = self.cache.make_room(size, self.now_s, may_drop)
        assert len(set(asked)) == len(asked)
        if gone is None:
            assert set(self.cache) == before
            return
        assert self.cache.free_bytes >= size
        assert forbidden.isdisjoint(gone)
        for key in gone:
            assert not self.known.pop(key).pins

    @invariant()
    def the_books_agree(self) -> None:
        if not hasattr(self, "cache"):
            return
        cache = self.cache
        used = sum(one.size for one in self.known.values())
        assert set(cache) == set(self.known)
        assert (cache.used_bytes, cache.reserved_bytes) == (used, sum(self.reserved))
        assert used + cache.reserved_bytes <= cache.capacity_bytes
        assert all(cache.is_pinned(key) == (one.pins > 0) for key, one in self.known.items())


TestCache = CacheMachine.TestCase
TestCache.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
