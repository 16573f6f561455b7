"""What ended a study's replications: the rule, each look at the means, and whether all were precise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simgrid.domain.precision import Target


@dataclass(frozen=True, slots=True)
class Series:
    """One mean: a metric under a policy, and in which cell (``link.bandwidth = 4 Mbit/s``; empty for one)."""

    policy: str
    metric: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What was found after so many replications, a number a series; None where it is undefined."""

    replications: int
    mean: tuple[float | None, ...]
    half_width: tuple[float | None, ...]
    allowed: tuple[float | None, ...]

    def enough(self, place: int) -> bool:
        """Whether the series at this place is precise."""
        half, allowed = self.half_width[place], self.allowed[place]
        return half is not None and allowed is not None and half <= allowed


@dataclass(frozen=True, slots=True)
class Stopping:
    """The rule and its course: ``statistics.stopping`` says what it promises.

    ``series``: in the order of every look's numbers. ``counts``: where the rule would look, declared before
    the first run. ``confidence``: of each half-width, so that those of one look hold jointly.
    """

    targets: tuple[Target, ...]
    counts: tuple[int, ...]
    confidence: float
    series: tuple[Series, ...]
    looks: tuple[Look, ...]

    @property
    def last(self) -> Look:
        """The look at which the replications ended."""
        return self.looks[-1]

    @property
    def short(self) -> tuple[int, ...]:
        """Places of the series that were not precise at the end."""
        return tuple(place for place in range(len(self.series)) if not self.last.enough(place))

    @property
    def reached(self) -> bool:
        """Whether every mean was precise at the end."""
        return not self.short

    def target(self, place: int) -> Target:
        """What was asked of a series."""
        metric = self.series[place].metric
        return next(one for one in self.targets if one.metric == metric)


def stopping_from(stored: dict[str, Any] | None) -> Stopping | None:
    """From the plain values of ``study.json``; raises KeyError, TypeError or ValueError for a damaged one."""
    if stored is None:
        return None
    looks = tuple(
        Look(one["replications"], *(tuple(one[name]) for name in ("mean", "half_width", "allowed")))
        for one in stored["looks"]
    )
    series = tuple(Series(**one) for one in stored["series"])
    wrong = [one for one in looks if {len(one.mean), len(one.half_width), len(one.allowed)} != {len(series)}]
    if wrong or not looks:
        raise ValueError("not one number a series at each look")
    return Stopping(
        targets=tuple(Target(**one) for one in stored["targets"]),
        counts=tuple(stored["counts"]),
        confidence=stored["confidence"],
        series=series,
        looks=looks,
    )
