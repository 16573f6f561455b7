"""Caches, Redundancy Service and index while links and agents fail: nothing is lost, nothing overflows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from simgrid.domain.copies import CacheRules, IndexRules, Redundancy
from simgrid.domain.grid import Agents, Grid, Retry, TransferRules
from simgrid.domain.inspection import Inspections
from simgrid.domain.network import Access, DataCentre
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.site import Site
from simgrid.domain.study import EarlierStudies, Studies
from simgrid.domain.world import World
from simgrid.metrics import audit
from simgrid.network import SharedLinks, down, route, up
from simgrid.simulation.agents import GridAgents
from simgrid.simulation.clock import Clock
from simgrid.simulation.recorder import Recorder
from simgrid.simulation.stalls import Stalls
from simgrid.simulation.storage.copies import Copies
from simgrid.simulation.storage.holdings import DATA_CENTRE
from simgrid.simulation.transfer_log import UPLOAD, TransferLog
from simgrid.simulation.transfers import Wires
from tests.properties.test_event_runs import worlds_with_events
from tests.properties.test_runs import Whim, workloads
from tests.worlds import simulate, world

STUDIES, EARLIER = 30, 3
ACCESS = Access(8e3, 8e3)
RULES = st.sampled_from(["lru", "lfu", "gdsf", "fifo", "belady", "ttl"])
CACHES = st.none() | st.builds(CacheRules, st.sampled_from([300.0, 1000.0, 1e9]), RULES, st.just(400.0))
SERVICE = st.builds(
    Redundancy,
    st.integers(1, 2),
    st.just(("data-centre", "site2")),
    st.sampled_from(["data-centre", "nearest", "least-loaded"]),
    st.sampled_from([0.0, 1.0, 300.0]),
    st.sampled_from([0.0, 0.2, 0.5]),
)
AGENTS = st.builds(
    Agents,
    message_s=st.sampled_from([0.0, 2.0, 500.0]),
    import_workers=st.sampled_from([None, 1]),
    delete_workers=st.sampled_from([None, 1]),
)
GRIDS = st.builds(
    Grid,
    transfers=st.sampled_from([None, TransferRules(broken="resume", retry=Retry(5.0, 2.0, 60.0))]),
    agents=st.none() | AGENTS,
    redundancy=st.none() | SERVICE,
    index=st.none() | st.builds(IndexRules, st.sampled_from([0.0, 30.0, 2000.0])),
)


class StorageMachine(RuleBasedStateMachine):
    """Three sites (the last an archive) and a unit; studies come, are uploaded and fetched; links fail."""

    @initialize(
        grid=GRIDS,
        caches=st.tuples(CACHES, CACHES, CACHES),
        sizes=st.lists(st.sampled_from([0, 1, 90, 100, 400]), min_size=STUDIES, max_size=STUDIES),
    )
    def start(self, grid: Grid, caches: tuple[CacheRules | None, ...], sizes: list[int]) -> None:
        sites = tuple(Site(f"site{n}", ACCESS, cache=caches[n] if n < 2 else None) for n in range(3))
        unit = ReportingUnit("unit", ACCESS, 1e15, 1, 10.0, cache=caches[2])
        self.world = world(sites=sites, units=(unit,), data_centre=DataCentre(ACCESS), grid=grid)
        self.env = Clock()
        self.down: set[str] = set()
        self.ill: set[int] = set()
        self.studies = Studies(
            to_report=STUDIES // 2,
            site=(np.arange(STUDIES) % 3).astype(np.int16),
            requested_s=np.arange(STUDIES) * 100.0,
            size_bytes=np.array(sizes, dtype=np.float64),
            images=np.ones(STUDIES, dtype=np.int32),
            urgent=np.zeros(STUDIES, dtype=np.bool_),
            patient=(np.arange(STUDIES) % 7).astype(np.int32),
        )
        earlier = EarlierStudies(
            site=np.zeros(EARLIER, dtype=np.int16),
            size_bytes=np.full(EARLIER, 50.0),
            images=np.ones(EARLIER, dtype=np.int32),
            patient=np.arange(EARLIER, dtype=np.int32),
            archived=np.zeros(EARLIER, dtype=np.bool_),
        )
        capacity = {way(name): 8e3 for name in self.world.access for way in (up, down)}
        self.wires = Wires(self.env, SharedLinks(capacity), TransferLog(STUDIES), grid.transfers)
        stalls = Stalls(self.env, self.studies.to_report)
        self.agents = GridAgents(
            self.env, self.world, self.studies, self.send_up, lambda row, unit: None, stalls
        )
        self.present = dict(self.world.access)
        self.copies = Copies(
            self.env,
            self.world,
            self.studies,
            earlier,
            self.agents,
            self.wires,
            self.present,
            Recorder(STUDIES),
            stalls,
            self.agents.take_in,
        )
        self.acquired = 0
        self.uploaded: list[int] = []
        self.asked = 0
        self.served: list[int] = []

    def send_up(self, row: int) -> None:
        path = route(f"site{self.studies.site[row]}", "data-centre")
        size = float(self.studies.size_bytes[row])
        self.wires.send_images(UPLOAD, row, path, size, 1, lambda row: self.agents.sent(row, self.arrived))

    def arrived(self, row: int) -> None:
        self.uploaded.append(row)
        self.copies.uploaded(row)

    @precondition(lambda self: self.acquired < STUDIES)
    @rule(number=st.integers(1, 6))
    def acquire(self, number: int) -> None:
        for _ in range(min(number, STUDIES - self.acquired)):
            self.acquired += 1
            self.copies.take_in(self.acquired - 1)

    @rule(by=st.sampled_from([0.05, 1.0, 60.0, 5000.0]))
    def wait(self, by: float) -> None:
        self.env.run(until=self.env.now + by)

    @rule(study=st.integers(0, STUDIES + EARLIER - 1), to=st.sampled_from([1, 2, 3, 4]))
    def fetch(self, study: int, to: int) -> None:
        """Also of what has not been acquired yet."""
        self.asked += 1
        self.copies.fetch(study, to, self.served.append)

    @rule(study=st.integers(0, STUDIES - 1))
    def read(self, study: int) -> None:
        if study in self.uploaded:
            self.copies.read(study, 0)

    @rule(place=st.sampled_from(["site0", "site1", "site2", "unit", "data-centre"]))
    def break_or_mend(self, place: str) -> None:
        self.down ^= {place}
        bps = 0.0 if place in self.down else 8e3
        self.present[place] = Access(bps, bps)
        for way in (up, down):
            self.wires.set_capacity(way(place), bps)

    @rule(agent=st.integers(0, 3))
    def fall_ill_or_recover(self, agent: int) -> None:
        """The unit's agent is number 0, those of the sites follow."""
        (self.agents.come_back if agent in self.ill else self.agents.go_down)(agent)
        self.ill ^= {agent}

    @invariant()
    def nothing_is_lost_and_nothing_overflows(self) -> None:
        if not hasattr(self, "copies"):
            return
        replicas, rules = self.copies._holdings.replicas, self.world.grid.redundancy
        records = self.copies.records()
        assert all(share <= 1.0 for share in records.peak_share)
        assert records.archived >= records.uploaded == len(self.uploaded)
        for room in self.copies._rooms._rooms:
            if room is not None:
                assert room.cache.used_bytes <= room.cache.capacity_bytes
                assert all(replicas.holds(study, room.place) for study in room.cache)
        waiting = {study for room in self.copies._rooms._rooms if room for study in room.blocked}
        done = set(self.uploaded)
        for study in range(self.acquired):
            site = self.copies.site(study % 3)
            cache = self.world.sites[study % 3].cache
            if study in done:
                assert self.copies.holds(study, DATA_CENTRE)
                if rules is not None and cache is not None and not self.copies.holds(study, site):
                    kept = self.studies.size_bytes[study] <= cache.size_bytes
                    assert not kept or replicas.durable_copies(study) >= rules.copies
            elif cache is not None and self.studies.size_bytes[study] <= cache.size_bytes:
                held_up = self.agents.is_down(self.agents.of_site(study % 3))
                assert not (study in waiting and self.copies.holds(study, site))
                assert held_up or study in waiting or self.copies.holds(study, site)

    def teardown(self) -> None:
        """With every link and agent up again, all that was asked for comes, once each."""
        if not hasattr(self, "copies"):
            return
        for place in tuple(self.down):
            self.break_or_mend(place)
        for agent in tuple(self.ill):
            self.fall_ill_or_recover(agent)
        self.acquire(STUDIES - self.acquired) if self.acquired < STUDIES else None
        self.env.run(until=self.env.now + 1e6)
        assert sorted(self.uploaded) == list(range(STUDIES))
        assert len(self.served) == self.asked
        assert not np.isnan(self.copies.records().admitted_s).any()
        self.nothing_is_lost_and_nothing_overflows()


