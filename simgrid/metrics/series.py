"""What a run looks like over its time: one number a bin, from the journal, the warm-up included."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from simgrid.domain.journal import Journal
from simgrid.domain.units import MINUTE, FloatArray
from simgrid.metrics import turnaround as times


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    """A series' unit, its meaning in a line, and how it is read off a journal between ``edges_s``."""

    unit: str
    meaning: str
    of: Callable[[Journal, FloatArray], FloatArray]


def turnaround_min(journal: Journal, edges_s: FloatArray) -> FloatArray:
    """Mean turnaround of the inspections requested in each bin; NaN where none of them was reported."""
    rows = journal.inspections
    took = times.total_s(rows) / MINUTE
    known = ~np.isnan(took)
    place = np.searchsorted(edges_s, rows.requested_s[known], side="right") - 1
    inside = (place >= 0) & (place < len(edges_s) - 1)
    bins = len(edges_s) - 1
    count = np.bincount(place[inside], minlength=bins)
    total = np.bincount(place[inside], weights=took[known][inside], minlength=bins)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def waiting(journal: Journal, edges_s: FloatArray) -> FloatArray:
    """Inspections requested and not yet opened, mean over the time of each bin."""
    rows = journal.inspections
    ends = np.where(np.isnan(rows.opened_s), np.inf, rows.opened_s)
    until = _elapsed(rows.requested_s, edges_s) - _elapsed(ends, edges_s)
    return np.diff(until) / np.diff(edges_s)


def _elapsed(starts_s: FloatArray, at_s: FloatArray) -> FloatArray:
    """Seconds since each start that has been, summed, at each instant."""
    ordered = np.sort(starts_s[np.isfinite(starts_s)])
    before = np.searchsorted(ordered, at_s, side="right")
    starts = np.concatenate([[0.0], np.cumsum(ordered)])[before]
    return np.asarray(before * at_s - starts, dtype=np.float64)


SERIES: Mapping[str, SeriesInfo] = MappingProxyType(
    {
        "turnaround": SeriesInfo("min", "mean turnaround, by time of request", turnaround_min),
        "waiting": SeriesInfo("inspections", "requested and not yet opened, mean over time", waiting),
    }
)
"""What may be looked at for a warm-up, by name."""
