"""However images and priors get to the desks, and whatever fails: nothing is lost, no storage overflows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.copies import CacheRules, IndexRules, Redundancy
from simgrid.domain.events import LinkLimit
from simgrid.domain.grid import Agents, Grid, TransferRules
from simgrid.domain.inspection import Inspections
from simgrid.domain.journal import Journal
from simgrid.domain.prior_studies import PriorStudies, StudyLists
from simgrid.domain.study import EarlierStudies
from simgrid.domain.units import DAY, MINUTE
from simgrid.domain.viewing import Delivery, Viewer
from simgrid.domain.world import World
from simgrid.metrics import audit
from tests.properties.test_desk_runs import RULES, workloads, worlds
from tests.properties.test_fault_runs import failing_worlds
from tests.properties.test_runs import Whim
from tests.worlds import simulate

GRIDS = st.builds(
    Grid,
    delivery=st.sampled_from([None, "assigned", "broadcast", "pull"]),
    viewer=st.none()
    | st.builds(
        Viewer, st.booleans(), st.integers(1, 40), st.integers(0, 40), st.sampled_from([1, 3, 16, 400])
    ),
    transfers=st.none()
    | st.builds(
        TransferRules, st.just(2.0), latency_s=st.just(3.0), broken=st.sampled_from(["stall", "restart"])
    ),
    agents=st.none() | st.builds(Agents, message_s=st.sampled_from([0.0, 5.0]), import_workers=st.just(1)),
    redundancy=st.none() | st.just(Redundancy(source="nearest")),
    index=st.none() | st.just(IndexRules(60.0)),
)


@st.composite
def prior_studies(draw: st.DrawFn, inspections: int) -> PriorStudies:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = 12
    earlier = EarlierStudies(
        site=np.zeros(count, dtype=np.int16),
        size_bytes=rng.choice([0.0, 1e5, 4e6], count),
        images=np.ones(count, dtype=np.int32),
        patient=np.zeros(count, dtype=np.int32),
        archived=rng.random(count) < 0.5,
    )

    def lists(most: int) -> StudyLists:
        rows = [rng.choice(count, rng.integers(0, most + 1), replace=False) for _ in range(inspections)]
        begin = np.cumsum([0, *(len(row) for row in rows)])
        return StudyLists(begin, np.concatenate(rows).astype(np.int64) + inspections)

    return PriorStudies(earlier, lists(draw(st.sampled_from([0, 3]))), lists(3))


@st.composite
def runs(draw: st.DrawFn) -> tuple[World, Inspections, PriorStudies | None]:
    plain, work = draw(worlds(st.none() | RULES)), draw(workloads())
    grid = replace(draw(GRIDS), reading=plain.grid.reading)
    rule = st.sampled_from([None, CacheRules(5e6), CacheRules(1e9)])
    units = tuple(replace(unit, cache=draw(rule)) for unit in plain.units)
    place = st.sampled_from([unit.name for unit in units] + ["site", "data-centre"])
    down = st.builds(
        lambda whom, start, length: LinkLimit(whom, start * MINUTE, (start + length) * MINUTE),
        place,
        st.integers(0, 200),
        st.integers(1, 300),
    )
    events = tuple(draw(st.lists(down, max_size=4)))
    images = draw(st.sampled_from([1, 4, 300]))
    work = replace(work, images=np.full(len(work), images, dtype=np.int64))
    found = draw(st.none() | prior_studies(len(work)))
    return replace(plain, grid=grid, units=units, events=events), work, found


def live(one: World, work: Inspections, found: PriorStudies | None, timing: str = "batched") -> Journal:
    return simulate(one, work, Whim(len(one.radiologists), 1800.0), timing=timing, priors=found)


@settings(max_examples=120, deadline=None)
@given(runs(), st.sampled_from(["batched", "online"]))
def test_every_run_keeps_the_laws(case: tuple[World, Inspections, PriorStudies | None], timing: str) -> None:
    one, work, found = case
    journal = live(one, work, found, timing)
    shared = [unit.monitors.count if unit.monitors else 0 for unit in one.units]
    assert audit.problems(journal, [unit.workstations for unit in one.units], shared) == ()
    if one.give_up_s > DAY:
        assert not np.isnan(journal.inspections.reported_s).any()


@st.composite
def failing_runs(draw: st.DrawFn) -> tuple[World, Inspections, PriorStudies | None]:
    """Agents, lines and people fail while everything is on."""
    plain, work = draw(failing_worlds()), draw(workloads())
    work = replace(work, sites=tuple(site.name for site in plain.sites))
    on = draw(GRIDS)
    grid = replace(on, transfers=plain.grid.transfers, agents=plain.grid.agents, reading=draw(RULES))
    give_up_s = 40 * DAY if plain.give_up_s > DAY else plain.give_up_s
    one = replace(plain, grid=grid, give_up_s=give_up_s)
    return one, work, draw(st.none() | prior_studies(len(work)))


@settings(max_examples=60, deadline=None)
@given(failing_runs())
def test_nothing_is_lost_whatever_fails(case: tuple[World, Inspections, PriorStudies | None]) -> None:
    one, work, found = case
    journal = live(one, work, found)
    assert audit.problems(journal, [unit.workstations for unit in one.units]) == ()
    rows, for_good = journal.inspections, any(event.end_s == np.inf for event in one.events)
    if one.give_up_s > DAY and not for_good:
        assert not np.isnan(rows.reported_s).any()
    inside_s = np.where(np.isnan(rows.reported_s), journal.ended_s, rows.reported_s) - rows.requested_s
    assert np.all(rows.stalled_s <= np.maximum(inside_s, 0.0) + 1e-6)


@settings(max_examples=40, deadline=None)
@given(runs())
def test_stalls_are_what_readings_lasted_too_long(
    case: tuple[World, Inspections, PriorStudies | None],
) -> None:
    """A study that nobody laid aside was open for its reading and its stall, and for nothing else."""
    one, work, found = case
    one = replace(one, grid=replace(one.grid, reading=None))
    journal = live(one, work, found)
    rows, seen = journal.inspections, journal.grid.viewing
    if seen is None:
        return
    read = ~np.isnan(rows.read_s)
    speed = np.array([profile.speed for profile in one.truth])
    reading_s = work.reading_draw_min * MINUTE * speed[rows.radiologist]
    open_s = rows.read_s - rows.opened_s
    np.testing.assert_allclose(open_s[read], (reading_s + seen.stall_s)[read], rtol=1e-9, atol=1e-6)
    assert np.all(seen.first_image_s[read] <= open_s[read] + 1e-6)


@settings(max_examples=60, deadline=None)
@given(runs(), st.sampled_from([None, "pull"]), st.sampled_from([1, 3, 16, 400]))
def test_each_piece_is_read_after_the_one_before_it_and_after_its_arrival(
    case: tuple[World, Inspections, PriorStudies | None], delivery: Delivery | None, groups: int
) -> None:
    """The end of each reading, worked out anew from the arrivals in the journal."""
    plain, work, _ = case
    viewer = Viewer(streaming=True, first_images=2, neighbours=7, groups=groups)
    one = replace(plain, grid=replace(plain.grid, reading=None, delivery=delivery, viewer=viewer))
    journal = live(one, work, None)
    rows, moved = journal.inspections, journal.transfers
    arrivals: dict[int, list[float]] = {}
    for row, leg, end_s, broken in zip(
        moved.inspection.tolist(), moved.leg, moved.finished_s.tolist(), moved.broken.tolist(), strict=True
    ):
        if leg in ("delivery", "first-images") and not broken:
            arrivals.setdefault(row, []).append(end_s)
    speed = np.array([profile.speed for profile in one.truth])
    for row in np.flatnonzero(~np.isnan(rows.read_s)).tolist():
        images = int(work.images[row])
        shares = viewer.shares(images)
        assert len(arrivals[row]) == len(shares) <= groups + 2
        takes_s = work.reading_draw_min[row] * MINUTE * speed[rows.radiologist[row]]
        now_s, had = rows.opened_s[row], 0.0
        for there_s, share in zip(sorted(arrivals[row]), shares, strict=True):
            upto = viewer.readable(images, share)
            now_s, had = max(now_s, there_s) + takes_s * (upto - had), upto
        assert had == 1.0
        np.testing.assert_allclose(rows.read_s[row], now_s, rtol=1e-9, atol=1e-6)
