"""HL7 v2 messages out of a stream of bytes: framing, delimiters, escapes, repetitions, character sets, times.

Our own few rules instead of a library: ``hl7apy`` needs milliseconds a message and refuses what real feeds
send, ``hl7`` wants the whole message as text and both build every field; a dozen fields of eight segments are
needed here, bounded and without a report's text. The tests hold these rules to ``hl7``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import BinaryIO

MOST_BYTES = 1_000_000
"""A longer message is refused: orders have a few kilobytes."""
LONGEST_CELL = 1000
"""Characters; a longer value of a field that is used is refused."""
TOO_LONG = "the message is longer than 1 MB: no order is; leave its attachments out"
OUTSIDE = "text outside any message: a message begins with an MSH segment at the start of a line"

_CHUNK = 1 << 16
_BREAKS = re.compile(rb"[\r\n\x0b\x1c]+")
_WRAPPERS = frozenset({b"FHS", b"BHS", b"BTS", b"FTS"})
_KEPT = frozenset({b"PID", b"PV1", b"ORC", b"OBR", b"TQ1", b"DG1", b"IPC"})
_CHARACTER_SETS = {
    "ASCII": "ascii",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
    "KS X 1001": "euc_kr",
    **{f"8859/{part}": f"iso8859_{part}" for part in (*range(1, 10), 15)},
}
_TIME = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})?(?:\.([0-9]{1,6}))?([+-][0-9]{4})?"
)
_OFFSET = re.compile(r"[+-][0-9]{4}$")


class UnusablePart(Exception):
    """A message, or an order in it, that cannot be used: the canonical field, its value, and why."""

    def __init__(self, reason: str, field: str = "", value: str = "") -> None:
        self.reason, self.field, self.value = reason, field, value
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Frame:
    """The segments of one message as bytes, or in ``problem`` why there are none. ``number``: from 1."""

    number: int
    lines: Sequence[bytes]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """MSH-1 and MSH-2; a delimiter that a message does not define is empty."""

    field: str
    component: str
    repetition: str = ""
    escape: str = ""
    subcomponent: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment; ``fields[n]`` is field n, still escaped."""

    name: str
    fields: Sequence[str]
    delimiters: Delimiters

    def text(self, field: int, component: int = 1, subcomponent: int = 1) -> str:
        """One plain value of the field's first repetition; empty if absent or the explicit null ``""``.

        :raises UnusablePart: bytes outside the stated character set, or more than 1000 characters.
        """
        repetitions = self.repetitions(field)
        return self.part(repetitions[0], component, subcomponent) if repetitions else ""

    def repetitions(self, field: int) -> list[str]:
        """The field's repetitions, still escaped; none if the field is absent or null."""
        raw = self.fields[field] if field < len(self.fields) else ""
        return [] if raw in {"", '""'} else _split(raw, self.delimiters.repetition)

    def part(self, repetition: str, component: int = 1, subcomponent: int = 1) -> str:
        """One plain value of a repetition; see ``text``."""
        components = _split(repetition, self.delimiters.component)
        if component > len(components):
            return ""
        parts = _split(components[component - 1], self.delimiters.subcomponent)
        raw = parts[subcomponent - 1] if subcomponent <= len(parts) else ""
        return "" if raw == '""' else self._plain(raw)

    def _plain(self, raw: str) -> str:
        if len(raw) > LONGEST_CELL:
            raise UnusablePart(f"{self.name} holds a value of over {LONGEST_CELL} characters")
        escape = self.delimiters.escape
        text = _unescaped(raw, self.delimiters) if escape and escape in raw else raw
        if "\ufffd" in text:
            raise UnusablePart(f"{self.name} has bytes outside the character set of MSH-18: correct MSH-18")
        if not text.isprintable():
            text = "".join(one if one.isprintable() else " " for one in text)
        return text.strip()


@dataclass(frozen=True, slots=True)
class Message:
    """The header, and the segments that tell about patient, visit and orders, in their order.

    ``offset``: that of MSH-7 (``+0100``), by the standard the default of every time in the message.
    """

    header: Segment
    segments: Sequence[Segment]
    offset: str


def frames(stream: BinaryIO) -> Iterator[Frame]:
    """Split a stream into messages, holding one at a time.

    Messages may be framed by MLLP (VT ... FS CR), wrapped in batches (FHS, BHS ... BTS, FTS), or follow
    each other; segments may end by CR, LF or both. Text outside a message comes as a frame with a problem.
    """
    number, lines, size, problem, is_open = 0, list[bytes](), 0, "", False
    for line, is_cut in _lines(stream):
        begins, wraps = line.startswith(b"MSH"), line[:3] in _WRAPPERS
        if is_open and (begins or wraps):
            yield Frame(number, lines, problem)
            is_open = False
        if wraps:
            continue
        if not is_open:
            number, lines, size, is_open = number + 1, [], 0, True
            problem = "" if begins else OUTSIDE
        size += MOST_BYTES if is_cut else len(line) + 1
        if size > MOST_BYTES and not problem:
            problem = TOO_LONG
        if problem:
            lines = []
        elif begins or line[:3] in _KEPT:
            lines.append(line)
    if is_open:
        yield Frame(number, lines, problem)


