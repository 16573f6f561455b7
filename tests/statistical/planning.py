"""What ``simgrid plan`` promises, measured.

``python -m tests.statistical.planning [bounds] [plannings] [NUMBER]``; without a name, both.

- bounds: how often one-sided bounds of a mean miss it, of shares near 1 and of skewed times: Student's,
  Hall's (doi 10.1111/j.2517-6161.1992.tb01873.x) and ``simgrid.statistics.bounds``, and how deep they lie
  below.
- plannings: PLANNINGS (or NUMBER) plannings of the smallest space (a queueing world of 200 plans whose
  number of studies varies from evening to evening), truth from TRUTH replications, a ratio of sums.
  Correct is a planning that names a plan which truly meets every target, where no plan that is cheaper
  lies beyond them by the tolerance. 95 % correct is rejected where an exact binomial test has a p below
  LEVEL. In the second space the targets lie on the truth of plans, so that half of what is near them
  misses.
  Beside it, the plannings that would name a plan which misses without the test: the cheapest plan that meets
  its targets on the search's seeds.

Declared beforehand, besides: where the bound knows what is worst (shares), it misses its mean in at most 5
% of samples of every kind here (an exact binomial test at LEVEL). So it does of shares of all inspections
where busy evenings have more of them and more of them late; Student's and Hall's bounds are those of the
linearised ratio. What lies beyond that promise is shown beside it: months busier than any that was seen.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy import special, stats

from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.planning.findings import Found
from simgrid.planning.search import search
from simgrid.planning.settings import Settings
from simgrid.statistics import bounds as bounds_of
from simgrid.statistics.long_run import counted, known, linear, long_run
from tests.planning_worlds import BUSY, NOT_MONOTONE, Space

SEED = 20261122
PLANNINGS, TRUTH, LEVEL = 300, 2_000, 0.001
SAMPLES, DEPTHS = 2_000, 100
SETTINGS = Settings(tolerance=0.03, runs=400)
ERROR = 0.05


@dataclass(frozen=True)
class Values:
    """A kind of observation: how it is drawn, its true mean, whether it is a share, whether it is promised.

    Drawn are values (samples, n), or (samples, n, 2) with their counts, whose mean is a ratio of sums.
    """

    name: str
    drawn: Callable[[np.random.Generator, tuple[int, int]], FloatArray]
    mean: float
    share: bool
    promised: bool = True


def _busy(
    name: str, load: FloatArray, studies: float, late: Callable[[FloatArray], FloatArray], **kept: bool
) -> Values:
    """Evenings with a load from ``load`` (equally likely), of which a part is late that depends on it."""
    part = late(load)

    def drawn(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
        which = rng.integers(len(load), size=shape)
        count = rng.poisson(studies * load[which])
        good = rng.binomial(count, 1.0 - part[which])
        return counted(np.where(count > 0, good / np.maximum(count, 1), np.nan), count)

    return Values(name, drawn, float(1.0 - load @ part / load.sum()), True, **kept)


def _loads(quantile: Callable[[FloatArray], FloatArray]) -> FloatArray:
    return np.asarray(quantile((np.arange(100_000) + 0.5) / 100_000))


def busy_kinds() -> list[Values]:
    """Shares of all inspections, where those of busy evenings are later."""
    gamma = _loads(lambda at: stats.gamma(11.0, scale=1 / 11.0).ppf(at))
    heavy = _loads(lambda at: stats.lognorm(0.6, scale=np.exp(-0.18)).ppf(at))
    rare = np.repeat([1.0, 10.0], [98, 2])
    return [
        _busy(
            "40 studies, load cv 0.3, the late grow with it",
            gamma,
            40.0,
            lambda x: np.minimum(0.05 * x**2, 1.0),
        ),
        _busy(
            "2 studies, load cv 0.3, the late grow with it",
            gamma,
            2.0,
            lambda x: np.minimum(0.05 * x**2, 1.0),
        ),
        _busy(
            "40 studies, load cv 0.66, late above twice the load",
            heavy,
            40.0,
            lambda x: np.where(x > 2.0, 0.6, 0.01),
        ),
        _busy(
            "2 months of 100 with ten times the studies, half late",
            rare,
            40.0,
            lambda x: np.where(x > 1.0, 0.5, 0.01),
            promised=False,
        ),
    ]


def _evenings(plan: int) -> Values:
    pool = NOT_MONOTONE.observe(SEED)([plan], "pool", 4_000)[0, :, 0]
    name = f"urgent share of an evening, mean {pool.mean():.3f}"
    return Values(name, lambda rng, shape: rng.choice(pool, shape), float(pool.mean()), True)


def kinds() -> list[Values]:
    """Shares of which the lower bound matters, then times of which the upper one does."""
    return [
        *(_evenings(plan) for plan in (50, 75)),
        *busy_kinds(),
        Values("19 of 20 studies", lambda rng, shape: rng.binomial(20, 0.95, shape) / 20, 0.95, True),
        Values(
            "4 months of 100 at 0.30, else 0.99",
            lambda rng, shape: np.where(rng.random(shape) < 0.04, 0.30, 0.99),
            0.04 * 0.30 + 0.96 * 0.99,
            True,
        ),
        Values(
            "1 month of 100 at 0, else 0.98",
            lambda rng, shape: np.where(rng.random(shape) < 0.01, 0.0, 0.98),
            0.99 * 0.98,
            True,
        ),
        Values("0 or 1, mean 0.95", lambda rng, shape: (rng.random(shape) < 0.95) * 1.0, 0.95, True),
        Values("normal times", lambda rng, shape: rng.normal(10.0, 1.0, shape), 10.0, False),
        Values("gamma times, cv 0.5", lambda rng, shape: rng.gamma(4.0, 1.0, shape), 4.0, False),
        Values("exponential times", lambda rng, shape: rng.exponential(1.0, shape), 1.0, False),
        Values(
            "lognormal times, cv 0.53",
            lambda rng, shape: rng.lognormal(0.0, 0.5, shape),
            float(np.exp(0.125)),
            False,
        ),
        Values(
            "lognormal times, cv 1.3",
            lambda rng, shape: rng.lognormal(0.0, 1.0, shape),
            float(np.exp(0.5)),
            False,
        ),
    ]


def student(values: FloatArray, side: float) -> float:
    """Student's one-sided bound, ``side`` -1 below and 1 above."""
    values = linear(known(values))
    n = len(values)
    half = float(special.stdtrit(n - 1, 1.0 - ERROR)) * float(values.std(ddof=1)) / n**0.5
    return float(values.mean()) + side * half


