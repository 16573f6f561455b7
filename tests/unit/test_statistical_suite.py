"""The statistical suite itself: its power is the binomial one, faults are planted everywhere and removed."""

from __future__ import annotations

import re
from math import comb
from pathlib import Path

import numpy as np
import pytest

from simgrid.experiments import answers
from simgrid.simulation.reading import Desks
from simgrid.statistics import families, intervals
from tests.statistical.measures import Equivalence, Measure
from tests.statistical.mutants import MUTANTS, Mutant, times
from tests.statistical.suite import LEAST_POWER, MEASURES, must_find, power

PAGE = (Path(__file__).parents[2] / "docs/explanation/statistics.md").read_text(encoding="utf-8")


def test_power_is_that_of_the_binomial_distribution() -> None:
    measure = Measure("m", lambda: 0.5, 10, 0.2, 0.8)
    outside = [k for k in range(11) if not 2 <= k <= 8]
    expected = sum(comb(10, k) * 0.3**k * 0.7 ** (10 - k) for k in outside)
    assert measure.power(0.3) == pytest.approx(expected, rel=1e-12)


def test_power_of_an_equivalence_is_its_share_of_failures() -> None:
    rng = np.random.default_rng(1)
    cv, n, delta = 0.1, 30, 0.05
    for truth in (1.0, 1.04, 1.08):
        measure = Equivalence("m", lambda k, t=truth: rng.normal(3 * t, 3 * t * cv, k), n, 3.0, delta, cv)
        failed = np.mean([not measure.holds() for _ in range(250)])
        assert failed == pytest.approx(measure.power(truth), abs=0.1)


def test_replications_suffice_for_what_theory_is_asked() -> None:
    asked = [one for one in MEASURES if isinstance(one, Equivalence)]
    assert len(asked) == 3
    for one in asked:
        assert one.samples >= (4.22 * one.cv / one.delta) ** 2
        assert one.power(1.0) < 0.015


def test_every_measure_must_find_a_fault_and_has_the_power_to() -> None:
    assert len({one.name for one in MEASURES}) == len(MEASURES)
    assert [one.name for one in MEASURES if power(one) < LEAST_POWER] == []


def test_every_fault_is_to_be_found_under_every_name_it_gives() -> None:
    for mutant in MUTANTS:
        found = [Mutant("one", (), {name: share}) for name, share in mutant.shares.items()]
        assert all(list(must_find(one)) for one in found), mutant.name
        assert all(one.power(share) > 0.99 for one, share in must_find(mutant)), mutant.name


def test_a_fault_is_planted_wherever_the_function_is_and_taken_out_again() -> None:
    halved = Mutant("halved", (times(intervals.t_quantile, 0.5), times(Desks.true_reading_s, 2.0)), {})
    kept, read = intervals.mean_interval([1.0, 2.0, 4.0]), Desks.true_reading_s
    with halved.planted():
        found = families.mean_interval([1.0, 2.0, 4.0])
        assert Desks.true_reading_s is not read
    assert found.high - found.mean == pytest.approx((kept.high - kept.mean) / 2)
    assert answers.mean_interval([1.0, 2.0, 4.0]).high == kept.high
    assert Desks.true_reading_s is read


def test_a_fault_in_a_function_that_is_nowhere_is_refused() -> None:
    with pytest.raises(LookupError, match="nowhere"), Mutant("m", (times(comb, 2),), {}).planted():
        pass


@pytest.mark.parametrize("name", ["mean, 10 normal replications", "paired difference, 10"])
def test_the_quickest_measures_hold_and_find_their_fault(name: str) -> None:
    measure = next(one for one in MEASURES if one.name == name)
    narrow = next(one for one in MUTANTS if one.share(name) is not None)
    assert measure.holds()
    with narrow.planted():
        assert not measure.holds()


def test_the_page_names_every_fault() -> None:
    told = re.findall(r"^\| ([^|]+?) \| \d+ of \d+ \|", PAGE, re.MULTILINE)
    assert told == [one.name for one in MUTANTS]
