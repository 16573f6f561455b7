"""A run as an object-centric event log (OCEL 2.0, JSON): inspections, radiologists, sites and units.

doi 10.48550/arXiv.2403.01975. By the published schema every value of an attribute is a JSON string, whose
type the object type declares.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from simgrid.domain.journal import Journal
from simgrid.experiments.atomic import write_pieces
from simgrid.presentation.logs.steps import (
    STEPS,
    WITH_RADIOLOGIST,
    WITH_SITE,
    WITH_UNIT,
    Happened,
    iso,
    of_inspection,
    pieces,
    priority,
    radiologist,
)

_ATTRIBUTES = {
    "modality": "string",
    "body_part": "string",
    "protocol": "string",
    "icd10": "string",
    "priority": "string",
    "size_bytes": "float",
    "images": "integer",
}
OBJECT_TYPES = {"inspection": _ATTRIBUTES, "radiologist": {}, "site": {}, "unit": {}}
"""Each type's attributes with their types."""


def to_ocel(journal: Journal, start: datetime, path: Path) -> None:
    """Write all events in order of time, simultaneous ones in order of inspection and journey.

    Objects are called ``inspection:...``, ``radiologist:...``, ``site:...`` and ``unit:...``, so that equal
    names of different things stay apart.

    :raises ValueError: ``start`` has no offset.
    :raises OSError: the file cannot be written; an older one is left as it was.
    """
    write_pieces(path, pieces(_lines(journal, start)))


def _lines(journal: Journal, start: datetime) -> Iterator[str]:
    yield '{"objectTypes": ['
    yield from _joined(_declared(name, attributes) for name, attributes in OBJECT_TYPES.items())
    yield '], "eventTypes": ['
    yield from _joined(_declared(step, {}) for step in STEPS)
    yield '], "objects": ['
    yield from _joined(_objects(journal, start))
    yield '], "events": ['
    yield from _joined(_events(journal, start))
    yield "]}"


def _joined(items: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Items as lines, a comma after each but the last."""
    before = ""
    for item in items:
        if before:
            yield before + ","
        before = json.dumps(item)
    if before:
        yield before


def _declared(name: str, attributes: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "attributes": [{"name": one, "type": kind} for one, kind in attributes.items()]}


def _objects(journal: Journal, start: datetime) -> Iterator[dict[str, Any]]:
    of, staff = journal.inspections, journal.radiologists
    for site in sorted(set(of.site)):
        yield {"id": f"site:{site}", "type": "site", "attributes": [], "relationships": []}
    for unit in sorted(set(staff.unit)):
        yield {"id": f"unit:{unit}", "type": "unit", "attributes": [], "relationships": []}
    for name, unit in zip(staff.name, staff.unit, strict=True):
        works_at = [_related(f"unit:{unit}", "works at")]
        yield {
            "id": f"radiologist:{name}",
            "type": "radiologist",
            "attributes": [],
            "relationships": works_at,
        }
    for row, at in enumerate(iso(of.requested_s, start)):
        values = {
            "modality": of.modality[row],
            "body_part": of.body_part[row],
            "protocol": of.protocol[row],
            "icd10": of.icd10[row],
            "priority": priority(journal, row),
            "size_bytes": repr(float(of.size_bytes[row])),
            "images": str(of.images[row]),
        }
        yield {
            "id": f"inspection:{of.identifier[row]}",
            "type": "inspection",
            "attributes": [{"name": name, "value": value, "time": at} for name, value in values.items()],
            "relationships": [_related(f"site:{of.site[row]}", "requested by")],
        }


def _events(journal: Journal, start: datetime) -> Iterator[dict[str, Any]]:
    every = [event for events in of_inspection(journal, start) for event in events]
    every.sort(key=lambda event: event.seconds)  # stable: simultaneous events keep inspection and journey
    for number, event in enumerate(every, 1):
        yield {
            "id": f"event:{number}",
            "type": event.step,
            "time": event.at,
            "attributes": [],
            "relationships": list(_partners(journal, event)),
        }


def _partners(journal: Journal, event: Happened) -> Iterator[dict[str, str]]:
    yield _related(f"inspection:{journal.inspections.identifier[event.row]}", "inspection")
    if event.step in WITH_SITE:
        yield _related(f"site:{journal.inspections.site[event.row]}", "requesting site")
    who = radiologist(journal, event.row)
    if who is not None and event.step in WITH_RADIOLOGIST:
        yield _related(f"radiologist:{journal.radiologists.name[who]}", "assigned radiologist")
    if who is not None and event.step in WITH_UNIT:
        yield _related(f"unit:{journal.radiologists.unit[who]}", "reporting unit")


def _related(identifier: str, qualifier: str) -> dict[str, str]:
    return {"objectId": identifier, "qualifier": qualifier}
