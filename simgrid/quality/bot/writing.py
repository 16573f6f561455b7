"""Files whole or not at all; what was left half has a name that the next start knows; one bot a folder."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_HALF = ".half"


class Occupied(OSError):
    """Another bot is at work in the folder."""


def write(path: Path, content: bytes) -> None:
    """Replace ``path`` so that a reader, or a power cut, sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}{_HALF}")
    with half.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def clear_halves(folder: Path) -> None:
    """Take away what a killed bot left half written; only who holds the folder may call this."""
    for half in folder.rglob(f".*{_HALF}"):
        with suppress(OSError):
            half.unlink()


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the system lets go of it when the process ends, however it ends.

    Raises:
        Occupied: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / ".bot-lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:  # a system without it: whoever starts two bots there is warned by the manual
            pass
        except OSError:
            raise Occupied(errno.EBUSY, "another bot is at work here", str(folder)) from None
        yield
    finally:
        os.close(lock)
