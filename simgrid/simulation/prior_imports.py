"""Priors: imported to the unit of the assigned radiologist, ahead of the opening or when it asks for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import simpy

from simgrid.domain.grid_records import PriorRecords
from simgrid.domain.inspection import Inspections
from simgrid.domain.prior_studies import PriorStudies
from simgrid.simulation.recorder import Event, Recorder
from simgrid.simulation.storage import Copies


class _Jacket:
    """The priors of one inspection at one unit, by study: those ``late`` were not there at once."""

    __slots__ = ("asked", "late", "missing", "there", "unit")

    def __init__(self, unit: int) -> None:
        self.unit = unit
        self.asked: set[int] = set()
        self.there: set[int] = set()
        self.late: set[int] = set()
        self.missing: set[int] = set()


class PriorImports:
    """Asks ``copies`` for priors, of which the unit's cache keeps what it has room for.

    What has come for an inspection stays before its reader until it has been read, whatever the cache does.
    ``changed`` is called when nothing of what an opened inspection needs is missing any more.
    """

    def __init__(
        self,
        env: simpy.Environment,
        inspections: Inspections,
        priors: PriorStudies,
        copies: Copies,
        recorder: Recorder,
        changed: Callable[[int], None],
    ) -> None:
        self._env = env
        self._urgent = inspections.urgent.tolist()
        self._priors = priors
        self._copies = copies
        self._recorder = recorder
        self._changed = changed
        self._jackets: dict[int, _Jacket] = {}
        self._asked = self._fetched = self._wanted = self._ready = 0

    def assigned(self, row: int, unit: int) -> None:
        """Fetch ahead what the rule says."""
        jacket = self._jackets.get(row)
        if jacket is None or jacket.unit != unit:
            jacket = self._jackets[row] = _Jacket(unit)
        for study in self._priors.ahead.of(row):
            self._fetch(row, study, jacket)

    def opened(self, row: int, unit: int) -> None:
        """Ask for what is wanted and not there; reading waits for it."""
        jacket = self._jackets[row]
        for study in self._priors.wanted.of(row):
            self._wanted += 1
            self._fetch(row, study, jacket)
            if study in jacket.there:
                self._ready += 1
            else:
                jacket.missing.add(study)

    def missing(self, row: int) -> bool:
        """Whether the opened inspection has to wait for priors."""
        return bool(self._jackets[row].missing)

    def read(self, row: int) -> None:
        """The inspection has been read: what still comes for it goes to the cache alone."""
        del self._jackets[row]

    def records(self) -> PriorRecords:
        """What has been asked for and what has come."""
        return PriorRecords(self._asked, self._fetched, self._wanted, self._ready)

    def _fetch(self, row: int, study: int, jacket: _Jacket) -> None:
        if study in jacket.asked:
            return
        jacket.asked.add(study)
        self._asked += 1
        place = self._copies.unit(jacket.unit)
        self._copies.fetch(study, place, partial(self._come, row, jacket), urgent=self._urgent[row])
        if study not in jacket.there:
            jacket.late.add(study)

    def _come(self, row: int, jacket: _Jacket, study: int) -> None:
        jacket.there.add(study)
        if study in jacket.late:
            self._fetched += 1
            self._recorder.event(Event.FETCHED, study, self._env.now, jacket.unit)
        if study in jacket.missing:
            jacket.missing.remove(study)
            if not jacket.missing:
                self._changed(row)
