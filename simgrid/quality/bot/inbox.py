"""The folder that the bot looks into: which files there are, and by which pseudonym each is known.

A file is known by its content alone: the same bytes under two names are one file, other bytes under the same
name are another. The bot only reads here.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from simgrid.dicom.pseudonyms import Pseudonyms

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """``files``: pseudonym to path, in order of path. ``copies``: further paths with the same bytes.

    ``unsettled``: written to while they were read, or too young. ``unread``: cannot be opened, and why.
    """

    files: dict[str, Path] = field(default_factory=dict)
    copies: list[tuple[str, Path]] = field(default_factory=list)
    unsettled: list[Path] = field(default_factory=list)
    unread: list[tuple[Path, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.files) + len(self.copies) + len(self.unsettled) + len(self.unread)


def look(inbox: Path, pseudonyms: Pseudonyms, known: dict[Path, tuple[tuple[int, int], str]]) -> Found:
    """Every regular file below ``inbox`` but those that begin with a dot, which are still being written.

    ``known`` remembers what was read between two looks of the same process. Raises the system's OSError if
    the folder itself cannot be read.
    """
    found = Found()
    for path in sorted(_files(inbox)):
        try:
            name = _pseudonym(path, pseudonyms, known)
        except OSError as error:
            found.unread.append((path, error.strerror or "error"))
            continue
        if name is None:
            found.unsettled.append(path)
        elif name in found.files:
            found.copies.append((name, path))
        else:
            found.files[name] = path
    return found


def _files(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path))
            elif entry.is_file():
                yield Path(entry.path)


def _pseudonym(
    path: Path, pseudonyms: Pseudonyms, known: dict[Path, tuple[tuple[int, int], str]]
) -> str | None:
    """By content; None if the file changed meanwhile."""
    before = _state(path)
    if path in known and known[path][0] == before:
        return known[path][1]
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    if _state(path) != before:
        return None
    name = pseudonyms.name("inbox", digest.digest())
    known[path] = (before, name)
    return name


def _state(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns
