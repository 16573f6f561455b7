"""Caches, deletions by permission, ordered copies and stale entries, reckoned by hand.

Links carry 100 bytes a second; a study of 100 bytes crosses one in a second.
"""

from __future__ import annotations

import numpy as np
import pytest

from simgrid.domain.copies import CacheRules, EvictionRule, IndexRules, Redundancy
from simgrid.domain.events import AgentDown
from simgrid.domain.grid import Agents, Grid
from simgrid.domain.network import Access, DataCentre
from simgrid.domain.prior_studies import StudyLists
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.site import Site
from simgrid.domain.study import EarlierStudies, Studies
from simgrid.network import SharedLinks, down, route, up
from simgrid.simulation.agents import GridAgents
from simgrid.simulation.clock import Clock
from simgrid.simulation.recorder import Recorder
from simgrid.simulation.stalls import Stalls
from simgrid.simulation.storage.copies import Copies
from simgrid.simulation.storage.uses import coming_uses
from simgrid.simulation.transfer_log import UPLOAD, TransferLog
from simgrid.simulation.transfers import Wires
from tests.worlds import inspections, simulate, world

SECOND = Access(800.0, 800.0)
CENTRE, A, B, UNIT = 0, 1, 2, 3


class Bench:
    """Sites a and b and a unit; every study has 100 bytes, is of site a and is uploaded in a second."""

    def __init__(
        self,
        grid: Grid,
        caches: tuple[CacheRules | None, CacheRules | None, CacheRules | None] = (None, None, None),
        earlier: int = 0,
        centre: Access = SECOND,
        asked_for: tuple[StudyLists, ...] = (),
        archived: bool = False,
    ) -> None:
        sites = (Site("a", SECOND, cache=caches[0]), Site("b", SECOND, cache=caches[1]))
        unit = ReportingUnit("unit", SECOND, 1e15, 1, 10.0, cache=caches[2])
        one = world(sites=sites, units=(unit,), data_centre=DataCentre(centre), grid=grid)
        self.env = Clock()
        number = 6
        studies = Studies(
            to_report=number,
            site=np.zeros(number, dtype=np.int16),
            requested_s=np.arange(number, dtype=np.float64),
            size_bytes=np.full(number, 100.0),
            images=np.ones(number, dtype=np.int32),
            urgent=np.zeros(number, dtype=np.bool_),
            patient=np.arange(number, dtype=np.int32),
        )
        before = EarlierStudies(
            site=np.ones(earlier, dtype=np.int16),
            size_bytes=np.full(earlier, 100.0),
            images=np.ones(earlier, dtype=np.int32),
            patient=np.zeros(earlier, dtype=np.int32),
            archived=np.full(earlier, archived),
        )
        capacity = {way(name): line.up_bps for name, line in one.access.items() for way in (up, down)}
        self.log = TransferLog(number)
        self.wires = Wires(self.env, SharedLinks(capacity), self.log)
        self.stalls = Stalls(self.env, number)
        self.agents = GridAgents(self.env, one, studies, self._send, lambda row, unit: None, self.stalls)
        self.recorder = Recorder(number)
        self.copies = Copies(
            self.env,
            one,
            studies,
            before,
            self.agents,
            self.wires,
            one.access,
            self.recorder,
            self.stalls,
            self._on,
            asked_for=asked_for,
        )
        self.admitted: dict[int, float] = {}
        self.came: list[tuple[int, float]] = []

    def _on(self, row: int) -> None:
        self.admitted[row] = self.env.now
        self.agents.take_in(row)

    def _send(self, row: int) -> None:
        self.wires.send(UPLOAD, row, route("a", "data-centre"), 100.0, self._sent)

    def _sent(self, row: int) -> None:
        self.agents.sent(row, self.copies.uploaded)

    def until(self, at_s: float) -> None:
        self.env.run(until=at_s)

    def fetch(self, study: int, to: int) -> None:
        self.copies.fetch(study, to, lambda study: self.came.append((study, self.env.now)))


