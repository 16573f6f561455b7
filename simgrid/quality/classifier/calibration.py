"""Scores to probabilities: a logistic curve per defect (Platt 1999), fitted on sources left out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize


def probabilities(scores: NDArray[np.float64], curves: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, heads) of log odds by (heads, 2) of slope and offset."""
    return sigmoid(scores * curves[:, 0] + curves[:, 1])


def any_score(found: NDArray[np.float64], could: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Log odds (n,) that there is any defect, from probabilities (n, 11) of the ten and of any.

    The mean of two opinions: the head that was taught "any", and one less the chance that all defects that
    the modality can have (``could``, (n, 10)) are absent, as if they came independently.
    """
    absent = np.prod(np.where(could, 1 - found[:, :-1], 1.0), axis=1)
    mean: NDArray[np.float64] = (_log_odds(found[:, -1]) + _log_odds(1 - absent)) / 2
    return mean


def _log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def sigmoid(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without overflow."""
    found: NDArray[np.float64] = 0.5 * (1 + np.tanh(0.5 * log_odds))
    return found


def fit_curve(
    scores: NDArray[np.float64], truth: NDArray[np.bool_], weights: NDArray[np.float64] | None = None
) -> tuple[float, float]:
    """Slope (above 0) and offset of least log loss; a weak pull to slope 1 and offset 0 keeps them finite."""
    if truth.all() or not truth.any():
        return 1.0, 0.0
    share = np.full(scores.size, 1 / scores.size) if weights is None else weights / weights.sum()
    sign = np.where(truth, 1.0, -1.0)

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope = np.exp(at[0])
        margin = sign * (slope * scores + at[1])
        value = float(share @ np.logaddexp(0, -margin)) + 1e-3 * float(at @ at)
        pull = -share * sign * sigmoid(-margin)
        return value, np.array([float(pull @ scores) * slope, float(pull.sum())]) + 2e-3 * at

    found = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B", bounds=[(-4, 2), (-8, 8)])
    return float(np.exp(found.x[0])), float(found.x[1])


def curves(
    scores: NDArray[np.float64], truth: NDArray[np.bool_], could: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """(heads, 2): slope and offset of each head, from the images that can have it."""
    return np.array([fit_curve(scores[own, head], truth[own, head]) for head, own in enumerate(could.T)])


def crossed_probabilities(
    scores: NDArray[np.float64],
    truth: NDArray[np.bool_],
    could: NDArray[np.bool_],
    fold: NDArray[np.integer],
) -> NDArray[np.float64]:
    """Probabilities (n, heads) by curves that were fitted on the other folds."""
    found = np.zeros_like(scores)
    for k in np.unique(fold):
        out = fold == k
        found[out] = probabilities(scores[out], curves(scores[~out], truth[~out], could[~out]))
    return found
