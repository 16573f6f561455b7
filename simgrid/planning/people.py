"""How many radiologists other work, absence and doubt about the load take: by planning again without each.

From the plan found downward: the smallest number with which the targets are met, all else as in that plan,
in the world as it is and in the one without the thing in question. Both are judged by the same bounds over
the same replications on unseen seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from simgrid.domain.planning import Planning
from simgrid.domain.scenario import Scenario
from simgrid.domain.units import FloatArray
from simgrid.planning.changed import Change, always_reading, certain, never_absent
from simgrid.planning.observing import unseen
from simgrid.planning.space import Plan
from simgrid.planning.testing import judged

MOST_A_LEVEL = 3
"""Plans of the same number of radiologists that are looked at, the cheapest first."""
Values = Callable[[str, Scenario, int], FloatArray]


@dataclass(frozen=True, slots=True)
class Needed:
    """``there``: whether the scenario has any of it. ``with_it``, ``without_it``: the smallest numbers found.

    ``at_least``: fewer than ``without_it`` are in no plan, or are not shown to miss, so that the difference
    may be larger. ``open``: it may be smaller too, or it is none and may be more, since fewer are neither
    shown to meet nor to miss. ``n``: replications of each plan looked at.
    """

    what: str
    there: bool
    with_it: int
    without_it: int
    at_least: bool
    n: int
    open: bool = False

    @property
    def radiologists(self) -> int | None:
        """How many it takes; None where that cannot be told, no plan having fewer or fewer being in doubt."""
        return None if self.open or (self.there and self.n == 0) else self.with_it - self.without_it


@dataclass(frozen=True, slots=True)
class _Smallest:
    """The smallest number shown to meet; whether no plan has fewer, or fewer are in doubt."""

    number: int
    lowest: bool
    doubtful: bool


def people_for(
    plans: Sequence[Plan], winner: int, asked: Planning, values: Values, n: int
) -> tuple[Needed, ...]:
    """What takes how many radiologists; of nothing is it told where no plan has fewer than the winner."""
    levels = [*_levels(plans, winner)]
    cell = plans[winner].cell
    found: list[Needed] = []
    as_it_is: _Smallest | None = None
    for what, change, there in _reasons(cell):
        if not there or len(levels) < 2:
            found.append(Needed(what, there, levels[0][0], levels[0][0], at_least=False, n=0))
            continue
        if as_it_is is None:
            as_it_is = _smallest(levels, plans, asked, values, n, "as it is", lambda one: one)
        found.append(_needed(what, as_it_is, _smallest(levels, plans, asked, values, n, what, change), n))
    return tuple(found)


def _needed(what: str, as_it_is: _Smallest, without: _Smallest, n: int) -> Needed:
    number = min(without.number, as_it_is.number)
    less = number < as_it_is.number
    return Needed(
        what,
        True,
        as_it_is.number,
        number,
        at_least=less and (without.lowest or without.doubtful),
        n=n,
        open=as_it_is.doubtful or (without.doubtful and not less),
    )


def _reasons(cell: Scenario) -> Iterator[tuple[str, Change, bool]]:
    yield "non-reading time", always_reading, any(one.non_reading > 0 for one in cell.radiologists)
    yield "absence", never_absent, any(one.absence > 0 for one in cell.radiologists)
    yield "uncertain load", certain, bool(cell.uncertain)


def heads(plan: Plan) -> int:
    """Radiologists of a plan."""
    return len(plan.cell.radiologists)


def _levels(plans: Sequence[Plan], winner: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Numbers of radiologists, from the winner's downward, each with the plans that have so many.

    They have no more of anybody than the winner, and all else as it has.
    """
    own = dict(plans[winner].values)
    fewer = [
        number
        for number, one in enumerate(plans)
        if all(_no_more(place, text, own[place]) for place, text in one.values)
    ]
    ordered = sorted(fewer, key=lambda number: (-heads(plans[number]), number))
    for count, group in groupby(ordered, key=lambda number: heads(plans[number])):
        yield count, (winner,) if count == heads(plans[winner]) else tuple(group)[:MOST_A_LEVEL]


def _no_more(place: str, text: str, own: str) -> bool:
    if place.startswith("radiologists.") and place.endswith(".count"):
        return int(text) <= int(own)
    return text == own


def _smallest(
    levels: Sequence[tuple[int, tuple[int, ...]]],
    plans: Sequence[Plan],
    asked: Planning,
    values: Values,
    n: int,
    what: str,
    change: Change,
) -> _Smallest:
    """The smallest number with which some plan is shown to meet every target.

    The first is taken for met: it has passed its test in a world that is no easier. Fewer are in doubt where
    one of their plans is not shown to miss a target either.
    """
    smallest = levels[0][0]
    for count, numbers in levels[1:]:
        doubtful = False
        for number in numbers:
            seen = values(f"{what} {number}", change(unseen(plans[number].cell)), n)
            words = {one.met for one in judged(seen, asked.meet, asked.confidence)}
            if words == {"met"}:
                break
            doubtful = doubtful or "missed" not in words
        else:
            return _Smallest(smallest, lowest=False, doubtful=doubtful)
        smallest = count
    return _Smallest(smallest, lowest=True, doubtful=False)
