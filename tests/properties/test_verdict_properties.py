"""Whatever interval, band, stated value and worlds: exactly one verdict, the one that is laid down."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.presentation.html.elements import element, escaped
from simgrid.reproduction.claims import WORDS, Band
from simgrid.reproduction.verdicts import Interval, judged, singles_of

NUMBERS = st.floats(-10, 10).map(lambda number: round(number, 2))
PAIRS = st.tuples(NUMBERS, NUMBERS).map(sorted)
BANDS = st.one_of(
    NUMBERS.map(lambda edge: Band(low=edge)),
    NUMBERS.map(lambda edge: Band(high=edge)),
    PAIRS.map(lambda edges: Band(*edges)),
)
INTERVALS = st.one_of(
    PAIRS.map(lambda edges: Interval(sum(edges) / 2, *edges, 9)),
    st.just(Interval(1.0, math.nan, math.nan, 1)),
)
WORLDS = st.lists(st.one_of(NUMBERS, st.just(math.inf), st.just(math.nan)), max_size=30).map(np.array)


@settings(deadline=None, max_examples=150)
@given(found=INTERVALS, band=BANDS, stated=st.one_of(st.none(), NUMBERS), worlds=WORLDS, p=st.floats(0, 1))
def test_exactly_one_verdict(found, band, stated, worlds, p) -> None:
    singles = None if stated is None else singles_of(worlds.astype(float), stated)
    among = singles is not None and singles.low <= stated <= singles.high
    inside, outside = band.holds(found.low, found.high), band.misses(found.low, found.high)
    assert not (inside and outside)
    decided = p <= 0.05 or found.low == found.high
    laid_down = {
        "within": inside and decided,
        "compatible": not (inside and decided) and among,
        "differs": outside and decided and not among,
        "run more replications": not among and not ((inside or outside) and decided),
    }
    assert [word for word, holds in laid_down.items() if holds] == [judged(found, band, stated, singles, p)]
    assert set(laid_down) < set(WORDS)


@settings(deadline=None, max_examples=100)
@given(text=st.text(max_size=40))
def test_no_text_becomes_markup(text: str) -> None:
    told = element("td", text, title=text).source
    inside = told.removeprefix("<td").removesuffix("</td>")
    assert inside.count("<") == 0
    assert inside.count(">") == 1
    assert inside.count('"') == 2
    assert not any(ord(char) in {0x202E, 0x2066, 0x200F, 0} for char in escaped(text))
