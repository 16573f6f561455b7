"""KN and OCBA by hand: a race of three worked out on paper, and the closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simgrid.statistics.ranking import (
    Out,
    Promise,
    begin,
    best_of,
    budget_shares,
    continuation_constant,
    fed,
    next_replications,
)

# A - B is 0, 1, -1, 0, 0: variance 0.5. A - C is 2, 0, 2, -1, 2: variance 2. B - C has variance 3.5.
FIRST = np.array([[10, 12, 10, 12, 11], [10, 11, 11, 12, 11], [8, 12, 8, 13, 9]])
H2 = 4 * (math.sqrt(20) - 1)  # k = 3, n0 = 5, 95 %: eta = (0.05^(-1/2) - 1) / 2, h^2 = 8 eta


def test_the_constant_is_that_of_the_paper() -> None:
    assert continuation_constant(3, 5, 0.95) == pytest.approx(H2)
    # k = 2, n0 = 11: eta = (0.1^(-1/5) - 1) / 2 = 0.292447
    assert continuation_constant(2, 11, 0.95) == pytest.approx(20 * 0.29244660, abs=1e-6)


def test_a_race_of_three_by_hand() -> None:
    """W(r) = (limit - r) / 2, limits 6.944, 27.777 and 48.610 for AB, AC and BC."""
    race = begin(FIRST, Promise(1.0))
    assert race.limits[0].tolist() == pytest.approx([0, 0.5 * H2, 2 * H2])
    assert race.limits[1, 2] == pytest.approx(3.5 * H2)
    assert (race.count, race.most, race.going.tolist(), race.selected) == (5, 49, [0, 1, 2], None)
    race = fed(race, [[11], [10], [9]])  # A leads B by 1: W is 0.472. A leads C by 7: W is 10.89
    assert race.out == (Out(1, 6, 0),)
    assert (race.going.tolist(), race.most) == ([0, 2], 28)
    race = fed(race, [[11], [9]])  # A leads C by 9: W is 10.39
    assert not race.ended
    race = fed(race, [[11], [9]])  # by 11: W is 9.89
    assert race.out == (Out(1, 6, 0), Out(2, 8, 0))
    assert (race.ended, race.selected, race.count) == (True, 0, 8)


def test_less_may_be_better_and_many_rows_may_come_at_once() -> None:
    rows = -np.array([[11, 11, 11, 50], [10, 99, 99, 99], [9, 9, 9, -50]])
    race = fed(begin(-FIRST, Promise(1.0), "lower"), rows)
    assert race.out == (Out(1, 6, 0), Out(2, 8, 0))
    assert (race.selected, race.count) == (0, 8)


def test_who_is_far_behind_goes_with_the_first_stage() -> None:
    race = begin(FIRST - np.array([[0], [0], [5]]), Promise(1.0))
    assert race.out == (Out(2, 5, 0),)


def test_without_spread_the_first_stage_decides_and_ties_go_to_the_first() -> None:
    world = np.array([3.0, 9.0, 4.0, 1.0])
    assert begin([world, world + 0.1, world], Promise(1.0)).selected == 1
    tied = begin([world - 1, world, world], Promise(1.0))
    assert (tied.selected, tied.going.tolist(), tied.ended) == (1, [1, 2], True)


def test_it_ends_when_there_is_no_room_left_to_differ() -> None:
    """Two that swap places for ever come to the count beyond both limits, and the sum decides."""
    first = np.array([[0.0, 1.0] * 5, [1.0, 0.0] * 5])
    race = begin(first, Promise(0.4))
    assert race.most > 20
    race = fed(race, np.tile([[0.0, 1.0], [1.0, 0.0]], 500))
    assert race.ended
    assert race.count <= race.most


@pytest.mark.parametrize(
    ("candidates", "first", "probability"), [(1, 10, 0.95), (3, 1, 0.95), (4, 10, 0.25), (2, 10, 1.0)]
)
def test_what_cannot_be_promised_is_refused(candidates: int, first: int, probability: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        continuation_constant(candidates, first, probability)


def test_bad_observations_are_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        begin(FIRST, Promise(0.0))
    with pytest.raises(ValueError, match="not a number"):
        begin(np.where(FIRST == 12, np.nan, FIRST), Promise(1.0))
    race = begin(FIRST, Promise(1.0))
    with pytest.raises(ValueError, match="for 3 candidates"):
        fed(race, [[1.0], [2.0]])
    with pytest.raises(ValueError, match="for 3 candidates"):
        fed(race, [1.0, 2.0, 3.0])


def test_the_shares_of_three_are_the_closed_form() -> None:
    """N2 : N3 = (1/1)^2 : (1/2)^2 = 4 : 1, and N1 = sqrt(16 + 1)."""
    wanted = np.array([math.sqrt(17), 4, 1])
    assert budget_shares([1, 2, 3], [1, 1, 1], "lower") == pytest.approx(wanted / wanted.sum())
    # unequal spreads 1, 2, 3: N2 : N3 = (2/1)^2 : (3/3)^2 = 4 : 1, and N1 = sqrt((4/2)^2 + (1/3)^2)
    wanted = np.array([math.sqrt(4 + 1 / 9), 4, 1])
    assert budget_shares([0, -1, -3], [1, 4, 9], "higher") == pytest.approx(wanted / wanted.sum())


def test_shares_at_the_edges() -> None:
    assert budget_shares([1, 2, 3], [0, 0, 0]) == pytest.approx([1 / 3] * 3)
    even = budget_shares([5, 5, 5], [1, 1, 1])  # N2 = N3, and N1 = sqrt(2) N2
    assert even[0] / even[1] == pytest.approx(math.sqrt(2))
    assert even[1] == even[2]
    still = budget_shares([1, 2, 3], [0, 1, 1], "lower")
    assert still == pytest.approx([0, 0.8, 0.2])
    alike = budget_shares([5, 5, 9], [1, 1, 1], "lower")
    assert alike[2] == pytest.approx(0, abs=1e-9)
    assert alike[0] == pytest.approx(0.5)


def test_what_comes_next_fills_up_to_the_shares() -> None:
    """Of 60 the shares are 27.1, 26.3 and 6.6; the third has 10 already, and the others share 50."""
    assert next_replications([1, 2, 3], [1, 1, 1], [10, 10, 10], 30, "lower").tolist() == [15, 15, 0]
    assert next_replications([1, 2, 3], [1, 1, 1], [0, 0, 0], 91, "lower").tolist() == [41, 40, 10]


def test_of_ties_the_first_is_best() -> None:
    assert best_of([1, 3, 3]) == 1
    assert best_of([2, 1, 1], "lower") == 1
