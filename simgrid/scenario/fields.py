"""Field types of the schema: strict scalars, names, and quantities whose unit stands in the value.

A refused value raises a pydantic error whose type is our problem number, so that ``refusals`` can place it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, WithJsonSchema
from pydantic_core import PydanticCustomError

from simgrid.domain.units import DAY
from simgrid.domain.zones import zone, zone_names
from simgrid.scenario.problems import did_you_mean, shown
from simgrid.scenario.profiles import PROFILES
from simgrid.scenario.units import (
    BANDWIDTH,
    DOSE,
    DURATION,
    FREQUENCY,
    MEGAPIXELS,
    SHARE,
    SIZE,
    BadQuantity,
    Dimension,
    quantity,
)


class Strictly(BaseModel):
    """A mapping of the scenario file: frozen, and no key but the declared ones."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)


def refuse(code: str, message: str, way_out: str = "") -> PydanticCustomError:
    """A refusal with our number; braces in the message are kept as they are."""
    return PydanticCustomError(code, "{message}", {"message": message, "help": way_out})


def _parser(dimension: Dimension, *, zero: bool, most: float) -> Callable[[object], float]:
    def parse(value: object) -> float:
        try:
            number = quantity(value, dimension)
        except BadQuantity as bad:
            raise refuse(bad.code, bad.message, bad.way_out) from None
        if number < 0 or (number == 0 and not zero):
            least = "at least 0" if zero else "above 0"
            raise refuse("E107", f"{shown(value)} is out of range", f"it must be {least}")
        if number > most:
            way_out = f"it must be at most {_at_most(most, dimension)}"
            raise refuse("E107", f"{shown(value)} is out of range", way_out)
        return number

    return parse


def _at_most(most: float, dimension: Dimension) -> str:
    return f"{most / DAY:g} d" if dimension is DURATION else f"{most:g} in the model's unit"


def _quantity(dimension: Dimension, *, zero: bool = False, most: float = 1e18) -> Any:
    units = "|".join(unit.replace("/", "\\/") for unit in dimension.units)
    schema = {
        "type": "string",
        "pattern": rf"^[-+]?[0-9]*\.?[0-9]+ ?({units})$",
        "description": f"a {dimension.name} with its unit, such as {dimension.example}",
        "examples": [dimension.example],
    }
    return Annotated[
        float,
        BeforeValidator(_parser(dimension, zero=zero, most=most)),
        WithJsonSchema(schema, mode="validation"),
    ]


def _one_of_percent(value: object) -> float:
    number = _share(value)
    if number > 1:
        raise refuse("E107", f"{shown(value)} is out of range", "a share is at most 100 %")
    return number


_share = _parser(SHARE, zero=True, most=1e6)
_share_schema = {
    "type": "string",
    "pattern": r"^[0-9]*\.?[0-9]+ ?%$",
    "description": "a share in per cent, such as 95 %",
    "examples": ["95 %"],
}

MARKS = 5
_MARK = re.compile(r"([1-5])/5")


def _rating(value: object) -> float:
    """A mark from 1 to 5 is a fifth of itself, a decimal from 0.0 to 1.0 is meant as it stands.

    A bare 1 could be the lowest mark or the best rating, so it is refused.
    """
    if isinstance(value, str) and (mark := _MARK.fullmatch(value)):
        return int(mark[1]) / MARKS
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise refuse("E106", f"expected a rating, got {shown(value)}", "write 4 for 4 of 5, or 0.8")
    if isinstance(value, float):
        if not 0 <= value <= 1:
            raise refuse(
                "E107", f"{value} is out of range", "a decimal is 0.0 to 1.0; marks are whole, 2 to 5"
            )
        return value
    if value == 1:
        message = "1 is the lowest of five marks and the best of all decimals"
        raise refuse("E107", message, "write 1/5 for the lowest mark, or 1.0 for the best")
    if not (value == 0 or 2 <= value <= MARKS):
        raise refuse(
            "E107", f"{value} is out of range", "marks go from 1/5 over 2, 3, 4 to 5, decimals to 1.0"
        )
    return value / MARKS


_rating_schema = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "integer", "minimum": 2, "maximum": MARKS},
        {"type": "string", "pattern": "^[1-5]/5$"},
    ],
    "description": "a whole mark (1/5, 2 to 5; 5 is the best) or a decimal from 0.0 to 1.0",
    "examples": [4, 0.8, "1/5"],
}


