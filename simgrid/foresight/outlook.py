"""What a scenario's declared demand amounts to, by arithmetic alone: expected work and traffic by hour.

Means only, no queues and no chance: what does not fit here cannot fit in a run. Times are seconds since the
start, one bin an hour of the local clock.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from math import fsum, sqrt
from typing import TYPE_CHECKING

from simgrid.domain.demand import ArchiveDemand, Triage, Urgency
from simgrid.domain.kind import Kind
from simgrid.domain.radiologist import Radiologist
from simgrid.domain.scenario import Scenario
from simgrid.domain.units import BITS_PER_BYTE, DAY, HOUR, MINUTE, Bytes, Seconds

if TYPE_CHECKING:  # numpy's half of the domain, which checks before a run do without
    from simgrid.domain.inspection import Inspections

LONGEST: Seconds = 28 * DAY
"""Of a longer horizon the first four weeks stand for the rest: profiles and rosters repeat every week."""


@dataclass(frozen=True, slots=True)
class Requests:
    """What one site requests: the share of each modality, and the expected number in each bin.

    What is only archived has no ``urgency``.
    """

    site: str
    shares: Mapping[str, float]
    expected: tuple[float, ...]
    urgency: Urgency | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """The expected demand of a scenario. ``edges_s`` has one entry more than there are bins.

    ``minutes``: mean reading time by modality, ``spread`` its coefficient of variation. ``archived``: what is
    uploaded and never read, its ``size_bytes`` by modality in ``archived_bytes``.
    """

    edges_s: tuple[Seconds, ...]
    requests: tuple[Requests, ...]
    minutes: Mapping[str, float]
    spread: Mapping[str, float]
    size_bytes: Mapping[str, Bytes]
    kinds: tuple[Kind, ...]
    archived: tuple[Requests, ...] = ()
    archived_bytes: Mapping[str, Bytes] = field(default_factory=dict)

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
        return self._bits(self.requests, self.size_bytes, site, modalities)

    def archived_bits(self, site: str | None) -> tuple[float, ...]:
        """Expected bits of studies in each bin that are only archived, of one site or of all."""
        return self._bits(self.archived, self.archived_bytes, site, tuple(self.archived_bytes))

    def _bits(
        self,
        requests: Sequence[Requests],
        size_bytes: Mapping[str, Bytes],
        site: str | None,
        modalities: Sequence[str],
    ) -> tuple[float, ...]:
        weights = [
            (one, fsum(one.shares.get(name, 0.0) * size_bytes[name] for name in modalities))
            for one in requests
            if site in (None, one.site)
        ]
        bins = range(len(self.edges_s) - 1)
        return tuple(
            BITS_PER_BYTE * fsum(size * one.expected[index] for one, size in weights) for index in bins
        )


def outlook(scenario: Scenario, longest_s: Seconds = LONGEST) -> Outlook | None:
    """The expected demand; None where it stands in files (DICOM, a log) and not in the scenario."""
    demand = scenario.demand
    if demand.dicom is not None or demand.log is not None or not demand.mix.kinds:
        return None
    minutes, spread, weights = {}, {}, dict[str, float]()
    for name in dict.fromkeys(kind.modality for kind in demand.mix.kinds):
        pairs = [
            (kind.effort_min, weight)
            for kind, weight in zip(demand.mix.kinds, demand.mix.weights, strict=True)
            if kind.modality == name
        ]
        weights[name] = fsum(weight for _, weight in pairs)
        own = demand.mix.reading_min.get(name)
        if own is None:
            minutes[name], spread[name] = _reading(pairs, demand.mix.reading_cv.get(name, 0.0))
        else:
            minutes[name], spread[name] = own.mean, own.cv
    edges = hour_edges(scenario, min(scenario.demand.arrivals.within_s, longest_s))
    hours = hours_of_week(scenario, edges)
    archive = demand.archive
    return Outlook(
        edges_s=edges,
        requests=tuple(_requests(scenario, weights, edges, hours)),
        minutes=minutes,
        spread=spread,
        size_bytes={name: one.mean for name, one in demand.mix.size_bytes.items()},
        kinds=demand.mix.kinds,
        archived=() if archive is None else tuple(_archived(scenario, archive, edges, hours)),
        archived_bytes={} if archive is None else {k: one.mean for k, one in archive.size_bytes.items()},
    )


def _reading(pairs: Sequence[tuple[float, float]], cv: float) -> tuple[float, float]:
    """Mean minutes and coefficient of variation where each kind's time spreads by ``cv`` around its own."""
    whole = fsum(weight for _, weight in pairs)
    if not whole:
        return 0.0, 0.0
    mean = fsum(minutes * weight for minutes, weight in pairs) / whole
    squares = fsum(minutes**2 * (1 + cv**2) * weight for minutes, weight in pairs) / whole
    return mean, sqrt(max(squares / mean**2 - 1, 0.0)) if mean else 0.0


def hour_edges(scenario: Scenario, until_s: Seconds) -> tuple[Seconds, ...]:
    """The start, every full hour after it, and the end."""
    into_hour = scenario.start.minute * MINUTE + scenario.start.second
    edges = [0.0]
    while edges[-1] < until_s:
        edges.append(min(until_s, len(edges) * HOUR - into_hour))
    return tuple(edges)


