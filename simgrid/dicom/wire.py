"""What has been read of a file as bytes, for a pipe between two processes: JSON and raw planes, no pickle."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any, BinaryIO

import numpy as np

from simgrid.dicom.finding import Finding
from simgrid.dicom.header import Header
from simgrid.dicom.pixels import Plane, ReadFile

_LENGTH = struct.Struct("<Q")


def send(read: ReadFile, out: BinaryIO) -> None:
    """Write the file's facts, then its planes one after the other."""
    about = {
        "status": read.status,
        "reason": read.reason,
        "detail": read.detail,
        "header": asdict(read.header),
        "findings": [asdict(one) for one in read.findings],
        "planes": [_about(one) for one in read.planes],
    }
    encoded = json.dumps(about).encode()
    out.write(_LENGTH.pack(len(encoded)))
    out.write(encoded)
    for plane in read.planes:
        out.write(plane.pixels.tobytes())
    out.flush()


def receive(take: Callable[[int], bytes]) -> ReadFile:
    """The file again; ``take`` gives exactly so many bytes.

    Raises:
        EOFError: from ``take``, where the other side has ended.
    """
    (length,) = _LENGTH.unpack(take(_LENGTH.size))
    about = json.loads(take(length))
    planes = tuple(_plane(one, take) for one in about["planes"])
    findings = tuple(Finding(**one) for one in about["findings"])
    return ReadFile(
        about["status"], about["reason"], about["detail"], planes, _header(about["header"]), findings
    )


def _about(plane: Plane) -> dict[str, Any]:
    return {
        "shape": plane.pixels.shape,
        "modality": plane.modality,
        "body_part": plane.body_part,
        "spacing_mm": plane.spacing_mm,
        "limits": plane.limits,
        "frame": plane.frame,
    }


def _plane(about: Mapping[str, Any], take: Callable[[int], bytes]) -> Plane:
    rows, columns = about["shape"]
    pixels = np.frombuffer(take(4 * rows * columns), dtype=np.float32).reshape(rows, columns)
    spacing, limits = about["spacing_mm"], about["limits"]
    return Plane(
        pixels,
        about["modality"],
        about["body_part"],
        None if spacing is None else (spacing[0], spacing[1]),
        None if limits is None else (limits[0], limits[1]),
        about["frame"],
    )


def _header(about: Mapping[str, Any]) -> Header:
    """JSON knows lists where a header has tuples."""
    values: dict[str, Any] = {one.name: about[one.name] for one in fields(Header)}
    tuples = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return Header(**(values | tuples))
