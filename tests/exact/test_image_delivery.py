"""Delivery to one unit, to all, or on opening; viewers that stream; priors: each worked out by hand.

A unit's line carries 1 MB in a second, all other lines are so wide that nothing else takes time worth noting.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simgrid.domain.copies import CacheRules
from simgrid.domain.desk_rules import DeskRules
from simgrid.domain.events import AgentDown, LinkLimit
from simgrid.domain.grid import Agents, Grid, TransferRules
from simgrid.domain.inspection import Inspections
from simgrid.domain.journal import Journal
from simgrid.domain.network import Access
from simgrid.domain.prior_studies import PriorStudies, StudyLists
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.schedule import WeeklySchedule, WeeklySpan
from simgrid.domain.site import Site
from simgrid.domain.study import EarlierStudies
from simgrid.domain.viewing import Delivery, Viewer
from simgrid.domain.world import Dispatch, World
from simgrid.metrics import audit
from simgrid.simulation.clock import Clock
from simgrid.simulation.delivery import UnitStorage
from simgrid.simulation.stalls import Stalls
from tests.worlds import Always, Shortest, inspections, radiologist, simulate, world

MB = 1e6
LINE = Access(8e6, 8e6)
STREAMING = Viewer(streaming=True)
SOON = 1e-2
"""Seconds that all the wide lines take together."""


def units(count: int = 1, storage: float = 1e15, **changes: Any) -> tuple[ReportingUnit, ...]:
    names = ("unit", *(f"unit{n}" for n in range(1, count)))
    return tuple(ReportingUnit(name, LINE, storage, 9, 10.0, **changes) for name in names)


def one_world(grid: Grid, count: int = 1, storage: float = 1e15, **changes: Any) -> World:
    return world(units=units(count, storage), grid=grid, **changes)


def work(
    sizes_mb: list[float], minutes: list[float], at: list[float] | None = None, **columns: Any
) -> Inspections:
    rows = len(sizes_mb)
    images = np.full(rows, 100, dtype=np.int64)
    requested_s = at or [0.0] * rows
    return inspections(
        requested_s, minutes, **{"size_bytes": np.array(sizes_mb) * MB, "images": images, **columns}
    )


def leg_bytes(journal: Journal, *legs: str) -> float:
    return sum(one.carried_bytes for one in journal.carried if one.leg in legs)


def sound(journal: Journal) -> Journal:
    assert audit.problems(journal) == ()
    return journal


def test_who_pulls_waits_with_the_study_open() -> None:
    journal = sound(simulate(one_world(Grid(delivery="pull")), work([60.0], [10.0])))
    rows, seen = journal.inspections, journal.grid.viewing
    assert seen is not None
    assert rows.opened_s[0] == rows.delivered_s[0] == rows.assigned_s[0]
    assert seen.first_image_s[0] == pytest.approx(60.0, abs=SOON)
    assert rows.stalled_s[0] == seen.stall_s[0] == seen.first_image_s[0]
    assert rows.read_s[0] - rows.opened_s[0] == pytest.approx(660.0, abs=SOON)
    assert journal.radiologists.reading_s[0] == 600.0


def test_nothing_is_pulled_before_it_is_opened() -> None:
    """The smaller one is uploaded first; the other lies on the desk beside it and is sent when it is read."""
    journal = sound(simulate(one_world(Grid(delivery="pull")), work([60.0, 30.0], [10.0, 1.0])))
    rows = journal.inspections
    legs = zip(journal.transfers.started_s, journal.transfers.leg, strict=True)
    assert [at for at, leg in legs if leg == "delivery"] == sorted(rows.opened_s)
    assert rows.delivered_s[0] < 1.0
    assert rows.opened_s[0] == rows.read_s[1]
    assert rows.read_s - rows.opened_s == pytest.approx([660.0, 90.0], abs=SOON)


@pytest.mark.parametrize(
    ("falls_s", "delivered_s", "stalled_s"),
    [(3.0, 405.0, 395.0 + 65.0), (7.0, 400.0, 390.0 + 65.0), (200.0, 10.0, 65.0)],
)
def test_a_pulled_study_is_announced_to_an_agent_that_is_up(
    falls_s: float, delivered_s: float, stalled_s: float
) -> None:
    """Assigned at 5 s, announced for 10 s, opened at once; its images are asked for by a further message."""
    grid = Grid(agents=Agents(message_s=5.0), delivery="pull")
    one = one_world(grid, events=(AgentDown("unit", falls_s, 400.0),))
    rows = sound(simulate(one, work([60.0], [0.5]))).inspections
    assert rows.assigned_s[0] == pytest.approx(5.0, abs=SOON)
    assert rows.delivered_s[0] == pytest.approx(delivered_s, abs=SOON)
    assert rows.stalled_s[0] == pytest.approx(stalled_s, abs=SOON)


def test_a_streamed_study_is_opened_with_its_first_images_and_stalls_before_its_last() -> None:
    """60 MB in 100 images: 3 are there after 1.8 s. Read at speed, 97 % of 30 s are over 29.1 s later, then
    there is nothing until the 100th arrives at 60 s, and the last 3 images take 0.9 s.
    """
    journal = sound(simulate(one_world(Grid(viewer=STREAMING)), work([60.0], [0.5])))
    rows, seen = journal.inspections, journal.grid.viewing
    assert seen is not None
    assert rows.delivered_s[0] - rows.assigned_s[0] == pytest.approx(1.8, abs=SOON)
    assert rows.opened_s[0] == rows.delivered_s[0]
    assert seen.first_image_s[0] == 0.0
    assert seen.stall_s[0] == pytest.approx(60.0 - 1.8 - 29.1, abs=SOON)
    assert rows.read_s[0] - rows.assigned_s[0] == pytest.approx(60.9, abs=SOON)
    assert journal.radiologists.reading_s[0] == pytest.approx(30.0, rel=1e-12)


def test_who_reads_slowly_never_waits() -> None:
    journal = sound(simulate(one_world(Grid(viewer=STREAMING)), work([60.0], [2.0])))
    assert journal.grid.viewing is not None
    assert journal.grid.viewing.stall_s[0] == 0.0
    rows = journal.inspections
    assert rows.read_s[0] - rows.opened_s[0] == pytest.approx(120.0, abs=1e-9)


def streamed(groups: int) -> Grid:
    return Grid(viewer=Viewer(streaming=True, groups=groups))


@pytest.mark.parametrize(("groups", "read_s"), [(94, 1584.4), (16, 1586.8), (1, 1640.2)])
def test_nobody_reads_what_a_dead_link_has_not_brought(groups: int, read_s: float) -> None:
    """60 MB in 100 images, 600 s of reading, the line is dead from 2 to 1002 s: 3 images are there at 1.8 s
    and read at 19.8 s. The next group is of 1, 5 or 94 images and 0.2 s of it have been sent: it comes at
    1002.4, 1004.8 or 1058.2 s. After it nobody waits any more: reading takes the other 582 s.
    """
    down = (LinkLimit("unit", 2.0, 1002.0),)
    journal = sound(simulate(one_world(streamed(groups), events=down), work([60.0], [10.0])))
    rows, seen = journal.inspections, journal.grid.viewing
    assert seen is not None
    assert rows.opened_s[0] == pytest.approx(1.8, abs=SOON)
    assert rows.read_s[0] == pytest.approx(read_s, abs=SOON)
    assert seen.stall_s[0] == pytest.approx(read_s - 582.0 - 19.8, abs=SOON)
    assert journal.radiologists.reading_s[0] == pytest.approx(600.0, rel=1e-12)


def test_who_waits_for_a_dead_link_reads_something_urgent_meanwhile() -> None:
    """As before, image by image; an urgent study without images comes at 100 s and takes a minute."""
    down = (LinkLimit("unit", 2.0, 1002.0),)
    grid = replace(streamed(94), reading=DeskRules(interruption=True))
    jobs = work([60.0, 0.0], [10.0, 1.0], [0.0, 100.0], urgent=np.array([False, True]))
    journal = sound(simulate(one_world(grid, events=down), jobs))
    rows, seen = journal.inspections, journal.grid.viewing
    assert seen is not None
    assert rows.read_s == pytest.approx([1584.4, 160.0], abs=SOON)
    assert seen.stall_s == pytest.approx([100.0 - 19.8 + 1002.4 - 160.0, 0.0], abs=SOON)
    assert journal.radiologists.reading_s[0] == pytest.approx(660.0, rel=1e-12)


def test_a_stalled_reader_is_parked_between_two_pieces() -> None:
    """Her shift is over at 60 s with 3 images read and the line dead; a day later the other 97 are there."""
    longer = WeeklySchedule(tuple(WeeklySpan(day, 0, 1 if day == 0 else 60) for day in range(7)))
    grid = replace(streamed(94), reading=DeskRules("park"))
    down = (LinkLimit("unit", 2.0, 1002.0),)
    early = world([radiologist(schedule=longer)], units=units(), grid=grid, events=down)
    journal = sound(simulate(early, work([60.0], [10.0])))
    rows, seen = journal.inspections, journal.grid.viewing
    assert seen is not None
    assert seen.stall_s[0] == pytest.approx(60.0 - 19.8, abs=SOON)
    assert rows.read_s[0] == pytest.approx(86400.0 + 582.0, abs=SOON)
    assert journal.radiologists.reading_s[0] == pytest.approx(600.0, rel=1e-12)


def test_who_reads_faster_than_a_shared_line_brings_is_late_though_the_line_is_free_later() -> None:
    """60 MB in 100 images and 20 MB for a colleague share the line until 40 s: an image takes 1.2 s, then
    0.6 s. Reading takes 0.9 s an image: it waits for the first ones up to the 33rd, which has come at 39.6 s
    and is read at 40.5 s; the 34th has come by then (40.4 s), and 67 images take 60.3 s. At the mean rate of
    the line she would be through at 3.6 + 90 s.
    """
    team = [radiologist("a"), radiologist("b")]
    both = world(team, units=units(), grid=streamed(94))
    journal = sound(simulate(both, work([60.0, 20.0], [1.5, 0.1]), EachItsOwn()))
    rows, seen = journal.inspections, journal.grid.viewing
    assert seen is not None
    assert rows.opened_s[0] == pytest.approx(3.6, abs=SOON)
    assert rows.read_s[0] == pytest.approx(100.8, abs=SOON)
    assert seen.stall_s[0] == pytest.approx(100.8 - 3.6 - 90.0, abs=SOON)


@pytest.mark.parametrize("groups", [1, 4, 16, 94])
@pytest.mark.parametrize("reading_s", [6.0, 30.0, 58.0, 66.0, 120.0])
def test_at_an_even_rate_groups_cost_the_reading_of_one_at_most(groups: int, reading_s: float) -> None:
    """Image by image it ends at opening and reading time, or at the last arrival and the last share."""
    journal = sound(simulate(one_world(streamed(groups)), work([60.0], [reading_s / 60])))
    fine_s = max(1.8 + reading_s, 60.0 + 0.03 * reading_s)
    largest = np.ceil(94 / groups) / 100
    read_s = float(journal.inspections.read_s[0])
    assert fine_s - SOON <= read_s <= fine_s + largest * reading_s + SOON


def test_without_neighbours_nothing_is_read_before_it_is_there() -> None:
    grid = Grid(viewer=Viewer(streaming=True, neighbours=0, groups=97))
    journal = sound(simulate(one_world(grid), work([60.0], [0.5])))
    assert journal.inspections.read_s[0] == pytest.approx(60.0 + 0.3, abs=SOON)


@pytest.mark.parametrize(
    ("streaming", "first_s", "stall_s", "read_s"), [(False, 60.0, 60.0, 90.0), (True, 1.8, 30.9, 60.9)]
)
def test_pulled_and_streamed(streaming: bool, first_s: float, stall_s: float, read_s: float) -> None:
    """30 s of reading: first 1.8 s for the first images, 29.1 s of reading, 29.1 s of waiting, 0.9 s."""
    grid = Grid(delivery="pull", viewer=Viewer(streaming))
    journal = sound(simulate(one_world(grid), work([60.0], [0.5])))
    rows, seen = journal.inspections, journal.grid.viewing
    assert seen is not None
    assert seen.first_image_s[0] == pytest.approx(first_s, abs=SOON)
    assert seen.stall_s[0] == pytest.approx(stall_s, abs=SOON)
    assert rows.read_s[0] - rows.opened_s[0] == pytest.approx(read_s, abs=SOON)


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


class EachItsOwn(Always):
    """Even inspections to the first, odd ones to the second radiologist, whatever their desks look like."""

    def assign(self, worklist: Any) -> Any:
        answer = super().assign(worklist)
        return replace(answer, radiologist=worklist.inspection % 2)


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


def priors(
    sizes_mb: list[float], ahead: list[list[int]], wanted: list[list[int]], archived: bool = True
) -> PriorStudies:
    """Priors numbered from the number of inspections on; the lists say which, counted from 0."""
    count, own = len(sizes_mb), len(wanted)
    earlier = EarlierStudies(
        site=np.zeros(count, dtype=np.int16),
        size_bytes=np.array(sizes_mb) * MB,
        images=np.ones(count, dtype=np.int32),
        patient=np.zeros(count, dtype=np.int32),
        archived=np.full(count, archived),
    )
    return PriorStudies(earlier, lists(ahead, own), lists(wanted, own))


def lists(rows: list[list[int]], own: int) -> StudyLists:
    begin = np.cumsum([0, *(len(row) for row in rows)])
    return StudyLists(begin, np.array([own + one for row in rows for one in row], dtype=np.int64))


def test_priors_that_nobody_wants_change_nothing() -> None:
    jobs = work([60.0, 3.0], [10.0, 1.0])
    off = simulate(one_world(Grid()), jobs)
    on = sound(simulate(one_world(Grid()), jobs, priors=priors([8.0], [[], []], [[], []])))
    assert (on.fingerprint, on.ended_s) == (off.fingerprint, off.ended_s)
    np.testing.assert_array_equal(on.transfers.finished_s, off.transfers.finished_s)


def test_priors_on_demand_keep_the_radiologist_waiting() -> None:
    """Two priors of 8 and 4 MB share the line: 8 s and 12 s; she begins when both are there."""
    journal = sound(
        simulate(one_world(Grid()), work([60.0], [10.0]), priors=priors([8.0, 4.0], [[]], [[0, 1]]))
    )
    rows, seen, fetched = journal.inspections, journal.grid.viewing, journal.grid.priors
    assert seen is not None
    assert fetched is not None
    assert seen.first_image_s[0] == 0.0
    assert seen.stall_s[0] == pytest.approx(12.0, abs=SOON)
    assert rows.read_s[0] - rows.opened_s[0] == pytest.approx(612.0, abs=SOON)
    assert (fetched.asked, fetched.fetched, fetched.wanted, fetched.ready) == (2, 2, 2, 0)
    assert leg_bytes(journal, "import") == 12 * MB


def test_prefetched_priors_come_with_the_study() -> None:
    """72 MB share the line until the last byte of all has come, at 72 s at the latest; nobody waits for it.
    The one that was not foreseen is asked for at the opening.
    """
    found = priors([8.0, 4.0, 2.0], [[0, 1]], [[0, 2]])
    journal = sound(simulate(one_world(Grid()), work([60.0], [10.0]), priors=found))
    rows, seen, fetched = journal.inspections, journal.grid.viewing, journal.grid.priors
    assert seen is not None
    assert fetched is not None
    assert rows.opened_s[0] == pytest.approx(72.0, abs=SOON)
    assert seen.stall_s[0] == pytest.approx(2.0, abs=SOON)
    assert (fetched.asked, fetched.fetched, fetched.wanted, fetched.ready) == (3, 3, 2, 1)


def test_a_prior_under_way_is_not_sent_twice() -> None:
    """Streamed: opened after 0.03 s or a little more with the prior half there; one transfer serves both."""
    found = priors([30.0], [[0]], [[0]])
    journal = sound(simulate(one_world(Grid(viewer=STREAMING)), work([1.0], [10.0]), priors=found))
    fetched = journal.grid.priors
    assert fetched is not None
    assert (fetched.asked, fetched.fetched, fetched.wanted, fetched.ready) == (1, 1, 1, 0)
    assert leg_bytes(journal, "import") == 30 * MB


@pytest.mark.parametrize(("room", "fetched"), [(CacheRules(1e9), 1), (None, 2)])
def test_the_units_cache_keeps_a_prior_for_the_patients_next_inspection(
    room: CacheRules | None, fetched: int
) -> None:
    grid = Grid()
    kept = world(units=units(cache=room), grid=grid)
    found = priors([8.0], [[], []], [[0], [0]])
    journal = sound(simulate(kept, work([1.0, 1.0], [10.0, 10.0]), priors=found))
    assert journal.grid.priors is not None
    assert journal.grid.priors.fetched == fetched
    assert journal.grid.priors.ready == 2 - fetched
    assert journal.grid.copies is not None
    assert journal.grid.copies.hits == 2 - fetched


def test_a_prior_that_only_its_site_has_comes_from_there() -> None:
    found = priors([8.0], [[]], [[0]], archived=False)
    slow = world(units=units(), sites=(Site("site", Access(4e6, 1e12)),))
    journal = sound(simulate(slow, work([0.0], [10.0]), priors=found))
    assert journal.grid.viewing is not None
    assert journal.grid.viewing.stall_s[0] == pytest.approx(16.0, abs=SOON)
    (path,) = [
        path
        for path, leg in zip(journal.transfers.path, journal.transfers.leg, strict=True)
        if leg == "import"
    ]
    assert path == ("site/up", "unit/down")


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


def test_priors_come_again_to_the_unit_to_which_an_inspection_is_handed_over() -> None:
    """The first reads until after her shift, so that the other inspection goes to the second at its end."""
    first = WeeklySchedule(tuple(WeeklySpan(day, 0, 60) for day in range(7)))
    later = WeeklySchedule(tuple(WeeklySpan(day, 60, 400) for day in range(7)))
    team = [radiologist("a", schedule=first), radiologist("b", "unit1", schedule=later)]
    grid = Grid(reading=DeskRules("hand-over"))
    found = priors([8.0], [[], [0]], [[], [0]])
    one = world(team, units=units(2), grid=grid)
    journal = sound(simulate(one, work([10.0, 20.0], [70.0, 1.0]), OnDuty(), priors=found))
    assert journal.inspections.radiologist.tolist() == [0, 1]
    moved = zip(journal.transfers.path, journal.transfers.leg, strict=True)
    assert [path[1] for path, leg in moved if leg == "import"] == ["unit/down", "unit1/down"]


class OnDuty(Shortest):
    """To whoever is on duty."""

    def assign(self, worklist: Any) -> Any:
        answer = super().assign(worklist)
        return replace(answer, radiologist=np.full(len(worklist), int(np.argmax(worklist.desks.on_duty))))
