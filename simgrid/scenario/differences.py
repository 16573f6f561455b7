"""What differs between two scenarios, in words and units.

Two ways to write one value (``8 Mbit/s``, ``8000 kbit/s``, a default written out) are no difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from simgrid.scenario.marks import Located, Path, dotted
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.units import DIMENSIONS, BadQuantity, quantity
from simgrid.scenario.writing import flow

BESIDE = ("sweep", "sample", "uncertain", "sensitivity", "exclude", "variants")
_WHOLE = {"policies", "quality_gate", "claims", "mix.kinds"}
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place: its text on either side (None: it is not there), and what the change amounts to."""

    place: str
    before: str | None
    after: str | None
    note: str = ""

    def sentence(self, a: str, b: str) -> str:
        """The difference in words, for sides that are called ``a`` and ``b``."""
        if self.before is None or self.after is None:
            side, text = (b, self.after) if self.before is None else (a, self.before)
            return f"{self.place}: only in {side}: {text}"
        return f"{self.place}: {self.before} -> {self.after}" + (f" ({self.note})" if self.note else "")


def differences(a: Located, b: Located) -> list[Difference]:
    """Every place where two resolved trees mean different things, in the order of the schema."""
    meant = _meaning(a), _meaning(b)
    if any(one is None for one in meant):
        meant = _texts(a), _texts(b)
    return list(_compare(meant[0], meant[1], (), (a, b)))


def _meaning(tree: Located) -> Any:
    bare = tree
    for key in BESIDE:
        bare = bare.put((key,), None)
    try:
        dump = ScenarioSpec.model_validate(bare.plain()).model_dump(mode="json")
    except ValidationError:
        return None
    return dump | {key: tree.mapping[key].plain() for key in BESIDE if key in tree.mapping}


def _texts(tree: Located) -> Any:
    return tree.plain()


def _compare(a: Any, b: Any, path: Path, trees: tuple[Located, Located]) -> Iterator[Difference]:
    if a == b:
        return
    whole = dotted(path) in _WHOLE or (path and path[0] == "sources" and len(path) > 1)
    if isinstance(a, Mapping) and isinstance(b, Mapping) and not whole:
        for key in dict.fromkeys((*a, *b)):
            yield from _compare(a.get(key, _MISSING), b.get(key, _MISSING), (*path, key), trees)
        return
    before, after = (_written(tree, path) for tree in trees)
    if a is _MISSING or b is _MISSING:
        yield Difference(dotted(path), None if a is _MISSING else before, None if b is _MISSING else after)
        return
    yield Difference(
        dotted(path),
        before if before is not None else _default(a, b, after),
        after if after is not None else _default(b, a, before),
        _note(a, b),
    )


def _written(tree: Located, path: Path) -> str | None:
    found = tree.at(path)
    return None if found is None or found.value is None else flow(found)


def _default(value: Any, other: Any, written: str | None) -> str:
    """A value that the file does not write, in the unit in which the other side writes its own."""
    if value is None:
        return "nothing"
    if isinstance(value, (int, float)) and not isinstance(value, bool) and written is not None:
        for dimension in DIMENSIONS:
            try:
                quantity(written, dimension)
            except BadQuantity:
                continue
            unit = written.strip().split(" ")[-1]
            factor = dimension.units.get(unit)
            if factor is not None and isinstance(other, (int, float)):
                return f"{value / factor:.10g} {unit} by default"
    text = ("true" if value else "false") if isinstance(value, bool) else f"{value}"
    return f"{text} by default"


def _note(a: Any, b: Any) -> str:
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        more = [one for one in b if one not in a]
        less = [one for one in a if one not in b]
        if not more and not less:
            return "another order"
        return f"{len(more)} new, {len(less)} gone"
    numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (a, b))
    if not numbers or a == 0 or b == 0:
        return ""
    if b / a >= 2:
        return f"{b / a:.3g} times"
    return f"divided by {a / b:.3g}" if 0 < b / a <= 0.5 else f"{100 * (b / a - 1):+.3g} %"
