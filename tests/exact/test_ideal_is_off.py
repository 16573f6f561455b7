"""A system that is on but ideal gives the same journal as one that is off, to the last event."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from simgrid.domain.copies import CacheRules, IndexRules, Redundancy
from simgrid.domain.data_platform import DataPlatform
from simgrid.domain.desk_rules import DeskRules, SessionSpeedUp
from simgrid.domain.distribution import constant
from simgrid.domain.events import LinkLimit
from simgrid.domain.grid import Agents, Grid, Monitoring, TransferRules
from simgrid.domain.inspection import GATE_ATTEMPTS, POLICY_LUCK, Inspections
from simgrid.domain.journal import Journal
from simgrid.domain.network import Access, Client, DataCentre
from simgrid.domain.reporting_unit import ReportingUnit, SharedMonitors
from simgrid.domain.schedule import WeeklySchedule, WeeklySpan
from simgrid.domain.site import Site
from simgrid.domain.viewing import Viewer
from simgrid.domain.world import Dispatch, World
from tests.properties.test_runs import retrievals
from tests.worlds import WIDE, Shortest, inspections, radiologist, simulate, world

DAYTIME = WeeklySchedule(tuple(WeeklySpan(day, 60, 180) for day in range(7)))


def busy_world(**changes: object) -> World:
    """Two sites and two units with narrow links, little room, few desks, and shifts that end in between."""
    team = [radiologist(f"r{n}", f"unit{n % 2}", schedule=DAYTIME, non_reading=n % 2 / 4) for n in range(4)]
    units = tuple(ReportingUnit(f"unit{n}", Access(4e6, 4e6), 8e6, 1 + n, 10.0) for n in range(2))
    sites = tuple(Site(f"site{n}", Access(2e6, 1e6)) for n in range(2))
    plain = world(team, sites=sites, units=units, dispatch=Dispatch(300.0, 5), report_bytes=5e4)
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def busy_work() -> Inspections:
    rows, rng = 60, np.random.default_rng(4)
    return inspections(
        np.sort(rng.integers(0, 9000, rows)).tolist(),
        rng.exponential(8.0, rows).tolist(),
        sites=("site0", "site1"),
        site=rng.integers(0, 2, rows),
        urgent=rng.random(rows) < 0.3,
        size_bytes=rng.choice([1e5, 3e6], rows),
        images=rng.integers(1, 300, rows),
        luck=rng.random((rows, POLICY_LUCK + GATE_ATTEMPTS)),
    )


def same(one: Journal, other: Journal) -> bool:
    """Equal in everything but the records of the system itself."""
    for name in ("inspections", "transfers", "radiologists"):
        for field in dataclasses.fields(getattr(one, name)):
            first, second = (getattr(getattr(journal, name), field.name) for journal in (one, other))
            if isinstance(first, np.ndarray):
                np.testing.assert_array_equal(first, second)
            else:
                assert first == second, field.name
    return (one.fingerprint, one.events, one.ended_s) == (other.fingerprint, other.events, other.ended_s)


CACHED_SITES = (
    dataclasses.replace(busy_world().sites[0], cache=CacheRules(6e6)),
    busy_world().sites[1],
)
CACHED_UNITS = tuple(dataclasses.replace(unit, cache=CacheRules(4e6, "gdsf")) for unit in busy_world().units)
MANY = {"monitors": SharedMonitors(99, 12.0)}
IDEAL = {
    "desks": {"grid": Grid(reading=DeskRules())},
    "desks, a session without speed-up": {"grid": Grid(reading=DeskRules(session=SessionSpeedUp(0.0)))},
    "more shared monitors than desks": {
        "units": tuple(dataclasses.replace(unit, **MANY) for unit in busy_world().units)
    },
    "redundancy": {"grid": Grid(redundancy=Redundancy())},
    "index": {"grid": Grid(index=IndexRules())},
    "caches": {"sites": CACHED_SITES, "units": CACHED_UNITS},
    "caches that overflow, redundancy and index": {
        "sites": CACHED_SITES,
        "units": CACHED_UNITS,
        "grid": Grid(redundancy=Redundancy(1, ("data-centre", "site1")), index=IndexRules()),
    },
    "nobody picks": {"cherry_picking": (False,) * 4},
    "a data platform": {"data_centre": DataCentre(WIDE, platform=DataPlatform())},
    "a data platform that remembers": {
        "data_centre": DataCentre(WIDE, platform=DataPlatform(recent_bytes=1e7, frequent_queries=5))
    },
    "monitoring": {"grid": Grid(monitoring=Monitoring())},
    "delivery to the assigned unit": {"grid": Grid(delivery="assigned")},
    "a viewer of whole studies": {"grid": Grid(viewer=Viewer())},
    "streaming with all images first": {"grid": Grid(viewer=Viewer(streaming=True, first_images=300))},
    "transfers": {"grid": Grid(TransferRules())},
    "transfers that would start anew, were there an outage": {"grid": Grid(TransferRules(broken="restart"))},
    "agents": {"grid": Grid(agents=Agents())},
    "more workers than studies": {"grid": Grid(agents=Agents(0.0, 0.0, 9e3, 99, 99, 99, 60.0))},
    "transfers and agents": {"grid": Grid(TransferRules(), Agents())},
    "nobody falls ill": {"planned_rosters": busy_world().rosters},
    "nights as good as days": {"recurring": (LinkLimit("site0", 0.0, 7e3, 4e6, 4e6),)},
}


@pytest.mark.parametrize("changes", IDEAL.values(), ids=IDEAL.keys())
def test_ideal_is_off(changes: dict[str, object]) -> None:
    work = busy_work()
    off = simulate(busy_world(), work, Shortest())
    assert same(simulate(busy_world(**changes), work, Shortest()), off)
    assert off.inspections.urgent.any()
    assert off.transfers.leg.count("delivery") == len(work)


def test_ideal_is_off_for_clients_too() -> None:
    """They ask the platform before they retrieve, and it answers at once."""
    work, asked = busy_work(), retrievals(40)
    client = (Client("client", Access(1e6, 3e6), 1.0, constant(1e6)),)
    platform = DataCentre(Access(2e7, 2e7), platform=DataPlatform(recent_bytes=1e7, frequent_queries=5))
    bare = busy_world(clients=client, data_centre=dataclasses.replace(platform, platform=None))
    off = simulate(bare, work, Shortest(), retrievals=asked)
    on = simulate(dataclasses.replace(bare, data_centre=platform), work, Shortest(), retrievals=asked)
    assert same(on, off)
    assert on.grid.platform is not None
    assert on.grid.platform.fetched > len(work)


REAL = {
    "end of shift": Grid(reading=DeskRules("park")),
    "hand-over": Grid(reading=DeskRules("hand-over")),
    "interruption": Grid(reading=DeskRules(interruption=True)),
    "session": Grid(reading=DeskRules(session=SessionSpeedUp())),
    "stale samples": Grid(monitoring=Monitoring(1800.0)),
    "broadcast": Grid(delivery="broadcast"),
    "pull": Grid(delivery="pull"),
    "streaming": Grid(viewer=Viewer(streaming=True)),
    "overhead": Grid(TransferRules(overhead=0.01)),
    "latency": Grid(TransferRules(latency_s=0.1)),
    "a cap": Grid(TransferRules(cap_bps=5e5)),
    "messages": Grid(agents=Agents(message_s=0.1)),
    "one worker": Grid(agents=Agents(transfer_workers=1)),
}


@pytest.mark.parametrize("grid", REAL.values(), ids=REAL.keys())
def test_what_is_not_ideal_changes_the_journal(grid: Grid) -> None:
    work = busy_work()
    off = simulate(busy_world(), work, Shortest())
    assert simulate(busy_world(grid=grid), work, Shortest()).fingerprint != off.fingerprint
