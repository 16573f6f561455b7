"""The values that planners change most, as they stand after ``extends``: people, hours, lines, load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from simgrid.scenario.marks import Located, dotted

Kind: TypeAlias = Literal["count", "factor", "text"]
LINES = ("bandwidth", "up", "down")


@dataclass(frozen=True, slots=True)
class Dial:
    """One value: its place, the block it is told under, and what it is now.

    ``count`` is a whole number, ``factor`` a number, ``text`` an amount with its unit or hours.
    """

    place: tuple[str, ...]
    block: str
    kind: Kind
    value: str | int | float

    @property
    def name(self) -> str:
        """The place as scenarios and errors write it."""
        return dotted(self.place)


def dials(tree: Located) -> tuple[Dial, ...]:
    """The values of a resolved tree, in the order of the file; none for what is not as usual.

    A shift without a count has one radiologist, a load without a scale is the declared one.
    """
    return (*_people(tree), *_lines(tree), *_load(tree), *_runs(tree))


def _people(tree: Located) -> Iterator[Dial]:
    for name, one in _entries(tree, "radiologists"):
        place = ("radiologists", name)
        count = _plain(one, "count", 1)
        if isinstance(count, int) and not isinstance(count, bool):
            yield Dial((*place, "count"), "Radiologists", "count", count)
        hours = _plain(one, "hours", None)
        if isinstance(hours, str):
            yield Dial((*place, "hours"), "Radiologists", "text", hours)


def _lines(tree: Located) -> Iterator[Dial]:
    of_one = [(("data_centre",), tree.mapping["data_centre"])] if "data_centre" in tree.mapping else []
    many = [((kind, name), one) for kind in ("sites", "units") for name, one in _entries(tree, kind)]
    for place, one in [*many, *of_one]:
        link = one.mapping.get("link")
        for part in LINES if link is not None else ():
            value = _plain(link, part, None) if link is not None else None
            if isinstance(value, str):
                yield Dial((*place, "link", part), "Bandwidths", "text", value)
    for name, one in _entries(tree, "units"):
        seats = _plain(one, "workstations", None)
        if isinstance(seats, int):
            yield Dial(("units", name, "workstations"), "Workstations", "count", seats)


def _load(tree: Located) -> Iterator[Dial]:
    demand = tree.mapping.get("demand")
    if demand is not None and demand.mapping and "log" not in demand.mapping:
        scale = _plain(demand, "scale", 1.0)
        if isinstance(scale, int | float):
            yield Dial(("demand", "scale"), "Load", "factor", float(scale))
    for name, one in _entries(tree, "sites"):
        asked = one.mapping.get("demand")
        per_day = _plain(asked, "per_day", None) if asked is not None else None
        if isinstance(per_day, int | float):
            yield Dial(("sites", name, "demand", "per_day"), "Load", "factor", float(per_day))


def _runs(tree: Located) -> Iterator[Dial]:
    replications = _plain(tree, "replications", None)
    if isinstance(replications, int):
        yield Dial(("replications",), "Runs", "count", replications)


def _entries(tree: Located, block: str) -> Iterator[tuple[str, Located]]:
    found = tree.mapping.get(block)
    if found is not None:
        yield from found.mapping.items()


def _plain(tree: Located, key: str, otherwise: object) -> object:
    found = tree.mapping.get(key)
    return otherwise if found is None else found.value
