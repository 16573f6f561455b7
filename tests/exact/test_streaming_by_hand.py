"""Studies that are pulled, and viewers that stream: who waits, stalls and is parked; each worked out by hand.

A unit's line carries 1 MB in a second, all other lines are so wide that nothing else takes time worth noting.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgrid.domain.desk_rules import DeskRules
from simgrid.domain.events import AgentDown, LinkLimit
from simgrid.domain.grid import Agents, Grid
from simgrid.domain.schedule import WeeklySchedule, WeeklySpan
from simgrid.domain.viewing import Viewer
from tests.image_delivery import SOON, STREAMING, EachItsOwn, one_world, sound, streamed, units, work
from tests.worlds import radiologist, simulate, world


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
