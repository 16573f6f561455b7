"""The data centre's archive by hand: when a study is filed, found and read, and what a fault delays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simgrid.domain.copies import CacheRules, IndexRules, Redundancy, Source
from simgrid.domain.data_platform import DataPlatform, Streaming
from simgrid.domain.distribution import constant
from simgrid.domain.events import Event, LinkLimit, PlatformDown
from simgrid.domain.grid import Agents, Grid
from simgrid.domain.grid_records import PlatformRecords
from simgrid.domain.inspection import Inspections, Retrievals
from simgrid.domain.journal import Journal
from simgrid.domain.network import Access, Client, DataCentre
from simgrid.domain.scenario import GateChoice
from simgrid.domain.site import Site
from simgrid.domain.study import ArchiveLoad, Studies
from simgrid.domain.world import World
from simgrid.network.shards import shard_column
from simgrid.quality import gates
from simgrid.simulation import Deciders, Fit, run
from tests.worlds import WIDE, Always, inspections, simulate, team_of, world

MB = 1e6
# A megabyte takes 0.01 s in the file layer.
SLOW = DataPlatform(master_s=1.0, insert_s=20.0, query_s=5.0, disk_bps=8e8)
SEED = 3


def archive(platform: DataPlatform, *events: Event, **changes: Any) -> World:
    return world(
        data_centre=DataCentre(WIDE, platform=platform),
        events=events,
        pseudonym_seed=SEED,
        **changes,
    )


def shard(patient: int) -> int:
    return int(shard_column(SEED, 100)[patient])


def records(journal: Journal) -> PlatformRecords:
    assert journal.grid.platform is not None
    return journal.grid.platform


def apart(first: int) -> int:
    """A patient in another shard than the first one's."""
    return next(patient for patient in range(100) if shard(patient) != shard(first))


def of_patients(work: Inspections, *patients: int) -> Studies:
    return Studies.of(work, ArchiveLoad.none()).of_patients(np.array(patients, dtype=np.int32))


NOTHING = Retrievals(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))


def live(one: World, work: Inspections, studies: Studies, asked: Retrievals = NOTHING) -> Journal:
    team = team_of(one, work)
    fit = np.ones((len(one.radiologists), len(work.kinds)))
    deciders = Deciders(team, Always(), "online", gates.make(GateChoice()))
    return run(one, work, asked, deciders, Fit(fit, fit), studies)


def one_study() -> Inspections:
    return inspections([100.0], [1.0], size_bytes=np.array([500 * MB]))


def test_filed_entered_found_and_read() -> None:
    journal = simulate(archive(SLOW), one_study())
    times = journal.inspections
    # On links of a Tbit/s the bytes take 4 ms. Written in 5 s, by the master in 1 s, entered in 20 s.
    assert times.uploaded_s == pytest.approx([100.004 + 5 + 1 + 20])
    # Found by the master in 1 s and the shard in 5 s, read in 5 s, and sent.
    assert times.delivered_s - times.assigned_s == pytest.approx([1 + 5 + 5 + 0.004])
    found = records(journal)
    assert (found.filed, found.fetched, found.recent_hits, found.query_hits) == (1, 1, 0, 0)
    assert found.sojourn_s == pytest.approx([20, 5])
    assert found.queries[shard(0)] == found.queries.sum() == 2


def test_a_recent_study_is_there_at_once() -> None:
    journal = simulate(archive(DataPlatform(16, 1.0, 20.0, 5.0, 8e8, recent_bytes=500 * MB)), one_study())
    assert journal.inspections.delivered_s - journal.inspections.assigned_s == pytest.approx([0.004])
    assert (records(journal).recent_hits, records(journal).queries.sum()) == (1, 1)


def test_what_is_larger_than_the_cache_is_no_recent_study() -> None:
    journal = simulate(archive(DataPlatform(16, 1.0, 20.0, 5.0, 8e8, recent_bytes=499 * MB)), one_study())
    assert records(journal).recent_hits == 0


