"""The points of sweeps and samples, each kind against a reckoning of its own, in fractions if possible."""

from __future__ import annotations

import warnings
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from simgrid.scenario.cells import cells
from simgrid.scenario.marks import Source
from simgrid.scenario.yaml_tree import read_tree


def points(text: str) -> list[tuple[str, ...]]:
    """The labels of every cell's point, in order."""
    made = cells(read_tree(Source("s.yaml", text)))
    assert all(tuple(name for name, _ in point) == made.columns for point, _ in made.points)
    return [tuple(value for _, value in point) for point, _ in made.points]


def axis(span: str) -> list[str]:
    return [value for (value,) in points(f"sweep: {{a.b: {span}}}")]


def sample(method: str, number: int, seed: int, *spans: str) -> list[tuple[str, ...]]:
    over = ", ".join(f"a.p{place}: {span}" for place, span in enumerate(spans))
    return points(f"sample: {{method: {method}, points: {number}, seed: {seed}, over: {{{over}}}}}")


def exactly(text: str) -> Fraction:
    return Fraction(text.partition(" ")[0])


def part(value: Fraction, low: Fraction, high: Fraction, parts: int) -> int:
    """Which of so many equal parts of a range holds the value; the lower edge belongs to a part."""
    return int((value - low) * parts // (high - low))


def log_part(value: Fraction, low: Fraction, high: Fraction, parts: int) -> int:
    """The same where each part is the same multiple of the one before: by whole powers, no logarithm."""
    power, found = (value / low) ** parts, 0
    while (high / low) ** (found + 1) <= power:
        found += 1
    return found


STEPS = [
    ("{from: 5 min, to: 30 min, step: 5 min}", ["5 min", "10 min", "15 min", "20 min", "25 min", "30 min"]),
    ("{from: 1 h, to: 2 h, step: 20 min}", ["1 h", "1.333333333 h", "1.666666667 h", "2 h"]),
    ("{from: 30 min, to: 0 min, step: 900 s}", ["30 min", "15 min", "0 min"]),
    ("{from: 0.1, to: 0.5, step: 0.1}", ["0.1", "0.2", "0.3", "0.4", "0.5"]),
    ("{from: 1.0, to: 2, step: 0.25}", ["1.0", "1.25", "1.5", "1.75", "2.0"]),
    ("{from: -2, to: 4, step: 3}", ["-2", "1", "4"]),
    ("{from: 1, to: 2, step: 0.5}", ["1", "1.5", "2"]),
    ("{from: 0.5 %, to: 1 %, step: 0.25 %}", ["0.5 %", "0.75 %", "1 %"]),
    ("{from: 24 /d, to: 3 /h, step: 1 /h}", ["24 /d", "48 /d", "72 /d"]),
    ("{from: 1 Mbit/s, to: 16 Mbit/s, steps: 5, scale: log}", [f"{2**n} Mbit/s" for n in range(5)]),
    ("{from: 16, to: 1, steps: 3, scale: log}", ["16", "4", "1"]),
    ("{from: 1, to: 100, steps: 5, scale: log}", ["1", "3.162", "10", "31.62", "100"]),
    ("{from: 1 kbit/s, to: 1 Gbit/s, steps: 7, scale: log}", [f"{10**n} kbit/s" for n in range(7)]),
    ("{from: 0.00001, to: 0.1, steps: 5, scale: log}", ["1e-05", "0.0001", "0.001", "0.01", "0.1"]),
    ("{from: 1, to: 3, steps: 3, scale: linear}", ["1", "2", "3"]),
]


@pytest.mark.parametrize(("span", "meant"), STEPS)
def test_steps_and_multiples_listed_by_hand(span: str, meant: list[str]) -> None:
    assert axis(span) == meant


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 60))
def test_a_step_leads_exactly_from_end_to_end(first: int, step: int, times: int) -> None:
    """In hundredths, where binary fractions would not meet."""
    low, width = Fraction(first, 100), Fraction(step, 100)
    last = low + times * width
    found = axis(f"{{from: {float(low)} min, to: {float(last)} min, step: {float(width)} min}}")
    assert [exactly(one) for one in found] == [low + index * width for index in range(times + 1)]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 1000), st.integers(2, 10_000), st.integers(2, 40))
