"""Each rule for headers broken once in an otherwise valid file, and the tables that the rules stand on."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pydicom
import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from simgrid.dicom.finding import Finding
from simgrid.dicom.iod import check_header, compile_tables
from simgrid.dicom.iod.conditions import ELEMENTS, MODULES
from simgrid.dicom.iod.groups import _ALWAYS, _OF_ORIGINALS
from simgrid.dicom.iod.identity import _MODALITIES, paired
from simgrid.dicom.iod.permitted import table
from simgrid.dicom.iod.requirements import iod_of, merged, tables
from simgrid.dicom.iod.rules import RULES
from tests.header_oracle import decoded, encoded, real_files
from tests.valid_headers import KINDS, code, cr, ct, dx, enhanced_ct, enhanced_mr, mg, mr, us


def raw(dataset: Dataset, keyword: str, value: bytes, vr: str | None = None) -> None:
    """Write bytes as they might lie in a file, past pydicom's checks."""
    tag = Tag(keyword)
    told = vr or pydicom.datadict.dictionary_VR(tag)
    dataset[tag] = RawDataElement(tag, told, len(value), value, 0, False, True, True)


def without(dataset: Dataset, *keywords: str) -> Dataset:
    for keyword in keywords:
        delattr(dataset, keyword)
    return dataset


def errors(dataset: Dataset) -> list[Finding]:
    return [one for one in check_header(dataset) if one.severity == "error"]


def _ct(keyword: str, value: object) -> Callable[[], Dataset]:
    def made() -> Dataset:
        dataset = ct(1)
        setattr(dataset, keyword, value)
        return dataset

    return made


def _raw_ct(keyword: str, value: bytes, vr: str | None = None) -> Callable[[], Dataset]:
    def made() -> Dataset:
        dataset = ct(1)
        raw(dataset, keyword, value, vr)
        return dataset

    return made


def _spacing_in_group() -> Dataset:
    dataset = enhanced_ct(1)
    dataset.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing = ["0", "1"]
    return dataset


def _no_group() -> Dataset:
    dataset = enhanced_mr(1)
    del dataset.PerFrameFunctionalGroupsSequence[1].PlanePositionSequence
    return dataset


def _frames() -> Dataset:
    dataset = enhanced_mr(1)
    dataset.NumberOfFrames = 3
    return dataset


def _meta_differs() -> Dataset:
    dataset = ct(1)
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    return dataset


def _meta_missing() -> Dataset:
    dataset = ct(1)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    return dataset


def _same_uid() -> Dataset:
    dataset = ct(1)
    dataset.FrameOfReferenceUID = dataset.StudyInstanceUID
    return dataset


def _sides() -> Dataset:
    dataset = cr(1)
    dataset.Laterality, dataset.ImageLaterality = "L", "R"
    return dataset


def _hand() -> Dataset:
    dataset = cr(1)
    dataset.BodyPartExamined = "HAND"
    return dataset


def _overlay() -> Dataset:
    dataset = ct(1)
    dataset.add_new(0x60020010, "US", 16)
    return dataset


def _planar_missing() -> Dataset:
    return without(us(1), "PlanarConfiguration")


def _code() -> Dataset:
    dataset = mg(1)
    del dataset.AnatomicRegionSequence[0].CodeValue
    return dataset


def _deep() -> Dataset:
    dataset = ct(1)
    level = dataset
    for _ in range(20):
        below = code("1", "99", "x")
        level.PurposeOfReferenceCodeSequence = Sequence([below])
        level = below
    return dataset


def _inversion() -> Dataset:
    dataset = mr(1)
    dataset.ScanningSequence = "IR"
    return dataset


