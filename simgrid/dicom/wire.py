"""What two processes say to each other over a pipe: JSON and bytes behind it, no pickle."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from simgrid.dicom.finding import Finding
from simgrid.dicom.header import Header
from simgrid.dicom.pixels import Plane, ReadFile

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class Message:
    """``head``: what JSON can hold; ``blobs``: bytes, which are not copied on the way."""

    head: Mapping[str, Any]
    blobs: Sequence[bytes] = ()


def send(message: Message, out: BinaryIO) -> None:
    """Write the head with the sizes of the blobs, then these one after the other."""
    sizes = [len(one) for one in message.blobs]
    encoded = json.dumps({"head": message.head, "sizes": sizes}).encode()
    out.write(_LENGTH.pack(len(encoded)))
    out.write(encoded)
    for blob in message.blobs:
        out.write(blob)
    out.flush()


def receive(take: Callable[[int], bytes]) -> Message:
    """The message again; ``take`` gives exactly so many bytes.

    Raises:
        EOFError: from ``take``, where the other side has ended.
    """
    (length,) = _LENGTH.unpack(take(_LENGTH.size))
    told = json.loads(take(length))
    return Message(told["head"], tuple(take(size) for size in told["sizes"]))


def of_file(read: ReadFile) -> Message:
    """A file that was read: its facts, and a blob for each plane."""
    head = {
        "status": read.status,
        "reason": read.reason,
        "detail": read.detail,
        "header": asdict(read.header),
        "findings": [asdict(one) for one in read.findings],
        "planes": [_about(one) for one in read.planes],
    }
    return Message(head, [one.pixels.tobytes() for one in read.planes])


def to_file(message: Message) -> ReadFile:
    """The file again."""
    about = message.head
    planes = tuple(_plane(one, blob) for one, blob in zip(about["planes"], message.blobs, strict=True))
    findings = tuple(Finding(**one) for one in about["findings"])
    return ReadFile(
        about["status"], about["reason"], about["detail"], planes, header_again(about["header"]), findings
    )


def of_arrays(arrays: Sequence[npt.NDArray[np.float32]]) -> tuple[list[tuple[int, ...]], list[bytes]]:
    """Shapes, and a blob for each array."""
    return [one.shape for one in arrays], [np.ascontiguousarray(one, np.float32).tobytes() for one in arrays]


def to_arrays(shapes: Sequence[Sequence[int]], blobs: Sequence[bytes]) -> list[npt.NDArray[np.float32]]:
    """The arrays again."""
    return [np.frombuffer(blob, np.float32).reshape(shape) for shape, blob in zip(shapes, blobs, strict=True)]


def _about(plane: Plane) -> dict[str, Any]:
    return {
        "shape": plane.pixels.shape,
        "modality": plane.modality,
        "body_part": plane.body_part,
        "spacing_mm": plane.spacing_mm,
        "limits": plane.limits,
        "frame": plane.frame,
    }


def _plane(about: Mapping[str, Any], blob: bytes) -> Plane:
    rows, columns = about["shape"]
    pixels = np.frombuffer(blob, dtype=np.float32).reshape(rows, columns)
    spacing, limits = about["spacing_mm"], about["limits"]
    return Plane(
        pixels,
        about["modality"],
        about["body_part"],
        None if spacing is None else (spacing[0], spacing[1]),
        None if limits is None else (limits[0], limits[1]),
        about["frame"],
    )


def header_again(about: Mapping[str, Any]) -> Header:
    """JSON knows lists where a header has tuples."""
    values: dict[str, Any] = {one.name: about[one.name] for one in fields(Header)}
    tuples = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return Header(**(values | tuples))
