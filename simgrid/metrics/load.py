"""How evenly the work fell: eq. 10 and the usual measures of inequality, over the R radiologists.

The load W_j is the expected effort assigned to radiologist j, read or not: it judges the decision, and
true reading times differ between radiologists for other reasons. A radiologist with a limit of 0 who got
nothing is at her limit; one who got something is infinitely above it.
"""

import numpy as np

from simgrid.domain.journal import Journal
from simgrid.domain.units import BoolArray, FloatArray


def assigned_min(journal: Journal) -> FloatArray:
    """W_j: expected minutes assigned to each radiologist, shape (R,)."""
    inspections = journal.inspections
    return _sums(journal, inspections.effort_min, inspections.radiologist >= 0)


def distance_over_periods(journal: Journal) -> float:
    """D of the run: over the limit's periods, each with the weight of the effort assigned in it.

    In a period everybody's limit is the part of her limit that the period has of all effort. One period: the
    D of the run itself.
    """
    inspections, limit = journal.inspections, journal.radiologists.scored_limit_min
    if not len(journal.limit_periods_s):
        return distance(assigned_min(journal), limit)
    given = inspections.radiologist >= 0
    period = np.searchsorted(journal.limit_periods_s, inspections.assigned_s, side="right")
    whole = float(inspections.effort_min.sum())
    weights, distances = [], []
    for one in np.unique(period[given]).tolist():
        minutes = _sums(journal, inspections.effort_min, given & (period == one))
        weights.append(float(minutes.sum()))
        distances.append(distance(minutes, limit * (weights[-1] / whole)))
    return float(np.average(distances, weights=weights))


def earned_points(journal: Journal) -> FloatArray:
    """Effort points each radiologist earned, shape (R,): those of the inspections reported."""
    return _sums(journal, journal.inspections.effort_points, ~np.isnan(journal.inspections.reported_s))


def distance(load: FloatArray, limit: FloatArray) -> float:
    """D = (1/R) sum_j abs(W_j - l_j) / l_j; eq. 10 is its reciprocal. Not defined for R = 0."""
    return float(np.mean(_over(np.abs(load - limit), limit)))


def success(load: FloatArray, limit: FloatArray) -> float:
    """Eq. 10, 1/D: infinite when every load is exactly at its limit.

    Under equal limits kept by everybody it is slack / (slack - 1), slack = sum of l over sum of e, whatever
    the policy did. Gains and intervals belong on D.
    """
    return reciprocal(distance(load, limit))


def reciprocal(far: float) -> float:
    """Eq. 10 of a distance."""
    return 1.0 / far if far > 0 else float("inf")


def max_ratio(load: FloatArray, limit: FloatArray) -> float:
    """The largest W_j / l_j."""
    return float(np.max(_over(load, limit)))


def gini(load: FloatArray) -> float:
    """Mean absolute difference over twice the mean, 0 (equal) to (R - 1) / R; loads with a positive sum."""
    count = len(load)
    rank = 2.0 * np.arange(1, count + 1) - count - 1.0
    # Rounding may leave an equal split a hair below 0.
    return max(float(rank @ np.sort(load) / (count * load.sum())), 0.0)


def variation(load: FloatArray) -> float:
    """Coefficient of variation: standard deviation of the R loads (divisor R) over their mean."""
    return float(load.std() / load.mean())


def _sums(journal: Journal, amount: FloatArray, counts: BoolArray) -> FloatArray:
    owners = journal.inspections.radiologist[counts]
    sums = np.bincount(owners, amount[counts], minlength=len(journal.radiologists.name))
    return sums.astype(np.float64)


def _over(above: FloatArray, limit: FloatArray) -> FloatArray:
    unlimited = np.where(above > 0, np.inf, 0.0)
    return np.divide(above, limit, out=unlimited, where=limit > 0)
