"""Text drawn into the pixels: found where devices are known to draw it, and blanked.

Two means. An ultrasound machine tells which regions hold the echo (SequenceOfUltrasoundRegions): everything
outside of them is blanked. Elsewhere a detector looks for rows of small shapes of thin, even, high-contrast
strokes. What it misses, by construction: letters that touch each other or the anatomy, handwriting, text of
less than 6 or more than 64 pixels of height, fewer than three characters in a row, text at a slant, and
contrast below a fifth of the image's range. A found box says that text is there; none found proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from scipy import ndimage

Blanking: TypeAlias = Literal["usual", "all", "none"]
"""Where text is looked for: in images of kinds that usually carry it, in all, in none."""

_DRAWN_ON = (
    "US",
    "IVUS",
    "ES",
    "XC",
    "SC",
    "OT",
    "GM",
    "SM",
    "OP",
    "OPT",
    "PX",
    "XA",
    "RF",
    "DOC",
    "BMD",
    "MG",
)
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_SMALLEST_HEIGHT, _LARGEST_HEIGHT = 6, 64
_CONTRAST = 0.2
_EVEN = 0.35  # spread of a character's brightness over its contrast to the ground
_THICKEST = 0.16  # half the stroke width over the height of the character
_TOP_HAT = 17  # pixels: thicker strokes than any character's are no character's
_MARGIN = 0.35  # of the character height, around a box
_FEW_FRAMES = 4
_MOST_SHAPES = 20_000  # a picture of noise has more


@dataclass(frozen=True, slots=True)
class Box:
    """Rows ``top`` to ``bottom`` and columns ``left`` to ``right``, the ends excluded."""

    top: int
    bottom: int
    left: int
    right: int


def may_carry_text(dataset: Dataset) -> bool:
    """Whether text in the pixels is usual for this kind of image, or admitted by its header."""
    kind = [str(one) for one in _several(dataset.get("ImageType"))]
    return (
        str(dataset.get("BurnedInAnnotation") or "") == "YES"
        or str(dataset.get("Modality") or "") in _DRAWN_ON
        or str(dataset.get("SOPClassUID") or "").startswith(_SECONDARY_CAPTURE)
        or int(dataset.get("SamplesPerPixel") or 1) > 1
        or "SCREEN SAVE" in kind
        or "ConversionType" in dataset
    )


def blank_text(dataset: Dataset, where: Blanking) -> tuple[int, bool]:
    """Blank drawn text in uncompressed pixel data: how many regions, and whether there may have been text."""
    suspected = may_carry_text(dataset)
    if where == "none" or not (suspected or where == "all"):
        return 0, suspected
    pixels = _pixels(dataset)
    if pixels is None:
        return 0, suspected
    ground = _darkest(dataset, pixels)
    blanked, regions = 0, _echo_regions(dataset, pixels.shape[1], pixels.shape[2])
    if regions:
        inside = np.zeros(pixels.shape[1:3], bool)
        for box in regions:
            inside[box.top : box.bottom, box.left : box.right] = True
        pixels[:, ~inside] = ground
        blanked += 1
    for seen, frames in _looked_at(pixels):
        for box in text_boxes(seen):
            frames[:, box.top : box.bottom, box.left : box.right] = ground
            blanked += 1
    if blanked:
        _store(dataset, pixels)
    return blanked, suspected or blanked > 0


def _looked_at(pixels: npt.NDArray[Any]) -> Iterator[tuple[npt.NDArray[np.float32], npt.NDArray[Any]]]:
    """Planes in which text is looked for, each with the frames it is blanked in.

    Of a film, in which drawn text stands still or is brightest where it stands: its brightest, its darkest
    and its middle frame, for all frames.
    """
    if len(pixels) <= _FEW_FRAMES:
        for number, frame in enumerate(pixels):
            yield frame.astype(np.float32).mean(axis=-1), pixels[number : number + 1]
        return
    for plane in (pixels.max(axis=0), pixels.min(axis=0), pixels[len(pixels) // 2]):
        yield plane.astype(np.float32).mean(axis=-1), pixels


def text_boxes(gray: npt.NDArray[np.float32], fewest: int = 3) -> list[Box]:
    """Boxes around rows of at least ``fewest`` characters in a plane, bright on dark or dark on bright."""
    low, high = (float(one) for one in np.percentile(gray, (0.5, 99.9)))
    span = max(high, float(gray.max())) - low
    if not np.isfinite(span) or span <= 0:
        return []
    boxes: list[Box] = []
    for sign in (1.0, -1.0):
        boxes += _rows_of_text(sign * gray, span, fewest)
    return boxes


def _rows_of_text(gray: npt.NDArray[np.float32], span: float, fewest: int) -> list[Box]:
    above = ndimage.white_tophat(gray, size=_TOP_HAT)
    strokes = above > _CONTRAST * span
    labels, many = ndimage.label(strokes, np.ones((3, 3)))
    if not 0 < many <= _MOST_SHAPES:
        return []
    shapes = [
        one
        for number, place in enumerate(ndimage.find_objects(labels), start=1)
        if (one := _character(labels, above, number, place)) is not None
    ]
    return list(_lines(shapes, gray.shape, fewest))


def _character(
    labels: npt.NDArray[Any], above: npt.NDArray[np.float32], number: int, place: tuple[slice, slice]
) -> Box | None:
    """The shape's box if it may be a character."""
    rows, columns = place
    height, width = rows.stop - rows.start, columns.stop - columns.start
    if not _SMALLEST_HEIGHT <= height <= _LARGEST_HEIGHT or width > 1.6 * height:
        return None
    shape = labels[place] == number
    if not 0.12 <= shape.mean() <= 0.95:
        return None
    thick = float(ndimage.distance_transform_cdt(np.pad(shape, 1)).max())
    if thick > max(2.0, _THICKEST * height):
        return None
    inside = above[place][shape]
    if float(inside.std()) > _EVEN * float(inside.mean()):
        return None
    return Box(rows.start, rows.stop, columns.start, columns.stop)


