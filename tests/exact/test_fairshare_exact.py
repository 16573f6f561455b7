"""The shared-link engine against hand-worked cases and an oracle in rational arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simgrid.network import CapacityChange, Flow, completion_times
from tests.exact.fairshare_oracle import exact_ends

LINKS = ("a", "b", "c", "d")
SETTINGS = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Few distinct values make ties; the wide ranges make the engine's arithmetic work.
tidy = st.sampled_from([0.25, 0.5, 1.0, 2.0, 3.0, 5.0])
wide = st.floats(1e-6, 1e9)
starts = st.one_of(st.sampled_from([0.0, 1.0, 2.0, 4.0]), st.floats(0.0, 20.0))
paths = st.lists(st.sampled_from(LINKS), min_size=1, max_size=4, unique=True).map(tuple)


@st.composite
def worlds(
    draw: st.DrawFn, amounts: Any = tidy, weights: Any = tidy, epoch: float = 0.0
) -> tuple[Any, Any, Any]:
    capacity = {link: draw(amounts) for link in LINKS}
    flow = st.tuples(
        starts.map(lambda s: s + epoch),
        st.one_of(st.just(0.0), amounts),
        paths,
        weights,
        st.one_of(st.none(), amounts),
    )
    flows = draw(st.lists(flow, min_size=1, max_size=9))
    change = st.tuples(
        starts.map(lambda s: s + epoch), st.sampled_from(LINKS), st.one_of(st.just(0.0), amounts)
    )
    return capacity, flows, draw(st.lists(change, max_size=5))


def engine(capacity: Any, flows: Any, changes: Any = ()) -> list[float]:
    return completion_times(capacity, [Flow(*f) for f in flows], [CapacityChange(*c) for c in changes])


def assert_same(got: list[float], want: list[Fraction | None], flows: Any) -> None:
    for end, exact, flow in zip(got, want, flows, strict=True):
        if exact is None:
            assert end == math.inf, flow
            continue
        start = Fraction(flow[0])
        clock_step = Fraction(math.ulp(float(exact)))
        assert abs(Fraction(end) - exact) <= Fraction(1, 10**9) * (exact - start) + clock_step, flow


@SETTINGS
@given(worlds())
def test_tidy_worlds_with_many_ties(world: Any) -> None:
    assert_same(engine(*world), exact_ends(*world), world[1])


@SETTINGS
@given(worlds(amounts=wide, weights=st.floats(0.1, 10.0)))
def test_wide_worlds(world: Any) -> None:
    assert_same(engine(*world), exact_ends(*world), world[1])


@SETTINGS
@given(worlds(amounts=wide, weights=st.sampled_from([1e-12, 1e-6, 1e-3, 1.0, 7.0, 1e3, 1e6, 1e12])))
def test_huge_and_tiny_weights(world: Any) -> None:
    assert_same(engine(*world), exact_ends(*world), world[1])


@SETTINGS
@given(worlds(epoch=8.0e7))
def test_after_thirty_months(world: Any) -> None:
    assert_same(engine(*world), exact_ends(*world), world[1])
