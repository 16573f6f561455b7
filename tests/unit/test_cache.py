"""A cache by example: what each call answers, what is counted, what is refused in words."""

from __future__ import annotations

import math

import pytest

from simgrid.network.copies import (
    LARGEST_BYTES,
    Cache,
    Clairvoyant,
    Fifo,
    Gdsf,
    Held,
    Lfu,
    Lru,
    RecencyCache,
    Ttl,
)


def filled(capacity: float, *sizes: float) -> Cache:
    cache = Cache(capacity, Lru())
    for key, size in enumerate(sizes):
        assert cache.admit(key, size, float(key))
    return cache


def test_proposing_permission_and_dropping_are_three_steps() -> None:
    cache = filled(10, 4, 3, 3)
    assert cache.propose(5, 3.0) == (0, 1)
    # Until permission comes they are held and may be hits; what is coming is not asked for twice.
    assert cache.get(0, 3.5)
    assert cache.propose(5, 4.0) == ()
    assert cache.drop(0)
    cache.keep(1, retry_s=9.0)
    assert cache.propose(5, 5.0) == (2,)
    cache.keep(2)
    assert cache.propose(8, 8.9) is None
    assert cache.propose(8, 9.0) == (1, 2)
    assert cache.drop(1)
    assert cache.drop(2)
    assert cache.admit(9, 8, 9.0)
    assert list(cache) == [9]


def test_an_object_that_came_into_use_meanwhile_stays() -> None:
    cache = filled(4, 4)
    assert cache.propose(4, 1.0) == (0,)
    cache.pin(0)
    assert not cache.drop(0)
    assert 0 in cache
    assert cache.propose(1, 2.0) is None
    cache.unpin(0)
    assert cache.propose(1, 3.0) == (0,)


def test_a_refusal_without_retry_lasts_until_it_is_lifted() -> None:
    cache = filled(4, 4)
    assert cache.propose(4, 0.0) == (0,)
    cache.keep(0, math.inf)
    assert cache.propose(4, 1e12) is None
    cache.keep(0)
    assert cache.propose(4, 1e12) == (0,)


def test_a_retry_ends_only_the_refusal_it_belongs_to() -> None:
    cache = filled(8, 4, 4)
    assert cache.propose(8, 0.0) == (0, 1)
    cache.keep(0, retry_s=5.0)
    cache.keep(0, retry_s=50.0)
    cache.keep(1, retry_s=5.0)
    cache.drop(1)
    # At 5 s the first refusal is out of date and the second object gone: nothing may be proposed.
    assert cache.propose(8, 5.0) is None
    assert cache.propose(8, 50.0) == (0,)


def test_making_room_is_all_or_nothing() -> None:
    cache = filled(10, 4, 3, 3)
    assert cache.make_room(8, 3.0, lambda key: key != 1) is None
    assert list(cache) == [0, 1, 2]
    assert cache.make_room(7, 3.0, lambda key: key != 1) == (0, 2)
    assert list(cache) == [1]


def test_what_is_larger_than_the_cache_is_refused() -> None:
    cache = filled(10, 4)
    assert not cache.admit(1, 10.5, 1.0)
    assert not cache.admit(2, 7, 1.0)
    assert cache.propose(11, 1.0) is None
    assert list(cache) == [0]


def test_sizes_are_rounded_up_and_sums_stay_whole() -> None:
    cache = filled(10, 0.1, 0.2, 7.9)
    assert cache.used_bytes == 10
    for key in (0, 1, 2):
        cache.drop(key)
    assert cache.used_bytes == 0


def test_reserved_bytes_are_room_no_more() -> None:
    cache = filled(10, 4)
    assert cache.reserve(5)
    assert not cache.reserve(2)
    assert not cache.admit(1, 2, 1.0)
    cache.unreserve(5)
    assert cache.admit(1, 5, 1.0)
    with pytest.raises(ValueError, match="1 bytes given back, but 0 are reserved"):
        cache.unreserve(1)


def test_an_unlimited_cache_never_has_to_drop() -> None:
    cache = Cache(math.inf, Lru())
    assert all(cache.admit(key, 1e15, 0.0) for key in range(10))
    assert cache.propose(1e18, 0.0) == ()


