"""The schema of what is requested: by sites, of kinds, from files or a log, and how urgently."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, StrictFloat, StrictInt, model_validator

from simgrid.scenario.fields import (
    ByHour,
    Count,
    Duration,
    Factor,
    Share,
    Strictly,
    Text,
    Weight,
    Zone,
    refuse,
)


class RequiredSpec(Strictly):
    """Time allowed from request to report."""

    urgent: Duration
    routine: Duration


class FlowSpec(Strictly):
    """What a site requests of one modality; ``urgent`` and ``required`` as the whole demand unless stated."""

    per_day: Weight
    by_hour: ByHour = ()
    urgent: Share | None = None
    required: RequiredSpec | None = None


def _flow(value: object) -> object:
    if not isinstance(value, dict):
        raise refuse("E101", "unknown key")
    return value


class SiteDemandSpec(Strictly):
    """What a site requests: its ``share`` of a counted workload, a mean ``per_day``, or modality by modality.

    Every other key is a modality with its own demand, such as ``CT: {per_day: 32, by_hour: evening}``.
    """

    OTHERS: ClassVar[type[FlowSpec]] = FlowSpec
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Annotated[FlowSpec, BeforeValidator(_flow)]] = Field(init=False)

    share: Share | None = None
    per_day: Weight | None = None

    @property
    def flows(self) -> dict[str, FlowSpec]:
        """The demand by modality."""
        return dict(self.__pydantic_extra__ or {})


class KindSpec(Strictly):
    """One combination by name with its weight."""

    modality: Text
    body_part: Text
    icd10: Text
    weight: Weight = 1.0


class MixSpec(Strictly):
    """The case mix: modalities over all compatible combinations, by share or number, or ``kinds`` one by one.

    ``counts``: exactly so many of each modality, which together are ``demand.count``. None of the three where
    every site states its demand by modality.
    """

    modalities: dict[Text, Share] = Field(default_factory=dict)
    counts: dict[Text, Count] = Field(default_factory=dict)
    body_parts: tuple[Text, ...] = ()
    icd10: tuple[Text, ...] = ()
    kinds: Annotated[tuple[KindSpec, ...], Field(max_length=5000)] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(map(bool, (self.modalities, self.counts, self.kinds))) > 1:
            way_out = "give modalities with their shares, counts, or kinds"
            raise refuse("E102", "the mix is not stated once", way_out)
        return self


class DicomSpec(Strictly):
    """Studies resampled from a folder of DICOM files; without ``folder`` the files that pydicom ships.

    ``modalities``: those whose studies count as requests (absent: all that the code tables know).
    """

    folder: Text | None = None
    sizes: Literal["files", "scaled"] = "scaled"
    modalities: tuple[Text, ...] = ()


class LogSpec(Strictly):
    """Requests replayed from an event log in the standard form that ``simgrid replay`` writes.

    ``missing``: field to ``sample``, ``drop`` or a constant, for cells without a value. ``lenient``: fields
    whose unknown values count as missing. ``sampled``: fields that are drawn although the log has them.
    """

    file: Text
    zone: Zone | None = None
    missing: dict[Text, Text | StrictInt | StrictFloat] = Field(default_factory=dict)
    lenient: tuple[Text, ...] = ()
    sampled: tuple[Text, ...] = ()


class ArchiveSpec(Strictly):
    """Exactly ``count`` further inspections that are uploaded and archived: nobody wants a report of them.

    Their modalities need no code table, only an entry in ``studies`` where the tables do not know them.
    """

    count: Annotated[int, Field(strict=True, ge=1, le=50_000_000)]
    modalities: Annotated[dict[Text, Share], Field(min_length=1, max_length=100)]
    by_hour: ByHour = ()
    urgent: Share = 0.0


class PatientsSpec(Strictly):
    """``returning``: share of inspections that are returns; ``elsewhere``: of those, after one anywhere."""

    returning: Share
    elsewhere: Share = 0.0


class TriageSpec(Strictly):
    """What is shown of urgency: ``sensitivity`` of the urgent and ``false_positives`` of the routine ones."""

    sensitivity: Share
    false_positives: Share


class DemandSpec(Strictly):
    """Exactly ``count`` inspections within the horizon, or a mean a day at each site.

    ``scale``: as many times more. ``off_hours``: whether the required times run on while no radiologist is
    rostered.
    """

    count: Count | None = None
    scale: Factor = 1.0
    by_hour: ByHour = ()
    urgent: Share
    required: RequiredSpec
    off_hours: Annotated[bool, Field(strict=True)] = True
    mix: MixSpec | None = None
    dicom: DicomSpec | None = None
    log: LogSpec | None = None
    archive: ArchiveSpec | None = None
    patients: PatientsSpec | None = None
    triage: TriageSpec | None = None

    @model_validator(mode="after")
    def _workload(self) -> Self:
        twice = self.dicom is not None and (self.mix is not None or self.log is not None)
        if twice or (self.mix is None and self.dicom is None and self.log is None):
            way_out = "give mix (synthetic), dicom (real files) or log (replayed, with or without a mix)"
            raise refuse("E102", "the workload is not stated once", way_out)
        return self
