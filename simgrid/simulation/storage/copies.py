"""What the journey and other rooms ask of copies: take in, uploaded, fetch, deliver, read. START HERE."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from simgrid.domain.copies import CacheRules, Redundancy
from simgrid.domain.grid_records import CopyRecords
from simgrid.domain.network import Access
from simgrid.domain.prior_studies import StudyLists
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.site import Site
from simgrid.domain.study import EarlierStudies, Studies
from simgrid.domain.units import BITS_PER_BYTE, Seconds
from simgrid.domain.world import World
from simgrid.network.copies import (
    LARGEST_BYTES,
    RULES,
    Cache,
    Clairvoyant,
    Fifo,
    Lru,
    RecencyCache,
    Rule,
    Ttl,
)
from simgrid.simulation.agents import GridAgents
from simgrid.simulation.clock import Clock
from simgrid.simulation.data_platform import Platform
from simgrid.simulation.recorder import Recorder
from simgrid.simulation.stalls import Stalls
from simgrid.simulation.storage.holdings import DATA_CENTRE, Holdings
from simgrid.simulation.storage.imports import Imports, Then
from simgrid.simulation.storage.making_room import CachedRooms
from simgrid.simulation.storage.permission import RedundancyService
from simgrid.simulation.storage.sources import Sources
from simgrid.simulation.storage.uses import coming_uses
from simgrid.simulation.transfer_log import DELIVERY
from simgrid.simulation.transfers import Wires


def are_kept(world: World, earlier: EarlierStudies) -> bool:
    """Whether any system needs to know where copies lie."""
    on = world.grid
    return on.redundancy is not None or on.index is not None or len(earlier) > 0 or bool(_with_cache(world))


class Copies:
    """Every copy of every study; places are numbers, from ``site``, ``unit`` and ``DATA_CENTRE``.

    ``on`` takes a study further when it lies at its site. Studies of ``earlier`` are numbered after those of
    the run. ``asked_for``: the priors that each inspection will fetch, of which only a clairvoyant cache
    hears.
    """

    def __init__(
        self,
        env: Clock,
        world: World,
        studies: Studies,
        earlier: EarlierStudies,
        agents: GridAgents,
        wires: Wires,
        present: Mapping[str, Access],
        recorder: Recorder,
        stalls: Stalls,
        on: Callable[[int], None],
        platform: Platform | None = None,
        asked_for: Sequence[StudyLists] = (),
    ) -> None:
        self._env = env
        self._sites = len(world.sites)
        self._site_of = studies.site.data
        self._holdings = Holdings(env, world, studies, earlier)
        self._agents = agents
        rules = world.grid.redundancy
        workers = None if world.grid.agents is None else world.grid.agents.delete_workers
        self._rooms = CachedRooms(
            env, self._holdings, rules, workers, self._ask, recorder, stalls, on, agents
        )
        source = (rules or Redundancy()).source
        self._sources = Sources(source, self._holdings, self._rooms, agents, wires, present, platform)
        self._service = RedundancyService(self._holdings, self._sources, agents, self._rooms.answered)
        self._imports = Imports(self._holdings, self._rooms, self._sources, agents)
        self._uploaded = 0
        self._open_caches(world, studies, asked_for)

    def site(self, number: int) -> int:
        """The place of a site."""
        return 1 + number

    def unit(self, number: int) -> int:
        """The place of a reporting unit."""
        return 1 + self._sites + number

    def holds(self, study: int, place: int) -> bool:
        """Whether a copy lies there now."""
        return self._holdings.replicas.holds(study, place)

    def fetch(self, study: int, to: int, then: Then, *, urgent: bool = False) -> None:
        """Bring a study to a site or unit and call ``then(study)`` when it is there, at once if it is.

        An import worker of the place does it; the bytes are kept in the place's cache if there is room. A
        study that no place holds yet comes as soon as it has been acquired.
        """
        self._imports.fetch(study, to, then, urgent=urgent)

    def deliver(self, study: int, unit: int, then: Then, leg: str = DELIVERY) -> None:
        """Bring an assigned study to its unit, whose import worker is taken: see ``GridAgents.fetch``."""
        self._imports.deliver(study, self.unit(unit), then, leg)

    def agent_fails(self, place: str, *, begins: bool) -> None:
        """A place's agent goes down, or is back: meanwhile it hears nothing from the Grid Index."""
        self._holdings.cut_off(self._holdings.places.index(place), begins=begins)

    def take_in(self, study: int) -> None:
        """The study has been acquired: it goes on when it lies at its site, where it stays until uploaded."""
        site = self._site_of[study]
        if self._agents.down and self._agents.is_down(agent := self._agents.of_site(site)):
            self._agents.through((agent,), partial(self.take_in, study), study)
            return
        place = 1 + site
        if place in self._holdings.archives:
            self._holdings.appeared(study, place, durable=True)
        self._rooms.take_in(study, place)
        if self._imports.wanted:
            self._imports.appeared(study)

    def uploaded(self, study: int) -> None:
        """The Manager knows that the study is in the data centre."""
        self._uploaded += 1
        self._holdings.appeared(study, DATA_CENTRE, durable=True)
        self._rooms.uploaded(study, 1 + self._site_of[study])
        if self._imports.wanted:
            self._imports.appeared(study)

    def read(self, study: int, unit: int) -> None:
        """The study has been read at the unit, whose agent moves it into the cache, if there is one."""
        place = self.unit(unit)
        if self._rooms.has(place) and not self._agents.waits_for(unit, partial(self.read, study, unit)):
            self._rooms.keep(study, place)

    def records(self) -> CopyRecords:
        """What has become of copies so far."""
        holdings, imports, rooms = self._holdings, self._imports, self._rooms
        replicas, index = holdings.replicas, holdings.index
        peaks = tuple(rooms.peak_shares())
        blocked, since_s, until_s = rooms.waits()
        return CopyRecords(
            caches=tuple(name for name, _ in peaks),
            peak_share=np.array([share for _, share in peaks], dtype=np.float64),
            references=imports.references,
            hits=imports.hits,
            reference_bytes=float(imports.reference_bytes),
            hit_bytes=float(imports.hit_bytes),
            stored_max_bytes=float(replicas.stored_bytes.peak),
            copies_mean=replicas.copies_mean(self._env.now),
            deletions=rooms.deletions,
            refused=self._service.refused,
            ordered=self._service.ordered,
            lookups=0 if index is None else index.lookups,
            stale_lookups=0 if index is None else index.stale_lookups,
            stale_requests=imports.stale_requests,
            pushes=holdings.pushes(),
            blocked=np.array(blocked, dtype=np.int64),
            blocked_s=np.array(since_s, dtype=np.float64),
            admitted_s=np.array(until_s, dtype=np.float64),
            uploaded=self._uploaded,
            archived=replicas.archived(),
        )

    def _ask(self, place: int, victims: tuple[int, ...]) -> None:
        self._service.ask(place, victims)

    def _open_caches(self, world: World, studies: Studies, asked_for: Sequence[StudyLists]) -> None:
        centre = world.data_centre.access
        uses = None
        largest = max(self._holdings.size_bytes, default=0)
        for number, place, rules in _with_cache(world):
            if rules.rule == "belady" and uses is None:
                uses = coming_uses(asked_for, studies.requested_s[: studies.to_report])
            s_per_byte = BITS_PER_BYTE / min(centre.up_bps, place.access.down_bps)
            rule = _rule(rules, uses)
            if isinstance(rule, Lru | Fifo) and largest <= LARGEST_BYTES:
                cache: Cache = RecencyCache(rules.size_bytes, rule)
            else:
                cache = Cache(rules.size_bytes, rule)
            self._rooms.open(number, cache, s_per_byte)


def _with_cache(world: World) -> list[tuple[int, Site | ReportingUnit, CacheRules]]:
    """Every place that has a cache, with its rules."""
    places: tuple[Site | ReportingUnit, ...] = (*world.sites, *world.units)
    return [
        (number, place, place.cache)
        for number, place in enumerate(places, start=DATA_CENTRE + 1)
        if place.cache is not None
    ]


def _rule(rules: CacheRules, uses: tuple[list[int], list[Seconds]] | None) -> Rule:
    if rules.rule == "ttl":
        return Ttl(rules.lifetime_s)
    if rules.rule == "belady":
        return Clairvoyant(*(uses or ([], [])))
    return RULES[rules.rule]()
