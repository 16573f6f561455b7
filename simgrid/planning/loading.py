"""The load in steps of 5 %: what each step really adds, and up to which every target is met.

A run has whole studies: of twelve 5 % more are thirteen, and 10 % more are thirteen too. So every step says
how many studies its worlds had more than as deployed; one that adds nothing to the step before tests nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simgrid.domain.scenario import Scenario
from simgrid.domain.units import FloatArray
from simgrid.planning.judging import STUDIES, Change, Judged, judged
from simgrid.planning.looking import Seen, looked_at
from simgrid.planning.observed import Runs, Values
from simgrid.planning.states import heavier

STEP = 0.05
UNASKED_TO = 1.25
"""The load's end where there is no target that it could break."""
COUNTED = (STUDIES, ("archived", "unarchived_at_end"))
"""What adds up to the studies requested, and to those only archived."""


@dataclass(frozen=True, slots=True)
class Load:
    """The demand times ``scale``: means over the worlds of studies ``added`` to those of the deployed state.

    ``tests``: whether any world has other studies than in the step before. Only then can it be met or missed.
    ``n``: how many worlds it got.
    """

    scale: float
    added: float
    deployed: float
    tests: bool
    n: int
    targets: tuple[Judged, ...]
    changes: tuple[Change, ...]

    @property
    def grown(self) -> float:
        """What was added, as a share of the studies as deployed."""
        return self.added / self.deployed if self.deployed else 0.0

    @property
    def holds(self) -> bool:
        """Whether every target is surely met."""
        return all(one.verdict == "met" for one in self.targets)


@dataclass(frozen=True, slots=True)
class Loads:
    """The steps in their order, up to the first load that surely misses a target, or to ``end``.

    ``holds_to``: the last load that adds anything and up to which every target surely holds, 1 for no more
    than as deployed, 0 where it does not even so. ``first_miss``: that load and the target.
    """

    steps: tuple[Load, ...]
    end: float
    holds_to: float
    first_miss: tuple[float, str] | None

    @property
    def tested(self) -> tuple[Load, ...]:
        """The steps that add something."""
        return tuple(one for one in self.steps if one.tests)

    def at(self, scale: float) -> Load:
        """The step of this load."""
        return next(one for one in self.steps if one.scale == scale)


def load_steps(to: float) -> tuple[float, ...]:
    """1.05, 1.10, ... up to ``to``."""
    return tuple(round(1 + STEP * step, 2) for step in range(1, int(round((to - 1) / STEP, 6)) + 1))


def raised(deployed: Scenario, runs: Runs, as_deployed: Values, tell: Callable[[str], None]) -> Loads | None:
    """The load, step by step; None for a replayed log, whose requests are what they were."""
    if deployed.demand.log is not None:
        return None
    targets = deployed.targets
    scales = scales_of(deployed)
    now = judged(targets, as_deployed)
    surely = all(one.verdict == "met" for one in now)
    holds_to, first = float(surely), _missed(1.0, now)
    made: list[Load] = []
    there = before = _studies(as_deployed)
    for scale in scales:
        if first is not None:
            break
        tell(f"the load at {100 * scale:.0f} %")
        (seen,) = looked_at(runs, [heavier(deployed, scale)], targets, as_deployed)
        here = _studies(seen.values)
        both = min(seen.n, before.shape[1])
        new = not np.array_equal(here[:, :both], before[:, :both])
        before = here
        step = _step(scale, seen, here[0], there[0, : seen.n], new=new)
        made.append(step)
        if new:
            surely = surely and step.holds
            holds_to = scale if surely else holds_to
            first = _missed(scale, step.targets)
    return Loads(tuple(made), scales[-1], holds_to if targets else 0.0, first)


def scales_of(deployed: Scenario) -> tuple[float, ...]:
    """The loads that are tried at most; none of a replayed log."""
    if deployed.demand.log is not None:
        return ()
    most = deployed.stress.load_to
    return load_steps(most if deployed.targets else min(most, UNASKED_TO))


def _step(scale: float, seen: Seen, here: FloatArray, there: FloatArray, *, new: bool) -> Load:
    now = float(there.mean())
    return Load(scale, float(here.mean()) - now, now, new, seen.n, seen.targets, seen.changes)


def _studies(values: Values) -> FloatArray:
    """Studies requested in each world, and those only archived, shape (2, replications)."""
    return np.array([sum(np.nan_to_num(values.of(name)) for name in names) for names in COUNTED])


def _missed(scale: float, found: Sequence[Judged]) -> tuple[float, str] | None:
    return next(((scale, one.name) for one in found if one.verdict == "missed"), None)
