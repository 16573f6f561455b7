"""How many radiologists other work, absence and doubt about the load take: by planning again without each.

From the plan found downward: the smallest number that is shown to meet the targets, and the smallest that is
not shown to miss one, all else as in that plan, in the world as it is and in the one without the thing in
question. What lies between them is open, and the difference of the two worlds is told as a range.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from simgrid.domain.planning import Planning
from simgrid.domain.scenario import Scenario
from simgrid.planning.changed import Change, always_reading, certain, never_absent
from simgrid.planning.looks import Looked, Values, looked_at, looks
from simgrid.planning.observing import unseen
from simgrid.planning.space import Plan

MOST_A_LEVEL = 3
"""Plans of the same number of radiologists that are looked at, the cheapest first."""
AS_IT_IS = "as it is"


@dataclass(frozen=True, slots=True)
class Needed:
    """``there``: whether the scenario has any of it. ``with_it``, ``without_it``: smallest shown to meet.

    ``fewest_with``, ``fewest_without``: smallest numbers not shown to miss a target. ``ends``: no plan has
    fewer than these without it, so that the difference may be larger. ``n``: replications, at most, of each
    plan looked at; 0 where no plan has fewer than the one found.
    """

    what: str
    there: bool
    with_it: int
    without_it: int
    fewest_with: int
    fewest_without: int
    ends: bool
    n: int

    @property
    def least(self) -> int:
        """The fewest radiologists that it may take."""
        return max(0, self.fewest_with - self.without_it)

    @property
    def most(self) -> int | None:
        """The most that it may take; None where no plan is small enough to tell."""
        return None if self.ends else self.with_it - self.fewest_without

    @property
    def radiologists(self) -> int | None:
        """How many it takes, at least so many where ``most`` is None; None where only a range is known."""
        if not self.there:
            return 0
        if self.n == 0 or (self.ends and self.least == 0) or (not self.ends and self.least != self.most):
            return None
        return self.least


@dataclass(frozen=True, slots=True)
class People:
    """What takes how many radiologists, and every plan that was looked at for it, in the order looked at."""

    needed: tuple[Needed, ...] = ()
    looked: tuple[Looked, ...] = ()


@dataclass(frozen=True, slots=True)
class _Smallest:
    """The smallest number shown to meet, the smallest not shown to miss, and whether no plan has fewer."""

    shown: int
    open: int
    ends: bool


def people_for(plans: Sequence[Plan], winner: int, asked: Planning, values: Values) -> People:
    """What takes how many radiologists; of nothing is it told where no plan has fewer than the winner."""
    levels = [*_levels(plans, winner)]
    found: list[Needed] = []
    looked: list[Looked] = []
    as_it_is: _Smallest | None = None

    def smallest(world: str, change: Change) -> _Smallest:
        return _smallest(levels, plans, asked, values, world, change, looked)

    for what, change, there in _reasons(plans[winner].cell):
        own = levels[0][0]
        if not there or len(levels) < 2:
            found.append(Needed(what, there, own, own, own, own, ends=True, n=0))
            continue
        as_it_is = as_it_is or smallest(AS_IT_IS, lambda one: one)
        found.append(_needed(what, as_it_is, smallest(what, change), asked.runs))
    return People(tuple(found), tuple(looked))


def _needed(what: str, as_it_is: _Smallest, without: _Smallest, n: int) -> Needed:
    """Without it no more are needed than with it: what meets as it is meets without it as well."""
    fewest_without = min(without.open, as_it_is.shown)
    return Needed(
        what,
        True,
        as_it_is.shown,
        min(without.shown, as_it_is.shown),
        max(as_it_is.open, fewest_without),
        fewest_without,
        ends=without.ends,
        n=n,
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
        yield count, (winner,) if count == heads(plans[winner]) else tuple(group)


def _no_more(place: str, text: str, own: str) -> bool:
    if place.startswith("radiologists.") and place.endswith(".count"):
        return int(text) <= int(own)
    return text == own


def _smallest(
    levels: Sequence[tuple[int, tuple[int, ...]]],
    plans: Sequence[Plan],
    asked: Planning,
    values: Values,
    world: str,
    change: Change,
    looked: list[Looked],
) -> _Smallest:
    """From the winner's number downward, until each plan of a number is shown to miss a target.

    The winner is taken for met: it has passed its test in a world that is no easier. Nobody at all misses.
    Where a number has more plans than are looked at, nobody has shown that it and fewer miss.
    """
    shown = open_ = levels[0][0]
    at = looks(asked.runs, asked.confidence)
    for count, numbers in levels[1:]:
        words: list[str] = []
        for number in numbers[:MOST_A_LEVEL]:
            cell = change(unseen(plans[number].cell))
            looked.append(looked_at(world, number, cell, asked, values, at))
            words.append(looked[-1].verdict)
            if words[-1] == "met":
                break
        if "met" in words:
            shown = open_ = count
        elif set(words) == {"missed"}:
            left = len(numbers) > MOST_A_LEVEL
            return _Smallest(shown, levels[-1][0], ends=True) if left else _Smallest(shown, open_, ends=False)
        else:
            open_ = count
    return _Smallest(shown, open_, ends=open_ > 1)
