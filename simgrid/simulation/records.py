"""The journal's tables, written when the run has ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgrid.domain.decision import Team
from simgrid.domain.grid import Grid
from simgrid.domain.grid_records import GridRecords
from simgrid.domain.inspection import Inspections
from simgrid.domain.journal import ArchiveRecords, InspectionRecords, RadiologistRecords
from simgrid.domain.study import Studies
from simgrid.domain.units import MINUTE, BoolArray, FloatArray, IntArray, Seconds
from simgrid.domain.world import World
from simgrid.simulation.journey import Journey
from simgrid.simulation.recorder import Event


@dataclass(frozen=True, slots=True)
class Fit:
    """Absolute Subspecialty rating of each radiologist for each kind, shape (R, K) each.

    ``true`` scores the run, ``estimated`` is what the policies believed; both are 0 where credentials or
    monitor forbid the pair.
    """

    true: FloatArray
    estimated: FloatArray


def inspection_records(
    world: World, team: Team, journey: Journey, fit: Fit, inspections: Inspections, studies: Studies
) -> InspectionRecords:
    """One row an inspection: what was asked, when each leg ended, and how well the choice fits.

    ``inspections`` hold the truth, which the journey was not shown where they have labels.
    """
    times = journey.recorder.times
    who, kind = journey.radiologist, inspections.kind
    rostered = np.array([roster.total_s > 0 for roster in world.rosters], dtype=np.bool_)
    reviews = journey.reviews
    may_read = team.eligible(np.arange(len(team.kinds))).T.astype(np.float64)
    return InspectionRecords(
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
        requested_s=_as_it_happened(times(Event.REQUESTED), inspections.requested_s),
        acquired_s=times(Event.ACQUIRED),
        uploaded_s=times(Event.UPLOADED),
        assigned_s=times(Event.ASSIGNED),
        delivered_s=times(Event.DELIVERED),
        opened_s=times(Event.OPENED),
        read_s=times(Event.READ),
        reported_s=times(Event.REPORTED),
        radiologist=who,
        fit_true=_of_chosen(fit.true, who, kind),
        fit_true_best=fit.true[rostered].max(axis=0, initial=0.0)[kind],
        fit_estimated=_of_chosen(fit.estimated, who, kind) if reviews is None else reviews.fit,
        fit_estimated_best=fit.estimated[rostered].max(axis=0, initial=0.0)[kind]
        if reviews is None
        else reviews.best_fit,
        planned_s=journey.planned_s,
        lookup_min=_of_chosen(team.reading_s / MINUTE, who, kind),
        eligible=_of_chosen(may_read, who, kind) > 0,
        relaxed=journey.relaxed,
        repeats=journey.scanners.repeats,
        defect_missed=journey.scanners.defect_missed,
        stalled=journey.stalls.stalled,
        stalled_s=journey.stalls.seconds,
        patient=studies.patient[: len(inspections)].astype(np.int64),
        labelled_urgent=None if inspections.label is None else inspections.label.urgent,
    )


def radiologist_records(
    world: World, journey: Journey, ended_s: Seconds, measured: BoolArray
) -> RadiologistRecords:
    """One row a radiologist: hours, reading time and the limits against which eq. 10 is scored.

    ``measured`` (S,): the inspections whose work the limits divide.
    """
    full_time = np.array([one.full_time for one in world.radiologists], dtype=np.float64)
    declared = [one.effort_limit_min for one in world.radiologists]
    declared_min = np.array([np.inf if limit is None else limit for limit in declared], dtype=np.float64)
    minutes = float(journey.inspections.of_kind("effort_min")[measured].sum())
    points = float(journey.inspections.of_kind("effort_points")[measured].sum())
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


def archive_records(journey: Journey, studies: Studies, ended_s: Seconds) -> ArchiveRecords:
    """What became of the studies that are only archived and were requested before the run's end."""
    only_archived = slice(studies.to_report, None)
    asked_s = studies.requested_s[only_archived]
    there = np.frombuffer(journey.archived, dtype=np.bool_)[only_archived]
    return journey.recorder.archive(asked_s[~there & (asked_s < ended_s)], ended_s)


def grid_records(journey: Journey, on: Grid, ended_s: Seconds) -> GridRecords:
    """What the systems that were on have done."""
    return GridRecords(
        transfers=on.transfers is not None,
        agents=None if on.agents is None else journey.agents.records(on.agents.message_bytes),
        desks=journey.desks.records(),
        reviews=None if journey.reviews is None else journey.reviews.records(),
        copies=None if journey.copies is None else journey.copies.records(),
        platform=None if journey.platform is None else journey.platform.records(),
        links=None if journey.link_use is None else journey.link_use.records(ended_s),
        viewing=None if journey.viewing is None else journey.viewing.records(),
        priors=None if journey.priors is None else journey.priors.records(),
    )


def _as_it_happened(noted_s: FloatArray, asked_s: FloatArray) -> FloatArray:
    """The clock at each request: adding a delay to the clock may miss the asked time by a rounding."""
    requested: FloatArray = np.where(np.isnan(noted_s), asked_s, noted_s)
    return requested


def _of_chosen(table: FloatArray, who: IntArray, kind: IntArray) -> FloatArray:
    """The table's (R, K) entry of each inspection's radiologist and kind; NaN while unassigned."""
    chosen: FloatArray = np.where(who >= 0, table[np.maximum(who, 0), kind], np.nan)
    return chosen
