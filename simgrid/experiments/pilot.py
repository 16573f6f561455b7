"""Pilot replications for a warm-up: what each policy's run looks like over time, and where it settles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.domain.units import DAY, FloatArray, Seconds
from simgrid.experiments.assemble import run_journal
from simgrid.metrics.series import SERIES
from simgrid.statistics.warm_up import BATCH, LEAST_BATCHES, Truncation, mser

CYCLES: tuple[Seconds, ...] = (7 * DAY, DAY)
PARTS = 2 * LEAST_BATCHES
REPLICATIONS = 10


class TooShortToJudge(ValueError):
    """A horizon that does not hold the batches that MSER needs."""


@dataclass(frozen=True, slots=True)
class Settling:
    """One series under one policy: ``values`` (replications, bins), and where MSER-5 of their mean cuts.

    ``cut`` is None where nothing was observed. ``batch_s``: the length of a batch of five bins.
    """

    policy: str
    series: str
    values: FloatArray
    batch_s: Seconds
    cut: Truncation | None

    @property
    def warm_up_s(self) -> Seconds:
        """What is to be left out; 0 where nothing was observed."""
        return 0.0 if self.cut is None else self.cut.batches * self.batch_s


def batch_of(horizon_s: Seconds) -> Seconds:
    """A whole cycle: the longer of week and day that fits LEAST_BATCHES times, else a part of the horizon.

    Demand and rosters repeat; a batch that is a whole cycle does not mistake their swing for a warm-up.
    """
    fitting = (cycle for cycle in CYCLES if LEAST_BATCHES * cycle <= horizon_s)
    return next(fitting, horizon_s / PARTS)


def pilot(
    scenario: Scenario,
    names: tuple[str, ...] = tuple(SERIES),
    replications: int = REPLICATIONS,
    jobs: int = 1,
    batch_s: Seconds | None = None,
) -> tuple[Settling, ...]:
    """Run the replications under every policy of the scenario; nothing is stored.

    The mean over the replications is cut by MSER-5, five bins a batch. The answer does not depend on
    ``jobs``.

    :raises TooShortToJudge: where the horizon holds fewer than ten batches.
    """
    batch = batch_of(scenario.horizon_s) if batch_s is None else batch_s
    whole = int(scenario.horizon_s / batch + 1e-9)
    if whole < LEAST_BATCHES:
        raise TooShortToJudge(
            f"the horizon holds {whole} batches, {LEAST_BATCHES} are needed: "
            "lengthen it, or shorten the batch"
        )
    edges_s: FloatArray = np.arange(whole * BATCH + 1, dtype=np.float64) * (batch / BATCH)
    asked = [(policy, replication) for policy in scenario.policies for replication in range(replications)]
    found = _runs(scenario, asked, names, edges_s, jobs)
    settled = []
    for place, policy in enumerate(scenario.policies):
        own = np.array(found[place * replications : (place + 1) * replications])
        settled += [_settling(policy.label, name, own[:, row], batch) for row, name in enumerate(names)]
    return tuple(settled)


def _settling(policy: str, name: str, values: FloatArray, batch_s: Seconds) -> Settling:
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0)
    cut = mser(mean) if np.isfinite(mean).any() else None
    return Settling(policy, name, values, batch_s, cut)


def _runs(
    scenario: Scenario,
    asked: list[tuple[PolicyChoice, int]],
    names: tuple[str, ...],
    edges_s: FloatArray,
    jobs: int,
) -> list[FloatArray]:
    if jobs == 1:
        return [
            _observed(scenario.of(replication), policy, replication, names, edges_s)
            for policy, replication in asked
        ]
    from joblib import Parallel, delayed

    found: list[FloatArray] = Parallel(n_jobs=jobs)(
        delayed(_observed)(scenario.of(replication), policy, replication, names, edges_s)
        for policy, replication in asked
    )
    return found


def _observed(
    scenario: Scenario, policy: PolicyChoice, replication: int, names: tuple[str, ...], edges_s: FloatArray
) -> FloatArray:
    journal = run_journal(scenario, policy, replication)
    return np.array([SERIES[name].of(journal, edges_s) for name in names])
