"""A corrected image as a new instance that names the one it was made from; the original is never touched."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from simgrid import __version__
from simgrid.dicom.clean_pixels import rewrite_pixels
from simgrid.dicom.deidentify import to_bytes
from simgrid.dicom.pseudonyms import uid_from

Fix: TypeAlias = Literal["denoise", "turn-over"]

_DESCRIPTIONS: dict[Fix, str] = {
    "denoise": "Noise reduced by the residual network of simgrid-telerad; not for measurements",
    "turn-over": "Photometric interpretation turned over; the stored values are those of the source",
}
_SMOOTHING = ("113087", "Smoothing")  # PS3.16, CID 7203
_SOURCE_OF_PROCESSING = ("121322", "Source image for image processing operation")  # CID 7202
_OTHER_WAY = {"MONOCHROME1": "MONOCHROME2", "MONOCHROME2": "MONOCHROME1"}
_OTHER_SHAPE = {"IDENTITY": "INVERSE", "INVERSE": "IDENTITY"}
_SERIES_AFTER = 9000


class CannotBeDerived(ValueError):
    """An image of a kind that these fixes cannot be written for."""


@dataclass(frozen=True, slots=True)
class Derived:
    """The new file and its SOPInstanceUID."""

    content: bytes
    uid: str


def derived_instance(
    source: Dataset, fixes: Sequence[Fix], changes: Sequence[npt.NDArray[np.float32]] = ()
) -> Derived:
    """``source`` with the fixes applied, as a new instance in a new series of its study.

    ``changes``: of every frame, what is added to each pixel, in the units of ``simgrid.dicom.pixels``; needed
    for ``denoise`` only. The UIDs come from the source's and the fixes: the same fix is the same instance.

    Raises:
        CannotBeDerived: colour, floating point or other pixels than 8 or 16 bits, or no UIDs.
    """
    lacking = [
        name for name in ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID") if not source.get(name)
    ]
    if lacking:
        raise CannotBeDerived(f"the image has no {', '.join(lacking)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _derived(source, fixes, changes)
        except CannotBeDerived:
            raise
        except Exception as error:  # a header may hold what no other object can
            raise CannotBeDerived(f"its header cannot be taken over ({type(error).__name__})") from None


def _derived(source: Dataset, fixes: Sequence[Fix], changes: Sequence[npt.NDArray[np.float32]]) -> Derived:
    made = copy.deepcopy(source)
    if "PixelData" not in made or int(made.get("SamplesPerPixel") or 1) != 1:
        raise CannotBeDerived("only single-channel integer pixels are corrected")
    rewrite_pixels(made)
    if "denoise" in fixes:
        _store(made, changes)
    if "turn-over" in fixes:
        made.PhotometricInterpretation = _OTHER_WAY[made.PhotometricInterpretation]
        if made.get("PresentationLUTShape") in _OTHER_SHAPE:
            made.PresentationLUTShape = _OTHER_SHAPE[made.PresentationLUTShape]
    _name(made, source, fixes)
    plain = Dataset()  # without the byte order of the file it came from
    plain.update(made)
    return Derived(to_bytes(plain), str(plain.SOPInstanceUID))


def _store(made: Dataset, changes: Sequence[npt.NDArray[np.float32]]) -> None:
    """Add the changes to the stored values, rounded and clipped to what the bits hold; padding stays."""
    bits, signed = int(made.BitsStored), int(made.PixelRepresentation) == 1
    frames, allocated = int(made.get("NumberOfFrames") or 1), int(made.BitsAllocated)
    if allocated not in (8, 16) or "ModalityLUTSequence" in made or len(changes) != frames:
        raise CannotBeDerived("only frames of 8 or 16 bits, all of them, with a linear scale are denoised")
    slope = float(made.get("RescaleSlope") or 1.0)
    if made.PhotometricInterpretation == "MONOCHROME1":  # changes come with bone bright
        slope = -slope
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    kind = f"<{'i' if signed else 'u'}{allocated // 8}"
    stack = np.stack(changes)
    stored = np.frombuffer(made.PixelData, kind, count=stack.size).reshape(stack.shape)
    changed = np.clip(np.rint(stored + stack.astype(np.float64) / slope), low, high).astype(kind)
    if made.get("PixelPaddingValue") is not None:
        changed = np.where(stored == int(made.PixelPaddingValue), stored, changed)
    content = changed.astype(kind).tobytes()
    made.PixelData = content + b"\0" * (len(content) % 2)
    made["PixelData"].VR = "OW"
    for name, value in (
        ("SmallestImagePixelValue", changed.min()),
        ("LargestImagePixelValue", changed.max()),
    ):
        if name in made:
            setattr(made, name, int(value))


def _name(made: Dataset, source: Dataset, fixes: Sequence[Fix]) -> None:
    """Everything that tells the new instance from its source, and leads back to it."""
    done = "+".join(fixes)
    made.SOPInstanceUID = uid_from("derived", str(source.SOPInstanceUID), done, __version__)
    made.SeriesInstanceUID = uid_from("derived series", str(source.SeriesInstanceUID), done, __version__)
    made.SeriesNumber = _SERIES_AFTER + int(source.get("SeriesNumber") or 0) % 1000
    kind = [str(one) for one in source.get("ImageType") or ("ORIGINAL", "PRIMARY")]
    made.ImageType = ["DERIVED", *(kind[1:] or ["PRIMARY"])]
    made.DerivationDescription = "; ".join(_DESCRIPTIONS[one] for one in fixes)
    if "denoise" in fixes:
        made.DerivationCodeSequence = [_code(*_SMOOTHING)]
    reference = Dataset()
    reference.ReferencedSOPClassUID = source.SOPClassUID
    reference.ReferencedSOPInstanceUID = source.SOPInstanceUID
    reference.PurposeOfReferenceCodeSequence = [_code(*_SOURCE_OF_PROCESSING)]
    made.SourceImageSequence = [reference]


def _code(value: str, meaning: str) -> Dataset:
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value, "DCM", meaning
    return made
