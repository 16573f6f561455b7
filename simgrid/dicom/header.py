"""What a header says of its image, in plain values that identify nobody.

Whatever cannot be read as what it should be is None or empty here: that it is wrong is for ``iod`` to say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset

from simgrid.dicom.attributes import modality_of_class

_LONGEST_TEXT = 64  # longer than a code string or a long string may be


@dataclass(frozen=True, slots=True)
class Header:
    """One file's header, for rules that hold it against the pixels.

    ``modality`` comes from the SOP class where the element is empty. ``spacing_mm``: between rows, between
    columns. ``orientation``: six direction cosines, ``position_mm`` three coordinates of the first pixel.
    ``signed``: PixelRepresentation is 1. ``padding``: PixelPaddingValue and its range limit, stored values.
    ``window``: centre and width, the first of several. ``pixel_bytes``: of the pixel element, None where its
    length is open.
    """

    modality: str = ""
    body_part: str = ""
    sop_class: str = ""
    transfer_syntax: str = ""
    photometric: str = ""
    samples: int = 1
    rows: int = 0
    columns: int = 0
    frames: int = 1
    bits_allocated: int = 0
    bits_stored: int = 0
    high_bit: int | None = None
    signed: bool = False
    slope: float | None = None
    intercept: float | None = None
    padding: tuple[float, float] | None = None
    spacing_mm: tuple[float, float] | None = None
    slice_thickness_mm: float | None = None
    orientation: tuple[float, ...] | None = None
    position_mm: tuple[float, ...] | None = None
    laterality: str = ""
    view_position: str = ""
    patient_position: str = ""
    patient_orientation: tuple[str, ...] = ()
    window: tuple[float, float] | None = None
    burned_in: str = ""
    pixel_bytes: int | None = None


def header_of(dataset: Dataset, pixel_bytes: int | None = None) -> Header:
    """Read the values; never raises, whatever the elements hold."""
    sop_class = text(dataset, "SOPClassUID")
    meta = getattr(dataset, "file_meta", None) or Dataset()
    return Header(
        modality=text(dataset, "Modality").upper() or modality_of_class(sop_class) or "",
        body_part=text(dataset, "BodyPartExamined").upper(),
        sop_class=sop_class,
        transfer_syntax=text(meta, "TransferSyntaxUID"),
        photometric=text(dataset, "PhotometricInterpretation").upper(),
        samples=whole(dataset, "SamplesPerPixel", 1) or 0,
        rows=whole(dataset, "Rows", 0) or 0,
        columns=whole(dataset, "Columns", 0) or 0,
        frames=max(1, whole(dataset, "NumberOfFrames", 1) or 1),
        bits_allocated=whole(dataset, "BitsAllocated", 0) or 0,
        bits_stored=whole(dataset, "BitsStored", 0) or 0,
        high_bit=whole(dataset, "HighBit", None),
        signed=whole(dataset, "PixelRepresentation", 0) == 1,
        slope=number(dataset, "RescaleSlope"),
        intercept=number(dataset, "RescaleIntercept"),
        padding=_padding(dataset),
        spacing_mm=_spacing(dataset),
        slice_thickness_mm=number(dataset, "SliceThickness"),
        orientation=_numbers(dataset, "ImageOrientationPatient", 6),
        position_mm=_numbers(dataset, "ImagePositionPatient", 3),
        laterality=(text(dataset, "ImageLaterality") or text(dataset, "Laterality")).upper(),
        view_position=text(dataset, "ViewPosition").upper(),
        patient_position=text(dataset, "PatientPosition").upper(),
        patient_orientation=tuple(
            one.strip() for one in text(dataset, "PatientOrientation").split("\\") if one
        ),
        window=_window(dataset),
        burned_in=text(dataset, "BurnedInAnnotation").upper(),
        pixel_bytes=pixel_bytes,
    )


def value(dataset: Dataset, name: str) -> Any:
    """The element's value, None where it is missing or cannot be converted."""
    try:
        return dataset.get(name)
    except Exception:  # hostile values fail in every way
        return None


def text(dataset: Dataset, name: str) -> str:
    """The element as text, several values parted by backslashes; never longer than a code may be."""
    found = value(dataset, name)
    if found is None:
        return ""
    try:
        several = not isinstance(found, str | bytes) and hasattr(found, "__iter__")
        return ("\\".join(str(one) for one in found) if several else str(found)).strip()[:_LONGEST_TEXT]
    except Exception:
        return ""


def number(dataset: Dataset, name: str) -> float | None:
    """The element as a finite number, the first of several."""
    found = _numbers(dataset, name, 1)
    return None if found is None else found[0]


def whole(dataset: Dataset, name: str, otherwise: int | None) -> int | None:
    """The element as a whole number, not negative; None if it is none, ``otherwise`` if it is missing."""
    found = value(dataset, name)
    if found is None or found == "":
        return otherwise
    try:
        counted = int(found)
    except Exception:
        return None
    return counted if counted >= 0 else None


def _numbers(dataset: Dataset, name: str, count: int) -> tuple[float, ...] | None:
    found = value(dataset, name)
    if found is None or isinstance(found, bytes):
        return None
    try:
        several = list(found) if hasattr(found, "__iter__") and not isinstance(found, str) else [found]
        numbers = tuple(float(one) for one in several[:count])
    except Exception:
        return None
    return numbers if len(numbers) == count and all(map(math.isfinite, numbers)) else None


def _padding(dataset: Dataset) -> tuple[float, float] | None:
    first = number(dataset, "PixelPaddingValue")
    last = number(dataset, "PixelPaddingRangeLimit")
    if first is None:
        return None
    last = first if last is None else last
    return min(first, last), max(first, last)


def _spacing(dataset: Dataset) -> tuple[float, float] | None:
    for name in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"):
        found = spacing_of(dataset, name)
        if found is not None:
            return found
    return None


def spacing_of(dataset: Dataset, name: str = "PixelSpacing") -> tuple[float, float] | None:
    """Distances between rows and columns in mm where they are positive."""
    found = _numbers(dataset, name, 2)
    return (found[0], found[1]) if found is not None and min(found) > 0 else None


def _window(dataset: Dataset) -> tuple[float, float] | None:
    centre, width = number(dataset, "WindowCenter"), number(dataset, "WindowWidth")
    return None if centre is None or width is None else (centre, width)
