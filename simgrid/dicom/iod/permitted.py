"""Values against the lists of the standard: ``tables/enumerated_values.csv``, one row an element.

Only closed lists are there (the standard's "enumerated values"); lists that it leaves open are not judged.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydicom.dataset import Dataset

from simgrid.dicom.finding import Finding
from simgrid.dicom.iod.elements import Element, empty, number, tag_of, texts, vr
from simgrid.dicom.iod.rules import finding


@dataclass(frozen=True, slots=True)
class Permitted:
    """One row: ``index`` of the value, from 0, or -1 for each of them; ``iods``: empty for any."""

    keyword: str
    index: int
    values: frozenset[str]
    iods: frozenset[str]
    section: str
    shown: str


@cache
def table() -> Mapping[int, tuple[Permitted, ...]]:
    """Tag to its rows."""
    text = (files("simgrid.dicom.iod") / "tables" / "enumerated_values.csv").read_text(encoding="utf-8")
    rows: dict[int, tuple[Permitted, ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        values = row["values"].split("|")
        one = Permitted(
            row["keyword"],
            int(row["index"]),
            frozenset(values),
            frozenset(row["iods"].split("|")) - {""},
            row["section"],
            ", ".join(values),
        )
        rows[tag_of(one.keyword)] = (*rows.get(tag_of(one.keyword), ()), one)
    return rows


def check_values(tag: int, element: Element, item: Dataset, path: str, iod: str) -> Iterator[Finding]:
    """Values of one element that are on none of its lists."""
    rows = table().get(tag)
    if rows is None or empty(element):
        return
    if vr(element) in ("US", "SS", "IS"):
        first = number(item, tag)
        held: tuple[str, ...] = () if first is None else (str(first),)
    else:
        held = tuple(value.strip(" \0") for value in texts(element))
    for row in rows:
        if row.iods and (path or iod not in row.iods):  # what a kind of file asks holds for its top level
            continue
        looked_at = held if row.index < 0 else held[row.index : row.index + 1]
        if any(value and value not in row.values for value in looked_at):
            yield finding("value-not-permitted", tag, path, _said(row, len(held)))


def _said(row: Permitted, held: int) -> str:
    """In words; of one value among several which it is, and never the value itself."""
    which = f"has at place {row.index + 1} a value that " if row.index >= 0 and held > 1 else ""
    wrong = (
        f"is none of {row.shown}" if len(row.values) > 1 else f"is not {row.shown}, the only value permitted"
    )
    return f"{which}{wrong} ({row.section})"
