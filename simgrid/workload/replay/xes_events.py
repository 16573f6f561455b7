"""The elements of an XES file, streamed past any trap that XML can set.

Standard expat with every door shut: a document type is refused before it can define an entity, so nothing is
expanded and nothing outside is fetched; depth, the length of one tag and the number of different names are
bounded; text between tags, where XES keeps nothing, is never collected. ``defusedxml`` would not do: it lets
long tags and deep trees through, and builds every element.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast
from xml.parsers import expat

from simgrid.workload.replay.log_files import LogError, Told, open_log

DEEPEST = 50
LONGEST_TAG = 250_000
"""Bytes. Expat scans an unfinished tag from its beginning each time more arrives, so it must stay short."""
MOST_NAMES = 1000
MOST_EXPANSION = 250
"""Times that a compressed log may grow; event logs grow up to some 150 times, bombs over 500."""

_CHUNK = 1 << 16
_SIP = 1 << 9
_GZIP = b"\x1f\x8b"
_BEFORE_EXPANSION_COUNTS = 1_000_000


class Listener(Protocol):
    """What wants to know of elements; ``depth`` 0 is the root, ``tag`` comes without its prefix."""

    def begun(self, tag: str, depth: int, line: int, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        ...

    def ended(self, tag: str, depth: int) -> None:
        """An element closes."""
        ...


def tell(path: str | Path, listener: Listener, told: Told | None = None) -> Iterator[None]:
    """Tell every element of the file in document order, pausing now and then so that results can be taken.

    A file compressed by gzip is read as it is unpacked. ``told`` hears of the bytes read.

    Raises:
        LogError: no well-formed XML, a document type, or a bound exceeded; with file and line.
    """
    with open_log(path, told) as file:
        packed = file.read(2) == _GZIP
        file.seek(0)
        if not packed:
            yield from _told(file, str(path), listener)
            return
        try:
            sips = _Sips(file)
            with gzip.GzipFile(fileobj=cast(BinaryIO, sips)) as unpacked:
                yield from _told(cast(BinaryIO, unpacked), str(path), listener, sips)
        except (OSError, EOFError, zlib.error):
            raise LogError([f"{path}: the gzip data is damaged or ends too early: copy it again"]) from None


def _told(stream: BinaryIO, name: str, listener: Listener, packed: _Sips | None = None) -> Iterator[None]:
    watch = _Watch(name, listener)
    fed = 0
    while True:
        chunk = stream.read(_CHUNK)
        watch.feed(chunk)
        yield
        if not chunk:
            return
        fed += len(chunk)
        watch.check_tag(fed)
        if packed and fed > _BEFORE_EXPANSION_COUNTS and fed > MOST_EXPANSION * packed.taken:
            raise LogError(
                [f"{name}: unpacks to over {MOST_EXPANSION} times its size: unpack it by hand first"]
            )


class _Sips:
    """A packed file read a little at a time, so that ``taken`` is near to what has been unpacked."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes, and seldom so many."""
        content = self._file.read(min(size, _SIP) if size >= 0 else _SIP)
        self.taken += len(content)
        return content


class _Watch:
    """Expat with its handlers; each refusal names the place."""

    def __init__(self, name: str, listener: Listener) -> None:
        self._name = name
        self._listener = listener
        self._depth = 0
        self._names: set[str] = set()
        parser = expat.ParserCreate(intern=cast(Any, None))
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._doctype
        self._parser = parser

    def feed(self, chunk: bytes) -> None:
        """Parse more of the file; an empty chunk ends it."""
        try:
            self._parser.Parse(chunk, not chunk)
        except LogError:
            raise
        except expat.ExpatError as error:
            raise self._refusal(f"is no well-formed XML ({expat.ErrorString(error.code)})") from None
        except (LookupError, ValueError):
            raise self._refusal("declares an encoding that cannot be read: save it as UTF-8") from None

    def check_tag(self, fed: int) -> None:
        """Refuse what has been open for too long, before expat has scanned it too often."""
        if fed - self._parser.CurrentByteIndex > LONGEST_TAG + _CHUNK:
            raise self._refusal(f"holds a tag or comment of over {LONGEST_TAG:,} bytes: no event log does")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        depth = self._depth
        if depth >= DEEPEST:
            raise self._refusal(f"nests elements deeper than {DEEPEST}: no event log does")
        self._know(tag, attributes)
        self._depth = depth + 1
        self._listener.begun(tag.rpartition(":")[2], depth, self._parser.CurrentLineNumber, attributes)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        self._listener.ended(tag.rpartition(":")[2], self._depth)

    def _know(self, tag: str, attributes: dict[str, str]) -> None:
        """Expat never forgets a name, so a file of ever new names would fill the memory."""
        self._names.add(tag)
        self._names.update(attributes)
        if len(self._names) > MOST_NAMES:
            raise self._refusal(f"has over {MOST_NAMES} different names of elements: is it an event log?")

    def _doctype(self, *_: object) -> None:
        raise self._refusal(
            "declares a document type, which XES has not and which may hide entities: remove it"
        )

    def _refusal(self, what: str) -> LogError:
        return LogError([f"{self._name}:{self._parser.CurrentLineNumber}: {what}"])
