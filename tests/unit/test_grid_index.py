"""What an agent has heard by when."""

from __future__ import annotations

import math

import pytest

from simgrid.network.copies import Entry, GridIndex

NEAR, FAR = 0, 1


def index() -> GridIndex:
    return GridIndex(4, latency_s=[0.0, 10.0])


def test_a_change_is_known_one_latency_later() -> None:
    grid = index()
    grid.change(0, 0b1, 100.0)
    assert grid.look_up(NEAR, 0, 100.0) == Entry(0, 1, 0b1, stale=False)
    assert grid.look_up(FAR, 0, 109.9) is None
    assert grid.look_up(FAR, 0, 110.0) == Entry(0, 1, 0b1, stale=False)
    grid.change(0, 0b101, 120.0)
    assert grid.look_up(FAR, 0, 125.0) == Entry(0, 1, 0b1, stale=True)
    assert grid.look_up(FAR, 0, 130.0) == Entry(0, 2, 0b101, stale=False)
    assert (grid.changes, grid.lookups, grid.stale_lookups) == (2, 5, 2)


def test_unheard_entries_count_once() -> None:
    grid = index()
    for at_s in (0.0, 1.0, 1.0):
        grid.change(0, 1, at_s)
    grid.change(3, 1, 2.0)
    assert [grid.unheard(NEAR, 2.0), grid.unheard(FAR, 2.0), grid.unheard(FAR, 11.0)] == [0, 2, 1]


def test_who_is_cut_off_hears_nothing_until_one_latency_after_being_back() -> None:
    grid = index()
    grid.change(0, 1, 0.0)
    grid.cut_off(FAR, 9.0)  # the push was on its way
    grid.cut_off(FAR, 20.0)
    assert grid.look_up(FAR, 0, 50.0) is None
    grid.change(0, 2, 60.0)
    grid.back(FAR, 70.0)
    grid.back(FAR, 75.0)
    assert grid.look_up(FAR, 0, 79.9) is None
    assert grid.look_up(FAR, 0, 80.0) == Entry(0, 2, 2, stale=False)


def test_old_states_are_forgotten_once_all_have_heard() -> None:
    grid = index()
    for step in range(10_000):
        grid.change(step % 4, step, float(step))
    assert len(grid._news) < 200
    for entry in range(4):
        known = grid.look_up(FAR, entry, 10_000.0)
        assert known is not None
        assert known.holders == max(step for step in range(9991) if step % 4 == entry)


def test_nobody_to_tell_and_nothing_looked_up() -> None:
    grid = GridIndex(1, [])
    grid.change(0, 1, 0.0)
    assert (grid.changes, grid.lookups, grid.stale_lookups) == (1, 0, 0)


def test_masks_of_more_than_64_locations() -> None:
    grid = GridIndex(1, [1.0])
    grid.change(0, 1 << 100, 0.0)
    known = grid.look_up(0, 0, 1.0)
    assert known is not None
    assert known.holders == 1 << 100


def test_a_negative_latency_is_refused() -> None:
    with pytest.raises(ValueError, match=r"agent 1: -1\.0, agent 2: nan"):
        GridIndex(1, [0.0, -1.0, math.nan])
