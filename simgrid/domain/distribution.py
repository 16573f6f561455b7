"""Distributions of positive quantities, parametrised by what people state: mean, spread, median."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, TypeAlias

from simgrid.domain.units import FloatArray

if TYPE_CHECKING:
    import numpy as np

Family: TypeAlias = Literal[
    "constant", "exponential", "lognormal", "gamma", "weibull", "triangular", "uniform", "empirical"
]


@dataclass(frozen=True, slots=True)
class Distribution:
    """One family with its own two or three parameters; build it with the functions below.

    ``parameters`` by family: constant (value); exponential (mean); lognormal (mu, sigma);
    gamma (shape, scale); weibull (shape, scale); triangular (low, mode, high); uniform (low, high);
    empirical (the observed values).
    """

    family: Family
    parameters: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The expected value, in the unit of the parameters."""
        p = self.parameters
        match self.family:
            case "constant" | "exponential":
                return p[0]
            case "lognormal":
                return math.exp(p[0] + p[1] ** 2 / 2)
            case "gamma":
                return p[0] * p[1]
            case "weibull":
                return p[1] * math.gamma(1 + 1 / p[0])
            case _:
                return math.fsum(p) / len(p)

    @property
    def cv(self) -> float:
        """Standard deviation over mean."""
        p = self.parameters
        match self.family:
            case "constant":
                return 0.0
            case "exponential":
                return 1.0
            case "lognormal":
                return math.sqrt(math.expm1(p[1] ** 2))
            case "gamma":
                return 1 / math.sqrt(p[0])
            case "weibull":
                first, second = math.gamma(1 + 1 / p[0]), math.gamma(1 + 2 / p[0])
                return math.sqrt(max(second / first**2 - 1, 0.0))
            case "triangular":
                squares = p[0] ** 2 + p[1] ** 2 + p[2] ** 2 - p[0] * p[1] - p[0] * p[2] - p[1] * p[2]
                return math.sqrt(squares / 18) / self.mean
            case "uniform":
                return (p[1] - p[0]) / math.sqrt(12) / self.mean
            case _:
                squares = math.fsum((value - self.mean) ** 2 for value in p) / len(p)
                return math.sqrt(squares) / self.mean

    def sample(self, rng: np.random.Generator, size: int) -> FloatArray:
        """``size`` independent draws, shape (size,)."""
        import numpy as np

        p = self.parameters
        match self.family:
            case "constant":
                return np.full(size, p[0])
            case "exponential":
                return rng.exponential(p[0], size)
            case "lognormal":
                return rng.lognormal(p[0], p[1], size)
            case "gamma":
                return rng.gamma(p[0], p[1], size)
            case "weibull":
                return p[1] * rng.weibull(p[0], size)
            case "triangular":
                return rng.triangular(p[0], p[1], p[2], size)
            case "uniform":
                return rng.uniform(p[0], p[1], size)
            case "empirical":
                return rng.choice(np.asarray(p, dtype=np.float64), size)

    def scaled(self, factor: float) -> Distribution:
        """The distribution of ``factor`` times the quantity."""
        p = self.parameters
        match self.family:
            case "lognormal":
                return Distribution(self.family, (p[0] + math.log(factor), p[1]))
            case "gamma" | "weibull":
                return Distribution(self.family, (p[0], p[1] * factor))
            case _:
                return Distribution(self.family, tuple(factor * value for value in p))


def constant(value: float) -> Distribution:
    """Always ``value``."""
    return Distribution("constant", (value,))


def exponential(mean: float) -> Distribution:
    """Memoryless with the given mean."""
    return Distribution("exponential", (mean,))


def lognormal(mean: float, cv: float) -> Distribution:
    """Lognormal with the given mean and coefficient of variation."""
    variance = math.log1p(cv**2)
    return Distribution("lognormal", (math.log(mean) - variance / 2, math.sqrt(variance)))


def lognormal_median_p95(median: float, p95: float) -> Distribution:
    """Lognormal with the given median and 95th percentile."""
    sigma = math.log(p95 / median) / NormalDist().inv_cdf(0.95)
    return Distribution("lognormal", (math.log(median), sigma))


def gamma(mean: float, cv: float) -> Distribution:
    """Gamma with the given mean and coefficient of variation."""
    shape = 1 / cv**2
    return Distribution("gamma", (shape, mean / shape))


def weibull(shape: float, scale: float) -> Distribution:
    """Weibull with the given shape and scale."""
    return Distribution("weibull", (shape, scale))


def triangular(low: float, mode: float, high: float) -> Distribution:
    """Triangular between ``low`` and ``high`` with its peak at ``mode``."""
    return Distribution("triangular", (low, mode, high))


def uniform(low: float, high: float) -> Distribution:
    """Uniform between ``low`` and ``high``."""
    return Distribution("uniform", (low, high))


def empirical(values: tuple[float, ...]) -> Distribution:
    """Draws with replacement from observed values."""
    return Distribution("empirical", values)
