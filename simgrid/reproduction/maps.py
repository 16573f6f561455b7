"""The maps: Stage 2 over two assumptions at a time, and of each headline gain what every cell says.

``MAPS`` (which scenario sweeps what, and how an axis reads), ``headlines`` (the stated gains under those
readings that a map measures), ``cells_of`` (from worlds to a gain with its interval in each cell).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from simgrid.domain.units import FloatArray
from simgrid.reproduction import gains
from simgrid.reproduction.claims import Quantity
from simgrid.reproduction.claims_file import read_claims, shipped_claims
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.experiments import Worlds, arm
from simgrid.reproduction.parts import DISTANCE, Part, parts_of
from simgrid.reproduction.verdicts import Interval, Singles, singles_of

State: TypeAlias = Literal["includes", "compatible", "excludes", "no ratio"]
"""Of a cell: its interval includes the stated value; only single worlds reach it; neither; no ratio."""

_HEADLINES = {
    "K4": "subspecialty success",
    "K5": "workload success",
    "K6": "response-time success",
    "K7": "reduction of total response time",
}


@dataclass(frozen=True, slots=True)
class Axis:
    """A swept place, how it reads, and how its values read where not as written.

    ``usual``: the value that Stage 2 itself has; empty where it has none of these.
    """

    place: str
    name: str
    values: tuple[str, ...]
    usual: str = ""
    words: tuple[str, ...] = ()

    def word(self, value: str) -> str:
        """A value as it reads."""
        return dict(zip(self.values, self.words, strict=False)).get(value, value)


@dataclass(frozen=True, slots=True)
class Map:
    """Two axes over which Stage 2 is run again."""

    name: str
    title: str
    worlds: Worlds
    down: Axis
    across: Axis


def _worlds(name: str, full: int, cpu_s: float) -> Worlds:
    return Worlds(name, f"paper/{name}", quick=0, full=full, cpu_s=cpu_s)


MAPS = (
    Map(
        "map-slack",
        "Slack of the workload limit and its period",
        _worlds("map-slack", 6, 70.0),
        Axis(
            "workload_limit.slack",
            "slack (sum of limits / sum of efforts)",
            ("1.02", "1.05", "1.1", "1.3", "2"),
        ),
        Axis("workload_limit.period", "period of the limit", ("run", "week", "day")),
    ),
    Map(
        "map-required",
        "Required response time, off-hours counted or not",
        _worlds("map-required", 12, 30.0),
        Axis(
            "demand.required.routine",
            "required time (t_req, routine)",
            ("1 h", "3 h", "6 h", "24 h", "72 h"),
            "24 h",
        ),
        Axis("demand.off_hours", "off-hours", ("true", "false"), "true", ("counted", "not counted")),
    ),
    Map(
        "map-load",
        "Load and batch window",
        _worlds("map-load", 5, 100.0),
        Axis("demand.scale", "inspections (x the stated number)", ("0.5", "1", "2", "3", "4"), "1"),
        Axis(
            "dispatch.every",
            "batch window",
            ("5 min", "15 min", "30 min", "60 min", "180 min"),
            "30 min",
        ),
    ),
    Map(
        "map-chief",
        "The chief's habit and memory",
        _worlds("map-chief", 6, 112.0),
        Axis("policy_options.manual.habit", "habit", ("0", "0.5", "1", "2", "4"), "1"),
        Axis("policy_options.manual.memory", "memory", ("0", "0.25", "0.5", "0.75", "1"), "0.5"),
    ),
    Map(
        "map-benefit",
        "Benefit of subspecialty and normalisation of ratings",
        _worlds("map-benefit", 6, 48.0),
        Axis(
            "spread.benefit",
            "true differences in skill (x the declared)",
            ("0", "0.25", "0.5", "1", "1.5"),
            "1",
        ),
        Axis(
            "policy_options.rwoa.reading",
            "normalisation of ratings",
            ("absolute", "relative", "share", "literal"),
            "absolute",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Headline:
    """A stated gain under one reading: what of whose worlds is divided, and the value to be met."""

    claim: str
    name: str
    reading: str
    usual: bool
    stated: float
    metric: str
    quantity: Quantity

    @property
    def title(self) -> str:
        """The gain, and its reading where there are several."""
        return f"{self.name}, {self.reading}" if self.reading else self.name


@dataclass(frozen=True, slots=True)
class Cell:
    """A headline gain at one point of a map; ``interval`` None where there is no ratio to tell."""

    down: str
    across: str
    headline: Headline
    interval: Interval | None
    singles: Singles | None

    @property
    def state(self) -> State:
        """How it stands to what the study states."""
        if self.interval is None:
            return "no ratio"
        if self.interval.low <= self.headline.stated <= self.interval.high:
            return "includes"
        near = self.singles is not None and self.singles.low <= self.headline.stated <= self.singles.high
        return "compatible" if near else "excludes"


@cache
def headlines() -> tuple[Headline, ...]:
    """The four stated gains under each reading that needs no other worlds, the usual one first."""
    found: list[Headline] = []
    for claim in read_claims(shipped_claims()):
        if claim.name not in _HEADLINES or claim.quantity is None or claim.value is None:
            continue
        seen: set[str] = set()
        for part in parts_of(claim):
            if _of_other_worlds(part) or part.measured in seen:
                continue
            reading = part.reading if len(claim.readings) > 2 else ""
            found.append(
                Headline(
                    claim.name,
                    _HEADLINES[claim.name],
                    reading,
                    not seen,
                    claim.value,
                    part.measured,
                    claim.quantity,
                )
            )
            seen.add(part.measured)
    return tuple(found)


def _of_other_worlds(part: Part) -> bool:
    return part.how is None or part.how.worlds is not None


def metrics_of_maps() -> tuple[str, ...]:
    """What has to be measured in a map's worlds."""
    return tuple(dict.fromkeys(one.metric for one in headlines()))


def cells_of(asked: Map, evidence: Evidence, headline: Headline) -> Iterator[Cell]:
    """Every cell of a map for one gain, down and then across."""
    for down in asked.down.values:
        for across in asked.across.values:
            point = {asked.down.place: down, asked.across.place: across}
            ours, theirs = (
                evidence.values[headline.metric][arm(point, one)]
                for one in (headline.quantity.subject, headline.quantity.against[0])
            )
            effect = effect_of(headline, ours, theirs)
            if effect is None:
                yield Cell(down, across, headline, None, None)
            else:
                yield Cell(
                    down, across, headline, effect.interval, singles_of(effect.worlds, headline.stated)
                )


def effect_of(headline: Headline, ours: FloatArray, theirs: FloatArray) -> gains.Effect | None:
    """The gain or reduction of paired worlds, shape (n,) each; None where the baseline is too near 0."""
    if headline.quantity.measure == "reduction":
        return gains.reduction(ours, theirs)
    if headline.metric == DISTANCE:
        return gains.gain(theirs, ours)
    return gains.gain(ours, theirs) if gains.tells(theirs) else None
