"""What a scenario's declared demand amounts to, by arithmetic alone: expected work and traffic by hour.

Means only, no queues and no chance: what does not fit here cannot fit in a run. Times are seconds since the
start, one bin an hour of the local clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from math import fsum

from simgrid.domain.radiologist import Radiologist
from simgrid.domain.scenario import Scenario
from simgrid.domain.units import BITS_PER_BYTE, DAY, HOUR, MINUTE, Bytes, Seconds

LONGEST: Seconds = 28 * DAY
"""Of a longer horizon the first four weeks stand for the rest: profiles and rosters repeat every week."""
_MOST_MODALITIES = 8


@dataclass(frozen=True, slots=True)
class Requests:
    """What one site requests: the share of each modality, and the expected number in each bin."""

    site: str
    shares: Mapping[str, float]
    expected: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """The expected demand of a scenario. ``edges_s`` has one entry more than there are bins."""

    edges_s: tuple[Seconds, ...]
    requests: tuple[Requests, ...]
    minutes: Mapping[str, float]
    size_bytes: Mapping[str, Bytes]

    @property
    def modalities(self) -> tuple[str, ...]:
        """Those that are requested at all."""
        found = (name for one in self.requests for name, share in one.shares.items() if share > 0)
        return tuple(dict.fromkeys(found))

    @property
    def lengths_s(self) -> tuple[Seconds, ...]:
        """How long each bin is."""
        return tuple(right - left for left, right in pairwise(self.edges_s))

    def number(self, modality: str) -> float:
        """Expected requests of a modality in the whole window."""
        return fsum(one.shares.get(modality, 0.0) * fsum(one.expected) for one in self.requests)

    def bits(self, site: str | None, modalities: Sequence[str]) -> tuple[float, ...]:
        """Expected bits of studies requested in each bin, of one site or of all."""
        weights = [
            (one, fsum(one.shares.get(name, 0.0) * self.size_bytes[name] for name in modalities))
            for one in self.requests
            if site in (None, one.site)
        ]
        bins = range(len(self.edges_s) - 1)
        return tuple(
            BITS_PER_BYTE * fsum(size * one.expected[index] for one, size in weights) for index in bins
        )


def outlook(scenario: Scenario) -> Outlook | None:
    """The expected demand; None where it stands in files (DICOM, a log) and not in the scenario."""
    demand = scenario.demand
    if demand.dicom is not None or demand.log is not None or not demand.mix.kinds:
        return None
    minutes, weights = {}, dict[str, float]()
    for name in dict.fromkeys(kind.modality for kind in demand.mix.kinds):
        pairs = [
            (kind.effort_min, weight)
            for kind, weight in zip(demand.mix.kinds, demand.mix.weights, strict=True)
            if kind.modality == name
        ]
        weights[name] = fsum(weight for _, weight in pairs)
        own = demand.mix.reading_min.get(name)
        plain = fsum(m * w for m, w in pairs) / weights[name] if weights[name] else 0.0
        minutes[name] = own.mean if own is not None else plain
    edges, hours = _bins(scenario)
    return Outlook(
        edges_s=edges,
        requests=tuple(_requests(scenario, weights, edges, hours)),
        minutes=minutes,
        size_bytes={name: one.mean for name, one in demand.mix.size_bytes.items()},
    )


def _bins(scenario: Scenario) -> tuple[tuple[Seconds, ...], tuple[int, ...]]:
    """Edges of the local hours in the window, and the hour of the week of each."""
    window = min(scenario.demand.arrivals.within_s, LONGEST)
    start = scenario.start.timestamp()
    into_hour = scenario.start.minute * MINUTE + scenario.start.second
    edges = [0.0]
    while edges[-1] < window:
        edges.append(min(window, len(edges) * HOUR - into_hour))
    middles = ((left + right) / 2 for left, right in pairwise(edges))
    local = (datetime.fromtimestamp(start + middle, scenario.start.tzinfo) for middle in middles)
    return tuple(edges), tuple(at.weekday() * 24 + at.hour for at in local)


def _requests(
    scenario: Scenario, weights: Mapping[str, float], edges: tuple[float, ...], hours: tuple[int, ...]
) -> Iterator[Requests]:
    arrivals = scenario.demand.arrivals
    whole = fsum(weights.values())
    shares = {name: weight / whole for name, weight in weights.items()}
    mass = _mass(arrivals.hourly, edges, hours)
    names = [site.name for site in scenario.sites]
    if arrivals.count is not None:
        # Beyond four weeks the window holds its part of the count only.
        counted = arrivals.count * edges[-1] / arrivals.within_s
        total = fsum(mass) or 1.0
        for name in names:
            share = arrivals.site_share.get(name, 0.0) if arrivals.site_share else 1 / len(names)
            yield Requests(name, shares, tuple(counted * share * one / total for one in mass))
    for name, per_day in arrivals.per_day.items():
        yield Requests(name, shares, tuple(per_day * one / DAY for one in mass))
    for flow in arrivals.flows:
        own = _mass(flow.hourly, edges, hours)
        yield Requests(flow.site, {flow.modality: 1.0}, tuple(flow.per_day * one / DAY for one in own))


def _mass(weights: tuple[float, ...], edges: tuple[float, ...], hours: tuple[int, ...]) -> list[float]:
    """Seconds of each bin times its relative weight."""
    lengths = [right - left for left, right in pairwise(edges)]
    if not weights:
        return lengths
    mean = fsum(weights) / len(weights)
    return [length * weights[hour % len(weights)] / mean for length, hour in zip(lengths, hours, strict=True)]


def readers(scenario: Scenario) -> dict[str, tuple[Radiologist, ...]]:
    """Who can read some kind of each requested modality: by credential, and with the monitor it needs."""
    at_desk = {unit.name: unit.monitor_megapixels for unit in scenario.units}
    shared = {unit.name: unit.shared_megapixels for unit in scenario.units}
    found: dict[str, tuple[Radiologist, ...]] = {}
    for kind in scenario.demand.mix.kinds:
        able = tuple(
            one
            for one in scenario.radiologists
            if kind.modality in one.reads
            and max(one.monitor_megapixels or at_desk[one.unit], shared[one.unit]) >= kind.image_megapixels
        )
        before = found.get(kind.modality, ())
        found[kind.modality] = before + tuple(one for one in able if one not in before)
    return found


@dataclass(frozen=True, slots=True)
class Load:
    """Work of some modalities against those who can read them, in radiologists.

    ``offered``: the work spread over the hours in which any of them is on duty. ``rostered``: how many of
    them are then on duty on average. ``effective``: the same in readers of speed 1 who do nothing else.
    """

    modalities: tuple[str, ...]
    who: tuple[Radiologist, ...]
    offered: float
    rostered: float
    effective: float


def heaviest_load(scenario: Scenario, ahead: Outlook) -> Load | None:
    """The modalities whose work most exceeds the hours rostered for them; None where all of it fits.

    Work that arrives within the window may be read until the routine time allowed has passed. Every set of
    modalities is held against those who can read any of it (Hall's condition), so that one scarce
    subspecialist shows among many idle colleagues.
    """
    able = readers(scenario)
    work = {name: ahead.number(name) * ahead.minutes[name] * MINUTE for name in ahead.modalities}
    hours = _Hours(scenario, ahead.edges_s[-1] + _longest_allowed(scenario))
    worst: Load | None = None
    for some in _subsets(ahead.modalities):
        who = tuple(one for one in scenario.radiologists if any(one in able[name] for name in some))
        offered = fsum(work[name] for name in some)
        if not who or offered <= hours.effective(who):
            continue
        manned = hours.manned(who)
        if manned == 0:
            continue
        load = Load(some, who, offered / manned, hours.rostered(who) / manned, hours.effective(who) / manned)
        if worst is None or load.offered * worst.effective > worst.offered * load.effective:
            worst = load
    return worst


def _longest_allowed(scenario: Scenario) -> Seconds:
    flows = [flow.urgency.routine_within_s for flow in scenario.demand.arrivals.flows]
    return max([scenario.demand.urgency.routine_within_s, *flows])


def _subsets(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """All sets from the whole down to single ones; of very many names only these two kinds."""
    few = len(names) <= _MOST_MODALITIES
    for size in range(len(names), 0, -1):
        if few or size in (1, len(names)):
            yield from combinations(names, size)


class _Hours:
    """Seconds on duty from the start to ``until_s``."""

    def __init__(self, scenario: Scenario, until_s: Seconds) -> None:
        end = scenario.start.astimezone(UTC) + timedelta(seconds=until_s)
        self._desks = {unit.name: unit.workstations for unit in scenario.units}
        self._rosters = {one.name: one.schedule.roster(scenario.start, end) for one in scenario.radiologists}

    def rostered(self, who: Sequence[Radiologist]) -> Seconds:
        return fsum(self._rosters[one.name].total_s for one in who)

    def effective(self, who: Sequence[Radiologist]) -> Seconds:
        """In seconds of reading at speed 1, no unit using more desks than it has."""
        total = 0.0
        for unit, desks in self._desks.items():
            own = [one for one in who if one.unit == unit]
            if own:
                work = [
                    self._rosters[one.name].total_s * (1 - one.non_reading) * (1 - one.absence) / one.speed
                    for one in own
                ]
                fastest = min(one.speed for one in own)
                total += min(fsum(work), desks * self.manned(own) / fastest)
        return total

    def manned(self, who: Sequence[Radiologist]) -> Seconds:
        """Seconds in which at least one of them is on duty."""
        spans = sorted(span for one in who for span in self._rosters[one.name])
        total, reached = 0.0, 0.0
        for start, end in spans:
            total += max(0.0, end - max(start, reached))
            reached = max(reached, end)
        return total
