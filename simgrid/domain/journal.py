"""What happened: facts in columns, from which every number is computed afterwards.

A hospital's own log can be brought into the same shape, so success (eq. 9, 10) exists once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from simgrid.domain.grid_records import GridRecords
from simgrid.domain.quality_records import QualityRecords
from simgrid.domain.units import BoolArray, Bytes, FloatArray, IntArray, Seconds


@dataclass(frozen=True, slots=True)
class InspectionRecords:
    """One row an inspection in order of request; shape (S,). Times are simulated seconds, NaN = never.

    Journey: ``requested_s``, ``acquired_s`` (passed the gate), ``uploaded_s`` (at the data centre),
    ``assigned_s``, ``delivered_s`` (at the unit), ``opened_s``, ``read_s``, ``reported_s`` (report at the
    requesting site). ``radiologist`` is -1 while unassigned.

    At the decision: ``fit_true``, ``fit_estimated``: absolute Subspecialty rating of the chosen
    radiologist; ``..._best``: the highest among those rostered; ``planned_s``: eq. 8's left side with the
    time already waited; ``lookup_min``: expected reading minutes of the pair; ``eligible``: credentials and
    monitor held; ``relaxed``: a condition was relaxed for this inspection.

    ``stalled``: it stood still at least once, for ``stalled_s`` in all: a transfer of it was blocked by an
    outage, an agent that was down or a storage or cache without room, or it was open while its images had
    not arrived. Copies on their way to where nobody is to read them keep nobody waiting.

    Of a study that came back from the desk for its images the times are those of what was done last.

    ``patient``: whose it is, numbered from 0. ``urgent`` and ``required_s`` are the truth;
    ``labelled_urgent`` is what everybody was shown, None where that was the truth.
    """

    identifier: Sequence[str]
    modality: tuple[str, ...]
    body_part: tuple[str, ...]
    icd10: tuple[str, ...]
    protocol: tuple[str, ...]
    site: tuple[str, ...]
    urgent: BoolArray
    required_s: FloatArray
    size_bytes: FloatArray
    images: IntArray
    effort_min: FloatArray
    effort_points: FloatArray
    required_reading_min: FloatArray
    requested_s: FloatArray
    acquired_s: FloatArray
    uploaded_s: FloatArray
    assigned_s: FloatArray
    delivered_s: FloatArray
    opened_s: FloatArray
    read_s: FloatArray
    reported_s: FloatArray
    radiologist: IntArray
    fit_true: FloatArray
    fit_true_best: FloatArray
    fit_estimated: FloatArray
    fit_estimated_best: FloatArray
    planned_s: FloatArray
    lookup_min: FloatArray
    eligible: BoolArray
    relaxed: BoolArray
    repeats: IntArray
    defect_missed: BoolArray
    stalled: BoolArray
    stalled_s: FloatArray
    patient: IntArray
    labelled_urgent: BoolArray | None = None

    def __len__(self) -> int:
        return len(self.identifier)

    @property
    def shown_urgent(self) -> BoolArray:
        """The urgency that everybody was shown, shape (S,)."""
        return self.urgent if self.labelled_urgent is None else self.labelled_urgent


@dataclass(frozen=True, slots=True)
class TransferRecords:
    """Transfers in order of start; shape (N,). ``leg``: upload, delivery, report, retrieval and others.

    ``size_bytes`` are those on the wire. ``broken``: an attempt that ended with its link, having carried so
    much (a hair less in a journal that is streamed, so that a replay ends it before its link is gone); what
    follows has a row of its own. ``weight`` and ``cap_bps`` (inf: none) are those under which it shared its
    links. Uploads and further copies of what is only archived, prior studies included, are summed in
    ``LegTotals``, and are in a journal that is streamed.
    """

    leg: tuple[str, ...]
    inspection: IntArray
    path: tuple[tuple[str, ...], ...]
    size_bytes: FloatArray
    started_s: FloatArray
    finished_s: FloatArray
    broken: BoolArray
    weight: FloatArray
    cap_bps: FloatArray


@dataclass(frozen=True, slots=True)
class LegTotals:
    """What one leg has carried.

    ``transfers`` that were completed, ``carried_bytes`` on the wire (those of broken attempts too), the
    seconds ``under_way_s`` from each order to its end, and the ``failures`` to get or to keep a link.
    """

    leg: str
    transfers: int
    carried_bytes: Bytes
    under_way_s: Seconds
    failures: int = 0


@dataclass(frozen=True, slots=True)
class ArchiveRecords:
    """What became of the inspections that are only archived; they have no rows of their own.

    ``arrived`` until the end, of which ``archived`` reached the archive. ``upload_s``: seconds from
    acquisition to archive of each, in order of arrival there. ``in_system_s``: their time from request to
    archive, or to the run's end, summed.
    """

    arrived: int
    archived: int
    upload_s: npt.NDArray[np.float32]
    in_system_s: Seconds

    @classmethod
    def none(cls) -> ArchiveRecords:
        """Nothing that was only archived."""
        return cls(0, 0, np.zeros(0, dtype=np.float32), 0.0)


@dataclass(frozen=True, slots=True)
class RadiologistRecords:
    """One row a radiologist; shape (R,). ``rostered_s``, ``reading_s``: from 0 to the run's end.

    The limits are those at which eq. 10 is scored: shares of the work of the inspections that are measured.
    """

    name: tuple[str, ...]
    unit: tuple[str, ...]
    full_time: FloatArray
    rostered_s: FloatArray
    reading_s: FloatArray
    scored_limit_min: FloatArray
    scored_limit_points: FloatArray


@dataclass(frozen=True, slots=True)
class WarmUp:
    """What is simulated and not measured: inspections requested before ``until_s``.

    ``rostered_s``, ``reading_s``: each radiologist's part of her seconds before it, shape (R,).
    """

    until_s: Seconds
    rostered_s: FloatArray
    reading_s: FloatArray


@dataclass(frozen=True, slots=True)
class RelaxationRecords:
    """What a decision could not keep, in order of decision; shape (N,).

    ``condition``: deadline, transfer, effort, storage, unassigned or eligibility. ``inspection``,
    ``radiologist``, ``unit``: whom it concerns, -1 for nobody. ``excess``: seconds, minutes, points or bytes.
    """

    at_s: FloatArray
    condition: tuple[str, ...]
    inspection: IntArray
    radiologist: IntArray
    unit: IntArray
    excess: FloatArray

    @classmethod
    def none(cls) -> RelaxationRecords:
        """No relaxation at all."""
        nobody = np.zeros(0, dtype=np.int64)
        return cls(np.zeros(0), (), nobody, nobody, nobody, np.zeros(0))


@dataclass(frozen=True, slots=True)
class EventRecords:
    """What happened on schedule, in the order declared, but for what the run did not live to see; shape (N,).

    ``kind``: link, absence, illness, agent or platform. ``whom``: the place, the radiologist or the shard.
    ``started_s`` is not before 0, ``ended_s`` is NaN where the run ended first. ``up_bps``, ``down_bps``: the
    most that the place's link could carry because of it; infinite where the event is about no link.
    ``recovered_s``: when the place had no more transfers ordered and unfinished than before; NaN where it
    never had or the event is about no place, infinite where it is about a client.
    """

    kind: tuple[str, ...]
    whom: tuple[str, ...]
    started_s: FloatArray
    ended_s: FloatArray
    up_bps: FloatArray
    down_bps: FloatArray
    recovered_s: FloatArray

    @classmethod
    def none(cls) -> EventRecords:
        """Nothing on schedule."""
        return cls((), (), *(np.zeros(0) for _ in range(5)))


@dataclass(frozen=True, slots=True)
class CapacityRecords:
    """What each link carried at most, from ``at_s`` until its next row; shape (N,), link by link."""

    link: tuple[str, ...]
    at_s: FloatArray
    capacity_bps: FloatArray

    @classmethod
    def none(cls) -> CapacityRecords:
        """No link."""
        return cls((), np.zeros(0), np.zeros(0))


@dataclass(frozen=True, slots=True)
class Journal:
    """One run. ``in_hours`` (n, 2): when at least one radiologist was rostered.

    ``area_in_system_s`` is the integral of the number of inspections in the system, accumulated as it
    changed: Little's identity holds it against the sum of the inspections' own times. ``fingerprint``
    hashes the sequence of events, so two runs that differ anywhere differ here. A ``warm_up`` takes nothing
    out of the journal: it says what ``simgrid.metrics`` leaves out. ``limit_periods_s``: when each further
    period of the workload limit begins, shape (P - 1,). ``quality``: there where the scenario asks for it.
    ``resumed_s``: when a backlog was taken up, whose times may lie before it, and before 0.
    """

    inspections: InspectionRecords
    transfers: TransferRecords
    radiologists: RadiologistRecords
    in_hours: FloatArray
    ended_s: Seconds
    area_in_system_s: Seconds
    peak_storage_share: FloatArray
    peak_desks_busy: IntArray
    events: int
    fingerprint: str
    relaxations: RelaxationRecords = field(default_factory=RelaxationRecords.none)
    scheduled: EventRecords = field(default_factory=EventRecords.none)
    archive: ArchiveRecords = field(default_factory=ArchiveRecords.none)
    carried: tuple[LegTotals, ...] = ()
    grid: GridRecords = field(default_factory=GridRecords)
    capacities: CapacityRecords = field(default_factory=CapacityRecords.none)
    warm_up: WarmUp | None = None
    limit_periods_s: FloatArray = field(default_factory=lambda: np.zeros(0))
    quality: QualityRecords | None = None
    resumed_s: Seconds | None = None

    @property
    def began_s(self) -> Seconds:
        """When the system began to be watched: at 0, or when a backlog was taken up."""
        return 0.0 if self.resumed_s is None else self.resumed_s
