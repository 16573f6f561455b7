"""From a folder of DICOM files to inspections: nothing lost unsaid, nobody named."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from simgrid.codes.tables import CodeTables
from simgrid.dicom.errors import DicomFolderError
from simgrid.domain.demand import Arrivals, CaseMix, Demand, DicomSource, Urgency
from simgrid.domain.units import HOUR
from simgrid.workload.dicom_archive import StudyPool, load_pool, resample
from simgrid.workload.errors import WorkloadError
from tests.unit.dicom_samples import PLANTED, dataset, write

CODES = CodeTables.default()
READINGS = CaseMix((), (), {}, {}, dict.fromkeys(CODES.modalities, 0.5))
DEMAND = Demand(Arrivals(4 * HOUR, count=100), READINGS, Urgency(0.2, HOUR, 4 * HOUR))
SITES = ("north", "south")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(dataset(study="1"), tmp_path / "ct-small.dcm")
    write(dataset(study="2", NumberOfFrames=9), tmp_path / "ct-large.dcm")
    write(
        dataset(study="3", Modality="MR", BodyPartExamined=None, StudyDescription=None), tmp_path / "mr.dcm"
    )
    write(dataset(study="4", Modality="MG", BodyPartExamined="KNEE"), tmp_path / "mg-knee.dcm")
    write(dataset(study="5", Modality="RTDOSE"), tmp_path / "dose.dcm")
    (tmp_path / "text.dcm").write_text("not an image")
    return tmp_path


def rows(pool: StudyPool, subject: str) -> dict[str, int]:
    return {row.what: row.number for row in pool.account() if row.subject == subject}


def pool_from(folder: Path | None, sizes: str = "files") -> StudyPool:
    pool = load_pool(DicomSource(None if folder is None else str(folder), sizes), CODES)  # type: ignore[arg-type]
    assert pool.files_seen == pool.files_used + len(pool.listed)
    assert sum(rows(pool, "listed").values()) == len(pool.listed)
    return pool


def test_the_account_of_a_folder(folder: Path) -> None:
    pool = pool_from(folder)
    assert rows(pool, "files") == {"seen": 6, "used": 3, "listed": 3}
    assert rows(pool, "listed") == {
        "no protocol for MG of Knee": 1,
        "no protocol for modality RTDOSE": 1,
        "not DICOM": 1,
    }
    assert rows(pool, "modality") == {"header": 3}
    assert rows(pool, "body part") == {"header": 2, "fallback: drawn among the modality's protocols": 1}
    assert rows(pool, "pre-diagnosis") == {"fallback: drawn among the compatible codes": 3}
    for attribute in ("modality", "body part", "images", "size", "study time", "image resolution"):
        assert sum(rows(pool, attribute).values()) == len(pool.studies) == 3


def test_kinds_come_from_the_headers_and_the_code_tables(folder: Path) -> None:
    pool = pool_from(folder)
    for study in pool.studies:
        assert sum(study.probability) == pytest.approx(1)
        for index in study.kinds:
            kind = pool.kinds[index]
            protocol = CODES.protocol(kind.modality, kind.body_part)
            assert kind.modality == study.modality
            assert CODES.is_compatible(kind.modality, kind.body_part, kind.icd10)
            assert (kind.effort_points, kind.effort_min) == (protocol.effort_points, protocol.reading_min)
            assert kind.image_megapixels == 8 * 16 / 1e6
    parts = [{pool.kinds[index].body_part for index in study.kinds} for study in pool.studies]
    assert parts[0] == parts[1] == {"Thorax"}
    assert parts[2] == {part for modality, part in CODES.protocols if modality == "MR"}


def test_a_scenario_may_leave_modalities_out(folder: Path) -> None:
    pool = load_pool(DicomSource(str(folder), "files", modalities=("CT",)), CODES)
    assert [study.modality for study in pool.studies] == ["CT", "CT"]
    assert rows(pool, "listed")["modality MR is not in the scenario"] == 1
    assert pool.files_seen == pool.files_used + len(pool.listed) == 6


def test_the_summary_prints_the_account(folder: Path) -> None:
    lines = pool_from(folder).summary()
    assert lines[0] == f"DICOM studies from {folder}"
    assert lines[1] == "files: 6 seen, 3 used, 3 listed"
    assert "body part: 2 header, 1 fallback: drawn among the modality's protocols" in lines
    said = "not DICOM (no DICOM preamble and file meta information)"
    assert pool_from(folder).listing()[-1] == f"file 6 of 6: {said}"  # names may be those of patients


def test_sizes_are_the_files_own_or_scaled_to_the_modality(folder: Path) -> None:
    small, large, _ = (study.size_bytes for study in pool_from(folder).studies)
    on_disk = {(folder / name).stat().st_size for name in ("ct-small.dcm", "ct-large.dcm")}
    assert {small, large} == on_disk
    scaled = pool_from(folder, "scaled")
    ct = [study.size_bytes for study in scaled.studies if study.modality == "CT"]
    assert np.mean(ct) == pytest.approx(CODES.size("CT").size_mb * 1e6)
    assert ct[1] / ct[0] == pytest.approx(large / small)
    images = [study.images for study in scaled.studies if study.modality == "CT"]
    assert np.mean(images) == pytest.approx(CODES.size("CT").images, abs=1)
    assert {kind.image_megapixels for kind in scaled.kinds} == {
        CODES.resolution(name).megapixels for name in ("CT", "MR")
    }


def test_resampling_draws_studies_evenly_with_their_own_attributes(folder: Path) -> None:
    pool = pool_from(folder)
    demand = replace(DEMAND, arrivals=Arrivals(4 * HOUR, count=6000))
    drawn = resample(pool, demand, SITES, 7, 0)
    assert len(drawn) == len(set(drawn.identifier)) == 6000
    by_size = Counter(drawn.size_bytes)
    expected = [study.size_bytes for study in pool.studies]
    assert set(by_size) == set(expected)
    # A correct sampler would fail one seed in 100,000.
    assert stats.chisquare([by_size[size] for size in expected]).pvalue > 1e-5
    for study in pool.studies:
        mine = drawn.size_bytes == study.size_bytes
        assert set(drawn.images[mine]) == {study.images}
        counts = np.bincount(drawn.kind[mine], minlength=len(pool.kinds))[list(study.kinds)]
        assert counts.sum() == mine.sum()
        assert stats.chisquare(counts, np.array(study.probability) * mine.sum()).pvalue > 1e-5


def test_a_rounding_gap_never_draws_another_studys_kind(folder: Path) -> None:
    pool = pool_from(folder)
    gaps = tuple(replace(one, probability=(0.0,) * len(one.kinds)) for one in pool.studies)
    drawn = resample(replace(pool, studies=gaps), DEMAND, SITES, 7, 0)
    last = {study.size_bytes: study.kinds[-1] for study in gaps}
    assert drawn.kind.tolist() == [last[size] for size in drawn.size_bytes]


def test_the_same_seed_gives_the_same_inspections_and_another_others(folder: Path) -> None:
    once, again = (resample(pool_from(folder), DEMAND, SITES, 7, 0) for _ in range(2))
    other = resample(pool_from(folder), DEMAND, SITES, 7, 1)
    for column in ("kind", "site", "requested_s", "size_bytes", "reading_draw_min", "luck"):
        assert np.array_equal(getattr(once, column), getattr(again, column))
    assert not np.array_equal(once.requested_s, other.requested_s)
    scaled = resample(pool_from(folder, "scaled"), DEMAND, SITES, 7, 0)
    assert np.array_equal(once.requested_s, scaled.requested_s)
    assert once.labels("protocol") == scaled.labels("protocol")


def test_the_digest_follows_what_is_drawn_and_nothing_else(folder: Path) -> None:
    digest = pool_from(folder).digest()
    (folder / "text.dcm").rename(folder / "letter.dcm")
    write(dataset(study="1", PatientName="SOMEBODYXYZ^JANE"), folder / "ct-small.dcm")
    assert pool_from(folder).digest() == digest
    assert pool_from(folder, "scaled").digest() != digest
    write(dataset(study="6"), folder / "further.dcm")
    assert pool_from(folder).digest() != digest


def test_nobody_is_named_in_pool_or_inspections(folder: Path) -> None:
    pool = pool_from(folder)
    said = repr(asdict(pool)) + repr(pool.account()) + repr(asdict(resample(pool, DEMAND, SITES, 1, 0)))
    assert [word for word in PLANTED if word.lower() in said.lower()] == []


def test_a_folder_without_a_usable_study_says_what_was_found(folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DicomFolderError, match=r"is empty.*pydicom ships"):
        pool_from(empty)
    with pytest.raises(DicomFolderError, match="does not exist"):
        pool_from(tmp_path / "nowhere")
    for file in folder.glob("[cm]*.dcm"):
        file.unlink()
    with pytest.raises(
        DicomFolderError, match=r"2 files: no protocol for modality RTDOSE \(1\), not DICOM \(1\)"
    ):
        pool_from(folder)


def test_a_modality_without_reading_spread_is_named(folder: Path) -> None:
    unspread = replace(DEMAND, mix=replace(READINGS, reading_cv={"CT": 0.5}))
    with pytest.raises(WorkloadError, match="modality MR has no coefficient"):
        resample(pool_from(folder), unspread, SITES, 1, 0)


def test_the_shipped_files_make_a_workload_offline() -> None:
    pool = pool_from(None, "scaled")
    assert {"CT", "MR", "CR"} <= set(rows(pool, "modality of a study"))
    drawn = resample(pool, DEMAND, SITES, 20150302, 0)
    assert len(drawn) == 100
    assert drawn.size_bytes.min() > 0
