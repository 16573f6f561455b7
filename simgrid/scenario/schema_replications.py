"""The schema of how many replications there are: a number, or until the means are precise."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import (
    Field,
    TypeAdapter,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)

from simgrid.domain.precision import FIRST_LOOK
from simgrid.scenario.fields import Share, Strictly, Text, refuse

MOST = 100_000
_Number = Annotated[int, Field(strict=True, ge=1, le=MOST)]
_number: TypeAdapter[int] = TypeAdapter(_Number)
_width_schema = {
    "type": ["string", "number"],
    "description": "an amount of the metric: with its unit, or bare for what is counted",
    "examples": ["5 min", "1 %"],
}
Width = Annotated[Any, WithJsonSchema(_width_schema, mode="validation")]


class ReplicationsSpec(Strictly):
    """Replications until the means of the metrics are precise, for every policy in every cell together.

    ``precision``: the half-width allowed as a share of the mean, for each metric of ``of`` (without it the
    primary ones that ``within`` does not name). ``within``: half-widths allowed in the metric's own unit;
    1 % of a share is one percentage point. ``max``: the most replications, precise or not.
    """

    precision: Share | None = None
    of: tuple[Text, ...] = ()
    within: dict[Text, Width] = Field(default_factory=dict)
    max: Annotated[int, Field(strict=True, ge=FIRST_LOOK, le=MOST)] = 1000

    @model_validator(mode="after")
    def _some_precision(self) -> Self:
        if self.precision is None and not self.within:
            raise refuse("E102", "'precision' is missing", "give precision, within, or both; or a number")
        if self.precision == 0:
            raise refuse("E107", "precision: 0 % cannot be reached", "it must be above 0 %")
        if self.precision is None and self.of:
            raise refuse("E102", "'precision' is missing", "'of' names the metrics for which it holds")
        return self


def _replications(value: object, read: ValidatorFunctionWrapHandler) -> ReplicationsSpec:
    if isinstance(value, dict):
        spec: ReplicationsSpec = read(value)
        return spec
    return ReplicationsSpec.model_construct(max=_number.validate_python(value))


Replications = Annotated[
    ReplicationsSpec,
    WrapValidator(_replications, json_schema_input_type=ReplicationsSpec | _Number),
]
