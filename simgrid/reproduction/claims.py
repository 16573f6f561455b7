"""What the study says, where, and what counts as meeting it: records, fixed before the first result."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

Measure: TypeAlias = Literal[
    "difference", "gain", "reduction", "share", "trend", "differences", "counts", "sum", "joint"
]
"""How a quantity is made of what is measured; ``gains`` has the arithmetic. ``joint``: other claims together.
"""

Subject: TypeAlias = Literal["policy", "variant", "solver", "of", ""]
"""What is held against what: two policies, two variants of a scenario, ..."""

Mode: TypeAlias = Literal["quick", "full"]
"""How many worlds an expectation is about."""

Word: TypeAlias = Literal[
    "same digits",
    "within",
    "compatible",
    "by construction",
    "run more replications",
    "differs",
    "cannot",
    "not run",
]
"""The verdicts; ``verdicts`` and paper/definitions.md say when each is given."""

WORDS: tuple[Word, ...] = get_args(Word)
MEASURES: tuple[Measure, ...] = get_args(Measure)
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class Band:
    """Where an interval must lie as a whole; an edge at infinity leaves that side open.

    The finite edge of a half-line is outside it: a tie is no ordering. Two finite edges belong to the band.
    """

    low: float = -math.inf
    high: float = math.inf

    def holds(self, low: float, high: float) -> bool:
        """Whether [low, high] lies inside; False where a bound is NaN."""
        if math.isinf(self.low) or math.isinf(self.high):
            return self.low < low and high < self.high
        return self.low <= low and high <= self.high

    def misses(self, low: float, high: float) -> bool:
        """Whether [low, high] lies outside; False where a bound is NaN."""
        if math.isinf(self.low) or math.isinf(self.high):
            return high <= self.low or low >= self.high
        return high < self.low or low > self.high


@dataclass(frozen=True, slots=True)
class Quantity:
    """``measure`` of each of ``metrics``: of ``subject`` against each of ``against``."""

    measure: Measure
    metrics: tuple[str, ...]
    kind: Subject = ""
    subject: str = ""
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of the study.

    ``value``: as the study states it, a gain as a share; ``values`` where it states several by name.
    ``bands``: by metric, or one under ``""`` for all. ``readings``: name to meaning, the first the default.
    ``expect``: by reading or metric (``""`` for all of them), then by mode; ``line``: where the claim stands.
    """

    name: str
    place: tuple[str, ...]
    says: str
    experiment: str = ""
    quantity: Quantity | None = None
    value: float | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    bands: Mapping[str, Band] = field(default_factory=dict)
    readings: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    expect: Mapping[str, Mapping[Mode, Word]] = field(default_factory=dict)

    def band(self, metric: str) -> Band | None:
        """The band of a metric."""
        return self.bands.get(metric, self.bands.get(""))

    def expected(self, part: str, mode: Mode) -> Word | None:
        """The verdict that is expected of a part of the claim; None where none was filled in."""
        by_mode = self.expect.get(part, self.expect.get(""))
        return by_mode.get(mode) if by_mode is not None else None
