"""The lean cache answers every call as the general one under the same rule does."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.network.copies import Cache, Fifo, Lru, RecencyCache

KEY = st.integers(0, 7)
CALLS = st.one_of(
    st.tuples(st.just("admit"), KEY, st.booleans()),
    st.tuples(st.sampled_from(["get", "pin", "unpin", "release", "drop"]), KEY),
    st.tuples(st.just("keep"), KEY, st.sampled_from([None, 2.0, math.inf])),
    st.tuples(st.just("propose"), st.integers(0, 20)),
    st.tuples(st.just("make_room"), st.integers(0, 20), st.sets(KEY)),
    st.tuples(st.sampled_from(["reserve", "unreserve"]), st.integers(0, 4)),
)


def answer(cache: Cache, call: tuple[Any, ...], now_s: float) -> object:
    name, first, *rest = call
    size = (3, 5, 1, 2, 2, 0, 6, 4)[first % 8]
    try:
        if name == "admit":
            return cache.admit(first, size, now_s, pinned=rest[0])
        if name == "get":
            return cache.get(first, now_s)
        if name == "propose":
            return cache.propose(first, now_s)
        if name == "keep":
            return cache.keep(first, None if rest[0] is None else now_s + rest[0])
        if name == "make_room":
            return cache.make_room(first, now_s, lambda key: key not in rest[0])
        return getattr(cache, name)(first)
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("rule", [Lru, Fifo])
@settings(max_examples=250, deadline=None)
@given(capacity=st.integers(4, 20), calls=st.lists(CALLS, max_size=120), tidy=st.booleans())
def test_the_lean_cache_is_the_general_one(
    rule: type[Lru] | type[Fifo], capacity: int, calls: list[tuple[Any, ...]], tidy: bool
) -> None:
    lean, general = RecencyCache(capacity, rule()), Cache(capacity, rule())
    if tidy:  # what is rare with few calls: turns are given anew
        for cache in (lean, general):
            cache.admit(0, 3, 0.0)
            for _ in range(66):
                cache.get(0, 0.0)
    for step, call in enumerate(calls):
        now_s = 0.3 * step
        assert answer(lean, call, now_s) == answer(general, call, now_s)
        assert list(lean) == list(general)
        assert (lean.used_bytes, lean.free_bytes) == (general.used_bytes, general.free_bytes)
        assert [lean.is_pinned(key) for key in lean] == [general.is_pinned(key) for key in general]
