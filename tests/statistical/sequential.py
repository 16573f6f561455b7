"""How good the rule of ``simgrid.statistics.stopping`` is: what it promises, and the intervals after it.

``python -m tests.statistical.sequential`` prints the table of ``docs/explanation/replications.md``. The rule
and the interval are parameters, so that a faulty one can be put in their place.

Declared beforehand. Families: normal, gamma of shape 4 (skewness 1), lognormal of cv .5 (1.6), exponential
(2; the metrics of a run are means of many inspections and seldom more skewed). Goals: so wide that an
interval of a known spread would reach them at 20, 45, 100 and 200 replications, so that the first look, the
middle ones and the last ones all decide. 20 000 sequences each for a single series, 4000 for twelve together.

- Coverage of the plain 95 % intervals that tables show after stopping: at least .93 in each case. Measured
  values within 1.645 standard errors below it pass (20 000: .0018 each, so .927); a rule of .92 fails with a
  probability above .999, one of .93 passes with .95.
- Error of the promise, some mean being off by more than was asked: at most .05, judged in the same way
  (.0525; 4000: .0557). Sequences that end at ``most`` promise nothing.
- Each sequence ends at the count at which a second writing of the rule ends it: no exception among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import stats

from simgrid.randomness import stream
from simgrid.statistics import intervals, stopping
from simgrid.statistics.intervals import Interval, mean_interval
from tests.statistical.measures import Measure

Widths: TypeAlias = Callable[[npt.ArrayLike, stopping.Goal], stopping.Widths]
Means: TypeAlias = Callable[[npt.ArrayLike], Interval]
Counts: TypeAlias = Callable[[int], tuple[int, ...]]

COVERAGE, ERROR = 0.93, stopping.PROMISED_ERROR
SINGLE, TOGETHER = 20_000, 4_000
SERIES = 12
MOST = 460
GOALS = (20, 45, 100, 200)
BLOCK = 1000
CV = {"normal": 0.5, "gamma": 0.5, "lognormal": 0.5, "exponential": 1.0}


@dataclass(frozen=True)
class Measured:
    """One case: the share of intervals that hold the mean, and of promises that were broken."""

    family: str
    series: int
    goal: int
    sequences: int
    reached: float
    replications: float
    coverage: float
    broken: float

    @property
    def too_low(self) -> bool:
        """Whether the coverage is below what is declared by more than chance explains."""
        return self.coverage < COVERAGE - _chance(COVERAGE, self.sequences)

    @property
    def too_wrong(self) -> bool:
        """The same for the broken promises."""
        return self.broken > ERROR + _chance(ERROR, self.sequences)


def drawn(family: str, shape: tuple[int, ...], generator: np.random.Generator) -> npt.NDArray[np.float64]:
    """Observations of mean 1."""
    match family:
        case "normal":
            return generator.normal(1.0, 0.5, shape)
        case "gamma":
            return generator.gamma(4.0, 0.25, shape)
        case "lognormal":
            variance = np.log(1.25)
            return generator.lognormal(-variance / 2, variance**0.5, shape)
        case _:
            return generator.exponential(1.0, shape)


def measure(
    family: str,
    series: int,
    goal: int,
    widths: Widths = stopping.widths,
    means: Means = mean_interval,
    counts: Counts = stopping.looks,
) -> Measured:
    """Many sequences of ``series`` independent series, each stopped by relative half-width."""
    width = stats.norm.ppf(1 - 0.025 / series) * CV[family] / goal**0.5
    asked = stopping.Goal(np.full(series, width), np.full(series, True))
    sequences = SINGLE if series == 1 else TOGETHER
    held = broken = reached = spent = 0.0
    generator = stream(1, 0, "sequential", family, str(series), str(goal))
    for _ in range(sequences // BLOCK):
        values = drawn(family, (BLOCK, series, MOST), generator)
        ends, precise = stops(values, asked, widths, counts(MOST))
        for end in np.unique(ends):
            rows = ends == end
            found = means(values[rows][..., :end])
            held += float(((found.low <= 1) & (found.high >= 1)).sum()) / series
            off = (np.abs(found.mean - 1) > width * np.abs(found.mean)).any(axis=-1)
            broken += float((off & precise[rows]).sum())
        reached += float(precise.sum())
        spent += float(ends.sum())
    parts = (reached, spent, held, broken)
    return Measured(family, series, goal, sequences, *(part / sequences for part in parts))


def stops(
    values: npt.NDArray[np.float64], asked: stopping.Goal, widths: Widths, counts: tuple[int, ...]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Where each of the sequences (B, S, N) ends, and whether precise: the rule for many at once.

    ``exceptions`` holds it against ``stopping.stopping_count``.
    """
    ends = np.full(len(values), counts[-1])
    precise = np.zeros(len(values), dtype=np.bool_)
    for count in counts:
        going = ~precise
        enough = widths(values[going][..., :count], asked).enough.all(axis=-1)
        ends[np.flatnonzero(going)[enough]] = count
        precise[np.flatnonzero(going)[enough]] = True
    return ends, precise


