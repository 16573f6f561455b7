"""The schema of connections: how much they carry, when they carry less, and how often they fail."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from simgrid.scenario.fields import Bandwidth, Duration, Share, Strictly, refuse
from simgrid.scenario.hours import BadHours, weekly_schedule
from simgrid.scenario.problems import shown

NIGHT = "22:00-06:00"


def daily(text: str) -> str:
    """Hours in the language of ``hours``: a bare span of time is that of every day."""
    return f"daily {text}" if text[:1].isdigit() else text


def _spans(value: object) -> str:
    if not isinstance(value, str):
        raise refuse("E106", f"expected hours, got {shown(value)}", f"write them like '{NIGHT}'")
    try:
        weekly_schedule(daily(value))
    except BadHours as bad:
        raise refuse("E109", *bad.args) from None
    return value


def _day_or_week(factors: tuple[float, ...]) -> tuple[float, ...]:
    if len(factors) not in (24, 168):
        raise refuse("E107", f"has {len(factors)} factors", "give 24 (a day) or 168 (a week from Monday 0 h)")
    return factors


_spans_schema = {
    "type": "string",
    "description": "local hours of every day, or of the days named as in hours",
    "examples": [NIGHT, "Mon-Fri 18:00-06:00"],
}
Spans = Annotated[str, BeforeValidator(_spans), WithJsonSchema(_spans_schema, mode="validation")]
Kept = Annotated[float, Field(strict=True, ge=0, le=1)]
ByHour = Annotated[tuple[Kept, ...], Field(max_length=168), AfterValidator(_day_or_week)]


class FailuresSpec(Strictly):
    """Failures at random, drawn anew in every world: exponential times between them and until a repair.

    ``mtbf``: mean from a repair to the next failure. ``mttr``: mean until the repair.
    """

    mtbf: Duration
    mttr: Duration


class NightSpec(Strictly):
    """Local hours at which the connection keeps only a ``factor`` of its bandwidth."""

    factor: Share
    hours: Spans


class LinkSpec(Strictly):
    """A place's own full-duplex connection: one ``bandwidth`` both ways, or ``up`` and ``down`` apart.

    ``outages``: it fails at random and then carries nothing. ``night``, or ``by_hour`` with a factor from 0
    to 1 for each of 24 or 168 local hours: it carries less at times. Where these and events overlap, the
    least is in force.
    """

    bandwidth: Bandwidth | None = None
    up: Bandwidth | None = None
    down: Bandwidth | None = None
    outages: FailuresSpec | None = None
    night: NightSpec | None = None
    by_hour: ByHour = ()

    @model_validator(mode="after")
    def _both_ways(self) -> Self:
        if (self.bandwidth is None) == (self.up is None or self.down is None) or (
            self.bandwidth is not None and (self.up is not None or self.down is not None)
        ):
            raise refuse("E102", "the link's speed is not stated once", "give bandwidth, or both up and down")
        return self
