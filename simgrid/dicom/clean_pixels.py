"""Pixel data written anew: only the bits that are pixels, no stream of a compressor, no bytes behind them."""

from __future__ import annotations

import math

import numpy as np
from pydicom.dataset import Dataset
from pydicom.pixels.utils import get_expected_length

from simgrid.dicom import jpeg_extended

LARGEST_BYTES = 1 << 31
_SAMPLES = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
jpeg_extended.registered()
_FLOAT_BYTES = {"FloatPixelData": 4, "DoubleFloatPixelData": 8}


class PixelsUnclean(ValueError):
    """Pixels that cannot be decoded or are of no size: nobody knows what their bytes hold."""


def rewrite_pixels(dataset: Dataset) -> None:
    """Decompress the pixel data in place, cut them to their size and clear the bits that are no pixel.

    Unused high bits held overlays before 2004, and may hold anything.

    Raises:
        PixelsUnclean: no size, larger than 2 GiB decoded, too short, or undecodable.
    """
    _turn_tables(dataset)
    there = [name for name in _SAMPLES if name in dataset]
    if not there:
        return
    size = _size(dataset, there[0])
    meta = getattr(dataset, "file_meta", None)
    syntax = meta.get("TransferSyntaxUID") if meta is not None else None
    if syntax is not None and syntax.is_compressed and syntax.is_encapsulated:
        _decompress(dataset)
        size = _size(dataset, there[0])
    stored = dataset[there[0]]
    content = bytes(stored.value or b"")
    if len(content) < size:
        raise PixelsUnclean(f"{len(content)} bytes of pixels where the header announces {size}")
    content = content[: size + size % 2]
    if dataset.original_encoding[1] is False:
        content = _turned(dataset, there[0], content)
    content = content[:size]
    if there[0] == "PixelData":
        content = _pixels_only(dataset, content)
    if stored.VR in ("OB or OW", "UN"):
        stored.VR = "OW" if _int(dataset, "BitsAllocated") > 8 else "OB"
    stored.value = content + b"\0" * (size % 2)
    stored.is_undefined_length = False
    for other in there[1:]:
        del dataset[other]


def _turn_tables(dataset: Dataset) -> None:
    """Palette colours of a big endian file, which pydicom keeps as they were."""
    if dataset.original_encoding[1] is not False:
        return
    for colour in ("Red", "Green", "Blue", "Alpha"):
        name = f"{colour}PaletteColorLookupTableData"
        if name in dataset and isinstance(dataset[name].value, bytes) and len(dataset[name].value) % 2 == 0:
            dataset[name].value = np.frombuffer(dataset[name].value, ">u2").astype("<u2").tobytes()


def _decompress(dataset: Dataset) -> None:
    try:
        dataset.decompress(generate_instance_uid=False)
    except Exception as error:  # decoders of other makers, fed with anything
        raise PixelsUnclean(f"they cannot be decoded ({type(error).__name__})") from None


def _size(dataset: Dataset, name: str) -> int:
    """Bytes of the pixels, decoded."""
    try:
        if name == "PixelData":
            size = get_expected_length(dataset)
        else:
            counts = (_int(dataset, "Rows"), _int(dataset, "Columns"), _int(dataset, "NumberOfFrames") or 1)
            size = math.prod(counts) * _FLOAT_BYTES[name]
    except Exception:
        raise PixelsUnclean("the header does not say how many there are") from None
    if not 0 < size <= LARGEST_BYTES:
        raise PixelsUnclean(f"{size} bytes announced: 1 to {LARGEST_BYTES} can be handled")
    return size


def _turned(dataset: Dataset, name: str, content: bytes) -> bytes:
    """Big endian to little endian; of 8 bits written as words, two pixels change places."""
    size = _FLOAT_BYTES.get(name, 0) or _int(dataset, "BitsAllocated") // 8
    if size == 1 and dataset[name].VR == "OW":
        size = 2
    return np.frombuffer(content, f">u{size}").astype(f"<u{size}").tobytes() if size > 1 else content


def _pixels_only(dataset: Dataset, content: bytes) -> bytes:
    allocated, stored = _int(dataset, "BitsAllocated"), _int(dataset, "BitsStored")
    high = _int(dataset, "HighBit") if "HighBit" in dataset else stored - 1
    unused = allocated - stored
    if allocated not in (8, 16, 32) or not 0 < unused < allocated or high != stored - 1:
        return content
    signed = _int(dataset, "PixelRepresentation") == 1
    pixels = np.frombuffer(content, f"<{'i' if signed else 'u'}{allocated // 8}")
    return ((pixels << unused) >> unused).astype(pixels.dtype).tobytes()


def _int(dataset: Dataset, name: str) -> int:
    try:
        return int(dataset.get(name) or 0)
    except (TypeError, ValueError):
        raise PixelsUnclean(f"{name} is no number") from None
