"""What a file must hold: the modules that apply to it, merged into one tree of requirements.

A module is mandatory by its IOD; or its condition is decided (``conditions.MODULES``); or the file claims it
by holding one of the elements that it alone requires, if need be on a condition. What only optional elements
hint at is claimed weakly: what such a module lacks is a warning.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias

from simgrid.dicom.iod.elements import tag_of

Kind: TypeAlias = Literal["1", "1C", "2", "2C", "3"]
_STRICTEST: Mapping[str, int] = {"1": 0, "2": 1, "1C": 2, "2C": 3, "3": 4}
_OVERLAYS = "overlay-plane"  # its groups repeat: image.py sees to it
_GROUPS = frozenset({"SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"})
_READ_OTHERWISE: Mapping[tuple[str, str], str] = {
    ("multi-frame", "FrameIncrementPointer"): "1C",  # C.7.6.6: of more than one frame only
}
_PREVAILS = (("sc-equipment", "general-series", "Modality"),)  # C.8.6.1: its type instead of the general one
_OF_SOME_VALUE_TYPES = frozenset(  # of content items: the table lists them as if for each (C.17.3)
    (
        *("ConceptCodeSequence", "ContinuityOfContent", "GraphicData", "GraphicType", "TemporalRangeType"),
        *("MeasuredValueSequence", "ReferencedFrameOfReferenceUID", "ReferencedSOPSequence"),
        "TabulatedValuesSequence",
    )
)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One element of one module: its type there, and what its items must hold.

    ``weak``: the module is only hinted at. Content items hold what their value type asks: all of it is
    conditional.
    """

    tag: int
    keyword: str
    kind: Kind
    module: str
    weak: bool = False
    below: Node | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """All requirements of one dataset or item; ``required`` and ``conditional`` are those to look at."""

    by_tag: Mapping[int, Requirement]
    required: tuple[Requirement, ...] = field(init=False)
    conditional: tuple[Requirement, ...] = field(init=False)

    def __post_init__(self) -> None:
        rows = sorted(self.by_tag.values(), key=lambda one: one.tag)
        object.__setattr__(self, "required", tuple(one for one in rows if one.kind in ("1", "2")))
        object.__setattr__(self, "conditional", tuple(one for one in rows if one.kind in ("1C", "2C")))


@cache
def tables() -> Mapping[str, Any]:
    """The compiled tables, read once."""
    text = (files("simgrid.dicom.iod") / "tables" / "attributes.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


def iod_of(sop_class: str) -> str | None:
    """The IOD of a SOP class; None for one that the tables do not know."""
    return tables()["sop_classes"].get(sop_class)  # type: ignore[no-any-return]


@cache
def modules(iod: str) -> Mapping[str, str]:
    """Module to usage (M, C or U) in an IOD, in the standard's order."""
    return {name: usage for name, usage in tables()["iods"][iod] if name != _OVERLAYS}


@cache
def claims(iod: str) -> Mapping[int, tuple[str, bool]]:
    """Tag to the optional module that alone has it in this IOD, and whether it may require it."""
    usages = modules(iod)
    mandatory = {tag for name, usage in usages.items() if usage == "M" for tag in _top(name)}
    owners: dict[int, list[tuple[str, bool]]] = {}
    for name, usage in usages.items():
        if usage != "M":
            for tag, kind in _top(name).items():
                owners.setdefault(tag, []).append((name, kind != "3"))
    return {tag: only[0] for tag, only in owners.items() if len(only) == 1 and tag not in mandatory}


@cache
def _top(module: str) -> Mapping[int, str]:
    rows = tables()["nodes"][tables()["modules"][module]]
    return {
        tag: _READ_OTHERWISE.get((module, keyword), _kind(row))
        for keyword, row in rows.items()
        if (tag := _tag(keyword)) is not None
    }


@lru_cache(maxsize=256)
def merged(iod: str, optional: frozenset[str], hinted: frozenset[str]) -> Node:
    """One tree for the mandatory modules and these; the strictest type counts where modules differ."""
    chosen = [
        (name, name in hinted and name not in optional)
        for name, usage in modules(iod).items()
        if usage == "M" or name in optional or name in hinted
    ]
    node = _merge((_module(name), weak) for name, weak in chosen)
    prevailing = {
        tag_of(keyword): _module(name).by_tag[tag_of(keyword)]
        for name, general, keyword in _PREVAILS
        if any(name == one for one, _ in chosen) and node.by_tag[tag_of(keyword)].module == general
    }
    return Node({**node.by_tag, **prevailing}) if prevailing else node


@cache
def _module(name: str) -> Node:
    return _node(tables()["modules"][name], name, in_groups=False)


@cache
def _node(number: int, module: str, in_groups: bool) -> Node:
    rows: dict[int, Requirement] = {}
    content_item = tables()["nodes"][number].get("ValueType") == "1"
    for keyword, row in tables()["nodes"][number].items():
        tag, kind = _tag(keyword), _READ_OTHERWISE.get((module, keyword), _kind(row))
        if tag is None or kind not in _STRICTEST:
            continue
        if in_groups:  # which groups an image must have is said in groups.py; none may be empty
            kind = "1C" if kind == "1" else "3"
        elif content_item and keyword in _OF_SOME_VALUE_TYPES and kind in ("1", "2"):
            kind = f"{kind}C"
        below = _node(row[1], module, keyword in _GROUPS) if isinstance(row, list) else None
        rows[tag] = Requirement(tag, keyword, kind, module, below=below)  # type: ignore[arg-type]
    return Node(rows)


def _merge(parts: Iterable[tuple[Node, bool]]) -> Node:
    together: dict[int, list[tuple[Requirement, bool]]] = {}
    for node, weak in parts:
        for tag, one in node.by_tag.items():
            together.setdefault(tag, []).append((one, weak))
    return Node({tag: _strictest(same) for tag, same in together.items()})


def _strictest(same: list[tuple[Requirement, bool]]) -> Requirement:
    ranked = sorted(same, key=lambda pair: (pair[1], _STRICTEST[pair[0].kind]))
    first, weak = ranked[0]
    trees = [one.below for one, _ in same if one.below is not None]
    below = trees[0] if len(trees) == 1 else _merge((tree, False) for tree in trees) if trees else None
    return Requirement(first.tag, first.keyword, first.kind, first.module, weak, below)


def _kind(row: str | list[Any]) -> str:
    return row if isinstance(row, str) else str(row[0])


def _tag(keyword: str) -> int | None:
    try:
        return tag_of(keyword)
    except KeyError:  # an element newer than the installed pydicom
        return None
