"""Which file or folder was probably meant by a name of none: one that lies there, or close by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from simgrid.scenario.problems import nearest

MOST_LOOKED_AT = 300
"""Entries of a folder: of a larger one nobody wants to wait for a hint."""
_TEXT = ".txt"
_HASH = re.compile(r"-([0-9a-f]{8}|\*)$")


def file_meant(given: Path, endings: Sequence[str], beside: Path | None = None) -> str:
    """``did you mean 'mine/small.yaml'?``, or what else is there under such a name; empty where nothing is.

    ``endings``: of the files to choose from. ``beside``: the folder that a relative name starts from.
    """
    start = beside or Path()
    folder = _folder_meant(start / given.parent)
    if folder is None:
        return ""
    names = [one.name for one in _entries(folder) if _is_file(one)]
    shown = folder if folder.is_absolute() and given.is_absolute() else _from(folder, start)
    if given.name + _TEXT in names:
        there = (shown / given.name).as_posix()
        return f"'{there}{_TEXT}' is there: an editor added {_TEXT}; rename it to '{there}'"
    stems = {name.removesuffix(Path(name).suffix): name for name in names if Path(name).suffix in endings}
    wanted = given.name.removesuffix(given.suffix) if given.suffix in endings else given.name
    near = nearest(wanted, stems)
    if near is not None:
        return f"did you mean '{(shown / stems[near]).as_posix()}'?"
    below = (one / ending for one in _folders(folder) for ending in _spelt(wanted, endings))
    found = next((one for one in below if _is_file(one)), None)
    return "" if found is None else f"did you mean '{(shown / found.relative_to(folder)).as_posix()}'?"


def folder_meant(given: Path) -> str:
    """``did you mean 'results/small-1a2b3c4d'?``; empty where no folder is called so.

    What follows the name of a scenario, a hash or the star of a shell, is left aside.
    """
    folder = _folder_meant(given.parent)
    if folder is None:
        return ""
    names = {_HASH.sub("", one.name): one.name for one in _folders(folder)}
    near = nearest(_HASH.sub("", given.name), names)
    return "" if near is None else f"did you mean '{(folder / names[near]).as_posix()}'?"


def _folder_meant(folder: Path) -> Path | None:
    """The folder, or the one that is called almost so."""
    if _is_folder(folder):
        return folder
    near = nearest(folder.name, [one.name for one in _folders(folder.parent)])
    return None if near is None else folder.parent / near


def _from(folder: Path, start: Path) -> Path:
    return folder.relative_to(start) if folder.is_relative_to(start) else folder


def _spelt(stem: str, endings: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{stem}{ending}" for ending in endings)


def _folders(folder: Path) -> Iterator[Path]:
    return (one for one in _entries(folder) if not one.name.startswith(".") and _is_folder(one))


def _entries(folder: Path) -> list[Path]:
    """In the order of names; none where they cannot be told."""
    try:
        return sorted(islice(folder.iterdir(), MOST_LOOKED_AT))
    except (OSError, ValueError):
        return []


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
