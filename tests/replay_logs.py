"""Event logs written for a test, and what becomes of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simgrid.codes import CodeTables
from simgrid.workload.replay.collect import collect
from simgrid.workload.replay.csv_log import ColumnMapping, read_csv
from simgrid.workload.replay.event_log import EventLog
from simgrid.workload.replay.pseudonyms import Naming, Pseudonyms
from simgrid.workload.replay.rows import Rejected
from simgrid.workload.replay.rules import Rules
from simgrid.workload.replay.standard_csv import write_log

CODES = CodeTables.default()
KEY = bytes(range(32))
COMPLETE = {
    "inspection_id": "A1",
    "site": "North",
    "requested_at": "2026-01-05T08:00:00+01:00",
    "modality": "CT",
    "body_part": "Brain",
    "protocol": "",
    "icd10": "I61",
    "priority": "stat",
    "size_bytes": "187000000",
    "images": "342",
    "assigned_to": "Dr Grey",
    "opened_at": "2026-01-05T08:30:00+01:00",
    "reported_at": "2026-01-05T08:50:00+01:00",
}


def row(number: int = 1, **changes: str) -> dict[str, str]:
    """A complete row of its own, with some cells changed."""
    minute = f"{8 + number // 60:02d}:{number % 60:02d}"
    own = {
        "inspection_id": f"A{number}",
        "requested_at": f"2026-01-05T{minute}:00Z",
        "opened_at": "",
        "reported_at": "",
    }
    return {**COMPLETE, **own, **changes}


def csv_text(
    rows: Sequence[Mapping[str, str]], columns: Sequence[str] | None = None, delimiter: str = ","
) -> str:
    """The rows under a header."""
    names = list(columns or rows[0])
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([one.get(name, "") for name in names] for one in rows)
    return stream.getvalue()


def take(
    path: Path,
    content: str | bytes,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
    naming: Naming | None = None,
    **rules: Any,
) -> tuple[EventLog, list[Rejected]]:
    """Write the file, read it, and hold the account against what came out."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    refused: list[Rejected] = []
    reader = read_csv(path, ColumnMapping(mapping or {}), encoding)
    log = collect([reader], CODES, Rules(**rules), naming or Pseudonyms(KEY), refused.append)
    account = log.account
    assert account.read == account.accepted + account.rejected
    assert account.rejected == len(refused) == sum(number for *_, number in account.reasons)
    assert account.accepted == len(log)
    for one in account.fields:
        total = one.log + one.constant + one.derived + one.open + one.unknown + one.aside
        assert total == len(log), one
    return log, refused


def standard(log: EventLog) -> str:
    """The log in its standard form."""
    stream = io.StringIO(newline="")
    write_log(log, stream)
    return stream.getvalue()