def test_a_full_cache_of_studies_on_their_way_up_keeps_the_next_at_the_modality() -> None:
    bench = Bench(Grid(), (CacheRules(200.0), None, None))
    for study in range(4):
        bench.copies.take_in(study)
    # Two share the link and arrive at 2 s; then the two that waited take their places.
    bench.until(10.0)
    assert bench.admitted == {0: 0.0, 1: 0.0, 2: 2.0, 3: 2.0}
    records = bench.copies.records()
    assert records.blocked.tolist() == [2, 3]
    assert records.blocked_s.tolist() == [0.0, 0.0]
    assert records.admitted_s.tolist() == [2.0, 2.0]
    assert bench.stalls.seconds.tolist() == [0.0, 0.0, 2.0, 2.0, 0.0, 0.0]
    assert bench.stalls.stalled.tolist() == [False, False, True, True, False, False]
    assert (records.deletions, records.uploaded, records.archived) == (2, 4, 4)
    assert records.peak_share.tolist() == [1.0]
    assert [bench.copies.holds(study, A) for study in range(4)] == [False, False, True, True]


def test_a_study_larger_than_the_cache_is_sent_without_being_kept() -> None:
    bench = Bench(Grid(), (CacheRules(99.0), None, None))
    bench.copies.take_in(0)
    bench.until(5.0)
    assert bench.admitted == {0: 0.0}
    assert bench.copies.holds(0, CENTRE)
    assert not bench.copies.holds(0, A)


def test_a_deletion_takes_two_messages_and_its_worker() -> None:
    grid = Grid(
        agents=Agents(message_s=0.5, delete_workers=1),
        redundancy=Redundancy(delete_s=3.0),
        index=IndexRules(),
    )
    bench = Bench(grid, (CacheRules(200.0), None, None))
    for study in range(2):
        bench.copies.take_in(study)
    bench.until(10.0)  # uploaded at 2.0, known at 2.5
    for study in range(2, 4):
        bench.copies.take_in(study)
    # Asked at 10, granted at 11; who waits is served one by one by the only worker: 14, 17.
    bench.until(30.0)
    assert bench.admitted == {0: 0.0, 1: 0.0, 2: 14.0, 3: 17.0}
    records = bench.copies.records()
    assert (records.deletions, records.refused, records.ordered) == (2, 0, 0)
    # Four studies appear, are uploaded, and two are deleted; three agents hear of each.
    assert records.pushes == (4 + 4 + 2) * 3


def test_deleting_ahead_keeps_room_so_that_nobody_waits() -> None:
    grid = Grid(redundancy=Redundancy(delete_s=1.0, keep_free=0.25))
    bench = Bench(grid, (CacheRules(400.0), None, None))
    for study in range(4):
        bench.until(10.0 * (1 + study))
        bench.copies.take_in(study)
    # The fourth leaves nothing free: two go ahead, within a second as workers are without number.
    bench.until(40.5)
    assert bench.copies.records().deletions == 0
    bench.until(41.5)
    assert [bench.copies.holds(study, A) for study in range(4)] == [False, False, True, True]
    bench.copies.take_in(4)
    assert bench.admitted[4] == 41.5
    assert bench.copies.records().blocked.tolist() == []


def test_a_copy_is_ordered_before_the_last_but_one_may_go() -> None:
    grid = Grid(redundancy=Redundancy(2, ("data-centre", "b")))
    bench = Bench(grid, (CacheRules(100.0), None, None))
    bench.copies.take_in(0)
    bench.until(5.0)
    bench.copies.take_in(1)  # asks for room: b gets a copy first, which takes a second
    bench.until(5.5)
    assert bench.copies.holds(0, A)
    assert not bench.copies.holds(0, B)
    bench.until(6.5)
    assert not bench.copies.holds(0, A)
    assert bench.copies.holds(0, B)
    assert bench.admitted[1] == 6.0
    assert bench.copies.records().ordered == 1
    assert [leg.leg for leg in bench.log.totals()] == ["copy", "upload"]


