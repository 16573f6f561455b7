"""Scores to probabilities: a logistic curve per defect (Platt 1999), fitted on sources left out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize


def probabilities(scores: NDArray[np.float64], curves: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, heads) of log odds by (heads, 2) of slope and offset."""
    return sigmoid(scores * curves[:, 0] + curves[:, 1])


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
