"""Equation 1: weights by hand, refusals by name, and the consistency figures by an independent method."""

import math
import warnings

import numpy as np
import pytest

from simgrid.rating import InconsistentJudgementsWarning, JudgementError, ahp_weights
from simgrid.rating.ahp import random_index

CONTRADICTION = [[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]]


def power_iteration(matrix: np.ndarray) -> float:
    """The principal eigenvalue without an eigenvalue routine."""
    vector = np.ones(len(matrix))
    for _ in range(500):
        image = matrix @ vector
        vector = image / image.sum()
    return float((matrix @ vector).sum() / vector.sum())


def test_three_things_by_hand():
    answer = ahp_weights([[1, 2, 8], [1 / 2, 1, 4], [1 / 8, 1 / 4, 1]])
    # Row products 16, 2, 1/32; their cube roots stand in the ratio 8 : 4 : 1.
    assert answer.weights == pytest.approx([8 / 13, 4 / 13, 1 / 13])
    assert answer.consistency_ratio == pytest.approx(0, abs=1e-12)
    assert answer.lambda_max == pytest.approx(3)
    assert answer.consistent


def test_weights_are_row_geometric_means_not_the_eigenvector():
    matrix = np.array([[1, 2, 1 / 3, 5], [1 / 2, 1, 4, 3], [3, 1 / 4, 1, 2], [1 / 5, 1 / 3, 1 / 2, 1]])
    with pytest.warns(InconsistentJudgementsWarning):
        answer = ahp_weights(matrix)
    by_hand = [math.prod(row) ** (1 / 4) for row in matrix.tolist()]
    assert answer.weights == pytest.approx([value / sum(by_hand) for value in by_hand])
    eigenvalues, vectors = np.linalg.eig(matrix)
    principal = np.abs(vectors[:, eigenvalues.real.argmax()].real)
    assert np.abs(principal / principal.sum() - answer.weights).max() > 1e-3


@pytest.mark.parametrize("n", [3, 4, 5, 7, 10, 12])
def test_lambda_max_agrees_with_power_iteration(n: int):
    rng = np.random.default_rng(n)
    upper = np.triu(rng.choice([1 / 5, 1 / 3, 1 / 2, 1, 2, 3, 5], (n, n)), 1)
    matrix = upper + np.where(upper.T > 0, 1 / np.where(upper.T > 0, upper.T, 1), 0) + np.eye(n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InconsistentJudgementsWarning)
        answer = ahp_weights(matrix)
    assert answer.lambda_max == pytest.approx(power_iteration(matrix), rel=1e-9)
    index = (answer.lambda_max - n) / (n - 1)
    assert answer.consistency_ratio == pytest.approx(index / random_index(n))


def test_random_index_is_the_published_table_and_goes_on_smoothly():
    table = [random_index(n) for n in range(1, 11)]
    assert table == [0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49]
    beyond = [random_index(n) for n in range(10, 20)]
    assert beyond == sorted(beyond)
    assert random_index(11) - random_index(10) < 0.03


def test_contradiction_warns_and_agreement_does_not():
    with pytest.warns(InconsistentJudgementsWarning, match=r"Fit, Clock, Load .* limit 0\.10"):
        answer = ahp_weights(CONTRADICTION, labels=["Fit", "Clock", "Load"])
    assert not answer.consistent
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ahp_weights([[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]])


def test_two_things_cannot_contradict_each_other():
    answer = ahp_weights([[1, 4], [0.25, 1]])
    assert answer.weights == pytest.approx([0.8, 0.2])
    assert answer.consistency_ratio == 0
    assert answer.geometric_consistency_index == 0
    assert answer.geometric_consistency_limit == math.inf


def test_geometric_consistency_index_by_hand():
    # Row products are 1, so the weights are equal and every error is the logarithm of a judgement.
    answer = ahp_weights(np.array([[1, 2, 1 / 2], [1 / 2, 1, 2], [2, 1 / 2, 1]]) ** 0.1)
    assert answer.geometric_consistency_index == pytest.approx(3 * (0.1 * math.log(2)) ** 2)
    assert answer.geometric_consistency_limit == 0.31
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InconsistentJudgementsWarning)
        assert ahp_weights(np.ones((4, 4))).geometric_consistency_limit == 0.35
        assert ahp_weights(np.ones((6, 6))).geometric_consistency_limit == 0.37


