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
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import generate_fragments, parse_basic_offsets
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

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
from simgrid.dicom.header import Header
from simgrid.dicom.opening import Opened


@dataclass(frozen=True, slots=True)
class Frames:
    """Stored values by frame, counted from 0: (rows, columns) or (rows, columns, 3)."""

    arrays: tuple[tuple[int, NDArray[Any]], ...]
    findings: tuple[Finding, ...]


def decoded(path: Path, opened: Opened, header: Header, pixels_at_most: int) -> Frames:
    """Decode the frames, or as many at equal distances as ``pixels_at_most`` allows; at least one.

    Raises:
        Undecodable: with findings, where not a single frame can be had.
    """
    tag = opened.tag or INTEGERS
    check_geometry(header, tag)
    dataset = _with_pixels(path, opened, tag)
    data: bytes = dataset[tag].value
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


def _with_pixels(path: Path, opened: Opened, tag: int) -> FileDataset:
    """The dataset with its pixel element: the part of the file that parsing stopped before."""
    dataset = opened.dataset
    if opened.at is None:  # deflated, and found to be small enough
        return dcmread(path)
    with path.open("rb") as file:
        file.seek(opened.at)
        data = file.read() if opened.length == 0xFFFFFFFF else file.read(opened.length)
    vr = "OF" if tag == FLOATS else "OD" if tag != INTEGERS else "OW"
    dataset.add(
        DataElement(tag, vr, data, is_undefined_length=opened.length == 0xFFFFFFFF, already_converted=True)
    )
    meta = getattr(dataset, "file_meta", None)
    if meta is None or not meta.get("TransferSyntaxUID"):
        dataset.file_meta = meta or FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = _guessed(dataset)
    return dataset


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
    buffer = io.BytesIO(data)
    parse_basic_offsets(buffer)
    fragments = 0
    for fragments, fragment in enumerate(generate_fragments(buffer), start=1):
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


def _decode(dataset: FileDataset, header: Header, chosen: list[int], tag: int) -> Frames:
    arrays: list[tuple[int, NDArray[Any]]] = []
    findings: list[Finding] = []
    if len(chosen) < header.frames:
        said = f"{len(chosen)} of {header.frames} frames were judged, at equal distances"
        findings.append(Finding("frames-sampled", "(0028,0008)", "NumberOfFrames", "note", said))
    stream: Iterator[NDArray[Any]] = iter_pixels(dataset, indices=chosen)
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


def _not_decoded(tag: int, frame: int, why: str) -> Finding:
    return error("pixels-undecodable", tag_text(tag), f"frame {frame + 1}", why)


def _reason(failure: Exception) -> str:
    if isinstance(failure, NotImplementedError):
        return "no decoder for this transfer syntax"
    return f"every decoder that is installed fails ({type(failure).__name__})"