TestStorage = StorageMachine.TestCase
TestStorage.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)


@settings(max_examples=60, deadline=None)
@given(
    worlds_with_events(),
    workloads(),
    GRIDS,
    st.lists(
        st.none() | st.builds(CacheRules, st.sampled_from([3e6, 7e6]), RULES, st.just(600.0)), min_size=5
    ),
)
def test_runs_with_caches_and_failing_links_keep_the_laws(
    one: World, work: Inspections, grid: Grid, caches: list[CacheRules | None]
) -> None:
    service = None if grid.redundancy is None else replace(grid.redundancy, archives=("data-centre", "site1"))
    grown = replace(
        one,
        grid=replace(grid, redundancy=service),
        sites=(replace(one.sites[0], cache=caches[0]), one.sites[1]),
        units=tuple(replace(unit, cache=caches[1 + n]) for n, unit in enumerate(one.units)),
    )
    policy = Whim(len(one.radiologists), 1800.0)
    journal = simulate(grown, work, policy)
    assert audit.problems(journal, [unit.workstations for unit in one.units]) == ()
    if np.isnan(journal.inspections.reported_s).any():
        assert journal.ended_s == one.give_up_s
    assert simulate(grown, work, Whim(len(one.radiologists), 1800.0)).fingerprint == journal.fingerprint
