"""Quantities with their unit in the value, through a strict table.

Case matters (b is bit, B is byte; m is milli, M is mega), and no unit is guessed: a wrong one is an error
that says which one was probably meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from simgrid.domain.units import DAY, HOUR, MINUTE

_QUANTITY = re.compile(r"(?P<number>[-+]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)) ?(?P<unit>[A-Za-z%/].*)?")
_DECIMAL_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+")


@dataclass(frozen=True, slots=True)
class Dimension:
    """A kind of quantity: its units as factors to the model's own unit, an example, and slips to expect."""

    name: str
    units: Mapping[str, float]
    example: str
    slips: Mapping[str, str]
    note: str = ""


class BadQuantity(ValueError):
    """Text that is not a quantity of the dimension: the error's number, message and way out."""

    def __init__(self, code: str, message: str, way_out: str) -> None:
        self.code = code
        self.message = message
        self.way_out = way_out
        super().__init__(message)


BANDWIDTH = Dimension(
    "bandwidth",
    {"bit/s": 1.0, "kbit/s": 1e3, "Mbit/s": 1e6, "Gbit/s": 1e9},
    "8 Mbit/s",
    {
        "bps": "bit/s",
        "kbps": "kbit/s",
        "kb/s": "kbit/s",
        "kbits": "kbit/s",
        "kbit": "kbit/s",
        "mbps": "Mbit/s",
        "mb/s": "Mbit/s",
        "mbits": "Mbit/s",
        "mbit": "Mbit/s",
        "gbps": "Gbit/s",
        "gb/s": "Gbit/s",
        "gbit": "Gbit/s",
    },
    "b = bit, B = byte",
)
SIZE = Dimension(
    "size",
    {
        "B": 1.0,
        "kB": 1e3,
        "MB": 1e6,
        "GB": 1e9,
        "TB": 1e12,
        "KiB": 2.0**10,
        "MiB": 2.0**20,
        "GiB": 2.0**30,
        "TiB": 2.0**40,
    },
    "250 MB",
    {"byte": "B", "bytes": "B", "k": "kB", "m": "MB", "g": "GB", "t": "TB", "meg": "MB", "gig": "GB"},
    "b = bit, B = byte",
)
DURATION = Dimension(
    "duration",
    {"ms": 1e-3, "s": 1.0, "min": MINUTE, "h": HOUR, "d": DAY, "week": 7 * DAY, "weeks": 7 * DAY},
    "45 min",
    {
        "sec": "s",
        "secs": "s",
        "second": "s",
        "seconds": "s",
        "m": "min",
        "mins": "min",
        "minute": "min",
        "minutes": "min",
        "hr": "h",
        "hrs": "h",
        "hour": "h",
        "hours": "h",
        "day": "d",
        "days": "d",
        "w": "weeks",
        "wk": "weeks",
    },
)
SHARE = Dimension("share", {"%": 0.01}, "95 %", {"percent": "%", "pct": "%", "per cent": "%", "prozent": "%"})
MEGAPIXELS = Dimension(
    "resolution",
    {"MP": 1.0},
    "3 MP",
    {"mpx": "MP", "mpix": "MP", "megapixel": "MP", "megapixels": "MP", "m": "MP"},
)
FREQUENCY = Dimension(
    "frequency",
    {"/min": HOUR / MINUTE, "/h": 1.0, "/d": HOUR / DAY},
    "6 /h",
    {
        "per hour": "/h",
        "/hour": "/h",
        "/hr": "/h",
        "per day": "/d",
        "/day": "/d",
        "per minute": "/min",
        "h": "/h",
    },
)
DOSE = Dimension("dose", {"mSv": 1.0}, "7 mSv", {"msv": "mSv", "millisievert": "mSv", "sv": "mSv"})
DIMENSIONS = (BANDWIDTH, SIZE, DURATION, SHARE, MEGAPIXELS, FREQUENCY, DOSE)


def quantity(value: object, dimension: Dimension) -> float:
    """The number in the model's unit: bit/s, bytes, seconds, 0..1, megapixels, per hour.

    :raises BadQuantity: for a bare number, an unknown unit or text that is no quantity.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise BadQuantity("E106", f"expected a {dimension.name}", f"write it like '{dimension.example}'")
    if not isinstance(value, str):
        raise _without_unit(str(value), dimension)
    text = value.strip()
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise _unreadable(text, dimension)
    number, unit = match["number"], match["unit"]
    if unit is None:
        raise _without_unit(number, dimension)
    if unit.strip() not in dimension.units:
        raise _unknown_unit(number, unit.strip(), dimension)
    return _scaled(number, exact_factor(unit.strip(), dimension))


def exact_factor(unit: str, dimension: Dimension) -> Fraction:
    """What a number in ``unit`` is multiplied by to be in the model's own, as a fraction: 1/24 for ``/d``."""
    factor = dimension.units[unit]
    inverse = 1.0 / factor
    return Fraction(factor) if factor >= 1 else Fraction(1, round(inverse))


def _scaled(number: str, factor: Fraction) -> float:
    """Rounded once, so that one amount is one number however it is written: 1.1 h is 66 min."""
    try:
        return float(Fraction(number) * factor)
    except (OverflowError, ValueError):  # thousands of digits: beyond every bound
        return float(number) * float(factor)


def _units(dimension: Dimension) -> str:
    return ", ".join(dimension.units)


def _without_unit(number: str, dimension: Dimension) -> BadQuantity:
    unit = dimension.example.split(" ", 1)[1]
    meant = number
    if dimension is SHARE and 0 < float(number) <= 1:
        meant = f"{100 * float(number):g}"
    return BadQuantity(
        "E104",
        f"{number} has no unit",
        f"write the unit, such as '{meant} {unit}' (units of {dimension.name}: {_units(dimension)})",
    )


def _unreadable(text: str, dimension: Dimension) -> BadQuantity:
    cut = text if len(text) <= 40 else text[:36] + "..."
    if _DECIMAL_COMMA.match(text):
        return BadQuantity(
            "E105", f"'{cut}' has a comma in its number", "write a decimal point and no thousands mark"
        )
    return BadQuantity("E105", f"'{cut}' is not a {dimension.name}", f"write it like '{dimension.example}'")


def _unknown_unit(number: str, unit: str, dimension: Dimension) -> BadQuantity:
    cut = unit if len(unit) <= 30 else unit[:26] + "..."
    note = f" ({dimension.note})" if dimension.note else ""
    folded = {name.casefold(): name for name in dimension.units} | dict(dimension.slips)
    meant = folded.get(unit.casefold()) or folded.get(unit.casefold().rstrip("."))
    if dimension is BANDWIDTH and unit in {"kB/s", "MB/s", "GB/s"}:
        bits = f"{unit[0]}bit/s"
        return BadQuantity(
            "E103",
            f"unknown unit '{unit}'",
            f"did you mean '{number} {bits}'? {number} {unit} is {float(number) * 8:g} {bits}{note}",
        )
    if meant is not None:
        return BadQuantity("E103", f"unknown unit '{cut}'", f"did you mean '{number} {meant}'?{note}")
    for other in DIMENSIONS:
        if unit in other.units:
            return BadQuantity(
                "E103",
                f"'{unit}' is a unit of {other.name}, not of {dimension.name}",
                f"write it like '{dimension.example}' (units: {_units(dimension)})",
            )
    return BadQuantity(
        "E103", f"unknown unit '{cut}'", f"units of {dimension.name}: {_units(dimension)}{note}"
    )