def test_multiples_keep_their_ends_and_their_ratio(first: int, more: int, steps: int) -> None:
    found = [
        exactly(one) for one in axis(f"{{from: {first}, to: {first + more}, steps: {steps}, scale: log}}")
    ]
    assert (found[0], found[-1], len(found)) == (first, first + more, steps)
    growth = (1 + more / first) ** (1 / (steps - 1))
    for left, right in pairwise(found):
        assert abs(float(right / left) / growth - 1) <= 0.0151 * (growth - 1)


SPANS = (
    ("{from: 0.8, to: 1.4}", Fraction("0.8"), Fraction("1.4"), part),
    ("{from: 4 Mbit/s, to: 16 Mbit/s, scale: log}", Fraction(4), Fraction(16), log_part),
    ("{from: 7 min, to: 1 h}", Fraction(7), Fraction(60), part),
    ("{from: 0.001, to: 1000.0, scale: log}", Fraction("0.001"), Fraction(1000), log_part),
)


@pytest.mark.parametrize("number", [1, 2, 7, 32, 60])
@pytest.mark.parametrize("seed", [0, 7])
def test_a_latin_hypercube_has_one_point_a_stratum_of_every_axis(number: int, seed: int) -> None:
    found = sample("latin-hypercube", number, seed, *(span for span, *_ in SPANS))
    for place, (_, low, high, part_of) in enumerate(SPANS):
        strata = [part_of(exactly(point[place]), low, high, number) for point in found]
        assert sorted(strata) == list(range(number))


@pytest.mark.parametrize(("seed", "number"), [(1, 2000), (2, 999)])
def test_many_points_have_one_a_stratum_too(seed: int, number: int) -> None:
    found = sample("latin-hypercube", number, seed, "{from: 0.8, to: 1.4}", "{from: -3.7, to: 11.1}")
    for place, (low, high) in enumerate([("0.8", "1.4"), ("-3.7", "11.1")]):
        strata = [part(exactly(point[place]), Fraction(low), Fraction(high), number) for point in found]
        assert sorted(strata) == list(range(number))


@pytest.mark.parametrize("exponent", [0, 1, 4, 6])
@pytest.mark.parametrize("seed", [1, 42])
def test_a_sobol_sequence_is_a_net(exponent: int, seed: int) -> None:
    """Two places, one logarithmic, and 2^m points: one in every box of 2^a by 2^b parts with a + b = m."""
    found = sample("sobol", 2**exponent, seed, SPANS[0][0], SPANS[1][0])
    for across in range(exponent + 1):
        boxes = Counter(
            (
                part(exactly(left), SPANS[0][1], SPANS[0][2], 2**across),
                log_part(exactly(right), SPANS[1][1], SPANS[1][2], 2 ** (exponent - across)),
            )
            for left, right in found
        )
        assert len(boxes) == 2**exponent


def drawn(method: str, number: int, places: int, seed: int) -> npt.NDArray[np.float64]:
    """The same points from the library alone."""
    engine = qmc.Sobol if method == "sobol" else qmc.LatinHypercube
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return np.asarray(engine(places, seed=np.random.default_rng(seed)).random(number))


@pytest.mark.parametrize(("method", "number"), [("sobol", 16), ("sobol", 11), ("latin-hypercube", 9)])
def test_the_points_are_the_librarys_mapped_by_hand(method: str, number: int) -> None:
    """To within the rounding: a tenth of a stratum, or for a sequence a 2048th of the range."""
    found = sample(
        method, number, 7, "{from: 10 min, to: 35 min}", "{from: 2, to: 6}", "[a, b, c]", SPANS[1][0]
    )
    share = 1 / 2048 if method == "sobol" else 1 / (10 * number)
    for (minutes, whole, listed, rate), (u, v, w, x) in zip(found, drawn(method, number, 4, 7), strict=True):
        assert abs(float(exactly(minutes)) - (10 + 25 * u)) <= 25 * share
        assert int(whole) == 2 + int(5 * v)
        assert listed == "abc"[int(3 * w)]
        assert abs(float(exactly(rate)) - 4 * 4**x) <= 16 * (1 - 4**-share) * (
            1 if method == "sobol" else 1.2
        )


