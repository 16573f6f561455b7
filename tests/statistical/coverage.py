"""How often each kind of interval holds the truth: measured on worlds whose truth is known.

``python -m tests.statistical.coverage`` prints the table of docs/explanation/statistics.md. Every measure
calls the functions of ``simgrid`` through their modules, so that a fault planted there is measured as well.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy import stats

from simgrid.domain.units import FloatArray
from simgrid.experiments import answers
from simgrid.experiments.study import Column, Design, Study
from simgrid.statistics import counts, decisions, families, intervals, pairing, ratios
from simgrid.statistics.variance_share import variance_share
from tests.statistical.measures import Measure

SEED = 20261122


def pairs(
    rng: np.random.Generator, rows: int, n: int, alike: float, spread: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Pairs that share ``alike`` of their variance; standard normal, or lognormal of that ``spread``."""
    world = rng.normal(size=(rows, n))
    a, b = (sqrt(alike) * world + sqrt(1 - alike) * rng.normal(size=(rows, n)) for _ in range(2))
    return (np.exp(spread * a), np.exp(spread * b)) if spread else (a, b)


def within(low: npt.ArrayLike, truth: npt.ArrayLike, high: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which intervals hold the truth; every measure of coverage asks here."""
    return np.asarray((np.asarray(low) <= truth) & (truth <= np.asarray(high)))


def held(low: npt.ArrayLike, truth: float, high: npt.ArrayLike) -> float:
    """The share of intervals that hold the truth."""
    return float(within(low, truth, high).mean())


def mean(n: int, spread: float = 0.0, rows: int = 20_000) -> float:
    """t-interval of a mean of normal or lognormal replications."""
    values, _ = pairs(np.random.default_rng([SEED, 1, n]), rows, n, 0.0, spread)
    found = intervals.mean_interval(values)
    return held(found.low, np.exp(spread**2 / 2) if spread else 0.0, found.high)


def paired(n: int, alike: float, spread: float = 0.0, rows: int = 20_000) -> float:
    """t-interval of a mean paired difference of two arms that do not differ."""
    a, b = pairs(np.random.default_rng([SEED, 2, n]), rows, n, alike, spread)
    found = intervals.paired(a, b)
    return held(found.low, 0.0, found.high)


def fieller(n: int, spread: float, rows: int = 20_000) -> float:
    """Fieller's interval of a ratio of 1.5 between skewed paired means."""
    a, b = pairs(np.random.default_rng([SEED, 3, n]), rows, n, 0.8, spread)
    found = ratios.fieller(1.5 * a, b)
    return held(found.low, 1.5, found.high)


def delta_log(n: int, spread: float, rows: int = 20_000) -> float:
    """The delta method's interval of the same ratio."""
    a, b = pairs(np.random.default_rng([SEED, 3, n]), rows, n, 0.8, spread)
    found = ratios.delta_log(1.5 * a, b)
    return held(found.low, 1.5, found.high)


def quantile(n: int, level: float, rows: int = 5_000) -> float:
    """Order-statistic interval of a quantile of lognormal replications."""
    values = np.random.default_rng([SEED, 4, n]).lognormal(size=(rows, n))
    found = [counts.quantile_interval(row, level) for row in values]
    low, high = (np.array([getattr(one, side) for one in found]) for side in ("low", "high"))
    return held(low, float(np.exp(stats.norm.ppf(level))), high)


def share(n: int, chance: float, rows: int = 20_000) -> float:
    """Exact interval of a share of independent trials."""
    hits = np.random.default_rng([SEED, 5, n]).binomial(n, chance, rows)
    found = counts.share_interval(hits, n)
    return held(found.low, chance, found.high)


def gain(n: int, alike: float, spread: float = 0.0, rows: int = 4_000) -> float:
    """Bootstrap interval of the gain of pairing."""
    a, b = pairs(np.random.default_rng([SEED, 6, n]), rows, n, alike, spread)
    truth = 1 / (1 - alike)
    if spread:  # variances and covariance of lognormal variables
        truth = np.expm1(spread**2) / (np.expm1(spread**2) - np.expm1(alike * spread**2))
    found = pairing.pairing_gain(a, b, seed=SEED)
    return held(found.low, float(truth), found.high)


def variance(n: int, share: float, spread: float = 0.0, rows: int = 4_000) -> float:
    """Interval of the share of the variance that two worlds of the same draws have in common."""
    rng = np.random.default_rng([SEED, 9, n])
    found = [variance_share(*(10 + side[0] for side in pairs(rng, 1, n, share, spread))) for _ in range(rows)]
    truth = float(np.expm1(spread**2 * share) / np.expm1(spread**2)) if spread else share
    return held([one.low for one in found], truth, [one.high for one in found])


def family(n: int, members: int, alike: float, spread: float = 0.0, rows: int = 1_000) -> float:
    """Whether all intervals of a family hold at once, members sharing ``alike`` of their variance."""
    rng, hits = np.random.default_rng([SEED, 7, n]), 0
    truth = np.exp(spread**2 / 2) if spread else 0.0
    for number in range(rows):
        common, own = rng.normal(size=n), rng.normal(size=(members, n))
        values = sqrt(alike) * common + sqrt(1 - alike) * own
        found = families.simultaneous(np.exp(spread * values) if spread else values, number, resamples=999)
        hits += bool(within(found.low, truth, found.high).all())
    return hits / rows


def nothing_is_told_apart(n: int, members: int, rows: int = 5_000) -> float:
    """How often Holm's words tell nothing apart in a family in which nothing differs."""
    a, b = pairs(np.random.default_rng([SEED, 8, n]), rows * members, n, 0.6)
    found = intervals.paired(a, b)
    silent = 0
    for row in range(rows):
        own = slice(row * members, (row + 1) * members)
        corrected = decisions.holm(found.p[own]).tolist()
        bounds = zip(found.low[own].tolist(), found.high[own].tolist(), corrected, strict=True)
        silent += all(
            decisions.verdict(low, high, "higher", p) == "cannot be told apart" for low, high, p in bounds
        )
    return silent / rows


def in_a_study(rows: int = 400, n: int = 30) -> float:
    """Coverage of the intervals in ``comparisons``, from studies of 3 policies and 5 metrics that share luck.

    Policies truly differ by 0.3, and their differences are independent between metrics.
    """
    rng, hits = np.random.default_rng([SEED, 9]), []
    columns = tuple(Column("all", f"own_{place}", "min") for place in range(5))
    names = tuple(column.metric for column in columns[:2])
    design = Design("s", "s", (), ((),), ("a", "b", "base"), "base", n, 1, names, ())
    for _ in range(rows):
        world = rng.normal(size=(1, 1, n, 5))
        values = 10.0 + 2.0 * world + 0.5 * rng.normal(size=(1, 3, n, 5))
        values[0, 0] += 0.3
        study = Study(design, columns, values, ())
        for row in answers.comparisons(study):
            hits.append(within(row.low, 0.3 if row.policy == "a" else 0.0, row.high))
    return float(np.mean(hits))


MEASURES = (
    Measure("mean, 10 normal replications", lambda: mean(10), 20_000, 0.945, 0.955),
    Measure("mean, 30 normal replications", lambda: mean(30), 20_000, 0.945, 0.955),
    Measure("mean, 30 skewed replications", lambda: mean(30, 0.5), 20_000, 0.930, 0.942),
    Measure("paired difference, 10", lambda: paired(10, 0.8), 20_000, 0.945, 0.955),
    Measure("paired difference, 30, skewed arms", lambda: paired(30, 0.8, 0.8), 20_000, 0.948, 0.963),
    Measure("ratio of means (Fieller), 10, skewed", lambda: fieller(10, 0.8), 20_000, 0.960, 0.975),
    Measure("ratio of means (Fieller), 30, skewed", lambda: fieller(30, 0.8), 20_000, 0.950, 0.963),
    Measure("median over 20 replications", lambda: quantile(20, 0.5), 5_000, 0.949, 0.968),
    Measure("95 % quantile over 100 replications", lambda: quantile(100, 0.95), 5_000, 0.976, 0.989),
    Measure("share of 200 trials, 0.9", lambda: share(200, 0.9), 20_000, 0.962, 0.972),
    Measure("gain of pairing, 10 normal", lambda: gain(10, 0.8), 4_000, 0.925, 0.960),
    Measure("gain of pairing, 30 normal", lambda: gain(30, 0.8), 4_000, 0.930, 0.962),
    Measure("gain of pairing, 60 skewed", lambda: gain(60, 0.8, 0.5), 4_000, 0.905, 0.950),
    Measure("variance in common, 0.5, 30 pairs", lambda: variance(30, 0.5), 4_000, 0.926, 0.960),
    Measure("variance in common, 0.2, 100 pairs", lambda: variance(100, 0.2), 4_000, 0.935, 0.967),
    Measure("variance in common, 60 skewed pairs", lambda: variance(60, 0.5, 0.5), 4_000, 0.905, 0.950),
    Measure(
        "4 differences at once, 10 (Bonferroni)",
        lambda: family(10, 4, 0.0, 0.0, 4000),
        4_000,
        0.939,
        0.962,
    ),
    Measure("12 alike at once, 20 (max t)", lambda: family(20, 12, 0.8), 1_000, 0.945, 0.990),
    Measure("12 apart at once, 30 (max t)", lambda: family(30, 12, 0.0), 1_000, 0.930, 0.985),
    Measure("12 skewed at once, 30 (max t)", lambda: family(30, 12, 0.5, 0.5), 1_000, 0.925, 0.980),
    Measure(
        "Holm, 12 that do not differ: none told apart",
        lambda: nothing_is_told_apart(20, 12),
        5_000,
        0.940,
        0.962,
    ),
    Measure("differences in comparisons.csv, 30", in_a_study, 4_000, 0.938, 0.962),
)


def main() -> None:
    """Print every measure beside its band."""
    print("| interval | covered | band declared | trials |")
    print("| --- | --- | --- | --- |")
    for one in MEASURES:
        print(
            f"| {one.name} | {one.share():.3f} | {one.low:.3f} to {one.high:.3f} | {one.samples} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
