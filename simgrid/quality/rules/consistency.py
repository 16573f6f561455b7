"""What a header says of its image against the image itself.

The reading of a file has settled already what keeps pixels from being had at all (``simgrid.dicom.pixels``).
Here is what decodes without complaint and still cannot be true, or shows nothing to whoever opens it. None of
it makes a file unusable by itself, so nothing here is more than a warning: the image decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simgrid.dicom.finding import Finding
from simgrid.dicom.geometry import INTEGERS, frame_bytes, is_compressed
from simgrid.dicom.header import Header
from simgrid.dicom.units import Plane
from simgrid.quality.rules.body_part import check_body_part
from simgrid.quality.rules.names import finding

_WIDEST_MM = {"CT": 1100.0, "MR": 700.0, "CR": 700.0, "DX": 700.0, "MG": 400.0}
"""Field of view at most: a CT's extended field, an MR's bore, plates of 43 cm stitched, a breast."""
_NARROWEST_MM = {"CT": 20.0, "MR": 10.0, "CR": 10.0, "DX": 10.0, "MG": 10.0}
_SHOWN = 0.005  # of the pixels inside the window: with fewer, a viewer opens on black or white
_SEEN_AT_MOST = 1 << 16  # pixels of a plane that are looked at
_GREYS_AT_LEAST, _ENOUGH_PIXELS = 48, 4096
_AIR, _TISSUE = -500.0, 500.0  # Hounsfield units: nothing in a body lies below, no CT without bone above


@dataclass(frozen=True, slots=True)
class _Seen:
    """One plane, thinned; ``turned``: lowest plus highest value where MONOCHROME1 was turned over."""

    plane: Plane
    values: np.ndarray[tuple[int], np.dtype[np.float32]]
    turned: float | None


def check(header: Header, planes: Sequence[Plane]) -> tuple[Finding, ...]:
    """Everything that header and planes of one file contradict each other in, each rule once.

    Planes are those of ``simgrid.dicom.pixels.read_images``: modality units, MONOCHROME1 turned over.
    """
    found: dict[str, Finding] = {}
    for one in (*_bytes(header), *_field_of_view(header), *_rescale(header)):
        found.setdefault(one.rule, one)
    for plane in planes:
        for one in _of_plane(header, plane):
            found.setdefault(one.rule, one)
    return tuple(found.values())


def _of_plane(header: Header, plane: Plane) -> Iterator[Finding]:
    seen = _thinned(header, plane)
    if seen.values.size == 0:
        return
    if float(seen.values.min()) == float(seen.values.max()) and float(np.ptp(plane.pixels)) == 0:
        yield finding("blank-image", "(7fe0,0010)", _place("PixelData", plane), "has one value everywhere")
        return
    yield from _bits(header, seen)
    yield from _window(header, seen)
    if header.modality == "CT" and header.samples == 1:
        yield from _hounsfield(header, seen)
        yield from check_body_part(header, plane)


def _thinned(header: Header, plane: Plane) -> _Seen:
    step = max(1, int(np.ceil(np.sqrt(plane.pixels.size / _SEEN_AT_MOST))))
    values = plane.pixels[::step, ::step].ravel()
    if header.photometric != "MONOCHROME1":
        return _Seen(plane, values, None)
    return _Seen(plane, values, sum(plane.turning_ends))


def _place(keyword: str, plane: Plane) -> str:
    return f"{keyword}, frame {plane.frame + 1}"


def _bytes(header: Header) -> Iterator[Finding]:
    """Uncompressed pixels: more bytes than rows, columns, samples and frames ask for."""
    if header.pixel_bytes is None or is_compressed(header.transfer_syntax) or header.bits_allocated <= 1:
        return
    expected = frame_bytes(header, INTEGERS) * header.frames
    extra = header.pixel_bytes - expected
    if expected > 0 and extra > expected % 2:
        message = (
            f"has {extra} bytes more than {header.frames} frames of {header.rows} x {header.columns} need"
        )
        yield finding("pixel-bytes-left-over", "(7fe0,0010)", "PixelData", message)


def _field_of_view(header: Header) -> Iterator[Finding]:
    widest, narrowest = _WIDEST_MM.get(header.modality), _NARROWEST_MM.get(header.modality)
    if header.spacing_mm is None or widest is None or narrowest is None or not header.rows:
        return
    field = max(header.rows * header.spacing_mm[0], header.columns * header.spacing_mm[1])
    if not narrowest <= field <= widest:
        message = f"and the image's size make a field of view of {field:.4g} mm"
        yield finding("field-of-view", "(0028,0030)", "PixelSpacing", message)


def _rescale(header: Header) -> Iterator[Finding]:
    if header.slope is not None and header.slope < 0:
        yield finding("rescale-negative", "(0028,1053)", "RescaleSlope", "is negative: the image is inverted")


def _bits(header: Header, seen: _Seen) -> Iterator[Finding]:
    """Few grey values where many bits are declared: contrast was lost between the scanner and this file."""
    if header.samples != 1 or header.bits_stored < 10 or seen.values.size < _ENOUGH_PIXELS:
        return
    greys = len(np.unique(seen.values))
    if header.modality in _WIDEST_MM and greys < _GREYS_AT_LEAST:
        message = f"declares {header.bits_stored} bits, the pixels have {greys} different values"
        yield finding("bits-unused", "(0028,0101)", _place("BitsStored", seen.plane), message)


def _window(header: Header, seen: _Seen) -> Iterator[Finding]:
    if header.window is None or header.samples != 1 or header.window[1] <= 0:
        return
    centre, width = header.window
    values = seen.values if seen.turned is None else seen.turned - seen.values
    inside = float(np.mean((values > centre - width / 2) & (values < centre + width / 2)))
    if inside < _SHOWN:
        message = f"and WindowWidth show {inside:.1%} of the pixels, the others black or white"
        yield finding("window-misses-image", "(0028,1050)", _place("WindowCenter", seen.plane), message)


def _hounsfield(header: Header, seen: _Seen) -> Iterator[Finding]:
    """Hounsfield units: air is in every image of a patient, and is darker than the patient."""
    low, high = np.percentile(seen.values, [0.5, 99.5])
    if low > _AIR and high > _TISSUE and (header.intercept or 0.0) == 0.0:
        message = "is 0 or missing, and no pixel is as dark as air: these are not Hounsfield units"
        yield finding("hounsfield-units", "(0028,1052)", _place("RescaleIntercept", seen.plane), message)
    rows, columns = seen.plane.pixels.shape
    edge = max(1, min(rows, columns) // 32)
    corners = [
        float(np.median(seen.plane.pixels[down, across]))
        for down in (slice(0, edge), slice(rows - edge, rows))
        for across in (slice(0, edge), slice(columns - edge, columns))
    ]
    if float(low) <= _AIR and float(np.mean(seen.values < _AIR)) < 0.5 and min(corners) > _TISSUE:
        message = "is likely wrong: the corners are brighter than the patient"
        yield finding(
            "inverted-appearance", "(0028,0004)", _place("PhotometricInterpretation", seen.plane), message
        )
