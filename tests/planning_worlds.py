"""A queueing world cheap enough to be planned hundreds of times: two links into one pool of desks.

Urgent and routine studies come over a link each (first come first served, one at a time) and are read first
come first served by c radiologists, whatever their urgency. More bandwidth for routine studies brings them
to the desks before the urgent ones: the share of urgent ones in time falls. A replication is one evening;
all plans share its arrivals, sizes and reading times. All plans and replications are computed at once.

Of a load with ``come`` the number of studies differs from evening to evening, and busy evenings are late:
then how many studies a share is of stands beside it, as in the product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.randomness import stream
from simgrid.statistics.long_run import counted

EVENING_MIN = 180.0


@dataclass(frozen=True)
class Plan:
    radiologists: int
    routine_mbit_s: float
    urgent_mbit_s: float
    cost: float


@dataclass(frozen=True)
class Load:
    """Studies an evening by kind, megabits of one, minutes to read one, minutes in which each kind is due.

    ``come``: an evening's studies come with a probability of its own, from a beta distribution with these two
    parameters; the numbers of studies are then the most that can come.
    """

    routine: int = 60
    urgent: int = 20
    megabits: float = 400.0
    reading_min: float = 8.0
    due_min: float = 30.0
    routine_due_min: float = 120.0
    come: tuple[float, float] | None = None


@dataclass(frozen=True)
class Luck:
    """Of n evenings: requests in minutes, ascending, (n, studies); size and reading factors of mean 1.

    ``come``: 1 for those that come, 0 for others, first the routine ones.
    """

    routine: FloatArray
    urgent: FloatArray
    routine_size: FloatArray
    urgent_size: FloatArray
    reading: FloatArray
    come: FloatArray


@lru_cache(maxsize=8)
def luck(load: Load, seed: int, stage: str, upto: int) -> Luck:
    """Evening number r is the same whatever ``upto``."""
    drawn = [_evening(load, stream(seed, one, f"cheap world, {stage}")) for one in range(upto)]
    return Luck(*(np.array(column) for column in zip(*drawn, strict=True)))


def _evening(load: Load, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    busy = rng.gamma(150.0, 1.0 / 150.0)  # an evening has a load of its own
    drawn = (
        np.sort(rng.uniform(-60.0, 120.0, load.routine)),
        np.sort(rng.uniform(0.0, EVENING_MIN, load.urgent)),
        rng.gamma(4.0, 0.25, load.routine),
        rng.gamma(4.0, 0.25, load.urgent),
        busy * rng.lognormal(-0.045, 0.3, load.routine + load.urgent),
    )
    studies = load.routine + load.urgent
    if load.come is None:
        return (*drawn, np.ones(studies))
    return (*drawn, (rng.random(studies) < rng.beta(*load.come)).astype(np.float64))


def sent(requested: FloatArray, minutes: FloatArray) -> FloatArray:
    """When each of a link's transfers ends, (..., studies): one at a time, in order."""
    total = np.cumsum(minutes, axis=-1)
    return np.asarray(total + np.maximum.accumulate(requested - (total - minutes), axis=-1))


def read(arrived: FloatArray, reading: FloatArray, radiologists: FloatArray) -> FloatArray:
    """When each is reported, (plans, n, studies), by so many radiologists (plans,) in order of arrival."""
    plans, n, studies = arrived.shape
    order = np.argsort(arrived, axis=-1, kind="stable")
    come = np.take_along_axis(arrived, order, axis=-1)
    need = np.take_along_axis(reading, order, axis=-1)
    desks = int(radiologists.max())
    free = np.where(np.arange(desks) < radiologists[:, None], 0.0, np.inf)
    free = np.repeat(free[:, None, :], n, axis=1)
    done = np.empty_like(arrived)
    rows = np.arange(plans)[:, None], np.arange(n)[None, :]
    for place in range(studies):
        desk = free.argmin(axis=-1)
        done[..., place] = np.maximum(free[(*rows, desk)], come[..., place]) + need[..., place]
        free[(*rows, desk)] = done[..., place]
    reported = np.empty_like(done)
    np.put_along_axis(reported, order, done, axis=-1)
    return reported


@dataclass(frozen=True)
class Space:
    """Plans, cheapest first, their load, and what is asked of them."""

    name: str
    plans: tuple[Plan, ...]
    load: Load
    targets: tuple[Target, ...]

    @cached_property
    def costs(self) -> list[float]:
        return [one.cost for one in self.plans]

    def observe(self, seed: int) -> Observer:
        return Observer(self, seed)


