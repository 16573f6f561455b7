"""How often KN selects the best, and what OCBA makes of a budget: measured on worlds whose best is known.

``python -m tests.statistical.ranking`` prints the tables of docs/explanation/statistics.md. Functions of
``simgrid.statistics.ranking`` are called through their module, so that a fault planted there is measured.

Declared beforehand, for KN: the slippage configuration, in which every other candidate is worse than the best
by the indifference exactly; 2, 5 and 10 candidates; luck shared (correlation 0.5) or not; equal variances,
and standard deviations that rise from 0.5 to 1.5 or fall, the best being the first. 10 replications to begin
with, as in the experiments of Kim and Nelson, and the 20 of ``simgrid select``; an indifference of
1 / sqrt(that), with which the first stage alone does not decide. SELECTIONS each. The promise of 0.95 is
rejected where an exact binomial test has a p below LEVEL; a share of 0.92 would be rejected with a
probability of 0.99 or more (``power``).

KN supposes normal observations; what becomes of the promise with exponential ones (skewness 2, own luck, 20
first) is measured beside it: at least SKEWED_LOW, which is no promise.

For OCBA: the same budget shared out evenly, in the same replications as far as both have them. That OCBA is
no worse is rejected by an exact sign test of the budgets of which only one selects the best.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import stats

from simgrid.domain.units import FloatArray
from simgrid.statistics import ranking
from tests.statistical.measures import Measure

SEED = 20261123
SELECTIONS, BUDGETS = 2_500, 1_000
PROMISED, TOO_LOW, LEVEL = 0.95, 0.92, 0.001
SKEWED_LOW = 0.885
HELPING = 40
SPREADS = {"equal": (1.0, 1.0), "rising": (0.5, 1.5), "falling": (1.5, 0.5)}


def kn_correct_share(
    candidates: int,
    shared: float = 0.0,
    spread: str = "equal",
    first: int = 10,
    selections: int = SELECTIONS,
    *,
    skewed: bool = False,
) -> float:
    """The share of selections of the best, in the slippage configuration."""
    rng = np.random.default_rng([SEED, candidates, round(10 * shared), list(SPREADS).index(spread), first])
    slippage = 1 / sqrt(first)
    means = np.full((candidates, 1), -slippage)
    means[0] = 0.0
    deviations = np.linspace(*SPREADS[spread], candidates)[:, None]

    def drawn(who: np.ndarray, replications: int) -> FloatArray:
        luck = sqrt(shared) * rng.normal(size=replications)
        shape = (candidates, replications)
        own = sqrt(1 - shared) * (rng.exponential(size=shape) - 1 if skewed else rng.normal(size=shape))
        return (means + deviations * (luck + own))[who]

    right = 0
    for _ in range(selections):
        race = ranking.begin(drawn(np.arange(candidates), first), ranking.Promise(slippage, PROMISED))
        while not race.ended:
            race = ranking.fed(race, drawn(race.going, HELPING))
        right += race.selected == 0
    return right / selections


def fewest(selections: int = SELECTIONS) -> int:
    """The fewest correct selections with which the promise is not rejected."""
    return int(stats.binom.ppf(LEVEL, selections, PROMISED))


def power(selections: int = SELECTIONS, truth: float = TOO_LOW) -> float:
    """The probability of rejecting the promise where this is the truth."""
    return float(stats.binom.cdf(fewest(selections) - 1, selections, truth))


@dataclass(frozen=True)
class Contest:
    """Budgets of which only OCBA, or only the even share, selected the best, and both shares correct."""

    ocba: float
    even: float
    only_ocba: int
    only_even: int

    @property
    def not_below(self) -> bool:
        """Whether it is not rejected that OCBA is as good."""
        return self._tail(self.only_ocba) >= LEVEL

    @property
    def above(self) -> bool:
        """Whether it is shown to be better."""
        return self._tail(self.only_even) < LEVEL

    def _tail(self, wins: int) -> float:
        return float(stats.binom.cdf(wins, self.only_ocba + self.only_even, 0.5))


def ocba_against_equal(case: str, budgets: int = BUDGETS) -> Contest:
    """OCBA and an even share of the same budget, on the same independent replications."""
    means, deviations, budget = CASES[case]
    rng = np.random.default_rng([SEED, list(CASES).index(case)])
    k, first = len(means), 10
    wins = np.zeros((2, 2), dtype=int)
    for _ in range(budgets):
        values = means[:, None] + deviations[:, None] * rng.normal(size=(k, budget))
        counts = np.full(k, first)
        step = -(-(budget - k * first) // 10)
        while (more := min(step, budget - int(counts.sum()))) > 0:
            seen = [row[:count] for row, count in zip(values, counts, strict=True)]
            mean, variance = (np.array([f(row) for row in seen]) for f in (np.mean, _variance))
            counts = counts + ranking.next_replications(mean, variance, counts, more)
        ours = ranking.best_of([row[:count].mean() for row, count in zip(values, counts, strict=True)])
        theirs = ranking.best_of(values[:, : budget // k].mean(axis=1))
        best = int(means.argmax())
        wins[int(ours == best), int(theirs == best)] += 1
    return Contest(
        float(wins[1].sum() / budgets), float(wins[:, 1].sum() / budgets), int(wins[1, 0]), int(wins[0, 1])
    )


def _variance(row: FloatArray) -> float:
    return float(row.var(ddof=1))


CASES: dict[str, tuple[FloatArray, FloatArray, int]] = {
    "ten in a row, equal spread": (-np.arange(10.0), np.full(10, 6.0), 500),
    "ten in a row, spread falling": (-np.arange(10.0), np.linspace(8, 3, 10), 500),
    "one close rival of five": (np.array([0.0, -1, -6, -6, -6]), np.full(5, 4.0), 400),
    "slippage, five alike": (np.array([0.0, -1, -1, -1, -1]), np.full(5, 3.0), 400),
}
"""Means (more is better), standard deviations, the budget; first what Chen et al. begin with."""


def _kn(candidates: int, shared: float, spread: str, first: int = 10) -> Measure:
    luck = f"{'shared' if shared else 'own'} luck"
    name = f"KN, {candidates}, {luck}, {spread} spread, {first} first"
    return Measure(
        name,
        lambda: kn_correct_share(candidates, shared, spread, first),
        SELECTIONS,
        fewest() / SELECTIONS,
        1.0,
    )


PROMISES = (
    *(_kn(k, shared, spread) for k in (2, 5, 10) for shared in (0.0, 0.5) for spread in SPREADS),
    _kn(2, 0.5, "equal", ranking.FIRST_STAGE),
    _kn(10, 0.5, "equal", ranking.FIRST_STAGE),
)
"""Every case of KN; ``low`` is the smallest share with which the promise is not rejected."""


def _skewed(candidates: int, spread: str) -> Measure:
    first = ranking.FIRST_STAGE
    return Measure(
        f"KN, {candidates}, exponential, {spread} spread",
        lambda: kn_correct_share(candidates, 0.0, spread, first, skewed=True),
        SELECTIONS,
        SKEWED_LOW,
        1.0,
    )


SKEWED = tuple(_skewed(k, spread) for k in (2, 5, 10) for spread in SPREADS)
"""What KN delivers where it promises nothing."""


def main() -> None:
    """Print the tables."""
    print(f"rejected below {fewest() / SELECTIONS:.4f}; power against {TOO_LOW}: {power():.4f}\n")
    print("| candidates | luck | spread | first stage | best selected |\n| --- | --- | --- | --- | --- |")
    for one in PROMISES:
        cells = (
            one.name.removeprefix("KN, ").replace(" luck", "").replace(" spread", "").replace(" first", "")
        )
        print(f"| {' | '.join(cells.split(', '))} | {one.share():.3f} |", flush=True)
    print("\n| candidates | spread | best selected |\n| --- | --- | --- |")
    for one in SKEWED:
        _, candidates, _, spread = one.name.removesuffix(" spread").split(", ")
        print(f"| {candidates} | {spread} | {one.share():.3f} |", flush=True)
    print("\n| case | budget | OCBA | even |\n| --- | --- | --- | --- |")
    for case, (_, _, budget) in CASES.items():
        found = ocba_against_equal(case)
        print(f"| {case} | {budget} | {found.ocba:.3f} | {found.even:.3f} |", flush=True)


if __name__ == "__main__":
    main()
