"""Stored values to what they mean: palettes and colours to luminance, rescale, padding, MONOCHROME1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut

from simgrid.dicom.finding import Finding
from simgrid.dicom.frames import frame_values, item
from simgrid.dicom.geometry import INTEGERS, Undecodable, error
from simgrid.dicom.header import Header

AIR_HU = -1024.0
"""The lowest Hounsfield unit that is kept: what lies below is filling outside the scanner's field."""

_LUMINANCE = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, the Y of YBR_FULL
_LARGEST = float(np.finfo(np.float32).max)
_SIXTEEN_BITS, _EXACT = 1 << 16, 1 << 24  # integers up to the second are floats of 32 bits


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """One frame: ``pixels`` (rows, columns), float32 and finite, in modality units.

    Hounsfield units in CT; bright is what a viewer would show bright before any window, so bone in a
    radiograph. ``spacing_mm`` between rows and between columns. ``limits``: what the file's bits could hold,
    in the same units, None for floating-point pixels. ``frame`` counts from 0.
    """

    pixels: NDArray[np.float32]
    modality: str
    body_part: str
    spacing_mm: tuple[float, float] | None
    limits: tuple[float, float] | None
    frame: int

    @property
    def turning_ends(self) -> tuple[float, float]:
        """The two values that changed places, where the file shows low values bright (MONOCHROME1)."""
        return _turning_ends(self.pixels, self.modality, self.limits)


def _turning_ends(
    imaged: NDArray[np.floating[Any]], modality: str, limits: tuple[float, float] | None
) -> tuple[float, float]:
    """The two values that change places: what the bits could hold, in CT the lowest and highest imaged.

    Hounsfield units fill a corner of their bits: turned over about the middle of these, all would be air.
    The same of pixels that are turned already: those of CT stay between the same two values.
    """
    if limits is not None and modality != "CT":
        return limits
    return float(imaged.min()), float(imaged.max())


def planes(
    dataset: Dataset, header: Header, arrays: tuple[tuple[int, NDArray[Any]], ...], tag: int | None
) -> tuple[tuple[Plane, ...], tuple[Finding, ...]]:
    """Every decoded frame in its units; each kind of finding once, at the first frame that has it.

    Raises:
        Undecodable: where a frame has another shape than the header says.
    """
    made: list[Plane] = []
    findings: dict[str, Finding] = {}
    for frame, stored in arrays:
        if stored.shape[:2] != (header.rows, header.columns) or stored.ndim > 3:
            shape = " x ".join(map(str, stored.shape))
            said = f"decoded to {shape}, the header says {header.rows} x {header.columns}"
            raise Undecodable(error("size-differs", "(0028,0010)", f"frame {frame + 1}", said))
        one = _Conversion(dataset, header, frame, tag in (None, INTEGERS))
        made.append(one.plane(stored))
        for finding in one.findings:
            findings.setdefault(finding.rule, finding)
    return tuple(made), tuple(findings.values())


def _type_for(grey: NDArray[Any], slope: float, intercept: float) -> type[np.floating[Any]]:
    """float32 where it holds every result exactly, which is most of CT; else float64."""
    small = grey.dtype.kind in "iu" and grey.dtype.itemsize <= 2
    whole = float(slope).is_integer() and float(intercept).is_integer()
    exact = abs(slope) * _SIXTEEN_BITS + abs(intercept) < _EXACT
    return np.float32 if small and whole and exact else np.float64


