"""The hour of the clock at which an inspection was requested, through changes of the clock and odd zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simgrid.metrics.hours import clock_hours


@pytest.mark.parametrize("zone", ["UTC", "Europe/Dublin", "Asia/Kathmandu", "Australia/Lord_Howe"])
@pytest.mark.parametrize("day", [datetime(2026, 3, 28, 13, 7, 31), datetime(2026, 10, 24, 22, 59, 59)])
def test_every_second_has_the_hour_that_its_zone_shows(zone: str, day: datetime) -> None:
    start = day.replace(tzinfo=ZoneInfo(zone))
    seconds = np.random.default_rng(1).uniform(0, 14 * 86400, 400)
    begin = start.astimezone(UTC)
    shown = [(begin + timedelta(seconds=one)).astimezone(start.tzinfo).hour for one in seconds.tolist()]
    assert clock_hours(seconds, start).tolist() == shown
