"""Plans that theory excludes before anything is simulated: what nobody could do, however the work is dealt.

Two sums, each of them on the safe side. The calendar: a report within a time needs somebody on duty between
the request and its end. The capacity: however few minutes are read of however many studies, the shortest
first, the hours rostered must hold them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp, fsum, sqrt
from typing import Literal, TypeAlias

from simgrid.domain.demand import Demand, Urgency
from simgrid.domain.scenario import Scenario, lowest
from simgrid.domain.targets import Target
from simgrid.domain.units import DAY, Seconds
from simgrid.foresight.duty import Duty
from simgrid.foresight.outlook import Outlook, outlook, readers

Why: TypeAlias = Literal["calendar", "capacity"]
DEVIATIONS = 5.0
"""By so many standard deviations a period must fall short before all are said to."""
ROOM = 1.05
"""What is added to the capacity, so that rounding excludes nothing."""
LONGEST: Seconds = 182 * DAY
"""Of a longer horizon nothing is said: its first part need not be like the rest."""
_UNMOVED = ("demand.scale", "reading_time", "spread", "radiologists")
"""Uncertain places that move no request to another hour, and no duty."""
_LESS = tuple(
    f".{key}" for key in ("scale", "count", "per_day", "mean", "constant", "speed", "non_reading", "absence")
)
"""Endings of uncertain places of which less is less work, or more time for it."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """Why a plan is excluded: by which target (its number), and the largest share within reach."""

    why: Why
    target: int
    share: float


@dataclass(frozen=True, slots=True)
class _Asked:
    """Requests of one bin alike: how many, of which modality, from when to when, due after how long."""

    number: float
    modality: str
    left_s: Seconds
    right_s: Seconds
    within_s: Seconds


@dataclass(slots=True)
class Theory:
    """What can be said of cells before anything is simulated; equal demands are reckoned once."""

    targets: Sequence[Target]
    tolerance: float
    _demand: Demand | None = None
    _ahead: Outlook | None = None
    _asked: list[list[_Asked]] = field(default_factory=list)

    def excluded(self, cell: Scenario) -> Excluded | None:
        """Why no run of the cell can meet all targets; None where that cannot be said for certain."""
        for number, share in self.reachable(cell):
            if share < self._needed(number, share):
                return Excluded("calendar", number, share)
        lightest = _lightest(cell)
        if lightest is not None:
            for number, share in self._affordable(lightest):
                if share < self.targets[number].bound:
                    return Excluded("capacity", number, share)
        return None

    def reachable(self, cell: Scenario) -> Iterator[tuple[int, float]]:
        """For each target that is a share in time: the share requested when somebody is on duty within it.

        Means only. Nothing where the demand stands in files, or deadlines stand still at night.
        """
        ahead = self._look(cell)
        if ahead is None or not _hours_hold(cell):
            return
        for number, asked in enumerate(self._asked):
            total = fsum(request.number for request in asked)
            if total > 0:
                yield number, _manned(cell, ahead, asked) / total

    def _needed(self, number: int, share: float) -> float:
        """Below this share it is certain that the target is missed."""
        target = self.targets[number]
        if target.periods is None:
            return target.bound - self.tolerance
        count = fsum(one.number for one in self._asked[number])
        return target.bound - DEVIATIONS * sqrt(max(share * (1 - share), 1 / count) / count)

    def _affordable(self, cell: Scenario) -> Iterator[tuple[int, float]]:
        """For each target that is a share in the long run: the largest share whose minutes are rostered.

        Of studies with mean m and standard deviation s the shortest share p takes at least
        m p - s sqrt(p (1 - p)) minutes a study (Cauchy and Schwarz), whatever their distribution.
        """
        ahead = self._look(cell)
        if ahead is None:
            return
        able = readers(cell, ahead.kinds)
        for number, asked in enumerate(self._asked):
            count = fsum(request.number for request in asked)
            if self.targets[number].periods is not None or count <= 0:
                continue
            work = fsum(request.number * ahead.minutes[request.modality] for request in asked)
            squares = fsum(
                one.number * ahead.minutes[one.modality] ** 2 * (1 + ahead.spread[one.modality] ** 2)
                for one in asked
            )
            cv = sqrt(max(squares * count / work**2 - 1, 0.0))
            until_s = ahead.edges_s[-1] + max(request.within_s for request in asked)
            names = {request.modality for request in asked}
            who = [one for one in cell.radiologists if any(one in able[name] for name in names)]
            room = fsum(Duty(cell, until_s).capacity_min(who, (0.0, until_s)))
            room *= ROOM * exp(cell.spread.speed**2)
            least = work * (1 - DEVIATIONS * sqrt((1 + cv**2) / count))
            yield number, _largest_share(room / least, cv) if least > 0 else 1.0

    def _look(self, cell: Scenario) -> Outlook | None:
        if self._demand is None or self._demand != cell.demand:
            self._demand = cell.demand
            self._ahead = _outlook(cell)
            ahead = self._ahead
            self._asked = [[] if ahead is None else _requested(ahead, one) for one in self.targets]
        return self._ahead


def _lightest(cell: Scenario) -> Scenario | None:
    """The cell in the world that asks least of its people; None where nobody knows which that is."""
    if cell.realise is None:
        return cell
    known = all(one.place.endswith(_LESS) for one in cell.uncertain)
    return lowest(cell) if known else None


def _outlook(cell: Scenario) -> Outlook | None:
    """The whole demand by the hour; None where its hours or times allowed are not known beforehand."""
    demand = cell.demand
    if demand.triage is not None or not demand.off_hours or demand.arrivals.within_s > LONGEST:
        return None
    return outlook(cell, LONGEST)


def _hours_hold(cell: Scenario) -> bool:
    places = (one.place for one in cell.uncertain)
    return all(one.startswith(_UNMOVED) and not one.endswith((".hours", ".zone")) for one in places)


def _requested(ahead: Outlook, target: Target) -> list[_Asked]:
    """The expected requests of the target's group, those of the same hour together; of other groups none."""
    dimension, _, value = target.of.partition("=")
    found: dict[tuple[str, Seconds, Seconds, Seconds], float] = {}
    if target.kind != "share" or dimension not in ("all", "urgency", "modality", "site"):
        return []
    for one in ahead.requests:
        if one.urgency is None or (dimension == "site" and one.site != value):
            continue
        bins = list(zip(one.expected, pairwise(ahead.edges_s), strict=True))
        for name, share in one.shares.items():
            if dimension == "modality" and name != value:
                continue
            for part, within_s in _urgencies(one.urgency, target, value if dimension == "urgency" else ""):
                for expected, (left, right) in bins:
                    if (number := expected * share * part) > 0:
                        at = name, left, right, within_s
                        found[at] = found.get(at, 0.0) + number
    return [_Asked(number, *at) for at, number in found.items()]


