"""What is measured in this room: a share within a declared band, or an equivalence with theory.

Both say what they saw, whether it holds, and with what probability a fault of a given size makes them fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from scipy import stats

from simgrid.domain.units import FloatArray

ENOUGH = 4.22
"""n = (ENOUGH cv / delta)^2 confirms an equality that is true with a probability of .99."""


@dataclass(frozen=True)
class Seen:
    """What one look at a measure found; ``shown`` as the table has it."""

    shown: str
    holds: bool


@dataclass(frozen=True)
class Measure:
    """A share, and the band declared for it.

    ``samples``: independent trials behind the share. A band is what theory or an earlier measurement with
    other seeds says, plus or minus at least 3.3 standard errors: a false alarm in a thousand. Or it has one
    side only, as far below what is promised as chance explains.
    """

    name: str
    share: Callable[[], float]
    samples: int
    low: float
    high: float

    @property
    def band(self) -> str:
        """The band in words."""
        return f"{self.low:.4g} to {self.high:.4g}"

    def look(self) -> Seen:
        """Measure it."""
        share = self.share()
        return Seen(f"{share:.4f}", self.low <= share <= self.high)

    def holds(self) -> bool:
        """Whether the share measured now lies in the band."""
        return self.look().holds

    def power(self, truth: float) -> float:
        """The probability of failing where this is the true share: exact, binomial."""
        lowest, highest = ceil(self.low * self.samples - 1e-9), int(self.high * self.samples + 1e-9)
        trials = stats.binom(self.samples, truth)
        return float(trials.cdf(lowest - 1) + trials.sf(highest))


@dataclass(frozen=True)
class Equivalence:
    """Replications whose mean is ``exact`` within a share ``delta`` of it: two one-sided tests.

    ``values``: one observation a replication, ``samples`` of them. Holds where the 90 % interval of the mean
    lies inside the band. ``cv``: of one observation, measured beforehand by a textbook recursion on other
    seeds; ``samples`` is at least (ENOUGH cv / delta)^2.
    """

    name: str
    values: Callable[[int], FloatArray]
    samples: int
    exact: float
    delta: float
    cv: float

    @property
    def band(self) -> str:
        """The band in words."""
        return f"{self.exact:.4g} ± {self.delta:.0%}"

    def look(self) -> Seen:
        """Run the replications."""
        found = self.values(self.samples) / self.exact
        half = float(stats.t.ppf(0.95, len(found) - 1) * stats.sem(found))
        mean = float(np.mean(found))
        holds = 1 - self.delta < mean - half and mean + half < 1 + self.delta
        return Seen(f"{mean * self.exact:.4g} ± {half:.1%}", holds)

    def holds(self) -> bool:
        """Whether theory is confirmed now."""
        return self.look().holds

    def power(self, truth: float) -> float:
        """The probability of failing where the mean is ``truth`` times the exact one.

        By the noncentral t distribution of each of the two tests, spread in proportion to the mean.
        """
        bound, free = float(stats.t.ppf(0.95, self.samples - 1)), self.samples - 1
        error = truth * self.cv / sqrt(self.samples)
        above = stats.nct.cdf(-bound, free, (truth - 1 - self.delta) / error)
        below = stats.nct.cdf(bound, free, (truth - 1 + self.delta) / error)
        return float(1 - max(0.0, above - below))
