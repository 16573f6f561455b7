"""The whole journal of a run as Parquet tables in a folder: every inspection, every transfer, every link.

The tables are written as the run goes, so that millions of rows need no memory, into a folder of another
name, which takes its own when everything is there. Seconds count from the run's start, which ``about.json``
names; NaN is never. Columns: ``docs/reference/journal.md``.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simgrid.domain.journal import Journal, TransferRecords
from simgrid.domain.observer import ArchivedBlock
from simgrid.domain.quality_records import QualityRecords

SCHEMA_VERSION = "1"
"""Raised when a column changes its name or its meaning."""


class JournalTables:
    """A ``JournalSink`` that writes what it is given, and the rest of the journal at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, pq.ParquetWriter] = {}

    def transfers(self, block: TransferRecords) -> None:
        """Further transfers, in order of end."""
        self._write(
            "transfers",
            {
                "leg": _named(block.leg),
                "study": block.inspection,
                "path": _named([" ".join(path) for path in block.path]),
                "bytes": block.size_bytes,
                "started_s": block.started_s,
                "finished_s": block.finished_s,
                "broken": block.broken,
                "weight": block.weight,
                "cap_bps": block.cap_bps,
            },
        )

    def archived(self, block: ArchivedBlock) -> None:
        """Further inspections that reached the archive and are not reported."""
        self._write("archived", {one.name: getattr(block, one.name) for one in fields(block)})

    def rest(self, journal: Journal, about: Mapping[str, object]) -> None:
        """What a journal keeps until the end: inspections to be reported, radiologists, links and events.

        ``about``: what ``about.json`` says of the run, beside the version of the tables and the fingerprint.
        """
        told = {"journal_schema": SCHEMA_VERSION, **about, "fingerprint": journal.fingerprint}
        (self._folder / "about.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        for name, records in (
            ("inspections", journal.inspections),
            ("radiologists", journal.radiologists),
            ("relaxations", journal.relaxations),
            ("events", journal.scheduled),
            ("links", journal.capacities),
        ):
            columns = {one.name: getattr(records, one.name) for one in fields(records)}
            known = {column: values for column, values in columns.items() if values is not None}
            self._write(name, {column: _column(values) for column, values in known.items()})
        if journal.quality is not None:
            self._quality(journal.quality)

    def _quality(self, records: QualityRecords) -> None:
        """What happened to images, and the office's books that have rows."""
        for name, part in (
            ("images", records),
            ("sent_back", records.sent_back),
            ("billing", records.billing),
            ("slots", records.slots),
            ("stock", records.stock),
        ):
            if part is not None:
                columns = {one.name: getattr(part, one.name) for one in fields(part)}
                rows = {
                    column: values for column, values in columns.items() if isinstance(values, np.ndarray)
                }
                self._write(name, rows)

    def close(self) -> None:
        """Finish every table."""
        for writer in self._writers.values():
            writer.close()

    def _write(self, name: str, columns: Mapping[str, Any]) -> None:
        table = pa.table(dict(columns))
        writer = self._writers.get(name)
        if writer is None:
            writer = pq.ParquetWriter(self._folder / f"{name}.parquet", table.schema, compression="zstd")
            self._writers[name] = writer
        writer.write_table(table.cast(writer.schema))


@contextmanager
def journal_tables(folder: Path) -> Iterator[JournalTables]:
    """Tables that are complete in ``folder`` when the block ends well; otherwise nothing is left of them.

    A folder of that name is replaced.

    :raises OSError: the folder cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    under_way = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    shutil.rmtree(under_way, ignore_errors=True)
    under_way.mkdir()
    try:
        tables = JournalTables(under_way)
        try:
            yield tables
        finally:
            tables.close()
        if folder.exists():
            shutil.rmtree(folder)
        under_way.replace(folder)
    except BaseException:
        shutil.rmtree(under_way, ignore_errors=True)
        raise


def _named(labels: Any) -> pa.Array:
    """Text of few kinds, which costs a number each."""
    return pa.array(labels, type=pa.string()).dictionary_encode()


def _column(values: Any) -> Any:
    return values if isinstance(values, np.ndarray) else pa.array(list(values), type=pa.string())
