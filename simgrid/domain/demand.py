"""What a scenario says about its workload, before any inspection is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from simgrid.domain.distribution import Distribution
from simgrid.domain.kind import Kind
from simgrid.domain.units import Seconds

SizeRule: TypeAlias = Literal["files", "scaled"]


@dataclass(frozen=True, slots=True)
class Urgency:
    """The urgent share and the times allowed from request to report."""

    urgent_share: float
    urgent_within_s: Seconds
    routine_within_s: Seconds


@dataclass(frozen=True, slots=True)
class Triage:
    """A test that labels each inspection urgent or routine, by an algorithm's flag or by whoever requests it.

    ``sensitivity``: the share of urgent inspections that are labelled so; ``false_positives``: the share of
    routine ones that are labelled urgent. Urgency itself stays what it is.
    """

    sensitivity: float
    false_positives: float

    def label(self, urgency: Urgency) -> Urgency:
        """The urgency as labels have it: another urgent share, the same times."""
        share = urgency.urgent_share
        labelled = share * self.sensitivity + (1.0 - share) * self.false_positives
        return replace(urgency, urgent_share=labelled)


@dataclass(frozen=True, slots=True)
class Flow:
    """What one site requests of one modality: a mean ``per_day``, in its own hours, of its own urgency."""

    site: str
    modality: str
    per_day: float
    hourly: tuple[float, ...]
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many inspections each site requests, and when.

    Exactly ``count`` within ``within_s`` over all sites, shared by ``site_share``; or a mean of ``per_day``
    at each site and of each of the ``flows``, as non-homogeneous Poisson processes. ``hourly`` has 24 or 168
    relative weights (local hours from Monday 0 h); empty means even. A mean is over the whole profile.
    """

    within_s: Seconds
    count: int | None = None
    site_share: Mapping[str, float] = field(default_factory=dict)
    per_day: Mapping[str, float] = field(default_factory=dict)
    hourly: tuple[float, ...] = ()
    flows: tuple[Flow, ...] = ()

    @property
    def mean_per_day(self) -> float:
        """Requests a day over all sites, where they are not counted."""
        return sum(self.per_day.values()) + sum(flow.per_day for flow in self.flows)


@dataclass(frozen=True, slots=True)
class CaseMix:
    """Which kinds with which weights, and what each modality's images and readings are like.

    ``size_bytes`` and ``images`` by modality; ``reading_cv`` is the coefficient of variation of the true
    reading time around the kind's expected minutes (lognormal); ``reading_min`` overrides by modality.
    ``counts``: exactly so many of each modality where the arrivals are counted; empty: as the weights fall.
    """

    kinds: tuple[Kind, ...]
    weights: tuple[float, ...]
    size_bytes: Mapping[str, Distribution]
    images: Mapping[str, int]
    reading_cv: Mapping[str, float]
    reading_min: Mapping[str, Distribution] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DicomSource:
    """Studies resampled from a folder of DICOM files (None: the files that pydicom ships).

    ``sizes``: "files" keeps the bytes on disk, "scaled" scales them to the modality's mean. ``modalities``
    names those that count as requests (empty: all that the code tables know).
    """

    folder: str | None
    sizes: SizeRule
    modalities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LogSource:
    """Inspections replayed from an event log in the standard form (CSV).

    ``zone``: of times without an offset. ``missing``: (field, rule) of cells without a value, the rule being
    ``sample``, ``drop`` or a constant; a field that is not named has the reader's own rule. ``lenient``:
    fields whose values that the code tables lack count as missing instead of refusing the row. ``sampled``:
    fields that are drawn although the log has them.
    """

    file: str
    zone: str | None = None
    missing: tuple[tuple[str, str], ...] = ()
    lenient: tuple[str, ...] = ()
    sampled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArchiveDemand:
    """Inspections that are only archived: exactly ``count`` within ``within_s``, by the shares.

    ``modality_share`` may name what the code tables lack (nobody reads these): every modality has its
    ``size_bytes`` and ``images``. ``site_share`` empty is even, ``hourly`` as in ``Arrivals``.
    """

    count: int
    within_s: Seconds
    modality_share: Mapping[str, float]
    size_bytes: Mapping[str, Distribution]
    images: Mapping[str, int]
    urgent_share: float
    site_share: Mapping[str, float] = field(default_factory=dict)
    hourly: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Patients:
    """How patients return: each inspection is a new one's or an earlier one's (Simon, Biometrika 42, 1955).

    ``returning_share`` of inspections are returns, so that a patient has 1 / (1 - share) on average; of those
    ``elsewhere_share`` come after an inspection at any site, the others after one at the same site.
    """

    returning_share: float = 0.0
    elsewhere_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Demand:
    """The whole workload: arrivals of a synthetic case mix, studies in DICOM files, or a replayed log.

    A replayed log has its own arrivals: of ``arrivals`` only the window is used then. ``archive``: what is
    uploaded beside it and never reported. ``triage``: None where everybody is shown the truth.
    ``off_hours``: whether the times allowed run on while nobody is rostered.
    """

    arrivals: Arrivals
    mix: CaseMix
    urgency: Urgency
    dicom: DicomSource | None = None
    defect_share: Mapping[str, float] = field(default_factory=dict)
    log: LogSource | None = None
    archive: ArchiveDemand | None = None
    patients: Patients = field(default_factory=Patients)
    triage: Triage | None = None
    off_hours: bool = True
