"""Pictures inside a page: gray levels as PNG data, so that a page needs no second file."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
import numpy.typing as npt

from simgrid.presentation.html.elements import Html, escaped

LARGEST_SIDE = 1024


def png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Gray levels (rows, columns) or colours (rows, columns, 3) as a PNG (ISO/IEC 15948), without any text.

    :raises ValueError: no rows or columns, more than 1024 of either, or not 8 bits.
    """
    shape_fits = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 3)
    if (
        not shape_fits
        or pixels.dtype != np.uint8
        or not 0 < min(pixels.shape[:2]) <= max(pixels.shape[:2]) <= LARGEST_SIDE
    ):
        raise ValueError(f"a picture of {pixels.shape} {pixels.dtype}: 1 to {LARGEST_SIDE} pixels a side")
    rows, columns = pixels.shape[:2]
    lines = pixels.reshape(rows, -1)
    filtered = np.concatenate([np.zeros((rows, 1), np.uint8), lines], axis=1).tobytes()
    head = struct.pack(">IIBBBBB", columns, rows, 8, 0 if pixels.ndim == 2 else 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(filtered, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in chunks)


def picture(content: bytes, says: str) -> Html:
    """A PNG in the page; ``says`` is read out by those who do not see it.

    :raises ValueError: ``content`` is no PNG of ours.
    """
    if not content.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"):
        raise ValueError("only a PNG goes into a page")
    columns, rows = struct.unpack(">II", content[16:24])
    data = base64.b64encode(content).decode()
    size = f'width="{columns}" height="{rows}"'
    return Html(f'<img src="data:image/png;base64,{data}" {size} alt="{escaped(says)}">')


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
