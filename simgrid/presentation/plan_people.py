"""What takes radiologists, in words, and what the runs of it show of plans that were open before."""

from __future__ import annotations

from collections.abc import Iterator

from simgrid.planning.answer import Answer
from simgrid.planning.looks import Looked
from simgrid.planning.people import AS_IT_IS, Needed
from simgrid.presentation.plan_words import money, plan_words


def person_says(one: Needed) -> str:
    """What takes how many radiologists, and how that was found."""
    if not one.there:
        none = {"non-reading time": "no time at the desk goes elsewhere", "absence": "nobody is ever away"}
        return f"none: in this scenario {none.get(one.what, 'no value is drawn from an interval')}"
    if one.n == 0:
        fewest = f"{one.with_it} (all rosters together)"
        return f"cannot be told: no plan has fewer radiologists than {fewest}, all else as in the plan"
    shown = (
        f"of all rosters together, {one.with_it} are shown to meet the targets with it and "
        f"{one.without_it} without it"
    )
    by = f"all else as in the plan (by at most {one.n} replications of each plan looked at)"
    return f"{_how_many(one)}: {shown}{_in_doubt(one)}, {by}"


def _how_many(one: Needed) -> str:
    if one.radiologists is not None:
        return f"{'at least ' if one.most is None else ''}{_heads(one.radiologists)}"
    if one.most is None:
        return "cannot be told, since no plan of fewer was looked at"
    return f"between {one.least} and {_heads(one.most)}"


def _in_doubt(one: Needed) -> str:
    if (one.with_it, one.without_it) == (one.fewest_with, one.fewest_without):
        return ""
    return (
        f", and the fewest not shown to miss one are {one.fewest_with} with it and {one.fewest_without} "
        "without it"
    )


def _heads(count: int) -> str:
    return f"{count} radiologist{'' if count == 1 else 's'}"


def missed_later(told: Answer) -> Iterator[tuple[Looked, str]]:
    """The plans that only the runs of 'what takes radiologists' showed to miss a target, and what is said."""
    for one in told.looked:
        if one.world == AS_IT_IS and one.plan in told.missed_later:
            names = " and ".join(repr(told.asked.meet[place].name) for place in one.missed)
            yield one, f"left open by search and test; {one.n} later replications show that it misses {names}"


def missed_later_says(told: Answer) -> tuple[str, ...]:
    """A sentence a plan."""
    return tuple(
        f"{plan_words(told.plans[one.plan].values)}, at {money(told.plans[one.plan])}: {said}."
        for one, said in missed_later(told)
    )
