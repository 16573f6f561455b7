"""Intervals that hold for a whole family of paired differences at once.

Two ways share the error rate of a family by its members. Where replications are many and differ, the largest
of all t-statistics is bootstrapped: replications are drawn again for all members together, so that members
that say the same are not paid for twice. The rest have Bonferroni's t-intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import BoolArray, FloatArray
from simgrid.randomness import stream
from simgrid.statistics.intervals import CONFIDENCE, mean_and_error, mean_interval

FEWEST_FOR_MAX_T = 20
"""Replications from which the largest t is bootstrapped; tests/statistical measures its coverage there."""

FEWEST_DEPARTURES = 10
"""Replications that must depart from the commonest difference, lest resamples without any spread occur."""

RESAMPLES = 4999


@dataclass(frozen=True, slots=True)
class Simultaneous:
    """Bounds of every member, shape (members,), and which of them are by the bootstrapped largest t."""

    low: FloatArray
    high: FloatArray
    by_max_t: BoolArray


def simultaneous(
    differences: npt.ArrayLike, seed: int = 0, confidence: float = CONFIDENCE, resamples: int = RESAMPLES
) -> Simultaneous:
    """Bounds that hold for all members together; ``differences`` (members, replications), NaN if undefined.

    Single-step largest-t bootstrap, studentised (Romano and Wolf 2005, doi 10.1198/016214504000000539), else
    Bonferroni, each for its share of the error rate. A member that could not be measured keeps its share. The
    same seed and differences give the same bounds.
    """
    values = np.asarray(differences, dtype=np.float64)
    members, replications = values.shape
    each = (1.0 - confidence) / max(members, 1)
    found = mean_interval(values, 1.0 - each)
    joint = _suited(values)
    if joint.sum() < 2:
        joint[:] = False
    low, high = found.low.copy(), found.high.copy()
    if joint.any():
        weights = _weights(seed, replications, resamples)
        largest = _largest_t(values[joint], weights)
        limit = np.quantile(largest, 1.0 - each * joint.sum(), method="higher")
        mean, error, _ = mean_and_error(values[joint])
        low[joint], high[joint] = mean - limit * error, mean + limit * error
    return Simultaneous(low, high, joint)


def _suited(values: FloatArray) -> BoolArray:
    """Members with enough replications, of which enough depart from the commonest difference."""
    suited = np.zeros(len(values), dtype=np.bool_)
    for row, own in enumerate(values):
        known = own[~np.isnan(own)]
        if len(known) >= FEWEST_FOR_MAX_T:
            commonest = np.unique(known, return_counts=True)[1].max()
            suited[row] = len(known) - commonest >= FEWEST_DEPARTURES
    return suited


def _weights(seed: int, count: int, resamples: int) -> FloatArray:
    rng = stream(seed, 0, "simultaneous", str(count))
    return rng.multinomial(count, np.full(count, 1.0 / count), size=resamples).astype(np.float64)


def _largest_t(values: FloatArray, weights: FloatArray) -> FloatArray:
    """The largest abs(t) over the members in each resample; ``weights`` (resamples, replications)."""
    largest = np.zeros(len(weights))
    for own in values:
        known = ~np.isnan(own)
        standard = (own[known] - own[known].mean()) / own[known].std()
        times = weights[:, known]
        n = times.sum(axis=1)
        mean = times @ standard / n
        variance = (times @ (standard * standard) / n - mean * mean) / (n - 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.abs(mean) / np.sqrt(variance)
        np.maximum(largest, np.where(np.isnan(t), np.inf, t), out=largest)
    return largest