@pytest.mark.parametrize(("rule", "made_s"), [("lru", 61.0), ("ttl", 70.0)])
def test_an_ordered_copy_comes_from_no_expired_one(rule: EvictionRule, made_s: float) -> None:
    """Site a is ten times as near as the data centre, but under ``ttl`` its copy is too old."""
    grid = Grid(redundancy=Redundancy(2, ("data-centre", "b"), source="nearest"))
    centre = Access(80.0, 800.0)
    bench = Bench(grid, (CacheRules(100.0, rule, 30.0), None, None), centre=centre)
    bench.copies.take_in(0)
    bench.until(60.0)
    bench.copies.take_in(1)
    bench.until(made_s - 0.25)
    assert not bench.copies.holds(0, B)
    bench.until(made_s + 0.25)
    assert bench.copies.holds(0, B)


def test_a_stale_entry_costs_two_messages() -> None:
    grid = Grid(
        agents=Agents(message_s=0.25),
        redundancy=Redundancy(source="nearest"),
        index=IndexRules(push_s=100.0),
    )
    bench = Bench(grid, (CacheRules(100.0), None, CacheRules(1000.0)), centre=Access(80.0, 800.0))
    bench.copies.take_in(0)
    bench.until(105.0)
    bench.copies.take_in(1)  # study 0 goes from site a after two messages; the unit hears of it at 205.5
    bench.until(150.0)
    assert not bench.copies.holds(0, A)
    sent = bench.agents.messages
    bench.fetch(0, UNIT)
    bench.until(170.0)
    # Site a is nearer than the data centre but has nothing any more; the data centre needs 10 s.
    assert bench.agents.messages == sent + 2
    assert bench.came == [(0, 160.5)]
    records = bench.copies.records()
    assert (records.lookups, records.stale_lookups, records.stale_requests) == (1, 1, 1)
    assert (records.references, records.hits) == (1, 0)


def test_an_agent_that_has_not_heard_of_a_study_asks_the_manager() -> None:
    grid = Grid(agents=Agents(message_s=0.25), index=IndexRules(push_s=100.0))
    bench = Bench(grid)
    bench.copies.take_in(0)
    bench.until(50.0)
    bench.fetch(0, UNIT)
    bench.until(60.0)
    assert bench.came == [(0, 51.5)]
    assert bench.copies.records().stale_requests == 0


@pytest.mark.parametrize(
    ("source", "came"), [("data-centre", 70.0), ("nearest", 61.0), ("least-loaded", 61.0)]
)
def test_the_source_is_chosen_among_the_holders(source: str, came: float) -> None:
    rules = Redundancy(source=source)  # type: ignore[arg-type]
    bench = Bench(Grid(redundancy=rules), (CacheRules(100.0), None, None), centre=Access(80.0, 800.0))
    bench.copies.take_in(0)
    bench.until(60.0)
    bench.fetch(0, UNIT)
    bench.until(80.0)
    assert bench.came == [(0, came)]
    assert bench.copies.records().hits == (source != "data-centre")


def test_the_least_loaded_source_has_no_upload_under_way_either() -> None:
    rules = Redundancy(source="least-loaded")
    bench = Bench(Grid(redundancy=rules), (CacheRules(200.0), None, None), centre=Access(80.0, 800.0))
    bench.copies.take_in(0)
    bench.until(60.0)
    bench.copies.take_in(1)
    bench.fetch(0, UNIT)
    bench.until(80.0)
    # Site a would be ten times as fast, and by 62 s even beside its upload; but the centre sends nothing.
    assert bench.came == [(0, 70.0)]
    assert bench.copies.records().hits == 0


def test_an_expired_copy_elsewhere_is_no_hit_and_the_manager_names_the_next_source() -> None:
    grid = Grid(agents=Agents(message_s=0.25), redundancy=Redundancy(source="nearest"))
    bench = Bench(grid, (CacheRules(1000.0, "ttl", 30.0), None, None), centre=Access(80.0, 800.0))
    bench.copies.take_in(0)  # known to be uploaded at 1.25
    bench.until(29.0)
    bench.fetch(0, B)
    bench.until(60.0)
    assert bench.came == [(0, 30.0)]
    sent = bench.agents.messages
    bench.fetch(0, UNIT)
    bench.until(80.0)
    # Site a is nearest but its copy is 60 s old: a message, the Manager's answer, 10 s from the centre.
    assert bench.came == [(0, 30.0), (0, 70.5)]
    assert bench.agents.messages == sent + 2
    records = bench.copies.records()
    assert (records.references, records.hits, records.hit_bytes) == (2, 1, 100.0)
    assert records.stale_requests == 1


