"""One file's header: the few elements that a workload needs, read without ever decoding a pixel.

pydicom is asked for named elements only, so a patient's name never enters memory as a value. Any failure of
any file is a reason in words: no text of the file, which might identify someone, is repeated in it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from simgrid.dicom.opening import Unusable, open_file

_WANTED: list[int] = [
    0x00080016,  # SOPClassUID
    0x00080018,  # SOPInstanceUID
    0x00080030,  # StudyTime
    0x00080060,  # Modality
    0x00081030,  # StudyDescription
    0x0008103E,  # SeriesDescription
    0x00180015,  # BodyPartExamined
    0x00181030,  # ProtocolName
    0x0020000D,  # StudyInstanceUID
    0x00280008,  # NumberOfFrames
    0x00280010,  # Rows
    0x00280011,  # Columns
    0x00280100,  # BitsAllocated
    0x00321060,  # RequestedProcedureDescription
]
_TEXTS = ("StudyDescription", "RequestedProcedureDescription", "ProtocolName", "SeriesDescription")


@dataclass(frozen=True, slots=True, repr=False)
class FileHeader:
    """What one file says, identity included: it lives while studies are grouped, and no longer.

    ``texts``: the descriptions, the most telling first. ``size_bytes``: the file's size on disk.
    """

    path: str
    study_uid: str
    instance_uid: str
    sop_class: str
    modality: str
    body_part: str
    texts: tuple[str, ...]
    study_time: str
    rows: int | None
    columns: int | None
    frames: int | None
    size_bytes: int
    warned: int


def read_header(file: Path, shown_as: str) -> FileHeader:
    """Read one regular file.

    Raises:
        Unusable: with the reason; nothing else ever leaves this function.
    """
    opened = open_file(file, tags=_WANTED)
    if opened.flaw is not None:
        raise opened.flaw
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        header = _header(opened.dataset, shown_as, opened.size, opened.remarks)
    if not header.study_uid:
        raise Unusable("no StudyInstanceUID", "it cannot be put in any study")
    return header


def _header(dataset: Dataset, shown_as: str, size: int, warned: int) -> FileHeader:
    return FileHeader(
        path=shown_as,
        study_uid=_text(dataset, "StudyInstanceUID"),
        instance_uid=_text(dataset, "SOPInstanceUID"),
        sop_class=_text(dataset, "SOPClassUID"),
        modality=_text(dataset, "Modality").upper(),
        body_part=_text(dataset, "BodyPartExamined"),
        texts=tuple(text for name in _TEXTS if (text := _text(dataset, name))),
        study_time=_text(dataset, "StudyTime"),
        rows=_count(dataset, "Rows"),
        columns=_count(dataset, "Columns"),
        frames=_count(dataset, "NumberOfFrames"),
        size_bytes=size,
        warned=warned,
    )


def _text(dataset: Dataset, name: str) -> str:
    """The element as text, empty when it is missing or cannot be converted."""
    try:
        value = dataset.get(name)
        return "" if value is None else str(value).strip()
    except Exception:
        return ""


def _count(dataset: Dataset, name: str) -> int | None:
    """The element as a positive whole number, None when it is missing or is none."""
    try:
        number = int(_text(dataset, name))
    except ValueError:
        return None
    return number if number > 0 else None
