"""Delivery to one unit, to all, or on opening; viewers that stream; priors: each worked out by hand.

A unit's line carries 1 MB in a second, all other lines are so wide that nothing else takes time worth noting.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simgrid.domain.desk_rules import DeskRules
from simgrid.domain.events import AgentDown, LinkLimit
from simgrid.domain.grid import Agents, Grid, TransferRules
from simgrid.domain.network import Access
from simgrid.domain.schedule import WeeklySchedule, WeeklySpan
from simgrid.domain.site import Site
from simgrid.domain.viewing import Delivery, Viewer
from simgrid.domain.world import Dispatch
from simgrid.simulation.clock import Clock
from simgrid.simulation.delivery import UnitStorage
from simgrid.simulation.stalls import Stalls
from tests.image_delivery import (
    MB,
    SOON,
    STREAMING,
    EachItsOwn,
    OnDuty,
    leg_bytes,
    one_world,
    sound,
    units,
    work,
)
from tests.worlds import Shortest, radiologist, simulate, world


@pytest.mark.parametrize(
    "rules", [None, TransferRules(streams=3, cap_bps=5e6, latency_s=0.3, image_latency_s=0.01, overhead=0.1)]
)
def test_a_split_delivery_ends_when_the_whole_one_does(rules: TransferRules | None) -> None:
    rng = np.random.default_rng(3)
    rows = 40
    sizes = rng.exponential(30.0, rows).tolist()
    jobs = work(
        sizes,
        [0.1] * rows,
        np.sort(rng.random(rows) * 600).tolist(),
        images=rng.integers(1, 400, rows),
        urgent=rng.random(rows) < 0.3,
    )
    team = [radiologist("a"), radiologist("b", "unit1")]
    sites = (Site("site", Access(9e6, 9e6)),)

    def ends(viewer: Viewer) -> np.ndarray:
        grid = Grid(viewer=viewer, transfers=rules)
        moved = sound(
            simulate(world(team, units=units(2), sites=sites, grid=grid), jobs, EachItsOwn())
        ).transfers
        last = np.zeros(rows)
        for row, end_s, leg in zip(moved.inspection, moved.finished_s, moved.leg, strict=True):
            if leg in ("delivery", "first-images"):
                last[row] = max(last[row], end_s)
        return last

    whole, split = ends(Viewer()), ends(STREAMING)
    assert whole.min() > 0
    np.testing.assert_allclose(split, whole, rtol=1e-9)


def test_a_broadcast_goes_to_every_unit_and_is_there_at_the_assignment() -> None:
    """Assigned at 300 s, when 60 MB have long arrived at all three units; what is not read is dropped."""
    grid = Grid(delivery="broadcast")
    team = [radiologist("a"), radiologist("b", "unit1"), radiologist("c", "unit2")]
    sent = world(team, units=units(3), grid=grid, dispatch=Dispatch(300.0, 100))
    journal = sound(simulate(sent, work([60.0, 20.0], [10.0, 10.0]), Shortest()))
    rows = journal.inspections
    np.testing.assert_array_equal(rows.assigned_s, [300.0, 300.0])
    np.testing.assert_array_equal(rows.delivered_s, rows.assigned_s)
    assert leg_bytes(journal, "broadcast") == 3 * 80 * MB
    assert journal.peak_storage_share == pytest.approx([80 * MB / 1e15] * 3)


def test_a_broadcast_under_way_becomes_the_delivery() -> None:
    grid = Grid(delivery="broadcast")
    team = [radiologist("a"), radiologist("b", "unit1")]
    journal = sound(simulate(world(team, units=units(2), grid=grid), work([60.0], [10.0])))
    assert leg_bytes(journal, "delivery", "broadcast") == 120 * MB
    assert journal.inspections.delivered_s[0] == pytest.approx(60.0, abs=SOON)


@pytest.mark.parametrize("kind", [LinkLimit, AgentDown])
@pytest.mark.parametrize(
    ("delivery", "where", "begin_s", "stalled_s", "delivered_s"),
    [
        ("assigned", "unit", 0.0, 1000.0, 1060.0),
        ("broadcast", "unit", 0.0, 1000.0, 1060.0),
        # Assigned when its copy has stood still for some time, which kept nobody waiting.
        ("broadcast", "unit", 300.0, 730.0, 1060.0),
        # A copy that nobody is to read.
        ("broadcast", "unit1", 0.0, 0.0, 60.0),
        ("broadcast", "unit1", 300.0, 0.0, 300.0),
    ],
)
def test_a_copy_that_stands_still_keeps_waiting_whoever_it_is_assigned_to(
    kind: Any, delivery: Delivery, where: str, begin_s: float, stalled_s: float, delivered_s: float
) -> None:
    """60 MB, and from 30 s to 1030 s nothing comes to one of two units."""
    grid = Grid(delivery=delivery, agents=Agents())
    team = [radiologist("a"), radiologist("b", "unit1")]
    cut = world(
        team, units=units(2), grid=grid, dispatch=Dispatch(begin_s, 100), events=(kind(where, 30.0, 1030.0),)
    )
    rows = sound(simulate(cut, work([60.0], [10.0]))).inspections
    assert rows.stalled.tolist() == [stalled_s > 0]
    assert rows.stalled_s[0] == pytest.approx(stalled_s, abs=SOON)
    assert rows.delivered_s[0] == pytest.approx(delivered_s, abs=SOON)


@pytest.mark.parametrize(("where", "stalled_s"), [("unit", 730.0), ("unit1", 0.0)])
@pytest.mark.parametrize(("down_s", "workers"), [(-1.0, None), (30.0, 1)])
def test_an_agent_that_holds_a_copy_back_keeps_waiting_whoever_it_is_assigned_to(
    where: str, stalled_s: float, down_s: float, workers: int | None
) -> None:
    """Assigned at 300 s; the agent does not hear of the copies, or has one worker, whom the first takes."""
    grid = Grid(delivery="broadcast", agents=Agents(import_workers=workers))
    team = [radiologist("a"), radiologist("b", "unit1")]
    event = AgentDown(where, down_s, 1030.0)
    held = world(team, units=units(2), grid=grid, dispatch=Dispatch(300.0, 100), events=(event,))
    rows = sound(simulate(held, work([60.0, 60.0], [10.0, 10.0]))).inspections
    assert rows.stalled_s == pytest.approx([stalled_s] * 2, abs=SOON)


def test_first_images_that_stand_still_keep_waiting() -> None:
    """1 s of the 1.8 s that they take, then nothing for 100 s."""
    cut = one_world(Grid(viewer=STREAMING), events=(LinkLimit("unit", 1.0, 101.0),))
    rows = sound(simulate(cut, work([60.0], [2.0]))).inspections
    assert rows.delivered_s[0] == pytest.approx(101.8, abs=SOON)
    assert rows.stalled_s[0] == pytest.approx(100.0, abs=SOON)


def test_nothing_sets_out_before_what_waits_for_room_although_it_would_fit() -> None:
    """Room for 100 MB: of 60, 60 and 30 MB the first sets out, and the last only behind the second."""
    sent: list[int] = []
    jobs = work([60.0, 60.0, 30.0], [1.0] * 3)
    stalls = Stalls(Clock(), 3)
    storage = UnitStorage(
        units(1, 100 * MB), jobs, lambda row, unit: sent.append(row), lambda row: None, stalls
    )
    assert storage.can_have(2, 0)
    storage.deliver(0, 0)
    assert storage.can_have(2, 0)
    storage.deliver(1, 0)
    assert not storage.can_have(2, 0)
    storage.deliver(2, 0)
    assert sent == [0]
    storage.arrived(0, 0)
    storage.read(0, 0)
    assert sent == [0, 1, 2]


def test_a_broadcast_copy_makes_room_for_what_is_assigned() -> None:
    """Room for 70 MB at each unit: the copy of what is uploaded first goes where the other is assigned. Where
    it is read the other's copy comes afterwards, for nothing.
    """
    grid = Grid(delivery="broadcast")
    team = [radiologist("a"), radiologist("b", "unit1")]
    narrow = world(team, units=units(2, 70 * MB), grid=grid, dispatch=Dispatch(300.0, 100))
    journal = sound(simulate(narrow, work([60.0, 50.0], [10.0, 1.0]), EachItsOwn()))
    rows = journal.inspections
    assert rows.delivered_s[1] == 300.0
    assert rows.delivered_s[0] == pytest.approx(360.0, abs=SOON)
    assert leg_bytes(journal, "delivery", "broadcast") == 2 * 110 * MB
    assert journal.peak_storage_share.max() <= 1.0


def test_a_stall_is_interrupted_by_an_urgent_study_and_taken_up_again() -> None:
    """The routine one (60 MB) is opened at 0 and waits; the urgent one (10 MB) comes at 20 s, shares the line
    until it has its 10 MB at 40 s, and is read in 60 s. The other has come at 70 s and goes on at 100 s.
    """
    grid = Grid(delivery="pull", reading=DeskRules(interruption=True))
    jobs = work([60.0, 10.0], [10.0, 1.0], [0.0, 20.0], urgent=np.array([False, True]))
    journal = sound(simulate(one_world(grid), jobs))
    rows, seen = journal.inspections, journal.grid.viewing
    assert seen is not None
    assert rows.read_s == pytest.approx([700.0, 100.0], abs=SOON)
    assert seen.stall_s == pytest.approx([20.0, 20.0], abs=SOON)
    assert journal.radiologists.reading_s[0] == pytest.approx(660.0, abs=1e-9)


def test_a_stalled_study_is_parked_at_the_end_of_the_shift() -> None:
    """The shift is over after a minute, the images come after 90 s, the next shift begins a day later."""
    mornings = WeeklySchedule(tuple(WeeklySpan(day, 0, 1) for day in range(7)))
    grid = Grid(delivery="pull", reading=DeskRules("park"))
    early = world([radiologist(schedule=mornings)], units=units(), grid=grid)
    journal = sound(simulate(early, work([90.0], [0.5])))
    rows, desks, seen = journal.inspections, journal.grid.desks, journal.grid.viewing
    assert desks is not None
    assert seen is not None
    assert (desks.kind, desks.at_s.tolist(), desks.until_s.tolist()) == (("parked",), [60.0], [86400.0])
    assert rows.read_s[0] == 86430.0
    assert seen.stall_s[0] == pytest.approx(60.0, abs=SOON)


@pytest.mark.parametrize("delivery", ["assigned", "broadcast", "pull"])
def test_what_is_handed_over_is_read_elsewhere_and_leaves_no_room_behind(delivery: Delivery) -> None:
    """Streamed and handed over while its tail is on the way, it goes to the other unit and is read there."""
    first = WeeklySchedule(tuple(WeeklySpan(day, 0, 60) for day in range(7)))
    later = WeeklySchedule(tuple(WeeklySpan(day, 60, 400) for day in range(7)))
    team = [radiologist("a", schedule=first), radiologist("b", "unit1", schedule=later)]
    grid = Grid(delivery=delivery, viewer=STREAMING, reading=DeskRules("hand-over"))
    jobs = work([10.0, 3000.0, 3000.0], [70.0, 1.0, 1.0])
    one = world(team, units=units(2, 7000 * MB), grid=grid, dispatch=Dispatch(0.0, 100))
    journal = sound(simulate(one, jobs, OnDuty()))
    rows = journal.inspections
    assert rows.radiologist.tolist() == [0, 1, 1]
    assert not np.isnan(rows.reported_s).any()
    assert journal.peak_storage_share.max() <= 1.0


def test_what_still_comes_to_whoever_handed_it_over_keeps_nobody_waiting() -> None:
    """The rest of a streamed study stands still from 3500 s to 6000 s; at 3600 s it is nobody's any more, and
    at 4000 s that of the other unit.
    """
    first = WeeklySchedule(tuple(WeeklySpan(day, 0, 60) for day in range(7)))
    later = WeeklySchedule(tuple(WeeklySpan(day, 60, 400) for day in range(7)))
    team = [radiologist("a", schedule=first), radiologist("b", "unit1", schedule=later)]
    grid = Grid(viewer=STREAMING, reading=DeskRules("hand-over"))
    events = (LinkLimit("unit", 3500.0, 6000.0),)
    one = world(team, units=units(2), grid=grid, events=events, dispatch=Dispatch(1000.0, 100))
    journal = sound(simulate(one, work([10.0, 3000.0], [70.0, 60.0]), OnDuty()))
    rows, seen = journal.inspections, journal.grid.viewing
    assert seen is not None
    assert rows.radiologist.tolist() == [0, 1]
    assert rows.assigned_s.tolist() == [1000.0, 4000.0]
    assert rows.stalled_s[1] - seen.stall_s[1] == pytest.approx(100.0, abs=SOON)
