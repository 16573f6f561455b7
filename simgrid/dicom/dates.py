"""Dates moved by days: whoever reads them learns intervals, and no date."""

from __future__ import annotations

from datetime import date

_FIRST = date(1, 1, 1).toordinal()


def moved(value: str, vr: str, days: int) -> str | None:
    """A DA, DT or TM ``days`` earlier; times of day stay, zones go. None for what is no such value."""
    text = value.strip()
    if vr == "TM":
        return text if text.replace(".", "", 1).isdigit() and 2 <= len(text) <= 13 else None
    day, rest = text[:8], text[8:].split("+")[0].split("-")[0]
    if not day.isdigit() or len(day) != 8 or (rest and not rest.replace(".", "", 1).isdigit()):
        return None
    if vr == "DA" and rest:
        return None
    try:
        ordinal = date(int(day[:4]), int(day[4:6]), int(day[6:])).toordinal() - days
    except ValueError:
        return None
    if ordinal < _FIRST:
        return None
    return f"{date.fromordinal(ordinal):%Y%m%d}{rest}"
