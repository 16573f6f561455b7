"""Priors that are fetched on demand, ahead or not at all; each worked out by hand.

A unit's line carries 1 MB in a second, all other lines are so wide that nothing else takes time worth noting.
"""

from __future__ import annotations

import numpy as np
import pytest

from simgrid.domain.copies import CacheRules
from simgrid.domain.desk_rules import DeskRules
from simgrid.domain.grid import Grid
from simgrid.domain.network import Access
from simgrid.domain.prior_studies import PriorStudies, StudyLists
from simgrid.domain.schedule import WeeklySchedule, WeeklySpan
from simgrid.domain.site import Site
from simgrid.domain.study import EarlierStudies
from tests.image_delivery import MB, SOON, STREAMING, OnDuty, leg_bytes, one_world, sound, units, work
from tests.worlds import radiologist, simulate, world


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
