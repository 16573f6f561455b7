"""The bytes of a pixel element to stored values, frame by frame, through pydicom's decoders."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import generate_fragments, parse_basic_offsets
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from simgrid.dicom import jpeg_extended
from simgrid.dicom.codestream import declared
from simgrid.dicom.finding import Finding
from simgrid.dicom.geometry import (
    FLOATS,
    INTEGERS,
    Undecodable,
    check_geometry,
    check_native,
    error,
    is_compressed,
    tag_text,
)
from simgrid.dicom.header import Header, value, whole
from simgrid.dicom.opening import UNDEFINED, Opened
from simgrid.dicom.reading_rules import sampled

_STURDY = ("pylibjpeg", "pyjpegls", "pydicom", "pillow", jpeg_extended.NAME, "gdcm")
_EIGHT_BITS = 8
jpeg_extended.registered()


@dataclass(frozen=True, slots=True)
class Frames:
    """Stored values by frame, counted from 0: (rows, columns) or (rows, columns, 3)."""

    arrays: tuple[tuple[int, NDArray[Any]], ...]
    findings: tuple[Finding, ...]


def decoded(opened: Opened, element: DataElement, header: Header, pixels_at_most: int) -> Frames:
    """Decode the frames, or as many at equal distances as ``pixels_at_most`` allows; at least one.

    Raises:
        Undecodable: with findings, where not a single frame can be had.
    """
    tag = opened.tag or INTEGERS
    check_geometry(header, tag)
    dataset = _with_pixels(opened, element, header, tag)
    data: bytes = element.value
    syntax = str(dataset.file_meta.TransferSyntaxUID)
    if is_compressed(syntax):
        _check_streams(data, header)
    else:
        check_native(header, tag, len(data))
    chosen = _chosen(header, pixels_at_most)
    return _decode(dataset, header, chosen, tag)


def _chosen(header: Header, pixels_at_most: int) -> list[int]:
    """Frames at equal distances, all of them if they fit."""
    fit = max(1, min(header.frames, pixels_at_most // (header.rows * header.columns)))
    return [frame * header.frames // fit for frame in range(fit)]


def _with_pixels(opened: Opened, element: DataElement, header: Header, tag: int) -> Dataset:
    """What decoders need and nothing more: checked values of the header, and the pixel element."""
    needed = Dataset()
    needed.Rows, needed.Columns, needed.NumberOfFrames = header.rows, header.columns, header.frames
    needed.SamplesPerPixel = header.samples
    needed.PhotometricInterpretation = header.photometric or ("RGB" if header.samples == 3 else "MONOCHROME2")
    if header.samples == 3:
        needed.PlanarConfiguration = min(1, whole(opened.dataset, "PlanarConfiguration", 0) or 0)
    if tag == INTEGERS:
        needed.BitsAllocated, needed.BitsStored = header.bits_allocated, header.bits_stored
        needed.PixelRepresentation = int(header.signed)
    else:
        needed.BitsAllocated = 32 if tag == FLOATS else 64
    for name in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
        table = value(opened.dataset, name)
        if isinstance(table, bytes) and len(table) == 8 * header.frames:
            setattr(needed, name, table)
    needed.add(element)
    needed.file_meta = FileMetaDataset()
    needed.file_meta.TransferSyntaxUID = UID(header.transfer_syntax or _guessed(opened.dataset))
    return needed


def pixel_element(path: Path, opened: Opened) -> DataElement:
    """The part of the file that parsing stopped before, as far as the file goes."""
    tag = opened.tag or INTEGERS
    if opened.at is None:  # deflated, and found to be small enough
        return dcmread(path)[tag]
    open_end = opened.length == UNDEFINED
    with path.open("rb") as file:
        file.seek(opened.at)
        data = file.read() if open_end else file.read(opened.length)
    return DataElement(tag, opened.vr, data, is_undefined_length=open_end, already_converted=True)


def _guessed(dataset: FileDataset) -> str:
    """The transfer syntax with which pydicom could read a file that names none."""
    implicit, little = dataset.original_encoding
    if implicit:
        return str(ImplicitVRLittleEndian)
    return str(ExplicitVRLittleEndian if little or little is None else ExplicitVRBigEndian)


def _check_streams(data: bytes, header: Header) -> None:
    """Raises Undecodable where a compressed frame announces another size than the header does."""
    place = tag_text(INTEGERS)
    if len(data) < 8:
        raise Undecodable(error("fragments-missing", place, "PixelData", "no fragment follows the header"))
    fragments = 0
    for fragments, fragment in enumerate(_fragments(data), start=1):
        found = declared(fragment)
        if found is None:
            continue
        where = f"fragment {fragments}"
        if found.absurd:
            raise Undecodable(
                error("codestream-absurd", place, where, f"of the compressed image, {found.absurd}")
            )
        if (found.rows, found.columns) != (header.rows, header.columns):
            said = (
                f"the compressed image is {found.rows} x {found.columns}, "
                f"the header says {header.rows} x {header.columns}"
            )
            raise Undecodable(error("codestream-size", place, where, said))
    if fragments < header.frames:
        said = f"{header.frames} frames, {fragments} fragments"
        raise Undecodable(error("fragments-missing", place, f"frame {fragments + 1}", said))


def _fragments(data: bytes) -> Iterator[bytes]:
    """Raises Undecodable where the chain of fragments breaks."""
    buffer = io.BytesIO(data)
    try:
        parse_basic_offsets(buffer)
        yield from generate_fragments(buffer)
    except Exception as failure:  # whatever pydicom makes of damaged items
        said = f"the chain of fragments breaks ({type(failure).__name__})"
        found = error(
            "fragments-damaged", tag_text(INTEGERS), f"byte {buffer.tell()} of the pixel data", said
        )
        raise Undecodable(found) from None


def _decoder(syntax: str, bits: int) -> str:
    """The plug-in for a transfer syntax, the one that stands damaged streams best; GDCM where it is alone."""
    if jpeg_extended.is_available(syntax) and bits > _EIGHT_BITS:
        return jpeg_extended.NAME
    try:
        there = get_decoder(UID(syntax)).available_plugins
    except NotImplementedError:
        return ""
    return min(there, key=_STURDY.index, default="")


def _decode(dataset: Dataset, header: Header, chosen: list[int], tag: int) -> Frames:
    syntax = str(dataset.file_meta.TransferSyntaxUID)
    arrays: list[tuple[int, NDArray[Any]]] = []
    findings: list[Finding] = []
    if len(chosen) < header.frames:
        findings.append(sampled(len(chosen), header.frames))
    if header.bits_allocated == 1 and header.samples == 1 and not is_compressed(syntax):
        return Frames(_single_bits(dataset[tag].value, header, chosen), tuple(findings))
    stream: Iterator[NDArray[Any]] = iter_pixels(
        dataset, indices=chosen, decoding_plugin=_decoder(syntax, header.bits_stored)
    )
    for frame in chosen:
        try:
            array = np.asarray(next(stream))
        except StopIteration:
            findings.append(_not_decoded(tag, frame, "the pixel data hold no such frame"))
            break
        except Exception as failure:  # a decoder may raise anything, its words may repeat the file's
            findings.append(_not_decoded(tag, frame, _reason(failure)))
            break
        arrays.append((frame, array))
    if not arrays:
        raise Undecodable(*(one for one in findings if one.severity == "error"))
    return Frames(tuple(arrays), tuple(findings))


def _single_bits(data: bytes, header: Header, chosen: list[int]) -> tuple[tuple[int, NDArray[Any]], ...]:
    """Frames of single bits, which follow each other without a gap: PS3.5, 8.1.1."""
    size = header.rows * header.columns
    made = []
    for frame in chosen:
        first = frame * size // 8
        octets = np.frombuffer(data[first : (frame * size + size + 7) // 8], dtype=np.uint8)
        bits = np.unpackbits(octets, bitorder="little")[frame * size - 8 * first :][:size]
        made.append((frame, bits.reshape(header.rows, header.columns)))
    return tuple(made)


def _not_decoded(tag: int, frame: int, why: str) -> Finding:
    return error("pixels-undecodable", tag_text(tag), f"frame {frame + 1}", why)


def _reason(failure: Exception) -> str:
    if isinstance(failure, NotImplementedError):
        return "no decoder for this transfer syntax"
    return f"every decoder that is installed fails ({type(failure).__name__})"
