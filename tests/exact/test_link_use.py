"""Bytes carried by each link and hour: by hand, and against the transfers that carried them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.events import LinkLimit
from simgrid.domain.grid import Grid, Monitoring, TransferRules
from simgrid.domain.grid_records import LinkRecords
from simgrid.domain.inspection import Inspections
from simgrid.domain.journal import Journal
from simgrid.domain.network import Access
from simgrid.domain.site import Site
from simgrid.domain.units import HOUR
from simgrid.domain.world import World
from simgrid.network import SeparateLinks, SharedLinks
from tests.properties.test_event_runs import worlds_with_events
from tests.properties.test_runs import Whim, retrievals, workloads
from tests.worlds import inspections, simulate, world

MB = 1e6


def links(journal: Journal) -> LinkRecords:
    assert journal.grid.links is not None
    return journal.grid.links


def slow_site(**changes: object) -> World:
    """8 Mbit/s from the site: a megabyte a second."""
    plain = world(sites=(Site("site", Access(8 * MB, 8 * MB)),), grid=Grid(monitoring=Monitoring()))
    return replace(plain, **changes)  # type: ignore[arg-type]


def of_site(journal: Journal) -> np.ndarray:
    found = links(journal)
    column: np.ndarray = found.hourly[:, found.link.index("site/up")]
    return column


def test_a_transfer_over_the_hour_belongs_to_both() -> None:
    work = inspections([3000.0], [120.0], size_bytes=np.array([900 * MB]))
    journal = simulate(slow_site(), work)
    assert of_site(journal)[:3] == pytest.approx([600 / 3600, 300 / 3600, 0])
    mean = links(journal).mean[links(journal).link.index("site/up")]
    assert mean == pytest.approx(900 / journal.ended_s)


def test_use_is_of_what_the_link_could_carry() -> None:
    half = LinkLimit("site", 0.0, 1800.0, 4 * MB, 4 * MB)
    work = inspections([0.0], [150.0], size_bytes=np.array([2700 * MB]))
    journal = simulate(slow_site(events=(half,)), work)
    assert of_site(journal)[:2] == pytest.approx([1.0, 0.0])


def test_an_hour_without_a_link_is_unknown() -> None:
    down = LinkLimit("site", HOUR, 2 * HOUR)
    work = inspections([0.0], [150.0], size_bytes=np.array([1800 * MB]))
    journal = simulate(slow_site(events=(down,)), work)
    assert of_site(journal)[0] == pytest.approx(0.5)
    assert np.isnan(of_site(journal)[1])


def test_broken_transfers_count_what_they_carried() -> None:
    down = LinkLimit("site", 1000.0, 1100.0)
    rules = TransferRules(broken="restart")
    work = inspections([0.0], [120.0], size_bytes=np.array([1500 * MB]))
    grid = Grid(transfers=rules, monitoring=Monitoring())
    journal = simulate(slow_site(events=(down,), grid=grid), work)
    carried = np.nansum(of_site(journal)) * 3600
    assert carried == pytest.approx(1000 + 1500, rel=0.05)
    total = sum(leg.carried_bytes for leg in journal.carried if leg.leg == "upload")
    room = 8 * MB / 8 * (journal.ended_s - 100)
    assert links(journal).mean[links(journal).link.index("site/up")] * room == pytest.approx(total)


def test_a_link_without_a_limit_has_no_use() -> None:
    free = Access(float("inf"), float("inf"))
    journal = simulate(slow_site(sites=(Site("site", free),)), inspections([0.0], [61.0]))
    assert np.isnan(of_site(journal)).all()


@settings(max_examples=40, deadline=None)
@given(worlds_with_events(), workloads(), st.sampled_from(["shared", "separate"]), st.integers(0, 20))
def test_every_byte_is_counted_once_on_each_link(
    one: World, work: Inspections, sharing: str, count: int
) -> None:
    watched = replace(one, grid=Grid(monitoring=Monitoring()), sharing=sharing)  # type: ignore[arg-type]
    whim = Whim(len(one.radiologists), 1800.0)
    journal = simulate(watched, work, whim, retrievals=retrievals(count))
    bare = simulate(replace(watched, grid=Grid()), work, whim, retrievals=retrievals(count))
    assert journal.fingerprint == bare.fingerprint
    found, made = links(journal), journal.transfers
    over = {name: np.array([name in path for path in made.path], dtype=np.bool_) for name in found.link}
    ended = ~np.isnan(made.finished_s)
    if not np.isfinite(found.mean).any() or not ended.all():
        return
    changed = {event.place for event in one.events if isinstance(event, LinkLimit)}
    for name, mean in zip(found.link, found.mean.tolist(), strict=True):
        place, _, way = name.rpartition("/")
        if place in changed:
            continue
        own = one.access[place]
        room = (own.up_bps if way == "up" else own.down_bps) / 8 * journal.ended_s
        assert mean * room == pytest.approx(float(made.size_bytes[over[name]].sum()), rel=1e-9, abs=1e-3)


FLOWS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 10**6), st.sampled_from(["ab", "bc", "ac", "a"])), max_size=8
).map(sorted)


@settings(max_examples=80, deadline=None)
@given(FLOWS, st.integers(1, 60), st.sampled_from([SharedLinks, SeparateLinks]))
def test_what_is_left_is_what_stopping_finds(
    flows: list[tuple[int, int, str]], at: int, engine: type[SharedLinks | SeparateLinks]
) -> None:
    network = engine({"a": 1e5, "b": 2e5, "c": 5e4})
    started = [network.start(begin, size, tuple(path)) for begin, size, path in flows if begin <= at]
    done = set(network.completed(at)) if started else set()
    left = network.left_bytes(at)
    assert left == network.left_bytes(at)
    assert left.keys() == set(started) - done
    for flow, still in left.items():
        assert network.stop(at, flow) == pytest.approx(still, rel=1e-9, abs=1e-6)


def test_the_share_of_a_further_transfer() -> None:
    network = SharedLinks({"a": 9e6, "b": 3e6})
    assert network.share_bps("a") == 9e6
    network.start(0.0, 1e9, ("a",))
    assert network.share_bps("a") == 4.5e6
    network.start(0.0, 1e9, ("a",), weight=4.0)
    assert network.share_bps("a") == 1.5e6
    network = SharedLinks({"a": 9e6, "b": 3e6})
    network.start(0.0, 1e9, ("a", "b"))
    assert network.share_bps("a") == 6e6
    assert SeparateLinks({"a": 9e6}).share_bps("a") == 9e6
