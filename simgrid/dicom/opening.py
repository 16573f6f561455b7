"""A DICOM file opened safely: what is read is bounded, and how a file ends is known before it is trusted.

Both readers stand on this: ``one_file`` (a few elements of a header) and ``pixels`` (everything).
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydicom.dataset import FileDataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_file_meta_info, read_partial
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, MediaStorageDirectoryStorage

PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})  # double float, float and integer pixel data
UNDEFINED = 0xFFFFFFFF
_OF_AN_IMAGE = ("Rows", "Columns", "BitsAllocated")
_ENDS_OF_SEQUENCE = (b"\xfe\xff\xdd\xe0\0\0\0\0", b"\xff\xfe\xe0\xdd\0\0\0\0")  # both byte orders
_ITEM, _END_OF_ITEMS = (0xFFFE, 0xE000), (0xFFFE, 0xE0DD)
LONGEST_VALUE = 1 << 16
INFLATED_AT_MOST = 1 << 28
_META_START = 144  # preamble, magic word and the group length element
_BARE_GROUPS = (b"\x02\x00", b"\x08\x00", b"\x00\x08")  # meta; identification in both byte orders


class Unusable(Exception):
    """Why a file is not used: ``reason`` in a few words that can be counted, ``detail`` for a human.

    ``at``: the byte at which the file breaks off, where that is known. ``image``: without pixels although its
    header is that of an image.
    """

    def __init__(self, reason: str, detail: str, at: int | None = None, *, image: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.at = at
        self.image = image


@dataclass(frozen=True, slots=True)
class Opened:
    """A dataset up to its pixels. ``tag``, ``vr``, ``at``, ``length``: the pixel element, its first
    byte, its bytes.

    ``at`` is None in a deflated file, whose bytes are not where its elements are; ``length`` may be
    ``UNDEFINED``; ``size``: of the file. ``flaw``: why the pixels cannot be trusted although the header was
    read; ``remarks`` counts what pydicom said without failing; ``bare``: the file has no preamble.
    """

    dataset: FileDataset
    tag: int | None
    vr: str
    at: int | None
    length: int
    flaw: Unusable | None
    size: int
    remarks: int
    bare: bool


def open_file(file: Path, *, tags: list[int] | None = None, bare: bool = False) -> Opened:
    """Read a regular file's elements before its pixels; with ``tags``, only those that are named.

    ``bare`` accepts files without preamble that begin with an element of group 0002 or 0008.

    Raises:
        Unusable: with the reason; nothing else ever leaves this function.
    """
    with _failures_named() as caught:
        size = file.stat().st_size
        if size == 0:
            raise Unusable("empty file", "it has 0 bytes")
        without_preamble = bare and _is_bare(file)
        try:
            return _open(file, size, caught, tags, without_preamble)
        except Unusable as why:
            if without_preamble and why.reason == "damaged header":
                raise Unusable("not DICOM", "no DICOM preamble, and no elements can be read") from None
            raise


@contextmanager
def _failures_named() -> Iterator[list[warnings.WarningMessage]]:
    """Whatever hostile bytes make pydicom raise comes out as ``Unusable``."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield caught
        except Unusable:
            raise
        except InvalidDicomError:
            raise Unusable("not DICOM", "no DICOM preamble and file meta information") from None
        except (EOFError, struct.error):
            raise _ended_inside() from None
        except OSError as error:
            if error.errno is None and "no tag to read" in str(error).lower():  # pydicom's, in a sequence
                raise _ended_inside() from None
            raise Unusable("unreadable", f"the system says: {error.strerror or 'error'}") from None
        except Exception as error:  # hostile bytes can fail anywhere in the parser
            raise Unusable("damaged header", f"pydicom fails with {type(error).__name__}") from None


def _is_bare(file: Path) -> bool:
    with file.open("rb") as fp:
        start = fp.read(132)
    return start[128:] != b"DICM" and start[:2] in _BARE_GROUPS and len(start) > 8


def _open(
    file: Path, size: int, caught: list[warnings.WarningMessage], tags: list[int] | None, bare: bool
) -> Opened:
    try:
        meta = None if bare else read_file_meta_info(file)
    except BytesLengthException:  # hostile bytes as well as a file that ends in its first element
        if size < _META_START:
            raise _ended_inside() from None
        raise
    if meta is not None and meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
        raise Unusable("directory record", "a DICOMDIR lists images and holds none")
    deflated = meta is not None and meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian
    group_length = None if meta is None else meta.get("FileMetaInformationGroupLength")
    with file.open("rb") as fp:
        if deflated:
            _check_deflated(fp, group_length)
        walk = _Walk(fp, size, bounded=not deflated)
        walk.expect_meta(group_length)
        defer = LONGEST_VALUE if tags else None
        dataset = read_partial(
            fp, walk, defer_size=defer, force=bare, specific_tags=list(tags) if tags else None
        )
        flaw = None
        if walk.cut or any("end of file" in str(one.message).lower() for one in caught):
            flaw = Unusable(
                "truncated", "an element announces more bytes than the file has left", walk.value_at
            )
        elif not walk.pixels:
            flaw = _without_pixels(walk, dataset, str(dataset.file_meta.get("MediaStorageSOPClassUID", "")))
        elif walk.bounded and not _complete(fp, walk, size):
            flaw = Unusable("truncated", "the pixel data end before their announced end", walk.value_at)
    if walk.cut and not walk.pixels and tags is None and not _of_an_image(dataset):
        raise flaw or _ended_inside()
    return Opened(
        dataset,
        walk.tag,
        walk.vr,
        walk.value_at if walk.bounded else None,
        walk.length,
        flaw,
        size,
        len(caught),
        bare,
    )


