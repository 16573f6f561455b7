"""What was observed of the plans so far, and what it cost in runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from simgrid.domain.units import FloatArray

Stage: TypeAlias = Literal["search", "test"]
Observe: TypeAlias = Callable[[Sequence[int], Stage, int], FloatArray]
"""Plans, stage, count: replications 0 to count - 1 of these plans, shape (plans, count, targets).

Or (plans, count, targets, 2), where of how many inspections a share is stands beside it (``long_run``).
The same replication has the same luck for all plans; the two stages have no seed in common.
"""


class WrongShape(ValueError):
    """What observes gave another number of plans, replications or targets than it was asked for."""


@dataclass(slots=True)
class Evidence:
    """Values of the plans in one stage, as many replications as were asked for each; ``most`` runs in all."""

    observe: Observe
    stage: Stage
    targets: int
    most: int
    _values: dict[int, FloatArray] = field(default_factory=dict)

    @property
    def runs(self) -> int:
        """One run is one replication of one plan."""
        return sum(len(values) for values in self._values.values())

    @property
    def plans(self) -> list[int]:
        """Those of which something was observed, ascending."""
        return sorted(self._values)

    def count(self, plan: int) -> int:
        """The replications observed."""
        return len(self._values.get(plan, ()))

    def of(self, plan: int) -> FloatArray:
        """Its values, shape (count, targets), or (count, targets, 2) where they were observed with counts."""
        return self._values.get(plan, np.empty((0, self.targets)))

    def bring(self, plans: Iterable[int], upto: int) -> bool:
        """Observe these plans, first named first, as far as runs are left; whether all could be."""
        left = self.most - self.runs
        asked: list[int] = []
        all_fit = True
        for plan in plans:
            more = upto - self.count(plan)
            if more > left:
                all_fit = False
            elif more > 0:
                asked.append(plan)
                left -= more
        if asked:
            self._take(sorted(asked), upto)
        return all_fit

    def _take(self, plans: list[int], upto: int) -> None:
        values = np.asarray(self.observe(plans, self.stage, upto), dtype=np.float64)
        expected = (len(plans), upto, self.targets)
        if values.shape not in (expected, (*expected, 2)):
            raise WrongShape(f"observed {values.shape}, asked for {expected} (plans, runs, targets)")
        self._values.update(zip(plans, values, strict=True))
