"""Going on after a refusal: stand-ins for refused values, so that one mistake does not hide the next.

A scenario mended here is never run; it only lets the cross-references of the rest be checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from simgrid.scenario.marks import Located, Path
from simgrid.scenario.refusals import entry_meant
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.units import DIMENSIONS

_EXAMPLES = tuple(dimension.example for dimension in DIMENSIONS)
_LINK = {"bandwidth": _EXAMPLES[0]}
_EVENT = {"at": "2026-01-05", "for": "1 h", "absent": "nobody"}
_IN_TIME = {"within": "1 ms", "share": "50 %"}
_OF_TARGETS = ("of", "metric")
_MEASURES = ("within", "share", "at_most", "at_least", "in")
_STAND_INS: tuple[Any, ...] = (*_EXAMPLES, 1, "always", "2026-01-05", {}, [], _LINK)
_MOST = 30


@dataclass(frozen=True, slots=True)
class Mended:
    """A specification that validates, and the paths whose values are not the user's."""

    spec: ScenarioSpec
    paths: tuple[Path, ...]


def mend(tree: Located, error: ValidationError) -> Mended | None:
    """The scenario with refused keys left out or stood in for; None where that cannot be done."""
    paths: list[Path] = []
    tried: dict[Path, Iterator[Any]] = {}
    parted: set[Path] = set()
    dropped: set[Path] = set()
    for _ in range(3 * len(_STAND_INS)):
        refused = list(dict.fromkeys(_refused(error)))
        if not refused or len(refused) > _MOST:
            return None
        for path in refused:
            if path[:2] in dropped:
                continue
            if entry_meant(tree, path) is not None:
                dropped.add(path[:2])
                paths.append(path[:2])
                tree = _change(tree, path[:2], None)
                continue
            kept = None if path in parted else _checkable(tree, path)
            if kept is not None:
                parted.add(path)
                paths += [(*path, key) for key in _MEASURES]
                tree = _change(tree, path, kept)
                continue
            if path not in tried:
                tried[path] = _stand_ins(path)
                paths.append(path)
                if isinstance(path[-1], str):  # without a list's item the next ones would change places
                    tree = _change(tree, path, None)
                    continue
            try:
                tree = _with(tree, path, next(tried[path]))
            except StopIteration:
                return None
        try:
            return Mended(ScenarioSpec.model_validate(tree.plain()), tuple(paths))
        except ValidationError as again:
            error = again
    return None


def _stand_ins(path: Path) -> Iterator[Any]:
    """What may do at a path; an event is no event without all of its parts, so a whole one comes first."""
    return iter((_EVENT, *_STAND_INS) if path[0] == "events" and len(path) == 2 else _STAND_INS)


def _checkable(tree: Located, path: Path) -> Located | None:
    """Of a refused target what it is of and its metric, with stand-ins for the rest; None of all else."""
    given = tree.at(path) if path[0] == "targets" and len(path) == 2 else None
    if given is None or not isinstance(given.value, dict):
        return None
    kept = {key: one for key, one in given.mapping.items() if key in _OF_TARGETS}
    rest: dict[str, Any] = {"at_most": 1} if "metric" in kept else _IN_TIME
    return replace(given, value={**kept, **{key: _located(one, given) for key, one in rest.items()}})


def _refused(error: ValidationError) -> Iterator[Path]:
    for one in error.errors(include_url=False, include_context=False):
        path = tuple(part for part in one["loc"] if part != "[key]")
        if path:
            yield path


def _with(tree: Located, path: Path, stand_in: object) -> Located:
    return _change(tree, path, _located(stand_in, tree.nearest(path)))


def _located(value: object, near: Located) -> Located:
    if isinstance(value, dict):
        return Located({key: _located(one, near) for key, one in value.items()}, near.mark)
    plain: Any = list(value) if isinstance(value, list) else value
    return Located(plain, near.mark)


def _change(tree: Located, path: Path, new: Located | None) -> Located:
    """The tree with another value at the path, or without that key where there is no other."""
    if not path:
        return tree
    head, rest = path[0], path[1:]
    if isinstance(tree.value, list):
        items = list(tree.value)
        if not isinstance(head, int) or head >= len(items):
            return tree
        if rest:
            items[head] = _change(items[head], rest, new)
        elif new is not None:
            items[head] = new
        return replace(tree, value=items)
    if not isinstance(tree.value, dict):
        return tree
    entries = dict(tree.value)
    if rest and str(head) in entries:
        entries[str(head)] = _change(entries[str(head)], rest, new)
    elif not rest and new is None:
        entries.pop(str(head), None)
    elif not rest and new is not None:
        entries[str(head)] = new
    return replace(tree, value=entries)
