"""Opening a log, and its lines one by one: regular files only, and never more of a line than is allowed."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from simgrid.workload.errors import WorkloadError

LINE_LIMIT = 1_000_000
"""Bytes of one line; a longer one is passed over without being read into memory."""

RECORD_LINES = 1000
"""Lines of one record. A quotation mark that is never closed would otherwise swallow the rest of the file."""

BYTE_ORDER_MARK = "\ufeff"
_PASSED_OVER = b"\0 a line that was too long"


Told: TypeAlias = Callable[[int], None]
"""Is told how many more bytes have been read from a file."""


class LogError(WorkloadError):
    """A log that cannot be read at all: every problem at once, each with its place and way out."""


class BadRecord(Exception):
    """One record that cannot be read; the reader goes on after it."""


def open_log(path: str | Path, told: Told | None = None) -> BinaryIO:
    """The file, opened for reading bytes; ``told`` hears of them as they leave the disk.

    Neither a directory nor a device nor a pipe is a log; opening never waits for anybody.

    Raises:
        LogError: it is missing, may not be read, or is no regular file.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name holds a NUL character"
        raise LogError([f"log {str(path)!r} cannot be opened: {reason}. Give a file that exists"]) from None
    kind = os.fstat(handle).st_mode
    if not stat.S_ISREG(kind):
        os.close(handle)
        what = "a folder" if stat.S_ISDIR(kind) else "no regular file (a pipe, socket or device)"
        raise LogError([f"log {str(path)!r} is {what}: give a file, copying the stream into one if need be"])
    return os.fdopen(handle, "rb") if told is None else io.BufferedReader(_Counted(handle, told))


class _Counted(io.FileIO):
    """A file that tells how many bytes were read."""

    def __init__(self, handle: int, told: Told) -> None:
        super().__init__(handle, "rb")
        self._told = told

    def readinto(self, buffer: Any) -> int | None:
        """Read into the buffer, and tell."""
        number = super().readinto(buffer)
        self._told(number or 0)
        return number


class Lines:
    """The decoded lines of a file, with the raw lines of the record being read.

    Text is UTF-8; a line that is not is read as Latin-1 and counted, unless another ``encoding`` was
    declared, which then must fit every line.

    Raises (from ``next``):
        BadRecord: the line, or the record that it goes on, is longer than allowed, or cannot be decoded.
    """

    def __init__(self, file: BinaryIO, encoding: str | None = None) -> None:
        self.number = 0
        self.not_utf8 = 0
        self.encoding = encoding
        self._file = file
        self._again: list[bytes] = []
        self._record: list[bytes] = []
        self._record_bytes = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = self._again.pop() if self._again else self._file.readline(LINE_LIMIT + 1)
        if not raw:
            raise StopIteration
        self.number += 1
        self._record.append(raw)
        self._record_bytes += len(raw)
        if len(raw) > LINE_LIMIT or raw is _PASSED_OVER:
            self._skip_line(raw)
            raise BadRecord(f"the line is longer than {LINE_LIMIT:,} bytes: is it a line of a log?")
        if self._record_bytes > LINE_LIMIT or len(self._record) > RECORD_LINES:
            raise BadRecord(f"a quotation mark is not closed within {RECORD_LINES} lines: close or double it")
        return self._decoded(raw)

    def begin(self) -> int:
        """Begin a record; the number of its first line."""
        self._record.clear()
        self._record_bytes = 0
        return self.number + 1

    def retry_after_first(self) -> None:
        """Hand out again all lines of the record but the first, so that a broken one costs one line only."""
        kept = self._record[1:]
        self.number -= len(kept)
        self.not_utf8 -= sum(1 for raw in kept if self.encoding is None and not _is_utf8(raw))
        self._again.extend(reversed(kept))
        self._record.clear()

    def _decoded(self, raw: bytes) -> str:
        try:
            text = raw.decode(self.encoding or "utf-8")
        except UnicodeDecodeError:
            if self.encoding is not None:
                raise BadRecord(f"the line is not {self.encoding}: declare the encoding it has") from None
            self.not_utf8 += 1
            text = raw.decode("latin-1")
        if "\0" in text:
            raise BadRecord("the line holds a NUL character: is the file UTF-16 or binary? Save it as UTF-8")
        # Files that were joined have a mark in the middle; it belongs to no cell.
        return text.removeprefix(BYTE_ORDER_MARK)

    def _skip_line(self, raw: bytes) -> None:
        """Pass over the rest of the line; nothing of it is kept."""
        while raw and raw is not _PASSED_OVER and not raw.endswith(b"\n"):
            raw = self._file.readline(1 << 16)
        self._record[-1] = _PASSED_OVER


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
