"""Faults planted in simgrid, which the measures of this room must find: if one survives, they see too little.

A fault takes the place of a function wherever a module or a class of ``simgrid`` or of this room has it, as
if it stood in the source.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

import numpy as np
from scipy import stats

from simgrid.simulation.reading import Desks
from simgrid.statistics import counts, decisions, families, intervals, pairing, ranking, stopping
from tests.statistical import sequential, theory

SHRUNK = 0.85
PLACES = ("simgrid.", "tests.statistical.")


@dataclass(frozen=True)
class Mutant:
    """A fault and what must find it.

    ``faults``: each function with its faulty stand-in. ``shares``: beginnings of names of the measures that
    must fail, each with the true share (in an equivalence the multiple of the exact value) that the fault
    gives them: from theory where it is known, else as seen in trial runs, also of this suite's own seeds,
    and rounded towards the band. The power of a measure is its probability of failing at that share.
    """

    name: str
    faults: tuple[tuple[Callable[..., Any], Callable[..., Any]], ...]
    shares: Mapping[str, float]

    def share(self, measure: str) -> float | None:
        """The true share of the measure of this name under the fault; None where it need not fail."""
        for name, share in self.shares.items():
            if measure == name or measure.startswith((f"{name} ", f"{name},")):
                return share
        return None

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Within, the faults are in place; raises LookupError for one whose function is found nowhere."""
        with ExitStack() as undo:
            for function, faulty in self.faults:
                places = list(_places(function))
                if not places:
                    raise LookupError(f"{function} is nowhere in {PLACES}")
                for owner, name in places:
                    setattr(owner, name, faulty)
                    undo.callback(setattr, owner, name, function)
            yield


def _places(function: Callable[..., Any]) -> Iterator[tuple[Any, str]]:
    """Modules, and classes in them, that have the function, and the name under which they do."""
    modules = [one for name, one in sys.modules.items() if name.startswith(PLACES)]
    owners: dict[int, Any] = {id(one): one for one in modules}
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__.startswith(PLACES):
                owners[id(value)] = value
    for owner in owners.values():
        yield from ((owner, name) for name, found in vars(owner).items() if found is function)


def times(function: Callable[..., Any], by: float) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """A function whose result is multiplied."""
    return function, wraps(function)(lambda *given, **named: function(*given, **named) * by)


def narrower(function: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """A function whose interval is shrunk about its middle."""

    @wraps(function)
    def faulty(*given: Any, **named: Any) -> Any:
        found = function(*given, **named)
        middle, half = (found.low + found.high) / 2, SHRUNK * (found.high - found.low) / 2
        return replace(found, low=middle - half, high=middle + half)

    return function, faulty


def unpaired(policy: Any, baseline: Any, confidence: float = intervals.CONFIDENCE) -> intervals.Paired:
    """Welch's interval of two independent samples."""
    first, second = (np.asarray(arm, dtype=np.float64) for arm in (policy, baseline))
    found = stats.ttest_ind(first, second, axis=-1, equal_var=False)
    bounds = found.confidence_interval(confidence)
    difference = np.asarray(first.mean(axis=-1) - second.mean(axis=-1))
    count = np.full(difference.shape, first.shape[-1])
    return intervals.Paired(difference, bounds.low, bounds.high, np.asarray(found.pvalue), count)


def early(function: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """A stopping rule that then leaves out the last replication."""

    @wraps(function)
    def faulty(*given: Any) -> Any:
        found = function(*given)
        return replace(found, count=found.count - 1)

    return function, faulty


def broken(*goals: int, single: float, together: float) -> dict[str, float]:
    """Shares of broken promises at these goals, of one mean and of several together."""
    return {
        f"promise broken, {series} {family} for {goal}": single if series == 1 else together
        for series in (1, sequential.SERIES)
        for family in sequential.CV
        for goal in goals
    }


def covered(n: int) -> float:
    """What a t-interval of n normal observations covers when its half-width is SHRUNK."""
    return float(1 - 2 * stats.t.sf(SHRUNK * stats.t.ppf(0.975, n - 1), n - 1))


MUTANTS = (
    Mutant(
        f"half-widths of t-intervals x {SHRUNK}",
        (times(intervals.t_quantile, SHRUNK),),
        {
            "mean, 10": covered(10),
            "mean, 30 normal": covered(30),
            "mean, 30 skewed": 0.90,
            "paired difference, 10": covered(10),
            "paired difference, 30": 0.92,
            "ratio of means (Fieller), 10": 0.94,
            "ratio of means (Fieller), 30": 0.93,
            "variance in common, 0.5": 0.90,
            "variance in common, 0.2": 0.90,
            "variance in common, 60 skewed": 0.89,
            "4 differences at once": 0.90,
            "differences in comparisons.csv": 0.92,
            "after stopping": 0.91,
            "ends not as declared": 0.5,
        },
    ),
    Mutant(
        f"exact and bootstrapped half-widths x {SHRUNK}",
        (narrower(counts.quantile_interval), narrower(counts.share_interval), narrower(pairing.pairing_gain)),
        {
            "median": 0.92,
            "95 % quantile": 0.90,
            "share of 200": 0.94,
            "gain of pairing, 10": 0.70,
            "gain of pairing, 30": 0.89,
            "gain of pairing, 60": 0.83,
        },
    ),
    Mutant(
        f"half-widths for a whole family x {SHRUNK}",
        (narrower(families.simultaneous),),
        {"4 differences at once": 0.90, "12 alike": 0.92, "12 apart": 0.89, "12 skewed": 0.90},
    ),
    Mutant(
        "unpaired instead of paired",
        ((intervals.paired, unpaired),),
        {"paired difference": 0.998, "differences in comparisons.csv": 0.998},
    ),
    Mutant(
        "Holm's correction left out",
        ((decisions.holm, np.asarray),),
        {"Holm": 0.95**12},
    ),
    Mutant(
        "stopping one replication early",
        (early(stopping.stopping_count),),
        {"ends not as declared": 1.0},
    ),
    Mutant(
        "looking after every replication from the third on, each mean at 95 %",
        (
            (stopping.looks, lambda most: tuple(range(3, most + 1))),
            (stopping.confidence, lambda series: 0.95),
        ),
        broken(20, 45, single=0.07, together=0.11),
    ),
    Mutant(
        "the stopping rule at 88 % for each mean",
        ((stopping.confidence, lambda series: 0.88),),
        broken(100, 200, single=0.085, together=0.11),
    ),
    Mutant("KN's constant halved", (times(ranking.continuation_constant, 0.5),), {"KN": 0.92}),
    Mutant("reading times x 1.1", (times(Desks.true_reading_s, 1.1),), theory.longer(1.1)),
)
