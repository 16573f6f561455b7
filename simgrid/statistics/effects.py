"""Global sensitivity: elementary effects (Morris), shares of variance (Sobol'), and what noise has in both.

An output is measured at every row of a design by the same replications: ``values`` (rows, replications).
``shares`` (rows, places) are the rows' values as shares of each place's range, so that effects are those of
the whole range. SALib draws the designs; its estimators are the oracle of these in the tests.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from simgrid.domain.units import FloatArray, IntArray
from simgrid.randomness import stream

RESAMPLES = 2000
NO_SPREAD = 1e-12
"""Spread against size below which differences are rounding."""
CONFIDENCE = 0.95
_MEAN_OF_NORMAL = math.sqrt(2.0 / math.pi)


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number a place with its 95 % bootstrap interval; NaN where there is none."""

    value: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class Indices:
    """What an output owes to each place, shape (places,).

    Morris: ``main`` is mu*, ``other`` sigma, ``signed`` mu. Sobol': ``main`` is the total index, ``other``
    the first one, ``signed`` NaN. ``noise``: what ``main`` would be on average of a place without any
    effect, from the noise of the replications alone; NaN of a single replication.
    """

    main: Estimate
    other: Estimate
    signed: FloatArray
    noise: FloatArray


@dataclass(frozen=True, slots=True)
class Noise:
    """Shares of the variance of a single run at a random point: ``all`` noise, and ``own`` to its point.

    The rest of the noise moves all points alike, since they see the same replications, and is in no effect.
    """

    all: float
    own: float


def morris(shares: FloatArray, values: FloatArray, seed: int) -> Indices:
    """Screening by trajectories of ``places + 1`` rows, each of which moves one place.

    Morris, doi 10.1080/00401706.1991.10484804; mu* of Campolongo et al., doi 10.1016/j.envsoft.2006.10.004.
    Resamples whole trajectories.
    """
    single = elementary_effects(shares, values)
    effects = single.mean(axis=2)
    size = np.abs(effects)
    count = len(effects)
    weights = _weights(seed, count)
    other = _settled(effects.std(axis=0, ddof=1) if count > 1 else np.full(shares.shape[1], np.nan), size)
    centred = effects - effects.mean(axis=0)
    spread = np.maximum(weights @ centred**2 - (weights @ centred) ** 2, 0.0)
    sigmas = _settled(np.sqrt(spread * count / max(count - 1, 1)), size)
    error = _standard_error(single)
    return Indices(
        main=_bounded(size.mean(axis=0), weights @ size, count),
        other=_bounded(other, sigmas, count),
        signed=effects.mean(axis=0),
        noise=_MEAN_OF_NORMAL * error.mean(axis=0),
    )


def elementary_effects(shares: FloatArray, values: FloatArray) -> FloatArray:
    """Change of the output over the change of the one place moved: (trajectories, places, replications)."""
    places = shares.shape[1]
    moved = np.diff(shares.reshape(-1, places + 1, places), axis=1)
    changed = np.diff(values.reshape(-1, places + 1, values.shape[1]), axis=1)
    which = np.abs(moved).argmax(axis=2)[..., None]
    effects = np.empty_like(changed)
    slopes = changed / np.take_along_axis(moved, which, axis=2)
    np.put_along_axis(effects, np.broadcast_to(which, changed.shape), slopes, axis=1)
    return effects


def sobol(values: FloatArray, places: int, seed: int) -> Indices:
    """First and total indices from base points of ``places + 2`` rows each: A, A with one place of B, B.

    Estimators of Saltelli et al., doi 10.1016/j.cpc.2009.09.018 (first) and Jansen, doi
    10.1016/S0010-4655(98)00154-4 (total). Resamples base points. All are NaN where the output never changes.
    """
    single = values.reshape(-1, places + 2, values.shape[1])
    outputs = single.mean(axis=2)
    if np.ptp(outputs) <= NO_SPREAD * np.abs(outputs).max():
        none = np.full(places, np.nan)
        return Indices(Estimate(none, none, none), Estimate(none, none, none), none, none)
    outputs = outputs - outputs.mean()
    a, mixed, b = outputs[:, :1], outputs[:, 1:-1], outputs[:, -1:]
    first, total = b * (mixed - a), 0.5 * (a - mixed) ** 2
    even = np.full((1, len(outputs)), 1.0 / len(outputs))
    count = len(outputs)
    weights = _weights(seed, count)
    error = _standard_error(single[:, 1:-1] - single[:, :1])
    return Indices(
        main=_bounded(_over_variance(total, a, b, even)[0], _over_variance(total, a, b, weights), count),
        other=_bounded(_over_variance(first, a, b, even)[0], _over_variance(first, a, b, weights), count),
        signed=np.full(places, np.nan),
        noise=_over_variance(0.5 * error**2, a, b, even)[0],
    )


