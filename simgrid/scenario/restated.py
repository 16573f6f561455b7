"""Values that a file changes while their sources stay behind: the ledger's lines are about the old values.

Whoever changes a value that a line of an extended file speaks of, and gives no source of its own, has a value
of which nobody says where it is from. It gets a line ``changed``, and no inherited line is about it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath

from simgrid.scenario.amounts import meaning
from simgrid.scenario.ledger import ANY, NO_ASSUMPTION, ON_MAP
from simgrid.scenario.marks import Located, Path, dotted
from simgrid.scenario.relocated import file_kind
from simgrid.scenario.writing import flow

CHANGED = "changed"
SOURCES = "sources"
DRAWN = "uncertain"
PRICES = "costs"
"""Its keys are places, dots and all."""
LONGEST = 60
PROMISED = "targets"
"""No run rests on them; but where a line is about them, one that is lowered is told."""
_Shape = tuple[int, tuple[int, ...]]


def restated(base: Located, made: Located, own: Collection[str]) -> Located:
    """``made`` of ``base``, each changed value under a line that came with it, else under one of its own.

    ``own``: the lines of the ledger that came with the changes.
    """
    before, after = base.mapping.get(SOURCES), made.mapping.get(SOURCES)
    if before is None or after is None or not after.mapping:
        return made
    inherited, ours = _shapes(set(before.mapping) - set(own)), _shapes(own)
    lines: dict[str, Located] = {}
    stale: set[str] = set()
    retold: set[str] = set()
    for path, value in _values(made):
        place = _place(path)
        old = base.at(path)
        if old is value or _alike(old, value) or not (speak := _about(inherited, place)):
            continue
        stale.update(speak)
        mine = _about(ours, place)
        said = made.at((SOURCES, mine[-1])) if mine else _changed(old, value, base, drawn=path[0] == DRAWN)
        if said is not None:
            retold.add(dotted(place))
        if said is not None and not (mine and _special(mine[-1]) >= _special(speak[-1])):
            lines[dotted(place)] = said
    still = _spoken(made, inherited, retold) if stale else set()
    open_ = (line for line, one in before.mapping.items() if CHANGED in one.mapping)
    answered = [line for line in open_ if _about(ours, _path_of(line)) or _is_gone(made, _path_of(line))]
    for line in (*(stale - still), *answered):
        made = made.put((SOURCES, line), None)
    for name, one in lines.items():
        made = made.put((SOURCES, name), one)
    return made


def _spoken(made: Located, inherited: Mapping[_Shape, set[str]], lines: Collection[str]) -> set[str]:
    """The inherited lines that are about values which did not change."""
    places = (_place(path) for path, _ in _values(made))
    return {line for place in places if dotted(place) not in lines for line in _about(inherited, place)}


def _values(tree: Located, path: Path = ()) -> Iterator[tuple[Path, Located]]:
    """Every value of the world that a line can name, a list as a whole; and the laws of what is drawn."""
    for key, one in tree.mapping.items():
        here = (*path, key)
        if here == (DRAWN,):
            yield from (((DRAWN, place), law) for place, law in one.mapping.items())
        elif not path and key in NO_ASSUMPTION - {PROMISED}:
            continue
        elif isinstance(one.value, dict):
            yield from _values(one, here) if key != ON_MAP else ()
        elif one.value is not None and file_kind(here) is None:
            yield here, one


def _place(path: Path) -> Path:
    """Where the ledger speaks of it: of a law at the place that is drawn."""
    return tuple(str(path[1]).split(".")) if path[0] == DRAWN else path


def _path_of(line: str) -> Path:
    first, _, rest = line.partition(".")
    return (first, rest) if first == PRICES and rest else tuple(line.split("."))


def _is_gone(made: Located, path: Path) -> bool:
    """Whether nothing is written or drawn there any more."""
    return made.at(path) is None and made.at((DRAWN, dotted(path))) is None


def _shapes(lines: Iterable[str]) -> dict[_Shape, set[str]]:
    """Lines by how many parts they have and which of them are stars."""
    found: dict[_Shape, set[str]] = {}
    for line in lines:
        parts = line.split(".")
        stars = tuple(index for index, part in enumerate(parts) if part == ANY)
        found.setdefault((len(parts), stars), set()).add(line)
    return found


def _about(shapes: Mapping[_Shape, set[str]], place: Path) -> list[str]:
    """The lines that are about a place or what holds it, the most special last."""
    found = []
    for length in range(1, len(place) + 1):
        parts = dotted(place[:length]).split(".")
        starred = sorted((one for one in shapes if one[0] == len(parts)), key=lambda one: -len(one[1]))
        for shape in starred:
            line = ".".join(ANY if index in shape[1] else part for index, part in enumerate(parts))
            found += [line] if line in shapes[shape] else []
    return found


def _special(line: str) -> tuple[int, int]:
    """How special a line is: by its parts, and of as many by those that are named."""
    parts = line.split(".")
    return len(parts), -parts.count(ANY)


def _alike(old: Located | None, new: Located) -> bool:
    return old is not None and meaning(old) == meaning(new)


def _changed(old: Located | None, new: Located, base: Located, *, drawn: bool) -> Located:
    """The line, with what the value was, or what it was ``drawn`` from."""
    file = PurePath((old or base).mark.source.name).name
    was = "" if old is None or old.value is None else flow(old)
    short = f"{was[:LONGEST]}…" if len(was) > LONGEST else was
    how = "drawn from " if drawn else ""
    told = f"was {how}{short} in {file}" if was else f"not {'drawn ' if drawn else ''}in {file}"
    mark = new.key or new.mark
    return Located({CHANGED: replace(new, value=told, key=mark)}, new.mark, mark)
