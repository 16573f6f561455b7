"""Caches, deletions by permission, ordered copies and stale entries, reckoned by hand.

Links carry 100 bytes a second; a study of 100 bytes crosses one in a second.
"""

from __future__ import annotations

import numpy as np
import pytest

from simgrid.domain.copies import CacheRules, EvictionRule, IndexRules, Redundancy
from simgrid.domain.grid import Agents, Grid
from simgrid.domain.network import Access
from simgrid.domain.prior_studies import StudyLists
from simgrid.domain.site import Site
from simgrid.simulation.storage.uses import coming_uses
from tests.storage_bench import CENTRE, SECOND, UNIT, A, B, Bench
from tests.worlds import inspections, simulate, world


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
