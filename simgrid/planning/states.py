"""What can be missing or more: every link, unit, shard and radiologist, and a heavier load.

Each is the deployed cell with one thing changed, in the same worlds: every draw belongs to the thing it is
drawn for, so nobody else's patients, speeds or absences change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isinf
from typing import Literal, TypeAlias

from simgrid.domain.demand import ArchiveDemand
from simgrid.domain.events import Absence, Event, LinkLimit, PlatformDown
from simgrid.domain.radiologist import Radiologist
from simgrid.domain.scenario import Scenario, throughout
from simgrid.domain.stress import StressTest
from simgrid.domain.units import HOUR, Seconds
from simgrid.planning.busiest import Traffic, clock

Kind: TypeAlias = Literal["link", "unit", "shard", "radiologist"]
STATE = "stress"
"""The column in which a stored run says what was missing in it."""
_NUMBERED = re.compile(r"(?P<name>.+)-(?P<number>[1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class State:
    """One thing missing: ``says`` from when and for how long, ``alike`` are those for whom it stands."""

    kind: Kind
    name: str
    says: str
    cell: Scenario
    alike: tuple[str, ...] = ()


def states(deployed: Scenario, ahead: Traffic, stress: StressTest) -> tuple[State, ...]:
    """The deployed cell without each link, unit, shard and radiologist, one at a time, in this order.

    A link or shard is down from its busiest hour on for ``stress.down_s``. A unit has none of its
    radiologists, a radiologist is away, in the whole run and known beforehand.
    """
    return (
        *_links(deployed, ahead, stress),
        *_units(deployed),
        *_shards(deployed, ahead, stress),
        *_people(deployed),
    )


def hit(deployed: Scenario, named: str, events: Sequence[Event]) -> Scenario:
    """The cell with further events, in all its worlds; they are its last."""
    changed = throughout(deployed, partial(_with, events=tuple(events)))
    return replace(changed, swept=((STATE, named),))


def _with(cell: Scenario, events: tuple[Event, ...]) -> Scenario:
    canonical = f"{cell.canonical}\n{events!r}" if cell.canonical else ""
    return replace(cell, events=(*cell.events, *events), canonical=canonical)


def heavier(deployed: Scenario, scale: float) -> Scenario:
    """The cell with its demand ``scale`` times as large, as ``demand.scale`` would have it, in all worlds.

    :raises ValueError: for a replayed log, whose requests are what they were.
    """
    if deployed.demand.log is not None:
        raise ValueError("the requests of a replayed log cannot be scaled")
    return replace(throughout(deployed, partial(_scaled, scale=scale)), swept=((STATE, f"load x {scale:g}"),))


def _scaled(cell: Scenario, scale: float) -> Scenario:
    arrivals, archive = cell.demand.arrivals, cell.demand.archive
    more = replace(
        arrivals,
        count=None if arrivals.count is None else max(1, round(arrivals.count * scale)),
        per_day={site: rate * scale for site, rate in arrivals.per_day.items()},
        flows=tuple(replace(flow, per_day=flow.per_day * scale) for flow in arrivals.flows),
    )
    return replace(
        cell,
        demand=replace(cell.demand, arrivals=more, archive=_more_archived(archive, scale)),
        canonical=f"{cell.canonical}\nload x {scale!r}" if cell.canonical else "",
    )


def _more_archived(archive: ArchiveDemand | None, scale: float) -> ArchiveDemand | None:
    return archive and replace(archive, count=max(1, round(archive.count * scale)))


def lasting(seconds: Seconds) -> str:
    """A span in words: ``24 h``, ``90 min``, ``the whole run``."""
    if isinf(seconds):
        return "the whole run"
    return f"{seconds / HOUR:g} h" if seconds >= 2 * HOUR else f"{seconds / 60:g} min"


def _span(deployed: Scenario, ahead: Traffic, place: str, stress: StressTest) -> tuple[Seconds, Seconds, str]:
    """When it is down, and the same in words."""
    if isinf(stress.down_s):
        return 0.0, deployed.give_up_s, "down in the whole run"
    start_s = ahead.busiest(place, deployed.warmup_s)
    words = f"down for {lasting(stress.down_s)} from {clock(deployed, start_s)}"
    return start_s, start_s + stress.down_s, words


def _links(deployed: Scenario, ahead: Traffic, stress: StressTest) -> Iterator[State]:
    places = [*(one.name for one in deployed.sites), *(one.name for one in deployed.units)]
    for name in (*places, deployed.data_centre.name):
        start_s, end_s, words = _span(deployed, ahead, name, stress)
        cell = hit(deployed, f"without link {name}", [LinkLimit(name, start_s, end_s)])
        yield State("link", name, words, cell)


def _units(deployed: Scenario) -> Iterator[State]:
    for unit in deployed.units:
        who = [one.name for one in deployed.radiologists if one.unit == unit.name]
        if not who:
            continue
        cell = hit(deployed, f"without unit {unit.name}", [_away(deployed, name) for name in who])
        yield State("unit", unit.name, f"gone, with {', '.join(who)}", cell)


def _shards(deployed: Scenario, ahead: Traffic, stress: StressTest) -> Iterator[State]:
    platform, centre = deployed.data_centre.platform, deployed.data_centre.name
    for shard in range(platform.shards if platform is not None else 0):
        start_s, end_s, words = _span(deployed, ahead, centre, stress)
        cell = hit(deployed, f"without shard {shard}", [PlatformDown(shard, start_s, end_s)])
        yield State("shard", str(shard), words, cell)


def _people(deployed: Scenario) -> Iterator[State]:
    """One for each radiologist; of those declared alike the first stands for all."""
    for name, those in alike(deployed.radiologists).items():
        first = those[0]
        cell = hit(deployed, f"without {first}", [_away(deployed, first)])
        also = f"; stands for {', '.join(those)}, who are declared alike" if len(those) > 1 else ""
        yield State("radiologist", name, f"away in the whole run{also}", cell, those if also else ())


def _away(deployed: Scenario, name: str) -> Absence:
    return Absence(name, 0.0, deployed.give_up_s)


def alike(those: Sequence[Radiologist]) -> dict[str, tuple[str, ...]]:
    """Everybody by the name that stands for her: NAME for NAME-1, NAME-2, ... who are declared alike."""
    found: dict[tuple[str, bool], list[Radiologist]] = {}
    for one in those:
        numbered = _NUMBERED.fullmatch(one.name)
        shared = (numbered["name"], True) if numbered else (one.name, False)
        group = found.get(shared, [])
        same = all(replace(other, name=one.name) == one for other in group)
        found.setdefault(shared if same else (one.name, False), []).append(one)
    taken = {one.name for one in those}
    return {
        name if len(group) > 1 and name not in taken else group[0].name: tuple(one.name for one in group)
        for (name, _), group in found.items()
    }
