"""A backlog as the text that ``start_from`` reads: YAML, or YAML with its studies in a table beside it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from simgrid.domain.backlog import TIMED, Backlog, DeskBooks, Held
from simgrid.domain.units import MINUTE, Seconds
from simgrid.scenario.backlog_file import IDENTIFIER
from simgrid.scenario.schema_backlog import HeldSpec
from simgrid.scenario.writing import scalar

MOST_IN_YAML = 300
"""Studies that a YAML file within its bounds holds with room to spare; more go into a table."""

READINGS = (
    "# 'reading' of a study not begun is the time that it takes in the simulated world, which nobody knows",
    "# tonight: all what-ifs from this file share it. Without it, each replication draws its own.",
)


def backlog_texts(backlog: Backlog, start: datetime, table: str) -> tuple[str, str | None]:
    """The YAML, and the CSV that goes into a file called ``table`` beside it where there are many studies.

    ``start``: the instant at which simulated time begins, with its zone.
    """
    many = len(backlog.studies) > MOST_IN_YAML
    lines = [
        "# What there is at one moment: a scenario begins with it by 'start_from: THIS FILE'.",
        *READINGS,
        f"at: {scalar(_instant(start, backlog.at_s))}",
        f"studies: {scalar(table)}" if many else "studies:" if backlog.studies else "studies: {}",
    ]
    if not many:
        for held in backlog.studies:
            told = ", ".join(f"{key}: {scalar(value)}" for key, value in _fields(held, start))
            lines.append(f"  {scalar(held.identifier)}: {{{told}}}")
    lines.append("radiologists:" if backlog.desks else "radiologists: {}")
    for desk in backlog.desks:
        told = ", ".join(f"{key}: {value}" for key, value in _books(desk))
        lines.append(f"  {scalar(desk.radiologist)}: {{{told}}}")
    return "\n".join(lines) + "\n", _table(backlog, start) if many else None


def _table(backlog: Backlog, start: datetime) -> str:
    columns = [IDENTIFIER, *HeldSpec.model_fields]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for held in backlog.studies:
        cells = {key: str(value).lower() if value is True else value for key, value in _fields(held, start)}
        writer.writerow({IDENTIFIER: held.identifier, **cells})
    return text.getvalue()


def _fields(held: Held, start: datetime) -> Iterator[tuple[str, str | int | bool]]:
    """What is known of a study, under the keys of ``HeldSpec``."""
    yield "state", held.state
    yield "requested", _instant(start, held.requested_s)
    yield "site", held.site
    yield from (("modality", held.kind.modality), ("body_part", held.kind.body_part))
    yield "icd10", held.kind.icd10
    if held.urgent:
        yield "urgent", True
    yield "required", _seconds(held.required_s)
    yield "size", f"{held.size_bytes:.0f} B"
    yield "images", held.images
    if held.radiologist is not None:
        yield "radiologist", held.radiologist
    if held.left is not None:
        yield "left", _seconds(held.left) if held.state in TIMED else f"{held.left:.6f} B"
    if held.settle_s:
        yield "way_back", _seconds(held.settle_s)
    if held.reading_min is not None:
        yield "reading", _seconds(held.reading_min * MINUTE)
    for leg, at_s in held.times:
        yield leg, _instant(start, at_s)


def _books(desk: DeskBooks) -> Iterator[tuple[str, str]]:
    for key, seconds in (
        ("busy", desk.busy_s),
        ("done", desk.done_min * MINUTE),
        ("largest", desk.largest_min * MINUTE),
    ):
        if seconds:
            yield key, _seconds(seconds)
    for key, points in (("done_points", desk.done_points), ("largest_points", desk.largest_points)):
        if points:
            yield key, scalar(points)


def _instant(start: datetime, at_s: Seconds) -> str:
    """With its offset and to the microsecond, so that it is read as what it is on every day of the year."""
    micro = round((start.timestamp() + at_s) * 1e6)
    whole = datetime.fromtimestamp(micro // 1_000_000, start.tzinfo)
    return whole.replace(microsecond=micro % 1_000_000).isoformat(sep=" ")


def _seconds(seconds: Seconds) -> str:
    return f"{seconds:.9f}".rstrip("0").rstrip(".") + " s"
