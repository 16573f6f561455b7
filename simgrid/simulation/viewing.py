"""On the screen: what of a study and of its priors is at the unit, and so how far it can be read.

Reading waits at its beginning for the first images (all of them where the viewer does not stream) and for the
priors that were asked for, then wherever it has caught up with the images that have come, and before its last
neighbour images for the last image.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import simpy

from simgrid.domain.grid_records import ViewingRecords
from simgrid.domain.inspection import Inspections
from simgrid.domain.units import FloatArray, Seconds
from simgrid.domain.viewing import Viewer
from simgrid.simulation.delivery import UnitStorage
from simgrid.simulation.prior_imports import PriorImports
from simgrid.simulation.recorder import Event, Recorder
from simgrid.simulation.stalls import Stalls


class Viewing:
    """Answers the desks. ``pull``: what to call when a study is opened; None where it is sent before."""

    def __init__(
        self,
        env: simpy.Environment,
        inspections: Inspections,
        viewer: Viewer | None,
        storage: UnitStorage,
        priors: PriorImports | None,
        pull: Callable[[int, int], None] | None,
        recorder: Recorder,
        stalls: Stalls,
    ) -> None:
        self._env = env
        self._images = inspections.images.tolist()
        self._viewer = viewer or Viewer()
        self._storage = storage
        self._priors = priors
        self._pull = pull
        self._recorder = recorder
        self._stalls = stalls
        self._unit: dict[int, int] = {}
        self._more: dict[int, tuple[simpy.Event, float]] = {}
        self._stalled_since: dict[int, Seconds] = {}
        self._opened_s: dict[int, Seconds] = {}
        self.stall_s: FloatArray = np.zeros(len(inspections))
        self._first_image_s: FloatArray = np.full(len(inspections), np.nan)

    def can_open(self, row: int, unit: int) -> bool:
        """Whether a study can be begun beside another one that keeps its room: its own must be there."""
        return self._pull is None or self._storage.can_have(row, unit)

    def opened(self, row: int, unit: int) -> None:
        """The study is opened for the first time: whatever is missing is asked for."""
        self._unit[row] = unit
        self._opened_s[row] = self._env.now
        if self._pull is not None:
            self._pull(row, unit)
        if self._priors is not None:
            self._priors.opened(row, unit)
        self._note_first_image(row)

    def readable(self, row: int) -> float:
        """The share of its reading that can be done with what is there."""
        if self._priors is not None and self._priors.missing(row):
            return 0.0
        there = self._storage.images(row, self._unit[row])
        return 0.0 if there is None else self._viewer.readable(self._images[row], there)

    def more(self, row: int) -> simpy.Event:
        """Comes when more of the study can be read than now."""
        event = self._env.event()
        self._more[row] = event, self.readable(row)
        return event

    def changed(self, row: int) -> None:
        """There is more of the study, if somebody has it open, or of its priors."""
        if row not in self._unit:
            return
        self._note_first_image(row)
        if row not in self._more:
            return
        event, enough_for = self._more[row]
        if self.readable(row) > enough_for:
            del self._more[row]
            event.succeed()

    def stall_began(self, row: int, radiologist: int) -> None:
        """She has the study open and cannot go on."""
        self._stalled_since[row] = self._env.now
        self._stalls.began(row)
        self._recorder.event(Event.STALLED, row, self._env.now, radiologist)

    def stall_ended(self, row: int, radiologist: int) -> None:
        """She goes on, or leaves it."""
        self._more.pop(row, None)
        self._stalls.ended(row)
        self.stall_s[row] += self._env.now - self._stalled_since.pop(row)
        self._recorder.event(Event.WENT_ON, row, self._env.now, radiologist)

    def read(self, row: int) -> None:
        """The study has been read: nothing of it is waited for any more."""
        del self._unit[row]
        if self._priors is not None:
            self._priors.read(row)

    def records(self) -> ViewingRecords:
        """Stalls up to now, those under way included."""
        stall_s = self.stall_s.copy()
        for row, since_s in self._stalled_since.items():
            stall_s[row] += self._env.now - since_s
        return ViewingRecords(stall_s=stall_s, first_image_s=self._first_image_s.copy())

    def _note_first_image(self, row: int) -> None:
        opened_s = self._opened_s.get(row)
        if opened_s is None:
            return
        if self._storage.images(row, self._unit[row]) is not None:
            self._first_image_s[row] = self._env.now - opened_s
            del self._opened_s[row]