def test_an_expired_object_is_a_miss_until_it_comes_again() -> None:
    cache = Cache(10, Ttl(60.0))
    cache.admit(0, 4, 0.0)
    assert cache.get(0, 59.9)
    assert not cache.get(0, 60.0)
    assert cache.admit(0, 4, 61.0)
    assert cache.get(0, 120.0)
    with pytest.raises(ValueError, match="held with 4 bytes and comes again with 5"):
        cache.admit(0, 5, 130.0)


def test_gdsf_keeps_what_is_small_and_dear_and_ages_the_rest() -> None:
    cache = Cache(100, Gdsf())
    cache.admit(0, 80, 0.0, cost_s=8.0)  # 0.1 s a byte
    cache.admit(1, 10, 0.0, cost_s=9.0)  # 0.9
    assert cache.propose(50, 1.0) == (0,)
    cache.drop(0)
    cache.admit(2, 50, 1.0, cost_s=42.5)  # 0.1 + 0.85, later than the dearer one
    assert cache.propose(60, 2.0) == (1, 2)


def test_lfu_takes_the_least_recent_of_the_least_used() -> None:
    cache = Cache(3, Lfu())
    for key in (0, 1, 2):
        cache.admit(key, 1, 0.0)
    for key in (0, 1, 2, 0):
        cache.get(key, 1.0)
    assert cache.propose(2, 2.0) == (1, 2)


def test_a_rule_of_ones_own_needs_two_methods() -> None:
    class Largest:
        lifetime_s = math.inf
        moves_on_hit = False

        def rank(self, held: Held, now_s: float) -> float:
            return -held.size_bytes

        def dropped(self, rank: float) -> None:
            self.last = rank

    rule = Largest()
    cache = Cache(10, rule)
    for key, size in enumerate((2, 5, 3)):
        cache.admit(key, size, 0.0)
    assert cache.make_room(4, 1.0, lambda _: True) == (1,)
    assert rule.last == -5


def test_the_order_forgets_what_has_gone() -> None:
    cache = Cache(3, Clairvoyant([0, 1, 2] * 2000, range(6000)))
    for step in range(6000):
        if not cache.get(step % 3, step):
            cache.admit(step % 3, 1, step)
    assert len(cache._order._heap) < 200


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: Cache(-1, Lru()), "capacity_bytes is -1"),
        (lambda: Cache(math.nan, Lru()), "capacity_bytes is nan"),
        (lambda: Ttl(0), "lifetime_s is 0"),
        (lambda: Clairvoyant([1], []), "1 keys for 0 times"),
        (lambda: filled(9).admit(0, -1, 0.0), "size_bytes must be finite and not negative, got -1"),
        (lambda: filled(9).admit(0, math.inf, 0.0), "got inf"),
        (lambda: filled(9).admit(0, 1, 0.0, math.nan), "cost_s must not be negative, got nan"),
        (lambda: filled(9, 1).unpin(0), "object 0 is not pinned"),
        (lambda: filled(9).drop(3), "object 3 is not in the cache"),
    ],
)
def test_mistakes_are_named(act, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        act()


def test_a_cache_by_recency_says_what_is_too_large_for_it() -> None:
    cache = RecencyCache(math.inf, Lru())
    assert cache.admit(0, LARGEST_BYTES, 0.0)
    with pytest.raises(ValueError, match="object 1 has 1099511627776 bytes: at most"):
        cache.admit(1, LARGEST_BYTES + 1, 0.0)


def test_a_cache_by_recency_stays_in_proportion_to_what_it_holds() -> None:
    for rule in (Lru(), Fifo()):
        cache = RecencyCache(3, rule)
        for key in range(3):
            cache.admit(key, 1, 0.0)
        for step in range(3000):
            cache.get(step % 2, 0.0)
            cache.pin(2)
            cache.unpin(2)
            victims = cache.propose(1, 0.0) or ()
            for key in victims:
                cache.keep(key)
        assert len(cache._queue) + len(cache._passed) < 300
        assert cache.propose(3, 0.0) == ((2, 0, 1) if rule.moves_on_hit else (0, 1, 2))
