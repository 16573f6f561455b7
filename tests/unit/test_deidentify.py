"""De-identification: nothing that names anyone stays, what an image needs does, and valid files stay so."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from simgrid.dicom.dates import moved
from simgrid.dicom.deidentify import CannotBeDeidentified, Deidentified, Options, deidentify_file
from simgrid.dicom.profile import table
from simgrid.dicom.pseudonyms import BadSalt, Pseudonyms, fresh, own
from tests.planted import marks_in, planted_everywhere
from tests.unit.dicom_samples import dataset, encapsulated, write

SALT = Pseudonyms(b"sixteen bytes or more")
VALID = (
    "CT_small.dcm",
    "MR_small_implicit.dcm",
    "MR_small_expb.dcm",
    "RG3_UNCI.dcm",
    "SC_rgb.dcm",
    "rtdose.dcm",
)
HARMLESS_TAGS = ("Rows", "PixelSpacing", "SliceThickness", "RescaleSlope", "ImageOrientationPatient", "KVP")


def of(path: Path | str, options: Options | None = None) -> Deidentified:
    return deidentify_file(Path(path), SALT, options)


def read(made: Deidentified) -> Dataset:
    return pydicom.dcmread(io.BytesIO(made.content))


def errors(path: Path) -> set[str]:
    """What dciodvfy calls an error."""
    tool = Path(sys.executable).parent / "dciodvfy"
    said = subprocess.run([tool, path], capture_output=True, text=True, errors="replace")
    return {line for line in (said.stdout + said.stderr).splitlines() if line.startswith("Error")}


def test_the_table_is_whole() -> None:
    assert len(table()) == 652  # and three rows of repeating groups
    assert table()[0x00100020] == "Z/D"


def test_no_element_of_the_dictionary_lets_an_identifier_through(tmp_path: Path) -> None:
    path = write(planted_everywhere(), tmp_path / "a.dcm")
    assert len(marks_in(path.read_bytes())) == 4, "the test plants nothing"
    assert marks_in(of(path).content) == []


@pytest.mark.parametrize("name", VALID)
def test_a_valid_file_stays_valid_and_its_pixels_stay(name: str, tmp_path: Path) -> None:
    original = Path(str(get_testdata_file(name)))
    made = of(original)
    (tmp_path / "a.dcm").write_bytes(made.content)
    assert errors(tmp_path / "a.dcm") - errors(original) == set()
    before, after = pydicom.dcmread(original), read(made)
    assert np.array_equal(before.pixel_array, after.pixel_array)
    assert [one for one in HARMLESS_TAGS if before.get(one) != after.get(one)] == []
    assert after.PatientIdentityRemoved == "YES"
    assert after.DeidentificationMethodCodeSequence[0].CodeValue == "113100"


def test_one_salt_one_pseudonym_and_references_still_lead_there(tmp_path: Path) -> None:
    one = dataset(image="1")
    other = dataset(image="2", PatientID="SOMEONEELSE")
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = one.SOPClassUID, one.SOPInstanceUID
    other.SourceImageSequence = [reference]
    a, b = (read(of(write(one, tmp_path / "a"))), read(of(write(other, tmp_path / "b"))))
    assert a.StudyInstanceUID == b.StudyInstanceUID != one.StudyInstanceUID
    assert b.SourceImageSequence[0].ReferencedSOPInstanceUID == a.SOPInstanceUID
    assert b.SourceImageSequence[0].ReferencedSOPClassUID == one.SOPClassUID
    assert a.PatientID != b.PatientID
    again = pydicom.dcmread(io.BytesIO(deidentify_file(tmp_path / "a", fresh()).content))
    assert again.StudyInstanceUID != a.StudyInstanceUID


def test_shifted_dates_keep_intervals_and_hide_the_day(tmp_path: Path) -> None:
    made = dataset(StudyDate="20150302", SeriesDate="20150312", AcquisitionDateTime="20150302083015.5+0100")
    shifted = read(of(write(made, tmp_path / "a"), Options(shift_dates=True)))
    days = SALT.days("PLANTEDID77")
    assert shifted.StudyDate == moved("20150302", "DA", days) != "20150302"
    assert int(moved("20150312", "DA", days) or 0) == int(shifted.SeriesDate)
    assert shifted.AcquisitionDateTime == f"{shifted.StudyDate}083015.5"
    assert not shifted.PatientBirthDate
    assert shifted.LongitudinalTemporalInformationModified == "MODIFIED"
    removed = read(of(tmp_path / "a"))
    assert not removed.get("StudyDate")
    assert removed.LongitudinalTemporalInformationModified == "REMOVED"


def test_bits_and_bytes_that_are_no_pixel_go(tmp_path: Path) -> None:
    made = dataset(BitsStored=12, HighBit=11)
    made.PixelData = (np.arange(128, dtype="<u2") | 0xF000).tobytes() + b"PLANTEDNAME!"
    after = read(of(write(made, tmp_path / "a")))
    assert after.PixelData == np.arange(128, dtype="<u2").tobytes()


def test_a_compressed_stream_is_decoded_or_refused(tmp_path: Path) -> None:
    made = of(str(get_testdata_file("MR_small_jp2klossless.dcm")))
    plain = pydicom.dcmread(str(get_testdata_file("MR_small.dcm")))
    assert np.array_equal(read(made).pixel_array, plain.pixel_array)
    with pytest.raises(CannotBeDeidentified, match="pixels"):
        of(write(encapsulated(), tmp_path / "a"))


@pytest.mark.parametrize("content", [b"", b"PLANTEDNAME", b"\0" * 128 + b"DICM" + b"\xff" * 50])
def test_what_is_no_dicom_is_refused_without_a_word_of_it(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(CannotBeDeidentified) as refused:
        of(tmp_path / "a")
    assert "PLANTED" not in str(refused.value)


def test_numbers_that_name_the_patient_go_and_others_stay(tmp_path: Path) -> None:
    made = dataset(PatientID="A-0086421", InstanceNumber="86421", SeriesNumber="3", SliceLocation="12.5")
    after = read(of(write(made, tmp_path / "a")))
    assert not after.get("InstanceNumber")
    assert (after.SeriesNumber, after.SliceLocation) == (3, 12.5)


def test_codes_keep_the_published_meaning_only(tmp_path: Path) -> None:
    known, unknown = Dataset(), Dataset()
    known.CodeValue, known.CodingSchemeDesignator, known.CodeMeaning = (
        "T-D3000",
        "SRT",
        "Chest of PLANTEDNAME",
    )
    unknown.CodeValue, unknown.CodingSchemeDesignator, unknown.CodeMeaning = "PLANTED", "99X", "PLANTEDNAME"
    after = read(of(write(dataset(AnatomicRegionSequence=[known, unknown]), tmp_path / "a")))
    assert [one.CodeMeaning for one in after.AnatomicRegionSequence] == [
        "Thoracic structure (body structure)"
    ]


def test_a_salt_is_made_once_kept_private_and_never_guessable(tmp_path: Path) -> None:
    path = tmp_path / "config" / "salt"
    first = own(path)
    assert own(path) == first != fresh()
    assert path.stat().st_mode & 0o077 == 0
    assert [one.name for one in path.parent.iterdir()] == ["salt"]
    assert repr(first).count("salt") == 0
    path.write_bytes(b"short")
    with pytest.raises(BadSalt, match="16"):
        own(path)


@pytest.mark.parametrize(
    ("value", "vr", "expected"),
    [
        ("20150302", "DA", "20150301"),
        ("20160301", "DA", "20160229"),
        ("2015", "DA", None),
        ("20150231", "DA", None),
        ("00010101", "DA", None),
        ("201503020830", "DT", "201503010830"),
        ("NAME", "DT", None),
        ("0830", "TM", "0830"),
        ("NAME", "TM", None),
    ],
)
def test_dates_move_or_go(value: str, vr: str, expected: str | None) -> None:
    assert moved(value, vr, 1) == expected


def test_a_damaged_patient_id_is_still_known_as_a_name(tmp_path: Path) -> None:
    path = write(
        dataset(PatientID="00864213", SliceLocation="864213", PatientBodyMassIndex="23.5"), tmp_path / "a"
    )
    path.write_bytes(path.read_bytes().replace(b"\x10\x00\x20\x00LO", b"\x10\x00\x20\x00L\xff"))
    after = read(of(path))
    assert not after.get("SliceLocation")
    assert "PatientBodyMassIndex" not in after
