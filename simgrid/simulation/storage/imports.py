"""Fetching a study to a place: whom the agent asks by what it has heard, and what a stale entry costs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from simgrid.simulation.agents import GridAgents
from simgrid.simulation.storage.holdings import Holdings
from simgrid.simulation.storage.making_room import CachedRooms
from simgrid.simulation.storage.sources import Sources

Then = Callable[[int], None]


class Imports:
    """Requests for studies, wherever a copy lies.

    The agent asks the holder that its index names. If that one has no copy any more or an expired one, or the
    agent knows of none, it hears so by a message and asks the Manager, who answers by another. A study that
    nobody holds yet is waited for: ``wanted``.
    """

    def __init__(self, holdings: Holdings, rooms: CachedRooms, sources: Sources, agents: GridAgents) -> None:
        self._holdings = holdings
        self._rooms = rooms
        self._sources = sources
        self._agents = agents
        self._under_way: dict[tuple[int, int], list[Then]] = {}
        self.wanted: dict[int, list[tuple[str, int, Then]]] = {}
        self.stale_requests = 0
        self.references = self.hits = 0
        self.reference_bytes = self.hit_bytes = 0

    def fetch(self, study: int, to: int, then: Then, *, urgent: bool) -> None:
        """Bring a study to a place by an import worker, keep it where there is room; ``then`` at once if it
        is there. Further requests for what is under way wait for the same transfer.
        """
        if self._here(study, to):
            then(study)
            return
        waiting = self._under_way.get((study, to))
        if waiting is not None:
            waiting.append(then)
            return
        self._under_way[study, to] = [then]
        self._agents.import_by(
            self._holdings.agent(to),
            lambda: self._locate("import", study, to, self._arrived(to)),
            urgent=urgent,
        )

    def deliver(self, study: int, to: int, then: Then, leg: str) -> None:
        """Bring an assigned study to its unit; its import worker is taken already."""
        if self._here(study, to):
            then(study)
        else:
            self._locate(leg, study, to, then)

    def appeared(self, study: int) -> None:
        """A copy is to be had: who has been waiting for one gets it."""
        for leg, to, then in self.wanted.pop(study, ()):
            self._ask_manager(leg, study, to, then)

    def _here(self, study: int, to: int) -> bool:
        size = self._holdings.size_bytes[study]
        self.references += 1
        self.reference_bytes += size
        if self._rooms.hit(study, to):
            self._served_by_cache(size)
            return True
        return self._holdings.replicas.is_durable(study, to)

    def _served_by_cache(self, size: int) -> None:
        self.hits += 1
        self.hit_bytes += size

    def _locate(self, leg: str, study: int, to: int, then: Then) -> None:
        source = self._sources.pick(self._holdings.believed(study, to), to)
        there = source >= 0 and self._holdings.replicas.mask(study) >> source & 1
        if there and self._sources.serves(study, source):
            self._send(leg, study, source, to, then)
            return

        def ask(study: int) -> None:
            self._ask_manager(leg, study, to, then)

        self.stale_requests += source >= 0
        self._tell(to, lambda study: self._tell(to, ask, study), study)

    def _tell(self, place: int, then: Then, study: int) -> None:
        """A message to or from a place's agent; while that is down it waits."""
        if not self._agents.waits_for(self._holdings.agent(place), partial(self._tell, place, then, study)):
            self._agents.tell(then, study)

    def _ask_manager(self, leg: str, study: int, to: int, then: Then) -> None:
        source = self._sources.serving(study, to)
        if source >= 0:
            self._send(leg, study, source, to, then)
        else:
            self.wanted.setdefault(study, []).append((leg, to, then))

    def _send(self, leg: str, study: int, source: int, to: int, then: Then) -> None:
        if not self._holdings.replicas.is_durable(study, source):
            self._served_by_cache(self._holdings.size_bytes[study])
        self._sources.send(leg, study, source, to, then)

    def _arrived(self, to: int) -> Then:
        def there(study: int) -> None:
            if self._rooms.has(to):
                self._rooms.keep(study, to)
            for then in self._under_way.pop((study, to)):
                then(study)
            self._agents.imports[self._holdings.agent(to)].done()

        return there
