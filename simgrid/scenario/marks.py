"""Where a value was written: a tree of plain values in which every value and key knows its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A text that values come from: a file, or one ``--set``.

    ``folder`` is what the file names in it are relative to: the file's own, or where the command was given.
    """

    name: str
    text: str
    folder: str = ""
    lines: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple(self.text.split("\n")))

    def line(self, number: int) -> str:
        """The text of a line (1 is the first), empty beyond the end."""
        return self.lines[number - 1].rstrip("\r") if 0 < number <= len(self.lines) else ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of one line; ``line`` and ``column`` count from 1, ``length`` is in characters."""

    source: Source
    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, slots=True)
class Located:
    """A value with its mark; mappings and lists hold further located values. ``key`` marks its own key."""

    value: Scalar | dict[str, Located] | list[Located]
    mark: Mark
    key: Mark | None = None

    @property
    def mapping(self) -> dict[str, Located]:
        """The entries of a mapping; empty for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def plain(self) -> object:
        """The value without marks."""
        if isinstance(self.value, dict):
            return {key: one.plain() for key, one in self.value.items()}
        if isinstance(self.value, list):
            return [one.plain() for one in self.value]
        return self.value

    def at(self, path: Path) -> Located | None:
        """The value at a path, or None where there is none."""
        here: Located | None = self
        for part in path:
            here = here._child(part) if here is not None else None
        return here

    def nearest(self, path: Path) -> Located:
        """The deepest existing value on the way to a path."""
        here = self
        for part in path:
            child = here._child(part)
            if child is None:
                break
            here = child
        return here

    def _child(self, part: str | int) -> Located | None:
        if isinstance(self.value, dict):
            return self.value.get(str(part))
        if isinstance(self.value, list) and isinstance(part, int) and 0 <= part < len(self.value):
            return self.value[part]
        return None

    def spot(self, path: Path) -> Mark:
        """Where an error about a path points: at its value, or at the key nearest to it.

        The key it is for a block, for nothing at all and for a place that does not exist.
        """
        found = self.at(path)
        near = found or self.nearest(path)
        if found is not None and found.value is not None and not isinstance(found.value, (dict, list)):
            return found.mark
        return near.key or near.mark

    def put(self, path: Path, new: Located | None) -> Located:
        """A copy with ``new`` at the path (None removes it); mappings missing on the way are made.

        An entry of a list is named by its number and must be there.
        """
        if not path:
            return self if new is None else new if new.key is not None else replace(new, key=self.key)
        head, rest = path[0], path[1:]
        if isinstance(self.value, list):
            return replace(self, value=_put_in_list(self.value, int(head), rest, new))
        head = str(head)
        entries = dict(self.mapping)
        if new is None and (head not in entries or not rest):
            entries.pop(head, None)
        else:
            mark = new.mark if new is not None else self.mark
            below = entries.get(head) or Located({}, mark, new.key if new is not None and new.key else mark)
            entries[head] = below.put(rest, new)
        return replace(self, value=entries)

    def marks(self) -> Iterator[Mark]:
        """Every mark of the value and of its keys, all the way down."""
        yield from (mark for mark in (self.key, self.mark) if mark is not None)
        below = self.value if isinstance(self.value, list) else self.mapping.values()
        for one in below:
            yield from one.marks()

    def leaves(self, path: Path = ()) -> Iterator[tuple[Path, Located]]:
        """Every scalar with its path, in the order written."""
        if isinstance(self.value, dict):
            for key, one in self.value.items():
                yield from one.leaves((*path, key))
        elif isinstance(self.value, list):
            for index, one in enumerate(self.value):
                yield from one.leaves((*path, index))
        else:
            yield path, self


def _put_in_list(given: list[Located], number: int, rest: Path, new: Located | None) -> list[Located]:
    below = [] if new is None and not rest else [given[number].put(rest, new)]
    return [*given[:number], *below, *given[number + 1 :]]


class NoSuchEntry(ValueError):
    """A place leads into a list that has no such entry; ``args``: the path so far, why, the way out."""