def test_experts_are_joined_by_the_geometric_mean():
    answer = ahp_weights([[[1, 2], [1 / 2, 1]], [[1, 8], [1 / 8, 1]]])
    assert answer.weights == pytest.approx([0.8, 0.2])
    assert answer.expert_consistency_ratios.tolist() == [0, 0]


def test_experts_who_cancel_out_are_still_seen_one_by_one():
    opposite = np.array(CONTRADICTION).T
    answer = ahp_weights([CONTRADICTION, opposite])
    assert answer.consistency_ratio == pytest.approx(0, abs=1e-12)
    assert (answer.expert_consistency_ratios > 1).all()


def test_not_reciprocal_names_every_cell_with_the_way_out():
    with pytest.raises(JudgementError) as caught:
        ahp_weights([[1, 2, 7], [0.5, 1, 3], [0.2, 0.5, 1]])
    lines = str(caught.value).splitlines()
    assert "judgements[2][0] is 0.2 but judgements[0][2] is 7: expected 1/7" in lines
    assert "judgements[2][1] is 0.5 but judgements[1][2] is 3: expected 1/3" in lines
    assert len(caught.value.problems) == 2


def test_labels_name_the_cells():
    with pytest.raises(ValueError, match=r"judgements\[1\]\[0\] is 3 \(Clock over Fit\) but .*expected 1/3"):
        ahp_weights([[1, 3], [3, 1]], labels=["Fit", "Clock"])


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1, -2], [0.5, 1]], r"judgements\[0\]\[1\] is -2: expected a positive"),
        ([[1, 0], [1, 1]], r"judgements\[0\]\[1\] is 0"),
        ([[1, math.nan], [1, 1]], r"judgements\[0\]\[1\] is nan"),
        ([[1, math.inf], [0, 1]], r"judgements\[0\]\[1\] is inf"),
        ([[2, 1], [1, 1]], r"judgements\[0\]\[0\] is 2: expected 1"),
        ([[1, 2]], r"shape \(1, 2\): expected a square matrix"),
        ([[1, 2], [1]], r"judgements\[1\] has length 1, another row has 2"),
        ([[1, "often"], [1, 1]], r"judgements\[0\]\[1\] is 'often': expected a number"),
        ([], "expected a square matrix"),
        (3, "expected a square matrix"),
        ([[[1, 2], [0.5, 1]], [[1, 2], [2, 1]]], r"judgements\[1\]\[1\]\[0\] is 2"),
    ],
)
def test_refusals(matrix: object, message: str):
    with pytest.raises(JudgementError, match=message):
        ahp_weights(matrix)


def test_labels_must_be_as_many_as_things():
    with pytest.raises(JudgementError, match="compare 2 things, but 1 labels"):
        ahp_weights([[1, 2], [0.5, 1]], labels=["Fit"])


@pytest.mark.parametrize("judgement", [2, 3, 4, 5, 6, 7, 8, 9, 1.5, 9.95, 9.99])
def test_three_significant_digits_of_a_reciprocal_pass(judgement: float):
    rounded = float(f"{1 / judgement:.3g}")
    ahp_weights([[1, judgement], [rounded, 1]])
    ahp_weights([[1, rounded], [judgement, 1]])


def test_three_digits_of_a_third_pass_and_two_do_not():
    ahp_weights([[1, 3], [0.333, 1]])
    with pytest.raises(JudgementError, match=r"is 6 but judgements\[0\]\[1\] is 0.17"):
        ahp_weights([[1, 0.17], [6, 1]])
    with pytest.raises(JudgementError, match="expected 1/3"):
        ahp_weights([[1, 3], [0.33, 1]])


def test_the_answer_cannot_be_changed():
    answer = ahp_weights([[1, 2], [0.5, 1]])
    with pytest.raises(ValueError, match="read-only"):
        answer.weights[0] = 1
    with pytest.raises(AttributeError):
        answer.lambda_max = 3  # type: ignore[misc]


def test_extreme_judgements_stay_finite():
    answer = ahp_weights([[1, 1e200, 1e100], [1e-200, 1, 1e-100], [1e-100, 1e100, 1]])
    assert np.isfinite(answer.weights).all()
    assert answer.lambda_max == pytest.approx(3)
