"""One run: a world, its inspections and the deciders in; a journal out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import reduce

import numpy as np

from simgrid.domain.inspection import Inspections, Retrievals
from simgrid.domain.journal import InspectionRecords, Journal, WarmUp
from simgrid.domain.observer import NOBODY, Observer, Witness
from simgrid.domain.prior_studies import PriorStudies
from simgrid.domain.schedule import Roster
from simgrid.domain.study import ArchiveLoad, Studies
from simgrid.domain.units import FloatArray, Seconds
from simgrid.domain.world import World
from simgrid.simulation.clients import Clients
from simgrid.simulation.clock import Clock
from simgrid.simulation.journey import Deciders, Journey
from simgrid.simulation.records import (
    Fit,
    archive_records,
    grid_records,
    inspection_records,
    radiologist_records,
)
from simgrid.simulation.resumption import Resumption
from simgrid.simulation.stocktaking import stock
from simgrid.simulation.wiring import capacity_records

_FED_AT_ONCE = 8192
"""Requests turned into plain numbers at a time: quick, and few enough to be no matter."""


def run(
    world: World,
    inspections: Inspections,
    retrievals: Retrievals,
    deciders: Deciders,
    fit: Fit,
    studies: Studies | None = None,
    priors: PriorStudies | None = None,
    observer: Observer = NOBODY,
) -> Journal:
    """Let the world live until every inspection is reported or archived, at most until ``world.give_up_s``.

    ``studies``: the inspections followed by those that are only archived (None: there are none).
    ``priors``: what inspections fetch of earlier studies, which are numbered after ``studies``. ``fit`` is
    recorded beside the choices and never shown to the policy. ``observer`` changes nothing that happens.
    Where inspections have labels, nobody in the run gets to see their urgency itself: it is only recorded.
    """
    shown = inspections.as_labelled()
    studies = studies or Studies.of(shown, ArchiveLoad.none())
    env = Clock()
    in_hours = reduce(Roster.union, world.rosters)
    finished = env.event()
    journey = Journey(env, world, shown, studies, deciders, in_hours, finished.succeed, priors, observer)
    if observer.witness is not None:
        _shown(journey, observer.witness)
    held = 0 if world.backlog is None else len(world.backlog.studies)
    if world.backlog is not None:
        Resumption(env, world, journey, world.backlog)
    if observer.snapshot is not None:
        at_s, take = observer.snapshot
        env.at_first(at_s, lambda _: take(stock(journey, world, inspections, env.now)), None)
    _Requests(env, studies, journey, observer.told, held)
    before = _BeforeMeasured(env, world, journey)
    clients = Clients(env, world, retrievals, studies, journey.wires, journey.platform, journey.recorder)
    if len(studies):
        env.run(until=finished | env.timeout(world.give_up_s))
    journey.close()
    records = inspection_records(world, deciders.team, journey, fit, inspections, studies)
    journal = _journal(env.now, world, journey, clients, in_hours, records, studies)
    return journal if world.warmup_s == 0 else replace(journal, warm_up=before.warm_up(env.now))


def _shown(journey: Journey, witness: Witness) -> None:
    """Let the witness see what happens and what is decided."""
    recorder = journey.recorder
    recorder.seen_by(witness)
    journey.dispatcher.seen_by(
        lambda worklist, assignment: witness.decided(recorder.events, worklist, assignment)
    )


class _BeforeMeasured:
    """Looks at the desks at the end of the warm-up, where there is one; nothing happens because of it."""

    def __init__(self, env: Clock, world: World, journey: Journey) -> None:
        self._world, self._journey = world, journey
        self._reading_s: FloatArray | None = None
        if world.warmup_s > 0:
            env.after(world.warmup_s, self._look, None)

    def _look(self, _: None) -> None:
        self._reading_s = self._journey.desks.reading_until(self._world.warmup_s)

    def warm_up(self, ended_s: Seconds) -> WarmUp:
        """What came before; all of it in a run that ended sooner."""
        until_s = min(self._world.warmup_s, ended_s)
        rostered = [roster.worked_before(until_s) for roster in self._world.rosters]
        read_s = self._journey.desks.reading_until(ended_s) if self._reading_s is None else self._reading_s
        return WarmUp(self._world.warmup_s, np.array(rostered, dtype=np.float64), read_s)


class _Requests:
    """Both kinds of inspections in order of request; at one instant those to be reported come first.

    The first ``held`` are those of the backlog, which are there already.
    """

    def __init__(
        self, env: Clock, studies: Studies, journey: Journey, told: Callable[[float], None], held: int
    ) -> None:
        self._env = env
        self._held = held
        self._studies = studies
        self._requested = journey.requested
        self._told = told
        self._order = studies.order
        self._fed = self._block = 0
        self._coming: Iterator[tuple[int, Seconds]] = iter(())
        env.first(self._next, -1)

    def _next(self, row: int) -> None:
        """The row's moment has come (-1: the run begins); the next ones follow, at once where due."""
        env, requested, held = self._env, self._requested, self._held
        while True:
            if row >= held:
                requested(row)
            following = next(self._coming, None) or self._feed()
            if following is None:
                return
            row, at_s = following
            if at_s > env.now:
                env.after(at_s - env.now, self._next, row)
                return

    def _feed(self) -> tuple[int, Seconds] | None:
        """The first of the next block of rows."""
        if self._block:
            self._told(self._block / len(self._order))
        rows = self._order.block(self._fed, self._fed + _FED_AT_ONCE)
        self._block = len(rows)
        self._fed += len(rows)
        self._coming = zip(rows.tolist(), self._studies.requested_s[rows].tolist(), strict=True)
        return next(self._coming, None)


def _journal(
    ended_s: Seconds,
    world: World,
    journey: Journey,
    clients: Clients,
    in_hours: Roster,
    records: InspectionRecords,
    studies: Studies,
) -> Journal:
    recorder = journey.recorder
    return Journal(
        inspections=records,
        transfers=journey.carried.records(),
        radiologists=radiologist_records(
            world, journey, ended_s, (records.requested_s >= world.warmup_s) | (world.warmup_s == 0)
        ),
        in_hours=in_hours.as_array(),
        ended_s=ended_s,
        area_in_system_s=recorder.area_until(ended_s),
        peak_storage_share=journey.storage.peak_share(),
        peak_desks_busy=journey.desks.peak_busy,
        events=recorder.events,
        fingerprint=recorder.fingerprint,
        relaxations=recorder.relaxations(),
        scheduled=journey.outages.records(journey.backlogs.recovered_s),
        archive=archive_records(journey, studies, ended_s),
        carried=journey.carried.totals(),
        capacities=capacity_records(world, journey.wires),
        grid=replace(grid_records(journey, world.grid, ended_s), retrievals=clients.records()),
        limit_periods_s=np.array(world.limit_periods_s, dtype=np.float64),
        quality=None if journey.books is None else journey.books.records(),
        resumed_s=None if world.backlog is None else world.backlog.at_s,
    )
