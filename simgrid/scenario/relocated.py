"""Names of files in a scenario, rewritten for where its text is going to lie."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from simgrid.scenario.marks import Located, dotted
from simgrid.scenario.marks import Path as Place

FILE_PLACES = (
    *("codes", "ontology", "incidents", "demand.log.file", "demand.dicom.folder"),
    *("belief.log.file", "belief.stage"),
)
"""Every place that names a file or folder; so does everything in ``plug_ins``."""


def relocated(tree: Located, folder: Path, place: Place = ()) -> Located:
    """The tree with each relative name of a file told from ``folder``: there it names the same file."""
    value = tree.value
    if isinstance(value, dict):
        return replace(tree, value={key: relocated(one, folder, (*place, key)) for key, one in value.items()})
    if isinstance(value, list):
        items = [relocated(one, folder, (*place, number)) for number, one in enumerate(value)]
        return replace(tree, value=items)
    if not isinstance(value, str) or "\0" in value or Path(value).is_absolute() or not _names_file(place):
        return tree
    here = (Path(tree.mark.source.folder) / value).absolute()
    return replace(tree, value=Path(os.path.relpath(here, folder.absolute())).as_posix())


def _names_file(place: Place) -> bool:
    """Also where a variant, a sweep, a sample or an exclude has values for the place."""
    keys = tuple(part for part in place if isinstance(part, str))
    if keys[:1] == ("variants",):
        keys = keys[2:]
    elif keys[:1] in (("sweep",), ("exclude",)):
        keys = keys[1:]
    elif keys[:2] in (("sample", "over"), ("sensitivity", "cross")):
        keys = keys[2:]
    return dotted(keys) in FILE_PLACES or keys[:1] == ("plug_ins",)
