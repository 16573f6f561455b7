"""What a search is allowed and what it promises."""

from __future__ import annotations

from dataclasses import dataclass

TOLERANCE = 0.01
RUNS = 400
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Settings:
    """``confidence`` of the statement that the plan named meets every target.

    Within ``tolerance`` of a target nothing is promised: percentage points of a share (0.01 is one), a part
    of the bound of any other metric. No plan has more than ``runs`` replications in the search, nor in the
    test.
    """

    confidence: float = CONFIDENCE
    tolerance: float = TOLERANCE
    runs: int = RUNS
