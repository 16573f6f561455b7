"""Probabilities fitted anew to what radiologists found, and the threshold that follows; nothing is applied.

A logistic curve over the judge's own log odds (Platt 1999), as in the judge itself. It is proposed only if it
is better on rows that it was not fitted to: five folds by image, since one image's rows resemble each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.classifier.calibration import fit_curve, sigmoid
from simgrid.quality.classifier.judgement import PRESENT
from simgrid.quality.defect_names import DEFECTS, Defect
from simgrid.quality.evaluation.auc import aucs
from simgrid.quality.feedback.table import Row

FEWEST_EACH = 8
"""Looks with and without the defect below which nothing is fitted."""
LOST = 0.65
"""Area under the ROC curve below which the judge's order is of no use, and no curve mends that."""

Advice: TypeAlias = Literal["too few", "keep", "recalibrate", "retrain"]
_FOLDS = 5
_SMALLEST = 1e-4
_BINS = 10


@dataclass(frozen=True, slots=True)
class Proposal:
    """For one defect: ``looks`` of which ``present``; ``auc`` of the judge's order.

    ``slope``, ``offset``: of the curve over log odds. ``threshold``: the judge's own probability that stands
    for an even chance from now on. Losses (log loss) and calibration errors before and after are of rows left
    out; all are None where the advice is "too few".
    """

    defect: Defect
    looks: int
    present: int
    advice: Advice
    auc: float | None = None
    slope: float | None = None
    offset: float | None = None
    threshold: float | None = None
    loss_before: float | None = None
    loss_after: float | None = None
    error_before: float | None = None
    error_after: float | None = None


def propose(rows: Sequence[Row]) -> list[Proposal]:
    """For each defect that anybody looked for."""
    return [_for(defect, own) for defect in DEFECTS if (own := [row for row in rows if row.defect == defect])]


def recalibrated(probability: NDArray[np.float64], slope: float, offset: float) -> NDArray[np.float64]:
    """Probabilities by a proposed curve."""
    return sigmoid(slope * _log_odds(probability) + offset)


def log_loss(probability: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """Mean of -log of the probability given to what was so."""
    clipped = np.clip(probability, _SMALLEST, 1 - _SMALLEST)
    return float(-np.mean(np.where(truth, np.log(clipped), np.log1p(-clipped))))


def calibration_error(probability: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten bins of equal count."""
    order = np.argsort(probability, kind="stable")
    bins = np.array_split(order, min(_BINS, order.size))
    gaps = [one.size * abs(float(probability[one].mean() - truth[one].mean())) for one in bins]
    return sum(gaps) / order.size


def _for(defect: Defect, rows: Sequence[Row]) -> Proposal:
    truth = np.array([row.present for row in rows])
    probability = np.array([row.probability for row in rows], dtype=np.float64)
    present = int(truth.sum())
    if min(present, truth.size - present) < FEWEST_EACH:
        return Proposal(defect, truth.size, present, "too few")
    auc = float(aucs(probability, truth, np.ones((1, truth.size)))[0])
    after = _left_out(probability, truth, [row.file for row in rows])
    losses = log_loss(probability, truth), log_loss(after, truth)
    errors = calibration_error(probability, truth), calibration_error(after, truth)
    slope, offset = fit_curve(_log_odds(probability), truth)
    even = float(sigmoid(np.array([(np.log(PRESENT / (1 - PRESENT)) - offset) / slope]))[0])
    advice: Advice = "retrain" if auc < LOST else "recalibrate" if losses[1] < losses[0] else "keep"
    return Proposal(defect, truth.size, present, advice, auc, slope, offset, even, *losses, *errors)


def _left_out(
    probability: NDArray[np.float64], truth: NDArray[np.bool_], files: Sequence[str]
) -> NDArray[np.float64]:
    """Each row by a curve fitted to the folds that its image is not in."""
    numbers = {name: number % _FOLDS for number, name in enumerate(sorted(set(files)))}
    fold = np.array([numbers[name] for name in files])
    made = probability.copy()
    for number in set(fold.tolist()):
        inside = fold == number
        slope, offset = fit_curve(_log_odds(probability[~inside]), truth[~inside])
        made[inside] = recalibrated(probability[inside], slope, offset)
    return made


def _log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    clipped = np.clip(probability, _SMALLEST, 1 - _SMALLEST)
    odds: NDArray[np.float64] = np.log(clipped) - np.log1p(-clipped)
    return odds
