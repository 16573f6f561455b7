"""What kind of log a path holds, told by its content: names of files promise nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal, TypeAlias

from simgrid.workload.replay.log_files import LogError, open_log

Kind: TypeAlias = Literal["CSV", "XES", "HL7", "DICOM"]

_HEAD = 4096
_LOOKED_AT = 500
_GZIP = b"\x1f\x8b"
_MARKS = (b"\xef\xbb\xbf",)
_MESSAGES = (b"MSH", b"FHS", b"BHS")
_WAY_OUT = "give a CSV or XES file, a file or folder of HL7 v2 messages, or a folder of DICOM files"


def kind_of(path: str | Path) -> Kind:
    """The kind of a file or folder.

    Of a folder the first files that are DICOM or HL7 decide; whatever is none of these is a CSV.

    Raises:
        LogError: it cannot be opened, is a single DICOM file, or is a folder that holds neither of the two.
    """
    place = Path(path)
    if not place.is_dir():
        return _of_file(place)
    found = next((kind for kind in map(_inside, islice(files_below(place), _LOOKED_AT)) if kind), None)
    if found is None:
        raise LogError([f"log {str(path)!r}: a folder without DICOM files or HL7 messages: {_WAY_OUT}"])
    return found


def files_below(folder: Path) -> Iterator[Path]:
    """Regular files in the order of their paths; hidden ones and linked folders are left out."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        paths = (Path(place, name) for name in sorted(names) if not name.startswith("."))
        yield from (path for path in paths if path.is_file())


def _of_file(path: Path) -> Kind:
    head = _head(path)
    if _is_dicom(head):
        raise LogError([f"log {str(path)!r} is a single DICOM file: give the folder that holds it"])
    if head.startswith(_GZIP) or _text(head).startswith(b"<"):
        return "XES"
    return "HL7" if _is_hl7(head) else "CSV"


def _inside(path: Path) -> Kind | None:
    try:
        head = _head(path)
    except LogError:
        return None
    if _is_dicom(head):
        return "DICOM"
    return "HL7" if _is_hl7(head) else None


def _head(path: Path) -> bytes:
    with open_log(path) as file:
        return file.read(_HEAD)


def _text(head: bytes) -> bytes:
    for mark in _MARKS:
        head = head.removeprefix(mark)
    return head.lstrip(b" \t\r\n\x0b")


def _is_dicom(head: bytes) -> bool:
    """With the preamble, or without it where the first element is of group 8 and explicit or implicit."""
    return head[128:132] == b"DICM" or (head[:2] == b"\x08\x00" and head[3:4] == b"\x00")


def _is_hl7(head: bytes) -> bool:
    return _text(head).startswith(_MESSAGES)
