"""Studies as columns: whatever the grid moves and keeps, whether or not anybody asked for a report.

A study's number is its row. The inspections to be reported come first and keep their rows; after them the
inspections that are only archived, in order of request. Columns are as narrow as their numbers allow
(``narrow``), since there may be millions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from simgrid.domain.inspection import Inspections
from simgrid.domain.request_order import RequestOrder
from simgrid.domain.units import BoolArray, FloatArray

Whole: TypeAlias = npt.NDArray[np.integer[Any]]
"""Whole numbers in an array of any width."""


def narrow(largest: float) -> np.dtype[Any]:
    """The narrowest type of array for whole numbers from 0 to the largest; ``float64`` beyond 32 bits."""
    return np.min_scalar_type(int(largest)) if largest < 1 << 32 else np.dtype(np.float64)


@dataclass(frozen=True, slots=True)
class ArchiveLoad:
    """Inspections that end as archived: nobody asks for a report. Every array has shape (A,).

    ``site`` indexes the world's sites, ``modality`` the names in ``modalities``. ``requested_s`` ascends;
    ``size_bytes`` are whole numbers.
    """

    modalities: tuple[str, ...]
    site: Whole
    modality: Whole
    requested_s: FloatArray
    size_bytes: FloatArray
    images: Whole
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

    ``size_bytes``: whole numbers are unsigned integers where 32 bits hold them. ``patient``: whose each is,
    numbered from 0.
    """

    to_report: int
    site: Whole
    requested_s: FloatArray
    size_bytes: Whole | FloatArray
    images: Whole
    urgent: BoolArray
    patient: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.requested_s)

    @property
    def order(self) -> RequestOrder:
        """The order of request; at one instant inspections to be reported come first."""
        return RequestOrder(self.requested_s, self.to_report)

    def of_patients(self, patient: npt.NDArray[np.int32]) -> Studies:
        """The same studies, each of the given patient."""
        return replace(self, patient=patient)

    @classmethod
    def of(cls, inspections: Inspections, archive: ArchiveLoad) -> Studies:
        """The inspections' own columns, followed by those of the archive's load; a patient each."""
        sizes = np.concatenate([inspections.size_bytes, archive.size_bytes])
        images = np.concatenate([inspections.images.astype(np.int32), archive.images])
        whole = not np.any(sizes % 1)
        return cls(
            patient=np.arange(len(inspections) + len(archive), dtype=np.int32),
            to_report=len(inspections),
            site=np.concatenate([inspections.site.astype(np.int16), archive.site]),
            requested_s=np.concatenate([inspections.requested_s, archive.requested_s]),
            size_bytes=sizes.astype(narrow(sizes.max(initial=0.0)) if whole else np.float64),
            images=images.astype(narrow(images.max(initial=0))),
            urgent=np.concatenate([inspections.urgent, archive.urgent]),
        )
