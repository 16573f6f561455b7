"""A run as the event log that vidigi animates: arrivals, queues and the use of radiologists, as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from operator import itemgetter
from pathlib import Path

from simgrid.domain.journal import Journal
from simgrid.domain.units import MINUTE
from simgrid.experiments.atomic import write_pieces
from simgrid.presentation.logs.steps import csv_pieces, of_inspection, radiologist

COLUMNS = ("entity_id", "event_type", "event", "time", "resource_id", "pathway")
"""As vidigi 2.0 names them."""

_MEANING = {
    "requested": (("arrival_departure", "arrival"), ("queue", "acquisition")),
    "acquired": (("queue", "upload"),),
    "uploaded": (("queue", "assignment"),),
    "assigned": (("queue", "delivery"),),
    "delivered": (("queue", "desk"),),
    "opened": (("resource_use", "reading"),),
    "read": (("resource_use_end", "reading"), ("queue", "report")),
    "reported": (("arrival_departure", "depart"),),
}


def to_vidigi(journal: Journal, start: datetime, path: Path) -> None:
    """Write all events in order of time, simultaneous ones in order of inspection and journey.

    ``time`` is in minutes since ``start``, ``resource_id`` the radiologist's place in the journal from 1,
    ``pathway`` the modality. A queue's name is what is waited for.

    :raises ValueError: ``start`` has no offset.
    :raises OSError: the file cannot be written; an older one is left as it was.
    """
    rows = sorted(_rows(journal, start), key=itemgetter(0))
    write_pieces(path, csv_pieces([COLUMNS, *(row for _, row in rows)]))


def _rows(journal: Journal, start: datetime) -> Iterator[tuple[float, tuple[str, ...]]]:
    for events in of_inspection(journal, start):
        for event in events:
            who = radiologist(journal, event.row)
            for kind, name in _MEANING[event.step]:
                resource = str(who + 1) if who is not None and kind.startswith("resource") else ""
                yield (
                    event.seconds,
                    (
                        *(journal.inspections.identifier[event.row], kind, name),
                        *(
                            f"{event.seconds / MINUTE:.10g}",
                            resource,
                            journal.inspections.modality[event.row],
                        ),
                    ),
                )
