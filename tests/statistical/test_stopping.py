"""The stopping rule keeps what it promises, and faults planted in it are found (about a minute)."""

from __future__ import annotations

from dataclasses import replace

import numpy.typing as npt
import pytest

from simgrid.statistics import stopping
from simgrid.statistics.intervals import Interval, mean_interval
from tests.statistical.sequential import cases, exceptions, measure

pytestmark = pytest.mark.statistical
SHRUNK = 0.85


@pytest.mark.parametrize(("family", "series", "goal"), list(cases()))
def test_intervals_after_stopping_cover_and_promises_are_kept(family: str, series: int, goal: int) -> None:
    found = measure(family, series, goal)
    assert not found.too_low, found
    assert not found.too_wrong, found


def test_every_sequence_ends_where_the_declared_rule_ends_it() -> None:
    assert exceptions() == 0


def shrunk_interval(values: npt.ArrayLike) -> Interval:
    found = mean_interval(values)
    half = SHRUNK * (found.high - found.low) / 2
    return replace(found, low=found.mean - half, high=found.mean + half)


def shrunk_widths(values: npt.ArrayLike, goal: stopping.Goal) -> stopping.Widths:
    found = stopping.widths(values, goal)
    return replace(found, half=SHRUNK * found.half)


def one_early(most: int) -> tuple[int, ...]:
    return tuple(count - 1 for count in stopping.looks(most))


def stops_one_early(*arguments: object) -> stopping.Stopped:
    found = stopping.stopping_count(*arguments)  # type: ignore[arg-type]
    return replace(found, count=found.count - 1)


def rule_of_shrunk_widths(
    values: npt.NDArray[float], goal: stopping.Goal, counts: tuple[int, ...]
) -> stopping.Stopped:
    for count in counts:
        if shrunk_widths(values[:, :count], goal).enough.all():
            return stopping.Stopped(count, reached=True)
    return stopping.Stopped(counts[-1], reached=False)


def test_intervals_too_narrow_by_a_seventh_are_found_in_every_case() -> None:
    """2 Phi(.85 x 1.96) - 1 = .904, against .927."""
    for case in cases():
        if case[1] == 1:
            assert measure(*case, means=shrunk_interval).too_low, case


def test_a_rule_with_half_widths_too_narrow_is_found() -> None:
    assert exceptions(rule_of_shrunk_widths) > 100


def test_stopping_one_replication_early_is_found() -> None:
    assert exceptions(counts=one_early) > 100
    assert exceptions(stops_one_early) > 100
