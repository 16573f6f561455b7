"""One file's header: the few elements that a workload needs, read without ever decoding a pixel.

pydicom is asked for named elements only, so a patient's name never enters memory as a value. Any failure of
any file is a reason in words: no text of the file, which might identify someone, is repeated in it.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_file_meta_info, read_partial
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, MediaStorageDirectoryStorage

_PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})  # double float, float and integer pixel data
_WANTED: list[int] = [
    0x00080016,  # SOPClassUID
    0x00080018,  # SOPInstanceUID
    0x00080030,  # StudyTime
    0x00080060,  # Modality
    0x00081030,  # StudyDescription
    0x0008103E,  # SeriesDescription
    0x00180015,  # BodyPartExamined
    0x00181030,  # ProtocolName
    0x0020000D,  # StudyInstanceUID
    0x00280008,  # NumberOfFrames
    0x00280010,  # Rows
    0x00280011,  # Columns
    0x00280100,  # BitsAllocated
    0x00321060,  # RequestedProcedureDescription
]
_TEXTS = ("StudyDescription", "RequestedProcedureDescription", "ProtocolName", "SeriesDescription")
_UNDEFINED = 0xFFFFFFFF
_OF_AN_IMAGE = ("Rows", "Columns", "BitsAllocated")
_ENDS_OF_SEQUENCE = (b"\xfe\xff\xdd\xe0\0\0\0\0", b"\xff\xfe\xe0\xdd\0\0\0\0")  # both byte orders
_ITEM, _END_OF_ITEMS = (0xFFFE, 0xE000), (0xFFFE, 0xE0DD)
_LONGEST_VALUE = 1 << 16  # longer ones are skipped, not read: none that is wanted is that long
_INFLATED_AT_MOST = 1 << 28
_META_START = 144  # preamble, magic word and the group length element


class Unusable(Exception):
    """Why a file is not used: ``reason`` in a few words that can be counted, ``detail`` for a human."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True, repr=False)
class FileHeader:
    """What one file says, identity included: it lives while studies are grouped, and no longer.

    ``texts``: the descriptions, the most telling first. ``size_bytes``: the file's size on disk.
    """

    path: str
    study_uid: str
    instance_uid: str
    sop_class: str
    modality: str
    body_part: str
    texts: tuple[str, ...]
    study_time: str
    rows: int | None
    columns: int | None
    frames: int | None
    size_bytes: int
    warned: int


def read_header(file: Path, shown_as: str) -> FileHeader:
    """Read one regular file.

    Raises:
        Unusable: with the reason; nothing else ever leaves this function.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            size = file.stat().st_size
            if size == 0:
                raise Unusable("empty file", "it has 0 bytes")
            dataset = _read(file, size, caught)
            header = _header(dataset, shown_as, size, len(caught))
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
    if not header.study_uid:
        raise Unusable("no StudyInstanceUID", "it cannot be put in any study")
    return header


def _read(file: Path, size: int, caught: list[warnings.WarningMessage]) -> Dataset:
    try:
        meta = read_file_meta_info(file)
    except BytesLengthException:  # hostile bytes as well as a file that ends in its first element
        if size < _META_START:
            raise _ended_inside() from None
        raise
    if meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
        raise Unusable("directory record", "a DICOMDIR lists images and holds none")
    deflated = meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian
    with file.open("rb") as fp:
        if deflated:
            _check_deflated(fp, meta.get("FileMetaInformationGroupLength"))
        walk = _Walk(fp, size, bounded=not deflated)
        walk.expect_meta(meta.get("FileMetaInformationGroupLength"))
        dataset = read_partial(fp, walk, defer_size=_LONGEST_VALUE, specific_tags=list(_WANTED))
        if walk.cut or any("end of file" in str(one.message).lower() for one in caught):
            raise Unusable("truncated", "an element announces more bytes than the file has left")
        if not walk.pixels:
            raise _without_pixels(walk, dataset, meta)
        if walk.bounded and not _complete(fp, walk, size):
            raise Unusable("truncated", "the pixel data end before their announced end")
    return dataset


def _without_pixels(walk: _Walk, dataset: Dataset, meta: Dataset) -> Unusable:
    """Truncated or never an image: a header that speaks of an image and stops at an element tells no more."""
    if walk.size < _META_START:
        return _ended_inside()
    if walk.empty_pixels:
        return Unusable("no pixel data", "its pixel element is empty")
    if not walk.ended_at_an_element():
        return _ended_inside()
    classes = (dataset.get("SOPClassUID"), meta.get("MediaStorageSOPClassUID"))
    image_class = any("Image Storage" in UID(str(one)).name for one in classes if one)
    if image_class or any(name in dataset for name in _OF_AN_IMAGE):
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
        self.value_at = 0
        self.length = 0

    def expect_meta(self, group_length: object) -> None:
        """Until an element is seen, the header ends where the file meta information says that it ends."""
        self.value_at = _META_START if isinstance(group_length, int) else self.size
        self.length = group_length if isinstance(group_length, int) else 0

    def __call__(self, tag: int, _vr: str | None, length: int) -> bool:
        self.value_at, self.length = self.fp.tell(), length
        if int(tag) in _PIXELS:
            self.pixels, self.empty_pixels = length > 0, length == 0
            return True
        if self.bounded and length != _UNDEFINED and self.value_at + length > self.size:
            self.cut = True
        return self.cut

    def ended_at_an_element(self) -> bool:
        """Whether the file ends with its last element; a sequence of open length ends in its delimiter."""
        if not self.bounded:
            return True
        if self.length != _UNDEFINED:
            return self.value_at + self.length == self.size
        self.fp.seek(max(0, self.size - 8))
        return self.fp.read(8) in _ENDS_OF_SEQUENCE


def _complete(fp: BinaryIO, walk: _Walk, size: int) -> bool:
    """Whether the announced pixel bytes, or all fragments up to their delimiter, are in the file."""
    if walk.length != _UNDEFINED:
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
        piece = stream.unconsumed_tail or fp.read(_LONGEST_VALUE)
        if not piece:
            raise Unusable("truncated", "the deflated stream does not end")
        total += len(stream.decompress(piece, _LONGEST_VALUE))
        if total > _INFLATED_AT_MOST:
            raise Unusable("too large", f"it inflates to more than {_INFLATED_AT_MOST} bytes")
    fp.seek(0)


def _header(dataset: Dataset, shown_as: str, size: int, warned: int) -> FileHeader:
    return FileHeader(
        path=shown_as,
        study_uid=_text(dataset, "StudyInstanceUID"),
        instance_uid=_text(dataset, "SOPInstanceUID"),
        sop_class=_text(dataset, "SOPClassUID"),
        modality=_text(dataset, "Modality").upper(),
        body_part=_text(dataset, "BodyPartExamined"),
        texts=tuple(text for name in _TEXTS if (text := _text(dataset, name))),
        study_time=_text(dataset, "StudyTime"),
        rows=_count(dataset, "Rows"),
        columns=_count(dataset, "Columns"),
        frames=_count(dataset, "NumberOfFrames"),
        size_bytes=size,
        warned=warned,
    )


def _text(dataset: Dataset, name: str) -> str:
    """The element as text, empty when it is missing or cannot be converted."""
    try:
        value = dataset.get(name)
        return "" if value is None else str(value).strip()
    except Exception:
        return ""


def _count(dataset: Dataset, name: str) -> int | None:
    """The element as a positive whole number, None when it is missing or is none."""
    try:
        number = int(_text(dataset, name))
    except ValueError:
        return None
    return number if number > 0 else None
