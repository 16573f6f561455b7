"""The best of several candidates: by KN with common random numbers, or by OCBA from a budget.

Replications are taken in the order of their number, and computed in stretches that do not depend on the
number of workers. What a stretch holds beyond a candidate's end is stored and not counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from simgrid.experiments.campaign import CannotBeAsked
from simgrid.experiments.candidates import Observations
from simgrid.metrics import METRICS
from simgrid.statistics.ranking import (
    FIRST_STAGE,
    Promise,
    Race,
    begin,
    best_of,
    fed,
    next_replications,
)

STRETCH = 10
BUDGET_FIRST = 10
ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """How one candidate stands: mean and standard deviation over the replications that count.

    ``out_at``, ``beaten_by``: where KN put it out, and who did; None for those that are in.
    """

    name: str
    seed: int
    replications: int
    mean: float
    deviation: float
    out_at: int | None = None
    beaten_by: str | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What was found, so far or in the end. ``what``: a policy, or the column looked across.

    ``selected`` is None where KN came to ``most`` replications first. ``promise`` is KN's, None for OCBA;
    ``needed``: replications after which KN would have ended for certain. ``tied``: all that are left, where
    they were exactly alike in every replication; the first of them is selected.
    """

    method: Literal["KN", "OCBA"]
    metric: str
    what: str
    standings: tuple[Standing, ...]
    selected: str | None
    most: int
    first: int
    promise: Promise | None = None
    needed: int = 0
    tied: tuple[str, ...] = ()

    @property
    def left(self) -> tuple[Standing, ...]:
        """Those that were not put out."""
        return tuple(one for one in self.standings if one.out_at is None)

    @property
    def replications(self) -> int:
        """The most that any candidate has."""
        return max(one.replications for one in self.standings)


Told: TypeAlias = Callable[[Selection], None]
"""Hears how things stand after each stretch."""


def select(seen: Observations, what: str, promise: Promise, most: int, told: Told) -> Selection:
    """KN: replications of all candidates in common worlds until one is left, or there are ``most``.

    :raises CannotBeAsked: for fewer than the first stage has, a probability that a guess has, or runs
        without the metric.
    """
    count = len(seen.those)
    if most < FIRST_STAGE:
        raise CannotBeAsked(f"--max: {most} is fewer than the {FIRST_STAGE} replications of the first stage")
    if not promise.probability > 1 / count:
        raise CannotBeAsked(
            f"--probability: {100 * promise.probability:.4g} % is no more than a guess has; ask for more"
        )
    seen.upto(dict.fromkeys(range(count), FIRST_STAGE))
    first = np.array([seen.values(number, FIRST_STAGE) for number in range(count)])
    race = begin(first, promise, METRICS[seen.metric].better)
    told(_found(seen, what, race, most))
    while not race.ended and race.count < most:
        upto = min(most, race.most, race.count + max(STRETCH, race.count // 4))
        seen.upto(dict.fromkeys(race.going.tolist(), upto))
        race = fed(race, [seen.values(number, upto)[race.count :] for number in race.going.tolist()])
        told(_found(seen, what, race, most))
    return _found(seen, what, race, most)


def _found(seen: Observations, what: str, race: Race, most: int) -> Selection:
    out = {one.candidate: one for one in race.out}
    standings = []
    for number in range(len(seen.those)):
        end = out[number].replications if number in out else race.count
        by = seen.those[out[number].by].name if number in out else None
        standings.append(_standing(seen, number, end, end if number in out else None, by))
    names = [one.name for one in seen.those]
    return Selection(
        "KN",
        seen.metric,
        what,
        tuple(standings),
        None if race.selected is None else names[race.selected],
        most,
        FIRST_STAGE,
        promise=race.promise,
        needed=race.most,
        tied=tuple(names[one] for one in race.going) if race.ended and len(race.going) > 1 else (),
    )


def _standing(
    seen: Observations, number: int, count: int, out_at: int | None = None, by: str | None = None
) -> Standing:
    values, one = seen.values(number, count), seen.those[number]
    return Standing(
        one.name, one.cell.seed, count, float(values.mean()), float(values.std(ddof=1)), out_at, by
    )


def spend(seen: Observations, what: str, budget: int, told: Told) -> Selection:
    """OCBA: ``budget`` replications in all, shared out in rounds; the best mean in the end is selected.

    The candidates' worlds should be ``independent``, as its shares suppose.

    :raises CannotBeAsked: for less than everybody's first replications, or runs without the metric.
    """
    count, way = len(seen.those), METRICS[seen.metric].better
    if budget < count * BUDGET_FIRST:
        least = f"{count} candidates need {count * BUDGET_FIRST} to begin with, {BUDGET_FIRST} each"
        raise CannotBeAsked(f"--budget: {budget} replications are too few: {least}")
    counts = np.full(count, BUDGET_FIRST)
    step = math.ceil((budget - count * BUDGET_FIRST) / ROUNDS)
    while True:
        seen.upto(dict(enumerate(counts.tolist())))
        standings = tuple(_standing(seen, number, have) for number, have in enumerate(counts.tolist()))
        means = [one.mean for one in standings]
        selected = standings[best_of(means, way)].name
        found = Selection("OCBA", seen.metric, what, standings, selected, budget, BUDGET_FIRST)
        told(found)
        more = min(step, budget - int(counts.sum()))
        if more == 0:
            return found
        counts = counts + next_replications(means, [one.deviation**2 for one in standings], counts, more, way)
