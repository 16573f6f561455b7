"""The shared-link engine against hand-worked cases and an oracle in rational arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from simgrid.network import CapacityChange, Flow, SharedLinks, completion_times
from tests.exact.fairshare_oracle import exact_run

# The engine takes two moments for one when they differ by less than 1e-12 of a flow's duration.
KNIFE_EDGE = Fraction(1, 10**11)
LINKS = ("a", "b", "c", "d")
SETTINGS = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Few distinct values make ties; the wide ranges make the engine's arithmetic work.
tidy = st.sampled_from([0.25, 0.5, 1.0, 2.0, 3.0, 5.0])
wide = st.floats(1e-6, 1e9)
starts = st.one_of(st.sampled_from([0.0, 1.0, 2.0, 4.0]), st.floats(0.0, 20.0))
paths = st.lists(st.sampled_from(LINKS), min_size=1, max_size=4, unique=True).map(tuple)


@st.composite
def worlds(
    draw: st.DrawFn, amounts: Any = tidy, weights: Any = tidy, epoch: float = 0.0, capacities: Any = None
) -> tuple[Any, Any, Any]:
    capacities = amounts if capacities is None else capacities
    capacity = {link: draw(capacities) for link in LINKS}
    flow = st.tuples(
        starts.map(lambda s: s + epoch),
        st.one_of(st.just(0.0), amounts),
        paths,
        weights,
        st.one_of(st.none(), amounts),
    )
    flows = draw(st.lists(flow, min_size=1, max_size=9))
    change = st.tuples(
        starts.map(lambda s: s + epoch), st.sampled_from(LINKS), st.one_of(st.just(0.0), capacities)
    )
    return capacity, flows, draw(st.lists(change, max_size=5))


def engine(capacity: Any, flows: Any, changes: Any = ()) -> list[float]:
    return completion_times(capacity, [Flow(*f) for f in flows], [CapacityChange(*c) for c in changes])


def assert_exact(capacity: Any, flows: Any, changes: Any = ()) -> list[float]:
    """The engine's ends, each within 1e-10 of its flow's duration (and half a step of the clock)."""
    got = engine(capacity, flows, changes)
    want, closest = exact_run(capacity, flows, changes)
    wrong = [
        (flow, end, exact)
        for flow, end, exact in zip(flows, got, want, strict=True)
        if not within(flow[0], end, exact)
    ]
    if wrong and closest < KNIFE_EDGE:
        reject()
    assert wrong == []
    return got


def within(start: float, end: float, exact: Fraction | None) -> bool:
    if exact is None or end == math.inf:
        return (exact is None) == (end == math.inf)
    slack = Fraction(1, 10**10) * (exact - Fraction(start)) + Fraction(math.ulp(float(exact))) / 2
    return abs(Fraction(end) - exact) <= slack


@SETTINGS
@given(worlds())
def test_tidy_worlds_with_many_ties(world: Any) -> None:
    assert_exact(*world)


@SETTINGS
@given(worlds(amounts=wide, weights=st.floats(0.1, 10.0)))
def test_wide_worlds(world: Any) -> None:
    assert_exact(*world)


@SETTINGS
@given(worlds(amounts=wide, weights=st.sampled_from([1e-12, 1e-6, 1e-3, 1.0, 7.0, 1e3, 1e6, 1e12])))
def test_huge_and_tiny_weights(world: Any) -> None:
    assert_exact(*world)


@SETTINGS
@given(worlds(epoch=8.0e7))
def test_after_thirty_months(world: Any) -> None:
    assert_exact(*world)


@st.composite
def limitless_worlds(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    """Paths of mostly infinite links that become limitless together, share links, and go down afterwards."""
    capacity = {link: draw(st.sampled_from([math.inf, math.inf, math.inf, 3.0])) for link in "abc"}
    some = st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True).map(tuple)
    moments = st.sampled_from([0.0, 1.0, 2.0, 3.0])
    flow = st.tuples(moments, tidy, some, tidy, st.sampled_from([None, None, 2.0, math.inf]))
    change = st.tuples(moments, st.sampled_from("abc"), st.sampled_from([math.inf, 0.0, 1.5]))
    return capacity, draw(st.lists(flow, min_size=2, max_size=7)), draw(st.lists(change, max_size=5))


@SETTINGS
@given(limitless_worlds())
def test_many_links_without_a_limit(world: Any) -> None:
    assert_exact(*world)


@settings(SETTINGS, max_examples=100)
@given(worlds(amounts=wide, capacities=st.one_of(st.just(math.inf), wide)))
def test_wide_worlds_with_links_without_a_limit(world: Any) -> None:
    assert_exact(*world)


# Hand-worked cases. Sizes are bytes, so 8 bit/s moves one byte a second.
ONE = {"l": 8.0}


@pytest.mark.parametrize(
    ("capacity", "flows", "changes", "ends"),
    [
        pytest.param(ONE, [Flow(2.0, 3, ("l",))], [], [5.0], id="alone"),
        pytest.param(ONE, [Flow(0, 1, ("l",)), Flow(0, 2, ("l",))], [], [2.0, 3.0], id="two share"),
        pytest.param(ONE, [Flow(4, 1, ("l",)), Flow(0, 9, ("l",))], [], [6.0, 10.0], id="any order"),
        pytest.param(ONE, [Flow(0, 3, ("l",), 3.0), Flow(0, 3, ("l",))], [], [4.0, 6.0], id="weights"),
        pytest.param(
            ONE, [Flow(0, 1, ("l",), 1, 2.0), Flow(0, 3, ("l",))], [], [4.0, 4.0], id="cap below share"
        ),
        pytest.param(ONE, [Flow(0, 1, ("l",), 1, 80.0)], [], [1.0], id="cap above link"),
        pytest.param(ONE, [Flow(3, 0, ("l",))], [], [3.0], id="nothing to send"),
        pytest.param(
            {"a": 8.0, "b": 24.0},
            [Flow(0, 1, ("a", "b")), Flow(0, 1, ("a",)), Flow(0, 5, ("b",))],
            [],
            # A and the flow beside it get half of link a; what A leaves of b goes to the third.
            [2.0, 2.0, 2.0],
            id="two links",
        ),
        pytest.param(
            {"a": 8.0, "b": 8.0, "c": 8.0},
            [Flow(0, 1, ("a", "b")), Flow(0, 1, ("b", "c")), Flow(0, 1, ("c", "a"))],
            [],
            [2.0, 2.0, 2.0],
            id="ring",
        ),
        pytest.param(
            ONE,
            [Flow(0, 2, ("l",))],
            [CapacityChange(1, "l", 0), CapacityChange(11, "l", 16.0)],
            [11.5],
            id="outage",
        ),
        pytest.param(ONE, [Flow(0, 2, ("l",))], [CapacityChange(1, "l", 0)], [math.inf], id="for ever down"),
        pytest.param(ONE, [Flow(0, 2, ("l",))], [CapacityChange(2, "l", 0)], [2.0], id="just in time"),
        pytest.param(
            ONE,
            [Flow(0, 2, ("l",)), Flow(0, 0, ("l",)), Flow(6, 1, ("l",))],
            [CapacityChange(0, "l", 0), CapacityChange(5, "l", 8.0)],
            [8.0, 0.0, 8.0],
            id="down from the start",
        ),
        pytest.param(
            ONE,
            [Flow(0, 4, ("l",))],
            [CapacityChange(1, "l", 0), CapacityChange(1, "l", 24.0)],
            [2.0],
            id="the last change of an instant counts",
        ),
        pytest.param({"l": math.inf}, [Flow(7, 1e15, ("l",))], [], [7.0], id="no limit"),
        pytest.param(
            {"l": math.inf},
            [Flow(7, 5, ("l",), 1, 8.0), Flow(7, 2, ("l",))],
            [],
            [12.0, 7.0],
            id="only a cap",
        ),
        pytest.param(
            {"l": math.inf, "m": 8.0},
            [Flow(0, 4, ("l", "m"))],
            [CapacityChange(1, "l", 0), CapacityChange(3, "l", math.inf), CapacityChange(5, "m", math.inf)],
            [5.0],
            id="becomes limitless",
        ),
        pytest.param(ONE, [], [CapacityChange(1, "l", 0)], [], id="no flows"),
        pytest.param(
            {"a": math.inf, "b": math.inf},
            [Flow(2, 6, ("a", "b")), Flow(2, 8, ("b",)), Flow(100, 1, ("b",))],
            [CapacityChange(3, "b", 0), CapacityChange(50, "b", math.inf)],
            [2.0, 2.0, 100.0],
            id="two paths that nothing limits share a link",
        ),
        pytest.param(
            {"l": math.inf, "m": 1.0},
            [Flow(6, 1, ("m",)), Flow(0, 10.6, ("l", "m"))],
            [CapacityChange(10, "m", math.inf), CapacityChange(11, "l", 0)],
            [10.0, 10.0],
            id="two paths become limitless at once",
        ),
    ],
)
def test_hand_worked(capacity: Any, flows: Any, changes: Any, ends: list[float]) -> None:
    assert completion_times(capacity, flows, changes) == ends


@pytest.mark.parametrize("down_at", [11.0, 19.0, 21.0, 22.0])
def test_an_end_that_rounding_would_push_behind_the_outage(down_at: float) -> None:
    # The flows end at 11, 19, 21 and 22 exactly; plain floats put each a hair later, and so never.
    flows = [(3.0, 5.0, ("l",), 1.0, None), (3.0, 4.0, ("l",), 1.0, None), (3.0, 6.0, ("l",), 1.0, None)]
    flows.append((1.0, 6.0, ("l",), 3.0, None))
    ends = engine({"l": 8.0}, flows, [(down_at, "l", 0.0)])
    assert ends == pytest.approx([end if end <= down_at else math.inf for end in (21.0, 19.0, 22.0, 11.0)])


def test_a_light_flow_joins_what_has_run_for_long() -> None:
    # The class has sent 1e16 bits, where floats are 2 apart, when a flow of 8 bits joins it on a slow line.
    flows = [(0.0, 1e16, ("l",), 1.0, None), (1e4, 1.0, ("l",), 1.0, None), (1e4, 2.5, ("l",), 1.0, None)]
    ends = engine({"l": 1e12}, flows, [(1e4, "l", 8.0)])
    assert ends[1:] == [1e4 + 3.0, 1e4 + 6.0]


def test_opening_one_link_can_slow_the_others() -> None:
    """Max-min sharing on several links is not monotone: A's gain is taken from a stream near its limit."""
    stream = [(float(k), 0.85 / 8, ("two",), 1.0, None) for k in range(100)]
    flows = [(0.0, 20.0 / 8, ("one", "two"), 1.0, None), *stream]

    def mean_s(first_bps: float) -> float:
        capacity = {"one": first_bps, "two": 1.0}
        ends = assert_exact(capacity, flows)
        return sum(end - flow[0] for end, flow in zip(ends, flows, strict=True)) / len(flows)

    narrow, wide_open = mean_s(0.1), mean_s(0.2)
    # At 0.1 nobody of the stream meets another: 100 x 0.85 / 0.9 s, and A takes 20 / 0.1 s.
    assert narrow == pytest.approx((100 * 0.85 / 0.9 + 200.0) / 101, rel=1e-12)
    assert wide_open > 1.5 * narrow


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(starts, tidy, paths, tidy, st.none()), min_size=2, max_size=8),
    st.floats(1e-9, 1e-5),
)
def test_caps_that_leave_almost_nothing(flows: Any, rest: float) -> None:
    # The light flows live on what the capped ones leave, which plain subtraction robs of most of its digits.
    capacity = {"a": 10 * 0.7 + rest, "b": 4.0, "c": 2.0, "d": 1.0}
    hogs = [(0.0, 1e12 + k, ("a",), 1.0 + k, 0.7) for k in range(10)]
    light = [(start, size, path, weight * 1e-13, cap) for start, size, path, weight, cap in flows]
    assert_exact(capacity, hogs + light)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32))