def addressed(tree: Located, place: Sequence[str]) -> Path:
    """A place as a path of the tree: where a list stands, a part is an entry's number, 0 the first.

    :raises NoSuchEntry: where it is none.
    """
    path: Path = ()
    here: Located | None = tree
    for part in place:
        step: str | int = part
        if here is not None and isinstance(here.value, list):
            step = _number(path, part, len(here.value))
        here = here.at((step,)) if here is not None else None
        path = (*path, step)
    return path


def _number(path: Path, part: str, entries: int) -> int:
    number = int(part) if part.isascii() and part.isdecimal() and len(part) <= _MOST_DIGITS else entries
    if number < entries:
        return number
    name = dotted(path)
    there = f"{name}.0" if entries == 1 else f"{name}.0 to {name}.{entries - 1}"
    way_out = f"its entries are {there}; or give the whole list" if entries else "give the whole list"
    many = f"{entries} {'entry' if entries == 1 else 'entries'}"
    raise NoSuchEntry(path, f"'{part[:60]}' is no entry of this list of {many}", way_out)


_MOST_DIGITS = 6
ALTERNATIVES = (
    frozenset({"stated", "derived", "assumed", "changed"}),
    frozenset({"bandwidth", "up", "down"}),
    frozenset(
        {
            "constant",
            "exponential",
            "lognormal",
            "gamma",
            "weibull",
            "triangular",
            "uniform",
            "empirical",
        }
    ),
)
"""Keys of which a mapping holds one kind only."""


def merge(base: Located, over: Located) -> Located:
    """Deep merge: mappings entry by entry, anything else is replaced; null deletes. Marks are kept.

    Of keys that stand for each other (``lognormal`` and ``gamma``, ``stated`` and ``assumed``) the new one
    replaces the old.
    """
    return _merged(base, over, keep_nulls=False)


def merge_files(base: Located, over: Located) -> Located:
    """As ``merge``, but nulls within a variant are kept: they delete when that variant is made."""
    made = merge(base.put(("variants",), None), over.put(("variants",), None))
    ours, theirs = over.mapping.get("variants"), base.mapping.get("variants")
    if ours is None or ours.value is None:
        kept = theirs if ours is None else None
    elif isinstance(ours.value, dict):
        entries = dict(theirs.mapping) if theirs is not None else {}
        for name, one in ours.value.items():
            if one.value is None:
                entries.pop(name, None)
            else:
                entries[name] = _merged(entries[name], one, keep_nulls=True) if name in entries else one
        kept = replace(ours, value=entries)
    else:
        kept = ours
    return made if kept is None else replace(made, value={**made.mapping, "variants": kept})


def _merged(base: Located, over: Located, *, keep_nulls: bool) -> Located:
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    if any(_instead(base.value, over.value, group) for group in ALTERNATIVES):
        return over
    entries = dict(base.value)
    for key, one in over.value.items():
        if one.value is None and not keep_nulls:
            entries.pop(key, None)
        elif key in entries:
            entries[key] = _merged(entries[key], one, keep_nulls=keep_nulls)
        else:
            entries[key] = one if keep_nulls else without_nulls(one)
    return replace(over, value=entries)


def _instead(base: dict[str, Located], over: dict[str, Located], group: frozenset[str]) -> bool:
    return bool(over) and base.keys() <= group and over.keys() <= group and not base.keys() & over.keys()


def without_nulls(tree: Located) -> Located:
    """The tree without mapping entries that are null: there is nothing below for them to delete."""
    if not isinstance(tree.value, dict):
        return tree
    kept = {key: without_nulls(one) for key, one in tree.value.items() if one.value is not None}
    return replace(tree, value=kept)


def idle_nulls(base: Located | None, over: Located, path: Path = ()) -> Iterator[tuple[Path, Located]]:
    """Nulls that remove nothing when ``over`` is merged: a slip of the pen, since null is there to remove."""
    for key, one in over.mapping.items():
        below = base.mapping.get(key) if base is not None else None
        if one.value is not None:
            yield from idle_nulls(below, one, (*path, key))
        elif below is None:
            yield (*path, key), one


def dotted(path: Path) -> str:
    """``sites.brigid.link`` and ``policies[2]``: a path as errors, overrides and the ledger write it."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else part)
    return text
