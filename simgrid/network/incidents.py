"""Real failures of links from a table: one row an incident, every row either used or refused with its place.

Columns ``link``, ``started_at`` and ``ended_at``, in any order, among others that are passed over; cells
parted by commas, semicolons or tabs. A link is named by its place (site, unit, client, data centre).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from difflib import get_close_matches

from simgrid.domain.events import LinkLimit
from simgrid.domain.units import Seconds

COLUMNS = ("link", "started_at", "ended_at")
_DELIMITERS = (",", ";", "\t")
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class RefusedIncident:
    """A row that is not used: 1-based ``line``, the ``column`` ("" for the whole row), its value, why."""

    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        cell = f", {self.column} {self.value!r}" if self.column else ""
        return f"line {self.line}{cell}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Incidents:
    """All rows of a table: ``read`` is always the accepted and the refused together, blank lines apart."""

    accepted: tuple[LinkLimit, ...]
    refused: tuple[RefusedIncident, ...]

    @property
    def read(self) -> int:
        """Rows below the header, without blank lines."""
        return len(self.accepted) + len(self.refused)


class _Refusal(Exception):
    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason


def read_incidents(lines: Iterable[str], places: Collection[str], start: datetime, zone: tzinfo) -> Incidents:
    """Outages in seconds since ``start`` (aware), from the lines of a table with a header.

    Times are ISO 8601; without an offset they are local in ``zone``. An empty ``ended_at`` is an incident
    that still lasts. What lies before the start or after every run is accepted: it changes nothing there.

    ValueError: the header lacks a column, names one twice, or there is none at all; ``start`` is not aware.
    """
    if start.tzinfo is None:
        raise ValueError(f"start {start} has no zone: seconds since then would depend on the machine")
    accepted, refused = [], []
    columns: dict[str, int] | None = None
    delimiter = ","
    for number, line in enumerate(lines, 1):
        if not line.strip(" ,;\t\r\n\ufeff"):
            continue
        if columns is None:
            delimiter, columns = _header(line)
            continue
        try:
            accepted.append(_incident(_cells(line, delimiter), columns, places, start, zone))
        except _Refusal as error:
            refused.append(RefusedIncident(number, error.column, error.value[:_LONGEST], error.reason))
    if columns is None:
        raise ValueError(f"incidents: the table is empty; its first line must be {','.join(COLUMNS)}")
    return Incidents(tuple(accepted), tuple(refused))


def _header(line: str) -> tuple[str, dict[str, int]]:
    found = []
    for delimiter in _DELIMITERS:
        names = [cell.strip().lower() for cell in line.strip("\ufeff\r\n").split(delimiter)]
        names = [name.strip('"') for name in names]
        found.append((sum(name in COLUMNS for name in names), delimiter, names))
    _, delimiter, names = max(found, key=lambda one: one[0])
    problems = [f"incidents: no column {column!r} in the header" for column in COLUMNS if column not in names]
    problems += [
        f"incidents: column {column!r} occurs twice" for column in COLUMNS if names.count(column) > 1
    ]
    if problems:
        raise ValueError("\n".join([*problems, f"write the header {','.join(COLUMNS)}"]))
    return delimiter, {column: names.index(column) for column in COLUMNS}


def _cells(line: str, delimiter: str) -> list[str]:
    # Line by line, so that a quotation mark left open costs one row and not the rest of the table.
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=True))]
    except csv.Error as error:
        raise _Refusal("", "", f"no row of a table: {error}") from None


def _incident(
    cells: list[str], columns: dict[str, int], places: Collection[str], start: datetime, zone: tzinfo
) -> LinkLimit:
    missing = [name for name, index in columns.items() if index >= len(cells)]
    if missing:
        raise _Refusal("", "", f"the row has {len(cells)} cells: {', '.join(missing)} missing")
    link, started, ended = (cells[columns[name]] for name in COLUMNS)
    if link not in places:
        near = get_close_matches(link, places, 1)
        way_out = f"did you mean {near[0]!r}?" if near else f"the places are {', '.join(sorted(places))}"
        raise _Refusal("link", link, f"no such place: {way_out}")
    start_s = _instant("started_at", started, start, zone)
    end_s = _instant("ended_at", ended, start, zone) if ended else math.inf
    if end_s <= start_s:
        raise _Refusal("ended_at", ended, f"not after started_at {started!r}: are they swapped?")
    return LinkLimit(link, start_s, end_s)


def _instant(column: str, text: str, start: datetime, zone: tzinfo) -> Seconds:
    try:
        when = datetime.fromisoformat(text)
        there = when if when.tzinfo is not None else when.replace(tzinfo=zone)
        return there.timestamp() - start.timestamp()
    except (ValueError, OverflowError):
        raise _Refusal(column, text, "no ISO 8601 time: write it like 2026-02-10T17:00") from None
