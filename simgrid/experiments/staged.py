"""Several files that belong together: written beside their places, put there at the end, or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import TextIO


class Staged:
    """A context: files opened in it appear when ``publish`` is called, in the order of opening.

    Whatever the system refuses comes out as its OSError; nothing is left behind then.
    """

    def __init__(self) -> None:
        self._open: list[tuple[TextIO, Path, Path]] = []

    def __enter__(self) -> Staged:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        for stream, temporary, _path in self._open:
            stream.close()
            temporary.unlink(missing_ok=True)

    def open(self, path: Path) -> TextIO:
        """A stream for what shall become the file, UTF-8 with the line ends that are written."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            stream = temporary.open("w", encoding="utf-8", newline="")
        except OSError as error:
            error.filename = str(path)
            raise
        self._open.append((stream, temporary, path))
        return stream

    def publish(self, only: Path | None = None) -> None:
        """Force everything to the disk, then give each file its name, or ``only`` one of them."""
        for stream, _, _ in self._open:
            stream.flush()
            os.fsync(stream.fileno())
            stream.close()
        for _, temporary, path in self._open:
            if only in (None, path):
                temporary.replace(path)
