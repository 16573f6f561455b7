"""The bot's diary: one line a step, each holding the hash of the one before, only ever added to.

A line is a JSON object with sorted keys: ``n`` (from 1), ``at`` (UTC), ``step``, ``file`` (a pseudonym),
``made`` (file below the file's folder to its SHA-256), ``told`` (what the step found, no text of any file),
``before`` (the previous line's ``hash``) and ``hash``, SHA-256 over all the others. Whoever changes, removes,
inserts or moves a line breaks the chain at that place. Whoever writes everything anew from there on does not:
so keep the last hash, which ``verify`` tells, somewhere else, and ask for it. The chain is no signature.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simgrid.lines import append_line

START = "0" * 64
RECOVERED = "recovered"
_KEYS = frozenset({"n", "at", "step", "file", "made", "told", "before", "hash"})
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class BrokenLog(ValueError):
    """A log that nobody may add to: a line before its end was changed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log, as the module describes it."""

    n: int
    at: str
    step: str
    file: str
    made: Mapping[str, str]
    told: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Audited:
    """``entries`` up to the first damage; ``head``: the last good hash.

    ``broken``: the first line that does not hold, from 1, 0 if all do; ``why`` in words. ``torn``: that line
    is the last one and has no end, as a power cut leaves it. ``good_bytes``: where the good lines end.
    """

    entries: tuple[Entry, ...]
    head: str
    broken: int
    why: str
    torn: bool
    good_bytes: int


def verify(content: bytes) -> Audited:
    """Hold every line of a log against the one before, up to the first that does not fit."""
    entries: list[Entry] = []
    before, at = START, 0
    for number, line in enumerate(_lines(content), start=1):
        unfinished = not line.endswith(b"\n") or b"\0" in line
        found, why = _entry(line, number, before)
        if found is None or unfinished:
            last = at + len(line) == len(content)
            torn = unfinished and last
            said = "the line has no end: it was cut while it was written" if torn else why
            return Audited(tuple(entries), before, number, said, torn, at)
        entries.append(found)
        before, at = found.hash, at + len(line)
    return Audited(tuple(entries), before, 0, "", False, at)


def _lines(content: bytes) -> Iterator[bytes]:
    """Lines with their ends; the last one may have none."""
    at = 0
    while at < len(content):
        end = content.find(b"\n", at) + 1 or len(content)
        yield content[at:end]
        at = end


def _entry(line: bytes, number: int, before: str) -> tuple[Entry | None, str]:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None, "the line is no JSON"
    if not isinstance(told, dict) or set(told) != _KEYS:
        return None, f"the line has not the keys {', '.join(sorted(_KEYS))}"
    if told["n"] != number:
        return None, f"the line is numbered {str(told['n'])[:20]!r}: lines are missing, moved or inserted"
    if told["before"] != before:
        return None, "it does not hold the hash of the line before"
    if told["hash"] != _hash(told) or line.rstrip(b"\n") != _line(told):
        return None, "its hash is not that of its content"
    if not isinstance(told["made"], dict) or not isinstance(told["told"], dict):
        return None, "what it tells has not the form of a step"
    return Entry(*(told[name] for name in ("n", "at", "step", "file", "made", "told", "hash"))), ""


def _hash(told: Mapping[str, Any]) -> str:
    content = {name: value for name, value in told.items() if name != "hash"}
    return hashlib.sha256(_line(content)).hexdigest()


def _line(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def utc_now() -> datetime:
    """The system's clock; SOURCE_DATE_EPOCH, where it is set, instead (reproducible-builds.org)."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    if fixed.isdigit():
        return datetime.fromtimestamp(int(fixed), UTC)
    return datetime.now(UTC)  # noqa: TID251 - when a step was made, in no judgement


@dataclass(slots=True)
class AuditLog:
    """The log of one output folder, open for adding; see ``opened``."""

    path: Path
    clock: Callable[[], datetime] = utc_now
    entries: list[Entry] = field(default_factory=list)
    head: str = START

    def add(self, step: str, file: str, made: Mapping[str, str], told: Mapping[str, Any]) -> Entry:
        """Write a line and force it to the disk; a line that the disk refuses is taken back whole."""
        line: dict[str, Any] = {
            "n": len(self.entries) + 1,
            "at": self.clock().strftime(_TIME),
            "step": step,
            "file": file,
            "made": dict(made),
            "told": dict(told),
            "before": self.head,
        }
        line["hash"] = _hash(line)
        append_line(self.path, _line(line) + b"\n", forced=True)
        entry = Entry(*(line[name] for name in ("n", "at", "step", "file", "made", "told", "hash")))
        self.entries.append(entry)
        self.head = entry.hash
        return entry


def opened(path: Path, clock: Callable[[], datetime] = utc_now) -> AuditLog:
    """Open a log for adding, made where there is none; a torn last line is cut off, which is written down.

    Raises:
        BrokenLog: a line before the end does not hold; nothing is changed.
    """
    content = path.read_bytes() if path.exists() else b""
    found = verify(content)
    if found.broken and not found.torn:
        raise BrokenLog(
            f"{path}: line {found.broken}: {found.why}: keep it, and give the bot another folder with -o"
        )
    log = AuditLog(path, clock, list(found.entries), found.head)
    if found.torn:
        os.truncate(path, found.good_bytes)
        cut = content[found.good_bytes :]
        log.add(RECOVERED, "", {}, {"cut_bytes": len(cut), "cut_sha256": hashlib.sha256(cut).hexdigest()})
    return log
