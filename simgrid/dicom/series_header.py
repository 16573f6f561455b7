"""What places a file in its series: keys that identify nobody, and where its slice lies.

UIDs never leave this module: a key is the digest of one, salted anew in each process. Files that one process
has read, or has had read under its salt, can be compared, and nothing can be looked up.
"""

from __future__ import annotations

import hashlib
import secrets
import warnings
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from simgrid.dicom.header import Header, header_of, number, text
from simgrid.dicom.iod.elements import tag_of
from simgrid.dicom.opening import Unusable, open_file

SALT = secrets.token_bytes(16)
_WANTED = [
    tag_of(one)
    for one in (
        *("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "Modality", "ImageType", "AcquisitionNumber"),
        *("TemporalPositionIdentifier", "EchoNumbers", "TriggerTime", "AcquisitionTime", "DiffusionBValue"),
        *("ImageOrientationPatient", "ImagePositionPatient", "Rows", "Columns", "NumberOfFrames"),
        *("EchoTime", "ContentTime", "GantryDetectorTilt", "BodyPartExamined"),
    )
]
_KIND = (
    *(
        "ImageType",
        "AcquisitionNumber",
        "TemporalPositionIdentifier",
        "EchoNumbers",
        "EchoTime",
        "TriggerTime",
    ),
    *("AcquisitionTime", "DiffusionBValue"),
)


@dataclass(frozen=True, slots=True)
class SeriesHeader:
    """One file. ``instance``, ``series``: keys, empty where the UID is; ``kind``: a key of all that may tell
    two slices in one place apart on purpose (echo, phase, time, reconstruction); ``header``: its geometry.
    """

    instance: str
    series: str
    kind: str
    header: Header


def read_series_header(path: Path, salt: bytes = SALT) -> SeriesHeader | None:
    """The file's place; None for a file that cannot be read. Never raises for what a file holds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom's repeat values of the file
        try:
            return series_header(open_file(path, tags=_WANTED).dataset, salt)
        except (Unusable, OSError, RecursionError, MemoryError):
            return None


def series_header(dataset: Dataset, salt: bytes = SALT) -> SeriesHeader:
    """The place of a dataset in its series; never raises."""
    kind = "\n".join(text(dataset, one) for one in _KIND)
    tilt = number(dataset, "GantryDetectorTilt") or 0.0
    return SeriesHeader(
        instance=_key(text(dataset, "SOPInstanceUID"), salt),
        series=_key(text(dataset, "SeriesInstanceUID"), salt),
        kind=_key(f"{kind}\n{tilt}", salt),
        header=header_of(dataset),
    )


def _key(value: str, salt: bytes) -> str:
    return hashlib.sha256(salt + value.encode("utf-8", "replace")).hexdigest() if value else ""
