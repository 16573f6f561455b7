"""Times as a log writes them where that is not ISO 8601: in declared forms, tried in order, never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

EXCEL = "excel"
"""The form of a spreadsheet's numbers: days since 1899-12-30, so that 46027.25 is 2026-01-05 06:00."""

_SERIAL = re.compile(r"\d{5}(\.\d{1,12})?")
_EXCEL_EPOCH = datetime(1899, 12, 30)
_PROBE = datetime(2026, 3, 25, 17, 42, tzinfo=UTC)
"""A time of which no part can be taken for another."""
_ZONE_NAMES = re.compile(r"(?:^|[^%])(?:%%)*%Z")


def form_problem(form: str) -> str | None:
    """Why it is no form of times: such as ``%d.%m.%Y %H:%M``, after Python's ``strptime``, or ``excel``."""
    if form == EXCEL:
        return None
    if _ZONE_NAMES.search(form):
        return "%Z reads names of zones, which are ambiguous: leave them out and give --zone, or use %z"
    try:
        found = datetime.strptime(_PROBE.strftime(form), form)
    except ValueError:
        found = None
    if found is None or found.replace(tzinfo=UTC) != _PROBE:
        return "it does not tell day, month, year, hour and minute: write it like %d.%m.%Y %H:%M, or excel"
    return None


def as_iso(text: str, forms: Sequence[str]) -> str:
    """The time in ISO 8601 by the first form that fits; a text that none fits comes back as it is."""
    plain = text.strip()
    for form in forms:
        if form == EXCEL:
            if _SERIAL.fullmatch(plain):
                # Numbers of days come rounded: a second is the least that they still tell.
                return (_EXCEL_EPOCH + timedelta(seconds=round(float(plain) * 86_400))).isoformat()
            continue
        try:
            return datetime.strptime(plain, form).isoformat()
        except ValueError:
            continue
    return text
