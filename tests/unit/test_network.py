"""The door of the network room: errors, the clock, ids, topology, and links that nobody shares."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest

from simgrid.network import CapacityChange, Flow, SeparateLinks, SharedLinks, completion_times, route, star

BOTH = pytest.mark.parametrize("kind", [SharedLinks, SeparateLinks])


@BOTH
@pytest.mark.parametrize("value", [0.0, -1.0, math.nan])
def test_a_link_starts_with_a_positive_capacity(kind: Any, value: float) -> None:
    with pytest.raises(ValueError, match=rf"'bad': {value!r}.*'worse': -3"):
        kind({"good": 1.0, "bad": value, "worse": -3})


@BOTH
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, 1, ("nowhere",)), "unknown link 'nowhere'"),
        ((0.0, 1, ()), "path is empty"),
        ((0.0, 1, ("l", "l")), "has 'l' twice"),
        ((0.0, 1, "l"), "sequence of names, got 'l'"),
        ((0.0, -1, ("l",)), "size_bytes must be a finite number and not negative, got -1"),
        ((0.0, math.inf, ("l",)), "size_bytes .* got inf"),
        ((0.0, 1, ("l",), 0.0), "weight must lie in .* got 0.0"),
        ((0.0, 1, ("l",), math.nan), "weight .* got nan"),
        ((0.0, 1, ("l",), 1.0, 0.0), "cap_bps must be a positive number, got 0.0"),
        ((0.0, -1, ("l",), -2.0), "size_bytes .* got -1; weight .* got -2.0"),
        ((math.nan, 1, ("l",)), "time must be a finite number of seconds, got nan"),
        ((math.inf, 1, ("l",)), "got inf"),
    ],
)
def test_a_flow_that_cannot_be_meant(kind: Any, arguments: Any, message: str) -> None:
    network = kind({"l": 8.0})
    network.start(0.0, 1, ("l",))
    with pytest.raises(ValueError, match=message):
        network.start(*arguments)
    assert network.active == 1


@BOTH
def test_time_does_not_run_back(kind: Any) -> None:
    network = kind({"l": 8.0})
    flow = network.start(5.0, 1, ("l",))
    for call in (
        lambda: network.start(4.0, 1, ("l",)),
        lambda: network.set_capacity(4.0, "l", 1.0),
        lambda: network.stop(4.0, flow),
        lambda: network.completed(4.0),
    ):
        with pytest.raises(ValueError, match=r"got 4.0 s after 5.0 s"):
            call()
    assert network.next_completion_s() == 6.0


@BOTH
@pytest.mark.parametrize(("link", "value"), [("m", 1.0), ("l", -1.0), ("l", math.nan)])
def test_a_change_that_cannot_be_meant(kind: Any, link: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"'{link}'"):
        kind({"l": 8.0}).set_capacity(0.0, link, value)


@BOTH
def test_each_end_is_told_once_in_order(kind: Any) -> None:
    network = kind({"l": 8.0, "m": 8.0})
    for link, size in (("m", 2), ("l", 2), ("l", 0), ("m", 0)):
        network.start(1.0, size, (link,))
    assert network.next_completion_s() == 1.0
    assert network.completed(1.0) == [2, 3]
    assert network.next_completion_s() == 3.0
    assert network.completed(10.0) == [0, 1]
    assert network.completed(10.0) == []
    assert network.next_completion_s() == math.inf
    with pytest.raises(ValueError, match="flow 0 is not in transfer"):
        network.rate_bps(0)


@BOTH
def test_a_stopped_flow_says_what_it_had_left(kind: Any) -> None:
    network = kind({"l": 8.0})
    first, second = network.start(0.0, 10, ("l",), 1.0, 4.0), network.start(0.0, 1, ("l",), 1.0, 4.0)
    assert network.rate_bps(first) == 4.0
    assert network.load_bps("l") == network.loads_bps()["l"] == 8.0
    assert network.stop(1.0, first) == 9.5
    assert network.stop(2.0, second) == 0.0  # ended at this very moment, not yet collected
    assert network.completed(3.0) == []
    with pytest.raises(ValueError, match="flow 0 is not in transfer"):
        network.stop(3.0, first)


def test_ended_but_not_collected() -> None:
    network = SharedLinks({"l": 8.0})
    network.start(0.0, 1, ("l",))
    network.start(2.0, 1, ("l",))
    assert network.rate_bps(0) == 0.0
    assert network.rate_bps(1) == 8.0  # alone since second 1, although nobody came to look
    assert network.next_completion_s() == 1.0
    assert network.completions(2.0) == [(1.0, 0)]


def test_nobody_shares_separate_links() -> None:
    network = SeparateLinks({"a": 8.0, "b": 16.0})
    for path in (("a", "b"), ("b",), ("b",)):
        network.start(0.0, 2, path)
    assert network.loads_bps() == {"a": 8.0, "b": 40.0}
    network.set_capacity(0.5, "b", 4.0)
    assert network.completions(9.0) == [(2.5, 1), (2.5, 2), (3.5, 0)]


def test_separate_links_end_at_the_very_moment_of_an_outage() -> None:
    network = SeparateLinks({"l": 3.0})
    network.start(0.1, 0.3 * 3.0 / 8.0, ("l",))
    assert network.next_completion_s() == pytest.approx(0.4, rel=1e-15)
    network.set_capacity(0.4, "l", 0.0)
    assert network.completed(0.4) == [0]


def test_completion_times_names_every_problem_with_its_place() -> None:
    flows = [Flow(0.0, 1, ("l",)), Flow(0.0, -1, ("x",)), Flow(math.nan, 1, ("l",), weight=0.0)]
    with pytest.raises(ValueError) as caught:
        completion_times({"l": 1.0}, flows, [CapacityChange(math.inf, "y", 1.0)])
    places = [line.split(": ")[0] for line in str(caught.value).splitlines()]
    assert places == ["flows[1]", "flows[1]", "flows[2]", "flows[2].start_s", "changes[0]", "changes[0].at_s"]
    assert "flows[1]: path ('x',): unknown link 'x'" in str(caught.value)


def test_a_star_of_full_duplex_lines() -> None:
    capacity = star({"brigid": 8e6, "centre": 1e9})
    assert capacity == {"brigid/up": 8e6, "brigid/down": 8e6, "centre/up": 1e9, "centre/down": 1e9}
    there, back = route("brigid", "centre"), route("centre", "brigid")
    assert there == ("brigid/up", "centre/down")
    flows = [Flow(0.0, 1e6, there), Flow(0.0, 1e6, back)]
    assert completion_times(capacity, flows) == [1.0, 1.0]
    with pytest.raises(ValueError, match="'brigid' sends to itself"):
        route("brigid", "brigid")


@pytest.mark.parametrize(
    ("capacity", "flow", "change", "message"),
    [
        ({"l": "8"}, None, None, "capacity_bps must be positive numbers, got 'l': '8'"),
        ({"l": None}, None, None, "got 'l': None"),
        ({"l": 10**400}, None, None, "got 'l': 1000"),
        (None, None, None, "capacity_bps must map each link .* got None"),
        ({"l": 8.0}, Flow(0, "1", ("l",)), None, r"flows\[0\]: size_bytes .* got '1'"),  # type: ignore[arg-type]
        ({"l": 8.0}, Flow(0, Decimal(1), ("l",)), None, "size_bytes .* got Decimal"),  # type: ignore[arg-type]
        ({"l": 8.0}, Flow(0, 1, ("l",), None), None, "weight must lie in .* got None"),  # type: ignore[arg-type]
        ({"l": 8.0}, Flow(0, 1, ("l",), 1, "8"), None, "cap_bps .* got '8'"),  # type: ignore[arg-type]
        ({"l": 8.0}, Flow(0, 1, None), None, "path must be a sequence of names, got None"),  # type: ignore[arg-type]
        ({"l": 8.0}, Flow(0, 1, (["l"],)), None, r"unknown link \['l'\]"),  # type: ignore[arg-type]
        ({"l": 8.0}, (0, 1, ("l",)), None, r"flows\[0\]: expected a Flow, got \(0, 1"),
        ({"l": 8.0}, Flow(math.nan, 1, ("l",)), None, r"flows\[0\].start_s: .* a finite number .* got nan"),
        ({"l": 8.0}, Flow("0", 1, ("l",)), None, r"flows\[0\].start_s: .* got '0'"),  # type: ignore[arg-type]
        ({"l": 1e308}, Flow(0, 1e308, ("l",)), None, "size_bytes is 1e.308: its bits.* more than a float"),
        ({"l": 1e308}, Flow(0, 1e300, ("l",), 1e-9), None, "size_bytes is 1e.300: its bits, by weight"),
        ({"l": 8.0}, None, CapacityChange(0, "l", None), r"changes\[0\]: .* got None"),  # type: ignore[arg-type]
        ({"l": 8.0}, None, CapacityChange(0, ["l"], 1.0), "unknown link"),  # type: ignore[arg-type]
        ({"l": 8.0}, None, CapacityChange(None, "l", 1.0), r"changes\[0\].at_s"),  # type: ignore[arg-type]
        ({"l": 8.0}, None, (0, "l", 1.0), r"changes\[0\]: expected a CapacityChange"),
    ],
)
def test_completion_times_names_what_is_no_number(
    capacity: Any, flow: Any, change: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        completion_times(capacity, [] if flow is None else [flow], [] if change is None else [change])


def test_completion_times_names_the_links_beside_all_else() -> None:
    flows: list[Any] = [Flow(0, "1", ("l",)), Flow(0, 1, ("nowhere",))]  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"(?s)got 'l': 0.*flows\[0\].*flows\[1\].*changes\[0\]"):
        completion_times({"l": 0}, flows, [CapacityChange(0, "l", -1)])