def hall(values: FloatArray, side: float) -> float:
    """Hall's bound by his cubic transformation, or Student's where that is less favourable."""
    values = linear(known(values))
    n, deviation = len(values), float(values.std())
    if deviation == 0.0:
        return float(values.mean())
    skewness = float(((values - values.mean()) ** 3).mean()) / deviation**3
    quantile = -side * float(special.stdtrit(n - 1, 1.0 - ERROR)) / n**0.5
    inside = 1.0 + skewness * (quantile - skewness / (6 * n))
    turned = 3.0 / skewness * (np.cbrt(inside) - 1.0) if abs(skewness) > 1e-9 else quantile
    found = float(values.mean() - turned * values.std(ddof=1))
    return side * max(side * found, side * student(values, side))


def of_target(kind: Values) -> Target:
    """The target whose unfavourable bound is looked at."""
    if kind.share:
        return Target("share", "all", "response_time_success", kind.mean, "higher")
    return Target("time", "all", "tat_mean_min", kind.mean, "lower", "metric")


@dataclass(frozen=True)
class Bounded:
    """How often a bound misses the mean, and how far from it the bound lies on average."""

    missed: float
    depth: float


def bounded(kind: Values, n: int) -> tuple[Bounded, Bounded, Bounded]:
    """Student's, Hall's and our bound of SAMPLES samples; depth of the first DEPTHS."""
    rng = np.random.default_rng([SEED, n, len(kind.name)])
    side, target = (-1.0 if kind.share else 1.0), of_target(kind)
    rows = kind.drawn(rng, (SAMPLES, n))
    found = []
    for bound in (student, hall):
        far = side * (np.array([bound(row, side) for row in rows]) - kind.mean)
        found.append(Bounded(float((far < 0.0).mean()), float(far[:DEPTHS].mean())))
    too_good = np.mean([bounds_of.bound_reaches(row, target, kind.mean, 1.0 - ERROR) for row in rows])
    far = [
        side * (bounds_of.unfavourable_bound(known(row), target, 1.0 - ERROR) - kind.mean)
        for row in rows[:DEPTHS]
    ]
    return found[0], found[1], Bounded(float(too_good), float(np.mean(far)))


