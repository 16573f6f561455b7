"""KN and OCBA on any numbers: names do not matter, nor shifts, scales and the size of helpings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.statistics.ranking import Promise, Race, begin, budget_shares, fed, next_replications

MOST = 400
seeds = st.integers(0, 10_000)


def drawn(seed: int) -> tuple[np.ndarray, Promise, int]:
    """Observations (k, MOST) that share some of their luck, a promise and a first stage."""
    rng = np.random.default_rng(seed)
    candidates, first = int(rng.integers(2, 7)), int(rng.integers(3, 25))
    spread = rng.uniform(0.3, 2.0, (candidates, 1))
    values = (
        rng.normal(size=MOST)
        + spread * rng.normal(size=(candidates, MOST))
        + rng.normal(size=(candidates, 1))
    )
    return values, Promise(float(rng.uniform(0.2, 1.0)), float(rng.uniform(0.8, 0.99))), first


def run(values: np.ndarray, promise: Promise, first: int, helping: int = MOST) -> Race:
    race = begin(values[:, :first], promise)
    while race.count < MOST and not race.ended:
        race = fed(race, values[race.going, race.count : race.count + helping])
    return race


def as_written(values: np.ndarray, promise: Promise, first: int) -> tuple[list[tuple[int, int]], list[int]]:
    """The paper's description, word for word, with means: who is put out at which r, and who is left."""
    k = len(values)
    eta = 0.5 * ((2 * (1 - promise.probability) / (k - 1)) ** (-2 / (first - 1)) - 1)
    h2, delta, r = 2 * eta * (first - 1), promise.indifference, first
    s2 = [[float(np.var(a[:first] - b[:first], ddof=1)) for b in values] for a in values]
    most = max(int(h2 * s2[i][j] / delta**2) for i in range(k) for j in range(k) if i != j)
    left, gone = list(range(k)), []
    while True:
        means = values[:, :r].mean(axis=1)
        stay = []
        for i in left:
            room = [max(0.0, delta / (2 * r) * (h2 * s2[i][j] / delta**2 - r)) for j in left]
            if all(means[i] >= means[j] - w for j, w in zip(left, room, strict=True) if j != i):
                stay.append(i)
        gone += [(i, r) for i in left if i not in stay]
        left = stay
        if len(left) == 1 or r == most + 1 or r == values.shape[1]:
            return gone, left
        r += 1


@settings(deadline=None, max_examples=60)
@given(seeds)
def test_it_is_the_paper_s_procedure(seed: int) -> None:
    values, promise, first = drawn(seed)
    race = run(values, promise, first)
    gone, left = as_written(values, promise, first)
    assert sorted((one.candidate, one.replications) for one in race.out) == sorted(gone)
    assert race.going.tolist() == left


@settings(deadline=None, max_examples=60)
@given(seeds, st.integers(1, 60))
def test_the_size_of_helpings_changes_nothing(seed: int, helping: int) -> None:
    values, promise, first = drawn(seed)
    at_once, bit_by_bit = run(values, promise, first), run(values, promise, first, helping)
    assert (at_once.out, at_once.count) == (bit_by_bit.out, bit_by_bit.count)
    assert at_once.sums.tolist() == bit_by_bit.sums.tolist()


@settings(deadline=None, max_examples=60)
@given(seeds)
def test_names_shifts_scales_and_signs_do_not_matter(seed: int) -> None:
    values, promise, first = drawn(seed)
    race = run(values, promise, first)
    order = np.random.default_rng(seed + 1).permutation(len(values))
    renamed = run(values[order], promise, first)
    assert {(int(order[one.candidate]), one.replications, int(order[one.by])) for one in renamed.out} == {
        (one.candidate, one.replications, one.by) for one in race.out
    }
    scaled = run(4.0 * values, replace(promise, indifference=4.0 * promise.indifference), first)
    assert scaled.out == race.out
    shifted = run(values + 100.0, promise, first)
    assert [(one.candidate, one.replications) for one in shifted.out] == [
        (one.candidate, one.replications) for one in race.out
    ]
    lower = begin(-values[:, :first], promise, "lower")
    assert fed(lower, -values[lower.going, first:]).out == race.out


@settings(deadline=None, max_examples=60)
@given(seeds, st.integers(0, 200))
def test_a_budget_is_spent_to_the_last_and_names_do_not_matter(seed: int, more: int) -> None:
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 8))
    means, variances, counts = rng.normal(size=k), rng.uniform(0.1, 4, k), rng.integers(0, 60, k)
    found = next_replications(means, variances, counts, more)
    assert found.sum() == more
    assert (found >= 0).all()
    order = rng.permutation(k)
    assert budget_shares(means[order], variances[order]) == pytest.approx(
        budget_shares(means, variances)[order]
    )
    assert next_replications(-means, variances, counts, more, "lower").tolist() == found.tolist()
    if more:
        # whoever gets any is at its share of what the getters have together, to the last replication
        got = found > 1
        own = (counts + found)[got] / (counts + found)[got].sum()
        shares = budget_shares(means, variances)[got]
        assert np.abs(own - shares / shares.sum()).max(initial=0) <= 2.5 / max((counts + found)[got].sum(), 1)
