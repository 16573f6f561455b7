"""Files to studies: grouping by StudyInstanceUID, attributes from the headers, identity left behind.

What leaves this module holds no UID, no name, no date and no free text: studies are ``study-0001`` and so
on, in the order of their first file's path.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TypeAlias

from simgrid.codes.tables import CodeTables
from simgrid.dicom.one_file import FileHeader

Origin: TypeAlias = str
"""Where a value comes from: FROM_HEADER, or another line of the declared order of fallbacks."""

FROM_HEADER: Origin = "header"
FROM_SOP_CLASS: Origin = "derived: SOP class"
FROM_TEXT: Origin = "derived: description"
FROM_FILES: Origin = "derived: file count"
ON_DISK: Origin = "derived: file size"
MISSING: Origin = "missing"

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_MODALITY_OF_CLASS = {
    "1": "CR",
    "1.1": "DX",
    "1.1.1": "DX",
    "1.2": "MG",
    "1.2.1": "MG",
    "2": "CT",
    "2.1": "CT",
    "2.2": "CT",
    "4": "MR",
    "4.1": "MR",
    "4.3": "MR",
    "4.4": "MR",
    "3.1": "US",
    "6.1": "US",
    "7": "OT",
    "12.1": "XA",
    "12.2": "RF",
    "20": "NM",
    "128": "PT",
}
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)?([0-5]\d)?")


@dataclass(frozen=True, slots=True)
class StudyHeaders:
    """One study without its identity.

    ``modality``: of most of its files that the code tables know. ``body_part``: ours, None when no header
    says it. ``rows``, ``columns``: of its largest image. ``time_of_day_s``: local study time, None when
    missing. ``files``: where they were found. ``origins``: attribute to where its value comes from.
    """

    identifier: str
    modality: str
    body_part: str | None
    rows: int | None
    columns: int | None
    images: int
    size_bytes: int
    time_of_day_s: float | None
    files: tuple[str, ...]
    origins: Mapping[str, Origin]


def group_studies(headers: Iterable[FileHeader], codes: CodeTables) -> tuple[StudyHeaders, ...]:
    """Studies in the order of their first file; every file belongs to exactly one."""
    by_study: dict[str, list[FileHeader]] = {}
    for header in sorted(headers, key=lambda one: one.path):
        by_study.setdefault(header.study_uid, []).append(header)
    width = max(4, len(str(len(by_study))))
    return tuple(
        _study(f"study-{number:0{width}d}", files, codes)
        for number, files in enumerate(by_study.values(), start=1)
    )


def _study(identifier: str, files: Sequence[FileHeader], codes: CodeTables) -> StudyHeaders:
    modality, modality_from = _modality(files, codes)
    body_part, body_part_from = _body_part(files, codes)
    largest = max(files, key=lambda one: (one.rows or 0) * (one.columns or 0))
    time_of_day, time_from = _time_of_day(files)
    framed = sum(one.frames is not None for one in files)
    return StudyHeaders(
        identifier=identifier,
        modality=modality,
        body_part=body_part,
        rows=largest.rows,
        columns=largest.columns,
        images=sum(one.frames or 1 for one in files),
        size_bytes=sum(one.size_bytes for one in files),
        time_of_day_s=time_of_day,
        files=tuple(one.path for one in files),
        origins={
            "modality": modality_from,
            "body part": body_part_from,
            "rows and columns": FROM_HEADER if largest.rows and largest.columns else MISSING,
            "images": FROM_HEADER if framed == len(files) else FROM_FILES,
            "size": ON_DISK,
            "study time": time_from,
        },
    )


def _modality(files: Sequence[FileHeader], codes: CodeTables) -> tuple[str, Origin]:
    """The modality of most files; one that the tables know goes before one that they do not."""
    sayable = _defined().union(codes.modalities)
    said = Counter(one.modality for one in files if one.modality in sayable)
    origin = FROM_HEADER
    if not said:
        origin = FROM_SOP_CLASS
        said = Counter(name for one in files if (name := modality_of_class(one.sop_class)))
    if not said:
        return "", MISSING
    known = set(codes.modalities)
    return min(said, key=lambda name: (name not in known, -said[name], name)), origin


@cache
def _defined() -> frozenset[str]:
    """The modalities that DICOM defines: what else stands in their place may be somebody's name."""
    text = resources.files("simgrid.dicom").joinpath("tables/modalities.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def modality_of_class(sop_class: str) -> str | None:
    """The modality whose images are stored in this SOP class, None for a class that tells none."""
    return (
        _MODALITY_OF_CLASS.get(sop_class.removeprefix(_STORAGE)) if sop_class.startswith(_STORAGE) else None
    )


def _body_part(files: Sequence[FileHeader], codes: CodeTables) -> tuple[str | None, Origin]:
    """BodyPartExamined if the tables know its word, else a body part that a description names."""
    examined = Counter(
        part for one in files if one.body_part and (part := codes.body_part_from_dicom(one.body_part))
    )
    if examined:
        return min(examined, key=lambda part: (-examined[part], part)), FROM_HEADER
    depth = max(len(one.texts) for one in files)
    for place in range(depth):
        texts = (one.texts[place] for one in files if place < len(one.texts))
        named = Counter(part for text in texts if (part := codes.body_part_in_text(text)))
        if named:
            return min(named, key=lambda part: (-named[part], part)), FROM_TEXT
    return None, MISSING


def _time_of_day(files: Sequence[FileHeader]) -> tuple[float | None, Origin]:
    times = [match for one in files if (match := _TIME.match(one.study_time))]
    if not times:
        return None, MISSING
    hours, minutes, seconds = (int(part or 0) for part in times[0].groups())
    return float(hours * 3600 + minutes * 60 + seconds), FROM_HEADER