def _by_hour(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value not in PROFILES:
        raise refuse("E108", f"{shown(value)} is no profile", did_you_mean(value, PROFILES))
    return PROFILES[value].weights


def _day_or_week(weights: tuple[float, ...]) -> tuple[float, ...]:
    if len(weights) not in (24, 168) or sum(weights) <= 0:
        raise refuse("E107", f"has {len(weights)} weights", "give 24 (a day) or 168 (a week), not all zero")
    return weights


Text = Annotated[str, Strict()]
Count = Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
Whole = Annotated[int, Strict(), Field(ge=0, le=1_000_000_000)]
Flag = Annotated[bool, Strict()]
Factor = Annotated[float, Strict(), Field(gt=0, le=1000)]
Spreading = Annotated[float, Strict(), Field(ge=0, le=5)]
Rating = Annotated[float, BeforeValidator(_rating), WithJsonSchema(_rating_schema, mode="validation")]
Weight = Annotated[float, Strict(), Field(ge=0, le=1e9)]
_by_hour_schema = {
    "anyOf": [
        {"enum": list(PROFILES)},
        {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 24, "maxItems": 168},
    ],
    "description": "relative weights of the local hours: the name of a profile, 24 or 168 numbers",
    "examples": ["office"],
}
ByHour = Annotated[
    tuple[Weight, ...],
    Field(max_length=168),
    BeforeValidator(_by_hour),
    AfterValidator(_day_or_week),
    WithJsonSchema(_by_hour_schema, mode="validation"),
]
Name = Annotated[str, Strict(), Field(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?$")]

Bandwidth = _quantity(BANDWIDTH)
Size = _quantity(SIZE)
Duration = _quantity(DURATION)
DurationOrZero = _quantity(DURATION, zero=True)
Horizon = _quantity(DURATION, most=3660 * DAY)
Dose = _quantity(DOSE, zero=True, most=1e4)
Resolution = _quantity(MEGAPIXELS)


def _megapixels(value: object) -> float:
    """The key names the unit, so a bare number has one."""
    bare = isinstance(value, (int, float)) and not isinstance(value, bool)
    return _resolution(f"{value} MP" if bare else value)


_resolution = _parser(MEGAPIXELS, zero=False, most=1e6)
_megapixels_schema = {
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "string", "pattern": r"^[0-9]*\.?[0-9]+ ?MP$"},
    ],
    "description": "a number of megapixels, such as 5 or 5 MP",
    "examples": [5],
}
Megapixels = Annotated[
    float, BeforeValidator(_megapixels), WithJsonSchema(_megapixels_schema, mode="validation")
]
Frequency = _quantity(FREQUENCY, zero=True)
Share = Annotated[float, BeforeValidator(_one_of_percent), WithJsonSchema(_share_schema, mode="validation")]


def _start(value: object) -> datetime:
    if isinstance(value, str):
        for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M"):
            try:
                return datetime.strptime(value, form)
            except ValueError:
                continue
    raise refuse(
        "E111", f"{shown(value)} is not a day or an instant", "write it like '2026-01-05 08:00', local time"
    )


YEARS = range(1900, 2200)
"""In which simulated time may begin: far from the ends of the calendar, beyond which no date can be told."""


def _beginning(value: object) -> datetime:
    start = _start(value)
    if start.year not in YEARS:
        way_out = f"simulated time begins in the years {YEARS[0]} to {YEARS[-1]}"
        raise refuse("E107", f"{shown(value)} is out of range", way_out)
    return start


def _day(value: object) -> date:
    if isinstance(value, str) and len(value) == 10:
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            pass
    raise refuse("E111", f"{shown(value)} is not a date", "write it like '2026-03-17'")


def _zone(value: object) -> str:
    if isinstance(value, str):
        try:
            return zone(value).key
        except KeyError:
            way_out = did_you_mean(
                value,
                sorted(name for name in zone_names() if "/" in name and "Etc/" not in name),
                "write an IANA zone such as Europe/Dublin",
            )
            way_out = (
                way_out
                if way_out.startswith("did")
                else "write an IANA zone such as 'Europe/Dublin' or 'UTC'"
            )
            raise refuse("E111", f"{shown(value)} is not a time zone", way_out) from None
    raise refuse("E106", f"expected a time zone, got {shown(value)}", "write it like 'Europe/Dublin'")


_date_schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$", "examples": ["2026-03-17"]}
_start_schema = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\d( \d\d:\d\d)?$",
    "description": "local date, or date and time",
    "examples": ["2026-01-05", "2026-01-05 08:00"],
}
Start = Annotated[datetime, BeforeValidator(_start), WithJsonSchema(_start_schema, mode="validation")]
Beginning = Annotated[datetime, BeforeValidator(_beginning), WithJsonSchema(_start_schema, mode="validation")]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema(_date_schema, mode="validation")]
Zone = Annotated[str, BeforeValidator(_zone), WithJsonSchema({"type": "string"}, mode="validation")]