def parse(lines: Sequence[bytes]) -> Message:
    """The message of a frame without a problem.

    Without MSH-18 the text is taken as UTF-8 where it is, else as Latin-1.

    :raises UnusablePart: delimiters that are none, or a character set that is not supported.
    """
    delimiters = _delimiters(lines[0].decode("latin-1"))
    as_latin = lines[0].decode("latin-1").split(delimiters.field)
    stated = _split(as_latin[17], delimiters.repetition)[0].strip().upper() if len(as_latin) > 17 else ""
    if stated and stated not in _CHARACTER_SETS:
        raise UnusablePart("MSH-18 names a character set that is not supported: convert the feed to UTF-8")
    texts = [_decoded(line, _CHARACTER_SETS.get(stated)).split(delimiters.field) for line in lines]
    # MSH-1 is the separator itself, so the header's fields stand one place further than they were split.
    header = Segment("MSH", ["MSH", delimiters.field, *texts[0][1:]], delimiters)
    segments = [Segment(fields[0][:3], fields, delimiters) for fields in texts[1:]]
    offset = _OFFSET.search(header.text(7))
    return Message(header, segments, offset.group() if offset else "")


def iso_time(text: str, default_offset: str, field: str) -> str:
    """An HL7 time (YYYYMMDDHHMM[SS[.S...]][+ZZZZ]) as ISO 8601; empty stays empty.

    :raises UnusablePart: not a time, or one less precise than the minute.
    """
    if not text:
        return ""
    match = _TIME.fullmatch(text)
    if match is None:
        way_out = "expected YYYYMMDDHHMM, then seconds and offset if known"
        raise UnusablePart(f"not a time to the minute: {way_out}", field, text)
    year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
    seconds, fraction = int(match[6] or 0), int((match[7] or "0").ljust(6, "0"))
    try:
        zone = _zone(match[8] or default_offset)
        moment = datetime(year, month, day, hour, minute, seconds, fraction, zone)
    except ValueError:
        raise UnusablePart("no such time in the calendar: correct it in the log", field, text) from None
    return moment.isoformat()


def _zone(offset: str) -> timezone | None:
    if not offset:
        return None
    hours, minutes = int(offset[1:3]), int(offset[3:])
    if minutes > 59:
        raise ValueError(offset)
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def _lines(stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Lines without their ends; of one longer than a message may be, the beginning and ``True``."""
    rest, cut = b"", False
    chunk = stream.read(_CHUNK).removeprefix(b"\xef\xbb\xbf")
    while chunk:
        *whole, rest = _BREAKS.split(rest + chunk)
        for line in whole:
            if line and not cut:
                yield line, False
            cut = False
        if len(rest) > MOST_BYTES and not cut:
            yield rest[:8], True
            cut = True
        if cut:
            rest = b""
        chunk = stream.read(_CHUNK)
    if rest:
        yield rest, False


def _delimiters(header: str) -> Delimiters:
    field = header[3:4]
    encoding = header[4:].split(field, maxsplit=1)[0] if field else ""
    every = field + encoding
    is_plain = all(one.isascii() and one.isprintable() and not one.isalnum() and one != " " for one in every)
    if not 1 <= len(encoding) <= 5 or not is_plain or len(set(every)) < len(every):
        raise UnusablePart("MSH-1 and MSH-2 are no delimiters: expected something like |^~\\&")
    return Delimiters(field, *encoding[:4])


def _decoded(line: bytes, codec: str | None) -> str:
    if codec is not None:
        return line.decode(codec, "replace")
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _split(text: str, delimiter: str) -> list[str]:
    return text.split(delimiter) if delimiter else [text]


def _unescaped(raw: str, delimiters: Delimiters) -> str:
    pattern, plain = _escapes(delimiters)

    def meaning(match: re.Match[str]) -> str:
        code = match[1]
        if code in plain:
            return plain[code]
        if code.startswith("X"):
            return _from_hex(code[1:])
        return " " if code.startswith(".") else ""

    return pattern.sub(meaning, raw)


@lru_cache(maxsize=64)
def _escapes(delimiters: Delimiters) -> tuple[re.Pattern[str], dict[str, str]]:
    escape = re.escape(delimiters.escape)
    plain = {
        "F": delimiters.field,
        "S": delimiters.component,
        "T": delimiters.subcomponent,
        "R": delimiters.repetition,
        "E": delimiters.escape,
    }
    return re.compile(f"{escape}([^{escape}]*){escape}"), plain


def _from_hex(digits: str) -> str:
    try:
        return bytes.fromhex(digits).decode("latin-1")
    except ValueError:
        return ""
