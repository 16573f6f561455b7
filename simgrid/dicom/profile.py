"""The basic application confidentiality profile (PS3.15, table E.1-1): which attribute is treated how.

An action code with a slash leaves the choice to the attribute's type in its IOD: a type 1 attribute gets a
dummy, a type 2 attribute becomes empty, a type 3 attribute goes. What the table does not name is treated by
its value representation, see ``deidentify``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

from highdicom._standard_utils import (
    get_iod_module_map,
    get_module_attribute_map,
    get_sop_class_iod_map,
)

Action: TypeAlias = Literal["remove", "empty", "dummy", "uid", "walk", "keep"]
Kind: TypeAlias = Literal["1", "2", "3"]
Kinds: TypeAlias = Mapping[tuple[str, ...], Kind]

_BY_KIND: Mapping[str, Mapping[Kind, Action]] = {
    "X": {"1": "remove", "2": "remove", "3": "remove"},
    "Z": {"1": "empty", "2": "empty", "3": "empty"},
    "D": {"1": "dummy", "2": "dummy", "3": "dummy"},
    "U": {"1": "uid", "2": "uid", "3": "uid"},
    "Z/D": {"1": "dummy", "2": "empty", "3": "empty"},
    "X/Z": {"1": "empty", "2": "empty", "3": "remove"},
    "X/D": {"1": "dummy", "2": "dummy", "3": "remove"},
    "X/Z/D": {"1": "dummy", "2": "empty", "3": "remove"},
    "X/Z/U*": {"1": "walk", "2": "walk", "3": "walk"},  # items hold references, whose UIDs become others
}
_GRAPHICS = (0x5000, 0x6000)  # curves and overlays: the whole of each repeating group


@cache
def table() -> Mapping[int, str]:
    """Tag to action code, repeating groups excepted."""
    text = files("simgrid.dicom").joinpath("tables/confidentiality_profile.csv").read_text()
    rows = csv.DictReader(text.splitlines())
    return {int(row["tag"], 16): row["action"] for row in rows if "x" not in row["tag"]}


def listed(tag: int, kind: Kind, vr: str) -> Action | None:
    """What the table says of an attribute of this type; None where it names it not."""
    group = tag >> 16
    if group % 2 or group < 0x0008 or group & 0xFF00 in _GRAPHICS:
        return "remove"
    code = table().get(tag)
    if code is None:
        return None
    action = _BY_KIND[code][kind]
    return "walk" if vr == "SQ" and action == "dummy" else action  # its items are what a dummy must replace


def by_kind(kind: Kind) -> Action:
    """For what may not stay and is not in the table."""
    return _BY_KIND["X/Z/D"][kind]


@cache
def kinds(sop_class: str) -> Kinds:
    """Path of keywords to type for a SOP class, the strictest where modules differ; empty for an unknown one.

    Source: the module tables that highdicom ships.
    """
    iod = get_sop_class_iod_map().get(sop_class, "")
    modules = get_module_attribute_map()
    found: dict[tuple[str, ...], Kind] = {}
    for module in get_iod_module_map().get(iod, ()):
        for one in modules.get(module["key"], ()):
            path = (*one["path"], one["keyword"])
            kind: Kind = one["type"][0] if one["type"][0] in "123" else "3"
            found[path] = min(kind, found.get(path, kind))
    return found


@cache
def plain_words() -> frozenset[str]:
    """What a text that stays may consist of, in capitals."""
    text = files("simgrid.dicom").joinpath("tables/plain_words.txt").read_text()
    return frozenset(text.splitlines())
