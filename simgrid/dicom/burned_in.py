"""Text drawn into the pixels: found where devices are known to draw it, and blanked.

Two means. An ultrasound machine tells which regions hold the echo (SequenceOfUltrasoundRegions): everything
outside of them is blanked. Elsewhere a detector looks for rows of small shapes of thin, even, high-contrast
strokes of one brightness. What it misses, by construction: letters that touch the anatomy, handwriting, text
of less than 6 or more than 40 pixels of height, fewer than three characters in a row, text at a slant, and
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
_SMALLEST_HEIGHT, _LARGEST_HEIGHT = 6, 40
_CONTRASTS = (0.2, 0.45)  # of strokes over their ground, in shares of the image's range
_AT_THE_END = 0.03  # text is mostly drawn in the brightest value there is
_THICKEST = 0.16  # half the stroke width over the height of the character
_LONGEST = 12  # a shape of touching characters, in heights
_PLATEAU, _ON_PLATEAU = 0.12, 0.3  # a stroke has one brightness over so much of it, edges excepted
_RUNS = 0.8  # characters for each stroke that a line through them meets
_SAME_LEVEL = 0.08  # characters of a row differ by less, in shares of the image's range
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


def text_areas(dataset: Dataset) -> int:
    """How many text-like areas are in uncompressed pixel data of any kind of image; nothing is blanked."""
    pixels = _pixels(dataset)
    return 0 if pixels is None else sum(len(text_boxes(seen)) for seen, _ in _looked_at(pixels))


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
    low, high = float(gray.min(initial=np.inf)), float(gray.max(initial=-np.inf))
    span = high - low
    if not np.isfinite(span) or span <= 0:
        return []
    boxes: list[Box] = []
    boxes += _rows_of_text(gray >= high - _AT_THE_END * span, gray, fewest)
    for plane in (gray, -gray):
        above = ndimage.white_tophat(plane, size=_TOP_HAT)
        for part in _CONTRASTS:
            boxes += _rows_of_text(above > part * span, plane, fewest)
    return _merged(boxes)


def _merged(boxes: list[Box]) -> list[Box]:
    """One box for those that several of the masks have found."""
    left = sorted(boxes, key=lambda one: (one.top, one.left, one.bottom, one.right))
    made: list[Box] = []
    while left:
        one = left.pop()
        same = next((other for other in left if _same(one, other)), None)
        if same is None:
            made.append(one)
        else:
            left.remove(same)
            left.append(
                Box(
                    min(one.top, same.top),
                    max(one.bottom, same.bottom),
                    min(one.left, same.left),
                    max(one.right, same.right),
                )
            )
    return made


def _same(one: Box, other: Box) -> bool:
    """Whether half of the smaller lies in the larger."""
    rows = min(one.bottom, other.bottom) - max(one.top, other.top)
    columns = min(one.right, other.right) - max(one.left, other.left)
    smaller = min((box.bottom - box.top) * (box.right - box.left) for box in (one, other))
    return rows > 0 and columns > 0 and 2 * rows * columns >= smaller


@dataclass(frozen=True, slots=True)
class _Shape:
    """What may be a character, or several that touch: ``many``. ``level``: its brightness."""

    box: Box
    level: float
    many: int

    @property
    def height(self) -> int:
        return self.box.bottom - self.box.top


def _rows_of_text(mask: npt.NDArray[np.bool_], gray: npt.NDArray[np.float32], fewest: int) -> list[Box]:
    labels, many = ndimage.label(mask, np.ones((3, 3)))
    if not 0 < many <= _MOST_SHAPES:
        return []
    span = float(np.ptp(gray))
    shapes = [
        one
        for number, place in enumerate(ndimage.find_objects(labels), start=1)
        if _SMALLEST_HEIGHT <= place[0].stop - place[0].start <= _LARGEST_HEIGHT
        and (one := _shape(labels[place] == number, gray[place], place, span)) is not None
    ]
    return list(_lines(shapes, gray.shape, span, fewest))


def _shape(
    shape: npt.NDArray[np.bool_], gray: npt.NDArray[np.float32], place: tuple[slice, slice], span: float
) -> _Shape | None:
    """A row of strokes: thin for its height, of one brightness, and neither full nor nearly empty."""
    height, width = shape.shape
    narrow = width <= 0.4 * height  # an I or a 1 is full
    if width > _LONGEST * height or not (0.12 <= shape.mean() <= 0.85 or narrow):
        return None
    thick = float(ndimage.distance_transform_cdt(np.pad(shape, 1)).max())
    if thick > max(2.0, _THICKEST * height):
        return None
    inside = gray[shape]
    top = float(np.percentile(inside, 95))
    if float(np.mean(inside >= top - _PLATEAU * span)) < _ON_PLATEAU:
        return None
    runs = float((np.diff(np.pad(shape, ((0, 0), (1, 0))).astype(np.int8), axis=1) > 0).sum(axis=1).mean())
    box = Box(place[0].start, place[0].stop, place[1].start, place[1].stop)
    return _Shape(box, top, max(1, min(round(width / (0.75 * height)), round(_RUNS * runs))))


def _lines(shapes: list[_Shape], size: tuple[int, ...], span: float, fewest: int) -> Iterator[Box]:
    """Shapes of like height and brightness beside each other on one line."""
    left = sorted(shapes, key=lambda one: (one.box.left, one.box.top))
    while left:
        row, rest = [left[0]], []
        for one in left[1:]:
            if _goes_on(row[-1], one, span):
                row.append(one)
            else:
                rest.append(one)
        left = rest
        if sum(one.many for one in row) >= fewest:
            margin = int(np.ceil(_MARGIN * max(one.height for one in row)))
            yield Box(
                max(0, min(one.box.top for one in row) - margin),
                min(size[0], max(one.box.bottom for one in row) + margin),
                max(0, row[0].box.left - 3 * margin),
                min(size[1], max(one.box.right for one in row) + 3 * margin),
            )


def _goes_on(one: _Shape, other: _Shape, span: float) -> bool:
    taller = max(one.height, other.height)
    apart = other.box.left - one.box.right
    return (
        min(one.height, other.height) >= 0.6 * taller
        and min(abs(one.box.bottom - other.box.bottom), abs(one.box.top - other.box.top))
        <= max(1, 0.15 * taller)
        and -0.3 * taller <= apart <= 1.3 * taller
        and abs(one.level - other.level) <= _SAME_LEVEL * span
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
