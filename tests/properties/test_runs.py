"""Whatever the world, a run keeps the laws: conservation, causality, capacities, Little's identity."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.decision import Assignment, Worklist
from simgrid.domain.distribution import constant
from simgrid.domain.inspection import GATE_ATTEMPTS, POLICY_LUCK, Inspections, Retrievals
from simgrid.domain.journal import Journal
from simgrid.domain.network import Access, Client
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.scenario import GateChoice
from simgrid.domain.schedule import ROUND_THE_CLOCK, WeeklySchedule, WeeklySpan
from simgrid.domain.site import Site
from simgrid.domain.world import Acquisition, Dispatch, World
from simgrid.metrics import audit
from tests.worlds import MONDAY, inspections, radiologist, simulate, world

MORNINGS = WeeklySchedule(tuple(WeeklySpan(day, 8 * 60, 11 * 60) for day in range(7)))


class Whim:
    """Chooses by the inspections' luck, and keeps some waiting at first: a policy may do anything."""

    def __init__(self, radiologists: int, patience_s: float) -> None:
        self._radiologists = radiologists
        self._patience_s = patience_s

    def assign(self, worklist: Worklist) -> Assignment:
        chosen = (worklist.luck[:, 0] * self._radiologists).astype(np.int64)
        waits = (worklist.luck[:, 1] < 0.3) & (worklist.age_s < self._patience_s)
        return Assignment(np.where(waits, -1, chosen))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    units = draw(st.integers(1, 3))
    team = [
        radiologist(
            f"r{number}",
            f"unit{draw(st.integers(0, units - 1))}",
            schedule=draw(st.sampled_from([ROUND_THE_CLOCK, MORNINGS])),
            speed=draw(st.floats(0.5, 2.0)),
            non_reading=draw(st.sampled_from([0.0, 0.25])),
        )
        for number in range(draw(st.integers(1, 4)))
    ]
    access = st.floats(2e5, 5e7).map(lambda bps: Access(bps, bps / 2))
    return world(
        team,
        sites=tuple(Site(f"site{n}", draw(access), draw(st.integers(1, 2))) for n in range(2)),
        units=tuple(
            ReportingUnit(f"unit{n}", draw(access), draw(st.floats(3.1e6, 2e7)), draw(st.integers(1, 2)), 3.0)
            for n in range(units)
        ),
        clients=(Client("client", draw(access), 1.0, constant(1e6)),),
        dispatch=Dispatch(draw(st.sampled_from([0.0, 60.0, 900.0])), draw(st.integers(1, 20))),
        acquisition=Acquisition(draw(st.sampled_from([0.0, 120.0])), 300.0, draw(st.integers(0, 2))),
        report_bytes=draw(st.sampled_from([0.0, 5e4])),
        give_up_s=draw(st.sampled_from([2 * 3600.0, timedelta(days=40).total_seconds()])),
    )


@st.composite
def workloads(draw: st.DrawFn) -> Inspections:
    rows = draw(st.integers(0, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return inspections(
        np.sort(rng.integers(0, 7200, rows)).tolist(),
        rng.exponential(10.0, rows).tolist(),
        sites=("site0", "site1"),
        site=rng.integers(0, 2, rows),
        urgent=rng.random(rows) < 0.3,
        size_bytes=rng.choice([0.0, 1e5, 3e6], rows),
        luck=rng.random((rows, POLICY_LUCK + GATE_ATTEMPTS)),
        defect=rng.random((rows, GATE_ATTEMPTS)) < 0.3,
    )


def retrievals(count: int) -> Retrievals:
    return Retrievals(np.zeros(count, dtype=np.int64), np.arange(count) * 100.0, np.full(count, 2e6))


GATES = [GateChoice(), GateChoice("technologist", {"check_s": 24.0})]


def live(one: World, work: Inspections, count: int, gate: GateChoice, timing: str) -> Journal:
    policy = Whim(len(one.radiologists), 1800.0)
    return simulate(one, work, policy, gate=gate, retrievals=retrievals(count), timing=timing)


@settings(max_examples=150, deadline=None)
@given(
    worlds(), workloads(), st.integers(0, 20), st.sampled_from(GATES), st.sampled_from(["batched", "online"])
)
def test_every_run_keeps_the_laws(
    one: World, work: Inspections, count: int, gate: GateChoice, timing: str
) -> None:
    journal = live(one, work, count, gate, timing)
    assert audit.problems(journal, [unit.workstations for unit in one.units]) == ()
    if one.give_up_s > 86400.0 and len(work):
        assert not np.isnan(journal.inspections.reported_s).any()


@settings(max_examples=20, deadline=None)
@given(worlds(), workloads())
def test_the_same_world_twice_gives_the_same_events(one: World, work: Inspections) -> None:
    first, second = (live(one, work, 5, GATES[1], "batched") for _ in range(2))
    assert first.fingerprint == second.fingerprint
    assert first.events == second.events


def test_any_change_of_an_event_changes_the_fingerprint() -> None:
    base: dict[str, Any] = {"requested_s": [0.0, 5.0], "reading_min": [3.0, 4.0]}
    later = base | {"reading_min": [3.0, 4.000001]}
    assert (
        simulate(world(), inspections(**base)).fingerprint
        != simulate(world(), inspections(**later)).fingerprint
    )


@pytest.mark.parametrize("field", ["reported_s", "opened_s", "requested_s"])
def test_the_audit_sees_a_broken_journal(field: str) -> None:
    journal = simulate(world(), inspections([0.0, 5.0], [3.0, 4.0]))
    column = getattr(journal.inspections, field)
    column[1] += 1e6
    assert audit.problems(journal)


def test_rosters_are_disjoint() -> None:
    roster = MORNINGS.roster(MONDAY, MONDAY + timedelta(days=9))
    assert roster.is_disjoint()
    assert roster.total_s == 9 * 3 * 3600
