"""Random worlds with a data platform that fails, clients and stale samples: nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.data_platform import DataPlatform, Streaming
from simgrid.domain.events import Event, LinkLimit, PlatformDown
from simgrid.domain.grid import Grid, Monitoring, TransferRules
from simgrid.domain.grid_records import PlatformRecords
from simgrid.domain.inspection import Inspections
from simgrid.domain.journal import Journal
from simgrid.domain.network import DataCentre
from simgrid.domain.scenario import GateChoice
from simgrid.domain.study import ArchiveLoad, Studies
from simgrid.domain.world import World
from simgrid.metrics import audit
from simgrid.quality import gates
from simgrid.simulation import Deciders, Fit, run
from simgrid.simulation.monitoring import Monitor
from tests.properties.test_event_runs import SPAN
from tests.properties.test_runs import Whim, retrievals, workloads, worlds
from tests.worlds import team_of

SECONDS = st.sampled_from([0.0, 0.02, 7.0, 300.0])
PLATFORMS = st.builds(
    DataPlatform,
    shards=st.sampled_from([1, 3, 16]),
    master_s=SECONDS,
    insert_s=SECONDS,
    query_s=SECONDS,
    disk_bps=st.sampled_from([1e4, 1e7, float("inf")]),
    recent_bytes=st.sampled_from([0.0, 4e6, 1e9]),
    frequent_queries=st.sampled_from([0, 2, 100]),
)
GRIDS = st.builds(
    Grid,
    transfers=st.sampled_from([None, TransferRules(broken="resume"), TransferRules(broken="restart")]),
    monitoring=st.builds(
        Monitoring, st.sampled_from([0.0, 600.0, 4000.0]), st.sampled_from(["capacity", "free"])
    ),
)


@st.composite
def archives(draw: st.DrawFn) -> World:
    """Faults of the platform, of shards and of the data centre as a whole; some for good."""
    one, platform = draw(worlds()), draw(PLATFORMS)
    events: list[Event] = []
    for shard in draw(st.lists(st.none() | st.integers(0, platform.shards - 1), max_size=5)):
        begin, end = draw(SPAN)
        events.append(PlatformDown(shard, begin, end))
        if shard is None and draw(st.booleans()):
            events.append(LinkLimit(one.data_centre.name, begin, end))
    stream = draw(st.sampled_from([None, Streaming(10.0, 20)]))
    return replace(
        one,
        data_centre=DataCentre(one.data_centre.access, platform=platform),
        clients=tuple(replace(client, streaming=stream) for client in one.clients),
        events=tuple(events),
        grid=draw(GRIDS),
        pseudonym_seed=draw(st.integers(0, 9)),
    )


@st.composite
def with_archive(draw: st.DrawFn) -> tuple[Inspections, Studies]:
    """Inspections to be reported and some that are only archived, of few patients."""
    work = draw(workloads())
    rows = draw(st.integers(0, 20))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    load = ArchiveLoad(
        ("CR",),
        rng.integers(0, 2, rows).astype(np.int16),
        np.zeros(rows, dtype=np.int8),
        np.sort(rng.uniform(0, 7200, rows)),
        rng.choice([0.0, 1e5, 3e6], rows),
        np.ones(rows, dtype=np.int32),
        rng.random(rows) < 0.5,
    )
    studies = Studies.of(work, load)
    return work, studies.of_patients(rng.integers(0, 6, len(studies)).astype(np.int32))


def live(one: World, work: Inspections, studies: Studies, asked: int, timing: str) -> Journal:
    team = team_of(one, work)
    fit = np.ones((len(one.radiologists), len(work.kinds)))
    whim = Whim(len(one.radiologists), 1800.0)
    deciders = Deciders(team, whim, timing, gates.make(GateChoice()))  # type: ignore[arg-type]
    return run(one, work, retrievals(asked), deciders, Fit(fit, fit), studies)


def check_platform(found: PlatformRecords, platform: DataPlatform, studies: Studies) -> None:
    hits = found.recent_hits + found.query_hits
    assert found.filed <= len(studies)
    assert found.queries.sum() == found.filed + found.fetched - hits
    assert found.queries.sum() == len(found.sojourn_s) + found.unanswered
    least = min(platform.insert_s, platform.query_s)
    assert not len(found.sojourn_s) or found.sojourn_s.min() >= least * (1 - 1e-6) - 1e-9
    assert platform.recent_bytes or not found.recent_hits
    assert platform.frequent_queries or not found.query_hits


@settings(max_examples=60, deadline=None)
@given(archives(), with_archive(), st.integers(0, 20), st.sampled_from(["batched", "online"]))
def test_whatever_fails_everything_is_accounted_for(
    one: World, load: tuple[Inspections, Studies], asked: int, timing: str
) -> None:
    work, studies = load
    journal = live(one, work, studies, asked, timing)
    assert audit.problems(journal, [unit.workstations for unit in one.units]) == ()
    found, rows, archive = journal.grid.platform, journal.inspections, journal.archive
    assert found is not None
    assert one.data_centre.platform is not None
    check_platform(found, one.data_centre.platform, studies)
    assert found.filed >= (~np.isnan(rows.uploaded_s)).sum() + archive.archived
    assert len(rows) + archive.arrived <= len(studies)
    if any(event.end_s == float("inf") for event in one.events):
        return
    if one.give_up_s > 86400.0 and len(studies):
        latest = max((event.end_s for event in one.events), default=0.0)
        if latest < one.give_up_s - 20 * 86400.0:
            assert not np.isnan(rows.reported_s).any()
            assert (archive.archived, found.filed) == (archive.arrived, len(studies))


@settings(max_examples=15, deadline=None)
@given(archives(), with_archive(), st.integers(0, 10))
def test_the_same_archive_twice_is_the_same_run(
    one: World, load: tuple[Inspections, Studies], asked: int
) -> None:
    first, second = (live(one, *load, asked, "batched") for _ in range(2))
    assert (first.fingerprint, first.events) == (second.fingerprint, second.events)


@settings(max_examples=40, deadline=None)
@given(archives(), with_archive())
def test_no_study_is_filed_before_its_time(one: World, load: tuple[Inspections, Studies]) -> None:
    work, studies = load
    journal = live(one, work, studies, 0, "online")
    platform, rows = one.data_centre.platform, journal.inspections
    assert platform is not None
    needs = rows.size_bytes * platform.disk_s_per_byte + platform.master_s + platform.insert_s
    arrived = {
        row: at
        for leg, row, at, broken in zip(
            journal.transfers.leg,
            journal.transfers.inspection.tolist(),
            journal.transfers.finished_s.tolist(),
            journal.transfers.broken.tolist(),
            strict=True,
        )
        if leg == "upload" and not broken
    }
    for row, at in arrived.items():
        assert not rows.uploaded_s[row] < at + needs[row] - 1e-6
    for down in one.events:
        if isinstance(down, PlatformDown) and down.shard is None:
            within = (rows.uploaded_s > down.start_s + 1e-6) & (rows.uploaded_s < down.end_s - 1e-6)
            assert not within.any()


@settings(max_examples=40, deadline=None)
@given(archives(), with_archive(), st.sampled_from([600.0, 1500.0]))
def test_a_sample_is_what_is_so_even_where_it_was_kept(
    one: World, load: tuple[Inspections, Studies], every_s: float
) -> None:
    def held_to_the_truth(self: Monitor) -> None:
        post(self)
        assert self._sample is not None
        assert (self._sample.queue_s, self._sample.count) == (self._backlogs_s(), self._count.tolist())

    watched = replace(one, grid=replace(one.grid, monitoring=Monitoring(every_s)))
    post = Monitor._post
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Monitor, "_post", held_to_the_truth)
        live(watched, *load, 3, "online")
