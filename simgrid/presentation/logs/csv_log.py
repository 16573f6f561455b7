"""A run as an event log in CSV with the canonical columns: what ``simgrid replay`` reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from simgrid.domain.journal import Journal
from simgrid.experiments.atomic import write_pieces
from simgrid.presentation.logs.steps import csv_pieces, iso, priority, radiologist
from simgrid.workload.replay.rows import FIELDS


def to_csv_log(journal: Journal, start: datetime, path: Path) -> None:
    """Write every inspection, reported or not; a cell is empty where there is no value.

    Times are in UTC to the microsecond. What a log does not tell (true reading times, defects, the journey
    of the images) is not in it: replaying gives the same arrivals, not the same run.

    :raises ValueError: ``start`` has no offset.
    :raises OSError: the file cannot be written; an older one is left as it was.
    """
    write_pieces(path, csv_pieces(_rows(journal, start)))


def _rows(journal: Journal, start: datetime) -> Iterator[tuple[str, ...]]:
    of = journal.inspections
    yield FIELDS
    requested, opened, reported = (iso(one, start) for one in (of.requested_s, of.opened_s, of.reported_s))
    for row in range(len(of)):
        who = radiologist(journal, row)
        cells = {
            "inspection_id": of.identifier[row],
            "site": of.site[row],
            "requested_at": requested[row],
            "modality": of.modality[row],
            "body_part": of.body_part[row],
            "protocol": of.protocol[row],
            "icd10": of.icd10[row],
            "priority": priority(journal, row),
            # A log has no images of no bytes: where a world has, the cell says nothing.
            "size_bytes": f"{of.size_bytes[row]:.17g}" if of.size_bytes[row] > 0 else "",
            "images": str(of.images[row]) if of.images[row] > 0 else "",
            "assigned_to": "" if who is None else journal.radiologists.name[who],
            "opened_at": opened[row],
            "reported_at": reported[row],
        }
        yield tuple(cells[name] for name in FIELDS)
