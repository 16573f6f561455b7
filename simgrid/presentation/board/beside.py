"""What holds beside a value as the file writes it: what the plan sets there, what each replication draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simgrid.presentation.board.plain import covers
from simgrid.presentation.board.saying import place as named
from simgrid.scenario.ledger import ANY
from simgrid.scenario.marks import Located, NoSuchEntry, addressed
from simgrid.scenario.plan_axes import POLICY, places_meant, written_at

_BETWEEN = {
    "interval": "{} to {}, in which 95 % of the draws lie",
    "uniform": "{low} to {high}, all alike",
    "triangular": "{low} to {high}, most often near {mode}",
}


@dataclass(frozen=True, slots=True)
class Beside:
    """A ``place``, those it stands for, what is to be said of its value, and whether the file has one."""

    place: str
    meant: tuple[str, ...]
    says: str
    written: bool

    def under(self, line: str) -> bool:
        """Whether a line of the ledger, or a group of places, is about any of the places."""
        return any(covers(line, (*one.split("."),)) is not None for one in self.meant)


def beside(tree: Located, plan: Mapping[str, Any] | None) -> tuple[Beside, ...]:
    """Everything that is beside the values of a scenario; of a plan of another scenario nothing."""
    return (*_drawn(tree), *_planned(tree, plan or {}))


def told(found: Sequence[Beside], line: str) -> tuple[str, ...]:
    """What stands beside the values of a line; at its own place without the place's name."""
    return tuple(
        one.says if one.place == line else f"{named(one.place)}: {one.says}"
        for one in found
        if one.under(line)
    )


def _drawn(tree: Located) -> Iterator[Beside]:
    given = tree.mapping.get("uncertain")
    for place, one in given.mapping.items() if given is not None else ():
        says = f"uncertain: each replication draws it anew, {_law(one)}"
        yield Beside(place, (place,), says, written=bool(_written(tree, place, "")))


def _law(given: Located) -> str:
    family, one = next((name, at) for name, at in given.mapping.items() if name not in ("scale", "within"))
    ends = [str(end.value) for end in one.value] if isinstance(one.value, list) else []
    numbers = {name: str(at.value) for name, at in one.mapping.items()}
    said = (
        _BETWEEN[family].format(*ends, **numbers)
        if family in _BETWEEN
        else f"{family}, {', '.join(f'{name} {number}' for name, number in numbers.items())}"
    )
    within = given.mapping.get("within")
    if within is None or not isinstance(within.value, list):
        return said
    low, high = (str(end.value) for end in within.value)
    return f"{said}; never below {low} or above {high}"


def _planned(tree: Located, plan: Mapping[str, Any]) -> Iterator[Beside]:
    now = (plan.get("now") or {}).get("plan") or {}
    there = {str(place): str(value) for place, value in now.items() if place != POLICY}
    if any(_written(tree, place, value) != value for place, value in there.items()):
        return  # the ledger is another scenario's
    for place, value in (plan.get("plan") or {}).items():
        if place in there and str(value) != there[place]:
            meant = (*places_meant(tree, place),)
            says = f"as written {there[place]}; the plan: {value}"
            yield Beside(place, meant, says, written=bool(_written(tree, place, "")))


def _written(tree: Located, place: str, unless: str) -> str:
    """The value that a file has at a place, as it is written; ``unless`` where it has none there."""
    try:
        path = addressed(tree, place.split("."))
    except NoSuchEntry:
        return unless
    return written_at(tree, place) if ANY in place or tree.at(path) is not None else unless
