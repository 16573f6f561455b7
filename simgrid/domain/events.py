"""What befalls whoever decides: connections that carry less, people who are away, agents that are down.

Whatever takes capacity from a link (a declared event, a nightly profile, a drawn outage) is a ``LinkLimit``,
and ``capacity_steps`` turns any number of them, overlapping as they may, into one list of changes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TypeAlias

from simgrid.domain.network import Access
from simgrid.domain.schedule import Roster
from simgrid.domain.units import BitsPerSecond, Seconds


@dataclass(frozen=True, slots=True)
class LinkLimit:
    """From ``start_s`` until ``end_s`` the connection of ``place`` carries at most so much each way.

    0 is an outage, infinity limits nothing. An infinite ``end_s`` is for good.
    """

    place: str
    start_s: Seconds
    end_s: Seconds
    up_bps: BitsPerSecond = 0.0
    down_bps: BitsPerSecond = 0.0

    def __post_init__(self) -> None:
        _check_span(self.start_s, self.end_s)
        if not (self.up_bps >= 0 and self.down_bps >= 0):
            raise ValueError(f"a limit of {self.up_bps} and {self.down_bps} bit/s: neither may be below 0")


@dataclass(frozen=True, slots=True)
class Absence:
    """From ``start_s`` until ``end_s`` the radiologist is not on duty, whatever her schedule says."""

    radiologist: str
    start_s: Seconds
    end_s: Seconds

    def __post_init__(self) -> None:
        _check_span(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class Illness:
    """As an absence, but nobody knows of it before it begins.

    ``hands_back``: what lies unopened on her desk goes back for a new decision; otherwise it stays.
    """

    radiologist: str
    start_s: Seconds
    end_s: Seconds
    hands_back: bool = False

    def __post_init__(self) -> None:
        _check_span(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class AgentDown:
    """From ``start_s`` until ``end_s`` the Grid Agent of a site or a unit does nothing.

    It begins no task, its transfers under way break as ``TransferRules.broken`` says, messages wait.
    """

    place: str
    start_s: Seconds
    end_s: Seconds

    def __post_init__(self) -> None:
        _check_span(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class PlatformDown:
    """From ``start_s`` until ``end_s`` a shard of the data centre's database stands still, or all of it.

    ``shard``: its number from 0, None for the whole platform: files, master, shards and caches.
    """

    shard: int | None
    start_s: Seconds
    end_s: Seconds

    def __post_init__(self) -> None:
        _check_span(self.start_s, self.end_s)


Event: TypeAlias = LinkLimit | Absence | Illness | AgentDown | PlatformDown


@dataclass(frozen=True, slots=True)
class CapacityStep:
    """From ``at_s`` on the connection of ``place`` carries what ``access`` says."""

    at_s: Seconds
    place: str
    access: Access


def capacity_steps(access: Mapping[str, Access], events: Iterable[Event]) -> tuple[CapacityStep, ...]:
    """Every change of a connection, by time, then in the order of ``access``.

    ``access`` holds each place's own connection. Where limits overlap the least of them is in force, and
    never more than the place's own; when one ends, the least of those left is. A limit that takes nothing
    away changes nothing.
    """
    limits: dict[str, list[LinkLimit]] = {}
    for event in events:
        if isinstance(event, LinkLimit):
            limits.setdefault(event.place, []).append(event)
    steps = [step for place in access for step in _steps(place, access[place], limits.get(place, ()))]
    return tuple(sorted(steps, key=lambda step: step.at_s))


def _steps(place: str, own: Access, limits: Sequence[LinkLimit]) -> Iterator[CapacityStep]:
    before = own
    coming = sorted(limits, key=lambda limit: limit.start_s, reverse=True)
    up_in_force: list[tuple[BitsPerSecond, Seconds]] = []
    down_in_force: list[tuple[BitsPerSecond, Seconds]] = []
    for at_s in sorted({edge for limit in limits for edge in (limit.start_s, limit.end_s)}):
        while coming and coming[-1].start_s <= at_s:
            limit = coming.pop()
            heappush(up_in_force, (limit.up_bps, limit.end_s))
            heappush(down_in_force, (limit.down_bps, limit.end_s))
        now = Access(
            min(own.up_bps, _least(up_in_force, at_s)), min(own.down_bps, _least(down_in_force, at_s))
        )
        if now != before and at_s < math.inf:
            yield CapacityStep(at_s, place, now)
        before = now


def _least(in_force: list[tuple[BitsPerSecond, Seconds]], at_s: Seconds) -> BitsPerSecond:
    """The least limit that has not ended; those that have and stand before it are dropped."""
    while in_force and in_force[0][1] <= at_s:
        heappop(in_force)
    return in_force[0][0] if in_force else math.inf


def absences(radiologist: str, events: Iterable[Event]) -> Roster:
    """When events keep the radiologist away, as is known beforehand."""
    return _spans(radiologist, Absence, events)


def illnesses(radiologist: str, events: Iterable[Event]) -> Roster:
    """When events keep the radiologist away of which nobody knows beforehand."""
    return _spans(radiologist, Illness, events)


def _spans(radiologist: str, kind: type[Absence | Illness], events: Iterable[Event]) -> Roster:
    return Roster.of(
        (event.start_s, event.end_s)
        for event in events
        if isinstance(event, kind) and event.radiologist == radiologist
    )


def _check_span(start_s: Seconds, end_s: Seconds) -> None:
    if not -math.inf < start_s < end_s:
        raise ValueError(f"an event from {start_s} s to {end_s} s: it must end after it begins")
