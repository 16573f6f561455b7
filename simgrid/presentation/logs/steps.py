"""The events of an inspection, when they were and who took part: what every exported log is made of."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple

import numpy as np

from simgrid.domain.journal import InspectionRecords, Journal
from simgrid.domain.units import FloatArray

STEPS = ("requested", "acquired", "uploaded", "assigned", "delivered", "opened", "read", "reported")
"""In the order of the journey; the journal's times are called after them."""

WITH_RADIOLOGIST = frozenset({"assigned", "opened", "read", "reported"})
WITH_UNIT = frozenset({"delivered", "opened", "read"})
WITH_SITE = frozenset({"requested", "acquired", "uploaded", "reported"})

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = 1e6
_PIECE = 10_000


class Happened(NamedTuple):
    """One event: inspection ``row``, what, simulated seconds, and the same as ISO time in UTC."""

    row: int
    step: str
    seconds: float
    at: str


def of_inspection(journal: Journal, start: datetime) -> Iterator[list[Happened]]:
    """Of each inspection, in the journal's order, the events that it reached, in the order of the journey.

    :raises ValueError: ``start`` has no offset.
    """
    stamps = [times(journal.inspections, step) for step in STEPS]
    seconds = [stamp.tolist() for stamp in stamps]
    texts = [iso(stamp, start) for stamp in stamps]
    for row in range(len(journal.inspections)):
        yield [
            Happened(row, step, when[row], text[row])
            for step, when, text in zip(STEPS, seconds, texts, strict=True)
            if text[row]
        ]


def times(inspections: InspectionRecords, step: str) -> FloatArray:
    """Simulated seconds of a step, NaN where it was never reached; shape (S,)."""
    found: FloatArray = getattr(inspections, f"{step}_s")
    return found


def iso(seconds: FloatArray, start: datetime) -> list[str]:
    """ISO 8601 in UTC to the microsecond; empty for NaN.

    :raises ValueError: ``start`` has no offset.
    """
    if start.tzinfo is None:
        raise ValueError(f"start {start.isoformat()} has no offset: give an instant such as {start}+00:00")
    there = np.isfinite(seconds)
    first = (start - _EPOCH) // timedelta(microseconds=1)
    micro = np.rint(np.where(there, seconds, 0.0) * _MICRO).astype(np.int64) + first
    text = np.datetime_as_string(micro.astype("datetime64[us]")).tolist()
    return [f"{one}+00:00" if known else "" for one, known in zip(text, there.tolist(), strict=True)]


def priority(journal: Journal, row: int) -> str:
    """The word for the inspection's urgency, as it was shown to those whose log it is."""
    return "urgent" if journal.inspections.shown_urgent[row] else "routine"


def radiologist(journal: Journal, row: int) -> int | None:
    """Whom the inspection was assigned to, if to anybody."""
    chosen = int(journal.inspections.radiologist[row])
    return chosen if chosen >= 0 else None


def pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """Lines as UTF-8 with ``\n`` after each, some thousands at a time."""
    rest = iter(lines)
    while piece := list(islice(rest, _PIECE)):
        yield _utf8("\n".join(piece) + "\n")


def csv_pieces(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Rows as CSV, some thousands at a time."""
    rest = iter(rows)
    while piece := list(islice(rest, _PIECE)):
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(piece)
        yield _utf8(text.getvalue())


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
