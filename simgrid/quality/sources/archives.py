"""The named files out of a wheel, an sdist or a Debian package: nothing else is written, and nothing large.

Members are read as streams and written under names of ours, so that no link, device or path in an archive can
lead out of the folder; how much a member may inflate to is bounded whatever it announces.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

MEMBER_BYTES_AT_MOST = 1 << 28
ALL_BYTES_AT_MOST = 1 << 30
_MEMBERS_AT_MOST = 100_000
_PIECE = 1 << 20
_AR_MAGIC = b"!<arch>\n"
_AR_HEADER = 60


class ArchiveError(Exception):
    """An archive that is not what it should be; the text is for a human."""


def extract(archive: Path, kind: str, wanted: Sequence[str], into: Path) -> dict[str, int]:
    """Write the ``wanted`` members (a folder ends in a slash) below ``into``; their sizes in bytes.

    Raises:
        ArchiveError: where one is missing, too large, or the archive cannot be read.
    """
    into.mkdir(parents=True)
    written: dict[str, int] = {}
    try:
        for name, stream in _members(archive, kind):
            if _is_wanted(name, wanted):
                written[name] = _write(name, stream, into, ALL_BYTES_AT_MOST - sum(written.values()))
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise ArchiveError(f"{archive.name} cannot be read: {error}") from None
    missing = [one for one in wanted if not any(_is_wanted(name, [one]) for name in written)]
    if missing:
        raise ArchiveError(f"{archive.name} has no {', '.join(missing)}")
    return dict(sorted(written.items()))


def _is_wanted(name: str, wanted: Sequence[str]) -> bool:
    return any(name == one or (one.endswith("/") and name.startswith(one)) for one in wanted)


def _write(name: str, stream: IO[bytes], into: Path, left: int) -> int:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise ArchiveError(f"a member is called {name!r}, which leads out of the folder")
    target = into.joinpath(*path.parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    bound, size = min(MEMBER_BYTES_AT_MOST, left), 0
    with target.open("xb") as file:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > bound:
                raise ArchiveError(f"{name} has more than {bound} bytes")
            file.write(piece)
    return size


def _members(archive: Path, kind: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Regular files only, in the archive's order."""
    if kind == "pip-wheel":
        with zipfile.ZipFile(archive) as wheel:
            infos = wheel.infolist()
            if len(infos) > _MEMBERS_AT_MOST:
                raise ArchiveError(f"{archive.name} has more than {_MEMBERS_AT_MOST} members")
            for info in infos:
                if not info.is_dir():
                    with wheel.open(info) as stream:
                        yield info.filename, stream
    elif kind == "pip-sdist":
        with tarfile.open(archive, "r|gz") as tar:
            yield from _of_tar(tar)
    else:
        with archive.open("rb") as file, _debian_data(file) as tar:
            yield from _of_tar(tar)


def _of_tar(tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for number, info in enumerate(tar):
        if number > _MEMBERS_AT_MOST:
            raise ArchiveError(f"more than {_MEMBERS_AT_MOST} members")
        stream = tar.extractfile(info) if info.isreg() else None
        if stream is not None:
            yield info.name.removeprefix("./"), stream


@contextmanager
def _debian_data(file: IO[bytes]) -> Iterator[tarfile.TarFile]:
    """The data archive of a Debian package, an ``ar`` of three members (deb(5)); needs no dpkg."""
    if file.read(len(_AR_MAGIC)) != _AR_MAGIC:
        raise ArchiveError("no Debian package")
    while len(header := file.read(_AR_HEADER)) == _AR_HEADER:
        name, size = header[:16].decode("ascii", "replace").strip().rstrip("/"), int(header[48:58])
        if name.startswith("data.tar"):
            with tarfile.open(fileobj=io.BytesIO(file.read(size)), mode="r:*") as tar:
                yield tar
            return
        file.seek(size + size % 2, io.SEEK_CUR)
    raise ArchiveError("the Debian package holds no data")