def exceptions(
    rule: Callable[..., stopping.Stopped] = stopping.stopping_count,
    counts: Counts = stopping.looks,
    sequences: int = 600,
) -> int:
    """Sequences that do not end where the rule as declared, written once more, ends them."""
    wrong = 0
    generator = stream(1, 0, "exceptions")
    for number in range(sequences):
        series = 1 + number % 3
        values = drawn("gamma", (series, MOST), generator)
        width = float(generator.uniform(0.05, 0.25))
        asked = stopping.Goal(np.full(series, width), np.full(series, number % 2 == 0))
        wrong += rule(values, asked, counts(MOST)) != declared(values, width, relative=number % 2 == 0)
    return wrong


def declared(values: npt.NDArray[np.float64], width: float, *, relative: bool) -> stopping.Stopped:
    """The rule from its description alone: 40, then half as many again; 2.5 % shared among the series."""
    count, most = 40, values.shape[1]
    while True:
        first = values[:, :count]
        error = first.std(axis=1, ddof=1) / count**0.5
        half = stats.t.ppf(1 - 0.0125 / len(values), count - 1) * error
        if (half <= (width * np.abs(first.mean(axis=1)) if relative else width)).all():
            return stopping.Stopped(count, reached=True)
        if count == most:
            return stopping.Stopped(most, reached=False)
        count = min(-(-count * 3 // 2), most)


def cases() -> Iterator[tuple[str, int, int]]:
    """Every family alone and twelve together, at every goal."""
    return ((family, series, goal) for series in (1, SERIES) for family in CV for goal in GOALS)


def _now(case: tuple[str, int, int]) -> Measured:
    """A case with the rule and the interval that ``simgrid`` has now, measured once for both shares."""
    parts = (
        stopping.confidence,
        intervals.t_quantile,
        stopping.widths,
        intervals.mean_interval,
        stopping.looks,
    )
    return _kept(case, *parts)


@cache
def _kept(
    case: tuple[str, int, int],
    _level: object,
    _quantile: object,
    widths: Widths,
    means: Means,
    counts: Counts,
) -> Measured:
    return measure(*case, widths, means, counts)


def _strays(sequences: int = 600) -> float:
    """The share of sequences that do not end as declared."""
    return exceptions(stopping.stopping_count, stopping.looks, sequences) / sequences


def _chance(rate: float, sequences: int) -> float:
    return 1.645 * float((rate * (1 - rate) / sequences) ** 0.5)


def _measures() -> Iterator[Measure]:
    """Both shares of every case, and the exceptions."""
    for case in cases():
        family, series, goal = case
        sequences = SINGLE if series == 1 else TOGETHER
        name = f"{series} {family} for {goal}"
        low, high = COVERAGE - _chance(COVERAGE, sequences), ERROR + _chance(ERROR, sequences)
        yield Measure(f"after stopping, {name}", partial(_share, "coverage", case), sequences, low, 1.0)
        yield Measure(f"promise broken, {name}", partial(_share, "broken", case), sequences, 0.0, high)
    yield Measure("ends not as declared", _strays, 600, 0.0, 0.0)


def _share(name: str, case: tuple[str, int, int]) -> float:
    return float(getattr(_now(case), name))


MEASURES = tuple(_measures())


def main() -> None:
    """Print the table."""
    print("| family | means | for | replications | coverage of 95 % | promises broken |")
    print("| --- | --- | --- | --- | --- | --- |")
    for case in cases():
        one = measure(*case)
        print(
            f"| {one.family} | {one.series} | {one.goal} | {one.replications:.0f} "
            f"| {one.coverage:.3f} | {one.broken:.3f} |"
        )


if __name__ == "__main__":
    main()
