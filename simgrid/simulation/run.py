"""One run: a world, its inspections and the deciders in; a journal out."""

from __future__ import annotations

from collections.abc import Generator
from functools import reduce
from typing import Any

import numpy as np
import simpy

from simgrid.domain.inspection import Inspections, Retrievals
from simgrid.domain.journal import InspectionRecords, Journal, RadiologistRecords
from simgrid.domain.schedule import Roster
from simgrid.domain.units import MINUTE, FloatArray, Seconds
from simgrid.domain.world import World
from simgrid.network import route
from simgrid.simulation.journey import Deciders, Journey
from simgrid.simulation.recorder import Event


def run(
    world: World,
    inspections: Inspections,
    retrievals: Retrievals,
    deciders: Deciders,
    fit_true: FloatArray,
    fit_estimated: FloatArray,
) -> Journal:
    """Let the world live until every inspection is reported, at most until ``world.give_up_s``.

    ``fit_true``, ``fit_estimated``: absolute Subspecialty rating of each radiologist for each kind, 0 where
    credentials or monitor forbid, shape (R, K). They are recorded beside the choices and never shown to the
    policy.
    """
    env = simpy.Environment()
    in_hours = reduce(Roster.union, world.rosters)
    finished = env.event()
    journey = Journey(env, world, inspections, deciders, in_hours, finished.succeed)
    env.process(_requests(env, inspections, journey))
    env.process(_retrievals(env, world, retrievals, journey))
    if len(inspections):
        env.run(until=finished | env.timeout(world.give_up_s))
    return _journal(env.now, world, inspections, deciders, journey, in_hours, fit_true, fit_estimated)


def _requests(
    env: simpy.Environment, inspections: Inspections, journey: Journey
) -> Generator[simpy.Event, Any, None]:
    for row, at_s in enumerate(inspections.requested_s.tolist()):
        if at_s > env.now:
            yield env.timeout(at_s - env.now)
        journey.requested(row)


def _retrievals(
    env: simpy.Environment, world: World, retrievals: Retrievals, journey: Journey
) -> Generator[simpy.Event, Any, None]:
    def arrived(number: int) -> None:
        journey.recorder.event(Event.RETRIEVED, number, env.now)

    for number, at_s in enumerate(retrievals.at_s.tolist()):
        yield env.timeout(max(at_s - env.now, 0.0))
        client = world.clients[int(retrievals.client[number])]
        path = route(world.data_centre.name, client.name)
        journey.wires.send("retrieval", number, path, float(retrievals.size_bytes[number]), arrived)


def _journal(
    ended_s: Seconds,
    world: World,
    inspections: Inspections,
    deciders: Deciders,
    journey: Journey,
    in_hours: Roster,
    fit_true: FloatArray,
    fit_estimated: FloatArray,
) -> Journal:
    recorder = journey.recorder
    rostered = np.array([roster.total_s > 0 for roster in world.rosters], dtype=np.bool_)
    who, kind = journey.radiologist, inspections.kind
    times = recorder.times
    may_read = deciders.team.eligible(np.arange(fit_true.shape[1])).T.astype(np.float64)
    records = InspectionRecords(
        identifier=inspections.identifier,
        modality=tuple(inspections.labels("modality")),
        body_part=tuple(inspections.labels("body_part")),
        icd10=tuple(inspections.labels("icd10")),
        protocol=tuple(inspections.labels("protocol")),
        site=tuple(inspections.sites[site] for site in inspections.site),
        urgent=inspections.urgent,
        required_s=inspections.required_s,
        size_bytes=inspections.size_bytes,
        images=inspections.images,
        effort_min=inspections.of_kind("effort_min"),
        effort_points=inspections.of_kind("effort_points"),
        required_reading_min=inspections.of_kind("required_reading_min"),
        requested_s=inspections.requested_s,
        acquired_s=times[Event.ACQUIRED],
        uploaded_s=times[Event.UPLOADED],
        assigned_s=times[Event.ASSIGNED],
        delivered_s=times[Event.DELIVERED],
        opened_s=times[Event.OPENED],
        read_s=times[Event.READ],
        reported_s=times[Event.REPORTED],
        radiologist=who,
        fit_true=_of_chosen(fit_true, who, kind),
        fit_true_best=_best(fit_true, rostered, kind),
        fit_estimated=_of_chosen(fit_estimated, who, kind),
        fit_estimated_best=_best(fit_estimated, rostered, kind),
        planned_s=journey.planned_s,
        lookup_min=_of_chosen(deciders.team.reading_s / MINUTE, who, kind),
        eligible=_of_chosen(may_read, who, kind) > 0,
        relaxed=journey.relaxed,
        repeats=journey.scanners.repeats,
        defect_missed=journey.scanners.defect_missed,
    )
    return Journal(
        inspections=records,
        transfers=recorder.transfers(),
        radiologists=_radiologists(ended_s, world, inspections, journey),
        in_hours=in_hours.as_array(),
        ended_s=ended_s,
        area_in_system_s=recorder.area_until(ended_s),
        peak_storage_share=journey.storage.peak_share(),
        peak_desks_busy=journey.desks.peak_busy,
        events=recorder.events,
        fingerprint=recorder.fingerprint,
    )


def _radiologists(
    ended_s: Seconds, world: World, inspections: Inspections, journey: Journey
) -> RadiologistRecords:
    full_time = np.array([one.full_time for one in world.radiologists], dtype=np.float64)
    declared = [one.effort_limit_min for one in world.radiologists]
    declared_min = np.array([np.inf if limit is None else limit for limit in declared], dtype=np.float64)
    minutes = float(inspections.of_kind("effort_min").sum())
    points = float(inspections.of_kind("effort_points").sum())
    rule = world.workload_limit
    return RadiologistRecords(
        name=tuple(one.name for one in world.radiologists),
        unit=tuple(one.unit for one in world.radiologists),
        full_time=full_time,
        rostered_s=np.array([roster.worked_before(ended_s) for roster in world.rosters], dtype=np.float64),
        reading_s=journey.desks.reading_until(ended_s),
        scored_limit_min=rule.scored(minutes, full_time, declared_min),
        scored_limit_points=rule.scored(points, full_time, np.full(len(full_time), np.inf)),
    )


def _of_chosen(table: FloatArray, who: np.ndarray[Any, Any], kind: np.ndarray[Any, Any]) -> FloatArray:
    """The table's (R, K) entry of each inspection's radiologist and kind; NaN while unassigned."""
    chosen: FloatArray = np.where(who >= 0, table[np.maximum(who, 0), kind].astype(np.float64), np.nan)
    return chosen


def _best(table: FloatArray, rostered: np.ndarray[Any, Any], kind: np.ndarray[Any, Any]) -> FloatArray:
    best: FloatArray = table[rostered].max(axis=0, initial=0.0)[kind]
    return best
