"""What must hold of every allocation, whatever the world: checked through the public face only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.network import CapacityChange, Flow, SeparateLinks, SharedLinks, completion_times

LINKS = ("a", "b", "c", "d", "e")
CLOSE = 1e-9
SETTINGS = settings(max_examples=150, deadline=None)

rates = st.one_of(st.sampled_from([8.0, 16.0, 24.0]), st.floats(1e3, 1e8))
sizes = st.one_of(st.sampled_from([0.0, 1.0, 2.0]), st.floats(1.0, 1e8))
weights = st.one_of(st.sampled_from([1.0, 2.0, 4.0]), st.floats(1e-3, 1e3))
paths = st.lists(st.sampled_from(LINKS), min_size=1, max_size=3, unique=True).map(tuple)
capacities = st.fixed_dictionaries(dict.fromkeys(LINKS, rates))
sends = st.tuples(st.just("send"), sizes, paths, weights, st.one_of(st.none(), rates))
lines = st.tuples(st.just("line"), st.sampled_from(LINKS), st.one_of(st.just(0.0), rates))
stops = st.tuples(st.just("stop"), st.integers(0, 50))
steps = st.tuples(st.just("step"), st.booleans(), st.floats(0.0, 10.0))
scripts = st.lists(st.one_of(sends, sends, lines, stops, steps), min_size=1, max_size=25)


@dataclass
class Sent:
    start_s: float
    size_bytes: float
    path: tuple[str, ...]
    weight: float
    cap_bps: float | None


class Driver:
    """Plays a script of sends, stops, capacity changes and steps of time, as a simulation would."""

    def __init__(self, capacity: dict[str, float]) -> None:
        self.network = SharedLinks(capacity)
        self.capacity = dict(capacity)
        self.now = 0.0
        self.open: dict[int, Sent] = {}
        self.sent: dict[int, Sent] = {}
        self.changes: list[CapacityChange] = []
        self.ends: dict[int, float] = {}
        self.stopped: set[int] = set()

    def play(self, action: tuple[Any, ...]) -> None:
        getattr(self, action[0])(*action[1:])
        self.collect()

    def send(self, size: float, path: tuple[str, ...], weight: float, cap: float | None) -> None:
        flow = self.network.start(self.now, size, path, weight, cap)
        assert flow == len(self.sent)
        self.sent[flow] = self.open[flow] = Sent(self.now, size, path, weight, cap)

    def line(self, link: str, capacity: float) -> None:
        self.network.set_capacity(self.now, link, capacity)
        self.capacity[link] = capacity
        self.changes.append(CapacityChange(self.now, link, capacity))

    def stop(self, pick: int) -> None:
        if self.open:
            flow = sorted(self.open)[pick % len(self.open)]
            left = self.network.stop(self.now, flow)
            assert 0.0 <= left <= self.open.pop(flow).size_bytes
            self.stopped.add(flow)

    def step(self, to_next_end: bool, seconds: float) -> None:
        due = self.network.next_completion_s()
        self.now = due if to_next_end and due < math.inf else self.now + seconds

    def collect(self) -> None:
        previous = (-math.inf, -1)
        for end, flow in self.network.completions(self.now):
            assert previous < (end, flow)
            assert self.open.pop(flow).start_s <= end <= self.now
            previous = (end, flow)
            self.ends[flow] = end


def certificate(capacity: dict[str, float], flows: dict[int, Sent], rate: dict[int, float]) -> list[str]:
    """Why the rates are not the max-min fair ones; empty when they are."""
    load = {link: math.fsum(rate[k] for k, f in flows.items() if link in f.path) for link in capacity}
    faults = [f"{link} over capacity" for link in capacity if load[link] > capacity[link] * (1 + CLOSE)]
    level = {
        link: max((rate[k] / f.weight for k, f in flows.items() if link in f.path), default=0.0)
        for link in capacity
    }
    for k, flow in flows.items():
        at_cap = flow.cap_bps is not None and rate[k] >= flow.cap_bps * (1 - CLOSE)
        held = any(
            load[link] >= capacity[link] * (1 - CLOSE) and rate[k] / flow.weight >= level[link] * (1 - CLOSE)
            for link in flow.path
        )
        if not (at_cap or held):
            faults.append(f"flow {k} could be faster")
        if flow.cap_bps is not None and rate[k] > flow.cap_bps * (1 + CLOSE):
            faults.append(f"flow {k} above its cap")
    return faults


@SETTINGS
@given(capacities, scripts)
def test_every_allocation_is_max_min_fair(
    capacity: dict[str, float], script: Sequence[tuple[Any, ...]]
) -> None:
    driver = Driver(capacity)
    for action in script:
        driver.play(action)
        rate = {flow: driver.network.rate_bps(flow) for flow in driver.open}
        assert certificate(driver.capacity, driver.open, rate) == []
        assert driver.network.active == len(driver.open)
        for link, load in driver.network.loads_bps().items():
            want = math.fsum(rate[k] for k, flow in driver.open.items() if link in flow.path)
            assert load == pytest.approx(want, rel=1e-12) == driver.network.load_bps(link)


def test_the_certificate_rejects_what_is_not_fair() -> None:
    flows = {0: Sent(0, 1, ("a",), 1.0, None), 1: Sent(0, 1, ("a",), 1.0, 2.0)}
    assert certificate({"a": 8.0}, flows, {0: 6.0, 1: 2.0}) == []
    assert certificate({"a": 8.0}, flows, {0: 5.0, 1: 2.0}) == ["flow 0 could be faster"]
    assert certificate({"a": 8.0}, flows, {0: 6.5, 1: 1.5}) == ["flow 1 could be faster"]
    assert certificate({"a": 8.0}, flows, {0: 5.0, 1: 3.0})[-1] == "flow 1 above its cap"
    assert certificate({"a": 8.0}, flows, {0: 7.0, 1: 2.0})[0] == "a over capacity"


@SETTINGS
@given(capacities, scripts)
def test_replay_gives_the_same_ends(capacity: dict[str, float], script: Sequence[tuple[Any, ...]]) -> None:
    driver = Driver(capacity)
    for action in script:
        if action[0] != "stop":
            driver.play(action)
    while driver.network.next_completion_s() < math.inf:
        driver.play(("step", True, 0.0))
    flows = [Flow(f.start_s, f.size_bytes, f.path, f.weight, f.cap_bps) for f in driver.sent.values()]
    replayed = completion_times(capacity, flows, driver.changes)
    for flow, end in enumerate(replayed):
        assert end == pytest.approx(driver.ends.get(flow, math.inf), rel=CLOSE)


@SETTINGS
@given(capacities, scripts, st.integers(1, 5))
def test_looking_changes_nothing(
    capacity: dict[str, float], script: Sequence[tuple[Any, ...]], looks: int
) -> None:
    quiet, watched = Driver(capacity), Driver(capacity)
    for action in script:
        quiet.play(action)
        was = watched.now
        for look in range(1, looks):
            watched.now = was + (quiet.now - was) * look / looks
            watched.collect()
            watched.network.next_completion_s()
            watched.network.loads_bps()
        if action[0] == "step":
            watched.now = quiet.now
            watched.collect()
        else:
            watched.play(action)
    assert watched.ends == quiet.ends


@SETTINGS
@given(capacities, scripts)
def test_bytes_are_conserved(capacity: dict[str, float], script: Sequence[tuple[Any, ...]]) -> None:
    """What stops has left, plus what it sent at the rates seen, is its size."""
    driver = Driver(capacity)
    sent: dict[int, float] = {}
    for planned in script:
        action = planned
        before = {flow: driver.network.rate_bps(flow) for flow in driver.open}
        due = driver.network.next_completion_s()
        was = driver.now
        if action[0] == "step" and not action[1]:
            action = ("step", False, min(action[2], max(0.0, due - was)))
        driver.play(action)
        for flow, rate in before.items():
            sent[flow] = sent.get(flow, 0.0) + rate * (driver.now - was) / 8.0
    for flow, record in list(driver.open.items()):
        left = driver.network.stop(driver.now, flow)
        total = left + sent.get(flow, 0.0)
        assert total == pytest.approx(record.size_bytes, rel=1e-6, abs=1e-6)


one_link = st.lists(st.tuples(st.floats(0.0, 20.0), st.floats(0.0, 50.0), weights), min_size=1, max_size=10)


@SETTINGS
@given(one_link, st.floats(1.0, 100.0), st.floats(1.0, 4.0))
def test_a_faster_single_link_delays_nobody(jobs: Any, bps: float, factor: float) -> None:
    flows = [Flow(start, size, ("l",), weight) for start, size, weight in jobs]
    slow = completion_times({"l": bps}, flows)
    fast = completion_times({"l": bps * factor}, flows)
    assert all(quick <= late * (1 + CLOSE) for quick, late in zip(fast, slow, strict=True))


@SETTINGS
@given(one_link, st.floats(1.0, 100.0))
def test_a_single_link_never_idles_while_there_is_work(jobs: Any, bps: float) -> None:
    free_at = 0.0
    for start, size, _ in sorted(jobs):
        free_at = max(free_at, start) + size * 8.0 / bps
    ends = completion_times({"l": bps}, [Flow(start, size, ("l",), weight) for start, size, weight in jobs])
    assert max(ends) == pytest.approx(free_at, rel=CLOSE)


@SETTINGS
@given(capacities, scripts)
def test_sharing_is_never_faster_than_being_alone(
    capacity: dict[str, float], script: Sequence[tuple[Any, ...]]
) -> None:
    shared, alone = SharedLinks(capacity), SeparateLinks(capacity)
    ends: list[dict[int, float]] = [{}, {}]
    now = 0.0
    for name, *rest in script:
        if name == "step":
            now += rest[1]
        for network, end in zip((shared, alone), ends, strict=True):
            if name == "send":
                network.start(now, *rest)
            elif name == "line":
                network.set_capacity(now, *rest)
            end.update((flow, at) for at, flow in network.completions(now))
    for network, end in zip((shared, alone), ends, strict=True):
        while (due := network.next_completion_s()) < math.inf:
            end.update((flow, at) for at, flow in network.completions(due))
    assert ends[0].keys() <= ends[1].keys()
    for flow, end in ends[0].items():
        assert end >= ends[1][flow] * (1 - CLOSE)
