"""What the elements that describe pixels and geometry say of each other, without looking at a pixel."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from pydicom.dataset import Dataset

from simgrid.dicom.finding import Finding
from simgrid.dicom.iod.elements import decimals, empty, filled, get, items, number, tag_of, tags, text, texts
from simgrid.dicom.iod.rules import finding

_SAMPLES: Mapping[str, int] = {
    **dict.fromkeys(("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"), 1),
    **dict.fromkeys(
        (
            "RGB",
            "YBR_FULL",
            "YBR_FULL_422",
            "YBR_PARTIAL_420",
            "YBR_PARTIAL_422",
            "YBR_ICT",
            "YBR_RCT",
            "HSV",
        ),
        3,
    ),
    **dict.fromkeys(("ARGB", "CMYK"), 4),
    "XYB": 3,
}
_PERPENDICULAR = 1e-3  # cosine and length: what six decimals of rounding cannot explain
_LOSSY = frozenset(
    f"1.2.840.10008.1.2.4.{one}" for one in ("50", "51", "81", "203")
)  # processes that always lose something
_OVERLAY = (0x0010, 0x0011, 0x0040, 0x0050, 0x0100, 0x0102)
"""Rows, columns, type, origin, bits allocated and bit position of a group."""
_GROUPS_LOOKED_AT = 64

_SPP, _PHOTOMETRIC = tag_of("SamplesPerPixel"), tag_of("PhotometricInterpretation")
_ALLOCATED, _STORED, _HIGH = tag_of("BitsAllocated"), tag_of("BitsStored"), tag_of("HighBit")
_ROWS, _COLUMNS = tag_of("Rows"), tag_of("Columns")
_CENTER, _WIDTH, _FUNCTION = tag_of("WindowCenter"), tag_of("WindowWidth"), tag_of("VOILUTFunction")
_LOSSY_TAG, _SYNTAX = tag_of("LossyImageCompression"), tag_of("TransferSyntaxUID")
_IMAGE_TYPE = tag_of("ImageType")
_ASPECT = tag_of("PixelAspectRatio")
_SPACINGS = tuple(tag_of(one) for one in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"))
_ORIENTATION, _THICKNESS = tag_of("ImageOrientationPatient"), tag_of("SliceThickness")
_SHARED, _PER_FRAME = tag_of("SharedFunctionalGroupsSequence"), tag_of("PerFrameFunctionalGroupsSequence")
_PLANE, _MEASURES = tag_of("PlaneOrientationSequence"), tag_of("PixelMeasuresSequence")


def check_image(dataset: Dataset, iod: str = "") -> Iterator[Finding]:
    """Pixel description, geometry, display window and overlays of one file."""
    yield from _photometric(dataset)
    yield from _bits(dataset)
    for path, item in _geometry_holders(dataset):
        yield from _orientation(item, path)
        yield from _spacing(item, path)
    yield from _window(dataset)
    yield from _aspect(dataset)
    yield from _lossy(dataset)
    yield from _overlays(dataset)
    image_type = get(dataset, _IMAGE_TYPE)
    if iod == "ct-image" and image_type is not None and len(texts(image_type)) in (1, 2):
        yield finding(
            "multiplicity", _IMAGE_TYPE, "", "has no third value, which a CT must have (C.8.2.1.1.1)"
        )


def _photometric(dataset: Dataset) -> Iterator[Finding]:
    samples, meaning = number(dataset, _SPP), text(dataset, _PHOTOMETRIC)
    if not meaning or samples is None:
        return
    wanted = _SAMPLES.get(meaning)
    if wanted is None:
        yield finding(
            "photometric-interpretation", _PHOTOMETRIC, "", "is none of the interpretations of DICOM"
        )
    elif wanted != samples:
        message = f"{meaning} has {wanted} samples a pixel, SamplesPerPixel says {samples}"
        yield finding("photometric-interpretation", _PHOTOMETRIC, "", message)


def _bits(dataset: Dataset) -> Iterator[Finding]:
    for tag in (_ROWS, _COLUMNS):
        if filled(dataset, tag) and number(dataset, tag) == 0:
            yield finding("pixel-description", tag, "", "is 0")
    allocated, stored, high = (number(dataset, tag) for tag in (_ALLOCATED, _STORED, _HIGH))
    if allocated is not None and allocated != 1 and (allocated % 8 or not allocated):
        yield finding("pixel-description", _ALLOCATED, "", f"is {allocated}, neither 1 nor a multiple of 8")
    if allocated is not None and stored is not None and not 1 <= stored <= allocated:
        yield finding("pixel-description", _STORED, "", f"is {stored} of {allocated} allocated bits")
    elif stored is not None and high is not None and high != stored - 1:
        yield finding("pixel-description", _HIGH, "", f"is {high} for {stored} stored bits")


def _geometry_holders(dataset: Dataset) -> Iterator[tuple[str, Dataset]]:
    yield "", dataset
    for top in (_SHARED, _PER_FRAME):
        keyword = "SharedFunctionalGroupsSequence" if top == _SHARED else "PerFrameFunctionalGroupsSequence"
        if top not in dataset:
            continue
        for place, group in items(dataset, top):
            if place > _GROUPS_LOOKED_AT:
                break
            for tag, name in ((_PLANE, "PlaneOrientationSequence"), (_MEASURES, "PixelMeasuresSequence")):
                for _, item in items(group, tag):
                    yield f"{keyword}[{place}] > {name}[1]", item


def _orientation(item: Dataset, path: str) -> Iterator[Finding]:
    if not filled(item, _ORIENTATION):
        return
    cosines = decimals(item, _ORIENTATION)
    if len(cosines) != 6 or not all(map(math.isfinite, cosines)):
        yield finding("orientation", _ORIENTATION, path, "is not six numbers")
        return
    row, column = cosines[:3], cosines[3:]
    for name, vector in (("rows", row), ("columns", column)):
        length = math.hypot(*vector)
        if abs(length - 1) > _PERPENDICULAR:
            message = f"has a direction of {name} of length {length:.4g}, not 1"
            yield finding("orientation", _ORIENTATION, path, message)
            return
    cosine = sum(a * b for a, b in zip(row, column, strict=True))
    if abs(cosine) > _PERPENDICULAR:
        angle = math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
        message = f"has rows and columns at {angle:.4g} degrees, not 90"
        yield finding("orientation", _ORIENTATION, path, message)


def _spacing(item: Dataset, path: str) -> Iterator[Finding]:
    for tag in _SPACINGS:
        if not filled(item, tag):
            continue
        distances = decimals(item, tag)
        if len(distances) != 2:
            yield finding("spacing", tag, path, "is not two numbers")
        elif not all(math.isfinite(one) and one > 0 for one in distances):
            yield finding("spacing", tag, path, "has a distance that is not above 0 mm")
    thickness = decimals(item, _THICKNESS)
    if thickness and not (math.isfinite(thickness[0]) and thickness[0] > 0):
        yield finding("spacing", _THICKNESS, path, "is not above 0 mm", severity="warning")


def _window(dataset: Dataset) -> Iterator[Finding]:
    if not filled(dataset, _WIDTH) or not filled(dataset, _CENTER):
        return
    centers, widths = decimals(dataset, _CENTER), decimals(dataset, _WIDTH)
    if len(centers) != len(widths):
        yield finding("window", _WIDTH, "", f"has {len(widths)} values for {len(centers)} centres")
    lowest = 1.0 if text(dataset, _FUNCTION) in ("", "LINEAR") else 0.0
    if any(width <= 0 or width < lowest for width in widths):
        # the smallest width that the linear function allows is 1; scaled images break this harmlessly
        severity = "error" if any(width <= 0 for width in widths) else "warning"
        yield finding("window", _WIDTH, "", "has a width that shows nothing", severity=severity)  # type: ignore[arg-type]


def _aspect(dataset: Dataset) -> Iterator[Finding]:
    if filled(dataset, _ASPECT) and any(filled(dataset, tag) for tag in _SPACINGS):
        yield finding("not-allowed-here", _ASPECT, "", "is there beside a pixel spacing")


def _lossy(dataset: Dataset) -> Iterator[Finding]:
    meta = getattr(dataset, "file_meta", None)
    if meta is not None and text(meta, _SYNTAX) in _LOSSY and text(dataset, _LOSSY_TAG) != "01":
        message = "does not say 01 although the pixels are compressed with loss"
        yield finding("value-not-permitted", _LOSSY_TAG, "", message, severity="warning")


def _overlays(dataset: Dataset) -> Iterator[Finding]:
    """Groups 6000 to 60FE, each complete in itself; data may lie in the unused bits of old images."""
    groups = {tag >> 16 for tag in tags(dataset) if 0x6000 <= tag >> 16 <= 0x60FE and not tag >> 16 & 1}
    for group in sorted(groups):
        for low in _OVERLAY:
            element = get(dataset, group << 16 | low)
            if element is None or empty(element):
                state = "missing" if element is None else "empty"
                message = f"is {state} in the overlay of group {group:04X} (type 1)"
                yield finding("overlay", group << 16 | low, "", message)
