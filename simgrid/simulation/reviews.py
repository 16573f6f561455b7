"""What becomes of reports: each is reviewed, and at intervals the decider believes what the reviews say."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy

from simgrid.domain.decision import Policy
from simgrid.domain.grid_records import ReviewRecords
from simgrid.domain.inspection import Inspections
from simgrid.domain.schedule import Roster
from simgrid.domain.units import FloatArray, Seconds


@dataclass(frozen=True, slots=True)
class Believed:
    """What decides from now on, and the fit (R, K) that it believes in."""

    policy: Policy
    fit: FloatArray


@dataclass(frozen=True, slots=True)
class Learning:
    """What reviews need: R radiologists, K kinds, S inspections.

    ``believed`` (R, K): the fit believed at first; ``expected`` (R, K): its probability of a discrepancy;
    ``chance`` (R, K): the true one. ``luck`` (S,): a uniform draw of each inspection. ``refresh``: from the
    number of reports and their surplus of discrepancies so far, (R, K) each, to what is believed.
    """

    every_s: Seconds
    believed: FloatArray
    chance: FloatArray
    expected: FloatArray
    luck: FloatArray
    refresh: Callable[[FloatArray, FloatArray], Believed]


class Reviews:
    """Counts reports and discrepancies; nobody looks at them but in intervals."""

    def __init__(
        self,
        env: simpy.Environment,
        learning: Learning,
        inspections: Inspections,
        rosters: tuple[Roster, ...],
        then: Callable[[Policy], None],
    ) -> None:
        self._env = env
        self._learning = learning
        self._kind = inspections.kind
        self._rostered = np.array([roster.total_s > 0 for roster in rosters], dtype=np.bool_)
        self._believed = learning.believed
        self._then = then
        self._reports: FloatArray = np.zeros_like(learning.chance)
        self._surplus: FloatArray = np.zeros_like(learning.chance)
        self._fresh = 0
        self._refreshed_s: list[Seconds] = []
        self._discrepant: FloatArray = np.full(len(inspections), np.nan)
        self.fit: FloatArray = np.full(len(inspections), np.nan)
        self.best_fit: FloatArray = np.full(len(inspections), np.nan)
        env.process(self._rounds())

    @classmethod
    def of(
        cls,
        env: simpy.Environment,
        learning: Learning | None,
        inspections: Inspections,
        rosters: tuple[Roster, ...],
        then: Callable[[Policy], None],
    ) -> Reviews | None:
        """Who refreshes the ratings, if anybody does."""
        return None if learning is None else cls(env, learning, inspections, rosters, then)

    def assigned(self, row: int, radiologist: int) -> None:
        """Note what is believed of the choice now."""
        now_believed = self._believed[:, self._kind[row]]
        self.fit[row] = now_believed[radiologist]
        self.best_fit[row] = now_believed[self._rostered].max(initial=0.0)

    def reported(self, row: int, radiologist: int) -> None:
        """Review the report."""
        pair = radiologist, int(self._kind[row])
        found = bool(self._learning.luck[row] < self._learning.chance[pair])
        self._discrepant[row] = found
        self._reports[pair] += 1.0
        self._surplus[pair] += found - self._learning.expected[pair]
        self._fresh += 1

    def records(self) -> ReviewRecords:
        """What the reviews have found so far."""
        at_s = np.array(self._refreshed_s, dtype=np.float64)
        return ReviewRecords(self._discrepant.copy(), at_s, self._believed.copy())

    def _rounds(self) -> Generator[simpy.Event, Any, None]:
        while True:
            yield self._env.timeout(self._learning.every_s)
            if not self._fresh:
                continue
            self._fresh = 0
            self._refreshed_s.append(self._env.now)
            now = self._learning.refresh(self._reports.copy(), self._surplus.copy())
            self._believed = now.fit
            self._then(now.policy)
