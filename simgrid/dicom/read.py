"""A folder of DICOM files: every file is either used in a study or listed with the reason why not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pydicom.data

from simgrid.codes.tables import CodeTables
from simgrid.dicom.attributes import StudyHeaders, group_studies
from simgrid.dicom.errors import DicomFolderError
from simgrid.dicom.one_file import FileHeader, read_header
from simgrid.dicom.opening import Unusable


@dataclass(frozen=True, slots=True)
class Listed:
    """A file that is not used: where it is below the folder, why in words that can be counted, and more.

    ``path`` is one line of encodable text, see ``printable``.
    """

    path: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Archive:
    """What a folder holds: ``files_seen`` is the files of ``studies`` plus the ``listed`` ones, always.

    ``warnings`` counts what pydicom remarked on the used files without failing.
    """

    folder: str
    studies: tuple[StudyHeaders, ...]
    listed: tuple[Listed, ...]
    files_seen: int
    warnings: int

    @property
    def files_used(self) -> int:
        """Files that belong to a study."""
        return sum(len(study.files) for study in self.studies)


def shipped_folders() -> tuple[Path, ...]:
    """The folders of DICOM files in the installed pydicom itself: nothing is fetched."""
    data = Path(pydicom.data.__file__).parent
    return tuple(
        sorted(folder for folder in data.iterdir() if folder.is_dir() and folder.name != "__pycache__")
    )


def scan(
    folders: Path | Sequence[Path], codes: CodeTables, told: Callable[[int], None] = lambda _: None
) -> Archive:
    """Read the headers of all files below the folders and group them into studies without identity.

    Linked folders are not entered, linked files are read. Of several files with one SOPInstanceUID the
    first in order of path is used. ``told`` hears of each file that has been looked at.

    Raises:
        DicomFolderError: a folder is missing or is none; single files never raise.
    """
    roots = [folders] if isinstance(folders, Path) else list(folders)
    for root in roots:
        if not root.is_dir():
            state = "is a file" if root.exists() else "does not exist"
            raise DicomFolderError(
                f"DICOM folder {str(root)!r} {state}: give a folder that holds DICOM files"
            )
    used: list[FileHeader] = []
    listed: list[Listed] = []
    seen_instances: set[str] = set()
    for path, shown, refusal in entries(roots):
        try:
            if refusal:
                raise Unusable(*refusal)
            header = read_header(path, shown)
            if header.instance_uid and header.instance_uid in seen_instances:
                raise Unusable("duplicate SOPInstanceUID", "another file holds the same image")
        except Unusable as why:
            listed.append(Listed(shown, why.reason, why.detail))
        else:
            seen_instances.add(header.instance_uid)
            used.append(header)
        told(1)
    return Archive(
        folder=", ".join(printable(str(root)) for root in roots),
        studies=group_studies(used, codes),
        listed=tuple(listed),
        files_seen=len(used) + len(listed),
        warnings=sum(header.warned for header in used),
    )


def entries(roots: Sequence[Path]) -> Iterator[tuple[Path, str, tuple[str, str] | None]]:
    """All files in order of path: where, how it is shown, and why it must not be opened."""
    for root in roots:
        prefix = f"{root.name}/" if len(roots) > 1 else ""
        for path, refusal in _below(root):
            yield path, printable(prefix + path.relative_to(root).as_posix()), refusal


def printable(name: str) -> str:
    """The name on one line, in text that every encoding of Unicode can hold; different names stay different.

    A file name may hold any byte but the slash: bytes that are no UTF-8 come as lone surrogates, which cannot
    be written to a file, and a line break would pass for a second file.
    """
    shown = (c if c.isprintable() and c != "\\" else c.encode("unicode_escape").decode("ascii") for c in name)
    return "".join(shown)


def _below(folder: Path) -> Iterator[tuple[Path, tuple[str, str] | None]]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        yield folder, ("unreadable folder", f"the system says: {error.strerror or 'error'}")
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from _below(path)
        elif entry.is_symlink() and path.is_dir():  # unlike the entry's own test, not ended by a circle
            yield path, ("linked folder", "not entered: it may lead back here")
        elif not path.is_file():
            broken = entry.is_symlink() and not path.exists()
            yield path, ("broken link" if broken else "not a regular file", "it cannot be opened safely")
        else:
            yield path, None
