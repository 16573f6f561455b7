"""When each link and each unit's desks are busiest, by arithmetic: expected bits and work hour by hour.

What a unit fetches depends on the policy; of several units each is taken to fetch when images are asked for,
and to read the part of all work that its desks are of all desks then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf, isfinite

from simgrid.domain.scenario import Scenario
from simgrid.domain.units import Minutes, Seconds
from simgrid.experiments import workloads
from simgrid.foresight.duty import Duty
from simgrid.foresight.fluid import backlog
from simgrid.foresight.outlook import Outlook, outlook, outlook_of
from simgrid.foresight.traffic import link_loads

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SAME = 9
"""Digits by which two hours are as busy: week after week has the same expectation, but for rounding."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """``starts_s``: the hours' beginnings; ``bits`` by place (site, unit, data centre), one number an hour.

    ``use``: the share of each place's link that is used in its fullest hour. ``read_min``: by unit the
    minutes of reading that its desks do in each hour; ``waiting_min``: what waits for anybody as it begins.
    """

    starts_s: tuple[Seconds, ...]
    bits: Mapping[str, tuple[float, ...]]
    use: Mapping[str, float]
    read_min: Mapping[str, tuple[Minutes, ...]] = field(default_factory=dict)
    waiting_min: tuple[Minutes, ...] = ()

    @property
    def main(self) -> str:
        """The place whose link is the most loaded; of equals the first by name."""
        return min(self.use, key=lambda place: (-self.use[place], place))

    def busiest(self, place: str, earliest_s: Seconds) -> Seconds:
        """When the busiest hour at a place begins, not before ``earliest_s``; the first of equals."""
        hours = self._from(earliest_s)
        most = max(self.bits[place][hour] for hour in hours)
        return self.starts_s[next(one for one in hours if self._as_busy(self.bits[place][one], most))]

    @property
    def units(self) -> tuple[str, ...]:
        """The units that read anything, most first; of equals the first by name."""
        whole = {unit: sum(minutes) for unit, minutes in self.read_min.items()}
        busy = (unit for unit, minutes in whole.items() if minutes > 0)
        return tuple(sorted(busy, key=lambda unit: (-whole[unit], unit)))

    def worst_windows(
        self, place: str, lasts_s: Seconds, earliest_s: Seconds, most: int
    ) -> tuple[Seconds, ...]:
        """The hours at which a loss of ``lasts_s`` takes most bits, none in another's time, worst first."""
        hours = self._from(earliest_s)
        taken = {hour: self._sum_in(self.bits[place], self.starts_s[hour], lasts_s) for hour in hours}
        highest = max(taken.values()) or 1.0
        order = sorted(hours, key=lambda one: (-round(taken[one] / highest, _SAME), one))
        return self._apart(order, lasts_s, most)

    def worst_for_desks(
        self, unit: str, lasts_s: Seconds, earliest_s: Seconds, most: int
    ) -> tuple[Seconds, ...]:
        """The hours at which a loss of ``lasts_s`` takes most reading from a unit's desks, worst first.

        Of those in which it takes as much, the ones in which most waits as they begin.
        """
        hours = self._from(earliest_s)
        taken = {hour: self._sum_in(self.read_min[unit], self.starts_s[hour], lasts_s) for hour in hours}
        highest = max(taken.values()) or 1.0
        order = sorted(
            (one for one in hours if taken[one] > 0),
            key=lambda one: (-round(taken[one] / highest, _SAME), -self.waiting_min[one], one),
        )
        return self._apart(order, lasts_s, most)

    def _apart(self, order: Sequence[int], lasts_s: Seconds, most: int) -> tuple[Seconds, ...]:
        """The first of these hours, without those that begin in the time of one before."""
        found: list[Seconds] = []
        for start_s in (self.starts_s[hour] for hour in order):
            if len(found) < most and all(abs(start_s - other) >= lasts_s for other in found):
                found.append(start_s)
        return tuple(found)

    def _from(self, earliest_s: Seconds) -> Sequence[int]:
        hours = [hour for hour, at_s in enumerate(self.starts_s) if at_s >= earliest_s]
        return hours or [len(self.starts_s) - 1]

    def _sum_in(self, amounts: Sequence[float], start_s: Seconds, lasts_s: Seconds) -> float:
        pairs = zip(self.starts_s, amounts, strict=True)
        return sum(amount for at_s, amount in pairs if start_s <= at_s < start_s + lasts_s)

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
    read_min, waiting_min = _reading(scenario, ahead)
    return Traffic(ahead.edges_s[:-1], dict(_bits(scenario, ahead)), loads, read_min, waiting_min)


def _reading(
    scenario: Scenario, ahead: Outlook
) -> tuple[dict[str, tuple[Minutes, ...]], tuple[Minutes, ...]]:
    """What each unit reads in each hour and what waits, as a fluid: whoever is on duty can read anything."""
    edges = ahead.edges_s
    duty = Duty(scenario, edges[-1])
    own = {one.name: [r for r in scenario.radiologists if r.unit == one.name] for one in scenario.units}
    can = {unit: duty.capacity_min(who, edges) for unit, who in own.items()}
    together = [sum(hour) for hour in zip(*can.values(), strict=True)]
    coming = [0.0] * (len(edges) - 1)
    for one in ahead.requests:
        each_min = sum(share * ahead.minutes.get(name, 0.0) for name, share in one.shares.items())
        coming = [come + expected * each_min for come, expected in zip(coming, one.expected, strict=True)]
    left = backlog(coming, together)
    used = [
        min(waits + come, all_of) / all_of if all_of > 0 else 0.0
        for waits, come, all_of in zip(left, coming, together, strict=False)
    ]
    read = {
        unit: tuple(part * share for part, share in zip(minutes, used, strict=True))
        for unit, minutes in can.items()
    }
    return read, left[:-1]


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
