"""From where a study is fetched when several places hold it, and the transfer that brings it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simgrid.domain.copies import Source
from simgrid.domain.network import Access
from simgrid.network import route
from simgrid.simulation.agents import GridAgents
from simgrid.simulation.data_platform import Platform
from simgrid.simulation.storage.holdings import DATA_CENTRE, Holdings
from simgrid.simulation.storage.making_room import CachedRooms
from simgrid.simulation.transfers import Wires


class Sources:
    """Chooses holders by ``rule`` and sends from them; what is being sent stays in its cache.

    ``present``: what every place's connection carries now. ``platform``: where the data centre finds a study
    first.
    """

    def __init__(
        self,
        rule: Source,
        holdings: Holdings,
        rooms: CachedRooms,
        agents: GridAgents,
        wires: Wires,
        present: Mapping[str, Access],
        platform: Platform | None,
    ) -> None:
        self._rule = rule
        self._holdings = holdings
        self._rooms = rooms
        self._agents = agents
        self._wires = wires
        self._present = present
        self._platform = platform
        self._leaving = [0] * len(holdings.places)

    def pick(self, holders: int, to: int) -> int:
        """The holder to ask, of those in the mask, ``to`` left out; -1 where nobody is left."""
        holders &= ~(1 << to)
        if self._rule == "data-centre" and holders & 1 << DATA_CENTRE:
            return DATA_CENTRE
        best, least = -1, (0.0, 0.0)
        while holders:
            lowest = holders & -holders
            holders ^= lowest
            place = lowest.bit_length() - 1
            cost = self._cost(place, to)
            if best < 0 or cost < least:
                best, least = place, cost
        return best

    def serves(self, study: int, place: int) -> bool:
        """Whether the place has a copy to send: a durable one, or a cached one that has not expired."""
        return self._holdings.replicas.is_durable(study, place) or self._rooms.hit(study, place)

    def serving(self, study: int, to: int) -> int:
        """The holder from which a study is had, -1 where there is none: the Manager knows the truth."""
        holders = self._holdings.replicas.mask(study)
        while (source := self.pick(holders, to)) >= 0 and not self.serves(study, source):
            holders &= ~(1 << source)
        return source

    def send(self, leg: str, study: int, source: int, to: int, then: Callable[[int], None]) -> None:
        """Carry the study, and call ``then(study)`` when it is there."""
        held = self._rooms.use(study, source)
        self._leaving[source] += 1

        def arrived(study: int) -> None:
            self._leaving[source] -= 1
            if held:
                self._rooms.used(study, source)
            then(study)

        def found(study: int) -> None:
            size, images = self._holdings.on_the_wire(study)
            self._wires.send_images(leg, study, path, size, images, arrived)

        places = self._holdings.places
        path = route(places[source], places[to])
        if source == DATA_CENTRE and self._platform is not None and self._platform.knows(study):
            self._platform.fetch(found, study)
        else:
            found(study)

    def _cost(self, place: int, to: int) -> tuple[float, float]:
        """What is compared: seconds a bit, before them what is being sent from there where load decides."""
        names = self._holdings.places
        up_bps, down_bps = self._present[names[place]].up_bps, self._present[names[to]].down_bps
        width = min(up_bps, down_bps)
        narrow = 1 / width if width > 0 else float("inf")
        if self._rule != "least-loaded":
            return narrow, 0.0
        sending = self._leaving[place]
        if DATA_CENTRE < place <= self._holdings.sites:
            sending += self._agents.transfers[place - 1].busy
        return (sending / up_bps if up_bps > 0 else float("inf")), narrow
