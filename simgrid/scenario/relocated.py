"""Names of files in a scenario, rewritten for where its text is going to lie."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from simgrid.scenario.marks import Located, dotted
from simgrid.scenario.marks import Path as Place

FILE_PLACES = (
    *("codes", "ontology", "incidents", "start_from", "demand.log.file", "demand.dicom.folder"),
    *("belief.log.file", "belief.stage"),
)
"""Every place that names a file or folder; so does everything in ``plug_ins``."""
PLUG_INS = "plug_ins"
Rename: TypeAlias = Callable[[str, str, Located], str]
"""From one of ``FILE_PLACES`` or ``PLUG_INS``, a name written there and its value to another name."""


def relocated(tree: Located, folder: Path) -> Located:
    """The tree with each relative name of a file told from ``folder``: there it names the same file."""

    def from_folder(_: str, name: str, at: Located) -> str:
        if Path(name).is_absolute():
            return name
        here = (Path(at.mark.source.folder) / name).absolute()
        return Path(os.path.relpath(here, folder.absolute())).as_posix()

    return renamed(tree, from_folder)


def renamed(tree: Located, rename: Rename, place: Place = ()) -> Located:
    """The tree with every name of a file or folder as ``rename`` says, the class of a plug-in kept."""
    value = tree.value
    if isinstance(value, dict):
        return replace(tree, value={key: renamed(one, rename, (*place, key)) for key, one in value.items()})
    if isinstance(value, list):
        items = [renamed(one, rename, (*place, number)) for number, one in enumerate(value)]
        return replace(tree, value=items)
    kind = file_kind(place)
    if kind is None or not isinstance(value, str) or "\0" in value:
        return tree
    name, colon, made = value.rpartition(":") if kind == PLUG_INS else (value, "", "")
    return replace(tree, value=f"{rename(kind, name or made, tree)}{colon}{made if name else ''}")


def file_kind(place: Place) -> str | None:
    """What the file at a place is, also where a variant, sweep, sample or exclude has values for it."""
    keys = tuple(part for part in place if isinstance(part, str))
    if keys[:1] == ("variants",):
        keys = keys[2:]
    elif keys[:1] in (("sweep",), ("exclude",)):
        keys = keys[1:]
    elif keys[:2] in (("sample", "over"), ("sensitivity", "cross"), ("plan", "vary")):
        keys = keys[2:]
    if keys[:1] == (PLUG_INS,):
        return PLUG_INS
    return dotted(keys) if dotted(keys) in FILE_PLACES else None