def noise_of(values: FloatArray) -> Noise:
    """Random effects of points and replications, each point once: ``values`` (points, replications).

    With replications that differ from point to point it is the one-way analysis, within points over total.
    The common ones have an effect of their own, which would else be taken from that of the points. NaN below
    two points or replications, and where nothing varies. Searle et al., doi 10.1002/9780470316856, ch. 4.
    """
    points, count = values.shape
    if min(points, count) < 2 or np.ptp(values) <= NO_SPREAD * np.abs(values).max():
        return Noise(math.nan, math.nan)
    of_points, of_runs = values.mean(axis=1), values.mean(axis=0)
    rest = values - of_points[:, None] - of_runs[None, :] + values.mean()
    own = float((rest**2).sum()) / ((points - 1) * (count - 1))
    between = max(float(of_points.var(ddof=1)) - own / count, 0.0)
    common = max(float(of_runs.var(ddof=1)) - own / points, 0.0)
    total = own + between + common
    return Noise((own + common) / total, own / total)


def ranks(low: FloatArray, high: FloatArray) -> tuple[IntArray, IntArray]:
    """The best and the worst rank (1 is the largest) that the intervals leave to each place.

    Two whose intervals overlap are not told apart, so that their ranks overlap too.
    """
    least = NO_SPREAD * np.nanmax(np.abs(high), initial=0.0) * len(high)
    above = low[None, :] > high[:, None] + least
    first: IntArray = 1 + above.sum(axis=1)
    last: IntArray = len(low) - above.sum(axis=0)
    return first, last


def _weights(seed: int, count: int) -> FloatArray:
    """How often each unit is in each resample, over ``count``: (resamples, count)."""
    rng = stream(seed, 0, "sensitivity", str(count))
    return rng.multinomial(count, np.full(count, 1.0 / count), size=RESAMPLES) / count


def _bounded(value: FloatArray, resampled: FloatArray, count: int) -> Estimate:
    """Percentiles of the resamples, taken so far out that few units (``count``) give no interval too narrow.

    Expanded percentiles: Hesterberg, doi 10.1080/00031305.2015.1089789. A single unit bounds nothing.
    """
    if count < 2 or np.isnan(resampled).all() or np.isnan(value).any():
        none = np.full_like(value, np.nan)
        return Estimate(value, none, none)
    wide = math.sqrt(count / (count - 1)) * special.stdtrit(count - 1, 0.5 + CONFIDENCE / 2)
    tail = float(special.ndtr(-wide))
    low, high = np.nanquantile(resampled, (tail, 1.0 - tail), axis=0)
    return Estimate(value, np.minimum(low, value), np.maximum(high, value))


def _settled(sigma: FloatArray, size: FloatArray) -> FloatArray:
    """A spread that is rounding counts as none."""
    return np.where(sigma <= NO_SPREAD * size.max(axis=0), 0.0, sigma)


def _standard_error(single: FloatArray) -> FloatArray:
    """Of the means over the last axis; NaN of a single one."""
    count = single.shape[-1]
    if count < 2:
        return np.full(single.shape[:-1], np.nan)
    error: FloatArray = single.std(axis=-1, ddof=1) / math.sqrt(count)
    return error


def _over_variance(parts: FloatArray, a: FloatArray, b: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted means of ``parts`` over the variance of A and B together: (resamples, places)."""
    mean = weights @ (a + b) / 2.0
    variance = weights @ (a**2 + b**2) / 2.0 - mean**2
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = np.where(variance > 0, weights @ parts / variance, np.nan)
    return found
