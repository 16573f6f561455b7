"""What must hold: targets over what a run measures."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log
from typing import Literal, TypeAlias

from simgrid.domain.metric import METRICS, Better
from simgrid.domain.units import Seconds

TargetKind: TypeAlias = Literal["share", "metric"]
PREFIX = "target."
IN_TIME = "response_time_success"


@dataclass(frozen=True, slots=True)
class Target:
    """One target over the inspections of a group, measured in every run as ``target.NAME``.

    ``share``: at least ``bound`` of them are reported within ``within_s`` of the request (None: within the
    time that each is allowed); one that is never reported is late. ``metric``: ``bound`` is in the metric's
    own unit, and ``better`` says on which side of it a value must lie. ``periods``: (19, 20) where the bound
    must be kept in 19 of 20 replications, each one period; None where it must be kept in the long run: by the
    share of the inspections of all replications together, or by the mean of a metric over them.
    """

    name: str
    of: str
    metric: str
    bound: float
    better: Better
    kind: TargetKind = "share"
    within_s: Seconds | None = None
    periods: tuple[int, int] | None = None

    @property
    def column(self) -> str:
        """The name under which a run measures it."""
        return f"{PREFIX}{self.name}"

    @property
    def counted(self) -> str:
        """The name under which a run says of how many inspections its share is; metrics have none."""
        return f"{self.column}.inspections"

    @property
    def kept(self) -> str:
        """The name of the share of periods that keep it, over replications."""
        return f"{self.column}.kept"

    @property
    def pooled(self) -> bool:
        """Whether it is a share of all inspections in the long run: a busy replication counts for more."""
        return self.kind == "share" and self.periods is None

    @property
    def unit(self) -> str:
        """The unit of what is measured: 1 for a share."""
        return "1" if self.kind == "share" else METRICS[self.metric].unit

    @property
    def goal(self) -> float:
        """What must be kept: a share of periods, or the bound itself."""
        return self.bound if self.periods is None else self.periods[0] / self.periods[1]

    @property
    def measured(self) -> tuple[str, str, str, str, float | None, str]:
        """What of it changes a run's measurements; where the bound lies, and in how many periods, does not.

        Last what stands beside the value.
        """
        beside = "inspections" if self.kind == "share" else ""
        return self.name, self.of, self.metric, self.kind, self.within_s, beside


def fewest(target: Target, confidence: float) -> int:
    """The replications below which even a flawless share could not be shown, one-sided, to be reached.

    At least 2; what asks for all can be shown by none, and gives 2 as well. So does what is no share.
    """
    if (target.periods is None and target.kind != "share") or not 0.0 < target.goal < 1.0:
        return 2
    return max(2, ceil(log(1.0 - confidence) / log(target.goal)))
