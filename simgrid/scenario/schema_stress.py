"""The schema of stress tests: for how long things are down, and how far the load rises."""

from __future__ import annotations

from math import inf
from typing import Annotated

from pydantic import BeforeValidator, Field, Strict, TypeAdapter, ValidationError, WithJsonSchema

from simgrid.domain.stress import StressTest
from simgrid.scenario.fields import Duration, Strictly, refuse

ALWAYS = "always"
_DEFAULT = StressTest()
_DURATION: TypeAdapter[float] = TypeAdapter(Duration)


def _down(value: object) -> float:
    if value == ALWAYS:
        return inf
    try:
        return _DURATION.validate_python(value)
    except ValidationError as error:
        (first,) = error.errors()[:1]
        told = first.get("ctx", {})
        way_out = f"{told.get('help', '')}; or write {ALWAYS}".lstrip("; ")
        raise refuse(first["type"], str(told.get("message", "")), way_out) from None


_down_schema = {
    "anyOf": [
        {"const": ALWAYS},
        {"type": "string", "pattern": r"^[0-9]*\.?[0-9]+ ?(ms|s|min|h|d|weeks?)$"},
    ],
    "description": f"a duration such as 24 h, or {ALWAYS}: the whole run",
    "examples": ["24 h", ALWAYS],
}
Down = Annotated[float, BeforeValidator(_down), WithJsonSchema(_down_schema, mode="validation")]
Most = Annotated[float, Strict(), Field(ge=1.05, le=10)]


class StressSpec(Strictly):
    """What ``simgrid stress`` takes away, and for how long.

    ``down``: each link and each shard in turn, from its busiest hour on. ``outage``: the most loaded link,
    or a unit, from its worst hour on, of which the recovery is timed. ``load_to``: the demand rises in steps
    of 5 % to at most so many times itself.
    """

    down: Down = _DEFAULT.down_s
    outage: Duration = _DEFAULT.outage_s
    load_to: Most = _DEFAULT.load_to

    def build(self) -> StressTest:
        """The domain's."""
        return StressTest(self.down, self.outage, self.load_to)
