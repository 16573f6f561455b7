"""In which region of assumptions a stated gain is met: one sentence from the cells of all maps.

A stated gain is met in a cell whose interval includes it, or whose single worlds reach it; the study is one
world. All four together are met where each of them is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.maps import MAPS, Cell, Map, State, cells_of, headlines

TOGETHER = "all four together"
MET: tuple[State, ...] = ("includes", "compatible")
Place = tuple[str, str]
"""A value down and a value across."""


@dataclass(frozen=True, slots=True)
class Region:
    """Where a gain is met: by map the cells that meet it, and of these those whose interval includes it.

    ``stated`` is NaN for several gains together.
    """

    name: str
    stated: float
    met: Mapping[str, tuple[Place, ...]]
    included: Mapping[str, tuple[Place, ...]]
    cells: int

    @property
    def count(self) -> int:
        """The cells that meet it."""
        return sum(map(len, self.met.values()))

    @property
    def count_included(self) -> int:
        """The cells whose interval includes it."""
        return sum(map(len, self.included.values()))

    @property
    def words(self) -> str:
        """The region: map by map, ``in no cell of any map`` where there is none."""
        parts = [
            f"{one.title}: {region_words(one, self.met[one.name])}" for one in MAPS if self.met[one.name]
        ]
        return "; ".join(parts) or "in no cell of any map"


def regions(found: Mapping[str, Evidence]) -> tuple[Region, ...]:
    """One region a headline gain and reading, and of the four usual ones together at the end."""
    told = {
        one: {asked.name: tuple(cells_of(asked, found[asked.name], one)) for asked in MAPS}
        for one in headlines()
    }
    single = [_region(one.title, one.stated, [cells]) for one, cells in told.items()]
    usual = [cells for one, cells in told.items() if one.usual]
    return (*single, _region(TOGETHER, float("nan"), usual))


def _region(name: str, stated: float, gains: Sequence[Mapping[str, tuple[Cell, ...]]]) -> Region:
    met = {one.name: tuple(_where(MET, [cells[one.name] for cells in gains])) for one in MAPS}
    included = {one.name: tuple(_where(("includes",), [cells[one.name] for cells in gains])) for one in MAPS}
    return Region(name, stated, met, included, sum(map(len, gains[0].values())))


def _where(states: tuple[State, ...], gains: Sequence[tuple[Cell, ...]]) -> Iterator[Place]:
    """The places at which every gain is in one of the states."""
    for cells in zip(*gains, strict=True):
        if all(one.state in states for one in cells):
            yield cells[0].down, cells[0].across


def sentence(one: Region) -> str:
    """``GAIN, VALUE in the study, is met in 2 of 95 cells (how): where.``"""
    said = f"{one.name[0].upper()}{one.name[1:]}"
    stated = "" if one.stated != one.stated else f", {100 * one.stated:.4g} % in the study,"
    verb = "are" if one.name == TOGETHER else "is"
    if not one.count:
        return f"{said}{stated} {verb} met {one.words}."
    inside = f"inside the interval in {one.count_included}" if one.count_included else "by single worlds only"
    return f"{said}{stated} {verb} met in {one.count} of {one.cells} cells ({inside}): {one.words}."


def region_words(asked: Map, places: Iterable[Place]) -> str:
    """Cells of one map in words: ``everywhere``, or by rows that have the same columns."""
    known = set(places)
    across = {
        down: tuple(one for one in asked.across.values if (down, one) in known) for down in asked.down.values
    }
    if all(columns == asked.across.values for columns in across.values()):
        return "everywhere"
    alike: dict[tuple[str, ...], list[str]] = {}
    for down, columns in across.items():
        if columns:
            alike.setdefault(columns, []).append(down)
    return ", and ".join(_rows_words(asked, rows, columns) for columns, rows in alike.items())


def _rows_words(asked: Map, rows: Sequence[str], columns: Sequence[str]) -> str:
    down, across = _short(asked.down.name), _short(asked.across.name)
    left = (
        f"{down} {_or(map(asked.down.word, rows))}" if len(rows) < len(asked.down.values) else f"any {down}"
    )
    if len(columns) == len(asked.across.values):
        return f"{left} with any {across}"
    return f"{left} with {across} {_or(map(asked.across.word, columns))}"


def _short(name: str) -> str:
    return name.partition(" (")[0]


def _or(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
