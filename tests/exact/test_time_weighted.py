"""Means over time, each against a step function worked by hand: at its start, at boundaries, at its end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.events import LinkLimit
from simgrid.domain.journal import Journal
from simgrid.domain.scenario import Discrepancy
from simgrid.metrics import evaluate
from simgrid.network.copies import Level
from simgrid.statistics.time_weighted import area, steps_of, time_mean
from tests.exact.test_link_use import MB, links, of_site, slow_site
from tests.exact.test_warm_up import MORNING
from tests.worlds import inspections, radiologist, simulate, world

AT, VALUE = [10.0, 20.0, 50.0, 60.0], [2.0, 5.0, 0.0, 3.0]
REQUESTED, MINUTES = [0.0, 900.0, 1500.0, 2400.0], [20.0, 10.0, 5.0, 5.0]
"""The one reader has them open 0 to 1200, 1200 to 1800, 1800 to 2100 and 2400 to 2700 s."""


def test_the_area_under_steps_by_hand() -> None:
    # 2 for 10 s, 5 for 30 s, nothing for 10 s, then 3.
    ends = [10.0, 15.0, 20.0, 35.0, 50.0, 60.0, 70.0]
    assert area(AT, VALUE, ends).tolist() == [0, 10, 20, 95, 170, 170, 200]


@pytest.mark.parametrize(
    ("begin", "end", "mean"),
    [
        (10.0, 70.0, 200 / 60),  # from the start
        (15.0, 65.0, 175 / 50),  # boundaries inside steps
        (20.0, 50.0, 5.0),  # boundaries on jumps: the first counts, the last does not
        (50.0, 60.0, 0.0),
        (60.0, 100.0, 3.0),  # the last value stays
    ],
)
def test_means_over_windows_by_hand(begin: float, end: float, mean: float) -> None:
    assert time_mean(AT, VALUE, begin, end) == pytest.approx(mean)


def test_no_time_has_no_mean_and_nothing_is_known_before_the_start() -> None:
    assert np.isnan(time_mean(AT, VALUE, 20.0, 20.0))
    for moments in ([10.0], []):
        with pytest.raises(ValueError, match="not known before"):
            area(moments, moments, [9.0])


def test_steps_of_changes_in_any_order() -> None:
    at_s, level = steps_of([5.0, 1.0, 5.0, np.nan, 8.0], [1, 2, -3, 9, 1])
    assert at_s.tolist() == [1, 5, 8]
    assert level.tolist() == [2, 0, 1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(-9, 9)), min_size=1, max_size=12).map(sorted))
def test_a_level_kept_as_it_goes_has_the_same_area(changes: list[tuple[int, int]]) -> None:
    level = Level(start_s=0.0, value=4)
    for at, by in changes:
        level.change(by, at)
    at_s, value = steps_of([0.0, *(at for at, _ in changes)], [4, *(by for _, by in changes)])
    assert level.area(60.0) == pytest.approx(float(area(at_s, value, 60.0)))
    assert level.mean(60.0) == pytest.approx(time_mean(at_s, value, 0.0, 60.0))


def reader(warmup_s: float = 0.0, give_up_s: float = 86400.0) -> Journal:
    one = world([radiologist(schedule=MORNING)], warmup_s=warmup_s, give_up_s=give_up_s)
    return simulate(one, inspections(REQUESTED, MINUTES))


def test_number_in_the_system_and_queue_by_hand() -> None:
    journal = reader()
    # In the system for 1200, 900, 600 and 300 s; on the desk unopened for 0, 300, 300 and 0 s; end at 2700 s.
    assert journal.area_in_system_s == pytest.approx(3000)
    rows = journal.inspections
    system = steps_of(np.append(rows.requested_s, rows.reported_s), np.repeat([1, -1], 4))
    assert time_mean(*system, 0.0, journal.ended_s) == pytest.approx(3000 / 2700)
    # From 1500 s, the moment of the third's request: 300 of the second, 600 and 300 s.
    assert time_mean(*system, 1500.0, journal.ended_s) == pytest.approx(1200 / 1200)
    queue = steps_of(np.append(rows.delivered_s, rows.opened_s), np.repeat([1, -1], 4))
    assert time_mean(*queue, 0.0, journal.ended_s) == pytest.approx(600 / 2700)
    assert time_mean(*queue, 1500.0, journal.ended_s) == pytest.approx(300 / 1200)


@pytest.mark.parametrize(
    ("warmup_s", "give_up_s", "share"),
    [
        (0.0, 86400.0, 2400 / 2700),
        (1200.0, 86400.0, 1200 / 1500),  # as one reading ends and the next begins
        (1500.0, 86400.0, 900 / 1200),  # inside a reading
        (2100.0, 86400.0, 300 / 600),  # as she falls idle
        (1200.0, 2000.0, 800 / 800),  # the run ends inside a reading
    ],
)
def test_utilisation_by_hand(warmup_s: float, give_up_s: float, share: float) -> None:
    measured = {one.metric: one.value for one in evaluate(reader(warmup_s, give_up_s), Discrepancy())}
    assert measured["utilisation"] == pytest.approx(share)


def test_use_of_a_link_whose_capacity_changes_on_the_hour() -> None:
    # A megabyte a second until 3600 s, half of it until 7200 s: 600 MB in the first hour, 300 MB by 4200 s.
    half = LinkLimit("site", 3600.0, 7200.0, 4 * MB, 4 * MB)
    work = inspections([3000.0], [120.0], size_bytes=np.array([900 * MB]))
    journal = simulate(slow_site(events=(half,)), work)
    assert of_site(journal)[:3] == pytest.approx([600 / 3600, 300 / 1800, 0.0])
    mean = links(journal).mean[links(journal).link.index("site/up")]
    assert mean == pytest.approx(900 / (journal.ended_s - 1800))
