"""The one way in which this project writes a file: whole or not at all."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from itertools import count
from pathlib import Path

from simgrid.experiments.receipts import here

_SURELY_DEAD_S = 24 * 3600.0
_TEMPORARY = re.compile(r"\..+\.(?P<host>[^-]+)-(?P<pid>\d+)-\d+\.tmp")
_numbers = count()


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with ``\\n`` line ends; see ``write_bytes``."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content``; see ``write_pieces``."""
    write_pieces(path, (content,))


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Replace ``path`` by the pieces so that a reader, or a power cut, sees the old file or the new one.

    The bytes go to a temporary file in the same folder, are forced to the disk, and only then take the final
    name. Whatever the system refuses comes out as its OSError, naming ``path``.
    """
    temporary = temporary_of(path)
    try:
        with temporary.open("wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            _force(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):  # a disk that refuses to write may refuse this too; the first reason counts
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None:
            error.filename, error.filename2 = str(path), None
        raise


def temporary_of(path: Path) -> Path:
    """A name beside ``path`` that no other writer has: machine, process and a number keep them apart."""
    return path.with_name(f".{path.name}.{here()}-{os.getpid()}-{next(_numbers)}.tmp")


def clear_leftovers(folder: Path) -> None:
    """Remove from ``folder`` what dead writers left: files with a name of ``temporary_of``.

    Dead for sure is a process of this machine that is no more, and whoever has not written for a day. What
    cannot be removed stays: it harms nobody.
    """
    with suppress(OSError):
        for entry in os.scandir(folder):
            named = _TEMPORARY.fullmatch(entry.name)
            if named is None:
                continue
            with suppress(OSError):
                ours = named["host"] == here()
                if (ours and not _lives(int(named["pid"]))) or _age_s(entry) > _SURELY_DEAD_S:
                    Path(entry).unlink()


def _force(file: int) -> None:
    """Do not go on before the disk has it."""
    os.fsync(file)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's process, but one
        return True
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:  # a system without /proc
        return True
    return not stat.rpartition(b") ")[2].startswith(b"Z")  # ended, and nobody has asked how


def _age_s(entry: os.DirEntry[str]) -> float:
    return time.time() - entry.stat().st_mtime  # noqa: TID251 - compared with a file's clock
