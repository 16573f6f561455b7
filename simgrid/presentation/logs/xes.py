"""A run as XES (IEEE 1849): a trace an inspection, with the standard's life cycle of activities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from html import escape
from pathlib import Path

from simgrid.domain.journal import Journal
from simgrid.experiments.atomic import write_pieces
from simgrid.presentation.logs.steps import (
    WITH_RADIOLOGIST,
    Happened,
    of_inspection,
    pieces,
    priority,
    radiologist,
)

ACTIVITIES = {
    "requested": ("request", "complete"),
    "acquired": ("acquisition", "complete"),
    "uploaded": ("upload", "complete"),
    "assigned": ("reading", "assign"),
    "delivered": ("delivery", "complete"),
    "opened": ("reading", "start"),
    "read": ("reading", "complete"),
    "reported": ("report", "complete"),
}
"""``concept:name`` and ``lifecycle:transition`` of each step."""

_EXTENSIONS = (
    ("Concept", "concept", "concept"),
    ("Lifecycle", "lifecycle", "lifecycle"),
    ("Organizational", "org", "org"),
    ("Time", "time", "time"),
)
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_xes(journal: Journal, start: datetime, path: Path) -> None:
    """Write every inspection with the events it reached; ``start``: the instant of simulated second 0.

    :raises ValueError: ``start`` has no offset.
    :raises OSError: the file cannot be written; an older one is left as it was.
    """
    write_pieces(path, pieces(_lines(journal, start)))


def _lines(journal: Journal, start: datetime) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">'
    for name, prefix, file in _EXTENSIONS:
        uri = f"http://www.xes-standard.org/{file}.xesext"
        yield f'  <extension name="{name}" prefix="{prefix}" uri="{uri}"/>'
    yield f'  <global scope="trace">{_attribute("concept:name", "")}</global>'
    instant = _attribute("time:timestamp", "1970-01-01T00:00:00+00:00", "date")
    always = f"{_attribute('concept:name', '')}{instant}{_attribute('lifecycle:transition', 'complete')}"
    yield f'  <global scope="event">{always}</global>'
    yield '  <classifier name="Activity and transition" keys="concept:name lifecycle:transition"/>'
    yield "  " + _attribute("lifecycle:model", "standard")
    for row, events in enumerate(of_inspection(journal, start)):
        yield from _trace(journal, row, events)
    yield "</log>"


def _trace(journal: Journal, row: int, events: list[Happened]) -> Iterator[str]:
    of = journal.inspections
    yield "  <trace>"
    attributes = (
        ("concept:name", of.identifier[row], "string"),
        ("site", of.site[row], "string"),
        ("modality", of.modality[row], "string"),
        ("body_part", of.body_part[row], "string"),
        ("protocol", of.protocol[row], "string"),
        ("icd10", of.icd10[row], "string"),
        ("priority", priority(journal, row), "string"),
        ("size_bytes", str(round(of.size_bytes[row])), "int"),
        ("images", str(of.images[row]), "int"),
    )
    yield "    " + "".join(_attribute(*one) for one in attributes)
    who = radiologist(journal, row)
    for event in events:
        name, transition = ACTIVITIES[event.step]
        resource = event.step in WITH_RADIOLOGIST and who is not None
        by = _attribute("org:resource", journal.radiologists.name[who or 0]) if resource else ""
        group = _attribute("org:group", journal.radiologists.unit[who or 0]) if resource else ""
        yield (
            f"    <event>{_attribute('concept:name', name)}{_attribute('lifecycle:transition', transition)}"
            f"{_attribute('time:timestamp', event.at, 'date')}{by}{group}</event>"
        )
    yield "  </trace>"


def _attribute(key: str, value: str, kind: str = "string") -> str:
    """One attribute; characters that XML cannot hold become the replacement character."""
    text = escape(_NO_XML.sub("\ufffd", value)).replace("\t", "&#9;").replace("\n", "&#10;")
    return f'<{kind} key="{key}" value="{text}"/>'.replace("\r", "&#13;")
