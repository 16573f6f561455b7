"""Distributions in a scenario: a mapping whose one key is the family.

``{lognormal: {mean: 12 min, cv: 0.5}}``, ``{constant: 40 MB}``, ``{empirical: [9 min, 14 min]}``; a lognormal
also by ``mean`` and ``sd`` or by ``median`` and ``p95``.
"""

from __future__ import annotations

from typing import Annotated, Generic, Self, TypeVar

from pydantic import Field, Strict, model_validator

from simgrid.domain import distribution as domain
from simgrid.domain.distribution import Distribution
from simgrid.scenario.fields import Duration, Size, Spreading, Strictly, refuse

Q = TypeVar("Q")
Spread = Annotated[Spreading, Field(ge=0.001)]


class Lognormal(Strictly, Generic[Q]):
    """By ``mean`` with ``cv`` or ``sd``, or by ``median`` with ``p95``."""

    mean: Q | None = None
    cv: Spread | None = None
    sd: Q | None = None
    median: Q | None = None
    p95: Q | None = None

    @model_validator(mode="after")
    def _one_pair(self) -> Self:
        given = {name for name in ("mean", "cv", "sd", "median", "p95") if getattr(self, name) is not None}
        if given not in ({"mean", "cv"}, {"mean", "sd"}, {"median", "p95"}, {"cv"}):
            got = ", ".join(sorted(given)) or "nothing"
            raise refuse(
                "E110",
                f"a lognormal cannot be made of {got}",
                "give mean and cv, mean and sd, or median and p95",
            )
        if self.median is not None and not self.p95 > self.median:  # type: ignore[operator]
            raise refuse("E107", "p95 is not above the median", "give a p95 larger than the median")
        return self

    def build(self) -> Distribution:
        """The domain's lognormal; raises ValueError where only ``cv`` was given."""
        if self.median is not None and self.p95 is not None:
            return domain.lognormal_median_p95(float(self.median), float(self.p95))  # type: ignore[arg-type]
        if self.mean is None:
            raise ValueError("a lognormal by cv alone needs a mean from elsewhere")
        mean = float(self.mean)  # type: ignore[arg-type]
        return domain.lognormal(mean, self.cv if self.cv is not None else float(self.sd) / mean)  # type: ignore[arg-type]


class Gamma(Strictly, Generic[Q]):
    """By mean and coefficient of variation."""

    mean: Q
    cv: Spread


class Weibull(Strictly, Generic[Q]):
    """By shape (a bare number) and scale."""

    shape: Annotated[float, Strict(), Field(ge=0.1, le=100)]
    scale: Q


class Exponential(Strictly, Generic[Q]):
    """By its mean."""

    mean: Q


class Triangular(Strictly, Generic[Q]):
    """Between low and high with its peak at mode."""

    low: Q
    mode: Q
    high: Q

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not (self.low <= self.mode <= self.high and self.low < self.high):  # type: ignore[operator]
            raise refuse("E107", "low, mode and high do not ascend", "give low <= mode <= high")
        return self


class Uniform(Strictly, Generic[Q]):
    """Between low and high."""

    low: Q
    high: Q

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not self.low < self.high:  # type: ignore[operator]
            raise refuse("E107", "low is not below high", "give low < high")
        return self


class DistributionOf(Strictly, Generic[Q]):
    """Exactly one family."""

    constant: Q | None = None
    exponential: Exponential[Q] | None = None
    lognormal: Lognormal[Q] | None = None
    gamma: Gamma[Q] | None = None
    weibull: Weibull[Q] | None = None
    triangular: Triangular[Q] | None = None
    uniform: Uniform[Q] | None = None
    empirical: Annotated[tuple[Q, ...], Field(min_length=1, max_length=10_000)] | None = None

    @model_validator(mode="after")
    def _one_family(self) -> Self:
        if (
            len(
                self.model_fields_set
                & {name for name in type(self).model_fields if getattr(self, name) is not None}
            )
            != 1
        ):
            families = ", ".join(type(self).model_fields)
            raise refuse("E110", "a distribution has exactly one family", f"give one of {families}")
        return self

    @property
    def by_spread_alone(self) -> bool:
        """Whether only the spread is given, of a lognormal."""
        family = self.lognormal
        return family is not None and family.mean is None and family.median is None

    def build(self) -> Distribution:
        """The domain's distribution, in the model's unit of the quantity."""
        if self.lognormal is not None:
            return self.lognormal.build()
        if self.constant is not None:
            return domain.constant(self.constant)  # type: ignore[arg-type]
        if self.exponential is not None:
            return domain.exponential(self.exponential.mean)  # type: ignore[arg-type]
        if self.gamma is not None:
            return domain.gamma(self.gamma.mean, self.gamma.cv)  # type: ignore[arg-type]
        if self.weibull is not None:
            return domain.weibull(self.weibull.shape, self.weibull.scale)  # type: ignore[arg-type]
        if self.triangular is not None:
            return domain.triangular(self.triangular.low, self.triangular.mode, self.triangular.high)  # type: ignore[arg-type]
        if self.uniform is not None:
            return domain.uniform(self.uniform.low, self.uniform.high)  # type: ignore[arg-type]
        return domain.empirical(self.empirical or ())  # type: ignore[arg-type]


class SizeDistribution(DistributionOf[Size]):
    """Of bytes."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.by_spread_alone:
            raise refuse("E110", "a lognormal cannot be made of cv", "give mean and cv, or median and p95")
        return self


class DurationDistribution(DistributionOf[Duration]):
    """Of seconds; a lognormal by ``cv`` alone spreads around a mean that stands elsewhere."""