BREACHES: tuple[tuple[str, str, Callable[[], Dataset]], ...] = (
    ("type-1-missing", "Rows", lambda: without(ct(1), "Rows")),
    ("type-1-empty", "StudyInstanceUID", _raw_ct("StudyInstanceUID", b"\0\0")),
    ("type-2-missing", "PatientName", lambda: without(ct(1), "PatientName")),
    ("type-1c-missing", "PlanarConfiguration", _planar_missing),
    ("type-1c-missing", "AnatomicRegionSequence[1] > CodeValue", _code),
    ("type-1c-empty", "PixelAspectRatio", _raw_ct("PixelAspectRatio", b"")),
    ("type-2c-missing", "InversionTime", _inversion),
    ("type-2c-missing", "PatientPosition", lambda: without(ct(1), "PatientPosition")),
    ("laterality-missing", "Laterality", _hand),
    ("laterality-undecided", "Laterality", lambda: without(ct(1), "BodyPartExamined")),
    ("laterality-contradicts", "Laterality", _sides),
    ("not-allowed-here", "PlanarConfiguration", _ct("PlanarConfiguration", 0)),
    ("functional-group-missing", "PlanePositionSequence", _no_group),
    ("frames-and-groups-differ", "PerFrameFunctionalGroupsSequence", _frames),
    ("value-not-permitted", "PatientSex", _ct("PatientSex", "X")),
    ("value-not-permitted", "BitsAllocated", _ct("BitsAllocated", 8)),
    ("value-form", "PatientAge", _raw_ct("PatientAge", b"22Y ")),
    ("value-form", "KVP", _raw_ct("KVP", b"high")),
    ("date-or-time", "StudyDate", _raw_ct("StudyDate", b"20230229")),
    ("date-or-time", "StudyTime", _raw_ct("StudyTime", b"10:11:12")),
    ("date-or-time", "AcquisitionDateTime", _raw_ct("AcquisitionDateTime", b"20231301")),
    ("uid-syntax", "SeriesInstanceUID", _raw_ct("SeriesInstanceUID", b"1.2.03.4")),
    ("uid-syntax", "SeriesInstanceUID", _raw_ct("SeriesInstanceUID", b"deadbeef")),
    ("uid-syntax", "SeriesInstanceUID", _raw_ct("SeriesInstanceUID", b"1.40.1")),
    ("uid-syntax", "SeriesInstanceUID", _raw_ct("SeriesInstanceUID", b"1.2." + b"9" * 64)),
    ("vr-differs", "Rows", _raw_ct("Rows", b"16", "LO")),
    ("multiplicity", "PixelSpacing", _raw_ct("PixelSpacing", b"0.5")),
    ("same-uid", "FrameOfReferenceUID", _same_uid),
    ("sop-class-unknown", "SOPClassUID", _ct("SOPClassUID", "1.2.3.4")),
    ("modality-contradicts", "Modality", _ct("Modality", "MR")),
    ("meta-missing", "file meta information > MediaStorageSOPClassUID", _meta_missing),
    ("meta-differs", "file meta information > MediaStorageSOPInstanceUID", _meta_differs),
    ("orientation", "ImageOrientationPatient", _ct("ImageOrientationPatient", [1, 0, 0, 0.1, 0.995, 0])),
    ("orientation", "ImageOrientationPatient", _ct("ImageOrientationPatient", [1, 0, 0, 0, 0, 0])),
    ("spacing", "PixelSpacing", _ct("PixelSpacing", ["0.5", "-0.5"])),
    (
        "spacing",
        "SharedFunctionalGroupsSequence[1] > PixelMeasuresSequence[1] > PixelSpacing",
        _spacing_in_group,
    ),
    ("photometric-interpretation", "PhotometricInterpretation", _ct("PhotometricInterpretation", "RGB")),
    ("pixel-description", "HighBit", _ct("HighBit", 15)),
    ("pixel-description", "BitsStored", _ct("BitsStored", 17)),
    ("window", "WindowWidth", _ct("WindowWidth", "0")),
    ("character-set-missing", "PatientID", _raw_ct("PatientID", "Jos\u00e9".encode("latin-1"))),
    ("overlay", "OverlayType", _overlay),
    ("header-too-deep", "PurposeOfReferenceCodeSequence", _deep),
)


@pytest.mark.parametrize(
    ("rule", "place", "make"), BREACHES, ids=lambda one: one if isinstance(one, str) else ""
)
def test_each_breach_is_found_in_its_place(rule: str, place: str, make: Callable[[], Dataset]) -> None:
    found = [one for one in check_header(make()) if one.rule == rule]
    assert any(one.place == place or one.place.endswith(f"> {place}") for one in found), found
    assert all(one.message.endswith(RULES[rule].way_out) or "times)" in one.message for one in found)


