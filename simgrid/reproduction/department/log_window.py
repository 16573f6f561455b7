"""The rows of a log that a scenario replays or mines, every one of them accounted for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgrid.domain.scenario import Scenario
from simgrid.domain.units import BoolArray, FloatArray, IntArray
from simgrid.experiments.believing import practice_of_log
from simgrid.experiments.workloads import whole_log
from simgrid.rating import Practice
from simgrid.workload.replay.event_log import EventLog
from simgrid.workload.replay.from_log import outside


@dataclass(frozen=True, slots=True)
class Logged:
    """The requests within the scenario's horizon in their order, shape (S,).

    Seconds from the scenario's start, NaN where the log has none; ``reader``: index among the scenario's
    radiologists, -1 for nobody or somebody else.
    """

    requested_s: FloatArray
    opened_s: FloatArray
    reported_s: FloatArray
    reader: IntArray

    def __len__(self) -> int:
        return len(self.requested_s)

    @property
    def grain_s(self) -> float:
        """The log's clock: whole minutes, whole seconds, or milliseconds."""
        times = np.concatenate([self.requested_s, self.opened_s, self.reported_s])
        micro = np.rint(times[~np.isnan(times)] * 1e6).astype(np.int64)
        whole = [grain for grain in (60.0, 1.0) if not np.any(micro % round(grain * 1e6))]
        return whole[0] if whole else 1e-3


@dataclass(frozen=True, slots=True)
class Shown:
    """What a log shows of the scenario's radiologists, and why its other rows show nothing.

    ``rows`` is ``used`` plus ``nobodys`` plus ``strangers`` plus ``without_kind``; of the ``used``, so many
    are ``timed``.
    """

    practice: Practice
    file: str
    rows: int
    used: int
    timed: int
    nobodys: int
    strangers: int
    without_kind: int


def logged_in(scenario: Scenario) -> Logged:
    """What the replayed log says of the scenario's time.

    :raises ValueError: the scenario replays no log.
    """
    source = scenario.demand.log
    if source is None:
        raise ValueError("the scenario replays no log: give it demand: {log: {file: ...}}")
    log = whole_log(source, scenario.codes_folder)
    before, after = outside(log, scenario.start, scenario.demand.arrivals.within_s)
    window = slice(before, len(log) - after)
    start = scenario.start.timestamp()
    return Logged(
        log.requested_s[window] - start,
        log.opened_s[window] - start,
        log.reported_s[window] - start,
        _reader(log, tuple(one.name for one in scenario.radiologists))[window],
    )


def shown_by(scenario: Scenario) -> Shown | None:
    """What is mined of the log that the belief names, else of the replayed one; None without any log."""
    belief = scenario.belief
    source = belief.log if belief is not None and belief.log is not None else scenario.demand.log
    if source is None:
        return None
    log = whole_log(source, scenario.codes_folder)
    names = tuple(one.name for one in scenario.radiologists)
    seen = practice_of_log(log, names)
    stated = np.array([bool(one.modality and one.body_part) for one in log.patterns], dtype=np.bool_)
    with_kind: BoolArray = stated[log.pattern]
    nobodys, known = log.assigned < 0, _reader(log, names) >= 0
    return Shown(
        practice=seen,
        file=source.file,
        rows=len(log),
        used=int(seen.readings.sum()),
        timed=int(seen.timed.sum()),
        nobodys=int(nobodys.sum()),
        strangers=int((~nobodys & ~known).sum()),
        without_kind=int((known & ~with_kind).sum()),
    )


def _reader(log: EventLog, names: tuple[str, ...]) -> IntArray:
    """Index among ``names``; at the table's end one more -1, where -1 points."""
    table = np.array([*(names.index(one) if one in names else -1 for one in log.radiologists), -1])
    found: IntArray = table.astype(np.int64)[log.assigned]
    return found
