"""The logged time simulated with the logged assignments, and the same quantities of both.

A row that lacks a time in the log is left out on both sides, so the same inspections are compared; spans are
rounded to the log's clock on both. What the model never reports has taken for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simgrid.domain.journal import Journal
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.domain.units import HOUR, MINUTE, BoolArray, FloatArray
from simgrid.experiments.assemble import run_journal
from simgrid.metrics.delivery import transfer_s
from simgrid.reproduction.department.log_window import Logged, logged_in

LOGGED = PolicyChoice("logged")
LEVELS = tuple(round(0.05 * step, 2) for step in range(1, 20))
"""Quantiles of the picture; the table has those of ``TOLD``."""
TOLD = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
FEWEST = 20
"""Inspections below which their quantiles tell little."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One kind of quantity: q of them in the log, shape (q,), and in n replications, shape (n, q).

    ``rows``: inspections behind them; ``lacking``: those left out for what the log does not tell.
    """

    name: str
    meaning: str
    unit: str
    labels: tuple[str, ...]
    log: FloatArray
    worlds: FloatArray
    rows: int
    lacking: int

    @property
    def told(self) -> bool:
        """Whether the log has enough of it."""
        return self.rows >= FEWEST

    def at(self, labels: tuple[str, ...]) -> Compared:
        """Some of the quantities only."""
        keep = [self.labels.index(one) for one in labels]
        left = labels, self.log[keep], self.worlds[:, keep]
        return Compared(self.name, self.meaning, self.unit, *left, self.rows, self.lacking)


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a log shows of transfers: only that whatever was opened had arrived.

    ``opened_min`` (m,): from request to opening in the log; ``travel_min`` (m,): of the images of the same
    inspections in the first replication; ``too_long`` (n,): share of them that were opened in the log
    sooner than their images travel in the model.
    """

    opened_min: FloatArray
    travel_min: FloatArray
    too_long: FloatArray
    lacking: int


@dataclass(frozen=True, slots=True)
class Beside:
    """All of it. ``unreported``: inspections that the model had not reported at its end, (n,)."""

    turnaround: Compared
    wait: Compared
    load: Compared
    transfer: Transfer
    unreported: FloatArray
    requests: int

    @property
    def kinds(self) -> tuple[Compared, ...]:
        """Those that log and model both tell, with the quantiles of the table."""
        labels = tuple(map(level, TOLD))
        return (self.turnaround.at(labels), self.wait.at(labels), self.load)

    @property
    def replications(self) -> int:
        """How many."""
        return len(self.unreported)


def level(share: float) -> str:
    """``50 %``."""
    return f"{100 * share:.0f} %"


def beside(scenario: Scenario, replications: int, told: Callable[[float], None] = lambda _: None) -> Beside:
    """Simulate the scenario under ``logged``, and hold it against its log; ``told`` hears of each run.

    Raises:
        ValueError: the scenario replays no log.
        ModelFailed: a run breaks a law of the model.
    """
    log = logged_in(scenario)
    taken = _Taken(log, tuple(one.name for one in scenario.radiologists))
    for replication in range(replications):
        taken.take(run_journal(scenario, LOGGED, replication))
        told(1.0)
    return taken.beside()


class _Taken:
    """Gathers what is compared of each replication, so that no journal has to be kept."""

    def __init__(self, log: Logged, names: tuple[str, ...]) -> None:
        self._log, self._names, self._grain_s = log, names, log.grain_s
        self._reported = ~np.isnan(log.reported_s)
        self._opened = ~np.isnan(log.opened_s)
        self._read = self._reported & self._opened & (log.reader >= 0)
        self._turnaround: list[FloatArray] = []
        self._wait: list[FloatArray] = []
        self._load: list[FloatArray] = []
        self._travel: list[FloatArray] = []
        self._unreported: list[int] = []

    def take(self, journal: Journal) -> None:
        """One replication more; its rows are those of the log."""
        of = journal.inspections
        if not np.allclose(of.requested_s, self._log.requested_s, rtol=0.0, atol=1e-3):
            raise ValueError("the run's requests are not those of the log")
        self._turnaround.append(self._quantiles(of.reported_s - of.requested_s, self._reported))
        self._wait.append(self._quantiles(of.opened_s - of.requested_s, self._opened))
        self._load.append(self._hours(of.reported_s - of.opened_s))
        self._travel.append(np.nan_to_num(transfer_s(of)[self._opened] / MINUTE))
        self._unreported.append(int(np.isnan(of.reported_s).sum()))

    def _hours(self, taken_s: FloatArray) -> FloatArray:
        """Hours read by each radiologist whom the log names, (R,)."""
        read = np.nan_to_num(taken_s[self._read])
        return np.bincount(self._log.reader[self._read], read, minlength=len(self._names)) / HOUR

    def _quantiles(self, seconds: FloatArray, there: BoolArray) -> FloatArray:
        """Minutes at ``LEVELS``; what never came took for ever. NaN where the log tells none."""
        if not there.any():
            return np.full(len(LEVELS), np.nan)
        grains = np.rint(seconds[there] / self._grain_s)
        minutes = np.nan_to_num(grains * (self._grain_s / MINUTE), nan=np.inf, posinf=np.inf)
        found: FloatArray = np.quantile(minutes, LEVELS, method="inverted_cdf")
        return found

    def beside(self) -> Beside:
        """What was gathered, beside the log."""
        log, labels = self._log, tuple(map(level, LEVELS))
        waited = log.opened_s - log.requested_s
        taken = log.reported_s - log.requested_s
        at_log = self._quantiles(taken, self._reported)
        at_wait = self._quantiles(waited, self._opened)
        opened_min = waited[self._opened] / MINUTE
        return Beside(
            turnaround=self._compared(
                "turnaround",
                "from request to report",
                "min",
                labels,
                at_log,
                self._turnaround,
                self._reported,
            ),
            wait=self._compared(
                "wait", "from request to opening", "min", labels, at_wait, self._wait, self._opened
            ),
            load=self._compared(
                *("load", "read by each radiologist", "h", self._names),
                *(self._hours(log.reported_s - log.opened_s), self._load, self._read),
            ),
            transfer=Transfer(
                opened_min=opened_min,
                travel_min=self._travel[0],
                too_long=np.array([np.mean(one > opened_min) if len(one) else 0.0 for one in self._travel]),
                lacking=int((~self._opened).sum()),
            ),
            unreported=np.array(self._unreported, dtype=np.float64),
            requests=len(log),
        )

    @staticmethod
    def _compared(
        name: str,
        meaning: str,
        unit: str,
        labels: tuple[str, ...],
        log: FloatArray,
        worlds: list[FloatArray],
        there: BoolArray,
    ) -> Compared:
        rows = int(there.sum())
        return Compared(name, meaning, unit, labels, log, np.array(worlds), rows, len(there) - rows)
