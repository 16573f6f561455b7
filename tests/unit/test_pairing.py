"""What pairing gained: by hand, where nothing varies, and the same whatever else is asked."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.statistics.pairing import FEWEST, Gain, pairing_gain, pairing_word

NAN = float("nan")
LUCK = np.random.default_rng(5)
WORLD = LUCK.normal(size=40)
A, B = WORLD + 0.3 * LUCK.normal(size=40), WORLD + 0.3 * LUCK.normal(size=40)


def word(found: Gain, row: int = 0) -> str:
    return pairing_word(float(found.gain[row]), float(found.low[row]), float(found.high[row]))


def test_by_hand() -> None:
    # A = 1 2 3 4 (variance 5/3), B = 1 2 3 6 (14/3), A - B = 0 0 0 -2 (1): (5/3 + 14/3) / 1 = 19/3.
    found = pairing_gain([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 6.0])
    assert found.gain.tolist() == pytest.approx([19 / 3])
    assert math.isnan(found.low[0])
    assert word(found) == "too few replications"


def test_the_interval_holds_the_gain_and_one_side_of_one() -> None:
    found = pairing_gain(A, B, seed=1)
    assert found.n.tolist() == [40]
    assert 1 < found.low[0] < found.gain[0] < found.high[0]
    assert word(found) == "helped"
    opposed = pairing_gain(A, -B, seed=1)
    assert opposed.high[0] < 1
    assert word(opposed) == "did not help"


def test_the_interval_is_that_of_a_plain_bootstrap() -> None:
    # Resample by resample, with loops and numpy's own variances, from the same draws.
    from simgrid.statistics import pairing

    def log_ratio(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
        u, v = a + b - (a + b).mean(), a - b - (a - b).mean()
        influence = u**2 / (u**2).mean() - v**2 / (v**2).mean()
        return math.log((u**2).mean() / (v**2).mean()), math.sqrt((influence**2).mean() / (len(a) - 1))

    draws = np.hstack(pairing._weights(1, 40, 199)) * 40
    centre, error = log_ratio(A, B)
    t = []
    for times in draws.T.astype(int):
        again, its_error = log_ratio(np.repeat(A, times), np.repeat(B, times))
        t.append((again - centre) / its_error)
    high_t, low_t = np.quantile(t, [0.025, 0.975], method="closest_observation")
    expected = [(1 + math.exp(centre - one * error)) / 2 for one in (low_t, high_t)]
    found = pairing_gain(A, B, seed=1, resamples=199)
    assert [found.low[0], found.high[0]] == pytest.approx(expected, rel=1e-9)


def test_identical_arms_have_no_limit_and_say_so() -> None:
    found = pairing_gain(np.array([A, A]), np.array([A, A - 0.1]))
    assert np.isposinf(found.gain).all()
    assert np.isnan(found.low).all()
    assert {word(found, 0), word(found, 1)} == {"same difference in every replication"}


def test_where_nothing_varies_there_is_no_gain() -> None:
    found = pairing_gain(np.full(30, 0.1 + 0.2), np.full(30, 0.3))
    assert np.isnan(found.gain).all()
    assert word(found) == "nothing varies"


def test_a_constant_arm_gains_exactly_nothing() -> None:
    found = pairing_gain(A, np.full(40, 3.0))
    assert [found.gain[0], found.low[0], found.high[0]] == pytest.approx([1.0, 1.0, 1.0], abs=1e-9)
    assert word(found) == "did not help"


def test_opposite_arms_have_the_least_gain_there_is() -> None:
    found = pairing_gain(A, -A)
    assert [found.gain[0], found.low[0], found.high[0]] == pytest.approx([0.5, 0.5, 0.5])


def test_where_few_replications_differ_the_lower_bound_says_nothing() -> None:
    other = A.copy()
    other[3] += 1.0
    found = pairing_gain(A, other)
    assert found.low[0] == 0.5
    assert word(found) == "not shown to help"


def test_ten_pairs_are_needed_and_undefined_ones_do_not_count() -> None:
    few, enough = A.copy(), A.copy()
    few[FEWEST - 1 :], enough[FEWEST:] = NAN, NAN
    found = pairing_gain(np.array([few, enough]), np.array([B, B]))
    assert found.n.tolist() == [FEWEST - 1, FEWEST]
    assert np.isnan(found.low).tolist() == [True, False]
    alone = pairing_gain(A[:FEWEST], B[:FEWEST])
    assert found.low[1] == pytest.approx(alone.low[0], rel=1e-9)


def test_no_row_depends_on_the_others() -> None:
    many = pairing_gain(
        np.vstack([LUCK.normal(size=(40, 40)), A]), np.vstack([LUCK.normal(size=(40, 40)), B])
    )
    one = pairing_gain(A, B)
    assert [many.low[-1], many.high[-1]] == pytest.approx([one.low[0], one.high[0]], rel=1e-9)
    assert pairing_gain(A, B, seed=2).low[0] != one.low[0]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(*[st.floats(-1e3, 1e3)] * 2), min_size=12, max_size=25),
    st.floats(0.01, 100),
    st.floats(-1e3, 1e3),
)
def test_units_do_not_matter(pairs: list[tuple[float, float]], scale: float, shift: float) -> None:
    a, b = np.round(np.array(pairs).T, 2)
    found, again = pairing_gain(a, b), pairing_gain(scale * a + shift, scale * b)
    swapped = pairing_gain(b, a)
    if not np.isfinite(found.gain[0]):
        return
    assert found.gain[0] >= 0.5 - 1e-9
    assert not found.low[0] > found.high[0]
    assert again.gain[0] == pytest.approx(found.gain[0], rel=1e-6)
    assert swapped.gain[0] == pytest.approx(found.gain[0], rel=1e-12)