def test_a_frequent_query_saves_the_database_until_the_patient_has_a_new_study() -> None:
    rules = DataPlatform(16, 1.0, 0.0, 5.0, frequent_queries=1)
    work = inspections([0.0, 0.0, 1000.0], [1.0] * 3, size_bytes=np.zeros(3))
    journal = live(archive(rules), work, of_patients(work, 7, 7, 7))
    found = records(journal)
    # The first two are looked up together, before there is an answer; the third's entry makes that old.
    assert (found.fetched, found.query_hits) == (3, 0)
    again = Retrievals(np.array([0, 0]), np.array([5000.0, 5100.0]), np.zeros(2), np.zeros(2))
    client = Client("client", WIDE, 1.0, constant(1.0))
    late = inspections([0.0, 6000.0], [1.0] * 2, size_bytes=np.zeros(2))
    journal = live(archive(rules, clients=(client,)), late, of_patients(late, 7, apart(7)), again)
    # The delivery's answer is kept for both retrievals.
    assert (records(journal).fetched, records(journal).query_hits) == (4, 2)


def test_patients_of_one_shard_wait_for_each_other_and_others_do_not() -> None:
    rules = DataPlatform(insert_s=20.0)
    work = inspections([0.0, 0.0], [1.0, 1.0], size_bytes=np.zeros(2))
    same = live(archive(rules), work, of_patients(work, 0, 0))
    assert same.inspections.uploaded_s == pytest.approx([20, 40])
    assert records(same).sojourn_s[:2] == pytest.approx([20, 40])
    others = live(archive(rules), work, of_patients(work, 0, apart(0)))
    assert others.inspections.uploaded_s == pytest.approx([20, 20])


def test_a_shard_that_stands_still_delays_its_patients_only() -> None:
    rules = DataPlatform(insert_s=20.0)
    work = inspections([0.0, 0.0], [1.0, 1.0], size_bytes=np.zeros(2))
    down = PlatformDown(shard(0), 10.0, 300.0)
    journal = live(archive(rules, down), work, of_patients(work, 0, apart(0)))
    # Ten seconds of work are done before it stops.
    assert journal.inspections.uploaded_s == pytest.approx([310, 20])
    assert (journal.scheduled.kind, journal.scheduled.whom) == (("platform",), (f"shard {shard(0)}",))
    assert not np.isnan(journal.inspections.reported_s).any()


def test_the_whole_data_centre_down_delays_everything() -> None:
    work = inspections([0.0, 100.0], [1.0, 1.0], size_bytes=np.full(2, 500 * MB))
    down = (LinkLimit("data-centre", 3.0, 200.0), PlatformDown(None, 3.0, 200.0))
    journal = live(archive(SLOW, *down), work, of_patients(work, 0, apart(0)))
    # The first is written for 3 s (but 4 ms) and 2 s more; the second comes over the link when it is back.
    written = 200 + 2.004
    assert journal.inspections.uploaded_s == pytest.approx([written + 21, written + 5 + 21], abs=1e-6)
    assert not np.isnan(journal.inspections.reported_s).any()


def test_a_shard_that_never_comes_back_is_a_study_that_is_open_at_the_end() -> None:
    work = inspections([0.0, 0.0], [1.0, 1.0], size_bytes=np.zeros(2))
    down = PlatformDown(shard(0), 0.0, float("inf"))
    one = archive(DataPlatform(), down, give_up_s=9000.0)
    journal = live(one, work, of_patients(work, 0, apart(0)))
    assert journal.ended_s == 9000.0
    assert np.isnan(journal.inspections.uploaded_s).tolist() == [True, False]
    assert (records(journal).filed, records(journal).unanswered) == (2, 1)


