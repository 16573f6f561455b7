"""The bits that are to cross each link in each hour, against what the link carries then.

By means: studies cross in the hour of their request. What a unit gets depends on the policy, unless images go
to every unit; so for one unit only what nobody else can read is counted. Priors, caches, copies made by the
Redundancy Service, reports and repeats are not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from simgrid.domain.events import LinkLimit, capacity_steps
from simgrid.domain.grid import TransferRules
from simgrid.domain.network import Access
from simgrid.domain.scenario import Scenario
from simgrid.domain.units import BITS_PER_BYTE, HOUR, BitsPerSecond, Seconds
from simgrid.foresight.outlook import Outlook, readers


@dataclass(frozen=True, slots=True)
class LinkLoad:
    """One link: how it is called, where it stands in the scenario, and the share of it used in each bin.

    A share above 1 is asked for and cannot be had; None while nothing is carried. ``whole``: the share of all
    that it carries in all bins together, by which a link is judged that is not always there.
    """

    name: str
    place: tuple[str, ...]
    use: tuple[float | None, ...]
    whole: float

    @property
    def fullest(self) -> int:
        """The bin in which it is used most."""
        return max(range(len(self.use)), key=lambda place: self.use[place] or 0.0)

    @property
    def most(self) -> float:
        """The share used in the fullest bin; of a link that is not always there, of all bins together."""
        return self.whole if None in self.use else self.use[self.fullest] or 0.0


@dataclass(frozen=True, slots=True)
class _Asked:
    name: str
    place: tuple[str, ...]
    bits: Sequence[float]
    carried: Sequence[float]


def link_loads(scenario: Scenario, ahead: Outlook) -> tuple[LinkLoad, ...]:
    """Every link that images must cross, whoever decides."""
    found = []
    for one in _asked(scenario, ahead, _Carried(scenario, ahead.edges_s)):
        by_bin = zip(one.bits, one.carried, strict=True)
        use = tuple(bits / carried if carried > 0 else None for bits, carried in by_bin)
        asked, carried = sum(one.bits), sum(one.carried)
        whole = asked / carried if carried > 0 else float("inf") if asked else 0.0
        found.append(LinkLoad(one.name, one.place, use, whole))
    return tuple(found)


def _asked(scenario: Scenario, ahead: Outlook, carried: _Carried) -> Iterator[_Asked]:
    wire = (scenario.grid.transfers or TransferRules()).sent_bytes(1.0)
    read = [wire * bits for bits in ahead.bits(None, ahead.modalities)]
    centre = scenario.data_centre
    inwards = [bits + wire * more for bits, more in zip(read, _archived(ahead, None), strict=True)]
    for site in scenario.sites:
        own = ahead.bits(site.name, ahead.modalities)
        bits = [wire * (one + more) for one, more in zip(own, _archived(ahead, site.name), strict=True)]
        yield _Asked(
            f"link {site.name}", ("sites", site.name, "link"), bits, carried.up(site.name, site.access)
        )
    at: tuple[str, ...] = ("data_centre", "link")
    yield _Asked("the data centre's link inwards", at, inwards, carried.down(centre.name, centre.access))
    everywhere = scenario.grid.delivery == "broadcast"
    copies = len(scenario.units) if everywhere else 1
    retrieved = [
        one.retrievals_per_hour / HOUR * one.retrieval_bytes.mean * BITS_PER_BYTE for one in scenario.clients
    ]
    outwards = [
        copies * bits + sum(retrieved) * (right - left)
        for bits, (left, right) in zip(read, pairwise(ahead.edges_s), strict=True)
    ]
    yield _Asked("the data centre's link outwards", at, outwards, carried.up(centre.name, centre.access))
    for client, bps in zip(scenario.clients, retrieved, strict=True):
        bits = [bps * (right - left) for left, right in pairwise(ahead.edges_s)]
        place = ("clients", client.name, "link")
        yield _Asked(f"link {client.name}", place, bits, carried.down(client.name, client.access))
    able = readers(scenario, ahead.kinds)
    downs = []
    for unit in scenario.units:
        only = [
            name
            for name in ahead.modalities
            if everywhere or (able[name] and {one.unit for one in able[name]} == {unit.name})
        ]
        bits = [wire * one for one in ahead.bits(None, only)]
        downs.append(carried.down(unit.name, unit.access))
        yield _Asked(f"link {unit.name}", ("units", unit.name, "link"), bits, downs[-1])
    if len(scenario.units) > 1 and not everywhere:
        together = [sum(one) for one in zip(*downs, strict=True)]
        yield _Asked("the units' links together", ("units",), read, together)


def _archived(ahead: Outlook, site: str | None) -> tuple[float, ...]:
    return ahead.archived_bits(site) if ahead.archived else (0.0,) * (len(ahead.edges_s) - 1)


class _Carried:
    """How many bits each connection carries in each bin: its hours, declared events and mean failures."""

    def __init__(self, scenario: Scenario, edges_s: Sequence[Seconds]) -> None:
        self._edges_s = edges_s
        self._lines = scenario.lines
        limits = [one for one in scenario.events if isinstance(one, LinkLimit)]
        access: Mapping[str, Access] = {}
        if limits or scenario.lines:
            from simgrid.network.recurring import access_of, recurring_limits

            access = access_of(scenario)
            limits += recurring_limits(replace(scenario, give_up_s=edges_s[-1]))
        self._steps = [step for step in capacity_steps(access, limits) if step.at_s < edges_s[-1]]

    def up(self, place: str, own: Access) -> list[float]:
        """From the place to the network."""
        return self._bits(
            place, own.up_bps, [(s.at_s, s.access.up_bps) for s in self._steps if s.place == place]
        )

    def down(self, place: str, own: Access) -> list[float]:
        """From the network to the place."""
        changes = [(s.at_s, s.access.down_bps) for s in self._steps if s.place == place]
        return self._bits(place, own.down_bps, changes)

    def _bits(
        self, place: str, bps: BitsPerSecond, changes: Sequence[tuple[Seconds, BitsPerSecond]]
    ) -> list[float]:
        line = self._lines.get(place)
        failing = line.failures if line is not None else None
        available = 1.0 if failing is None else failing.mtbf_s / (failing.mtbf_s + failing.mttr_s)
        found, place_of, now = [], 0, bps
        for left, right in pairwise(self._edges_s):
            bits, at_s = 0.0, left
            while place_of < len(changes) and changes[place_of][0] < right:
                change_s = max(changes[place_of][0], left)
                bits += now * (change_s - at_s)
                at_s, now = change_s, changes[place_of][1]
                place_of += 1
            found.append(available * (bits + now * (right - at_s)))
        return found
