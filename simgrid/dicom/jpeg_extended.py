"""JPEG of 12 bits (extended sequential DCT, process 4), which none of the decoders that we ship reads.

pydicom's plug-ins refuse it: GDCM is not trusted with it, Pillow has 8 bits only, and the third is under the
GPL. imagecodecs (BSD) reads it, and is 26 MB for this one syntax, which is rare: it serves the tests' figures
as another decoder. Here is the whole of it for one component: Huffman codes, restart intervals,
dequantisation and an inverse cosine transform in floating point (ITU-T T.81, 1992: annexes A, C and F; two
other decoders give the same values within 1). About two million coefficients a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from pydicom.pixels.decoders.base import DecodeRunner, get_decoder
from pydicom.uid import JPEGExtended12Bit

NAME: Final = "simgrid"
"""What pydicom calls this decoder, once ``registered``."""
DECODER_DEPENDENCIES: Final = {JPEGExtended12Bit: ("numpy",)}  # pydicom asks for it

_ZIGZAG: Final = np.array(
    [
        *(0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20),
        *(13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52),
        *(45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63),
    ]
)
_BLOCK: Final = 64
_START, _END, _SCAN, _TABLES, _QUANTA, _RESTART = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDD
_SEQUENTIAL: Final = (0xC0, 0xC1)
_OTHER_FRAMES: Final = frozenset({0xC2, 0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
_LONGEST_CODE: Final = 16


class BadStream(ValueError):
    """A stream that is cut, damaged, or of another process."""


@dataclass(slots=True)
class _Stream:
    """What the segments before the scan have told."""

    precision: int = 0
    rows: int = 0
    columns: int = 0
    quantised_by: int = 0
    quanta: dict[int, npt.NDArray[np.float64]] = field(default_factory=dict)
    codes: dict[int, list[int]] = field(default_factory=dict)
    restart: int = 0


def registered() -> None:
    """Have pydicom know this decoder; once is enough, twice does no harm."""
    decoder = get_decoder(JPEGExtended12Bit)
    if NAME not in decoder.available_plugins:
        decoder.add_plugin(NAME, (__name__, "_decode_frame"))


def is_available(uid: str) -> bool:
    """pydicom asks."""
    return uid == JPEGExtended12Bit


def _decode_frame(source: bytes, runner: DecodeRunner) -> bytes:
    """A frame as pydicom wants it, in so many bytes a pixel as are allocated."""
    if runner.samples_per_pixel != 1:
        raise NotImplementedError("colours of 12 bits are not read")
    pixels = decode(source)
    return pixels.astype("<u1" if runner.bits_allocated == 8 else "<u2").tobytes()


def decode(source: bytes) -> npt.NDArray[np.uint16]:
    """The pixels (rows, columns), 0 to 2^precision - 1.

    Raises:
        BadStream: damaged, or not one component of 8 or 12 bits in sequential coding.
    """
    stream, at = _Stream(), 0
    for marker, start, end in _segments(source):
        if marker == _SCAN:
            direct, alternating = _tables_of(stream, source[start:end])
            at = end
            break
        _take(stream, marker, source[start:end])
    else:
        raise BadStream("the stream has no scan")
    across, down = -(-stream.columns // 8), -(-stream.rows // 8)
    if across * down > 4 * len(source):  # a block has two codes of a bit at least
        raise BadStream("it is too short for its size")
    blocks = np.zeros((across * down, _BLOCK))
    _entropy_decoded(_pieces(source, at), blocks, direct, alternating, stream.restart)
    return _pixels(stream, blocks, across, down)


def _segments(source: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, first byte and end of what it announces, up to the scan's."""
    if source[:2] != b"\xff\xd8":
        raise BadStream("it does not begin as a JPEG stream does")
    at = 2
    while at + 4 <= len(source):
        if source[at] != 0xFF:
            raise BadStream(f"byte {at} is no marker")
        marker = source[at + 1]
        if marker == 0xFF:  # fill
            at += 1
            continue
        end = at + 2 + int.from_bytes(source[at + 2 : at + 4])
        if marker in _OTHER_FRAMES or marker in (_START, _END) or end > len(source) or end < at + 4:
            raise BadStream(f"segment {marker:02x} at byte {at} is of another process, or cut")
        yield marker, at + 4, end
        at = end


def _take(stream: _Stream, marker: int, told: bytes) -> None:
    if marker in _SEQUENTIAL:
        if len(told) != 9 or told[0] not in (8, 12) or told[5] != 1:
            raise BadStream("the frame is not one component of 8 or 12 bits")
        stream.precision, stream.quantised_by = told[0], told[8]
        stream.rows, stream.columns = int.from_bytes(told[1:3]), int.from_bytes(told[3:5])
    elif marker == _RESTART and len(told) == 2:
        stream.restart = int.from_bytes(told)
    elif marker == _QUANTA:
        _take_quanta(stream, told)
    elif marker == _TABLES:
        while told:
            size = sum(told[1:17])
            if len(told) < 17 + size or (told[0] < 0x10 and max(told[17 : 17 + size], default=0) > 16):
                raise BadStream("a table of codes is cut, or codes differences that do not exist")
            stream.codes[told[0]] = _look_up(told[1:17], told[17 : 17 + size])
            told = told[17 + size :]


