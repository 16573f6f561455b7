"""Draws for whatever is declared: within their bounds, rising with their share, of ten digits."""

from __future__ import annotations

import math
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.uncertain import DIGITS, Family, Uncertain
from simgrid.statistics.draws import draws_of

SHARES = st.floats(0, 1 - 2**-53)


@st.composite
def uncertain(draw: st.DrawFn) -> Uncertain:
    family: Family = draw(st.sampled_from(["normal", "lognormal", "uniform", "triangular"]))
    whole = draw(st.booleans())
    middle, reach = draw(st.floats(0.5, 5)), draw(st.floats(0.05, 1.2))
    if family == "normal":
        low, high = middle - 4 * reach, middle + draw(st.floats(0.1, 4)) * reach
    elif family == "lognormal":
        low, high = math.exp(middle - 4 * reach), math.exp(middle + 4 * reach)
    else:
        low, high = middle - reach, middle + 2 * reach
    if whole:
        low, high = float(math.ceil(low)), float(math.floor(high) + 2)
        middle = min(max(middle, low), high) if family == "triangular" else middle
    return Uncertain("a.place", "", family, middle, reach, low, high, whole)


@settings(deadline=None, max_examples=300)
@given(uncertain(), st.lists(SHARES, min_size=2, max_size=8))
def test_draws_keep_their_bounds_and_rise_with_their_share(one: Uncertain, shares: list[float]) -> None:
    values = [one.value(share) for share in sorted(shares)]
    assert values == sorted(values)
    slack = 10.0**-DIGITS * max(abs(one.low), abs(one.high), 1e-9) * 10
    assert one.low - slack <= values[0] <= values[-1] <= one.high + slack
    for value in values:
        assert value == float(f"{value:.{DIGITS}g}") or one.whole
        assert not one.whole or value == int(value)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**9), st.integers(1, 6), st.integers(1, 5))
def test_whole_numbers_of_a_uniform_have_equal_probability(seed: int, low: int, more: int) -> None:
    place = Uncertain("a.place", "", "uniform", 0, 0, low, low + more, whole=True)
    found = Counter(draws_of((place,), seed, world)[0] for world in range(600))
    expected = 600 / (more + 1)
    assert set(found) <= set(range(low, low + more + 1))
    assert all(abs(found[one] - expected) < 5.5 * math.sqrt(expected) for one in range(low, low + more + 1))
