"""A workload from a folder of DICOM files: real studies, resampled under new pseudonyms.

``load_pool`` reads the folder once; ``resample`` draws from the pool with replacement, so that a handful of
studies makes a day. Nothing that identifies a patient leaves ``simgrid.dicom``, so nothing does here.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from simgrid.codes.tables import CodeTables
from simgrid.dicom.attributes import Origin, StudyHeaders
from simgrid.dicom.errors import DicomFolderError
from simgrid.dicom.read import Archive, Listed, scan, shipped_folders
from simgrid.domain.demand import Demand, DicomSource
from simgrid.domain.inspection import Inspections
from simgrid.domain.kind import Kind
from simgrid.workload.arrivals import Streams
from simgrid.workload.case_mix import Imaged
from simgrid.workload.compose import compose
from simgrid.workload.study_kinds import Candidates, candidates_of

_BYTES_PER_MB = 1e6


@dataclass(frozen=True, slots=True)
class PooledStudy:
    """One study to draw from: ``kinds`` (indices into the pool's) with the ``probability`` of each."""

    identifier: str
    modality: str
    kinds: tuple[int, ...]
    probability: tuple[float, ...]
    size_bytes: float
    images: int
    origins: Mapping[str, Origin]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One printable line: of ``subject`` (files, listed, an attribute), how many are ``what``."""

    subject: str
    what: str
    number: int


@dataclass(frozen=True, slots=True)
class StudyPool:
    """The usable studies of a folder, the kinds they may be, and an account of every file.

    ``files_seen`` is ``files_used`` plus the ``listed`` files. ``numbers``: of the listed files, from 1, in
    order of path among all.
    """

    folder: str
    studies: tuple[PooledStudy, ...]
    kinds: tuple[Kind, ...]
    listed: tuple[Listed, ...]
    numbers: tuple[int, ...]
    files_seen: int
    files_used: int

    def account(self) -> tuple[AccountRow, ...]:
        """Files seen, used and listed by reason; per attribute, studies by where its value comes from."""
        rows = [
            AccountRow("files", "seen", self.files_seen),
            AccountRow("files", "used", self.files_used),
            AccountRow("files", "listed", len(self.listed)),
        ]
        rows += _counted("listed", Counter(one.reason for one in self.listed))
        rows.append(AccountRow("studies", "usable", len(self.studies)))
        rows += _counted("modality of a study", Counter(study.modality for study in self.studies))
        for attribute in self.studies[0].origins:
            rows += _counted(attribute, Counter(study.origins[attribute] for study in self.studies))
        return tuple(rows)

    def summary(self) -> tuple[str, ...]:
        """The account as lines to print, one a subject."""
        subjects: dict[str, list[str]] = {}
        for row in self.account():
            subjects.setdefault(row.subject, []).append(f"{row.number} {row.what}")
        lines = [f"{subject}: {', '.join(parts)}" for subject, parts in subjects.items()]
        return (f"DICOM studies from {self.folder}", *lines)

    def digest(self) -> str:
        """SHA-256 of all that a draw depends on: two folders with one digest give the same inspections."""
        drawn = [(one.kinds, one.probability, one.size_bytes, one.images) for one in self.studies]
        text = json.dumps([[astuple(kind) for kind in self.kinds], drawn], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def listing(self) -> tuple[str, ...]:
        """Every file that is not used, one a line: its number in order of path, the reason, more about it.

        Files have numbers and no names here: names may tell who the patient is.
        """
        return tuple(
            f"file {number} of {self.files_seen}: {one.reason} ({one.detail})"
            for number, one in zip(self.numbers, self.listed, strict=True)
        )


def _counted(subject: str, counts: Counter[str]) -> list[AccountRow]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [AccountRow(subject, what, number) for what, number in ordered]


def load_pool(
    source: DicomSource, codes: CodeTables, told: Callable[[int], None] = lambda _: None
) -> StudyPool:
    """Read the folder and place its studies in the code tables.

    A study whose modality the source leaves out, or that the tables have no protocol for, is listed file
    by file with the reason. ``told`` hears of each file that has been looked at.

    Raises:
        DicomFolderError: the folder is missing, empty, or holds no usable study.
    """
    archive = scan(shipped_folders() if source.folder is None else Path(source.folder), codes, told)
    placed: list[tuple[StudyHeaders, Candidates]] = []
    listed = list(archive.listed)
    for study in archive.studies:
        outcome = _place(study, codes, source)
        if isinstance(outcome, str):
            listed += [Listed(path, outcome, "the study as a whole is not used") for path in study.files]
        else:
            placed.append((study, outcome))
    if not placed:
        raise DicomFolderError(_nothing_usable(archive, listed))
    kinds = tuple(sorted({kind for _, candidates in placed for kind in candidates.kinds}))
    studies = tuple(_pooled(study, candidates, kinds) for study, candidates in placed)
    listed.sort(key=lambda one: one.path)
    used = [path for study, _ in placed for path in study.files]
    place = {path: number for number, path in enumerate(sorted([*used, *(one.path for one in listed)]), 1)}
    return StudyPool(
        folder="the files that pydicom ships" if source.folder is None else archive.folder,
        studies=_scaled(studies, codes) if source.sizes == "scaled" else studies,
        kinds=kinds,
        listed=tuple(listed),
        numbers=tuple(place[one.path] for one in listed),
        files_seen=archive.files_seen,
        files_used=sum(len(study.files) for study, _ in placed),
    )


def resample(
    pool: StudyPool,
    demand: Demand,
    sites: Sequence[str],
    seed: int,
    replication: int,
    start: datetime | None = None,
) -> Inspections:
    """Inspections whose studies are drawn from the pool, evenly and with replacement.

    Arrivals, urgency, readings, luck and defects are the demand's, as for a synthetic workload; kinds are
    the pool's.

    Raises:
        WorkloadError: the demand cannot be drawn; it lists every problem.
    """
    size = np.array([study.size_bytes for study in pool.studies])
    images = np.array([study.images for study in pool.studies], dtype=np.int64)

    # The studies' kinds in one row, study n's probabilities filling the interval from n to n + 1.
    kinds = np.array([kind for study in pool.studies for kind in study.kinds], dtype=np.int64)
    upper = np.concatenate([n + np.cumsum(study.probability) for n, study in enumerate(pool.studies)])
    last = np.cumsum([len(study.kinds) for study in pool.studies]) - 1

    def pick(rows: int, streams: Streams) -> Imaged:
        study = (streams("case-mix").random(rows) * len(pool.studies)).astype(np.int64)
        place = np.searchsorted(upper, study + streams("pre-diagnosis").random(rows), side="right")
        return Imaged(kinds[np.minimum(place, last[study])], size[study], images[study])

    return compose(demand, pool.kinds, sites, seed, replication, start, pick)


def _place(study: StudyHeaders, codes: CodeTables, source: DicomSource) -> Candidates | str:
    if source.modalities and study.modality and study.modality not in source.modalities:
        return f"modality {study.modality} is not in the scenario"
    return candidates_of(study, codes, source.sizes)


def _pooled(study: StudyHeaders, candidates: Candidates, kinds: Sequence[Kind]) -> PooledStudy:
    return PooledStudy(
        identifier=study.identifier,
        modality=study.modality,
        kinds=tuple(kinds.index(kind) for kind in candidates.kinds),
        probability=candidates.probability,
        size_bytes=float(study.size_bytes),
        images=study.images,
        origins=candidates.origins,
    )


def _scaled(studies: Sequence[PooledStudy], codes: CodeTables) -> tuple[PooledStudy, ...]:
    """Bytes and image counts with the table's mean per modality and the files' relative spread."""
    factors = {}
    for modality in {study.modality for study in studies}:
        table = codes.size(modality)
        own = [study for study in studies if study.modality == modality]
        factors[modality] = (
            table.size_mb * _BYTES_PER_MB / np.mean([study.size_bytes for study in own]),
            table.images / np.mean([study.images for study in own]),
        )
    return tuple(
        replace(
            study,
            size_bytes=float(study.size_bytes * factors[study.modality][0]),
            images=max(1, round(study.images * factors[study.modality][1])),
        )
        for study in studies
    )


def _nothing_usable(archive: Archive, listed: Sequence[Listed]) -> str:
    place = f"DICOM folder {archive.folder!r}"
    if not archive.files_seen:
        return f"{place} is empty: put DICOM files in it, or leave the folder out to use those pydicom ships"
    reasons = Counter(one.reason for one in listed)
    found = ", ".join(f"{reason} ({number})" for reason, number in sorted(reasons.items()))
    return (
        f"{place} holds no usable study among its {archive.files_seen} files: {found}. Give a folder with "
        "images of a modality and body part that the code tables know, or extend the tables"
    )
