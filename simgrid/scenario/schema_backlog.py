"""The schema of a backlog: what is in queues, on lines and at desks at one moment."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from simgrid.domain.backlog import State
from simgrid.scenario.fields import Count, DurationOrZero, Strictly, Text, refuse
from simgrid.scenario.problems import shown
from simgrid.scenario.units import SIZE, BadQuantity, quantity


def _instant(value: object) -> datetime:
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    raise refuse("E111", f"{shown(value)} is no instant", "write it like '2026-01-05 18:30', local time")


def _bytes(value: object) -> float:
    try:
        found = quantity(value, SIZE)
    except BadQuantity as bad:
        raise refuse(bad.code, bad.message, bad.way_out) from None
    if found < 0:
        raise refuse("E107", f"{shown(value)} is below 0", "write it like '250 MB'")
    return found


Instant = Annotated[datetime, BeforeValidator(_instant)]
_SizeOrZero = Annotated[float, BeforeValidator(_bytes)]
_Flag = Annotated[bool, Field(strict=True)]
_Amount = Annotated[float, Field(ge=0, le=1e9)]


class HeldSpec(Strictly):
    """One study between request and report.

    ``left``: of a scan or of reading a duration, of a transfer a size; absent: all of it. ``reading``: its
    reading time at speed 1, absent: drawn. ``way_back``: to find one's way back into it. ``required``,
    ``size``, ``images`` and ``icd10`` absent: what the scenario says of such studies.
    """

    state: State
    requested: Instant
    site: Text
    modality: Text
    body_part: Text
    icd10: Text | None = None
    urgent: _Flag = False
    required: DurationOrZero | None = None
    size: _SizeOrZero | None = None
    images: Count | None = None
    radiologist: Text | None = None
    left: Any = None
    way_back: DurationOrZero | None = None
    reading: DurationOrZero | None = None
    acquired: Instant | None = None
    uploaded: Instant | None = None
    assigned: Instant | None = None
    delivered: Instant | None = None
    opened: Instant | None = None
    read: Instant | None = None


class BooksSpec(Strictly):
    """A radiologist: busy with other duties for so long; effort given before in this period of the limit."""

    busy: DurationOrZero = 0.0
    done: DurationOrZero = 0.0
    done_points: _Amount = 0.0
    largest: DurationOrZero = 0.0
    largest_points: _Amount = 0.0


class BacklogSpec(Strictly):
    """The whole file; ``at`` absent: the calendar's start."""

    at: Instant | None = None
    studies: dict[Text, HeldSpec] = Field(default_factory=dict)
    radiologists: dict[Text, BooksSpec] = Field(default_factory=dict)
