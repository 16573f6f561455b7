"""What a run comes to by each declared target: a share in time, or one of the metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from simgrid.domain.journal import InspectionRecords
from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray, IntArray

NEVER = float("inf")


def measure(
    inspections: InspectionRecords,
    groups: Mapping[str, IntArray],
    measured: Mapping[tuple[str, str], float],
    targets: Sequence[Target],
) -> Iterator[tuple[str, str, float]]:
    """Name, unit and value of each target; none where the run has no inspection of its group.

    ``groups``: the rows of each; ``measured``: the run's metrics by group and name. A metric that nothing was
    left to measure (a turnaround where nothing was reported) is worse than any bound.
    """
    for one in targets:
        rows = groups.get(one.of, np.empty(0, dtype=np.int64))
        if one.kind == "share":
            if len(rows):
                yield one.column, one.unit, float(_in_time(inspections, one.within_s)[rows].mean())
        elif (one.of, one.metric) in measured:
            yield one.column, one.unit, measured[one.of, one.metric]
        elif len(rows):
            yield one.column, one.unit, NEVER if one.better == "lower" else -NEVER


def _in_time(inspections: InspectionRecords, within_s: float | None) -> FloatArray:
    """1 where the report reached the site in time; one that is not reported is late."""
    allowed = inspections.required_s if within_s is None else within_s
    took = inspections.reported_s - inspections.requested_s
    return (took <= allowed).astype(np.float64)
