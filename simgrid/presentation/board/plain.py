"""Places of a scenario and their values as a reader names them, who has never seen its file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import PureWindowsPath

from simgrid.presentation.board import saying
from simgrid.scenario.amounts import amount, factor
from simgrid.scenario.ledger import ANY, matches
from simgrid.scenario.marks import Located, Path, dotted

MOST_GROUPS, MOST_VALUES = 8, 4
PRICES = "costs"
_NAMED = frozenset({"sites", "units", "radiologists", "clients"})
_WORDS = {
    "calendar": "the calendar",
    "costs": "prices",
    "data_centre": "the data centre",
    "demand": "requests",
    "dispatch": "how often work is given out",
    "events": "what happens on schedule",
    "give_up_after": "a run ends after its last request by",
    "horizon": "how long requests come",
    "radiologists": "the radiologists",
    "reading_time": "reading times",
    "sites": "the hospitals",
    "spread": "how much radiologists differ",
    "spread.benefit": "how much of the declared skill is true",
    "spread.estimate_error": "error of the estimated reading times",
    "spread.skill": "differences in skill",
    "spread.speed": "differences in speed",
    "studies": "the studies",
    "units": "the reporting units",
    "warmup": "simulated first and not measured",
    "workload_limit": "the workload limit",
}


def words(place: str) -> str:
    """``reading times``, ``bandwidth, main``; places without words of their own are told by their parts."""
    if place in _WORDS:
        return _WORDS[place]
    first, _, rest = place.partition(".")
    if first == PRICES:
        return f"price: {saying.place(rest)}"
    if first in _NAMED or first not in _WORDS:
        return saying.place(place)
    parts = [part for part in rest.replace("_", " ").split(".") if part != ANY]
    return f"{_WORDS[first]}: {', '.join(parts)}" if parts else _WORDS[first]


def values_at(tree: Located, line: str, aside: Collection[str] = ()) -> str:
    """All values that a line of the ledger covers, with their units as written, alike ones told once.

    Without those whose places are put ``aside``.
    """
    groups: dict[str, list[str]] = {}
    for path, leaf in tree.leaves():
        below = _below(line, path)
        if dotted(path) in aside or dotted(_listed(path)) in aside:
            continue
        if below is not None and leaf.value is not None and str(leaf.value) != "":
            named = [saying.place(str(one)) for one in below] if path[0] == PRICES else _named(below)
            groups.setdefault(" ".join(named), []).append(_text(leaf.value))
    told = [f"{name} {summary(values)}".strip() for name, values in groups.items()]
    more = f"; and {len(told) - MOST_GROUPS} more" if len(told) > MOST_GROUPS else ""
    return "; ".join(told[:MOST_GROUPS]) + more


def _listed(path: Path) -> Path:
    """The place of the list in which an entry lies, else the place itself."""
    return path[: next((at for at, part in enumerate(path) if isinstance(part, int)), len(path))]


def grouped(tree: Located, places: Sequence[str]) -> Mapping[str, str]:
    """Places that differ only in whose they are, under one with a star, with their values."""
    known = {dotted(path): _text(leaf.value) for path, leaf in tree.leaves() if leaf.value is not None}
    found: dict[str, list[str]] = {}
    for place in places:
        parts = place.split(".")
        if parts[0] in _NAMED and len(parts) > 1:
            parts[1] = ANY
        found.setdefault(".".join(part for part in parts if not part.isdigit()), []).append(place)
    return {
        alike[0] if len(alike) == 1 else starred: summary([known[one] for one in alike])
        for starred, alike in found.items()
    }


def summary(values: Sequence[str]) -> str:
    """``8 Mbit/s``, ``CT, DX``, ``9 to 30 (20 values)``."""
    different = list(dict.fromkeys(values))
    many = f" ({len(values)} values)" if len(values) > len(different) > 1 else ""
    if len(different) <= MOST_VALUES:
        return f"{', '.join(different)}{many}"
    key = _reckoned(different)
    if key is not None:
        ranked = sorted(different, key=key)
        return f"{ranked[0]} to {ranked[-1]} ({len(values)} values)"
    return f"{', '.join(different[:MOST_VALUES])} and {len(different) - MOST_VALUES} more"


def covers(line: str, path: Path) -> Path | None:
    """What of a path is below a line's place; None where it is elsewhere. A price's key is one part."""
    for length in range(1, len(path) + 1):
        if matches(line, dotted(path[:length])):
            return path[length:]
    return None


def _below(line: str, path: Path) -> Path | None:
    """As ``covers``, without whose it is where a line is about all that have names."""
    below = covers(line, path)
    return below[1:] if below and line == path[0] and line in _NAMED else below


def _named(below: Iterable[str | int]) -> list[str]:
    return [str(part).replace("_", " ") for part in below if not isinstance(part, int)]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return without_folders(str(value))


def without_folders(text: str) -> str:
    """A file by its name: where it lies is of one machine, and no business of a page that is sent around."""
    named = PureWindowsPath(text)  # knows both kinds of strokes
    return named.name if named.suffix[1:].isalpha() and len(named.parts) > 1 else text


def _reckoned(values: Sequence[str]) -> Callable[[str], Fraction] | None:
    """A measure of amounts of one kind; None where they are none."""
    found = {one: amount(_number(one)) for one in values}
    first = next(iter(found.values()))
    known: dict[str, Fraction] = {}
    for text, one in found.items():
        by = None if one is None or first is None else factor(one.unit, first.unit)
        if one is None or by is None:
            return None
        known[text] = one.number * by
    return known.__getitem__


def _number(text: str) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