def _lines(shapes: list[Box], size: tuple[int, ...], fewest: int) -> Iterator[Box]:
    """Shapes of like height beside each other."""
    left = sorted(shapes, key=lambda box: (box.left, box.top))
    while left:
        row = [left.pop(0)]
        for box in list(left):
            if _goes_on(row[-1], box):
                row.append(box)
                left.remove(box)
        if len(row) >= fewest:
            margin = int(np.ceil(_MARGIN * max(box.bottom - box.top for box in row)))
            yield Box(
                max(0, min(box.top for box in row) - margin),
                min(size[0], max(box.bottom for box in row) + margin),
                max(0, row[0].left - 2 * margin),
                min(size[1], max(box.right for box in row) + 2 * margin),
            )


def _goes_on(one: Box, other: Box) -> bool:
    height, next_height = one.bottom - one.top, other.bottom - other.top
    taller = max(height, next_height)
    return (
        min(height, next_height) >= 0.55 * taller
        and min(abs(one.bottom - other.bottom), abs(one.top - other.top)) <= max(2.0, 0.25 * taller)
        and -2 <= other.left - one.right <= 1.3 * taller
    )


def _echo_regions(dataset: Dataset, rows: int, columns: int) -> list[Box]:
    """Where an ultrasound machine says that its image is; empty if it says nothing usable."""
    found = []
    for region in dataset.get("SequenceOfUltrasoundRegions") or ():
        try:
            box = Box(
                max(0, int(region.RegionLocationMinY0)),
                min(rows, int(region.RegionLocationMaxY1) + 1),
                max(0, int(region.RegionLocationMinX0)),
                min(columns, int(region.RegionLocationMaxX1) + 1),
            )
        except (AttributeError, TypeError, ValueError):
            continue
        if box.top < box.bottom and box.left < box.right:
            found.append(box)
    return found


def _pixels(dataset: Dataset) -> npt.NDArray[Any] | None:
    """Stored values as (frames, rows, columns, samples), a copy; None for what has no whole samples."""
    try:
        allocated = int(dataset.BitsAllocated)
        shape = (int(dataset.get("NumberOfFrames") or 1), int(dataset.Rows), int(dataset.Columns))
        samples = int(dataset.get("SamplesPerPixel") or 1)
        if allocated not in (8, 16, 32) or "422" in dataset.PhotometricInterpretation:
            return None
        kind = "i" if int(dataset.PixelRepresentation) else "u"
        count = shape[0] * shape[1] * shape[2] * samples
        values = np.frombuffer(dataset.PixelData, f"<{kind}{allocated // 8}", count=count)
    except (AttributeError, TypeError, ValueError):
        return None
    if samples > 1 and int(dataset.get("PlanarConfiguration") or 0) == 1:
        return values.reshape(shape[0], samples, *shape[1:]).transpose(0, 2, 3, 1).copy()
    return values.reshape(*shape, samples).copy()


def _store(dataset: Dataset, pixels: npt.NDArray[Any]) -> None:
    planar = pixels.shape[3] > 1 and int(dataset.get("PlanarConfiguration") or 0) == 1
    content = (pixels.transpose(0, 3, 1, 2) if planar else pixels).tobytes()
    dataset["PixelData"].value = content + b"\0" * (len(content) % 2)


def _darkest(dataset: Dataset, pixels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What a blanked pixel holds: no signal, in each sample."""
    if str(dataset.PhotometricInterpretation).startswith("YBR"):
        return np.array([0, 128, 128], pixels.dtype)
    turned = dataset.PhotometricInterpretation == "MONOCHROME1"
    edge = pixels.max(axis=(0, 1, 2)) if turned else pixels.min(axis=(0, 1, 2))
    return np.asarray(edge, dtype=pixels.dtype)


def _several(value: Any) -> list[Any]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)
