"""How large a compressed image says it is, read before a decoder believes it and asks for memory."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_JP2_BOX = b"\x00\x00\x00\x0cjP  "
_J2K_START = b"\xff\x4f\xff\x51"
_SIZ = struct.Struct(">HH8LH")
_NOT_FRAMES = frozenset({0xC4, 0xC8, 0xCC})  # tables and an extension among the start-of-frame codes
_JPEG_LS_FRAME = 0xF7
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})  # without a length
_TILES_AT_MOST = 4096  # real scanners write one, viewers a few hundred


@dataclass(frozen=True, slots=True)
class Declared:
    """What the stream's own header says; ``absurd``: why no decoder should see it, mostly empty."""

    rows: int
    columns: int
    components: int
    absurd: str = ""


def declared(stream: bytes) -> Declared | None:
    """The size in a JPEG, JPEG-LS or JPEG 2000 stream's header; None where there is none to be found."""
    if stream.startswith(_JP2_BOX):
        start = stream.find(_J2K_START)
        return _of_jpeg_2000(stream, start) if start > 0 else None
    if stream.startswith(_J2K_START):
        return _of_jpeg_2000(stream, 0)
    if stream.startswith(b"\xff\xd8"):
        return _of_jpeg(stream)
    return None


def _of_jpeg_2000(stream: bytes, start: int) -> Declared | None:
    """The SIZ segment: ISO/IEC 15444-1, A.5.1."""
    if len(stream) < start + 4 + _SIZ.size:
        return None
    _, _, right, bottom, left, top, tile_width, tile_height, tile_left, tile_top, components = (
        _SIZ.unpack_from(stream, start + 4)
    )
    absurd = ""
    if not tile_width or not tile_height or right <= left or bottom <= top:
        absurd = "its tiles or its area are empty"
    elif -(-(right - tile_left) // tile_width) * -(-(bottom - tile_top) // tile_height) > _TILES_AT_MOST:
        absurd = f"it announces more than {_TILES_AT_MOST} tiles"
    return Declared(bottom - top, right - left, components, absurd)


def _of_jpeg(stream: bytes) -> Declared | None:
    """The first start-of-frame segment: ISO/IEC 10918-1, B.2.2, and 14495-1, C.2.2."""
    at = 2
    while at + 9 < len(stream):
        if stream[at] != 0xFF:
            return None
        code = stream[at + 1]
        if code == 0xFF:  # fill
            at += 1
            continue
        if code in _BARE_MARKERS:
            at += 2
            continue
        if code == _JPEG_LS_FRAME or (0xC0 <= code <= 0xCF and code not in _NOT_FRAMES):
            rows, columns, components = struct.unpack_from(">HHB", stream, at + 5)
            return Declared(rows, columns, components)
        at += 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
    return None
