"""Studies as columns: whatever the grid moves and keeps, whether or not anybody asked for a report.

A study's number is its row. The inspections to be reported come first and keep their rows; after them the
inspections that are only archived, in order of request.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from simgrid.domain.inspection import Inspections
from simgrid.domain.units import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class ArchiveLoad:
    """Inspections that end as archived: nobody asks for a report. Every array has shape (A,).

    Narrow columns, since there may be millions: ``site`` indexes the world's sites, ``modality`` the names
    in ``modalities``. ``requested_s`` ascends; ``size_bytes`` are whole numbers.
    """

    modalities: tuple[str, ...]
    site: npt.NDArray[np.int16]
    modality: npt.NDArray[np.int8]
    requested_s: FloatArray
    size_bytes: FloatArray
    images: npt.NDArray[np.int32]
    urgent: BoolArray

    def __post_init__(self) -> None:
        rows = len(self.requested_s)
        for name in ("site", "modality", "size_bytes", "images", "urgent"):
            if len(getattr(self, name)) != rows:
                raise ValueError(f"{name} has {len(getattr(self, name))} rows: expected {rows}")
        if rows and np.any(np.diff(self.requested_s) < 0):
            raise ValueError("requested_s: inspections must be in order of request")

    def __len__(self) -> int:
        return len(self.requested_s)

    @classmethod
    def none(cls) -> ArchiveLoad:
        """Nothing that is only archived."""
        return cls(
            modalities=(),
            site=np.zeros(0, dtype=np.int16),
            modality=np.zeros(0, dtype=np.int8),
            requested_s=np.zeros(0),
            size_bytes=np.zeros(0),
            images=np.zeros(0, dtype=np.int32),
            urgent=np.zeros(0, dtype=np.bool_),
        )


@dataclass(frozen=True, slots=True)
class EarlierStudies:
    """Studies made before the run that may be wanted in it, shape (P,): numbered after those of the run.

    ``site`` made and holds each, for good, outside its cache; ``archived`` ones are in the data centre too.
    ``size_bytes`` are whole numbers.
    """

    site: npt.NDArray[np.int16]
    size_bytes: FloatArray
    images: npt.NDArray[np.int32]
    patient: npt.NDArray[np.int32]
    archived: BoolArray

    def __len__(self) -> int:
        return len(self.site)

    @classmethod
    def none(cls) -> EarlierStudies:
        """Nothing from before."""
        return cls(
            site=np.zeros(0, dtype=np.int16),
            size_bytes=np.zeros(0),
            images=np.zeros(0, dtype=np.int32),
            patient=np.zeros(0, dtype=np.int32),
            archived=np.zeros(0, dtype=np.bool_),
        )


@dataclass(frozen=True, slots=True)
class Studies:
    """All studies of a run, shape (N,): the first ``to_report`` rows are the inspections to be reported.

    ``patient``: whose each is, numbered from 0.
    """

    to_report: int
    site: npt.NDArray[np.int16]
    requested_s: FloatArray
    size_bytes: FloatArray
    images: npt.NDArray[np.int32]
    urgent: BoolArray
    patient: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.requested_s)

    @property
    def in_order(self) -> npt.NDArray[np.int32]:
        """The rows in order of request; at one instant inspections to be reported come first."""
        return np.argsort(self.requested_s, kind="stable").astype(np.int32)

    def of_patients(self, patient: npt.NDArray[np.int32]) -> Studies:
        """The same studies, each of the given patient."""
        return replace(self, patient=patient)

    @classmethod
    def of(cls, inspections: Inspections, archive: ArchiveLoad) -> Studies:
        """The inspections' own columns, followed by those of the archive's load; a patient each."""
        return cls(
            patient=np.arange(len(inspections) + len(archive), dtype=np.int32),
            to_report=len(inspections),
            site=np.concatenate([inspections.site.astype(np.int16), archive.site]),
            requested_s=np.concatenate([inspections.requested_s, archive.requested_s]),
            size_bytes=np.concatenate([inspections.size_bytes, archive.size_bytes]),
            images=np.concatenate([inspections.images.astype(np.int32), archive.images]),
            urgent=np.concatenate([inspections.urgent, archive.urgent]),
        )
