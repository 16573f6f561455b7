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
    """Every file below ``inbox`` but those that begin with a dot, which are still being written.

    What is no regular file, leads in a circle or lies in a closed folder is ``unread``; linked folders are
    not entered. ``known`` remembers what was read between two looks of the same process. Raises the system's
    OSError if the folder itself cannot be read.
    """
    found = Found()
    with os.scandir(inbox):
        pass
    for path, refusal in sorted(_files(inbox)):
        if refusal:
            found.unread.append((path, refusal))
            continue
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


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Each file, and why it is not to be opened; one bad entry hides no other."""
    try:
        with os.scandir(folder) as found:
            entries = [one for one in found if not one.name.startswith(".")]
    except OSError as error:  # closed, or gone since its own folder was read
        yield folder, error.strerror or "error"
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from _files(path)
        elif _regular(path):
            yield path, ""
        else:
            yield path, "not a regular file"


def _regular(path: Path) -> bool:
    """Also of links, whether they end at a regular file: those in a circle or into a closed folder do not."""
    try:
        return path.is_file()
    except OSError:
        return False


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
