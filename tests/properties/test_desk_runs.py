"""Whatever the rules at the desks, nothing is lost, read twice or read beside something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.desk_rules import DeskRules, SessionSpeedUp
from simgrid.domain.grid import Grid
from simgrid.domain.inspection import GATE_ATTEMPTS, POLICY_LUCK, Inspections
from simgrid.domain.journal import Journal
from simgrid.domain.network import Access
from simgrid.domain.reporting_unit import ReportingUnit, SharedMonitors
from simgrid.domain.schedule import ROUND_THE_CLOCK, WeeklySchedule, WeeklySpan
from simgrid.domain.site import Site
from simgrid.domain.units import DAY, MINUTE
from simgrid.domain.world import Dispatch, World
from simgrid.metrics import audit
from simgrid.metrics.sittings import sittings
from tests.properties.test_runs import Whim
from tests.worlds import CT_BRAIN, MR_KNEE, inspections, radiologist, simulate, world

MAMMOGRAM = replace(MR_KNEE, image_megapixels=5.0)
CHANGEOVERS = [
    WeeklySchedule(tuple(WeeklySpan(day, 60 * hour, 60 * hour + length) for day in range(7)))
    for hour, length in ((0, 30), (0, 90), (1, 40), (1, 600))
]


@st.composite
def worlds(draw: st.DrawFn, rules: st.SearchStrategy[DeskRules]) -> World:
    units = draw(st.integers(1, 3))
    team = [
        radiologist(
            f"r{number}",
            f"unit{draw(st.integers(0, units - 1))}",
            schedule=draw(st.sampled_from([ROUND_THE_CLOCK, *CHANGEOVERS])),
            speed=draw(st.sampled_from([0.5, 1.0, 1.7])),
            non_reading=draw(st.sampled_from([0.0, 0.25])),
        )
        for number in range(draw(st.integers(1, 5)))
    ]
    shared = st.none() | st.builds(SharedMonitors, st.integers(1, 2), st.just(5.0))
    room = st.sampled_from([3.1e6, 6.1e6, 1e9])
    access = st.sampled_from([2e5, 1e7, 1e12]).map(lambda bps: Access(bps, bps))
    return world(
        team,
        sites=(Site("site", draw(access), 2),),
        units=tuple(
            ReportingUnit(f"unit{n}", draw(access), draw(room), draw(st.integers(1, 3)), 3.0, draw(shared))
            for n in range(units)
        ),
        dispatch=Dispatch(draw(st.sampled_from([0.0, 60.0, 900.0])), draw(st.integers(1, 20))),
        give_up_s=draw(st.sampled_from([2 * 3600.0, timedelta(days=60).total_seconds()])),
        grid=Grid(reading=draw(rules)),
        cherry_picking=tuple(draw(st.booleans()) for _ in team),
    )


RULES = st.builds(
    DeskRules,
    end_of_shift=st.sampled_from(["finish", "park", "hand-over"]),
    interruption=st.booleans(),
    resume_s=st.sampled_from([0.0, 60.0, 1000.0, 3000.0]),
    session=st.none()
    | st.builds(SessionSpeedUp, st.sampled_from([0.0, 0.16, 1.0]), st.sampled_from([60.0, 3600.0])),
)


@st.composite
def workloads(draw: st.DrawFn) -> Inspections:
    rows = draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    whole = draw(st.booleans())  # many things at one instant
    minutes = rng.integers(0, 60, rows) if whole else rng.exponential(15.0, rows)
    return inspections(
        np.sort(rng.integers(0, 120, rows) * MINUTE).tolist(),
        minutes.astype(np.float64).tolist(),
        kinds=(CT_BRAIN, MAMMOGRAM),
        kind=rng.integers(0, 2, rows),
        urgent=rng.random(rows) < 0.4,
        size_bytes=rng.choice([0.0, 1e5, 3e6], rows),
        luck=rng.random((rows, POLICY_LUCK + GATE_ATTEMPTS)),
    )


def live(one: World, work: Inspections, timing: str) -> Journal:
    return simulate(one, work, Whim(len(one.radiologists), 1800.0), timing=timing)


@settings(max_examples=150, deadline=None)
@given(worlds(RULES), workloads(), st.sampled_from(["batched", "online"]))
def test_every_run_keeps_the_laws(one: World, work: Inspections, timing: str) -> None:
    journal = live(one, work, timing)
    shared = [unit.monitors.count if unit.monitors else 0 for unit in one.units]
    assert audit.problems(journal, [unit.workstations for unit in one.units], shared) == ()
    if one.give_up_s > DAY:
        assert not np.isnan(journal.inspections.reported_s).any()


@settings(max_examples=40, deadline=None)
@given(
    worlds(st.builds(DeskRules, st.sampled_from(["finish", "park", "hand-over"]), st.booleans())), workloads()
)
def test_the_seconds_of_reading_are_those_that_were_drawn(one: World, work: Inspections) -> None:
    journal = live(one, work, "batched")
    who = journal.inspections.radiologist
    read = ~np.isnan(journal.inspections.read_s)
    speed = np.array([profile.speed for profile in one.truth])
    drawn_s = (work.reading_draw_min * MINUTE * speed[who])[read]
    if one.give_up_s > DAY:
        expected = np.bincount(who[read], drawn_s, minlength=len(speed))
        np.testing.assert_allclose(journal.radiologists.reading_s, expected, rtol=1e-9, atol=1e-6)
    readers, began, ended = sittings(journal)
    sat_s = np.bincount(readers, ended - began, minlength=len(speed))
    np.testing.assert_allclose(journal.radiologists.reading_s, sat_s, rtol=1e-9, atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(worlds(st.just(DeskRules("park"))), workloads())
def test_who_parks_reads_within_her_hours_only(one: World, work: Inspections) -> None:
    journal = live(one, work, "batched")
    for reader, began, ended in zip(*sittings(journal), strict=True):
        roster = one.rosters[reader]
        assert abs(roster.worked(began, ended) - (ended - began)) < 1e-5


@settings(max_examples=40, deadline=None)
@given(worlds(st.just(DeskRules("hand-over"))), workloads())
def test_nothing_unopened_stays_on_a_desk_over_the_end_of_a_shift(one: World, work: Inspections) -> None:
    journal = live(one, work, "online")
    rows = journal.inspections
    for delivered, opened, who in zip(rows.delivered_s, rows.opened_s, rows.radiologist, strict=True):
        if not np.isnan(delivered):
            until = min(opened, journal.ended_s) if not np.isnan(opened) else journal.ended_s
            ends = np.array(one.rosters[who].ends)
            ends = ends[ends < one.give_up_s]
            assert not np.any((ends > delivered) & (ends < until))


@settings(max_examples=25, deadline=None)
@given(worlds(RULES), workloads())
def test_the_same_world_twice_gives_the_same_events(one: World, work: Inspections) -> None:
    assert live(one, work, "batched").fingerprint == live(one, work, "batched").fingerprint
