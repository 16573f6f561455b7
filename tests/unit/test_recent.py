"""The cache of what was used last: against the caches that know rules and permission."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.network.copies import Cache, Lru
from simgrid.network.copies.recent import Recent


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("gpf"), st.integers(0, 9)), max_size=60), st.integers(0, 40))
def test_as_a_cache_with_the_rule_lru(steps: list[tuple[str, int]], capacity: int) -> None:
    recent, cache = Recent(capacity), Cache(capacity, Lru())
    for now, (step, key) in enumerate(steps):
        size = 1 + key
        if step == "g":
            assert recent.get(key) == cache.get(key, now)
        elif step == "p":
            recent.put(key, size)
            if key in cache or cache.make_room(size, now, lambda _: True) is not None:
                cache.admit(key, size, now)
        else:
            recent.forget(key)
            if key in cache:
                cache.drop(key)
        assert {key for key in range(10) if key in recent} == set(cache)
        assert (recent.used, len(recent)) == (cache.used_bytes, len(cache))


def test_nothing_is_kept_without_room() -> None:
    none = Recent(0)
    none.put(1)
    none.put(2, 0.0)
    assert not none.get(1)
    assert not none.get(2)


@pytest.mark.parametrize("capacity", [-1, float("nan")])
def test_a_capacity_below_nothing_is_refused(capacity: float) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        Recent(capacity)
