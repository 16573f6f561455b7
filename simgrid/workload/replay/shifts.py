"""Dates that move by whole weeks with their patient, around the weeks of the log, which stays as full."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import FloatArray
from simgrid.workload.replay.cells import shifted

LEAST_DAYS: Final = 14
"""Of a shorter log some weekday occurs once only, so that its dates could not move within it."""

_WEEK_DAYS = 7


def seconds_moved(
    requested_s: FloatArray, weeks: npt.NDArray[np.int16], zone: ZoneInfo
) -> tuple[FloatArray, bool]:
    """By how many seconds each row moves, shape (S,), and whether all stay within the days of the log.

    ``weeks``: drawn for each row's patient, never 0. What would leave the log at one end comes in at the
    other, on the same weekday and at the same time of day of the zone; nothing stays where it was. Rows of a
    log of under ``LEAST_DAYS`` days move out of it by their weeks.
    """
    if not len(requested_s):
        return np.zeros(0), True
    day = np.array([datetime.fromtimestamp(one, zone).toordinal() for one in requested_s.tolist()])
    days = int(np.ptp(day)) + 1
    within = days >= LEAST_DAYS
    moved_days = (_around(day - day.min(), days, weeks) if within else weeks * np.int64(_WEEK_DAYS)).tolist()
    seconds = [
        shifted(at, more, zone) - at for at, more in zip(requested_s.tolist(), moved_days, strict=True)
    ]
    return np.array(seconds, dtype=np.float64), within


def _around(day: npt.NDArray[np.int64], days: int, weeks: npt.NDArray[np.int16]) -> npt.NDArray[np.int64]:
    """Days to move: the weeks on which a weekday of the log occurs are a circle."""
    week, weekday = np.divmod(day, _WEEK_DAYS)
    circle = (days - weekday + _WEEK_DAYS - 1) // _WEEK_DAYS
    far = np.abs(weeks) >= circle
    steps = np.where(far, 1 + weeks % (circle - 1), weeks)
    moved: npt.NDArray[np.int64] = ((week + steps) % circle - week) * _WEEK_DAYS
    return moved