def test_what_has_only_expired_before_its_upload_is_waited_for() -> None:
    grid = Grid(redundancy=Redundancy(source="nearest"))
    bench = Bench(grid, (CacheRules(1000.0, "ttl", 0.5), None, None))
    bench.copies.take_in(0)
    bench.until(0.75)
    bench.fetch(0, UNIT)
    bench.until(5.0)
    assert bench.came == [(0, 2.0)]
    assert bench.copies.records().hits == 0


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


def test_what_was_fetched_is_kept_and_fetched_once() -> None:
    bench = Bench(Grid(), (None, None, CacheRules(150.0)), earlier=2)
    first, second = 6, 7
    bench.fetch(first, UNIT)
    bench.fetch(first, UNIT)
    bench.until(5.0)
    assert bench.came == [(first, 1.0), (first, 1.0)]
    bench.fetch(first, UNIT)
    assert bench.came[-1] == (first, 5.0)
    bench.fetch(second, UNIT)  # at its site for good; the first one, too, may therefore go here
    bench.until(10.0)
    assert bench.copies.holds(second, B)
    records = bench.copies.records()
    assert (records.references, records.hits, records.hit_bytes) == (4, 1, 100.0)
    assert bench.log.totals()[0].transfers == 2


def test_a_study_that_nobody_has_comes_when_it_has_been_acquired() -> None:
    bench = Bench(Grid())
    bench.fetch(0, B)
    bench.until(5.0)
    assert bench.came == []
    bench.copies.take_in(0)
    bench.until(10.0)
    assert bench.came == [(0, 7.0)]  # up to 6, down to 7


def test_a_read_study_stays_at_the_unit_and_is_not_delivered_again() -> None:
    bench = Bench(Grid(), (None, None, CacheRules(100.0)))
    bench.copies.take_in(0)
    bench.until(2.0)
    bench.copies.read(0, 0)
    assert bench.copies.holds(0, UNIT)
    bench.copies.deliver(0, 0, lambda study: bench.came.append((study, bench.env.now)))
    assert bench.came == [(0, 2.0)]


def test_clairvoyance_knows_which_priors_will_be_asked_for_and_when() -> None:
    ahead = StudyLists(np.array([0, 1, 1, 2]), np.array([7, 9]))
    wanted = StudyLists(np.array([0, 2, 2, 3]), np.array([8, 7, 8]))
    found = coming_uses((ahead, wanted), np.array([50.0, 60.0, 90.0]))
    assert found == ([7, 8, 9, 8], [50.0, 50.0, 90.0, 90.0])


def test_a_clairvoyant_cache_drops_what_nobody_will_want() -> None:
    """Priors 6 to 8; there is room for two. Study 7 is wanted at 5 s, the others by nobody."""
    asked = StudyLists(np.array([0, 0, 0, 0, 0, 0, 1]), np.array([7]))
    bench = Bench(Grid(), (None, None, CacheRules(200.0, "belady")), 3, asked_for=(asked,), archived=True)
    for study in (7, 6, 8):
        bench.fetch(study, UNIT)
        bench.until(bench.env.now + 1.5)
    assert [bench.copies.holds(study, UNIT) for study in (6, 7, 8)] == [False, True, True]


def test_an_inspection_at_the_modality_of_a_full_site_stands_still() -> None:
    """Room for one of two: the second is let in when the first has been uploaded, after a second."""
    one = world(sites=(Site("site", SECOND, cache=CacheRules(150.0)),))
    journal = simulate(one, inspections([0.0, 0.0], [1.0, 1.0], size_bytes=np.full(2, 100.0)))
    assert journal.inspections.uploaded_s.tolist() == pytest.approx([1.0, 2.0])
    assert journal.inspections.stalled.tolist() == [False, True]
    assert journal.inspections.stalled_s.tolist() == pytest.approx([0.0, 1.0])
