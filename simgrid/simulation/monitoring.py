"""What the optimisation service knows of desks and units when it decides: believed, never true, times.

Where monitoring is on, backlog, free storage and bandwidth are those of the agents' last sample. What the
service has assigned since, or got back, it adds itself; what was read since it cannot know. Hours on duty,
effort and limits are its own books and always fresh.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import simpy

from simgrid.domain.backlog import DeskBooks
from simgrid.domain.decision import Desks as DeskState
from simgrid.domain.decision import Team, UnitState
from simgrid.domain.grid import Monitoring
from simgrid.domain.inspection import Inspections
from simgrid.domain.network import Access
from simgrid.domain.schedule import Roster
from simgrid.domain.units import BitsPerSecond, FloatArray, IntArray, Seconds
from simgrid.domain.world import World
from simgrid.network import down
from simgrid.simulation.delivery import UnitStorage
from simgrid.simulation.ledger import Ledger
from simgrid.simulation.reading import Desks
from simgrid.simulation.sample import Sample
from simgrid.simulation.ticks import Ticks
from simgrid.simulation.transfers import Wires


class Monitor:
    """Keeps the books of assigned work: counts, expected reading seconds, effort in minutes and points.

    ``present``: what each place's connection carries now, kept up to date by ``outages``.
    """

    def __init__(
        self,
        env: simpy.Environment,
        world: World,
        team: Team,
        inspections: Inspections,
        desks: Desks,
        storage: UnitStorage,
        present: Mapping[str, Access],
        wires: Wires,
    ) -> None:
        self._env = env
        self._world = world
        self._team = team
        self._inspections = inspections
        self._desks = desks
        self._storage = storage
        size = len(world.radiologists)
        self._count: IntArray = np.zeros(size, dtype=np.int64)
        self._queue_s: FloatArray = np.zeros(size)
        self._minutes = Ledger(env, inspections.of_kind("effort_min"), world, declared=_declared(world))
        self._points = Ledger(
            env, inspections.of_kind("effort_points"), world, declared=np.full(size, np.inf)
        )
        self._reading_share = np.array([1 - one.non_reading for one in world.radiologists], dtype=np.float64)
        self._present = present
        self._rosters = list(world.planned_rosters or world.rosters)
        self._wires = wires
        rules = world.grid.monitoring or Monitoring()
        self._free_only = rules.bandwidth == "free"
        self._sample: Sample | None = None
        self._moved = self._was_reading = False
        if rules.every_s:
            self._unit_of = [int(unit) for unit in team.unit_of]
            self._post()
            Ticks(env, rules.every_s, self._post)

    def seen(self, row: int) -> None:
        """The inspection has reached the data centre and waits for assignment."""
        self._minutes.see(row)
        self._points.see(row)

    def assigned(self, row: int, radiologist: int) -> None:
        """Add the inspection to the radiologist's books."""
        self._moved = True
        self._count[radiologist] += 1
        self._queue_s[radiologist] += self.expected_s(row, radiologist)
        self._minutes.assign(row, radiologist)
        self._points.assign(row, radiologist)
        if self._sample is not None:
            size = float(self._inspections.size_bytes[row])
            unit = self._unit_of[radiologist]
            self._sample.assigned(radiologist, self.expected_s(row, radiologist), unit, size)

    def read(self, row: int, radiologist: int) -> None:
        """Take an inspection that waits no longer out of the queue's books."""
        self._moved = True
        self._count[radiologist] -= 1
        self._queue_s[radiologist] -= self.expected_s(row, radiologist)
        if not self._count[radiologist]:
            self._queue_s[radiologist] = 0.0  # an empty queue leaves no rounding behind

    def handed_over(self, row: int, radiologist: int) -> None:
        """Take an unopened inspection out of all of the radiologist's books."""
        self.read(row, radiologist)
        self._minutes.take_back(row, radiologist)
        self._points.take_back(row, radiologist)
        if self._sample is not None:
            self._sample.taken_back(radiologist, self.expected_s(row, radiologist))

    def had(self, radiologist: int, books: DeskBooks) -> None:
        """So much was given to her before the run, of what is not in it any more."""
        self._minutes.had(radiologist, books.done_min, books.largest_min)
        self._points.had(radiologist, books.done_points, books.largest_points)

    def gave(self, row: int, radiologist: int) -> None:
        """The inspection was given to her before the run, and is in her queue no more."""
        self._minutes.assign(row, radiologist)
        self._points.assign(row, radiologist)

    def given(self) -> tuple[FloatArray, FloatArray]:
        """What everybody was given in this period: minutes and points, shape (R,) each."""
        return self._minutes.done(), self._points.done()

    def learns_of(self, radiologist: int, away: Roster) -> None:
        """From now on it is known that the radiologist is away for so long."""
        self._rosters[radiologist] = self._rosters[radiologist].without(away)

    def expected_s(self, row: int, radiologist: int) -> Seconds:
        """Expected reading seconds of the pair, as believed."""
        return float(self._team.reading_s[radiologist, self._inspections.kind[row]])

    def desks(self) -> DeskState:
        """The radiologists' state now, as far as it is known."""
        now = self._env.now
        if self._sample is None:
            queue_s = np.array(self._backlogs_s(), dtype=np.float64)
            count = self._count.copy()
        else:
            queue_s, count = self._sample.queues()
        rosters = self._rosters
        on_desk_s = queue_s / self._reading_share
        free_at = [roster.after_work(now, left) for roster, left in zip(rosters, on_desk_s, strict=True)]
        return DeskState(
            on_duty=np.array([roster.on_duty(now) for roster in rosters], dtype=np.bool_),
            available_in_s=np.array(free_at, dtype=np.float64) - now,
            queue_count=count,
            queue_s=queue_s,
            effort_done=self._minutes.done(),
            effort_limit=self._minutes.limits(),
            points_done=self._points.done(),
            points_limit=self._points.limits(),
        )

    def units(self) -> UnitState:
        """The reporting units' state now, as far as it is known."""
        if self._sample is None:
            bandwidth = np.array(self._bandwidth_bps(), dtype=np.float64)
            free = self._storage.free_bytes()
        else:
            bandwidth, free = self._sample.units()
        return UnitState(bandwidth_bps=bandwidth, storage_free_bytes=free)

    def _post(self) -> None:
        """The agents' sample: what is so before anything else happens at this instant."""
        reads = any(self._desks.opened(who) for who in range(len(self._count)))
        if self._sample is None or self._moved or reads or self._was_reading:
            queue_s, count = self._backlogs_s(), self._count.tolist()
        else:  # nothing has happened since
            queue_s, count = self._sample.queue_s, self._sample.count
        self._moved, self._was_reading = False, reads
        free = self._storage.free_bytes().tolist()
        self._sample = Sample(queue_s, count, self._bandwidth_bps(), free)

    def _bandwidth_bps(self) -> list[BitsPerSecond]:
        units = self._world.units
        if self._free_only:
            return [self._wires.share_bps(down(unit.name)) for unit in units]
        return [self._present[unit.name].down_bps for unit in units]

    def _backlogs_s(self) -> list[Seconds]:
        return [self._backlog_s(who) for who in range(len(self._count))]

    def _backlog_s(self, who: int) -> Seconds:
        """Expected seconds of everything assigned and unfinished, less what the opened studies have had."""
        left_s = float(self._queue_s[who])
        for row, had_s in self._desks.opened(who):
            left_s -= min(had_s, self.expected_s(row, who))
        return max(left_s, 0.0)


def _declared(world: World) -> FloatArray:
    limits = [one.effort_limit_min for one in world.radiologists]
    return np.array([np.inf if limit is None else limit for limit in limits], dtype=np.float64)
