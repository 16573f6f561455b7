"""When each link is busiest and which is the most loaded, by arithmetic: expected bits hour by hour.

What a unit fetches depends on the policy; of several units each is taken to fetch when images are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf, isfinite

from simgrid.domain.scenario import Scenario
from simgrid.domain.units import Seconds
from simgrid.experiments import workloads
from simgrid.foresight.outlook import Outlook, outlook, outlook_of
from simgrid.foresight.traffic import link_loads

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SAME = 9
"""Digits by which two hours are as busy: week after week has the same expectation, but for rounding."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """``starts_s``: the hours' beginnings; ``bits`` by place (site, unit, data centre), one number an hour.

    ``use``: the share of each place's link that is used in its fullest hour.
    """

    starts_s: tuple[Seconds, ...]
    bits: Mapping[str, tuple[float, ...]]
    use: Mapping[str, float]

    @property
    def main(self) -> str:
        """The place whose link is the most loaded; of equals the first by name."""
        return min(self.use, key=lambda place: (-self.use[place], place))

    def busiest(self, place: str, earliest_s: Seconds) -> Seconds:
        """When the busiest hour at a place begins, not before ``earliest_s``; the first of equals."""
        hours = self._from(earliest_s)
        most = max(self.bits[place][hour] for hour in hours)
        return self.starts_s[next(one for one in hours if self._as_busy(self.bits[place][one], most))]

    def worst_windows(
        self, place: str, lasts_s: Seconds, earliest_s: Seconds, most: int
    ) -> tuple[Seconds, ...]:
        """The hours at which a loss of ``lasts_s`` takes most bits, none in another's time, worst first."""
        hours = self._from(earliest_s)
        taken = {hour: self._bits_in(place, self.starts_s[hour], lasts_s) for hour in hours}
        highest = max(taken.values()) or 1.0
        found: list[Seconds] = []
        for hour in sorted(hours, key=lambda one: (-round(taken[one] / highest, _SAME), one)):
            start_s = self.starts_s[hour]
            if len(found) < most and all(abs(start_s - other) >= lasts_s for other in found):
                found.append(start_s)
        return tuple(found)

    def _from(self, earliest_s: Seconds) -> Sequence[int]:
        hours = [hour for hour, at_s in enumerate(self.starts_s) if at_s >= earliest_s]
        return hours or [len(self.starts_s) - 1]

    def _bits_in(self, place: str, start_s: Seconds, lasts_s: Seconds) -> float:
        pairs = zip(self.starts_s, self.bits[place], strict=True)
        return sum(bits for at_s, bits in pairs if start_s <= at_s < start_s + lasts_s)

    @staticmethod
    def _as_busy(bits: float, most: float) -> bool:
        return most == 0 or round(bits / most, _SAME) == 1


def traffic(scenario: Scenario) -> Traffic:
    """The expected traffic of a cell; of requests that stand in files replication 0 is counted.

    Raises WorkloadError or DicomFolderError for files that cannot be read.
    """
    ahead = outlook(scenario, inf)
    if ahead is None:
        ahead = outlook_of(scenario, workloads.draw(scenario, 0))
    loads = {place: max(shares) for place, shares in _uses(scenario, ahead).items()}
    return Traffic(ahead.edges_s[:-1], dict(_bits(scenario, ahead)), loads)


def _bits(scenario: Scenario, ahead: Outlook) -> Iterator[tuple[str, tuple[float, ...]]]:
    read = ahead.bits(None, ahead.modalities)
    for site in scenario.sites:
        yield site.name, _sum(ahead.bits(site.name, ahead.modalities), ahead, site.name)
    for unit in scenario.units:
        yield unit.name, read
    yield scenario.data_centre.name, _sum(read, ahead, None)


def _sum(bits: Sequence[float], ahead: Outlook, site: str | None) -> tuple[float, ...]:
    if not ahead.archived:
        return tuple(bits)
    return tuple(one + more for one, more in zip(bits, ahead.archived_bits(site), strict=True))


def _uses(scenario: Scenario, ahead: Outlook) -> dict[str, list[float]]:
    """What theory says of each place's link; what all units carry together is taken to be even."""
    names = [*(one.name for one in scenario.sites), *(one.name for one in scenario.units)]
    places = [*names, scenario.data_centre.name]
    found: dict[str, list[float]] = {place: [0.0] for place in places}
    for one in link_loads(scenario, ahead):
        use = one.most if isfinite(one.most) else 0.0
        block, *rest = one.place
        if block == "data_centre":
            found[scenario.data_centre.name].append(use)
        elif block in ("sites", "units"):
            for place in rest[:1] or [unit.name for unit in scenario.units]:
                found[place].append(use)
    return found


def clock(scenario: Scenario, at_s: Seconds) -> str:
    """An instant of a run on the local clock: ``Mon 2026-03-02 09:00``."""
    local = datetime.fromtimestamp(scenario.start.timestamp() + at_s, scenario.start.tzinfo)
    return f"{_DAYS[local.weekday()]} {local:%Y-%m-%d %H:%M}"
