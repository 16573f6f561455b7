"""How targets, shares and verdicts are said: rounded to the unfavourable side, and never to 100 %."""

from __future__ import annotations

import math

from simgrid.domain.metric import METRICS
from simgrid.domain.targets import Target
from simgrid.domain.units import DAY, HOUR, MINUTE
from simgrid.presentation import wording
from simgrid.statistics.bounds import Met

NEARLY = 0.999
UNTOLD = "cannot be told"
_VERDICTS: dict[Met, str] = {"met": "met", "missed": "missed", "cannot be told apart": UNTOLD}

LONG_RUN = "in the long run"


def verdict(met: Met) -> str:
    """What is printed of a target: whether it is met cannot be told; two policies or plans, told apart."""
    return _VERDICTS[met]


def says(target: Target) -> str:
    """What must hold, in a planner's words."""
    if target.kind == "share":
        within = "the time allowed" if target.within_s is None else duration(target.within_s)
        said = f"{share(target.bound)} of {group(target.of)} reported within {within}"
    else:
        more = "at most" if target.better == "lower" else "at least"
        said = f"{wording.title(target.metric)} of {group(target.of)} {more} {amount(target.bound, target)}"
    if target.periods is None:
        return f"{said}, {LONG_RUN}"
    kept, of = target.periods
    return f"{said}, in at least {kept} of {of} periods as long as the horizon"


def group(of: str) -> str:
    """``urgent inspections``, ``all inspections``, ``inspections of site coast``."""
    dimension, _, value = of.partition("=")
    if not value:
        return f"{of} inspections"
    if dimension == "urgency":
        return f"{value} inspections"
    if dimension == "label":
        return f"inspections labelled {value}"
    named = f"{dimension} {value}"
    return named if dimension == "link" else f"inspections of {named}"


def found(value: float, target: Target, *, side: int = 0) -> str:
    """A value of what was found: a share of periods, a share in time, or an amount of the metric.

    ``side``: -1 rounds down and 1 up, as a bound must be on its unfavourable side; 0 to the nearest.
    """
    if math.isnan(value):
        return wording.UNDEFINED
    if target.periods is not None:
        return f"{share(value, side=side)} of periods"
    if target.unit == "1":
        return share(value, side=side)
    return amount(value, target, side=side)


def bound(value: float, target: Target) -> str:
    """A bound, rounded to the side that is worse for the target."""
    higher = target.better == "higher" or target.periods is not None
    return found(value, target, side=-1 if higher else 1)


def share(value: float, *, side: int = 0) -> str:
    """A share in per cent, to a tenth: ``95 %``, ``94.9 %``, ``>99.9 %``."""
    if math.isnan(value):
        return wording.UNDEFINED
    if value > NEARLY:
        return ">99.9 %"
    if 0 < value < 0.001:
        return "<0.1 %"
    tenths = _rounded(1000 * value, side)
    return f"{tenths / 10:g} %"


def amount(value: float, target: Target, *, side: int = 0) -> str:
    """An amount of the target's metric with its unit."""
    if math.isinf(value):
        return "never" if value > 0 else wording.UNDEFINED
    unit = METRICS[target.metric].unit
    if unit == "1":
        return share(value, side=side)
    digits = 0 if abs(value) >= 100 else 1
    return f"{_rounded(value * 10**digits, side) / 10**digits:g} {unit}"


def duration(seconds: float) -> str:
    """``45 min``, ``8 h``, ``4 d``."""
    for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= size and seconds % size == 0 and not (unit == "h" and seconds == HOUR):
            return f"{seconds / size:g} {unit}"
    return f"{seconds / MINUTE:g} min" if seconds >= MINUTE else f"{seconds:g} s"


def _rounded(value: float, side: int) -> int:
    """To a whole number; what a float's last bits say does not move a number over it."""
    if side == 0:
        return math.floor(value + 0.5)
    return math.floor(value + 1e-6) if side < 0 else math.ceil(value - 1e-6)
