"""Every file of a folder is used or listed with its reason, whatever is in it."""

from __future__ import annotations

import os
import warnings
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    BasicTextSRStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    MediaStorageDirectoryStorage,
)

from simgrid.codes.tables import CodeTables
from simgrid.dicom.errors import DicomFolderError
from simgrid.dicom.read import Archive, scan, shipped_folders
from tests.unit.dicom_samples import PLANTED, dataset, encapsulated, write

CODES = CodeTables.default()


def reasons(archive: Archive) -> dict[str, str]:
    return {one.path: one.reason for one in archive.listed}


def scanned(folder: Path) -> Archive:
    """The archive, after the account that always holds, and without a warning let through."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        archive = scan(folder, CODES)
    assert archive.files_seen == archive.files_used + len(archive.listed)
    return archive


def test_a_study_is_what_its_files_say(tmp_path: Path) -> None:
    write(dataset(image="1"), tmp_path / "b" / "one.dcm")
    write(dataset(image="2", Rows=32, Columns=64), tmp_path / "b" / "two")
    write(dataset(study="2", Modality="MR", BodyPartExamined="KNEE"), tmp_path / "a.dcm")
    archive = scanned(tmp_path)
    assert [(s.identifier, s.modality, s.body_part, s.images) for s in archive.studies] == [
        ("study-0001", "MR", "Knee", 1),
        ("study-0002", "CT", "Thorax", 2),
    ]
    chest = archive.studies[1]
    assert (chest.rows, chest.columns, chest.time_of_day_s) == (32, 64, 8 * 3600 + 30 * 60 + 15)
    assert chest.files == ("b/one.dcm", "b/two")
    assert chest.size_bytes == sum((tmp_path / path).stat().st_size for path in chest.files)
    assert archive.listed == ()


def test_frames_are_images(tmp_path: Path) -> None:
    write(dataset(NumberOfFrames=5), tmp_path / "frames.dcm")
    write(dataset(image="2"), tmp_path / "single.dcm")
    (study,) = scanned(tmp_path).studies
    assert study.images == 6
    assert study.origins["images"] == "derived: file count"


def test_files_that_are_no_images_are_listed(tmp_path: Path) -> None:
    (tmp_path / "text.dcm").write_text("Chest CT of PLANTEDNAME, see letter")
    (tmp_path / "empty.dcm").touch()
    headless = dataset()
    del headless.PixelData
    write(headless, tmp_path / "headless.dcm")
    report = FileDataset("report", {}, file_meta=FileMetaDataset(), preamble=b"\0" * 128)
    report.file_meta.MediaStorageSOPClassUID = report.SOPClassUID = BasicTextSRStorage
    report.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    report.file_meta.MediaStorageSOPInstanceUID = report.SOPInstanceUID = "1.2.3"
    report.ContentSequence = [Dataset()]
    report["ContentSequence"].is_undefined_length = True
    whole = write(report, tmp_path / "report.dcm").read_bytes()
    (tmp_path / "report-and-a-bit.dcm").write_bytes(whole + b"\x40\0\x31\xa7")
    hollow = dataset(image="3")
    hollow.PixelData = b""
    write(hollow, tmp_path / "hollow.dcm")
    write(dataset(image="4", StudyInstanceUID=None), tmp_path / "stray.dcm")
    directory = dataset(image="5")
    directory.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    directory.save_as(tmp_path / "DICOMDIR")
    archive = scanned(tmp_path)
    assert reasons(archive) == {
        "DICOMDIR": "directory record",
        "empty.dcm": "empty file",
        "headless.dcm": "truncated",
        "hollow.dcm": "no pixel data",
        "report-and-a-bit.dcm": "truncated",
        "report.dcm": "no pixel data",
        "stray.dcm": "no StudyInstanceUID",
        "text.dcm": "not DICOM",
    }
    assert archive.studies == ()
    (headless_detail,) = (one.detail for one in archive.listed if one.path == "headless.dcm")
    assert headless_detail == "an image header ends without its pixels: cut, or written without them"


@pytest.mark.parametrize(
    "name", ["MR_small.dcm", "MR_small_bigendian.dcm", "JPEG2000.dcm", "CT_small.dcm", "image_dfl.dcm"]
)
def test_an_image_cut_at_any_byte_is_truncated(tmp_path: Path, name: str) -> None:
    (source,) = (found for folder in shipped_folders() for found in folder.rglob(name))
    whole = source.read_bytes()
    cut = tmp_path / name
    for length in range(132, min(len(whole) - 8, 6000), 7):  # what follows a deflated stream may be missing
        cut.write_bytes(whole[:length])
        (one,) = scanned(tmp_path).listed
        assert (length, one.reason) == (length, "truncated")


@pytest.mark.parametrize("made", [dataset(), encapsulated()], ids=["native", "encapsulated"])
def test_a_file_cut_in_its_pixels_is_truncated_and_the_whole_one_is_not(tmp_path: Path, made: object) -> None:
    whole = write(made, tmp_path / "a-whole.dcm").read_bytes()  # type: ignore[arg-type]
    for missing in (1, 7, 8, 9, 50, 100):
        (tmp_path / f"cut-{missing:03d}.dcm").write_bytes(whole[:-missing])
    archive = scanned(tmp_path)
    assert archive.files_used == 1
    assert set(reasons(archive).values()) == {"truncated"}


def test_a_file_cut_in_its_header_or_in_a_deflated_stream_is_truncated(tmp_path: Path) -> None:
    whole = write(dataset(), tmp_path / "a.dcm").read_bytes()
    inside_a_value = whole.index(b"PLANTEDNAME") + 4
    (tmp_path / "b.dcm").write_bytes(whole[:inside_a_value])
    deflated = dataset(study="2")
    deflated.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    squeezed = write(deflated, tmp_path / "c.dcm").read_bytes()
    (tmp_path / "d.dcm").write_bytes(squeezed[:-40])
    archive = scanned(tmp_path)
    assert reasons(archive) == {"b.dcm": "truncated", "d.dcm": "truncated"}
    assert [study.files for study in archive.studies] == [("a.dcm",), ("c.dcm",)]


def test_an_endless_deflated_stream_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = dataset()
    bomb.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    bomb.PixelData = b"\0" * 4_000_000
    write(bomb, tmp_path / "bomb.dcm")
    assert scanned(tmp_path).files_used == 1
    monkeypatch.setattr("simgrid.dicom.opening.INFLATED_AT_MOST", 1_000_000)
    assert reasons(scanned(tmp_path)) == {"bomb.dcm": "too large"}


def test_the_first_of_several_files_with_one_image_is_used(tmp_path: Path) -> None:
    for name in ("b.dcm", "a.dcm", "c.dcm"):
        write(dataset(), tmp_path / name)
    archive = scanned(tmp_path)
    assert archive.studies[0].files == ("a.dcm",)
    assert reasons(archive) == dict.fromkeys(("b.dcm", "c.dcm"), "duplicate SOPInstanceUID")


def test_a_truncated_copy_does_not_hide_the_whole_one(tmp_path: Path) -> None:
    whole = write(dataset(), tmp_path / "b.dcm").read_bytes()
    (tmp_path / "a.dcm").write_bytes(whole[:-20])
    archive = scanned(tmp_path)
    assert archive.studies[0].files == ("b.dcm",)


def test_links_and_pipes_never_hang_or_loop(tmp_path: Path) -> None:
    write(dataset(), tmp_path / "series" / "one.dcm")
    (tmp_path / "series" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    archive = scanned(tmp_path)
    assert archive.files_used == 1
    assert reasons(archive) == {
        "gone": "broken link",
        "pipe": "not a regular file",
        "series/loop": "linked folder",
    }


def test_any_file_name_is_shown_on_one_line_that_can_be_written(tmp_path: Path) -> None:
    write(dataset(), tmp_path / "series\r1" / "Aufnahme größe.dcm")
    whole = (tmp_path / "series\r1" / "Aufnahme größe.dcm").read_bytes()
    names = [b"\xff.dcm", b"two\nlines.dcm", b"two\\nlines.dcm", b"\xe2\x80\xa8.dcm", b"\x1b[31m.dcm"]
    for name in names:
        (tmp_path / os.fsdecode(name)).write_bytes(whole[:-3])
    archive = scanned(tmp_path)
    assert set(reasons(archive)) == {
        r"\udcff.dcm",
        r"two\nlines.dcm",
        r"two\\nlines.dcm",
        r"\u2028.dcm",
        r"\x1b[31m.dcm",
    }
    assert archive.studies[0].files == (r"series\r1/Aufnahme größe.dcm",)
    text = "".join(f"{path}\n" for path in reasons(archive))
    assert len(text.encode().decode().splitlines()) == len(names)


def test_a_file_that_may_not_be_opened_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(dataset(), tmp_path / "locked.dcm")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("simgrid.dicom.opening.read_file_meta_info", refuse)
    (one,) = scanned(tmp_path).listed
    assert (one.reason, one.detail) == ("unreadable", "the system says: Permission denied")


@pytest.mark.filterwarnings("ignore:Invalid value for VR TM")
def test_missing_attributes_come_from_the_declared_places(tmp_path: Path) -> None:
    write(
        dataset(Modality=None, BodyPartExamined="XYZZY", StudyDescription="abdomen^liver", StudyTime="9x"),
        tmp_path / "a.dcm",
    )
    odd = dataset(study="2", BodyPartExamined=None, StudyDescription="Brain-MRA", Rows=None)
    odd.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    write(odd, tmp_path / "b.dcm")
    liver, brain = scanned(tmp_path).studies
    assert (liver.modality, liver.body_part, liver.time_of_day_s) == ("CT", "Upper Abdomen", None)
    assert liver.origins["modality"] == "derived: SOP class"
    assert liver.origins["body part"] == "derived: description"
    assert (brain.body_part, brain.origins["rows and columns"]) == ("Brain", "missing")


@pytest.mark.filterwarnings("ignore:Invalid value for VR TM")
def test_nothing_that_names_a_patient_comes_out(tmp_path: Path) -> None:
    write(dataset(), tmp_path / "a.dcm")
    write(dataset(study="2", BodyPartExamined="PLANTEDNAME", StudyTime="19330222"), tmp_path / "b.dcm")
    whole = write(dataset(study="3"), tmp_path / "c.dcm").read_bytes()
    (tmp_path / "c.dcm").write_bytes(whole[:-9])
    write(dataset(study="4", Modality="PLANTEDNAME"), tmp_path / "d.dcm")
    archive = scanned(tmp_path)
    said = repr(archive) + repr(asdict(archive))
    assert [word for word in PLANTED if word.lower() in said.lower()] == []
    assert archive.files_used == 3


def test_an_empty_folder_is_an_empty_archive_and_a_missing_one_an_error(tmp_path: Path) -> None:
    assert scanned(tmp_path).files_seen == 0
    with pytest.raises(DicomFolderError, match="does not exist"):
        scan(tmp_path / "nowhere", CODES)
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(DicomFolderError, match="is a file"):
        scan(file, CODES)


def test_the_shipped_files_are_all_accounted_for() -> None:
    folders = shipped_folders()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        archive = scan(folders, CODES)
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    paths = [path for study in archive.studies for path in study.files] + [one.path for one in archive.listed]
    assert archive.files_seen == archive.files_used + len(archive.listed) == len(found) == len(set(paths))
    by_path = reasons(archive)
    assert by_path["test_files/MR_truncated.dcm"] == "truncated"
    assert by_path["test_files/rtplan_truncated.dcm"] == "truncated"
    assert by_path["test_files/rtplan.dcm"] == by_path["test_files/test-SR.dcm"] == "no pixel data"
    assert by_path["test_files/waveform_ecg.dcm"] == by_path["palettes/pet.dcm"] == "no pixel data"
    tiny = [why for path, why in by_path.items() if "TINY_ALPHA" in path and "/IM" in path]
    assert tiny == ["truncated"] * 50  # headers of CT images, written without their pixels
    assert by_path["test_files/README.txt"] == "not DICOM"
    assert by_path["test_files/dicomdirtests/DICOMDIR"] == "directory record"
    assert {"CT", "MR", "CR"} <= {study.modality for study in archive.studies}
    assert archive == scan(folders, CODES)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_hostile_bytes_are_listed_or_used_but_never_raise(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    whole = bytearray(write(dataset(), folder / "hostile.dcm").read_bytes())
    for place in data.draw(st.lists(st.integers(128, len(whole) - 1), max_size=6)):
        whole[place] = data.draw(st.sampled_from([0x00, 0x01, 0x7F, 0xFE, 0xFF]))
    (folder / "hostile.dcm").write_bytes(bytes(whole))
    scanned(folder)


@settings(max_examples=80, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True), wrapped=st.booleans())
def test_a_file_cut_anywhere_is_never_used(
    tmp_path_factory: pytest.TempPathFactory, share: float, wrapped: bool
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    whole = write(encapsulated() if wrapped else dataset(), folder / "cut.dcm").read_bytes()
    (folder / "cut.dcm").write_bytes(whole[: int(share * len(whole))])
    archive = scanned(folder)
    assert archive.studies == ()
    assert reasons(archive)["cut.dcm"] in {
        "empty file",
        "not DICOM",
        "truncated",
        "no pixel data",
        "damaged header",
        "no StudyInstanceUID",
    }