def test_missing_sop_class_is_told_and_general_rules_still_hold() -> None:
    dataset = without(ct(1), "SOPClassUID")
    dataset.file_meta = FileMetaDataset()
    raw(dataset, "SeriesInstanceUID", b"x")
    assert {"sop-class-missing", "uid-syntax"} <= {one.rule for one in check_header(dataset)}


@pytest.mark.parametrize("kind", KINDS)
def test_valid_files_have_no_error(kind: str) -> None:
    made = KINDS[kind](3)
    assert errors(made) == []
    assert errors(decoded(encoded(made))) == []


def test_every_rule_but_the_last_resort_is_broken_by_a_case() -> None:
    broken = {rule for rule, _, _ in BREACHES} | {"sop-class-missing", "header-unreadable"}
    assert broken == set(RULES)


def test_the_real_faults_of_known_files_are_found() -> None:
    files = {Path(name).name: path for name, path in real_files().items()}
    found = check_header(pydicom.dcmread(files["bad_sequence.dcm"]))
    assert {"uid-syntax", "value-form", "type-1-missing"} <= {one.rule for one in found}
    assert not any("dccc95990871" in one.message for one in found)


def test_a_hinted_module_only_warns() -> None:
    dataset = ct(1)
    dataset.ContrastBolusVolume = "10"
    found = [one for one in check_header(dataset) if one.place == "ContrastBolusAgent"]
    assert [one.severity for one in found] == ["warning"]


def test_a_fault_in_many_items_is_told_once() -> None:
    dataset = dx(1)
    codes = [code("51185008", "SCT", "Chest") for _ in range(9)]
    for one in codes:
        del one.CodeMeaning
    dataset.AnatomicRegionSequence = Sequence(codes)
    (found,) = [one for one in check_header(dataset) if one.place.endswith("CodeMeaning")]
    assert found.place == "AnatomicRegionSequence[1] > CodeMeaning"
    assert found.message.endswith("(9 times)")


def test_raw_and_converted_values_are_judged_alike() -> None:
    for kind, make in KINDS.items():
        read = decoded(encoded(make(2)))
        first = check_header(read)
        for element in read.iterall():
            _ = element.value
        assert check_header(read) == first, kind


def test_the_tables_are_those_of_the_installed_highdicom() -> None:
    if not tables()["source"].startswith(f"highdicom {version('highdicom')} "):
        pytest.skip("tables of another version are compiled in; they do not depend on the installed one")
    assert compile_tables.TABLES.read_text() == compile_tables.written(compile_tables.compiled())
    assert compile_tables.BODY_PARTS.read_text() == compile_tables.body_parts()


def test_tables_that_moved_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile_tables, "find_spec", lambda _: None)
    with pytest.raises(compile_tables.HighdicomMoved, match=r"sop_class_iod_map.json is not installed"):
        compile_tables.compiled()


def test_every_name_in_the_tables_means_something() -> None:
    everywhere = {keyword for node in tables()["nodes"] for keyword in node}
    assert {one.keyword for one in ELEMENTS} <= everywhere
    assert {one.module for one in ELEMENTS} - {""} <= set(tables()["modules"])
    assert set(MODULES) <= set(tables()["modules"])
    assert {one for rows in table().values() for row in rows for one in row.iods} <= set(tables()["iods"])
    assert set(_MODALITIES) | set(_ALWAYS) | set(_OF_ORIGINALS) <= set(tables()["iods"])
    assert {paired()["HAND"], paired()["CHEST"]} == {True, False}
    for groups in (*_ALWAYS.values(), *_OF_ORIGINALS.values()):
        assert set(groups) <= everywhere


def test_every_iod_can_be_merged() -> None:
    for sop_class in tables()["sop_classes"]:
        iod = iod_of(sop_class)
        assert iod is not None
        node = merged(iod, frozenset(), frozenset())
        assert node.required, iod
