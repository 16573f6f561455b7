"""Where sites, units and the data centre stand on the map: as the scenario says, or in two rows around."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from simgrid.scenario import Loaded

Kind: TypeAlias = Literal["site", "unit", "centre"]
CENTRE = "data centre"
WIDTH, EDGE, ROW = 860.0, 90.0, 62.0
LEAST_HEIGHT, MOST_HEIGHT = 300.0, 640.0


@dataclass(frozen=True, slots=True)
class Place:
    """One place and where it is drawn, in pixels from the upper left corner."""

    name: str
    kind: Kind
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Layout:
    """All places, the data centre first, and the height of the drawing. ``true``: as the scenario says."""

    places: tuple[Place, ...]
    height: float
    true: bool


def layout(loaded: Loaded) -> Layout:
    """True positions where every place has one, else sites to the left and units to the right."""
    cell = loaded.cells[0]
    sites, units = [one.name for one in cell.sites], [one.name for one in cell.units]
    given = dict(_given(loaded, sites, units))
    if len(given) == len(sites) + len(units) + 1:
        return _true(given, sites)
    height = min(max(LEAST_HEIGHT, ROW * max(len(sites), len(units), 1) + 40), MOST_HEIGHT)
    middle = Place(CENTRE, "centre", WIDTH / 2, height / 2)
    around = [*_side(sites, "site", -1, height), *_side(units, "unit", 1, height)]
    return Layout((middle, *around), height, true=False)


def _given(
    loaded: Loaded, sites: Sequence[str], units: Sequence[str]
) -> Iterator[tuple[str, tuple[float, float]]]:
    named: list[tuple[str, tuple[str, ...]]] = [(CENTRE, ("data_centre", "at"))]
    named += [(name, ("sites", name, "at")) for name in sites] + [
        (name, ("units", name, "at")) for name in units
    ]
    for name, path in named:
        found = loaded.tree.at(path)
        at = None if found is None else found.plain()
        if isinstance(at, dict) and {"x", "y"} <= set(at):
            yield name, (float(at["x"]), float(at["y"]))


def _true(given: dict[str, tuple[float, float]], sites: Sequence[str]) -> Layout:
    """Scaled alike in both directions, north up."""
    left, right = min(x for x, _ in given.values()), max(x for x, _ in given.values())
    south, north = min(y for _, y in given.values()), max(y for _, y in given.values())
    room = WIDTH - 2 * EDGE
    by = min(room / max(right - left, 1e-9), (MOST_HEIGHT - 2 * EDGE) / max(north - south, 1e-9))
    height = max(LEAST_HEIGHT, (north - south) * by + 2 * EDGE)
    inset_x, inset_y = (WIDTH - (right - left) * by) / 2, (height - (north - south) * by) / 2

    def kind(name: str) -> Kind:
        return "centre" if name == CENTRE else "site" if name in sites else "unit"

    drawn = [
        Place(name, kind(name), inset_x + (x - left) * by, inset_y + (north - y) * by)
        for name, (x, y) in given.items()
    ]
    return Layout(tuple(drawn), height, true=True)


def _side(names: Sequence[str], kind: Kind, side: int, height: float) -> Iterator[Place]:
    """Along a flat arc to the left (-1) or to the right (1)."""
    for k, name in enumerate(names):
        part = (k + 0.5) / len(names) - 0.5
        bow = math.cos(part * 2.0) * (WIDTH / 2 - EDGE)
        yield Place(name, kind, WIDTH / 2 + side * bow, height / 2 + part * (height - 30))
