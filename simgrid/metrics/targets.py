"""What a run comes to by each declared target: a share in time, or one of the metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from simgrid.domain.journal import InspectionRecords
from simgrid.domain.targets import Target
from simgrid.domain.units import HOUR, MINUTE, FloatArray, IntArray, Seconds

_TIMES_S = {"ms": 1e-3, "s": 1.0, "min": MINUTE, "h": HOUR}


def measure(
    inspections: InspectionRecords,
    ended_s: Seconds,
    groups: Mapping[str, IntArray],
    measured: Mapping[tuple[str, str], float],
    targets: Sequence[Target],
) -> Iterator[tuple[str, str, float]]:
    """Name, unit and value of each target, and of how many inspections a share is.

    Of a group without an inspection in the run there is no share, and the count is 0.

    ``groups``: the rows of each; ``measured``: the run's metrics by group and name. A time that nothing was
    left to measure, such as the turnaround where nothing was reported, is the length of the run.
    """
    for one in targets:
        rows = groups.get(one.of, np.empty(0, dtype=np.int64))
        if one.kind == "share":
            yield one.counted, "inspections", float(len(rows))
            if len(rows):
                yield one.column, one.unit, float(_in_time(inspections, one.within_s)[rows].mean())
        elif (one.of, one.metric) in measured:
            yield one.column, one.unit, measured[one.of, one.metric]
        elif len(rows) and one.better == "lower" and one.unit in _TIMES_S:
            yield one.column, one.unit, ended_s / _TIMES_S[one.unit]


def _in_time(inspections: InspectionRecords, within_s: float | None) -> FloatArray:
    """1 where the report reached the site in time; one that is not reported is late."""
    allowed = inspections.required_s if within_s is None else within_s
    took = inspections.reported_s - inspections.requested_s
    return (took <= allowed).astype(np.float64)
