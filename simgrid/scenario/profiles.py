"""Named hourly profiles of requests, for ``by_hour: office``. All of them are assumed.

They are shapes, not data: where a site's own requests by hour are known, write 24 or 168 weights instead.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HourlyProfile:
    """Relative weights of the local hours (24: each day alike; 168: from Monday 0 h) and what they mean."""

    weights: tuple[float, ...]
    meaning: str


def _hours(*runs: tuple[int, float]) -> tuple[float, ...]:
    """Weights from runs of (hours, weight)."""
    return tuple(weight for hours, weight in runs for _ in range(hours))


_OFFICE = _hours((7, 0.0), (1, 0.5), (4, 1.0), (1, 0.5), (3, 1.0), (1, 0.5), (7, 0.0))
PROFILES = {
    "even": HourlyProfile(_hours((24, 1.0)), "every hour alike"),
    "office": HourlyProfile(
        _OFFICE * 5 + _hours((48, 0.0)), "Mon-Fri 7-17 h, less at the edges and at noon; nothing at weekends"
    ),
    "day": HourlyProfile(_hours((7, 0.0), (12, 1.0), (5, 0.0)), "every day 7-19 h alike"),
    "evening": HourlyProfile(_hours((17, 0.0), (5, 1.0), (2, 0.0)), "every day 17-22 h alike"),
    "night": HourlyProfile(_hours((7, 1.0), (13, 0.0), (4, 1.0)), "every day 20-7 h alike"),
    "emergency": HourlyProfile(
        _hours((3, 0.6), (4, 0.4), (3, 0.8), (10, 1.4), (2, 1.2), (2, 0.9)),
        "round the clock: quiet from 3 to 7 h, busy from 10 to 20 h",
    ),
}