def _take_quanta(stream: _Stream, told: bytes) -> None:
    while told:
        wide = told[0] >> 4
        size = _BLOCK << wide
        if wide > 1 or len(told) < 1 + size:
            raise BadStream("a table of quantisation is cut")
        kind = ">u2" if wide else ">u1"
        stream.quanta[told[0] & 15] = np.frombuffer(told[1 : 1 + size], kind).astype(np.float64)
        told = told[1 + size :]


def _look_up(lengths: bytes, symbols: bytes) -> list[int]:
    """For each next 16 bits their first code's length times 256 and its symbol; 0 for no code (annex C)."""
    table = [0] * (1 << _LONGEST_CODE)
    code, used = 0, 0
    for length, count in enumerate(lengths, start=1):
        for symbol in symbols[used : used + count]:
            first, width = code << (_LONGEST_CODE - length), 1 << (_LONGEST_CODE - length)
            if first + width > len(table):
                raise BadStream("a table of codes has too many")
            table[first : first + width] = [length << 8 | symbol] * width
            code += 1
        used += count
        code <<= 1
    return table


def _tables_of(stream: _Stream, told: bytes) -> tuple[list[int], list[int]]:
    if not stream.rows or not stream.columns or stream.quantised_by not in stream.quanta:
        raise BadStream("the scan comes before its frame or its table of quantisation")
    if len(told) < 3 or told[0] != 1:
        raise BadStream("the scan is not of one component")
    direct, alternating = stream.codes.get(told[2] >> 4), stream.codes.get(0x10 | told[2] & 15)
    if direct is None or alternating is None:
        raise BadStream("the scan comes before its tables of codes")
    return direct, alternating


def _pieces(source: bytes, at: int) -> Iterator[bytes]:
    """The coded bytes between restart markers, up to another marker or the end, without stuffed zeros."""
    start = at
    while True:
        found = source.find(b"\xff", at)
        marker = source[found + 1] if 0 <= found < len(source) - 1 else _END
        if marker == 0:
            at = found + 2
            continue
        yield source[start : found if found >= 0 else len(source)].replace(b"\xff\x00", b"\xff")
        if not 0xD0 <= marker <= 0xD7:
            return
        start = at = found + 2


def _entropy_decoded(
    pieces: Iterator[bytes],
    blocks: npt.NDArray[np.float64],
    direct: list[int],
    alternating: list[int],
    restart: int,
) -> None:
    """Fill the blocks with quantised coefficients in zigzag order (annex F.2.2)."""
    number = 0
    for piece in pieces:
        upto = min(len(blocks), number + restart) if restart else len(blocks)
        number = _piece(piece, blocks, number, upto, direct, alternating)
        if number == len(blocks):
            return
    raise BadStream(f"it ends after {number} of {len(blocks)} blocks")


def _piece(
    piece: bytes,
    blocks: npt.NDArray[np.float64],
    number: int,
    upto: int,
    direct: list[int],
    alternating: list[int],
) -> int:
    """Decode blocks ``number`` to ``upto`` from one piece; the number of the next."""
    held, bits, at, predicted = 0, 0, 0, 0
    size, padded = len(piece), piece + b"\xff" * 8  # T.81 pads with ones, and a code may look ahead
    for block in range(number, upto):
        place, table, row = 0, direct, blocks[block]
        while place < _BLOCK:
            while bits < 32:
                held = (held & 0xFFFFFFFF) << 32 | int.from_bytes(padded[at : at + 4].ljust(4, b"\xff"))
                at += 4
                bits += 32
            entry = table[held >> (bits - 16) & 0xFFFF]
            if not entry:
                raise BadStream(f"no code stands in block {block}")
            bits -= entry >> 8
            symbol = entry & 0xFF
            run, length = (symbol >> 4, symbol & 15) if place else (0, symbol)
            value = 0
            if length:
                bits -= length
                value = held >> bits & (1 << length) - 1
                if not value >> (length - 1):
                    value -= (1 << length) - 1
            if not place:
                predicted += value
                row[0], place, table = predicted, 1, alternating
            elif length:
                place += run
                if place >= _BLOCK:
                    raise BadStream(f"block {block} has more than 64 coefficients")
                row[place] = value
                place += 1
            elif run == 15:
                place += 16
            else:
                break
        if at - bits // 8 > size + 4:
            raise BadStream(f"it ends in block {block}")
    return upto


def _pixels(
    stream: _Stream, blocks: npt.NDArray[np.float64], across: int, down: int
) -> npt.NDArray[np.uint16]:
    """Dequantised, transformed back (annex A.3.3), shifted to what is unsigned, and cut to size."""
    natural = np.zeros_like(blocks)
    natural[:, _ZIGZAG] = blocks * stream.quanta[stream.quantised_by]
    squares = natural.reshape(-1, 8, 8)
    column = np.arange(8)
    cosines = np.cos((2 * column[:, None] + 1) * column[None, :] * np.pi / 16) / 2
    cosines[:, 0] /= np.sqrt(2)
    shown = cosines @ squares @ cosines.T + (1 << (stream.precision - 1))
    whole = np.clip(np.rint(shown), 0, (1 << stream.precision) - 1).astype(np.uint16)
    image = whole.reshape(down, across, 8, 8).swapaxes(1, 2).reshape(8 * down, 8 * across)
    return np.ascontiguousarray(image[: stream.rows, : stream.columns])
