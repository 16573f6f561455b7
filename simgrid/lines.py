"""Lines that are only ever added to a file, each whole or not at all: of receipts and of the bot's diary."""

from __future__ import annotations

import os
from pathlib import Path


def append_line(path: Path, line: bytes, *, forced: bool) -> None:
    """Add a line in one piece, which other threads and a kill cannot cut; the file is made where it is none.

    ``forced``: do not come back before the disk has it. A line that the disk refuses is taken back whole.
    Raises the system's OSError, naming ``path``.
    """
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            before = os.fstat(file).st_size
            try:
                rest = line
                while rest:  # a disk that is nearly full takes a part, and refuses the next
                    rest = rest[os.write(file, rest) :]
                if forced:
                    os.fsync(file)
            except OSError:
                os.ftruncate(file, before)
                raise
        finally:
            os.close(file)
    except OSError as error:
        error.filename = str(path)
        raise
