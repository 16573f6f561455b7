"""Limits of links that are drawn or repeat by the week, and what they make of capacities."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simgrid.domain.events import CapacityStep, LinkLimit, capacity_steps
from simgrid.domain.network import Access
from simgrid.network import CapacityChange, Flow, completion_times
from simgrid.network.outages import capacity_changes, drawn_outages, profile_limits

HOUR = 3600.0
DAY = 24 * HOUR
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_failures_take_turns_with_repairs_and_begin_within_the_horizon() -> None:
    outages = drawn_outages("hill", 10 * HOUR, 2 * HOUR, 1000 * DAY, rng())
    assert all(one.end_s < later.start_s for one, later in pairwise(outages))
    assert outages[0].start_s > 0
    assert outages[-1].start_s < 1000 * DAY
    starts, ends = (np.array([getattr(one, name) for one in outages]) for name in ("start_s", "end_s"))
    up = starts - np.concatenate(([0.0], ends[:-1]))
    down = ends - starts
    # 2000 of each: four standard errors of an exponential's mean.
    assert np.mean(up) == pytest.approx(10 * HOUR, rel=0.09)
    assert np.mean(down) == pytest.approx(2 * HOUR, rel=0.09)
    assert np.std(down) == pytest.approx(np.mean(down), rel=0.1)


def test_another_mean_stretches_the_same_history() -> None:
    once = drawn_outages("hill", HOUR, 60.0, 100 * HOUR, rng())
    twice = drawn_outages("hill", 2 * HOUR, 120.0, 200 * HOUR, rng())
    assert [(2 * one.start_s, 2 * one.end_s) for one in once] == [(one.start_s, one.end_s) for one in twice]


def test_a_link_that_never_fails_or_is_mended_at_once_has_no_outages() -> None:
    assert drawn_outages("hill", math.inf, HOUR, DAY, rng()) == ()
    assert drawn_outages("hill", HOUR, 0.0, DAY, rng()) == ()
    assert drawn_outages("hill", HOUR, HOUR, 0.0, rng()) == ()


@pytest.mark.parametrize(
    ("mtbf_s", "mttr_s", "horizon_s"), [(0, 1, 1), (1, -1, 1), (1, math.inf, 1), (1, 1, math.inf)]
)
def test_impossible_means_are_refused(mtbf_s: float, mttr_s: float, horizon_s: float) -> None:
    with pytest.raises(ValueError, match="'hill': mtbf"):
        drawn_outages("hill", mtbf_s, mttr_s, horizon_s, rng())


def test_a_night_profile_is_one_limit_a_night_at_each_place() -> None:
    night = [0.5] * 6 + [1.0] * 16 + [0.5] * 2
    access = {"hill": Access(8e6, 4e6), "unit": Access(2e6, 2e6)}
    limits = profile_limits(access, night, MONDAY, 2 * DAY)
    assert limits[:2] == (
        LinkLimit("hill", 0.0, 6 * HOUR, 4e6, 2e6),
        LinkLimit("unit", 0.0, 6 * HOUR, 1e6, 1e6),
    )
    assert limits[2] == LinkLimit("hill", 22 * HOUR, 30 * HOUR, 4e6, 2e6)
    assert limits[-1] == LinkLimit("unit", 46 * HOUR, 48 * HOUR, 1e6, 1e6)
    assert len(limits) == 6


def test_a_week_has_its_own_sunday_and_any_start() -> None:
    week = [1.0] * 144 + [0.0] * 24
    start = datetime(2026, 3, 7, 20, 30, tzinfo=UTC)  # a Saturday evening
    (limit,) = profile_limits({"hill": Access(8e6, 8e6)}, week, start, 3 * DAY)
    assert (limit.start_s, limit.end_s, limit.up_bps) == (3.5 * HOUR, 27.5 * HOUR, 0.0)


def test_the_local_clock_counts_also_when_it_is_put_forward() -> None:
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 3, 28, 12, tzinfo=zone)  # that night 2 h is followed by 3 h
    morning = [0.0 if hour == 6 else 1.0 for hour in range(24)]
    (limit,) = profile_limits({"hill": Access(1.0, 1.0)}, morning, start, DAY)
    assert (limit.start_s, limit.end_s) == (17 * HOUR, 18 * HOUR)


def test_wrong_profiles_are_named_all_at_once() -> None:
    with pytest.raises(ValueError, match=r"3 factors.*\nfactors\[1\] is 1\.5.*\nfactors\[2\] is nan"):
        profile_limits({}, [1.0, 1.5, math.nan], MONDAY, DAY)


def test_limits_of_all_origins_become_changes_that_the_engine_takes() -> None:
    access = {"hill": Access(8.0, 8.0), "centre": Access(80.0, 80.0)}
    limits = [LinkLimit("hill", 10.0, 20.0), LinkLimit("hill", 5.0, 15.0, 4.0, 8.0)]
    changes = capacity_changes(access, capacity_steps(access, limits))
    assert changes == (
        CapacityChange(5.0, "hill/up", 4.0),
        CapacityChange(10.0, "hill/up", 0.0),
        CapacityChange(10.0, "hill/down", 0.0),
        CapacityChange(20.0, "hill/up", 8.0),
        CapacityChange(20.0, "hill/down", 8.0),
    )
    links = {"hill/up": 8.0, "hill/down": 8.0, "centre/down": 80.0}
    # 5 s at 1 B/s, 5 s at half of it, 10 s of nothing, then the rest.
    (end_s,) = completion_times(links, [Flow(0.0, 10.0, ("hill/up", "centre/down"))], changes)
    assert end_s == pytest.approx(22.5)


def test_a_step_that_changes_nothing_is_no_change() -> None:
    own = Access(8.0, 8.0)
    assert capacity_changes({"hill": own}, [CapacityStep(1.0, "hill", own)]) == ()
