"""Who computed which run, and when: ``receipts/`` in a results folder, beside the runs and apart from them.

One file a process, ``HOST-PID.jsonl``, one JSON object a line, lines only ever added:

    {"run": "<key>", "event": "began", "at": "2026-01-05T08:00:00.123456Z", "host": "desk", "pid": 4711}
    {"run": "<key>", "event": "stored", "at": "2026-01-05T08:00:00.331200Z", "host": "desk", "pid": 4711}

``began`` is written before a run is computed, ``stored`` once its file has its final name. So a run that
began and is not stored was lost with its process or is under way; a run that began twice was lost at least
once; and ``began`` after ``stored`` would be work done in vain (``computed_again``). A process that is ended
between a file's name and its line leaves a stored run without ``stored``: its last ``began`` tells who
computed it.

A worker of a cluster need not reach the folder: it tells the process that started the campaign, which writes
the lines, with the worker's machine and process and ``"worker": "tcp://..."``, when it hears of it.

The only wall clock and the only names of machines in a results folder are in here: everything else in it is
the same bytes whoever computed it. A process that is killed loses no line, since each is handed to the system
in one piece; a power cut may lose the last five seconds of lines, never of runs.
"""

from __future__ import annotations

import json
import os
import platform
import re
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

from simgrid.lines import append_line

FOLDER = "receipts"
Event: TypeAlias = Literal["began", "stored"]

_SECONDS_BETWEEN_SYNCS = 5.0
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
_lock = threading.Lock()
_synced_s: dict[Path, float] = {}


@dataclass(frozen=True, slots=True)
class Receipt:
    """One line: what happened to the run of a key, when (UTC), and in which process of which machine.

    ``worker``: the address under which a cluster knows that process; empty for one of our own.
    """

    run: str
    event: Event
    at: datetime
    host: str
    pid: int
    worker: str = ""


@dataclass(frozen=True, slots=True)
class Computer:
    """A process that computes runs; ``worker`` as in a receipt."""

    host: str
    pid: int
    worker: str = ""


def here() -> str:
    """This machine's name, as it can stand in a file's name."""
    return re.sub(r"[^A-Za-z0-9.]", "_", platform.node())[:64] or "unnamed"


def note(folder: Path, key: str, event: Event, by: Computer | None = None) -> None:
    """Add a line to this process's file in ``folder``, which must exist; ``by`` who computes, if another.

    A line that the disk refuses is taken back whole. Raises the system's OSError, naming the file.
    """
    writer = Computer(here(), os.getpid())
    by = by or writer
    at = datetime.now(UTC).strftime(_TIME)  # noqa: TID251 - provenance, in no result
    told = {"run": key, "event": event, "at": at, "host": by.host, "pid": by.pid}
    line = json.dumps(told | ({"worker": by.worker} if by.worker else {})) + "\n"
    path = folder / f"{writer.host}-{writer.pid}.jsonl"
    with _lock:
        _append(path, line.encode())


def read_receipts(folder: Path) -> tuple[Receipt, ...]:
    """Every receipt of a receipts folder in order of time; none where there is no such folder.

    A last line that a power cut has torn is left out.
    """
    found = []
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_bytes().splitlines():
            receipt = _receipt(line)
            if receipt is not None:
                found.append(receipt)
    return tuple(sorted(found, key=lambda one: one.at))  # stable: lines of one process keep their order


def computed_again(receipts: Iterable[Receipt]) -> tuple[Receipt, ...]:
    """The receipts of computations that began after the same run had been stored.

    There should be none, but for a run whose file was damaged or taken away.
    """
    stored: set[str] = set()
    again = []
    for one in receipts:
        if one.event == "stored":
            stored.add(one.run)
        elif one.run in stored:
            again.append(one)
    return tuple(again)


def _append(path: Path, line: bytes) -> None:
    """Forced to the disk every few seconds only: a run is worth more than its receipt, and many are short."""
    now = time.monotonic()
    forced = now - _synced_s.get(path, now - _SECONDS_BETWEEN_SYNCS) >= _SECONDS_BETWEEN_SYNCS
    append_line(path, line, forced=forced)
    if forced:
        _synced_s[path] = now


def _receipt(line: bytes) -> Receipt | None:
    try:
        told = json.loads(line)
        at = datetime.strptime(told["at"], _TIME).replace(tzinfo=UTC)
        return Receipt(told["run"], told["event"], at, told["host"], told["pid"], told.get("worker", ""))
    except (ValueError, KeyError, TypeError):
        return None