def test_of_what_is_only_archived_nobody_waits_for_the_database() -> None:
    work = inspections([], [])
    load = ArchiveLoad(
        ("CR",),
        np.zeros(2, dtype=np.int16),
        np.zeros(2, dtype=np.int8),
        np.array([0.0, 0.0]),
        np.array([500 * MB, 100 * MB]),
        np.ones(2, dtype=np.int32),
        np.zeros(2, dtype=np.bool_),
    )
    journal = live(archive(SLOW), work, Studies.of(work, load))
    # The smaller arrives first and is written in 1 s, the other one in 5 s.
    assert np.sort(journal.archive.upload_s) == pytest.approx([1.0016, 6.0016], abs=1e-3)
    assert records(journal).queries.sum() == journal.archive.archived == 2


def test_streaming_shows_the_first_image_after_its_own_bytes() -> None:
    phone = Access(1e6, 8 * MB)
    stream = Client("phone", phone, 1.0, constant(1.0), streaming=Streaming(10.0, 50))
    whole = Client("whole", phone, 1.0, constant(1.0))
    asked = Retrievals(np.array([0, 1]), np.array([10.0, 20.0]), np.array([100 * MB, 100 * MB]))
    work = inspections([0.0], [60.0])
    journal = simulate(archive(DataPlatform(query_s=2.0), clients=(stream, whole)), work, retrievals=asked)
    found = journal.grid.retrievals
    assert found is not None
    assert found.first_s - found.asked_s == pytest.approx([2 + 0.2, 2 + 100], abs=1e-3)
    assert found.ended_s - found.asked_s == pytest.approx([2 + 10, 2 + 100], abs=1e-3)
    assert journal.transfers.leg.count("first-image") == 1
    assert journal.transfers.size_bytes[2:].sum() > 110 * MB * (1 - 1e-9)


def test_clients_ask_for_studies_of_the_time_they_look_back() -> None:
    rules = DataPlatform(query_s=2.0)
    work = inspections([0.0, 500.0], [1.0, 9.0], size_bytes=np.zeros(2))
    asked = Retrievals(np.array([0, 0]), np.array([400.0, 600.0]), np.full(2, 1.0), np.array([0.0, 0.0]))
    patients = of_patients(work, 0, apart(0))

    def queries(of_last_s: float) -> list[int]:
        client = Client("client", WIDE, 1.0, constant(1.0), of_last_s)
        found = records(live(archive(rules, clients=(client,)), work, patients, asked))
        return [int(found.queries[shard(0)]), int(found.queries[shard(apart(0))])]

    # Two each of entry and delivery. With a short look back the retrieval at 400 asks for nothing there is.
    assert queries(float("inf")) == [4, 2]
    assert queries(200.0) == [2, 3]


@pytest.mark.parametrize("source", ["data-centre", "nearest"])
def test_only_what_the_data_centre_sends_is_looked_up(source: Source) -> None:
    """A study comes from its site where that still has it and is nearer: nobody asks the database."""
    site = Site("site", WIDE, cache=CacheRules(1e12))
    narrow = Access(1e9, 1e9)
    rules = Grid(redundancy=Redundancy(source=source))
    one = archive(DataPlatform(query_s=5.0), sites=(site,), grid=rules)
    one = replace(one, data_centre=replace(one.data_centre, access=narrow))
    work = inspections([0.0, 0.0, 0.0], [1.0] * 3, size_bytes=np.full(3, MB))
    journal = simulate(one, work)
    sent = sum(
        path[0] == "data-centre/up" and leg == "delivery"
        for leg, path in zip(journal.transfers.leg, journal.transfers.path, strict=True)
    )
    assert records(journal).fetched == sent == (3 if source == "data-centre" else 0)
    assert not np.isnan(journal.inspections.reported_s).any()


def test_an_ideal_platform_under_caches_is_none() -> None:
    site = Site("site", Access(1e8, 1e8), cache=CacheRules(2 * MB))
    grid = Grid(redundancy=Redundancy(), index=IndexRules(5.0), agents=Agents(message_s=0.1))
    work = inspections([0.0, 1.0, 2.0, 3.0], [1.0] * 4, size_bytes=np.full(4, MB))
    on = archive(DataPlatform(), sites=(site,), grid=grid)
    off = replace(on, data_centre=DataCentre(WIDE))
    assert simulate(on, work).fingerprint == simulate(off, work).fingerprint
