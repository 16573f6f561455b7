"""Outages, agents that fail, illnesses and every rule of transfers at once: the laws hold, bytes add up."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from simgrid.domain.events import AgentDown, Event, Illness, LinkLimit, illnesses
from simgrid.domain.grid import Agents, Grid, Retry, TransferRules
from simgrid.domain.inspection import Inspections
from simgrid.domain.world import World
from simgrid.metrics import audit
from simgrid.simulation.workers import WorkerPool
from tests.properties.test_runs import GATES, live, workloads, worlds

SPAN = st.tuples(st.integers(-3600, 9000), st.integers(60, 9000) | st.sampled_from([43200.0, math.inf])).map(
    lambda one: (float(one[0]), float(one[0] + one[1]))
)

RULES = st.builds(
    TransferRules,
    streams=st.sampled_from([1.0, 3.0]),
    cap_bps=st.sampled_from([None, 3e5]),
    latency_s=st.sampled_from([0.0, 2.0]),
    image_latency_s=st.sampled_from([0.0, 0.1]),
    overhead=st.sampled_from([0.0, 0.1]),
    compression=st.sampled_from([1.0, 2.0]),
    broken=st.sampled_from(["stall", "resume", "restart"]),
    retry=st.builds(Retry, st.sampled_from([1.0, 30.0]), st.just(2.0), st.sampled_from([60.0, 7200.0])),
)
AGENTS = st.builds(
    Agents,
    receive_s=st.sampled_from([0.0, 5.0]),
    message_s=st.sampled_from([0.0, 3.0]),
    transfer_workers=st.sampled_from([None, 1, 2]),
    import_workers=st.sampled_from([None, 1]),
    ageing_s=st.sampled_from([0.0, 600.0, math.inf]),
)


@st.composite
def failing_worlds(draw: st.DrawFn) -> World:
    one = draw(worlds())
    agents = [*(site.name for site in one.sites), *(unit.name for unit in one.units)]
    lines = [*agents, "data-centre", "client"]
    events: list[Event] = [
        AgentDown(draw(st.sampled_from(agents)), *draw(SPAN)) for _ in range(draw(st.integers(0, 3)))
    ]
    events += [LinkLimit(draw(st.sampled_from(lines)), *draw(SPAN)) for _ in range(draw(st.integers(0, 3)))]
    events += [
        Illness(draw(st.sampled_from(one.radiologists)).name, *draw(SPAN), hands_back=draw(st.booleans()))
        for _ in range(draw(st.integers(0, 2)))
    ]
    nights = (LinkLimit(draw(st.sampled_from(lines)), 600.0, 1800.0, 1e5, 1e5),)
    rosters = tuple(
        roster.without(illnesses(who.name, events))
        for roster, who in zip(one.rosters, one.radiologists, strict=True)
    )
    return replace(
        one,
        events=tuple(events),
        recurring=nights,
        rosters=rosters,
        planned_rosters=one.rosters,
        grid=Grid(draw(RULES), draw(AGENTS)),
        give_up_s=min(one.give_up_s, 5 * 86400.0),
    )


@settings(max_examples=120, deadline=None)
@given(failing_worlds(), workloads(), st.sampled_from(["batched", "online"]))
def test_nothing_is_lost_or_reported_twice_and_the_run_ends(
    one: World, work: Inspections, timing: str
) -> None:
    journal = live(one, work, 5, GATES[0], timing)
    assert audit.problems(journal, [unit.workstations for unit in one.units]) == ()
    rows = journal.inspections
    for_good = any(event.end_s == math.inf for event in one.events)
    if one.give_up_s > 86400.0 and len(work) and not for_good:
        assert not np.isnan(rows.reported_s).any()
    assert np.array_equal(rows.stalled_s > 0, rows.stalled & (rows.stalled_s > 0))
    assert (rows.stalled_s >= 0).all()
    inside_s = np.where(np.isnan(rows.reported_s), journal.ended_s, rows.reported_s) - rows.requested_s
    assert (rows.stalled_s <= np.maximum(inside_s, 0.0) + 1e-6).all()
    recovered = journal.scheduled.recovered_s
    known = np.isfinite(recovered)
    assert (recovered[known] >= journal.scheduled.ended_s[known]).all()
    assert live(one, work, 5, GATES[0], timing).fingerprint == journal.fingerprint


@settings(max_examples=80, deadline=None)
@given(failing_worlds(), workloads())
def test_bytes_add_up(one: World, work: Inspections) -> None:
    """Of a study that has arrived the attempts carried its bytes on the wire; more where they start anew."""
    journal = live(one, work, 0, GATES[0], "batched")
    rules = one.grid.transfers
    assert rules is not None
    made = journal.transfers
    leg = np.array(made.leg, dtype=np.str_)
    for row in np.flatnonzero(~np.isnan(journal.inspections.uploaded_s)).tolist():
        sent = rules.sent_bytes(float(work.size_bytes[row]))
        own = (made.inspection == row) & (leg == "upload")
        assert np.count_nonzero(own & ~made.broken) == 1
        carried = made.size_bytes[own].sum()
        if rules.broken == "restart":
            assert carried >= sent * (1 - 1e-9)
            assert made.size_bytes[own & ~made.broken].tolist() == [sent]
        else:
            assert abs(carried - sent) <= 1e-9 * max(sent, 1.0)
        if rules.broken == "stall":
            assert not made.broken[own].any()
    for totals in journal.carried:
        ended = (leg == totals.leg) & ~np.isnan(made.finished_s)
        assert np.isclose(made.size_bytes[ended].sum(), totals.carried_bytes, rtol=1e-9, atol=1e-6)
        assert np.count_nonzero(ended & ~made.broken) == totals.transfers


class Workers(RuleBasedStateMachine):
    """A pool against the plainest queue: who begins when, never more than there are, none while it pauses."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[int] = []
        self.pool = WorkerPool(2, 100.0, self.begun.append)
        self.waiting: list[tuple[float, int]] = []
        self.expected: list[int] = []
        self.busy = 0
        self.paused = False
        self.now_s = 0.0
        self.jobs = 0

    def _begin_all(self) -> None:
        while not self.paused and self.busy < 2 and self.waiting:
            first = min(self.waiting)
            self.waiting.remove(first)
            self.expected.append(first[1])
            self.busy += 1

    @rule(urgent=st.booleans(), later=st.sampled_from([0.0, 1.0, 60.0]))
    def submit(self, urgent: Any, later: float) -> None:
        self.now_s += later
        self.jobs += 1
        self.waiting.append((self.now_s + (0.0 if urgent else 100.0), self.jobs))
        self.pool.submit(self.jobs, self.now_s, int(urgent))
        self._begin_all()

    @precondition(lambda self: self.busy > 0)
    @rule()
    def done(self) -> None:
        self.busy -= 1
        self.pool.done()
        self._begin_all()

    @rule()
    def pause(self) -> None:
        self.paused = True
        self.pool.pause()

    @rule()
    def go_on(self) -> None:
        self.paused = False
        self.pool.go_on()
        self._begin_all()

    @invariant()
    def as_the_plain_queue(self) -> None:
        assert self.begun == self.expected
        assert (self.pool.busy, self.pool.waiting) == (self.busy, len(self.waiting))
        assert self.pool.peak_busy <= 2


TestWorkers = Workers.TestCase
TestWorkers.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
