"""What a search is allowed and what it promises."""

from __future__ import annotations

from dataclasses import dataclass

TOLERANCE = 0.01
RUNS = 4000
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Settings:
    """``confidence`` of the statement that the plan named meets every target.

    Within ``tolerance`` of a target nothing is promised: percentage points of a share (0.01 is one), a part
    of the bound of any other metric. The search takes at most ``runs`` replications, and so does the test.
    """

    confidence: float = CONFIDENCE
    tolerance: float = TOLERANCE
    runs: int = RUNS