def _urgencies(urgency: Urgency, target: Target, only: str) -> Iterator[tuple[float, Seconds]]:
    both = {
        "urgent": (urgency.urgent_share, urgency.urgent_within_s),
        "routine": (1 - urgency.urgent_share, urgency.routine_within_s),
    }
    for name, (share, allowed_s) in both.items():
        if only in ("", name):
            yield share, allowed_s if target.within_s is None else target.within_s


def _manned(cell: Scenario, ahead: Outlook, asked: Sequence[_Asked]) -> float:
    """How many of them come while somebody who may read them is on duty, or will be in time."""
    longest = max(one.within_s for one in asked)
    duty = Duty(cell, ahead.edges_s[-1] + longest)
    able = readers(cell, ahead.kinds)
    rosters = {name: duty.manned(able[name]) for name in sorted({one.modality for one in asked})}
    return fsum(
        one.number
        for one in asked
        if rosters[one.modality].next_start(one.left_s) < one.right_s + one.within_s
    )


def _largest_share(part: float, cv: float) -> float:
    """The largest share of studies that this part of their minutes can hold."""
    low, high = 0.0, 1.0
    if part >= 1.0:
        return 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if middle - cv * sqrt(middle * (1 - middle)) <= part:
            low = middle
        else:
            high = middle
    return low
