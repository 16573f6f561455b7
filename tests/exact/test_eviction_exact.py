"""Caches decide, victim by victim, as the rules say word by word; and nothing beats Belady on equal sizes."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.network.copies import RULES, Cache, Clairvoyant, Rule, Ttl
from tests.exact.eviction_oracle import NaiveCache, Name, most_hits

NAMES = get_args(Name)
LIFETIME = 7.0
SETTINGS = settings(max_examples=120, deadline=None)

traces = st.lists(st.integers(0, 9), min_size=1, max_size=60)
sizes = st.lists(st.integers(1, 9), min_size=10, max_size=10)
costs = st.lists(st.sampled_from([0.5, 1.0, 1.0, 3.0, 10.0]), min_size=10, max_size=10)


def rule_of(name: str, trace: list[int]) -> Rule:
    if name == "clairvoyant":
        return Clairvoyant(trace, range(len(trace)))
    return Ttl(LIFETIME) if name == "ttl" else RULES[name]()


def serve(cache: Cache, key: int, size: int, cost: float, step: int) -> tuple[bool, list[int]]:
    """The usual use of a cache without waiting: a miss is fetched, and room made for it."""
    if cache.get(key, step):
        return True, []
    gone: tuple[int, ...] | None = ()
    if key not in cache and size <= cache.capacity_bytes:
        gone = cache.make_room(size, step, lambda _: True)
    cache.admit(key, size, step, cost)
    return False, list(gone or ())


@pytest.mark.parametrize("name", NAMES)
@SETTINGS
@given(trace=traces, size=sizes, cost=costs, capacity=st.integers(1, 30))
def test_every_decision_is_the_rules(
    name: Name, trace: list[int], size: list[int], cost: list[float], capacity: int
) -> None:
    cache, naive = Cache(capacity, rule_of(name, trace)), NaiveCache(capacity, name, LIFETIME, trace)
    for step, key in enumerate(trace):
        expected = naive.request(step, size[key], cost[key])
        assert serve(cache, key, size[key], cost[key], step) == expected
        assert sorted(cache) == sorted(one.key for one in naive.objects)


@SETTINGS
@given(trace=traces, places=st.integers(1, 6))
def test_belady_is_the_best_of_all_choices_on_equal_sizes(trace: list[int], places: int) -> None:
    hits = {}
    for name in NAMES:
        cache = Cache(5 * places, rule_of(name, trace))
        hits[name] = sum(serve(cache, key, 5, 1.0, step)[0] for step, key in enumerate(trace))
    assert hits["clairvoyant"] == max(hits.values())
    if places <= 4:
        assert hits["clairvoyant"] == most_hits(trace, places)


def test_belady_is_no_bound_on_unequal_sizes() -> None:
    trace = [0, 0, 2, 2, 1, 3, 1, 0, 2]
    size = [1, 2, 1, 2]
    hits = {}
    for name in ("clairvoyant", "gdsf"):
        cache = Cache(4, rule_of(name, trace))
        hits[name] = sum(serve(cache, key, size[key], 1.0, step)[0] for step, key in enumerate(trace))
    assert hits == {"clairvoyant": 3, "gdsf": 4}
