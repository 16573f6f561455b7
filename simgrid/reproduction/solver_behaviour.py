"""K10: the integer program at the study's sizes with the study's solver, whole, relaxed and in chunks.

Batches are the first inspections of a world of Stage 2 with what its policies believe: all of them at once,
a third (one month), as many as Stage 1 has on a working day, and as many as Stage 2 has in an evening; each
with the limits of ``paper/definitions.md`` and with tight ones, whose sum is the work to be given out. All
this, and the settings below, stood before the first batch of these worlds was solved.

A batch is undecided under a way where no assignment of all its inspections is told to be the best of its
program within the time: whether the program ran out of time, or has no solution at all.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from simgrid.assignment import AssignmentProblem, solve
from simgrid.assignment.lp_solve import solve_peer
from simgrid.domain.scenario import Scenario
from simgrid.domain.units import FloatArray
from simgrid.experiments.assemble import setting_of
from simgrid.experiments.setting import Setting
from simgrid.policies.rwoa import NODE_LIMIT

SIZES = (1464, 488, 215, 23)
"""Stage 2; a month of it; 4738 inspections over 22 days of Stage 1; 1464 over 65 evenings of Stage 2."""
LIMITS: Mapping[str, tuple[float, bool]] = MappingProxyType({"usual": (1.05, True), "tight": (1.0, False)})
"""Slack over equal shares of the batch's work, and whether one largest effort comes on top."""
RELAXED = (1.2, True)
"""What the boundary conditions are relaxed to."""
CHUNK = 25
CPU_S = 5.0
"""Processor seconds for a batch, all its chunks together."""
SETTINGS = f"{SIZES} {dict(LIMITS)} {RELAXED} {CHUNK} {CPU_S}"
"""What evidence is made with, beside the worlds: another setting makes stored evidence stale."""

UNDECIDED, SECONDS, GAP = "undecided", "cpu_s", "gap"
WHOLE, OURS = "lp_solve", "ours"


@dataclass(frozen=True, slots=True)
class Batch:
    """Ratings and eligible pairs (S, R) and efforts (S,) of a batch; ``name``: its size and limits."""

    name: str
    rating: FloatArray
    effort: FloatArray
    slack: float
    plus_largest: bool

    def problem(self, slack: float, plus_largest: bool) -> AssignmentProblem:
        """Eq. 3 to 5, the limits equal shares of the batch's work."""
        radiologists = self.rating.shape[1]
        share = self.effort.sum() / radiologists * slack + (self.effort.max() if plus_largest else 0.0)
        return AssignmentProblem(self.rating, self.effort, np.full(radiologists, share), self.rating > 0)


@dataclass(frozen=True, slots=True)
class Tried:
    """Whether a batch was decided, in how many seconds of processor time.

    ``gap``: how far from the best its assignment may be, NaN where that is not told.
    """

    decided: bool
    cpu_s: float
    gap: float = math.nan


Way: TypeAlias = Callable[[Batch], Tried]


def undecided_batches(cell: Scenario, world: int) -> Mapping[str, Mapping[str, float]]:
    """``UNDECIDED``: share of the world's batches by way, and 0 or 1 by way and batch.

    ``SECONDS`` by way and batch; ``GAP``, what our own assignment may miss, by batch.
    """
    undecided: dict[str, float] = {}
    seconds: dict[str, float] = {}
    gaps: dict[str, float] = {}
    batches = tuple(batches_of(setting_of(cell, world)))
    for way, decide in WAYS.items():
        tried = {one.name: decide(one) for one in batches}
        undecided[way] = float(np.mean([not one.decided for one in tried.values()]))
        for batch, one in tried.items():
            undecided[f"{way}, {batch}"] = float(not one.decided)
            seconds[f"{way}, {batch}"] = one.cpu_s
            if way == OURS:
                gaps[batch] = one.gap
    return {UNDECIDED: undecided, SECONDS: seconds, GAP: gaps}


def batches_of(setting: Setting) -> Iterator[Batch]:
    """The declared batches of one world, largest first; those that it has inspections for."""
    kind = setting.inspections.kind
    rating, effort = setting.fit.estimated.T[kind], setting.inspections.of_kind("effort_min")
    for size in SIZES:
        if size <= len(kind):
            for limits, (slack, plus_largest) in LIMITS.items():
                yield Batch(f"{size} {limits}", rating[:size], effort[:size], slack, plus_largest)


def whole(batch: Batch) -> Tried:
    """The study's program as it stands."""
    told = solve_peer(batch.problem(batch.slack, batch.plus_largest), CPU_S)
    return Tried(told.ended == "optimal", told.cpu_s)


def relaxed(batch: Batch) -> Tried:
    """The same under relaxed boundary conditions."""
    told = solve_peer(batch.problem(*RELAXED), CPU_S)
    return Tried(told.ended == "optimal", told.cpu_s)


def chunked(batch: Batch) -> Tried:
    """Rows in order, so many at a time, on the limits still left (as ``solve_in_chunks`` does)."""
    left, used_s = batch.problem(batch.slack, batch.plus_largest).effort_limit, 0.0
    for begin in range(0, len(batch.effort), CHUNK):
        rows = slice(begin, begin + CHUNK)
        part = AssignmentProblem(batch.rating[rows], batch.effort[rows], left, batch.rating[rows] > 0)
        told = solve_peer(part, CPU_S - used_s)
        used_s += told.cpu_s
        if told.ended != "optimal" or used_s >= CPU_S:
            return Tried(False, used_s)
        given = np.bincount(told.radiologist, batch.effort[rows], minlength=len(left))
        left = np.maximum(left - given, 0.0)
    return Tried(True, used_s)


def ours(batch: Batch) -> Tried:
    """Our solver as RWOA calls it, relaxing as little as need be: decided where the best is proven."""
    problem = batch.problem(batch.slack, batch.plus_largest)
    began_s = time.process_time()
    answer = solve(problem, node_limit=NODE_LIMIT, canonical=True)
    return Tried(answer.status == "optimal", time.process_time() - began_s, answer.gap)


WAYS: Mapping[str, Way] = MappingProxyType({WHOLE: whole, "relaxed": relaxed, "chunked": chunked, OURS: ours})
"""By the names of claims.yaml."""