@dataclass
class Observer:
    """Plans of a space under one seed; ``runs`` counts the replications that were asked for anew."""

    space: Space
    seed: int

    def __call__(self, plans: Sequence[int], stage: str, upto: int) -> FloatArray:
        """Values of the targets, (plans, upto, targets), or with their counts (plans, upto, targets, 2)."""
        given = luck(self.space.load, self.seed, stage, upto)
        blocks = [plans[start : start + 40] for start in range(0, len(plans), 40)]
        return np.concatenate([self._values(block, given) for block in blocks])

    def _values(self, plans: Sequence[int], given: Luck) -> FloatArray:
        load, those = self.space.load, [self.space.plans[plan] for plan in plans]
        routine = np.array([one.routine_mbit_s for one in those])[:, None, None]
        urgent = np.array([one.urgent_mbit_s for one in those])[:, None, None]
        desks = np.array([one.radiologists for one in those])
        slow, fast = given.come[:, : load.routine], given.come[:, load.routine :]
        arrived = np.concatenate(
            [  # in order of arrival, who takes no time delays nobody: so is one who does not come
                sent(given.routine, slow * given.routine_size * load.megabits / 60.0 / routine),
                sent(given.urgent, fast * given.urgent_size * load.megabits / 60.0 / urgent),
            ],
            axis=-1,
        )
        reading = np.broadcast_to(given.come * given.reading * load.reading_min, arrived.shape)
        reported = read(arrived, reading, desks)
        late = reported - np.concatenate([given.routine, given.urgent], axis=-1)
        measured = {
            "urgent": _mean(late[..., load.routine :] <= load.due_min, fast),
            "routine": _mean(late[..., : load.routine] <= load.routine_due_min, slow),
            "mean": _mean(late, given.come),
        }
        values = np.stack([measured[one.name] for one in self.space.targets], axis=-1)
        if load.come is None:
            return values
        numbers = {"urgent": fast.sum(axis=-1), "routine": slow.sum(axis=-1)}
        alike = np.ones(len(given.come))
        counts = [numbers[one.name] if one.pooled else alike for one in self.space.targets]
        return counted(values, np.broadcast_to(np.stack(counts, axis=-1), values.shape))


def _mean(values: NDArray[np.float64 | np.bool_], come: FloatArray) -> FloatArray:
    """Of those that come, (plans, n); NaN where none does."""
    number = come.sum(axis=-1)
    if (number == come.shape[-1]).all():
        return np.asarray(values.mean(axis=-1))
    sums = (values * come).sum(axis=-1)
    return np.where(number > 0.0, sums / np.maximum(number, 1.0), np.nan)


def share(name: str, bound: float, periods: tuple[int, int] | None = None) -> Target:
    """At least this share of the urgent or routine studies in time."""
    return Target(name, "all", "response_time_success", bound, "higher", "share", None, periods)


def at_most(name: str, bound: float) -> Target:
    """A time of at most so many minutes."""
    return Target(name, "all", "tat_mean_min", bound, "lower", "metric")


def grid(radiologists: Sequence[int], routine: Sequence[float], urgent: Sequence[float]) -> tuple[Plan, ...]:
    """All combinations, cheapest first."""
    made = [
        Plan(people, slow, fast, 255.0 * people + 3.0 * slow + 5.0 * fast)
        for people in radiologists
        for slow in routine
        for fast in urgent
    ]
    return tuple(sorted(made, key=lambda one: (one.cost, one.radiologists, one.routine_mbit_s)))


NOT_MONOTONE = Space(
    "more bandwidth moves the queue to the desks",
    grid(range(3, 11), (2.0, 3.0, 4.0, 6.0, 9.0), (2.0, 3.0, 4.0, 6.0, 10.0)),
    Load(),
    (share("urgent", 0.90), at_most("mean", 36.0)),
)
INFEASIBLE = Space(
    "no plan meets both",
    grid(
        range(3, 6),
        (1.8, 2.0, 2.4, 2.8, 3.2, 4.0, 6.0, 9.0, 14.0),
        (2.0, 2.5, 3.0, 3.5, 4.0, 6.0, 10.0, 14.0),
    ),
    Load(),
    (share("urgent", 0.93), at_most("mean", 28.0)),
)
RIVALS = Space(
    "urgent bandwidth costs nothing",
    tuple(
        replace(one, cost=one.cost - 5.0 * one.urgent_mbit_s)
        for one in sorted(
            grid(range(3, 11), (2.0, 3.0, 4.0, 6.0, 9.0), (2.0, 3.0, 4.0, 6.0, 10.0)),
            key=lambda one: one.cost - 5.0 * one.urgent_mbit_s,
        )
    ),
    Load(),
    (share("urgent", 0.90),),
)
SPACES = (NOT_MONOTONE, INFEASIBLE, RIVALS)
BUSY = Space(
    "urgent bandwidth costs nothing, studies vary",
    RIVALS.plans,
    Load(routine=90, urgent=30, come=(4.0, 2.0)),
    (share("urgent", 0.90),),
)
"""As many studies as in RIVALS on average, with a coefficient of variation of 0.27."""
