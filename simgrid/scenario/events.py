"""Declared events as the domain's: local times become seconds, names are held against what there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from simgrid.domain.events import Absence, AgentDown, Event, Illness, LinkLimit, PlatformDown
from simgrid.domain.radiologist import Radiologist
from simgrid.domain.units import DAY, BitsPerSecond, Seconds
from simgrid.scenario.findings import Findings
from simgrid.scenario.links import links_of
from simgrid.scenario.marks import Path
from simgrid.scenario.people import DATA_CENTRE
from simgrid.scenario.problems import did_you_mean
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.schema_events import EventSpec
from simgrid.scenario.schema_links import LinkSpec

LOOKED_AT: Seconds = 400 * DAY
"""Part of an absence that is held against hours."""


def build_events(
    spec: ScenarioSpec, radiologists: Sequence[Radiologist], findings: Findings
) -> tuple[Event, ...]:
    """Every event in the order written; what is wrong or odd about one goes to ``findings``."""
    return tuple(
        event for path, one in _declared(spec) for event in _built(path, one, spec, radiologists, findings)
    )


def _declared(spec: ScenarioSpec) -> Iterator[tuple[Path, EventSpec]]:
    entries = spec.events.items() if isinstance(spec.events, Mapping) else enumerate(spec.events)
    for key, one in entries:
        yield ("events", key), one


def _built(
    path: Path,
    one: EventSpec,
    spec: ScenarioSpec,
    radiologists: Sequence[Radiologist],
    findings: Findings,
) -> Iterator[Event]:
    span = _span(path, one, spec, findings)
    if one.absent is not None or one.ill is not None:
        yield from _away(path, one, span, spec, radiologists, findings)
        return
    if one.agent_down is not None:
        yield from _agent_down((*path, "agent_down"), one.agent_down, span, spec, findings)
        return
    if one.shard_down is not None:
        yield from _shard((*path, "shard_down"), one.shard_down, span, spec, findings)
        return
    if one.data_centre_down:
        if span is not None:
            yield LinkLimit(DATA_CENTRE, *span)
            if spec.data_centre.platform is not None:
                yield PlatformDown(None, *span)
        return
    links = links_of(spec)
    limits: Mapping[str, BitsPerSecond] = one.link_bandwidth or {str(one.link_down): 0.0}
    for place, bps in limits.items():
        at = (*path, "link_down") if one.link_down is not None else (*path, "link_bandwidth", place)
        if place not in links:
            note = findings.add if one.link_down is not None else findings.add_at_key
            way_out = did_you_mean(place, links, "the links are those of")
            note("E201", at, f"no place is called '{place}'", way_out)
            continue
        if bps >= _widest(links[place]):
            message = f"{place} carries no more than that anyway: the event changes nothing"
            findings.add("W308", at, message, "state less than the link's own bandwidth")
        if span is not None:
            yield LinkLimit(place, *span, bps, bps)


def _shard(
    path: Path,
    shard: int,
    span: tuple[Seconds, Seconds] | None,
    spec: ScenarioSpec,
    findings: Findings,
) -> Iterator[Event]:
    platform = spec.data_centre.platform
    if platform is None:
        message = "the data centre has no database that could stand still"
        findings.add("E201", path, message, "declare data_centre.platform, or use data_centre_down: true")
    elif shard >= platform.shards:
        message = f"there is no shard {shard}"
        findings.add("E201", path, message, f"the shards are 0 to {platform.shards - 1}")
    elif span is not None:
        yield PlatformDown(shard, *span)


def _widest(link: LinkSpec) -> BitsPerSecond:
    widest: BitsPerSecond = max(bps for bps in (link.bandwidth, link.up, link.down) if bps is not None)
    return widest


def _agent_down(
    path: Path,
    name: str,
    span: tuple[Seconds, Seconds] | None,
    spec: ScenarioSpec,
    findings: Findings,
) -> Iterator[Event]:
    if name not in spec.sites and name not in spec.units:
        way_out = did_you_mean(name, [*spec.sites, *spec.units], "the agents are those of")
        findings.add("E201", path, f"no site or unit is called '{name}'", way_out)
        return
    if spec.grid.agents is None:
        message = "the agents are off: there is none that could be down"
        findings.add("E201", path, message, "switch them on with 'grid: {agents: {}}'")
    if span is not None:
        yield AgentDown(name, *span)


def _away(
    path: Path,
    event: EventSpec,
    span: tuple[Seconds, Seconds] | None,
    spec: ScenarioSpec,
    radiologists: Sequence[Radiologist],
    findings: Findings,
) -> Iterator[Event]:
    """One for everybody who is meant: herself, or all who are declared under the common name."""
    name, key = (event.absent, "absent") if event.ill is None else (event.ill, "ill")
    name, path = str(name), (*path, key)
    alike = spec.radiologists[name].count if name in spec.radiologists else 0
    meant = {name} | {f"{name}-{number}" for number in range(1, alike + 1) if alike > 1}
    found = [one for one in radiologists if one.name in meant]
    if not found and name not in spec.radiologists:  # a shift left empty can miss nobody
        names = dict.fromkeys([*spec.radiologists, *(one.name for one in radiologists)])
        way_out = did_you_mean(name, names, "the radiologists are")
        findings.add("E201", path, f"no radiologist is called '{name}'", way_out)
    if span is None:
        return
    for one in found:
        if not _works(one, span, spec):
            findings.add(
                "W308", path, f"{one.name} is off duty all that time", "look at her hours and the date"
            )
        if event.ill is None:
            yield Absence(one.name, *span)
        else:
            yield Illness(one.name, *span, hands_back=event.desk == "hand-over")


def _works(one: Radiologist, span: tuple[Seconds, Seconds], spec: ScenarioSpec) -> bool:
    start = spec.calendar.start.replace(tzinfo=ZoneInfo(spec.calendar.zone))
    left, right = max(span[0], 0.0), min(span[1], span[0] + LOOKED_AT, spec.horizon + spec.give_up_after)
    if left >= right:
        return True  # said of the time already
    first = datetime.fromtimestamp(start.timestamp() + left, ZoneInfo("UTC"))
    return one.schedule.roster(first, first + timedelta(seconds=right - left)).total_s > 0


def _span(
    path: Path, one: EventSpec, spec: ScenarioSpec, findings: Findings
) -> tuple[Seconds, Seconds] | None:
    """Start and end in simulated seconds; None where a time is refused."""
    start_s = _instant((*path, "at"), one.at, spec, findings)
    if one.lasts is not None:
        end_s = None if start_s is None else start_s + one.lasts
    else:
        end_s = _instant((*path, "until"), one.until, spec, findings)
    if start_s is None or end_s is None:
        return None
    if end_s <= start_s:
        findings.add("E107", (*path, "until"), "the event ends before it begins", "give a later time")
        return None
    _outside((*path, "at"), start_s, end_s, spec, findings)
    return start_s, end_s


def _instant(path: Path, local: datetime, spec: ScenarioSpec, findings: Findings) -> Seconds | None:
    """Seconds since the start; of a clock time that occurs twice it is the first."""
    zone = ZoneInfo(spec.calendar.zone)
    if _left_out(path, local, zone, findings):
        return None
    return local.replace(tzinfo=zone).timestamp() - spec.calendar.start.replace(tzinfo=zone).timestamp()


def check_start(spec: ScenarioSpec, findings: Findings) -> None:
    """Refuse a start that the clock never shows; a day without a time begins when the day does."""
    if spec.calendar.start.time() != time():
        _left_out(("calendar", "start"), spec.calendar.start, ZoneInfo(spec.calendar.zone), findings)


def _left_out(path: Path, local: datetime, zone: ZoneInfo, findings: Findings) -> bool:
    """Whether daylight saving skips this clock time, which is told."""
    there, after = local.replace(tzinfo=zone), local.replace(tzinfo=zone, fold=1)
    if (there.utcoffset() or timedelta()) >= (after.utcoffset() or timedelta()):
        return False
    message = f"{local:%Y-%m-%d %H:%M} does not exist in {zone.key}: the clock is put forward over it"
    findings.add("E111", path, message, "write a time that the clock shows")
    return True


def _outside(path: Path, start_s: Seconds, end_s: Seconds, spec: ScenarioSpec, findings: Findings) -> None:
    """Warn of what begins at a time at which nobody asks for anything."""
    if end_s <= 0:
        message = "the event is over before the scenario begins: it changes nothing"
    elif start_s < 0:
        message = "the event begins before the scenario does"
    elif start_s >= spec.horizon + spec.give_up_after:
        message = "the event begins when every run is over: it changes nothing"
    elif start_s >= spec.horizon:
        message = "the event begins after the last request"
    else:
        return
    findings.add("W308", path, message, "look at calendar.start, horizon and the event's date")