def hours_of_week(scenario: Scenario, edges: Sequence[Seconds]) -> tuple[int, ...]:
    """The local hour of the week of each bin, from 0 on Monday to 167."""
    start = scenario.start.timestamp()
    middles = ((left + right) / 2 for left, right in pairwise(edges))
    local = (datetime.fromtimestamp(start + middle, scenario.start.tzinfo) for middle in middles)
    return tuple(at.weekday() * 24 + at.hour for at in local)


def outlook_of(scenario: Scenario, inspections: Inspections) -> Outlook:
    """The demand of one replication, as drawn or replayed, by the hour: counts and means."""
    window = scenario.demand.arrivals.within_s
    edges = hour_edges(scenario, window)
    number, minutes, squares, sizes = (
        dict[str, int](),
        dict[str, float](),
        dict[str, float](),
        dict[str, float](),
    )
    bins: dict[tuple[str, str, bool, float], list[float]] = {}
    inspections = inspections.as_labelled()
    columns = (inspections.site, inspections.kind, inspections.urgent, inspections.required_s)
    amounts = (inspections.requested_s, inspections.reading_draw_min, inspections.size_bytes)
    rows = zip(*(column.tolist() for column in (*columns, *amounts)), strict=True)
    for site, kind, urgent, required_s, at_s, read_min, size in rows:
        name = inspections.kinds[kind].modality
        number[name] = number.get(name, 0) + 1
        minutes[name] = minutes.get(name, 0.0) + read_min
        squares[name] = squares.get(name, 0.0) + read_min**2
        sizes[name] = sizes.get(name, 0.0) + size
        own = bins.setdefault((inspections.sites[site], name, urgent, required_s), [0.0] * (len(edges) - 1))
        own[min(max(bisect_right(edges, at_s) - 1, 0), len(own) - 1)] += 1
    mean = {name: minutes[name] / count for name, count in number.items()}
    return Outlook(
        edges_s=edges,
        requests=tuple(
            Requests(site, {name: 1.0}, tuple(own), Urgency(float(urgent), allowed_s, allowed_s))
            for (site, name, urgent, allowed_s), own in bins.items()
        ),
        minutes=mean,
        spread={n: sqrt(max(squares[n] / count / mean[n] ** 2 - 1, 0.0)) for n, count in number.items()},
        size_bytes={name: sizes[name] / count for name, count in number.items()},
        kinds=inspections.kinds,
    )


def _archived(
    scenario: Scenario, archive: ArchiveDemand, edges: tuple[float, ...], hours: tuple[int, ...]
) -> Iterator[Requests]:
    whole = fsum(archive.modality_share.values())
    shares = {name: share / whole for name, share in archive.modality_share.items()}
    mass = _mass(archive.hourly, edges, hours)
    expected = archive.count * min(edges[-1] / archive.within_s, 1.0) / (fsum(mass) or 1.0)
    even = 1 / len(scenario.sites)
    for site in scenario.sites:
        share = archive.site_share.get(site.name, 0.0) if archive.site_share else even
        yield Requests(site.name, shares, tuple(expected * share * one for one in mass))


def _requests(
    scenario: Scenario, weights: Mapping[str, float], edges: tuple[float, ...], hours: tuple[int, ...]
) -> Iterator[Requests]:
    arrivals, triage = scenario.demand.arrivals, scenario.demand.triage
    urgency = _shown(scenario.demand.urgency, triage)
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
            yield Requests(name, shares, tuple(counted * share * one / total for one in mass), urgency)
    for name, per_day in arrivals.per_day.items():
        yield Requests(name, shares, tuple(per_day * one / DAY for one in mass), urgency)
    for flow in arrivals.flows:
        own = _mass(flow.hourly, edges, hours)
        expected = tuple(flow.per_day * one / DAY for one in own)
        yield Requests(flow.site, {flow.modality: 1.0}, expected, _shown(flow.urgency, triage))


def _shown(urgency: Urgency, triage: Triage | None) -> Urgency:
    """Labels decide who is read first and what is allowed, so they are what is looked ahead at."""
    return urgency if triage is None else triage.label(urgency)


def _mass(weights: tuple[float, ...], edges: tuple[float, ...], hours: tuple[int, ...]) -> list[float]:
    """Seconds of each bin times its relative weight."""
    lengths = [right - left for left, right in pairwise(edges)]
    if not weights:
        return lengths
    mean = fsum(weights) / len(weights)
    return [length * weights[hour % len(weights)] / mean for length, hour in zip(lengths, hours, strict=True)]


def readers(scenario: Scenario, kinds: Sequence[Kind]) -> dict[str, tuple[Radiologist, ...]]:
    """Who can read some kind of each modality: by credential, and with the monitor it needs."""
    at_desk = {unit.name: unit.monitor_megapixels for unit in scenario.units}
    shared = {unit.name: unit.shared_megapixels for unit in scenario.units}
    found: dict[str, tuple[Radiologist, ...]] = {}
    for kind in kinds:
        able = tuple(
            one
            for one in scenario.radiologists
            if kind.modality in one.reads
            and max(one.monitor_megapixels or at_desk[one.unit], shared[one.unit]) >= kind.image_megapixels
        )
        before = found.get(kind.modality, ())
        found[kind.modality] = before + tuple(one for one in able if one not in before)
    return found