def _of_an_image(dataset: FileDataset) -> bool:
    return any(name in dataset for name in _OF_AN_IMAGE)


def _without_pixels(walk: _Walk, dataset: FileDataset, media_class: str) -> Unusable:
    """Truncated or never an image: a header that speaks of an image and stops at an element tells no more.

    Raises:
        Unusable: where the file ends inside its header, of which nothing more can be said.
    """
    if walk.size < _META_START:
        raise _ended_inside()
    classes = (dataset.get("SOPClassUID"), media_class)
    image = _of_an_image(dataset) or any("Image Storage" in UID(str(one)).name for one in classes if one)
    if walk.empty_pixels:
        return Unusable("no pixel data", "its pixel element is empty", image=image)
    if not walk.ended_at_an_element():
        raise _ended_inside()
    if image:
        return Unusable("truncated", "an image header ends without its pixels: cut, or written without them")
    return Unusable("no pixel data", "the header ends, and it is not that of an image")


def _ended_inside() -> Unusable:
    return Unusable("truncated", "the file ends inside an element of the header")


class _Walk:
    """Sees every top-level element before it is read: stops at the pixels, or where the file is cut."""

    def __init__(self, fp: BinaryIO, size: int, bounded: bool) -> None:
        self.fp = fp
        self.size = size
        self.bounded = bounded  # positions mean nothing in a deflated file, whose end was checked before
        self.cut = False
        self.pixels = False
        self.empty_pixels = False
        self.tag: int | None = None
        self.vr = "OW"
        self.value_at = 0
        self.length = 0

    def expect_meta(self, group_length: object) -> None:
        """Until an element is seen, the header ends where the file meta information says that it ends."""
        self.value_at = _META_START if isinstance(group_length, int) else self.size
        self.length = group_length if isinstance(group_length, int) else 0

    def __call__(self, tag: int, vr: str | None, length: int) -> bool:
        self.value_at, self.length = self.fp.tell(), length
        if int(tag) in PIXELS:
            self.tag, self.vr = int(tag), vr or "OW"
            self.pixels, self.empty_pixels = length > 0, length == 0
            return True
        if self.bounded and length != UNDEFINED and self.value_at + length > self.size:
            self.cut = True
        return self.cut

    def ended_at_an_element(self) -> bool:
        """Whether the file ends with its last element; a sequence of open length ends in its delimiter."""
        if not self.bounded:
            return True
        if self.length != UNDEFINED:
            return self.value_at + self.length == self.size
        self.fp.seek(max(0, self.size - 8))
        return self.fp.read(8) in _ENDS_OF_SEQUENCE


def _complete(fp: BinaryIO, walk: _Walk, size: int) -> bool:
    """Whether the announced pixel bytes, or all fragments up to their delimiter, are in the file."""
    if walk.length != UNDEFINED:
        return walk.value_at + walk.length <= size
    fp.seek(walk.value_at)
    while len(head := fp.read(8)) == 8:
        group, element, length = struct.unpack("<HHL", head)
        if (group, element) == _END_OF_ITEMS:
            return True
        if (group, element) != _ITEM:
            return False
        fp.seek(length, io.SEEK_CUR)  # past the end, the next read is empty
    return False


def _check_deflated(fp: BinaryIO, group_length: object) -> None:
    """Inflate in pieces and throw them away: a cut or endless stream is noticed before pydicom reads it."""
    if not isinstance(group_length, int):
        raise Unusable("damaged header", "a deflated file without its group length")
    fp.seek(_META_START + group_length)
    stream, total = zlib.decompressobj(-zlib.MAX_WBITS), 0
    while not stream.eof:
        piece = stream.unconsumed_tail or fp.read(LONGEST_VALUE)
        if not piece:
            raise Unusable("truncated", "the deflated stream does not end")
        total += len(stream.decompress(piece, LONGEST_VALUE))
        if total > INFLATED_AT_MOST:
            raise Unusable("too large", f"it inflates to more than {INFLATED_AT_MOST} bytes")
    fp.seek(0)
