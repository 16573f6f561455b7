"""Amounts of a metric in its own unit: ``5 min`` of a turnaround, ``1 %`` of a share, 3 of a number."""

from __future__ import annotations

from simgrid.domain.metric import METRICS
from simgrid.domain.units import HOUR, MINUTE
from simgrid.scenario.marks import Located, Source
from simgrid.scenario.problems import Problem, ScenarioInvalid, shown
from simgrid.scenario.units import DURATION, SHARE, SIZE, BadQuantity, Dimension, quantity
from simgrid.scenario.yaml_tree import read_value

_MEASURES: dict[str, tuple[Dimension, float]] = {
    "1": (SHARE, 1.0),
    "ms": (DURATION, 1e-3),
    "s": (DURATION, 1.0),
    "min": (DURATION, MINUTE),
    "h": (DURATION, HOUR),
    "GB": (SIZE, 1e9),
}
"""A metric's unit as a dimension, and that unit in the dimension's own."""


def amount_of(value: object, unit: str) -> float:
    """The amount in the metric's unit; a bare number where the unit is what is counted.

    :raises BadQuantity: for anything else.
    """
    if unit in _MEASURES:
        dimension, size = _MEASURES[unit]
        return quantity(value, dimension) / size
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        way_out = f"write digits only: it counts {unit}"
        raise BadQuantity("E106", f"expected a number, got {shown(value)}", way_out)
    return float(value)


def option_amount(option: str, text: str, metric: str) -> float:
    """An amount of a known metric above 0, given behind an option of a command.

    :raises ScenarioInvalid: located in the option.
    """
    given = read_value(Source(option, text))
    try:
        found = amount_of(given.value, METRICS[metric].unit)
    except BadQuantity as bad:
        raise _refused(bad.code, given, bad.message, bad.way_out) from None
    if not 0 < found < float("inf"):
        raise _refused("E107", given, f"{shown(given.value)} is out of range", "it must be above 0")
    return found


def option_share(option: str, text: str) -> float:
    """A share between 0 and 100 %, both excluded, given behind an option.

    :raises ScenarioInvalid: located in the option.
    """
    given = read_value(Source(option, text))
    try:
        found = quantity(given.value, SHARE)
    except BadQuantity as bad:
        raise _refused(bad.code, given, bad.message, bad.way_out) from None
    if not 0 < found < 1:
        way_out = "it must lie between 0 % and 100 %"
        raise _refused("E107", given, f"{shown(given.value)} is out of range", way_out)
    return found


def _refused(code: str, given: Located, message: str, way_out: str) -> ScenarioInvalid:
    return ScenarioInvalid([Problem.at(code, given.mark, (), message, way_out)])
