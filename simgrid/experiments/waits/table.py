"""The parts of all inspections of one run, and of many runs: where the time goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simgrid.domain.units import MINUTE, BoolArray, FloatArray, IntArray
from simgrid.experiments.assemble import setting_of
from simgrid.experiments.installed import load_stored
from simgrid.experiments.resimulation import Found, Wanted, again, find
from simgrid.experiments.waits.course import Course, Follower
from simgrid.experiments.waits.kinds import KINDS, Part
from simgrid.experiments.waits.parts import waits_of
from simgrid.scenario import Loaded
from simgrid.statistics.intervals import CONFIDENCE, mean_interval

NUMBER = {part.name: number for number, part in enumerate(KINDS)}
"""The column of each kind."""


@dataclass(frozen=True, slots=True)
class WaitsTable:
    """One row an inspection, in the journal's order; shape (S,) unless stated.

    ``seconds`` (S, K): in each kind of ``KINDS``; a row's sum is ``turnaround_s``, which ends with the run
    where there is no report. ``measured``: not requested within the warm-up.
    """

    policy: str
    replication: int
    point: tuple[tuple[str, str], ...]
    identifier: tuple[str, ...]
    seconds: FloatArray
    turnaround_s: FloatArray
    required_s: FloatArray
    urgent: BoolArray
    reported: BoolArray
    measured: BoolArray

    @property
    def kinds(self) -> tuple[Part, ...]:
        """The columns of ``seconds``."""
        return KINDS

    @property
    def late_s(self) -> FloatArray:
        """How much longer than required each took, below 0 for those in time."""
        return self.turnaround_s - self.required_s

    def mean(self, of: BoolArray | None = None) -> dict[str, float]:
        """Mean minutes in each kind over the measured inspections that were reported, by its name.

        ``of``: over those of them only. NaN where there is none.
        """
        rows = self.measured & self.reported
        rows = rows if of is None else rows & of
        means = self.seconds[rows].mean(axis=0) / MINUTE if rows.any() else np.full(len(KINDS), np.nan)
        return {part.name: float(mean) for part, mean in zip(KINDS, means, strict=True)}

    def latest(self, most: int) -> IntArray:
        """The measured rows that were late by most, the worst first; only such as were late."""
        late_s = self.late_s
        order = np.lexsort((np.arange(len(late_s)), -late_s))
        found: IntArray = order[(late_s[order] > 0) & self.measured[order]]
        return found[:most]


@dataclass(frozen=True, slots=True)
class WhereTimeGoes:
    """Mean minutes of an inspection in each kind, with the interval across replications; shape (K,) each.

    ``n`` replications had a report at all. Bounds are NaN below two of them.
    """

    policy: str
    kinds: tuple[Part, ...]
    mean_min: FloatArray
    low_min: FloatArray
    high_min: FloatArray
    n: int


def table_of(course: Course, policy: str = "", replication: int = 0) -> WaitsTable:
    """The parts of every inspection of a run that was followed."""
    of = course.journal.inspections
    seconds = np.zeros((len(of), len(KINDS)))
    for row in range(len(of)):
        for wait in waits_of(course, row):
            seconds[row, NUMBER[wait.kind]] += wait.seconds
    reported = ~np.isnan(of.reported_s)
    ended_s = np.where(reported, of.reported_s, np.maximum(course.journal.ended_s, of.requested_s))
    return WaitsTable(
        policy,
        replication,
        (),
        tuple(of.identifier),
        seconds,
        ended_s - of.requested_s,
        of.required_s,
        of.urgent,
        reported,
        (of.requested_s >= course.world.warmup_s) | (course.world.warmup_s == 0),
    )


def follow(found: Found) -> Course:
    """Simulate a stored run again, and keep what explains its waits; raises as ``resimulation.again``."""
    setting = setting_of(found.scenario, found.replication)
    follower = Follower(len(setting.inspections))
    journal = again(found, follower.observer).journal
    return follower.course(journal, setting.world)


def waits_of_run(
    study_folder: Path,
    cell: Mapping[str, str] | None = None,
    policy: str | None = None,
    replication: int = 0,
    load: Callable[[Path], Loaded] = load_stored,
) -> WaitsTable:
    """The parts of every inspection of a stored run, which is simulated again.

    ``cell``: the swept values as text, by their columns in summary.csv. ``policy`` None: the first. Raises as
    ``resimulation.find`` and ``again``.
    """
    found = find(study_folder, Wanted(policy, replication, dict(cell or {})), load)
    table = table_of(follow(found), found.choice.label, replication)
    return WaitsTable(
        table.policy,
        table.replication,
        found.scenario.swept,
        *(getattr(table, name) for name in _COLUMNS),
    )


_COLUMNS = ("identifier", "seconds", "turnaround_s", "required_s", "urgent", "reported", "measured")


def where_the_time_goes(
    study_folder: Path,
    policy: str | None = None,
    replications: Iterable[int] = (0, 1, 2, 3, 4),
    cell: Mapping[str, str] | None = None,
    load: Callable[[Path], Loaded] = load_stored,
) -> WhereTimeGoes:
    """Mean minutes in each kind of time over several stored replications, which are simulated again.

    The replication is the observation: its value is the mean over its reported inspections. Raises as
    ``waits_of_run``.
    """
    tables = [waits_of_run(study_folder, cell, policy, one, load) for one in replications]
    if not tables:
        raise ValueError("where the time goes needs at least one replication: none was asked for")
    means = np.array([list(table.mean().values()) for table in tables])
    interval = mean_interval(means.T, CONFIDENCE)
    return WhereTimeGoes(
        tables[0].policy, KINDS, interval.mean, interval.low, interval.high, int(interval.n.max())
    )
