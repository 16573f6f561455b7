"""Agents that are down and radiologists who fall ill unforeseen, worked by hand second by second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simgrid.domain.decision import Assignment, Worklist
from simgrid.domain.events import AgentDown, Event, Illness, LinkLimit
from simgrid.domain.grid import Agents, Grid, Monitoring, Retry, TransferRules
from simgrid.domain.journal import Journal
from simgrid.domain.network import Access
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.schedule import Roster
from simgrid.domain.site import Site
from simgrid.domain.world import Dispatch, World
from simgrid.metrics import audit
from simgrid.simulation.clock import Clock
from simgrid.simulation.stalls import Stalls
from tests.worlds import WIDE, Always, inspections, radiologist, simulate, world

SLOW = Access(8e6, 8e6)  # a megabyte a second
SITES = (Site("site", SLOW),)
UNITS = (ReportingUnit("unit", SLOW, 1e15, 1, 10.0),)


def run(*events: Event, agents: Agents | None = None, rules: TransferRules | None = None) -> Journal:
    """45 MB at 0 s, up at 45 s, delivered at 90 s, read at 150 s, its report of 1 MB there at 151 s."""
    grid = Grid(rules, agents or Agents())
    one = world(sites=SITES, units=UNITS, report_bytes=1e6, events=events, grid=grid)
    journal = simulate(one, inspections([0.0], [1.0], size_bytes=np.array([45e6])))
    assert audit.problems(journal, [1]) == ()
    return journal


def legs(journal: Journal) -> list[float]:
    rows = journal.inspections
    return [float(column[0]) for column in (rows.uploaded_s, rows.delivered_s, rows.read_s, rows.reported_s)]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        # What it sends stands still; so does what the unit's agent imports.
        ([AgentDown("site", 20.0, 50.0)], [75.0, 120.0, 180.0, 181.0]),
        ([AgentDown("unit", 60.0, 100.0)], [45.0, 130.0, 190.0, 191.0]),
        # Two at a time end with the later one.
        ([AgentDown("site", 20.0, 50.0), AgentDown("site", 30.0, 40.0)], [75.0, 120.0, 180.0, 181.0]),
        # It takes nothing in, and nothing is begun.
        ([AgentDown("site", -5.0, 10.0)], [55.0, 100.0, 160.0, 161.0]),
        # The message to import waits, as the report does for either agent.
        ([AgentDown("unit", 40.0, 60.0)], [45.0, 105.0, 165.0, 166.0]),
        ([AgentDown("unit", 140.0, 200.0)], [45.0, 90.0, 150.0, 201.0]),
        ([AgentDown("site", 140.0, 160.0)], [45.0, 90.0, 150.0, 161.0]),
        ([AgentDown("unit", 140.0, 155.0), AgentDown("site", 150.0, 160.0)], [45.0, 90.0, 150.0, 161.0]),
        # A report under way is a message that has been sent.
        ([AgentDown("site", 150.5, 160.0)], [45.0, 90.0, 150.0, 151.0]),
        # Down when nobody needs it.
        ([AgentDown("site", 45.0, 150.0)], [45.0, 90.0, 150.0, 151.0]),
        # Its link dies with it and comes back later.
        ([AgentDown("site", 20.0, 50.0), LinkLimit("site", 40.0, 60.0)], [85.0, 130.0, 190.0, 191.0]),
    ],
)
def test_an_agent_that_is_down_by_hand(events: list[Event], expected: list[float]) -> None:
    journal = run(*events)
    assert legs(journal) == pytest.approx(expected)
    assert set(journal.scheduled.kind) <= {"agent", "link"}


def test_the_use_of_links_is_measured_while_agents_fail() -> None:
    # 45 MB over 8 Mbit/s are 45 s; the run ends at 181 s with the report at the site.
    grid = Grid(agents=Agents(), monitoring=Monitoring(60.0))
    one = world(
        sites=SITES, units=UNITS, report_bytes=1e6, events=(AgentDown("site", 20.0, 50.0),), grid=grid
    )
    journal = simulate(one, inspections([0.0], [1.0], size_bytes=np.array([45e6])))
    used = journal.grid.links
    assert used is not None
    assert journal.ended_s == pytest.approx(181.0)
    assert used.mean[used.link.index("site/up")] == pytest.approx(45 / 181)
    assert not [name for name in used.link if name.endswith("/agent")]


@pytest.mark.parametrize(("broken", "uploaded_s"), [("resume", 75.0), ("restart", 95.0)])
def test_transfers_of_an_agent_that_goes_down_break_as_the_rules_say(broken: Any, uploaded_s: float) -> None:
    """Broken at 20 s; tried at 30 s in vain, and at 50 s."""
    rules = TransferRules(broken=broken, retry=Retry(10.0, 2.0, 3600.0))
    journal = run(AgentDown("site", 20.0, 45.0), rules=rules)
    assert legs(journal)[0] == pytest.approx(uploaded_s)
    assert journal.inspections.stalled_s.tolist() == [30.0]


def test_an_agent_back_begins_as_many_as_it_has_workers_urgent_first() -> None:
    one = world(
        sites=SITES,
        units=UNITS,
        events=(AgentDown("site", 0.0, 100.0),),
        grid=Grid(None, Agents(transfer_workers=1)),
    )
    work = inspections(
        [0.0] * 3, [1.0] * 3, size_bytes=np.full(3, 10e6), urgent=np.array([False, False, True])
    )
    journal = simulate(one, work)
    # Held at the interface in the order in which they came: the first finds the worker free.
    assert journal.inspections.uploaded_s.tolist() == [110.0, 130.0, 120.0]


@pytest.mark.parametrize(
    ("event", "agents", "stalled_s"),
    [
        # Through the interface at 60 s, when nothing is begun any more.
        (AgentDown("site", 30.0, 1030.0), Agents(receive_s=60.0), 970.0),
        # Known and assigned at 105 s; the message to import it is there at 165 s.
        (AgentDown("unit", 120.0, 1030.0), Agents(message_s=60.0), 865.0),
    ],
)
def test_what_comes_to_an_agent_that_has_gone_down_since_stands_still(
    event: Event, agents: Agents, stalled_s: float
) -> None:
    journal = run(event, agents=agents)
    assert journal.inspections.stalled.tolist() == [True]
    assert journal.inspections.stalled_s.tolist() == pytest.approx([stalled_s])


@pytest.mark.parametrize(
    ("event", "requested_s", "agents", "stalled_s"),
    [
        # One is being sent, the second waits for the worker, the third is not taken in.
        (AgentDown("site", 20.0, 50.0), [0.0, 0.0, 30.0], Agents(transfer_workers=1), [30.0, 30.0, 20.0]),
        # Uploaded together at 90 s, imported one after the other.
        (AgentDown("unit", 100.0, 110.0), [0.0, 0.0], Agents(import_workers=1), [10.0, 10.0]),
    ],
)
def test_who_waits_for_a_worker_of_an_agent_that_is_down_stands_still(
    event: Event, requested_s: list[float], agents: Agents, stalled_s: list[float]
) -> None:
    one = world(sites=SITES, units=UNITS, events=(event,), grid=Grid(None, agents))
    rows = len(requested_s)
    work = inspections(requested_s, [1.0] * rows, size_bytes=np.full(rows, 45e6))
    assert simulate(one, work).inspections.stalled_s.tolist() == pytest.approx(stalled_s)


@pytest.mark.parametrize(("then", "stalled_s"), [("b", 40.0), (None, 20.0)])
def test_images_on_their_way_keep_an_inspection_waiting_where_its_reader_sits(
    then: str | None, stalled_s: float
) -> None:
    """Held up towards a from 0 to 40 s, towards b from 20 to 50 s; read at a from 10 s on, from 30 s at b."""
    env = Clock()
    stalls = Stalls(env, 1)
    for at_s, act in (
        (0.0, lambda: stalls.began(0, "a")),
        (10.0, lambda: stalls.assigned(0, "a")),
        (20.0, lambda: stalls.began(0, "b")),
        (30.0, lambda: stalls.assigned(0, then)),
        (40.0, lambda: stalls.ended(0, "a")),
        (50.0, lambda: stalls.ended(0, "b")),
    ):
        env.after(at_s, lambda act: act(), act)
    env.run(until=100.0)
    assert stalls.seconds.tolist() == [stalled_s]


def test_who_never_comes_back_keeps_what_she_has_and_nothing_is_lost() -> None:
    one = world(
        sites=SITES,
        units=UNITS,
        events=(AgentDown("site", 20.0, 1e9),),
        grid=Grid(None, Agents()),
        give_up_s=7200.0,
    )
    journal = simulate(one, inspections([0.0, 30.0], [1.0] * 2, size_bytes=np.full(2, 45e6)))
    assert audit.problems(journal, [1]) == ()
    assert np.isnan(journal.inspections.uploaded_s).all()
    assert journal.inspections.stalled.tolist() == [True, True]
    assert journal.inspections.stalled_s.tolist() == [7180.0, 7170.0]


def ill(hands_back: bool, spans: Sequence[tuple[float, float]] = ((30.0, 1000.0),), **changes: Any) -> World:
    """Two readers at two units; the first is ill, from 30 s to 1000 s unless told otherwise."""
    team = [radiologist("r1", "unit"), radiologist("r2", "other")]
    units = (*UNITS, replace(UNITS[0], name="other"))
    events = tuple(Illness("r1", *span, hands_back) for span in spans)
    plain = world(team, **{"sites": SITES, "units": units, "events": events, **changes})
    true = (plain.rosters[0].without(Roster.of(spans)), plain.rosters[1])
    return replace(plain, rosters=true, planned_rosters=plain.rosters)


class UntilIll(Always):
    """To the first while she is known to be on duty, else to the second; keeps what it saw."""

    def __init__(self) -> None:
        super().__init__(0)
        self.on_duty: list[tuple[float, bool]] = []

    def assign(self, worklist: Worklist) -> Assignment:
        here = bool(worklist.desks.on_duty[0])
        self.on_duty.append((worklist.now_s, here))
        return Assignment(np.full(len(worklist), 0 if here else 1, dtype=np.int64))


@pytest.mark.parametrize("hands_back", [False, True])
def test_an_illness_is_known_from_its_first_second_and_not_before(hands_back: bool) -> None:
    """A quarter of a megabyte each: on the desk half a second after the request, read for a minute."""
    policy = UntilIll()
    work = inspections([0.0, 1.0, 29.6, 40.0], [1.0] * 4, size_bytes=np.full(4, 0.25e6))
    journal = simulate(ill(hands_back), work, policy)
    assert audit.problems(journal, [1, 1]) == ()
    rows = journal.inspections
    decided = dict(policy.on_duty)
    assert decided[0.25]
    assert decided[1.25]
    assert not decided[40.25]
    # She finishes what is open; the fourth is another's from the start.
    assert (rows.read_s[0], rows.radiologist[0]) == (60.5, 0)
    assert rows.radiologist[3] == 1
    if hands_back:
        # The second lay there unopened, the third was under way to her and came to her desk at 30.1 s: they
        # share the other unit's link from then on.
        assert rows.radiologist.tolist() == [0, 1, 1, 1]
        assert rows.opened_s[1:].tolist() == pytest.approx([30.4, 90.4, 150.4])
    else:
        assert rows.radiologist.tolist() == [0, 0, 0, 1]
        assert rows.opened_s[1:].tolist() == pytest.approx([1000.0, 1060.0, 40.5])


def test_what_is_given_to_her_though_she_is_known_to_be_ill_stays_until_she_is_back() -> None:
    """A policy that does not look gives her everything: nothing goes round in circles."""
    work = inspections([50.0, 60.0], [1.0] * 2, size_bytes=np.full(2, 0.25e6))
    journal = simulate(ill(True, dispatch=Dispatch(60.0, 100)), work, Always(0))
    assert journal.inspections.radiologist.tolist() == [0, 0]
    assert journal.inspections.opened_s.tolist() == [1000.0, 1060.0]
    assert journal.scheduled.kind == ("illness",)


@pytest.mark.parametrize("spans", [((10.0, 1000.0), (500.0, 5000.0)), ((10.0, 5000.0), (500.0, 1000.0))])
def test_the_end_of_one_of_two_illnesses_leaves_the_other(spans: tuple[tuple[float, float], ...]) -> None:
    """4 GB come to the first after 4000 s, and to the second 4000 s after they have been given back."""
    one = ill(True, spans, sites=(Site("site", WIDE),))
    journal = simulate(one, inspections([0.0], [1.0], size_bytes=np.array([4e9])), UntilIll())
    assert journal.inspections.radiologist.tolist() == [1]
    assert journal.inspections.opened_s.tolist() == pytest.approx([8000.0], abs=0.1)
