"""Who is on duty in each hour, and how much she can read then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from functools import reduce
from itertools import pairwise

from simgrid.domain.events import absences, illnesses
from simgrid.domain.radiologist import Radiologist
from simgrid.domain.scenario import Scenario
from simgrid.domain.schedule import Roster
from simgrid.domain.units import MINUTE, Minutes, Seconds


class Duty:
    """The declared rosters from the start to ``until_s``, without holidays and without declared absences."""

    def __init__(self, scenario: Scenario, until_s: Seconds) -> None:
        end = scenario.start.astimezone(UTC) + timedelta(seconds=until_s)
        self._desks = {unit.name: unit.workstations for unit in scenario.units}
        self._rosters = {
            one.name: one.schedule.roster(scenario.start, end)
            .without(absences(one.name, scenario.events))
            .without(illnesses(one.name, scenario.events))
            for one in scenario.radiologists
        }

    def present(self, who: Sequence[Radiologist], edges_s: Sequence[Seconds]) -> tuple[float, ...]:
        """How many of them are on duty in each bin on average."""
        rosters = [self._rosters[one.name] for one in who]
        return tuple(
            sum(roster.worked(left, right) for roster in rosters) / (right - left)
            for left, right in pairwise(edges_s)
        )

    def seats(self, who: Sequence[Radiologist], edges_s: Sequence[Seconds]) -> tuple[float, ...]:
        """How many of them can read at once in each bin on average: on duty, and at a desk of their unit."""
        units = [[one for one in who if one.unit == unit] for unit in self._desks]
        present = [self.present(own, edges_s) for own in units]
        desks = list(self._desks.values())
        return tuple(sum(map(min, there, desks)) for there in zip(*present, strict=True))

    def manned(self, who: Sequence[Radiologist]) -> Roster:
        """When at least one of them is on duty."""
        return reduce(Roster.union, (self._rosters[one.name] for one in who), Roster.of(()))

    def capacity_min(self, who: Sequence[Radiologist], edges_s: Sequence[Seconds]) -> tuple[Minutes, ...]:
        """What they can read in each bin, in minutes of reading at speed 1, no unit beyond its desks.

        Speed, other work and absences count with their means.
        """
        total = [0.0] * (len(edges_s) - 1)
        for unit, desks in self._desks.items():
            own = [one for one in who if one.unit == unit]
            if not own:
                continue
            share = [(self._rosters[one.name], pace(one)) for one in own]
            fastest = min(one.speed for one in own)
            union = self.manned(own)
            for place, (left, right) in enumerate(pairwise(edges_s)):
                work_s = sum(roster.worked(left, right) * each for roster, each in share)
                room_s = desks * union.worked(left, right) / fastest if len(own) > desks else work_s
                total[place] += min(work_s, room_s) / MINUTE
        return tuple(total)


def pace(one: Radiologist) -> float:
    """Seconds of reading at speed 1 that a second of her duty amounts to on average."""
    return (1 - one.non_reading) * (1 - one.absence) / one.speed
