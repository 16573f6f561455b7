"""Equation 1 for any judgements: what holds whatever the experts say."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.rating import JudgementError, ahp_weights

SCALE = st.sampled_from([1 / 9, 1 / 7, 1 / 5, 1 / 3, 1 / 2, 1.0, 2.0, 3.0, 5.0, 7.0, 9.0])


@pytest.fixture(autouse=True)
def _contradictions_are_welcome():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def reciprocal(n: int, values: list[float]) -> np.ndarray:
    matrix = np.ones((n, n))
    rows, columns = np.triu_indices(n, 1)
    matrix[rows, columns] = values
    matrix[columns, rows] = 1 / np.array(values)
    return matrix


@st.composite
def judgements(draw: st.DrawFn, low: int = 1, high: int = 9) -> np.ndarray:
    n = draw(st.integers(low, high))
    pairs = n * (n - 1) // 2
    return reciprocal(n, draw(st.lists(SCALE, min_size=pairs, max_size=pairs)))


@settings(deadline=None, max_examples=60)
@given(judgements())
def test_weights_are_positive_and_sum_to_one(matrix: np.ndarray):
    answer = ahp_weights(matrix)
    assert (answer.weights > 0).all()
    assert answer.weights.sum() == pytest.approx(1)
    assert answer.lambda_max >= len(matrix) - 1e-9
    assert answer.consistency_ratio >= 0


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=12))
def test_consistent_judgements_give_back_the_weights_they_were_made_from(weights: list[float]):
    true = np.array(weights) / sum(weights)
    answer = ahp_weights(true[:, np.newaxis] / true[np.newaxis, :])
    assert answer.weights == pytest.approx(true)
    assert answer.consistency_ratio == pytest.approx(0, abs=1e-9)
    assert answer.geometric_consistency_index == pytest.approx(0, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(judgements(2), st.randoms(use_true_random=False))
def test_the_order_of_the_things_does_not_matter(matrix: np.ndarray, random: object):
    order = list(range(len(matrix)))
    random.shuffle(order)  # type: ignore[attr-defined]
    straight, shuffled = ahp_weights(matrix), ahp_weights(matrix[np.ix_(order, order)])
    assert shuffled.weights == pytest.approx(straight.weights[order])
    assert shuffled.consistency_ratio == pytest.approx(straight.consistency_ratio, abs=1e-9)
    assert shuffled.geometric_consistency_index == pytest.approx(straight.geometric_consistency_index)


@settings(deadline=None, max_examples=40)
@given(judgements(2, 6), st.integers(1, 4))
def test_an_expert_asked_several_times_is_one_expert(matrix: np.ndarray, times: int):
    once, often = ahp_weights(matrix), ahp_weights([matrix] * times)
    assert often.weights == pytest.approx(once.weights)
    assert often.expert_consistency_ratios == pytest.approx(np.full(times, once.consistency_ratio), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(judgements(2), st.data())
def test_any_single_spoilt_cell_is_named(matrix: np.ndarray, data: st.DataObject):
    n = len(matrix)
    row, column = data.draw(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)))
    spoilt = matrix.copy()
    spoilt[row, column] *= 1.2
    with pytest.raises(JudgementError) as caught:
        ahp_weights(spoilt)
    assert len(caught.value.problems) == 1
    assert str(caught.value).count(f"judgements[{row}][{column}]") == 1
