"""The schema of planning: what must hold, what things cost, and what may differ between plans."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from simgrid.scenario.fields import Duration, Share, Strictly, Text, refuse
from simgrid.scenario.problems import shown

REQUIRED = "required"
PERIODS = "19 of 20 months"
MOST_PERIODS = 1000
MOST_RUNS = 100_000
_PERIODS = re.compile(r"([0-9]{1,4}) of ([0-9]{1,4})(?: (?:days|weeks|months|quarters|years|periods))?")


def _within(value: object) -> object:
    if value == REQUIRED:
        return None
    return _duration_of(value)


def _duration_of(value: object) -> float:
    from pydantic import TypeAdapter, ValidationError

    try:
        found: float = TypeAdapter(Duration).validate_python(value)
    except ValidationError as error:
        context = error.errors()[0].get("ctx", {})
        raise refuse(
            error.errors()[0]["type"], str(context.get("message", "")), str(context.get("help", ""))
        ) from None
    return found


def _periods(value: object) -> tuple[int, int]:
    found = _PERIODS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise refuse("E105", f"{shown(value)} says not how often", f"write it like '{PERIODS}'")
    kept, of = int(found[1]), int(found[2])
    if not (1 <= kept <= of <= MOST_PERIODS and of >= 2):
        message = f"{kept} of {of} is no share of at least two periods"
        raise refuse("E107", message, f"write it like '{PERIODS}', at most {MOST_PERIODS} periods")
    return kept, of


_within_schema = {
    "anyOf": [
        {"const": REQUIRED},
        {"type": "string", "pattern": r"^[0-9]*\.?[0-9]+ ?(ms|s|min|h|d|weeks?)$"},
    ],
    "description": f"a duration such as 60 min, or {REQUIRED}: the time that each inspection is allowed",
    "examples": ["60 min", REQUIRED],
}
_periods_schema = {
    "type": "string",
    "pattern": r"^\d+ of \d+( (days|weeks|months|quarters|years|periods))?$",
    "description": "in how many of how many periods, each as long as the horizon; without it the long run",
    "examples": [PERIODS],
}
_amount_schema = {
    "type": ["string", "number"],
    "description": "an amount of the metric: with its unit, or bare for what is counted",
    "examples": ["120 min", "95 %"],
}
Within = Annotated[float | None, BeforeValidator(_within), WithJsonSchema(_within_schema, mode="validation")]
Periods = Annotated[
    tuple[int, int], BeforeValidator(_periods), WithJsonSchema(_periods_schema, mode="validation")
]
Amount = Annotated[Any, WithJsonSchema(_amount_schema, mode="validation")]


class TargetSpec(Strictly):
    """What must hold: a ``share`` reported ``within`` a time, or a ``metric`` at most or at least so much.

    ``of``: all inspections, or a group such as ``urgency=urgent``; one that is never reported is late. It
    holds in the long run, a share of the inspections of all replications together and a metric on average
    over them, unless ``in`` says in how many of how many periods: each replication is one, as long as the
    horizon.
    """

    of: Text = "all"
    within: Within = None
    share: Share | None = None
    metric: Text | None = None
    at_most: Amount | None = None
    at_least: Amount | None = None
    in_: Annotated[Periods | None, Field(alias="in")] = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        given = self.model_fields_set
        example = "{of: urgency=urgent, within: 60 min, share: 95 %}"
        if self.metric is None:
            if "within" not in given or self.share is None:
                missing = "share" if "within" in given else "within"
                raise refuse("E102", f"'{missing}' is missing", f"write it like {example}")
            if given & {"at_most", "at_least"}:
                raise refuse("E110", "at_most and at_least go with a metric", "remove them, or give metric")
        elif given & {"within", "share"}:
            raise refuse("E110", "has a metric and a share within a time", "make two targets of it")
        elif (self.at_most is None) == (self.at_least is None):
            way_out = "write it like {metric: tat_p95_min, at_most: 120 min}"
            raise refuse("E102", "the amount is not stated once", way_out)
        return self


_values_schema = {
    "anyOf": [
        {"type": "array", "minItems": 1},
        {"type": "string", "pattern": r"^\d+\.\.\d+$"},
        {"type": "object", "required": ["from", "to"]},
    ],
    "description": "a list of values, whole numbers such as 4..12, or a range as in sweep",
    "examples": ["4..12", ["4 Mbit/s", "8 Mbit/s"]],
}
Values = Annotated[Any, WithJsonSchema(_values_schema, mode="validation")]
_meet_schema = {
    "anyOf": [{"const": "targets"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}],
    "description": "all targets, or a list of their names",
}
Meet = Annotated[Literal["targets"] | tuple[Text, ...], WithJsonSchema(_meet_schema, mode="validation")]


def _some_doubt(confidence: float) -> float:
    if not 0.5 <= confidence < 1:
        raise refuse("E107", "out of range", "give 50 % or more, and less than 100 %")
    return confidence


def _some_distance(tolerance: float) -> float:
    if tolerance == 0:
        raise refuse("E107", "0 % would take runs without end", "it must be above 0 %")
    return tolerance


class PlanSpec(Strictly):
    """What ``simgrid plan`` looks for: the cheapest values of ``vary`` that ``meet`` the targets.

    ``vary``: places with their values; ``policy`` may be one of them, and a star stands for any name
    (``sites.*.link.bandwidth``). ``policy``: under which plans run that do not vary it, by default the first.
    ``confidence``: of the statement that a plan reaches every target. ``tolerance``: nearer than this to a
    target nothing is promised. ``runs``: replications of a plan at most, in the search and in the test.
    """

    vary: Annotated[dict[Text, Values], Field(min_length=1, max_length=20)]
    meet: Meet = "targets"
    minimise: Literal["cost"] = "cost"
    policy: Text | None = None
    confidence: Annotated[Share, AfterValidator(_some_doubt)] = 0.95
    tolerance: Annotated[Share, AfterValidator(_some_distance)] = 0.01
    runs: Annotated[int, Field(strict=True, ge=10, le=MOST_RUNS)] = 400
