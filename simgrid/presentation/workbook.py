"""Tables as an .xlsx workbook: text stays text, numbers stay numbers, the same tables give the same bytes.

A name such as ``=cmd|...`` is a text cell and never a formula, also after somebody has edited it in a
spreadsheet. No number is rounded by a format: what a cell shows is what was computed.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import xlsxwriter

Value: TypeAlias = str | float | int | None
_CREATED = datetime(2000, 1, 1)
_LONGEST_TEXT = 32_000
_WIDEST = 60
_LOOKS_LIKE_FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOST_ROWS = 10_000
"""Of one sheet: a workbook is to be read. What is left out is said in its last row."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table under one row of headings. ``instead``: what is said where it has no rows."""

    name: str
    headings: tuple[str, ...]
    rows: Sequence[Sequence[Value]]
    instead: str = ""


def workbook(title: str, sheets: Iterable[Sheet]) -> bytes:
    """The bytes of a workbook; each sheet's headings stay in view, and columns are as wide as they need."""
    made = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": False,
    }
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"title": _text(title), "created": _CREATED, "comments": "Made by simgrid."})
        formats = {
            "heading": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "quoted": book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True}),
            "number": book.add_format({"valign": "top"}),
        }
        for sheet in sheets:
            _write(book.add_worksheet(sheet.name), sheet, formats)
    return made.getvalue()


def _write(page: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    rows: list[Sequence[Value]] = list(sheet.rows[:MOST_ROWS])
    if not rows and sheet.instead:
        rows = [(sheet.instead,)]
    if len(sheet.rows) > MOST_ROWS:
        rows.append(
            (f"and {len(sheet.rows) - MOST_ROWS} more rows: see the CSV files of the results folder",)
        )
    for column, heading in enumerate(sheet.headings):
        page.set_column(column, column, _width(heading, (row[column] for row in rows if column < len(row))))
        page.write_string(0, column, _text(heading), formats["heading"])
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _put(page, number, column, value, formats)
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.set_landscape()
    page.fit_to_pages(1, 0)


def _put(page: Any, row: int, column: int, value: Value, formats: dict[str, Any]) -> None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return
    if isinstance(value, str):
        text = _text(value)
        kind = "quoted" if text.startswith(_LOOKS_LIKE_FORMULA) else "text"
        page.write_string(row, column, text, formats[kind])
    elif math.isinf(value):
        page.write_string(row, column, "infinite" if value > 0 else "minus infinite", formats["text"])
    else:
        page.write_number(row, column, value, formats["number"])


def _text(value: str) -> str:
    """What a cell can hold: so long, and no half of a character."""
    whole = value.encode("utf-8", "replace").decode()
    return whole if len(whole) <= _LONGEST_TEXT else whole[: _LONGEST_TEXT - 4] + " ..."


def _width(heading: str, values: Iterable[Value]) -> int:
    longest = max((_length(value) for value in values), default=0)
    return min(max(longest, min(len(heading), 24)) + 2, _WIDEST)


def _length(value: Value) -> int:
    return len(value) if isinstance(value, str) else 0 if value is None else 12
