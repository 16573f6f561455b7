"""When it goes well: by the hour of the day at which an inspection was requested, and the links hour by hour.

Measured where a scenario asks for the group ``hour``, since it is much more than all other groups together.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from simgrid.domain.journal import Journal
from simgrid.domain.metric import METRICS
from simgrid.domain.units import MINUTE, FloatArray, IntArray
from simgrid.metrics import links, success, turnaround
from simgrid.metrics.evaluate import Measurement
from simgrid.metrics.warm_up import measured as measured_part

DIMENSION = "hour"
_QUARTER_S = 900.0
_TARDY = 95.0


def measure(journal: Journal, start: datetime) -> tuple[Measurement, ...]:
    """``hour=17``: of the inspections requested from 17:00 to 18:00 the share in time, and their turnarounds.

    ``hour=17 link=unit/down``: the mean use of a link in that hour. ``start``: the scenario's aware start;
    hours are those of its zone's clock. An hour without any inspection has no measurement.
    """
    return tuple(
        Measurement(group, metric, METRICS[metric].unit, value)
        for group, metric, value in (*_inspections(journal, start), *_links(journal, start))
    )


def clock_hours(seconds: FloatArray, start: datetime) -> IntArray:
    """The hour 0..23 that the clock of the start's zone shows so many seconds later, shape as given.

    Exact for zones and changes of the clock on whole quarters of an hour, as all of today's are.
    """
    begin = start.astimezone(UTC)
    into = begin.minute * 60 + begin.second + begin.microsecond / 1e6
    whole = begin - timedelta(seconds=into)
    quarters, place = np.unique(np.floor((seconds + into) / _QUARTER_S), return_inverse=True)
    hours = [(whole + timedelta(seconds=one * _QUARTER_S)).astimezone(start.tzinfo).hour for one in quarters]
    return np.array(hours, dtype=np.int64)[place.reshape(np.shape(seconds))]


def _inspections(journal: Journal, start: datetime) -> Iterator[tuple[str, str, float]]:
    records = measured_part(journal).inspections
    hour = clock_hours(records.requested_s, start)
    in_time = success.in_time(records)
    minutes = turnaround.total_s(records) / MINUTE
    for one in np.unique(hour).tolist():
        rows = hour == one
        known = in_time[rows][~np.isnan(in_time[rows])]
        reported = minutes[rows][~np.isnan(minutes[rows])]
        group = f"{DIMENSION}={one:02d}"
        if len(known):
            yield group, "response_time_success", float(known.mean())
        if len(reported):
            yield group, "tat_mean_min", float(reported.mean())
            yield group, "tat_p95_min", float(np.percentile(reported, _TARDY))


def _links(journal: Journal, start: datetime) -> Iterator[tuple[str, str, float]]:
    records = journal.grid.links
    if records is None:
        return
    table = links.by_hour(records, start)
    for hour, link in np.argwhere(~np.isnan(table)).tolist():
        value = float(table[hour, link])
        yield f"{DIMENSION}={hour:02d} link={records.link[link]}", "link_utilisation", value
