"""Whether the work that is requested fits into the hours of those who can read it, by sums alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import combinations
from math import fsum

from simgrid.domain.radiologist import Radiologist
from simgrid.domain.scenario import Scenario
from simgrid.domain.units import MINUTE, Seconds
from simgrid.foresight.outlook import Outlook, readers

_MOST_MODALITIES = 8


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
    able = readers(scenario, ahead.kinds)
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