def test_a_longer_sequence_begins_with_the_shorter_one() -> None:
    spans = (SPANS[0][0], SPANS[3][0], "{from: 1, to: 9}")
    assert sample("sobol", 64, 3, *spans)[:8] == sample("sobol", 8, 3, *spans)


def test_whole_numbers_and_lists_come_in_equal_shares() -> None:
    """With ten points to five values a Latin hypercube has each twice; the other place keeps points apart."""
    apart = "{from: 0.0, to: 1.0}"
    found = sample("latin-hypercube", 10, 5, "{from: 2, to: 6}", apart)
    assert Counter(whole for whole, _ in found) == {str(number): 2 for number in (2, 3, 4, 5, 6)}
    found = sample("latin-hypercube", 12, 5, "{from: -1, to: 1}", "[1 h, {a: 1}, 3.5]", apart)
    assert Counter(whole for whole, *_ in found) == {"-1": 4, "0": 4, "1": 4}
    assert Counter(listed for _, listed, _ in found) == {"1 h": 4, "a 1": 4, "3.5": 4}


def test_whole_numbers_on_a_logarithmic_scale_have_the_shares_of_their_stretch() -> None:
    """From 1 to below 8 there are three doublings: 1 has a third, 2 and 3 have a third, the rest a third."""
    found = sample("latin-hypercube", 300, 5, "{from: 1, to: 7, scale: log}", "{from: 0.0, to: 1.0}")
    count = Counter(int(whole) for whole, _ in found)
    assert (count[1], count[2] + count[3], sum(count[one] for one in (4, 5, 6, 7))) == (100, 100, 100)


def test_values_read_well() -> None:
    """No more digits than rounding to a tenth of a stratum needs."""
    found = sample("latin-hypercube", 8, 7, "{from: 0.8, to: 1.4}", "{from: 4 Mbit/s, to: 16 Mbit/s}")
    assert all(len(scale) <= 5 and len(rate.partition(".")[2]) <= 8 for scale, rate in found)
    assert all(1000 * exactly(scale) % 1 == 0 and 10 * exactly(rate) % 1 == 0 for scale, rate in found)


EVERYTHING = """
variants:
  outage: {a: {d: 1}}
  storm: {a: {d: 2}}
sweep:
  a.rate: [2 Mbit/s, 4 Mbit/s, 8 Mbit/s]
  a.every: {from: 5 min, to: 15 min, step: 5 min}
sample:
  method: latin-hypercube
  points: 6
  seed: 2
  over: {a.scale: {from: 0.8, to: 1.4}, a.who: {from: 2, to: 4}}
exclude:
  - {variant: outage, a.rate: 4000 kbit/s}
  - {variant: [storm, base], a.every: [600 s, 0.25 h], a.who: 3}
  - {a.rate: {from: 3 Mbit/s, to: 8000000 bit/s}, a.scale: {from: 1.0, to: 1.2}}
"""


def test_everything_crossed_and_excluded_is_what_loops_make() -> None:
    scattered = points("sample:" + EVERYTHING.partition("exclude:")[0].partition("sample:")[2])
    meant = []
    for variant in ("base", "outage", "storm"):
        for rate in (2, 4, 8):
            for every in (5, 10, 15):
                for scale, who in scattered:
                    first = variant == "outage" and rate == 4
                    second = variant in ("storm", "base") and every in (10, 15) and who == "3"
                    third = rate in (4, 8) and Fraction(1) <= Fraction(scale) <= Fraction("1.2")
                    if not (first or second or third):
                        meant.append((variant, f"{rate} Mbit/s", f"{every} min", scale, who))
    assert len(scattered) == 6
    assert points(EVERYTHING) == meant
    assert 0 < len(meant) < 162
