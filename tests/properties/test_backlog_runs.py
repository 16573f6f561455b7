"""Whatever there is at a moment: a run that takes it up loses nothing, reports nothing twice, is sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.backlog import AT_UNIT, Backlog
from simgrid.domain.inspection import Inspections
from simgrid.domain.journal import Journal
from simgrid.domain.observer import Observer
from simgrid.domain.world import World
from simgrid.metrics import audit
from tests.properties import test_desk_runs, test_fault_runs, test_runs
from tests.properties.test_runs import Whim
from tests.worlds import simulate

MOMENTS = st.sampled_from([0.0, 60.0, 1800.0, 3600.0, 4321.0, 9000.0])


def stocked(one: World, work: Inspections, at_s: float) -> tuple[Journal, Backlog | None]:
    found: list[Backlog] = []
    policy = Whim(len(one.radiologists), 1800.0)
    whole = simulate(one, work, policy, observer=Observer(snapshot=(at_s, found.append)))
    assert simulate(one, work, policy).fingerprint == whole.fingerprint  # looking changes nothing
    return whole, found[0] if found else None


def of_rows(work: Inspections, rows: list[int]) -> Inspections:
    columns = ("kind", "site", "requested_s", "required_s", "urgent", "size_bytes", "images")
    drawn = ("reading_draw_min", "luck", "defect")
    return replace(
        work,
        identifier=tuple(work.identifier[row] for row in rows),
        **{name: getattr(work, name)[rows] for name in (*columns, *drawn)},
    )


def check(one: World, work: Inspections, at_s: float) -> None:
    whole, backlog = stocked(one, work, at_s)
    if backlog is None:
        return
    row_of = {name: row for row, name in enumerate(work.identifier)}
    open_then = {
        name
        for name, row in row_of.items()
        if work.requested_s[row] < at_s and not whole.inspections.reported_s[row] < at_s
    }
    names = [held.identifier for held in backlog.studies]
    assert len(set(names)) == len(names)
    assert set(names) == open_then
    for unit in one.units:
        lies = [
            held.size_bytes
            for held in backlog.studies
            if held.state in AT_UNIT
            and next(who.unit for who in one.radiologists if who.name == held.radiologist) == unit.name
        ]
        assert sum(lies) <= unit.storage_bytes
    held = [row_of[backlog.studies[place].identifier] for place in np.argsort(backlog.rows).tolist()]
    later = [row for row in range(len(work)) if work.requested_s[row] >= at_s]
    world = replace(one, backlog=backlog)
    policy = Whim(len(one.radiologists), 1800.0)
    rest = simulate(world, of_rows(work, [*held, *later]), policy)
    assert audit.problems(rest, [unit.workstations for unit in one.units]) == ()
    assert len(rest.inspections) == len(held) + len(later)
    if not np.isnan(whole.inspections.reported_s).any():
        assert not np.isnan(rest.inspections.reported_s).any()
    assert not (rest.inspections.reported_s < at_s).any()


@settings(max_examples=60, deadline=None)
@given(test_desk_runs.worlds(test_desk_runs.RULES), test_desk_runs.workloads(), MOMENTS)
def test_nothing_is_lost_at_the_desks(one: World, work: Inspections, at_s: float) -> None:
    check(replace(one, units=tuple(replace(unit, monitors=None) for unit in one.units)), work, at_s)


@settings(max_examples=50, deadline=None)
@given(test_runs.worlds(), test_runs.workloads(), MOMENTS)
def test_nothing_is_lost_on_the_lines_and_at_the_scanners(one: World, work: Inspections, at_s: float) -> None:
    check(one, work, at_s)


@settings(max_examples=40, deadline=None)
@given(test_fault_runs.failing_worlds(), test_runs.workloads(), MOMENTS)
def test_nothing_is_lost_whatever_fails(one: World, work: Inspections, at_s: float) -> None:
    endless = any(event.end_s == np.inf for event in one.events)
    check(replace(one, events=()) if endless else one, work, at_s)
