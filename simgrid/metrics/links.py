"""How much each link is used: over the run, over hours, and in each local hour of the day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from simgrid.domain.grid_records import LinkRecords
from simgrid.domain.units import FloatArray

_A_DAY = 24


def measure(records: LinkRecords) -> Iterator[tuple[str, str, float]]:
    """Group, metric and value: of each link, and under ``all`` of the busiest one."""
    columns = {
        "link_utilisation": records.mean,
        "link_utilisation_busy_hour": _busy_hour(records.hourly),
        "link_utilisation_p95": _of_known(records.hourly, lambda hours: np.percentile(hours, 95)),
    }
    for metric, values in columns.items():
        known = np.flatnonzero(~np.isnan(values))
        for link in known.tolist():
            yield f"link={records.link[link]}", metric, float(values[link])
        if len(known):
            yield "all", metric, float(values[known].max())


def by_hour(records: LinkRecords, start: datetime) -> FloatArray:
    """Mean use in each hour of the day, shape (24, L), NaN where there was none.

    ``start``: the scenario's aware start; hours are those of its zone's clock, told by their beginning.
    """
    begin, hours = start.astimezone(UTC), range(len(records.hourly))
    clock = [(begin + timedelta(hours=hour)).astimezone(start.tzinfo).hour for hour in hours]
    hour = np.array(clock, dtype=np.int64)
    table = [_of_known(records.hourly[hour == one], np.mean) for one in range(_A_DAY)]
    return np.array(table, dtype=np.float64)


def _busy_hour(hourly: npt.NDArray[np.float32]) -> FloatArray:
    """Of the means of the 24 hours of the day the highest, (L,)."""
    means = np.array([_of_known(hourly[hour::_A_DAY], np.mean) for hour in range(_A_DAY)])
    return _of_known(means, np.max)


def _of_known(values: npt.NDArray[np.floating[Any]], summarise: Callable[[FloatArray], Any]) -> FloatArray:
    """What ``summarise`` makes of each column's known values, NaN where there are none, (L,)."""
    columns = (column[~np.isnan(column)].astype(np.float64) for column in values.T)
    return np.array([summarise(column) if len(column) else np.nan for column in columns], dtype=np.float64)