def bounds() -> list[str]:
    """Print what the bounds miss; which of ours for shares is rejected."""
    print("| of | n | Student's missed | Hall's | ours | Student's depth | Hall's | ours |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    wrong = []
    for kind in kinds():
        for n in (30, 100, 300):
            found = bounded(kind, n)
            cells = [*(f"{one.missed:.3f}" for one in found), *(f"{one.depth:.3g}" for one in found)]
            print(f"| {kind.name} | {n} | {' | '.join(cells)} |", flush=True)
            ours = found[2].missed
            tail = stats.binomtest(round(ours * SAMPLES), SAMPLES, ERROR, "greater").pvalue
            if kind.share and kind.promised and tail < LEVEL:
                wrong.append(f"{kind.name}, {n}: ours misses {ours:.3f}")
    return wrong


@lru_cache
def truth(space: Space) -> FloatArray:
    """Each plan's true values, (plans, targets): a share is that of all studies, a ratio of sums."""
    observed = space.observe(SEED)(range(len(space.plans)), "truth", TRUTH)
    return np.array([means(one) for one in observed])


def means(values: FloatArray) -> FloatArray:
    """Of the values (n, targets) or (n, targets, 2) of one plan, (targets,)."""
    return np.array([long_run(known(values[:, place])) for place in range(values.shape[1])])


def on_the_edge() -> Space:
    """The rivals' space with its target on the truth of the middle one of five plans of equal cost."""
    middle = float(truth(BUSY)[52, 0])
    targets = (replace(BUSY.targets[0], bound=middle),)
    return Space("the target lies on the truth", BUSY.plans, BUSY.load, targets)


def just_missed() -> Space:
    """The rivals' space with five plans of equal cost just short of the target, the best by 0.1 %."""
    targets = (replace(BUSY.targets[0], bound=float(truth(BUSY)[50:55, 0].max()) + 0.001),)
    return Space("the target lies just beyond the truth", BUSY.plans, BUSY.load, targets)


def ahead(space: Space, means: FloatArray) -> FloatArray:
    """How far beyond each target the truth lies, in tolerances."""
    way = np.array([1.0 if one.better == "higher" else -1.0 for one in space.targets])
    goal = np.array([one.bound for one in space.targets])
    unit = np.array([1.0 if one.kind == "share" else one.bound for one in space.targets])
    return np.asarray(way * (means - goal) / (SETTINGS.tolerance * unit))


@dataclass
class Tally:
    """Plannings by what came of them.

    ``lucky_mean`` and ``lucky_bound``: a plan that misses would have been named by the search's own seeds
    alone, the cheapest whose means, or whose bounds, meet the targets.
    """

    plannings: int = 0
    named: int = 0
    misses: int = 0
    too_dear: int = 0
    runs: int = 0
    share: float = 0.0
    lucky_mean: int = 0
    lucky_bound: int = 0

    @property
    def correct(self) -> int:
        """Named a plan that truly meets, and none cheaper lies beyond the tolerance."""
        return self.plannings - self.misses - self.too_dear

    @property
    def p(self) -> float:
        """Of 95 % correct: exact, binomial."""
        return float(stats.binomtest(self.correct, self.plannings, 1.0 - ERROR, "less").pvalue)


@lru_cache
def planned(space: Space, plannings: int = PLANNINGS) -> Tally:
    """Plan so many times, each with a seed of its own."""
    far, tally = ahead(space, truth(space)), Tally()
    beyond = [space.costs[plan] for plan in np.flatnonzero((far > 1.0).all(axis=1))]
    for seed in range(plannings):
        found = search(space.costs, space.targets, space.observe(seed), SETTINGS)
        tally.plannings += 1
        tally.runs += found.runs.search + found.runs.test
        tally.share += (found.runs.search + found.runs.test) / found.runs.exhaustive
        tally.named += found.plan is not None
        misses = found.plan is not None and bool((far[found.plan] < 0.0).any())
        tally.misses += misses
        cost = space.costs[found.plan] if found.plan is not None else np.inf
        tally.too_dear += not misses and bool(beyond) and cost > beyond[0]
        by_mean, by_bound = lucky(space, found)
        tally.lucky_mean += by_mean is not None and bool((far[by_mean] < 0.0).any())
        tally.lucky_bound += by_bound is not None and bool((far[by_bound] < 0.0).any())
    return tally


def lucky(space: Space, found: Found) -> tuple[int | None, int | None]:
    """Who would be named by the search's own seeds: by means, and by the bounds that the test uses."""
    good = [
        one for one in found.tried if one.stage == "search" and (ahead(space, means(one.values)) >= 0.0).all()
    ]
    by_bound = (one.plan for one in good if all(bound.met == "met" for bound in one.bounds))
    return next((one.plan for one in good), None), next(by_bound, None)


def spaces() -> tuple[Space, ...]:
    """Where it is planned many times."""
    return BUSY, on_the_edge()


def plannings(number: int = PLANNINGS) -> list[str]:
    """Print what comes of many plannings; what is rejected."""
    columns = ("space", "plannings", "named", "missed", "too dear", "p of 95 %", "runs", "of exhaustive")
    print(f"| {' | '.join(columns)} | lucky means miss | lucky bounds miss |")
    print("|" + " --- |" * (len(columns) + 2))
    wrong = []
    for space in spaces():
        one = planned(space, number)
        n = one.plannings
        print(
            f"| {space.name} | {n} | {one.named} | {one.misses} | {one.too_dear} | {one.p:.3f} "
            f"| {one.runs / n:.0f} | {one.share / n:.3f} "
            f"| {one.lucky_mean / n:.3f} | {one.lucky_bound / n:.3f} |",
            flush=True,
        )
        if one.p < LEVEL:
            wrong.append(f"{space.name}: {one.correct} of {n} correct")
    return wrong


PARTS = ("bounds", "plannings")


def main() -> None:
    """Print the tables asked for; exit code 1 where something is rejected."""
    numbers = [int(one) for one in sys.argv[1:] if one.isdecimal()]
    parts = [one for one in sys.argv[1:] if not one.isdecimal()] or PARTS
    unknown = [one for one in parts if one not in PARTS]
    if unknown:
        raise SystemExit(f"there is no part {unknown[0]!r}: {', '.join(PARTS)}")
    wrong = bounds() if "bounds" in parts else []
    wrong += plannings(*numbers[:1]) if "plannings" in parts else []
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main()
