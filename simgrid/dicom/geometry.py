"""Whether what a header announces can be decoded at all, asked before any memory is."""

from __future__ import annotations

from typing import Final

from pydicom.uid import UID

from simgrid.dicom.finding import Finding
from simgrid.dicom.header import Header

PLANE_PIXELS_AT_MOST: Final = 1 << 27  # 11,585 x 11,585; mammography has 20 million
FRAMES_AT_MOST: Final = 1 << 20
INTEGERS, FLOATS, DOUBLES = 0x7FE00010, 0x7FE00008, 0x7FE00009
_BITS_OF_FLOATS = {FLOATS: 32, DOUBLES: 64}
_READABLE_BITS = (1, 8, 16, 32)


class Undecodable(Exception):
    """The pixels cannot be had; ``findings`` say why and where."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__(findings[0].message)
        self.findings = findings


def error(rule: str, tag: str, place: str, message: str) -> Finding:
    """A finding that makes an image unusable."""
    return Finding(rule, tag, place, "error", message)


def check_geometry(header: Header, tag: int) -> None:
    """Raises Undecodable with everything that is impossible at once."""
    wrong = [*_sizes(header), *_bits(header, tag)]
    if wrong:
        raise Undecodable(*wrong)


def frame_bytes(header: Header, tag: int) -> int:
    """Bytes of one uncompressed frame, rounded up where pixels are single bits."""
    bits = _BITS_OF_FLOATS.get(tag, header.bits_allocated)
    samples = header.rows * header.columns * header.samples
    if header.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422") and header.samples == 3:
        samples = samples // 3 * 2
    return (samples * bits + 7) // 8


def check_native(header: Header, tag: int, held: int) -> None:
    """Raises Undecodable where the pixel element of ``held`` bytes is too short for its frames."""
    bits = _BITS_OF_FLOATS.get(tag, header.bits_allocated)
    expected = frame_bytes(header, tag) * header.frames
    if bits == 1:  # frames of single bits follow each other without a gap
        expected = (header.rows * header.columns * header.samples * header.frames + 7) // 8
    if held < expected:
        whole = held // max(1, frame_bytes(header, tag))
        raise Undecodable(
            error(
                "pixel-data-truncated",
                tag_text(tag),
                f"frame {whole + 1}",
                f"{header.frames} frames of {header.rows} x {header.columns} need {expected} bytes, "
                f"the pixel element holds {held}",
            )
        )


def _sizes(header: Header) -> list[Finding]:
    wrong = [
        error("size-missing", tag, name, f"{name} is missing or no positive number")
        for tag, name, found in (
            ("(0028,0010)", "Rows", header.rows),
            ("(0028,0011)", "Columns", header.columns),
        )
        if found < 1
    ]
    if header.rows * header.columns > PLANE_PIXELS_AT_MOST:
        said = f"{header.rows} x {header.columns} pixels; at most {PLANE_PIXELS_AT_MOST} are read"
        wrong.append(error("size-absurd", "(0028,0010)", "Rows", said))
    if header.frames > FRAMES_AT_MOST:
        said = f"{header.frames} frames; at most {FRAMES_AT_MOST} are read"
        wrong.append(error("size-absurd", "(0028,0008)", "NumberOfFrames", said))
    if header.samples not in (1, 3):
        said = f"{header.samples} samples a pixel; 1 and 3 are read"
        wrong.append(error("samples-unreadable", "(0028,0002)", "SamplesPerPixel", said))
    return wrong


def _bits(header: Header, tag: int) -> list[Finding]:
    if tag in _BITS_OF_FLOATS:
        return []
    allocated, stored = header.bits_allocated, header.bits_stored
    if allocated not in _READABLE_BITS:
        readable = ", ".join(map(str, _READABLE_BITS))
        said = f"{allocated} bits allocated; {readable} are read"
        return [error("bits-allocated-unreadable", "(0028,0100)", "BitsAllocated", said)]
    if not 1 <= stored <= allocated:
        said = f"{stored} bits stored in {allocated} allocated"
        return [error("bits-stored-impossible", "(0028,0101)", "BitsStored", said)]
    return []


def tag_text(tag: int) -> str:
    """``(7fe0,0010)``"""
    return f"({tag >> 16:04x},{tag & 0xFFFF:04x})"


def is_compressed(syntax: str) -> bool:
    """Whether pixels of this transfer syntax come in fragments."""
    try:
        return bool(UID(syntax).is_compressed) if syntax else False
    except ValueError:  # private, or no transfer syntax
        return False
