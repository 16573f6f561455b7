"""What the replications of one state say: of targets by bounds, of the headline by paired differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, nan

import numpy as np

from simgrid.domain.metric import METRICS
from simgrid.domain.targets import IN_TIME, Target
from simgrid.domain.targets import fewest as fewest_of
from simgrid.domain.units import FloatArray
from simgrid.planning.observed import Values
from simgrid.statistics.bounds import FEWEST_ALIKE, Met, unfavourable
from simgrid.statistics.intervals import Paired, paired
from simgrid.statistics.long_run import counted, ratio_differences, split

CONFIDENCE = 0.95
TURNAROUND = "tat_p95_min"
SHOWN = (IN_TIME, TURNAROUND, "open_at_end")
"""What is told as a difference from the deployed state, the first being what harm is ordered by."""
STUDIES = ("reported", "open_at_end")
"""What adds up to all studies of a run."""
TIMES = frozenset({"ms", "s", "min", "h"})


@dataclass(frozen=True, slots=True)
class Judged:
    """One target in one state: the mean over ``n`` replications between one-sided bounds, and the verdict.

    Of a share in the long run the mean is that over the inspections of all of them. It is met, or missed,
    where both bounds lie on that side of ``goal``; each holds at 95 % or more, for itself. Of a target of
    periods all three are shares of periods. Bounds are NaN where too little was measured. With ``alike`` all
    values are equal, and nothing bounds what others would be: the bounds are no interval.
    """

    name: str
    mean: float
    low: float
    high: float
    goal: float
    verdict: Met
    n: int
    alike: bool = False


@dataclass(frozen=True, slots=True)
class Sureness:
    """The confidence of the bound by which a target is met, and of that by which it is missed."""

    met: float = CONFIDENCE
    missed: float = CONFIDENCE


@dataclass(frozen=True, slots=True)
class Change:
    """One metric less its value as deployed, in the same worlds, with its paired 95 % interval.

    Of the studies in time it is the difference of two long-run shares, of all studies of all worlds; of any
    other metric the mean of the worlds' differences.
    ``alike``: the difference is the same in all ``n`` worlds, which leaves no interval: both ends are NaN.
    """

    metric: str
    unit: str
    difference: float
    low: float
    high: float
    n: int
    alike: bool = False

    @property
    def surely(self) -> int:
        """1 for more, -1 for less, 0 where the two cannot be told apart, or too few happen to be equal.

        Of a share whose differences are equal so many worlds may be otherwise as ``may_differ`` says, and as
        much as can be.
        """
        if not self.alike:
            return (self.low > 0) - (self.high < 0)
        sign = (self.difference > 0) - (self.difference < 0)
        if self.unit != "1":
            return sign if self.n >= FEWEST_ALIKE else 0
        left = abs(self.difference) - may_differ(self.n) * (1.0 + abs(self.difference))
        return sign if left > 0 else 0


def may_differ(n: int) -> float:
    """The share of worlds up to which others may be where all of ``n`` were alike: exact, one-sided 95 %."""
    return float(1.0 - (1.0 - CONFIDENCE) ** (1.0 / n))


def judged(
    targets: Sequence[Target], seen: Values, sure: Sequence[Sureness] | None = None
) -> tuple[Judged, ...]:
    """Every target in one state, with 95 % of each word unless ``sure`` says otherwise of each target."""
    levels = sure or [Sureness()] * len(targets)
    return tuple(_judged(target, seen, level) for target, level in zip(targets, levels, strict=True))


def _judged(target: Target, seen: Values, sure: Sureness) -> Judged:
    values = seen.of_target(target)
    found = unfavourable(values, target, sure.met)
    if sure.missed != sure.met:
        other = unfavourable(values, target, sure.missed)
        word: Met = found.met if found.met == "met" else "cannot be told apart"
        word = "missed" if other.met == "missed" else word
        found = replace(found, favourable=other.favourable, met=word)
    one = Judged(target.name, found.mean, found.low, found.high, target.goal, found.met, found.n)
    return replace(one, alike=are_alike(split(values)[0]) and not found.low < found.high)


def are_alike(values: FloatArray) -> bool:
    """Whether at least two worlds measured anything, and all of them the same."""
    seen = values[~np.isnan(values)]
    return len(seen) > 1 and bool(seen.min() == seen.max())


def compared(
    targets: Sequence[Target],
    seen: Values,
    deployed: Values,
    sure: Sequence[Sureness] | None = None,
) -> tuple[tuple[Judged, ...], tuple[Change, ...]]:
    """Every target in a state, and its differences to the deployed one.

    Where more studies than as deployed are surely never reported, no time is met: it is that of the others.
    Where none is, a time that is missed is infinite, and not the longest that the run lasted.
    """
    differences = changes(seen, deployed)
    found = judged(targets, seen, sure)
    if np.isnan(seen.of(TURNAROUND)).all():
        found = tuple(
            _never(one) if target.unit in TIMES else one for target, one in zip(targets, found, strict=True)
        )
    more_open = differences[-1]
    if more_open.surely > 0 or (more_open.alike and more_open.difference > 0):
        pairs = zip(targets, found, strict=True)
        found = tuple(_doubted(one) if target.unit in TIMES else one for target, one in pairs)
    return found, differences


def _never(one: Judged) -> Judged:
    return replace(one, mean=inf, low=inf, high=inf) if one.verdict == "missed" else one


def _doubted(one: Judged) -> Judged:
    return replace(one, verdict="cannot be told apart") if one.verdict == "met" else one


def changes(seen: Values, deployed: Values) -> tuple[Change, ...]:
    """The headline's differences between two states of the same worlds."""
    return tuple(_change(metric, seen, deployed) for metric in SHOWN)


def _change(metric: str, seen: Values, deployed: Values) -> Change:
    """Of a share no more than all can be lost or won, whatever Student's interval says."""
    found = _paired(metric, seen, deployed)
    unit, end = METRICS[metric].unit, 1.0 if METRICS[metric].unit == "1" else inf
    if found.low == found.high:
        return Change(metric, unit, float(found.difference), nan, nan, int(found.n), alike=True)
    low, high = max(float(found.low), -end), min(float(found.high), end)
    return Change(metric, unit, float(found.difference), low, high, int(found.n))


def _paired(metric: str, seen: Values, deployed: Values) -> Paired:
    """World by world; a share of all studies with how many they are."""
    here, there = seen.of(metric), deployed.of(metric)
    if metric != IN_TIME:
        return paired(here, there)
    difference = ratio_differences(counted(here, _studies(seen)), counted(there, _studies(deployed)))
    return paired(difference, np.zeros(len(difference)))


def _studies(seen: Values) -> FloatArray:
    """Those of whose share in time the metric tells, in each world."""
    return sum((np.nan_to_num(seen.of(name)) for name in STUDIES), np.zeros(seen.replications))


def fewest(target: Target) -> int:
    """The replications below which even a flawless share could not be shown to be reached."""
    return fewest_of(target, CONFIDENCE)