def test_long_busy_network(seed: int) -> None:
    """Hundreds of flows, never idle: errors must not pile up."""
    rng = np.random.default_rng(seed)
    capacity = {link: float(rng.uniform(1e5, 2e7)) for link in "abcdefgh"}
    flows = []
    for start in np.cumsum(rng.exponential(1.0, 120)):
        path = tuple(rng.choice(list(capacity), size=rng.integers(1, 4), replace=False).tolist())
        cap = float(rng.uniform(1e4, 1e7)) if rng.random() < 0.3 else None
        flows.append((8e7 + float(start), float(rng.lognormal(14, 2)), path, float(rng.integers(1, 5)), cap))
    downs = [(8e7 + float(at), str(rng.choice(list(capacity)))) for at in rng.uniform(0, 120, 10)]
    changes = [(at, link, 0.0) for at, link in downs] + [(at + 5.0, link, 1e6) for at, link in downs]
    assert_exact(capacity, flows, changes)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32))
def test_workers_that_send_one_after_another(seed: int) -> None:
    """A closed loop after 30 months: an end starts the next flow at once; its journal replays exactly."""
    rng = np.random.default_rng(seed)
    capacity = {link: float(rng.uniform(1e5, 2e7)) for link in "abcdef"}
    network, now = SharedLinks(capacity), 8e7
    flows: list[Any] = []
    ends: dict[int, float] = {}

    def send() -> None:
        path = tuple(rng.choice(list(capacity), size=rng.integers(1, 4), replace=False).tolist())
        flows.append((now, float(rng.lognormal(14, 1)), path, float(rng.integers(1, 4)), None))
        assert network.start(*flows[-1]) == len(flows) - 1

    for _ in range(8):
        send()
    while network.active:
        now = network.next_completion_s()
        for end, flow in network.completions(now):
            ends[flow] = end
            if len(flows) < 80:
                send()
    assert engine(capacity, flows) == [ends[flow] for flow in range(len(flows))]
    want, _ = exact_run(capacity, flows)
    # Each start lies up to half a step of the clock (1.5e-8 s here) off the end that caused it; the oracle
    # is given the rounded starts, so a few steps is what the clock itself allows.
    steps = 16 * Fraction(math.ulp(8e7))
    for flow, exact in enumerate(want):
        assert exact is not None
        assert abs(Fraction(ends[flow]) - exact) <= steps
