"""The schema of who reads, how work is limited, and who decides."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    WithJsonSchema,
    model_validator,
)

from simgrid.domain.scenario import Provenance
from simgrid.scenario.fields import (
    Duration,
    Factor,
    Flag,
    Name,
    Rating,
    Resolution,
    Share,
    Strictly,
    Text,
    Whole,
    Zone,
    refuse,
)
from simgrid.scenario.hours import EXAMPLE, BadHours, weekly_schedule
from simgrid.scenario.problems import shown

Option = StrictBool | StrictInt | StrictFloat | StrictStr
PLUG_IN = "first_free.py:FirstFree"
PROVENANCE: tuple[Provenance, ...] = ("stated", "derived", "assumed", "changed")
_ONE_SOURCE = 'write {stated: "who says so"}, {derived: "from what"} or {assumed: "why"}'


def _hours(value: object) -> str:
    if not isinstance(value, str):
        raise refuse("E106", f"expected working hours, got {shown(value)}", f"write them like '{EXAMPLE}'")
    try:
        weekly_schedule(value)
    except BadHours as bad:
        raise refuse("E109", *bad.args) from None
    return value


_hours_schema = {"type": "string", "description": "local working hours", "examples": [EXAMPLE, "always"]}
Hours = Annotated[str, BeforeValidator(_hours), WithJsonSchema(_hours_schema, mode="validation")]


class RadiologistSpec(Strictly):
    """A radiologist, or ``count`` alike who are called NAME-1, NAME-2 and so on; 0: a shift left empty.

    ``ratings``: condition of the ontology (in any case) to a mark of 5 or a decimal up to 1.0. ``speed``:
    factor on reading times, above 1 is slower. ``monitor``: her own where it differs from the unit's.
    ``non_reading``: share of her time at the desk that goes elsewhere. ``absence``: share of her working days
    on which she is away, known beforehand. ``cherry_picking``: the probability that she is one who takes the
    shortest study on her desk first (urgent ones before routine all the same). ``effort_limit``: reading
    time over the run, for ``workload_limit.share: declared``.
    """

    unit: Name
    reads: Annotated[tuple[Text, ...], Field(min_length=1)]
    ratings: dict[Text, Rating]
    hours: Hours
    zone: Zone | None = None
    count: Annotated[Whole, Field(le=1000)] = 1
    speed: Factor = 1.0
    full_time: Share = 1.0
    non_reading: Share = 0.0
    absence: Share = 0.0
    cherry_picking: Share = 0.0
    monitor: Resolution | None = None
    effort_limit: Duration | None = None
    favour: Factor = 1.0


def _scored(value: object) -> float | str:
    if value == "slack":
        return "slack"
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1000:
        raise refuse("E107", f"{shown(value)} is out of range", "give a factor above 0, or the word slack")
    return float(value)


class WorkloadLimitSpec(Strictly):
    """The rule for l_j of eq. 5 and 10; ``scored_slack: slack`` scores eq. 10 at the limit's own slack.

    ``share: mined`` follows the minutes that each radiologist reads in the log or stage of ``belief``.
    ``period``: limits, and what counts towards them, begin anew with each local day or week (Monday).
    """

    share: Literal["equal", "full-time", "declared", "mined"] = "equal"
    total: Literal["seen", "run"] = "seen"
    slack: Factor = 1.05
    plus_largest: Flag = True
    scored_slack: Annotated[
        float | str,
        BeforeValidator(_scored),
        WithJsonSchema(
            {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"const": "slack"}]}, mode="validation"
        ),
    ] = 1.0
    period: Literal["run", "week", "day"] = "run"

    @model_validator(mode="after")
    def _known_in_time(self) -> Self:
        if self.period != "run" and (self.share == "declared" or self.total == "run"):
            known = "a declared limit" if self.share == "declared" else "the run's effort"
            raise refuse("E110", f"{known} is for the run, not for a {self.period}", "take period: run")
        return self


class PolicySpec(Strictly):
    """A policy by name; written ``NAME`` or ``NAME@VARIANT`` where it has no options."""

    name: Text
    variant: Text = ""
    options: dict[Text, Option] = Field(default_factory=dict)


class ClaimSpec(Strictly):
    """An ordering declared beforehand: ``policy`` beats each of ``against`` on ``metric``."""

    policy: Text
    against: Annotated[tuple[Text, ...], Field(min_length=1)]
    metric: Text
    note: Text = ""


def _in_file(value: object) -> str:
    file, colon, name = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    if not colon or not file.endswith(".py") or not name.isidentifier() or "\0" in file:
        way_out = f"write it like '{PLUG_IN}', the file relative to this one"
        raise refuse("E212", f"{shown(value)} names no class in a Python file", way_out)
    return f"{file}:{name}"


class GateSpec(Strictly):
    """A quality gate by name with its options; written as the bare name where it has none."""

    name: Text
    options: dict[Text, Option] = Field(default_factory=dict)


class SourceSpec(Strictly):
    """Where a value comes from; exactly one of the first three, each with its reason.

    ``changed`` is written by simgrid: a value that a file changed, whose source was that of another value.
    """

    stated: Text | None = None
    derived: Text | None = None
    assumed: Text | None = None
    changed: Text | None = None


def _policy(value: object) -> object:
    if not isinstance(value, str):
        return value
    name, at, variant = value.partition("@")
    if not name or (at and not variant) or "@" in variant:
        raise refuse("E206", f"{shown(value)} is not a policy", "write NAME or NAME@VARIANT")
    return {"name": name, "variant": variant}


def _gate(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


def _source(value: object) -> object:
    if isinstance(value, str) and value in PROVENANCE:
        return {value: ""}
    if isinstance(value, dict):
        given = {key: "" if reason is None else reason for key, reason in value.items()}
        unknown = {key: reason for key, reason in given.items() if key not in PROVENANCE}
        if unknown:  # beside what 'extends' brought
            return unknown
        if len(given) != 1:
            raise refuse("E110", "a source is one of stated, derived, assumed", _ONE_SOURCE)
        return given
    raise refuse("E106", f"expected a source, got {shown(value)}", _ONE_SOURCE)


Policy = Annotated[PolicySpec, BeforeValidator(_policy, json_schema_input_type=PolicySpec | str)]
_in_file_schema = {
    "type": "string",
    "pattern": r"^.*\.py:[^\W\d]\w*$",
    "description": f"a class in a Python file, such as {PLUG_IN}",
    "examples": [PLUG_IN],
}
PlugInFile = Annotated[str, BeforeValidator(_in_file), WithJsonSchema(_in_file_schema, mode="validation")]
Gate = Annotated[GateSpec, BeforeValidator(_gate, json_schema_input_type=GateSpec | str)]
SourceLine = Annotated[
    SourceSpec,
    BeforeValidator(_source, json_schema_input_type=SourceSpec | Literal["stated", "derived", "assumed"]),
]
