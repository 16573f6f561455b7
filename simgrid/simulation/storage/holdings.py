"""Who holds which study, as it is and as the agents have heard of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgrid.domain.copies import IndexRules, Redundancy
from simgrid.domain.study import EarlierStudies, Studies, narrow
from simgrid.domain.units import Bytes
from simgrid.domain.world import World
from simgrid.network.copies import GridIndex, Replicas
from simgrid.simulation.clock import Clock

DATA_CENTRE = 0
"""The data centre's place; the sites follow in their order, then the units."""


class Holdings:
    """The truth (``replicas``), what agents know of it (``index``, None where they know all), the places.

    Studies are numbered by their row; earlier ones follow those of the run. Each place but the data centre
    has an agent, whose number is one less than its place's.
    """

    def __init__(self, env: Clock, world: World, studies: Studies, earlier: EarlierStudies) -> None:
        self._env = env
        self.sites = len(world.sites)
        self.places = (
            world.data_centre.name,
            *(site.name for site in world.sites),
            *(unit.name for unit in world.units),
        )
        rules = world.grid.redundancy or Redundancy(archives=(world.data_centre.name,))
        self.archives = frozenset(self.places.index(name) for name in rules.archives)
        self._studies, self._earlier = studies, earlier
        sizes = _sizes(studies, earlier)
        self.replicas = Replicas(self.places, sizes, rules.archives, rules.copies)
        self.size_bytes: Sequence[int] = self.replicas.size_bytes
        pushed: IndexRules | None = world.grid.index
        self.index = None
        if pushed is not None:
            agents = [pushed.push_s] * (len(self.places) - 1)
            self.index = GridIndex(len(sizes), agents)
        self._known_before()

    def appeared(self, study: int, place: int, durable: bool = False) -> None:
        """A copy has arrived, or become durable: every agent is told."""
        now = self._env.now
        holders = self.replicas.add(study, place, now, durable)
        if self.index is not None:
            self.index.change(study, holders, now)

    def deleted(self, study: int, place: int) -> None:
        """A granted deletion is done: every agent is told."""
        now = self._env.now
        holders = self.replicas.deleted(study, place, now)
        if self.index is not None:
            self.index.change(study, holders, now)

    def believed(self, study: int, place: int) -> int:
        """The holders, as a bit mask, as far as the place's agent knows; 0 where it knows of none."""
        if self.index is None or place == DATA_CENTRE:
            return self.replicas.mask(study)
        known = self.index.look_up(place - 1, study, self._env.now)
        return 0 if known is None else known.holders

    def cut_off(self, place: int, *, begins: bool) -> None:
        """The place's agent hears nothing from now on, or is connected again."""
        if self.index is None:
            return
        if begins:
            self.index.cut_off(place - 1, self._env.now)
        else:
            self.index.back(place - 1, self._env.now)

    def agent(self, place: int) -> int:
        """The number of a site's or unit's agent, and of its pool of import workers, in ``GridAgents``."""
        return place - 1 - self.sites if place > self.sites else len(self.places) - 2 - self.sites + place

    def on_the_wire(self, study: int) -> tuple[Bytes, int]:
        """Bytes and images of a study."""
        own = len(self._studies)
        of, row = (self._studies, study) if study < own else (self._earlier, study - own)
        return float(of.size_bytes[row]), int(of.images[row])

    def pushes(self) -> int:
        """Messages by which agents were told of changes in the run."""
        if self.index is None:
            return 0
        return (self.index.changes - self._changes_before) * (len(self.places) - 1)

    def _known_before(self) -> None:
        """Everybody has long heard of the studies made before the run."""
        archived = self._earlier.archived.data
        for study, site in enumerate(self._earlier.site.tolist(), start=len(self._studies)):
            self.replicas.add(study, 1 + site, 0.0, durable=True)
            if archived[study - len(self._studies)]:
                self.replicas.add(study, DATA_CENTRE, 0.0, durable=True)
            if self.index is not None:
                self.index.change(study, self.replicas.mask(study), -np.inf)
        self._changes_before = len(self._earlier)


def _sizes(studies: Studies, earlier: EarlierStudies) -> memoryview:
    """Whole bytes of every study, as narrow as they allow."""
    run, before = (
        sizes if sizes.dtype.kind == "u" else np.ceil(sizes)
        for sizes in (studies.size_bytes, earlier.size_bytes)
    )
    width = narrow(max(run.max(initial=0), before.max(initial=0)))
    if not len(before) and run.dtype == width:
        return run.data
    both = np.empty(len(run) + len(before), dtype=width if width.kind == "u" else np.int64)
    both[: len(run)], both[len(run) :] = run, before
    return both.data
