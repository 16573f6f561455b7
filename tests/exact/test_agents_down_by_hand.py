"""What an agent that is down does not do, hear or ask for, and makes good when it is back; reckoned by hand.

Links carry 100 bytes a second; a study of 100 bytes crosses one in a second.
"""

from __future__ import annotations

import numpy as np
import pytest

from simgrid.domain.copies import CacheRules, IndexRules, Redundancy
from simgrid.domain.events import AgentDown
from simgrid.domain.grid import Agents, Grid
from simgrid.domain.network import Access
from simgrid.domain.site import Site
from tests.storage_bench import UNIT, Bench
from tests.worlds import inspections, simulate, world


def sick_bench(delete_workers: int = 1) -> Bench:
    """A cache of two studies, filled by 2.5 s; half a second a message, three a deletion."""
    agents = Agents(message_s=0.5, delete_workers=delete_workers)
    grid = Grid(agents=agents, redundancy=Redundancy(delete_s=3.0))
    bench = Bench(grid, (CacheRules(200.0), None, None))
    for study in range(2):
        bench.copies.take_in(study)
    return bench


SITE_A = 1
"""Its agent: the unit's is the first."""


def test_an_agent_that_is_down_takes_nothing_into_its_cache_and_asks_nothing() -> None:
    bench = sick_bench()
    bench.until(10.0)
    bench.agents.go_down(SITE_A)
    sent = bench.agents.messages
    for study in range(2, 4):
        bench.copies.take_in(study)
    bench.until(100.0)
    assert (bench.agents.messages, bench.copies.records().blocked.tolist()) == (sent, [])
    bench.agents.come_back(SITE_A)
    bench.until(120.0)
    # As without the fault, 90 s later.
    assert bench.admitted == {0: 0.0, 1: 0.0, 2: 104.0, 3: 107.0}
    assert bench.copies.records().blocked_s.tolist() == [100.0, 100.0]


def test_a_run_with_a_downed_agent_takes_in_what_was_acquired_meanwhile_when_it_is_back() -> None:
    line = Access(8e6, 8e6)
    one = world(
        sites=(Site("site", line, cache=CacheRules(100e6)),),
        grid=Grid(agents=Agents(message_s=5.0, delete_workers=1), redundancy=Redundancy(delete_s=10.0)),
        events=(AgentDown("site", 100.0, 1100.0),),
    )
    sizes = np.array([60e6, 60e6, 10e6])
    journal = simulate(one, inspections([0.0, 200.0, 201.0], [1.0, 1.0, 1.0], size_bytes=sizes))
    records = journal.grid.copies
    assert records is not None
    # Question and answer take 5 s each, the deletion 10 s; the smaller one stands behind the larger.
    assert records.blocked.tolist() == [1, 2]
    assert records.blocked_s.tolist() == [1100.0, 1100.0]
    assert records.admitted_s.tolist() == [1120.0, 1120.0]
    assert journal.inspections.stalled_s[1:].tolist() == [920.0, 919.0]


@pytest.mark.parametrize(
    ("falls_s", "admitted"),
    [
        (10.25, 103.0),  # the question is on its way: the answer waits at the Manager, half a second, 3 s
        (10.75, 103.0),  # so is the answer, which finds nobody to delete before 100 s
        (12.0, 100.0),  # the deletion has begun and ends; the study is taken in when the agent is back
    ],
)
def test_a_deletion_waits_where_it_was_when_the_agent_went_down(falls_s: float, admitted: float) -> None:
    bench = sick_bench()
    bench.until(10.0)
    bench.copies.take_in(2)
    bench.until(falls_s)
    bench.agents.go_down(SITE_A)
    bench.until(100.0)
    assert 2 not in bench.admitted
    bench.agents.come_back(SITE_A)
    bench.until(120.0)
    assert bench.admitted[2] == admitted + (0.5 if falls_s == 10.25 else 0.0)


def test_what_an_upload_frees_is_not_asked_for_while_the_agent_is_down() -> None:
    bench = sick_bench()
    bench.copies.take_in(2)  # nothing may go before 2.5 s, when the Manager knows of both
    bench.until(2.25)
    bench.agents.go_down(SITE_A)
    bench.until(100.0)
    sent = bench.agents.messages
    bench.agents.come_back(SITE_A)
    bench.until(120.0)
    assert bench.admitted[2] == 104.0
    assert bench.agents.messages == sent + 3  # question, answer, and the third one's upload


def test_what_is_read_beside_an_agent_that_is_down_is_kept_and_asks_for_room_when_it_is_back() -> None:
    grid = Grid(agents=Agents(message_s=0.5), redundancy=Redundancy())
    bench = Bench(grid, (None, None, CacheRules(200.0)))
    for study in range(3):
        bench.copies.take_in(study)
    bench.until(10.0)
    bench.copies.read(0, 0)
    bench.agents.go_down(0)
    sent = bench.agents.messages
    bench.copies.read(1, 0)  # there is room
    bench.copies.read(2, 0)  # there will be none
    bench.until(100.0)
    assert [bench.copies.holds(study, UNIT) for study in range(3)] == [True, False, False]
    bench.agents.come_back(0)
    assert [bench.copies.holds(study, UNIT) for study in range(3)] == [True, True, False]
    bench.until(100.75)
    assert bench.copies.records().deletions == 0
    bench.until(101.25)
    assert bench.copies.records().deletions == 1
    assert bench.agents.messages == sent + 2


def test_an_agent_that_was_down_has_heard_nothing_of_the_index() -> None:
    """The push of 2 s is lost on it; back at 20, it knows of all from 22 on and needs no messages then."""
    grid = Grid(agents=Agents(message_s=0.25), index=IndexRules(push_s=2.0))
    asked = []
    for back_s, wait_s in ((20.0, 1.0), (20.0, 3.0), (0.5, 10.0)):
        bench = Bench(grid)
        bench.agents.go_down(0)
        bench.copies.agent_fails("unit", begins=True)
        bench.copies.take_in(0)  # known to be in the data centre at 1.25
        bench.until(back_s)
        bench.copies.agent_fails("unit", begins=False)
        bench.agents.come_back(0)
        bench.until(back_s + wait_s)
        sent = bench.agents.messages
        bench.fetch(0, UNIT)
        bench.until(50.0)
        asked.append(bench.agents.messages - sent)
        assert len(bench.came) == 1
    assert asked == [2, 0, 0]


def test_a_question_about_a_stale_entry_waits_for_the_agent_that_asks() -> None:
    grid = Grid(agents=Agents(message_s=2.0), index=IndexRules(push_s=100.0))
    bench = Bench(grid)
    bench.copies.take_in(0)
    bench.until(50.0)
    bench.fetch(0, UNIT)
    bench.until(51.0)
    bench.agents.go_down(0)
    bench.until(60.0)
    assert bench.came == []
    bench.agents.come_back(0)
    bench.until(70.0)
    assert bench.came == [(0, 63.0)]
