"""What stands beside a mean in a table of numbers: its two ends, and in words what they are.

Values that are all equal have no interval, and a bare ``1, 1, 1`` would promise all of a share: there the
ends are left empty, and it is said why.
"""

from __future__ import annotations

from math import isnan
from typing import TypeAlias

Ends: TypeAlias = tuple[float | None, float | None, str]

INTERVAL = "95 % interval"
BOUNDS = "one-sided 95 % bounds"
NO_RUN = "not measured"


def ends(low: float | None, high: float | None, n: int | None, kind: str) -> Ends:
    """Both ends as numbers, None for none, and what they are: ``kind``, or why there is no interval."""
    lowest, highest = _known(low), _known(high)
    if lowest is None and highest is None:
        return None, None, NO_RUN if n == 0 else "one run: no interval" if n == 1 else "no interval"
    if lowest == highest:
        return (
            None,
            None,
            f"the same in all {n} runs: no interval" if n else "the same in all runs: no interval",
        )
    return lowest, highest, kind


def bounds_at(confidence: float) -> str:
    """``one-sided 95 % bounds``."""
    return f"one-sided {100 * confidence:.6g} % bounds"


def _known(value: float | None) -> float | None:
    return None if value is None or isnan(value) else value
