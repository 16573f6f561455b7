"""The workload limit l_j of eq. 5 and 10: a rule, published with every result that uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from simgrid.domain.units import FloatArray

Share: TypeAlias = Literal["equal", "full-time", "declared", "mined"]
Total: TypeAlias = Literal["seen", "run"]
Period: TypeAlias = Literal["run", "week", "day"]


@dataclass(frozen=True, slots=True)
class WorkloadLimit:
    """l_j = (share of the total effort) x slack, plus one largest effort where asked.

    ``share``: equal, by full-time equivalent, the radiologist's declared limit, or in proportion to the
    minutes that she reads in the log from which belief is mined. ``total``: the effort seen so far (what a
    running service knows) or of the whole run (known when a log is replayed). ``scored_slack`` is the
    slack at which eq. 10 is scored on the whole run. ``mined``: the minutes of each, once a world has them.
    ``period``: the local calendar time after which limits and what counts towards them begin anew.
    """

    share: Share = "equal"
    total: Total = "seen"
    slack: float = 1.05
    plus_largest: bool = True
    scored_slack: float = 1.0
    mined: tuple[float, ...] = ()
    period: Period = "run"

    def limits(
        self, total_effort: float, largest: float, full_time: FloatArray, declared: FloatArray
    ) -> FloatArray:
        """Limits for a decision, shape (R,), in the unit of ``total_effort``."""
        if self.share == "declared":
            return declared
        return self._parts(full_time) * total_effort * self.slack + (largest if self.plus_largest else 0.0)

    def scored(self, total_effort: float, full_time: FloatArray, declared: FloatArray) -> FloatArray:
        """Limits against which eq. 10 is scored at the end of a run, shape (R,)."""
        if self.share == "declared":
            return declared
        return self._parts(full_time) * total_effort * self.scored_slack

    def _parts(self, full_time: FloatArray) -> FloatArray:
        import numpy as np

        weights = {
            "full-time": full_time,
            "mined": np.array(self.mined, dtype=np.float64),
        }.get(self.share, np.ones_like(full_time))
        if not weights.sum() > 0:  # the log shows nobody's work
            weights = np.ones_like(full_time)
        parts: FloatArray = weights / weights.sum()
        return parts
