"""Whatever happens on schedule, nothing is lost, the run ends, and the transfers are those of the links."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.events import Absence, Event, LinkLimit, absences, capacity_steps
from simgrid.domain.inspection import Inspections
from simgrid.domain.journal import Journal
from simgrid.domain.scenario import PolicyChoice
from simgrid.domain.world import World
from simgrid.metrics import audit
from simgrid.network import CapacityChange, Flow, completion_times, down, up
from simgrid.policies import registry
from simgrid.rating import Ontology
from tests.properties.test_runs import GATES, Whim, live, retrievals, workloads, worlds
from tests.worklists import KINDS
from tests.worlds import simulate, team_of

SPAN = st.tuples(
    st.integers(-3600, 9000), st.integers(60, 9000) | st.sampled_from([30 * 86400.0, math.inf])
).map(lambda one: (float(one[0]), float(one[0] + one[1])))


@st.composite
def worlds_with_events(draw: st.DrawFn) -> World:
    one = draw(worlds())
    places, names = list(one.access), [radiologist.name for radiologist in one.radiologists]
    capacity = st.sampled_from([0.0, 0.0, 1e5, 1e6, 1e9, math.inf])
    limits = st.builds(
        lambda place, span, up_bps, down_bps: LinkLimit(place, *span, up_bps, down_bps),
        st.sampled_from(places),
        SPAN,
        capacity,
        capacity,
    )
    away = st.builds(lambda name, span: Absence(name, *span), st.sampled_from(names), SPAN)
    events: tuple[Event, ...] = tuple(draw(st.lists(limits | away, max_size=12)))
    rosters = zip(one.radiologists, one.rosters, strict=True)
    left = tuple(roster.without(absences(who.name, events)) for who, roster in rosters)
    return replace(one, events=events, rosters=left)


def replayed(one: World, journal: Journal) -> list[float]:
    """When each transfer of the run ends if it starts as it did and the links change as declared."""
    capacity = {up(name): line.up_bps for name, line in one.access.items()}
    capacity |= {down(name): line.down_bps for name, line in one.access.items()}
    changes = []
    for step in capacity_steps(one.access, one.events):
        if step.at_s <= journal.ended_s:
            changes.append(CapacityChange(step.at_s, up(step.place), step.access.up_bps))
            changes.append(CapacityChange(step.at_s, down(step.place), step.access.down_bps))
    made = journal.transfers
    rows = zip(made.started_s.tolist(), made.size_bytes.tolist(), made.path, strict=True)
    return completion_times(capacity, [Flow(*row) for row in rows], changes)


def check(one: World, work: Inspections, journal: Journal) -> None:
    assert audit.problems(journal, [unit.workstations for unit in one.units]) == ()
    rows, transfers, table = journal.inspections, journal.transfers, journal.scheduled
    assert len(rows) == len(work)
    assert journal.ended_s <= one.give_up_s
    if np.isnan(rows.reported_s).any():
        assert journal.ended_s == one.give_up_s
    finished = transfers.finished_s
    exact = np.array(replayed(one, journal)).reshape(finished.shape)
    ended = ~np.isnan(finished)
    np.testing.assert_allclose(finished[ended], exact[ended], rtol=1e-9)
    assert (exact[~ended] >= journal.ended_s * (1 - 1e-9)).all()
    for event in one.events:
        if isinstance(event, LinkLimit):
            for way, bps in ((up, event.up_bps), (down, event.down_bps)):
                over = np.array([way(event.place) in path for path in transfers.path], dtype=np.bool_)
                within = (finished > event.start_s * (1 + 1e-9)) & (finished < event.end_s)
                moved = transfers.size_bytes > 0
                assert bps > 0 or not (over & within & moved).any()
        else:
            who = [radiologist.name for radiologist in one.radiologists].index(event.radiologist)
            opened = rows.opened_s[rows.radiologist == who]
            assert not ((opened >= event.start_s) & (opened < event.end_s)).any()
    took_place = [one for one in one.events if one.start_s <= journal.ended_s and one.end_s > 0]
    assert len(table.kind) <= len(took_place)
    assert (table.started_s >= 0).all()
    assert not (table.ended_s < table.started_s).any()


@settings(max_examples=70, deadline=None)
@given(worlds_with_events(), workloads(), st.integers(0, 10), st.sampled_from(["batched", "online"]))
def test_every_run_with_events_keeps_the_laws(one: World, work: Inspections, count: int, timing: str) -> None:
    journal = live(one, work, count, GATES[1], timing)
    check(one, work, journal)
    assert live(one, work, count, GATES[1], timing).fingerprint == journal.fingerprint


@settings(max_examples=25, deadline=None)
@given(worlds_with_events(), workloads())
def test_what_takes_nothing_away_changes_nothing_but_the_record(one: World, work: Inspections) -> None:
    idle = tuple(
        replace(event, up_bps=math.inf, down_bps=math.inf)
        for event in one.events
        if isinstance(event, LinkLimit)
    )
    whim = Whim(len(one.radiologists), 1800.0)
    plain, noted = (
        simulate(replace(one, events=events), work, whim, retrievals=retrievals(3)) for events in ((), idle)
    )
    for column in ("uploaded_s", "delivered_s", "read_s", "reported_s", "radiologist"):
        np.testing.assert_array_equal(getattr(plain.inspections, column), getattr(noted.inspections, column))
    np.testing.assert_array_equal(plain.transfers.finished_s, noted.transfers.finished_s)


@settings(max_examples=25, deadline=None)
@given(
    worlds_with_events(),
    workloads(),
    st.sampled_from(["rwoa", "rwoa@whole-tree", "rbsm", "round-robin", "shortest-queue@minutes", "manual"]),
)
def test_real_policies_live_with_dead_links_and_empty_desks(
    one: World, work: Inspections, label: str
) -> None:
    choice, known = PolicyChoice.parse(label), replace(work, kinds=KINDS[:2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        policy = registry.make(choice, team_of(one, known), Ontology.default())
        journal = simulate(one, known, policy, timing=registry.timing(choice))
    check(one, known, journal)
