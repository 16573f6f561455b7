"""A folder of DICOM files as a scenario: its studies are resampled, and nothing of them is copied."""

from __future__ import annotations

import os
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from simgrid.codes import CodeTables
from simgrid.dicom.read import printable
from simgrid.domain.demand import DicomSource
from simgrid.domain.units import BITS_PER_BYTE, DAY, HOUR
from simgrid.experiments.replaying.load import usual_link, usual_storage
from simgrid.experiments.replaying.logs import DAYS_STORED, team_size
from simgrid.experiments.replaying.scenario_text import Line, Parts
from simgrid.scenario.writing import scalar
from simgrid.workload.dicom_archive import StudyPool, load_pool
from simgrid.workload.replay.log_files import Told

_MOST_REQUESTS = 1_000_000
_DAY_PART_S = 12 * HOUR
_PEAK = 2.0


@dataclass(frozen=True, slots=True)
class DicomConversion:
    """``unused``: the place of each such file in the order of paths, and why; ``said``: printable lines."""

    parts: Parts
    unused: tuple[tuple[int, str], ...]
    said: tuple[str, ...]


def dicom_conversion(
    folder: Path, scenario: Path, zone: str, codes: CodeTables, told: Told
) -> DicomConversion:
    """Read the folder once; the scenario will name it relative to its own place.

    :raises DicomFolderError: no file of it can be used.
    """
    pool = load_pool(DicomSource(str(folder), "files"), codes, told)
    relative = os.path.relpath(folder.resolve(), scenario.resolve().parent)
    return DicomConversion(_parts(pool, Path(relative).as_posix(), zone), _unused(pool, folder), _said(pool))


def _parts(pool: StudyPool, folder: str, zone: str) -> Parts:
    count = min(_MOST_REQUESTS, len(pool.studies))
    total = sum(study.size_bytes for study in pool.studies)
    work = sum(
        pool.kinds[kind].effort_min * weight
        for study in pool.studies
        for kind, weight in zip(study.kinds, study.probability, strict=True)
    )
    link = usual_link(total * BITS_PER_BYTE / _DAY_PART_S * _PEAK)
    modalities = tuple(sorted({study.modality for study in pool.studies}))
    return Parts(
        title=f"Resampled: {len(pool.studies)} studies of DICOM files",
        opening=(
            "Real studies from a folder of DICOM files, resampled under new pseudonyms: their sizes, images,",
            "modalities and body parts. How many are requested, when and where is assumed; the ledger at the",
            "end says so of each value, and your own values belong there.",
        ),
        start="2026-01-05",
        zone=zone,
        horizon="1 d",
        demand=(
            f"dicom: {{folder: {scalar(folder)}, sizes: files, modalities: [{', '.join(modalities)}]}}",
            f"count: {count}",
            "by_hour: day",
            "urgent: 20 %",
            "required: {urgent: 60 min, routine: 24 h}",
        ),
        sites=(("site-01", link),),
        unit_link=link,
        storage=usual_storage(total * DAYS_STORED),
        monitor=f"{max(5, ceil(max(kind.image_megapixels for kind in pool.kinds)))} MP",
        reads=tuple(sorted({kind.modality for kind in pool.kinds})),
        team=(),
        team_size=team_size(work, DAY),
        ledger=(
            Line("demand.dicom", "stated", "the files of the folder, as large as they are"),
            Line("demand.count", "assumed", "each study once on average"),
            Line("demand.by_hour", "assumed", "headers do not say when a study was requested"),
            Line("demand.urgent", "assumed", "headers have no priority; shares of 5 to 60 % are published"),
            Line("calendar", "assumed", "an ordinary Monday"),
            Line("horizon", "assumed", "one day"),
            Line("radiologists.reader", "assumed", "enough colleagues, always on duty"),
        ),
    )


def _unused(pool: StudyPool, folder: Path) -> tuple[tuple[int, str], ...]:
    """Files are numbered, not named: names may tell who the patient is."""
    paths = sorted(
        (Path(at) / name).relative_to(folder).as_posix() for at, _, names in os.walk(folder) for name in names
    )
    place = {printable(path): number for number, path in enumerate(paths, 1)}
    return tuple(sorted((place.get(one.path, 0), one.reason) for one in pool.listed))


def _said(pool: StudyPool) -> tuple[str, ...]:
    head = f"{pool.files_seen} files read: {pool.files_used} used in {len(pool.studies)} studies"
    return (f"{head}, {len(pool.listed)} not used", *pool.summary()[2:])