class _Conversion:
    """One frame's way from stored values to units, and what is found on it."""

    def __init__(self, dataset: Dataset, header: Header, frame: int, integers: bool) -> None:
        self.dataset = dataset
        self.header = header
        self.frame = frame
        self.integers = integers
        self.values = frame_values(dataset, header, frame)
        self.findings: list[Finding] = []

    def plane(self, stored: NDArray[Any]) -> Plane:
        grey, limits = self.grey(stored)
        padded = self.padded(grey)
        pixels, limits = self.rescaled(grey, limits)
        if limits is None or max(map(abs, limits)) >= _LARGEST:  # bits that hold numbers hold no others
            pixels = self.finite(pixels, padded)
        limits = self.held(pixels, limits)
        if self.header.modality == "CT" and self.header.samples == 1 and self.hounsfield():
            np.maximum(pixels, AIR_HU, out=pixels)
        if self.header.photometric == "MONOCHROME1":
            imaged = pixels if padded is None else pixels[~padded]
            pixels = sum(_turning_ends(imaged, self.header.modality, limits)) - pixels
        if padded is not None:
            pixels[padded] = pixels[~padded].min()
        return Plane(
            pixels.astype(np.float32),
            self.header.modality,
            self.header.body_part,
            self.values.spacing_mm,
            limits,
            self.frame,
        )

    def note(self, rule: str, tag: str, place: str, message: str) -> None:
        self.findings.append(Finding(rule, tag, f"{place}, frame {self.frame + 1}", "warning", message))

    def grey(self, stored: NDArray[Any]) -> tuple[NDArray[Any], tuple[float, float] | None]:
        """One value a pixel, and what the bits could hold."""
        if stored.ndim == 3:
            white = float(np.iinfo(stored.dtype).max) if stored.dtype.kind in "iu" else 1.0
            return stored[..., :3].astype(np.float64) @ _LUMINANCE, (0.0, white)
        if self.header.photometric == "PALETTE COLOR":
            return self.through_palette(stored)
        return stored, self.range() if self.integers else None

    def through_palette(self, stored: NDArray[Any]) -> tuple[NDArray[Any], tuple[float, float] | None]:
        try:
            coloured = apply_color_lut(stored, self.dataset)
            white = 255.0 if coloured.max() <= 255 else float(np.iinfo(coloured.dtype).max)
            return coloured[..., :3].astype(np.float64) @ _LUMINANCE * (255 / white), (0.0, 255.0)
        except Exception:  # whatever a hostile table brings
            said = "the palette cannot be applied: entries are taken for grey values"
            self.note("palette-unusable", "(0028,1101)", "RedPaletteColorLookupTableDescriptor", said)
            return stored, self.range()

    def range(self) -> tuple[float, float]:
        bits = self.header.bits_stored
        return (
            (-float(1 << (bits - 1)), float((1 << (bits - 1)) - 1))
            if self.header.signed
            else (
                0.0,
                float((1 << bits) - 1),
            )
        )

    def padded(self, grey: NDArray[Any]) -> NDArray[np.bool_] | None:
        """Where the file says that nothing was imaged; None if nowhere or everywhere."""
        if self.header.padding is None or self.header.samples != 1:
            return None
        lowest, highest = self.header.padding
        found = (grey >= lowest) & (grey <= highest)
        return found if found.any() and not found.all() else None

    def hounsfield(self) -> bool:
        return self.values.slope is not None or self.header.signed

    def rescaled(
        self, grey: NDArray[Any], limits: tuple[float, float] | None
    ) -> tuple[NDArray[np.floating[Any]], tuple[float, float] | None]:
        """The modality's table or line; values as they are where neither can be used."""
        table = item(self.dataset, "ModalityLUTSequence", 0)
        if table is not None and self.header.samples == 1 and grey.dtype.kind in "iu":
            return self.through_table(grey, limits)
        slope, intercept = self.values.slope, self.values.intercept
        if slope is None and intercept is None:
            return grey.astype(_type_for(grey, 1.0, 0.0)), limits
        if not slope:
            said = "the slope is missing, zero or no finite number: stored values are judged"
            self.note("rescale-unusable", "(0028,1053)", "RescaleSlope", said)
            return grey.astype(np.float64), limits
        line = np.array([slope, intercept or 0.0])
        with np.errstate(all="ignore"):
            pixels = grey.astype(_type_for(grey, slope, intercept or 0.0)) * slope + (intercept or 0.0)
            ends = sorted(np.asarray(limits) * line[0] + line[1]) if limits else None
        return pixels, None if ends is None else (float(ends[0]), float(ends[1]))

    def through_table(
        self, grey: NDArray[Any], limits: tuple[float, float] | None
    ) -> tuple[NDArray[np.floating[Any]], tuple[float, float] | None]:
        try:
            pixels = apply_modality_lut(grey, self.dataset)
            return pixels.astype(np.float64), (0.0, float(np.iinfo(pixels.dtype).max))
        except Exception:  # whatever a hostile table brings
            said = "the modality table cannot be applied: stored values are judged"
            self.note("modality-lut-unusable", "(0028,3000)", "ModalityLUTSequence", said)
            return grey.astype(np.float64), limits

    def finite(
        self, pixels: NDArray[np.floating[Any]], padded: NDArray[np.bool_] | None
    ) -> NDArray[np.floating[Any]]:
        """Without NaN, infinities and what float32 cannot hold; a count of them is a finding."""
        with np.errstate(all="ignore"):
            bad = ~(np.abs(pixels) < _LARGEST)
        if padded is not None:
            bad &= ~padded
        if bad.any():
            if bad.all():
                raise Undecodable(
                    error(
                        "pixels-not-finite", "(7fe0,0008)", f"frame {self.frame + 1}", "no pixel is a number"
                    )
                )
            said = f"{int(bad.sum())} pixels are no finite number: the lowest of the others is put there"
            self.note("pixels-not-finite", "(7fe0,0008)", "FloatPixelData", said)
            pixels = np.where(bad, pixels[~bad].min(), pixels)
        return pixels

    def held(
        self, pixels: NDArray[np.floating[Any]], limits: tuple[float, float] | None
    ) -> tuple[float, float] | None:
        """The limits, widened where a decoder gave more than the bits stored can hold."""
        if limits is None:
            return None
        lowest, highest = float(pixels.min()), float(pixels.max())
        if lowest < limits[0] or highest > limits[1]:
            said = "values lie outside what the bits stored can hold"
            self.note("beyond-bits-stored", "(0028,0101)", "BitsStored", said)
            return min(lowest, limits[0]), max(highest, limits[1])
        return limits
