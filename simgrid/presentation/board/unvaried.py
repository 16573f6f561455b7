"""What a plan leaves as it is: the rosters, lines and desks that it could vary and does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simgrid.presentation.board import saying
from simgrid.presentation.board.plain import summary
from simgrid.scenario.axes import label
from simgrid.scenario.marks import Located
from simgrid.scenario.plan_axes import POLICY, places_meant

ROSTERS = "radiologists"
MOST_NAMES = 6
_HOLDERS = ("units", "sites")
_THINGS = (("link", "bandwidth"), ("link", "up"), ("link", "down"), ("workstations",), ("cache", "size"))
Row = tuple[str, str]
"""What, and its value in words."""


def rosters(tree: Located, plan: Mapping[str, str]) -> Iterator[Row]:
    """Rosters, or what of them, that a plan does not vary; those that are alike together."""
    varied = _varied(tree, plan)
    partly: dict[tuple[str, str], list[str]] = {}
    whole: dict[str, list[str]] = {}
    holder = tree.mapping.get(ROSTERS)
    for name, one in holder.mapping.items() if holder is not None else ():
        has = {"count": _text(one, ("count",)) or "1", "hours": _text(one, ("hours",))}
        kept = [key for key in has if f"{ROSTERS}.{name}.{key}" not in varied]
        if len(kept) == len(has):
            heads = "1 radiologist" if has["count"] == "1" else f"{has['count']} radiologists"
            whole.setdefault(f"{heads}, {has['hours']}", []).append(name)
        elif kept:
            partly.setdefault((kept[0], has[kept[0]]), []).append(name)
    for (key, text), names in partly.items():
        what = "radiologists" if key == "count" else key
        alone = saying.place(f"{ROSTERS}.{names[0]}.{key}")
        yield alone if len(names) == 1 else f"{what} on {_named(names)}", text
    for said, names in whole.items():
        yield _named(names), f"{said}{', each' if len(names) > 1 else ''}"


def others(tree: Located, plan: Mapping[str, str], policy: str) -> Iterator[Row]:
    """Lines, desks, caches and the ``policy`` that a plan does not vary."""
    varied = _varied(tree, plan)
    for holder in _HOLDERS:
        block = tree.mapping.get(holder)
        things = block.mapping.items() if block is not None else ()
        for path in _THINGS:
            what = ".".join(path)
            found = {
                f"{holder}.{name}.{what}": text
                for name, one in things
                if (text := _text(one, path)) and f"{holder}.{name}.{what}" not in varied
            }
            if found:
                alone = saying.place(next(iter(found)))
                many = f"{saying.place(f'units.*.{what}').partition(',')[0]}, {len(found)} {holder}"
                yield alone if len(found) == 1 else many, summary(list(found.values()))
    for path in _THINGS[:3]:
        place = ".".join(("data_centre", *path))
        if (text := _text(tree, ("data_centre", *path))) and place not in varied:
            yield f"{path[-1]}, data centre", text
    if policy and POLICY not in plan:
        yield "who deals out the work", policy


def _varied(tree: Located, plan: Mapping[str, str]) -> frozenset[str]:
    places = [place for place in plan if place != POLICY]
    return frozenset(one for place in places for one in places_meant(tree, place))


def _text(tree: Located, path: tuple[str, ...]) -> str:
    found = tree.at(path)
    return "" if found is None or found.value is None else label(found)


def _named(names: list[str]) -> str:
    if len(names) == 1:
        return saying.place(f"{ROSTERS}.{names[0]}")
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"the rosters {', '.join(names[:MOST_NAMES])}{more}"
