"""One run: a world, its inspections and the deciders in; a journal out."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import simpy

from simgrid.domain.inspection import Inspections, Retrievals
from simgrid.domain.journal import InspectionRecords, Journal, WarmUp
from simgrid.domain.observer import Observer
from simgrid.domain.prior_studies import PriorStudies
from simgrid.domain.schedule import Roster
from simgrid.domain.study import ArchiveLoad, Studies
from simgrid.domain.units import FloatArray, Seconds
from simgrid.domain.world import World
from simgrid.simulation.clients import Clients
from simgrid.simulation.journey import Deciders, Journey
from simgrid.simulation.records import Fit, inspection_records, radiologist_records
from simgrid.simulation.wiring import capacity_records

_FED_AT_ONCE = 8192
"""Requests turned into plain numbers at a time: quick, and few enough to be no matter."""


NOBODY = Observer()


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
    """
    studies = studies or Studies.of(inspections, ArchiveLoad.none())
    env = simpy.Environment()
    in_hours = reduce(Roster.union, world.rosters)
    finished = env.event()
    journey = Journey(
        env, world, inspections, studies, deciders, in_hours, finished.succeed, priors, observer.sink
    )
    env.process(_requests(env, studies, journey, observer.told))
    before = _BeforeMeasured(env, world, journey)
    clients = Clients(env, world, retrievals, studies, journey.wires, journey.platform, journey.recorder)
    if len(studies):
        env.run(until=finished | env.timeout(world.give_up_s))
    journey.close()
    records = inspection_records(world, deciders.team, journey, fit)
    journal = _journal(env.now, world, journey, clients, in_hours, records)
    return journal if world.warmup_s == 0 else replace(journal, warm_up=before.warm_up(env.now))


class _BeforeMeasured:
    """Looks at the desks at the end of the warm-up, where there is one; nothing happens because of it."""

    def __init__(self, env: simpy.Environment, world: World, journey: Journey) -> None:
        self._world, self._journey = world, journey
        self._reading_s: FloatArray | None = None
        if world.warmup_s > 0:
            env.timeout(world.warmup_s).callbacks.append(self._look)

    def _look(self, _: simpy.Event) -> None:
        self._reading_s = self._journey.desks.reading_until(self._world.warmup_s)

    def warm_up(self, ended_s: Seconds) -> WarmUp:
        """What came before; all of it in a run that ended sooner."""
        until_s = min(self._world.warmup_s, ended_s)
        rostered = [roster.worked_before(until_s) for roster in self._world.rosters]
        read_s = self._journey.desks.reading_until(ended_s) if self._reading_s is None else self._reading_s
        return WarmUp(self._world.warmup_s, np.array(rostered, dtype=np.float64), read_s)


def _requests(
    env: simpy.Environment, studies: Studies, journey: Journey, told: Callable[[float], None]
) -> Generator[simpy.Event, Any, None]:
    """Both kinds of inspections in order of request; at one instant those to be reported come first."""
    order = studies.in_order
    for first in range(0, len(order), _FED_AT_ONCE):
        rows = order[first : first + _FED_AT_ONCE]
        for row, at_s in zip(rows.tolist(), studies.requested_s[rows].tolist(), strict=True):
            if at_s > env.now:
                yield env.timeout(at_s - env.now)
            journey.requested(row)
        told(len(rows) / len(order))


def _journal(
    ended_s: Seconds,
    world: World,
    journey: Journey,
    clients: Clients,
    in_hours: Roster,
    records: InspectionRecords,
) -> Journal:
    recorder = journey.recorder
    return Journal(
        inspections=records,
        transfers=journey.carried.records(),
        radiologists=radiologist_records(world, journey, ended_s, records.requested_s >= world.warmup_s),
        in_hours=in_hours.as_array(),
        ended_s=ended_s,
        area_in_system_s=recorder.area_until(ended_s),
        peak_storage_share=journey.storage.peak_share(),
        peak_desks_busy=journey.desks.peak_busy,
        events=recorder.events,
        fingerprint=recorder.fingerprint,
        relaxations=recorder.relaxations(),
        scheduled=journey.outages.records(journey.backlogs.recovered_s),
        archive=journey.archive_records(ended_s),
        carried=journey.carried.totals(),
        capacities=capacity_records(world, journey.wires),
        grid=replace(journey.grid_records(ended_s), retrievals=clients.records()),
    )
