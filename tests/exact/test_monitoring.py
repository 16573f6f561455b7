"""What policies see of a grid that is monitored now and then: by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgrid.domain.decision import Assignment, Worklist
from simgrid.domain.desk_rules import DeskRules
from simgrid.domain.events import LinkLimit
from simgrid.domain.grid import Grid, Monitoring
from simgrid.domain.network import Access
from simgrid.domain.radiologist import Radiologist
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.schedule import WeeklySchedule, WeeklySpan
from simgrid.domain.world import World
from tests.worlds import inspections, radiologist, simulate, world

MB = 1e6


class Watching:
    """Everything to the only radiologist; keeps what it is shown."""

    def __init__(self) -> None:
        self.seen: list[Worklist] = []

    def assign(self, worklist: Worklist) -> Assignment:
        self.seen.append(worklist)
        return Assignment(np.zeros(len(worklist), dtype=np.int64))

    def queues(self) -> list[tuple[float, int]]:
        return [(float(one.desks.queue_s[0]), int(one.desks.queue_count[0])) for one in self.seen]


def monitored(
    every_s: float,
    bandwidth: str = "capacity",
    team: tuple[Radiologist, ...] = (radiologist(),),
    **changes: object,
) -> World:
    unit = ReportingUnit("unit", Access(8 * MB, 8 * MB), 1e9, 1, 10.0)
    grid = Grid(monitoring=Monitoring(every_s, bandwidth))  # type: ignore[arg-type]
    return world(team, units=(unit,), grid=grid, **changes)


def test_backlog_is_that_of_the_last_sample_and_what_was_assigned_since() -> None:
    # Reading takes 2 min each, ten are believed. At 0 the first, then three more within the hour.
    work = inspections([0.0, 900.0, 4000.0, 4100.0], [2.0] * 4)
    shown, live = Watching(), Watching()
    simulate(monitored(3600.0), work, shown)
    simulate(monitored(0.0), work, live)
    assert live.queues() == [(0, 0), (0, 0), (0, 0), (500, 1)]
    # At 900 the first was read long ago, and nobody has said so; the sample of 3600 has it.
    assert shown.queues() == [(0, 0), (600, 1), (0, 0), (600, 1)]
    assert [one.desks.available_in_s[0] for one in shown.seen] == pytest.approx([0, 600, 0, 600])


def test_a_sample_shows_what_the_open_study_has_had() -> None:
    work = inspections([0.0, 400.0], [9.0, 1.0])
    shown = Watching()
    simulate(monitored(300.0), work, shown)
    assert shown.queues()[1] == (300, 1)


def test_a_sample_of_the_same_instant_is_known_to_a_decision() -> None:
    work = inspections([0.0, 3600.0], [2.0, 2.0])
    shown = Watching()
    simulate(monitored(3600.0), work, shown)
    assert shown.queues() == [(0, 0), (0, 0)]


def test_free_storage_leaves_out_what_is_promised_to_who_waits_for_room() -> None:
    """Of 1 GB the first takes 600 MB for as long as it is read, the second waits for 600 MB from 10 s on."""
    work = inspections([0.0, 10.0, 20.0], [10.0] * 3, size_bytes=np.array([600 * MB, 600 * MB, 0.0]))
    live = Watching()
    simulate(monitored(0.0), work, live)
    assert [float(one.units.storage_free_bytes[0]) for one in live.seen] == [1e9, 400 * MB, 0.0]


def test_bandwidth_is_that_of_the_last_sample() -> None:
    down = LinkLimit("unit", 100.0, 5000.0)
    work = inspections([50.0, 200.0, 400.0, 5100.0, 5500.0], [1.0] * 5)
    shown = Watching()
    simulate(monitored(300.0, events=(down,)), work, shown)
    seen = [float(one.units.bandwidth_bps[0]) for one in shown.seen]
    assert seen == [8 * MB, 8 * MB, 0, 8 * MB, 8 * MB]


def test_free_bandwidth_is_what_a_further_transfer_would_get() -> None:
    work = inspections([0.0, 10.0, 700.0], [1.0] * 3, size_bytes=np.array([100 * MB, 1 * MB, 1 * MB]))
    live, shown = Watching(), Watching()
    simulate(monitored(0.0, "free"), work, live)
    simulate(monitored(600.0, "free"), work, shown)
    assert [float(one.units.bandwidth_bps[0]) for one in live.seen] == [8 * MB, 4 * MB, 8 * MB]
    assert [float(one.units.bandwidth_bps[0]) for one in shown.seen] == [8 * MB, 8 * MB, 8 * MB]


def test_storage_is_that_of_the_last_sample_less_what_was_assigned_since() -> None:
    work = inspections([0.0, 10.0, 2000.0, 4000.0], [1.0] * 4, size_bytes=np.full(4, 100 * MB))
    shown = Watching()
    simulate(monitored(3600.0), work, shown)
    free = [float(one.units.storage_free_bytes[0]) for one in shown.seen]
    assert free == pytest.approx([1e9, 9e8, 8e8, 1e9])


def test_what_is_given_back_leaves_the_backlog_at_once() -> None:
    ends = WeeklySchedule((WeeklySpan(0, 0, 15), WeeklySpan(0, 120, 180)))
    team = (radiologist(schedule=ends),)
    work = inspections([0.0, 0.0, 0.0], [30.0] * 3)
    shown = Watching()
    one = monitored(7200.0, team=team)
    hands_over = replace(one, grid=replace(one.grid, reading=DeskRules("hand-over")))
    simulate(hands_over, work, shown)
    # At 15 min the two that lie unopened are given back and decided anew: of three times 600 s one is left.
    assert shown.queues()[-1] == (600, 1)
