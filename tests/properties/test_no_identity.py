"""Whatever names a person in a file, no output of ours does: the bytes of all that we write are searched."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pydicom
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.datadict import DicomDictionary
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from simgrid.cli.main import cli
from simgrid.dicom.deidentify import CannotBeDeidentified, Options, deidentify_file
from simgrid.presentation.quality_pages import QualityPages
from tests.bots import SALT, noisy_ct, run, tools
from tests.planted import BIRTH, MARK, NUMBER, UID_MARK, marks_below, marks_in, planted_everywhere
from tests.planted_objects import (
    MAKERS,
    numbers_in,
    planted_objects,
    signs_below,
    signs_in,
)
from tests.unit.dicom_samples import dataset, write

TEXTS = {
    **dict.fromkeys(("AE", "CS", "SH", "LO", "ST", "LT", "UC", "UR", "UT"), f"{MARK}X"),
    **{"PN": f"{MARK}^A^B", "DA": BIRTH, "DT": BIRTH, "UI": f"{UID_MARK}.1", "AS": f"{MARK[:3]}Y"},
    **dict.fromkeys(("DS", "IS"), NUMBER),
    **dict.fromkeys(("OB", "OW", "UN"), MARK.encode().ljust(10)),
}
PLACES = sorted(
    (number, allowed.split(" or ")[0])
    for number, (allowed, _, _, _, keyword) in DicomDictionary.items()
    if number >> 16 >= 0x0008
    and keyword
    and keyword not in ("SOPClassUID", "PixelData", "SpecificCharacterSet")
)
SEQUENCES = [number for number, vr in PLACES if vr == "SQ"]
ELEMENTS = [(number, vr) for number, vr in PLACES if vr in TEXTS]
PRIVATE = [(0x00110000 + 0x1000 + number, "LO") for number in range(4)]

elements = st.lists(st.sampled_from(ELEMENTS + PRIVATE), min_size=1, max_size=8)
trees = st.recursive(
    elements.map(lambda one: (one, [])),
    lambda inner: st.tuples(elements, st.lists(st.tuples(st.sampled_from(SEQUENCES), inner), max_size=3)),
    max_leaves=6,
)


def planted(tree: tuple[list[tuple[int, str]], list[tuple[int, object]]], into: Dataset) -> Dataset:
    """The elements of a drawn tree, each with an identifier."""
    own, below = tree
    for number, vr in own:
        into.add(DataElement(number, vr, TEXTS[vr]))
    for number, inner in below:
        into.add(DataElement(number, "SQ", Sequence([planted(inner, Dataset())])))  # type: ignore[arg-type]
    return into


@given(trees, st.booleans())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_tree_of_elements_keeps_an_identifier(
    tree: tuple[list[tuple[int, str]], list[tuple[int, object]]], shifts: bool
) -> None:
    made = planted(tree, dataset(PatientID=NUMBER, PatientBirthDate=BIRTH))
    with tempfile.TemporaryDirectory() as folder:
        path = write(made, Path(folder) / "a.dcm")
        try:
            content = deidentify_file(path, SALT, Options(shift_dates=shifts)).content
        except CannotBeDeidentified as why:
            content = str(why).encode()
    assert marks_in(content) == []


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder and files whose names name a person, whole, damaged, and of no kind that we know."""
    folder = tmp_path_factory.mktemp("in") / f"{MARK} Jane"
    path = write(planted_everywhere(sequences=48), folder / f"{MARK}^JANE {BIRTH}.dcm")
    content = path.read_bytes()
    (folder / f"{MARK} cut.dcm").write_bytes(content[: len(content) // 2])
    (folder / f"{MARK} flipped.dcm").write_bytes(content.replace(b"LO", b"L\xff", 40))
    (folder / f"{MARK}.txt").write_text(f"{MARK} {BIRTH} {UID_MARK}")
    noisy = pydicom.dcmread(noisy_ct(folder / "noisy.dcm"))
    noisy.PatientName, noisy.PatientID, noisy.StudyInstanceUID = f"{MARK}^JOHN", NUMBER, f"{UID_MARK}.3"
    noisy.PatientBirthDate, noisy.InstitutionName, noisy.ImageComments = BIRTH, MARK, f"{MARK} has moved"
    noisy.save_as(folder / "noisy.dcm")
    return folder


def test_the_bots_folder_names_nobody(named: Path, tmp_path: Path) -> None:
    run(named, tmp_path / "out", tools(pages=QualityPages()))
    kinds = {path.name for path in (tmp_path / "out").rglob("*")}
    assert {"report.dcm", "derived.dcm", "report.html", "audit.jsonl", "index.html", "thumbnail.png"} <= kinds
    assert marks_below(tmp_path / "out") == {}


def test_identified_reports_carry_the_patient_and_nothing_else_does(named: Path, tmp_path: Path) -> None:
    run(named, tmp_path / "out", tools(pages=QualityPages(), identified=True))
    found = marks_below(tmp_path / "out")
    assert found != {}, "the search finds nothing"
    assert {Path(name).name for name in found} == {"report.dcm", "derived.dcm"}


def test_qa_check_repeats_the_path_it_was_given_and_no_identifier(named: Path) -> None:
    said = CliRunner().invoke(cli, ["qa", "check", str(named), "--json"])
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    assert len(lines) == 5
    assert {line.pop("path").count(MARK) >= 1 for line in lines} == {True}
    assert marks_in(json.dumps(lines).encode()) == []
    assert marks_in(said.stderr.encode()) == []


def test_deidentified_files_and_their_names_hold_nobody(named: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(cli, ["qa", "deidentify", str(named), "-o", str(tmp_path / "out")])
    assert said.exit_code == 1
    assert len(list((tmp_path / "out").iterdir())) >= 2
    assert marks_below(tmp_path / "out") == {}


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of each class that names a person in its own way, in folders that do so too."""
    folder = planted_objects(tmp_path_factory.mktemp("objects"))
    searched = [set(signs_in(path.read_bytes())) for path in folder.rglob("*.dcm")]
    assert len(searched) == len(MAKERS)
    assert all(len(found) >= 2 for found in searched), "the search does not find what is planted"
    return folder


def test_no_class_of_object_comes_out_of_deidentify_with_a_person(objects: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(cli, ["qa", "deidentify", str(objects), "-o", str(tmp_path / "out")])
    refused = {
        line.rpartition("/")[2].partition(": not written: ")[0]: line for line in said.stdout.splitlines()
    }
    reasons = {
        name: line.rpartition(": not written: ")[2] for name, line in refused.items() if "not w" in line
    }
    letter = next(why for name, why in reasons.items() if name.endswith("letter.dcm"))
    assert letter.startswith("encapsulated document: ")
    assert any(why.startswith("palette: ") for why in reasons.values())
    written = sorted((tmp_path / "out").iterdir())
    assert len(written) == len(MAKERS) + 3 - len(reasons) >= 11  # and a directory, its image, and a text
    assert signs_below(tmp_path / "out") == {}
    assert {path.name: numbers_in(pydicom.dcmread(path)) for path in written} == {
        path.name: [] for path in written
    }


def test_a_report_keeps_its_tree_and_none_of_its_words(objects: Path) -> None:
    (path,) = objects.rglob("*report.dcm")
    made = pydicom.dcmread(io.BytesIO(deidentify_file(path, SALT).content))
    texts = [str(one.value) for one in made.iterall() if one.keyword in ("TextValue", "PersonName")]
    assert set(texts) == {"REMOVED"}
    assert {one.value for one in made.iterall() if one.keyword == "CodeMeaning"} >= {"Finding"}


def test_words_of_radiology_that_are_a_name_go(objects: Path) -> None:
    (path,) = objects.rglob("*plain words.dcm")
    before = pydicom.dcmread(path)
    made = pydicom.dcmread(io.BytesIO(deidentify_file(path, SALT).content))
    assert [made.get(one) for one in ("ScanOptions", "SequenceName", "Manufacturer")] == [None, None, ""]
    before.PatientName = "DOE^JANE"
    before.save_as(path.parent / "other.dcm")
    kept = pydicom.dcmread(io.BytesIO(deidentify_file(path.parent / "other.dcm", SALT).content))
    (path.parent / "other.dcm").unlink()
    assert (kept.ScanOptions, kept.SequenceName) == ("WHITE", "FOOT")


def test_no_class_of_object_names_anyone_in_what_check_and_the_bot_say(objects: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(cli, ["qa", "check", str(objects), "--json"])
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    assert len(lines) == len(MAKERS) + 3
    for line in lines:
        line.pop("path")
    assert signs_in(json.dumps(lines).encode()) == []
    run(objects, tmp_path / "out", tools(pages=QualityPages()))
    assert (tmp_path / "out" / "index.html").stat().st_size > 1000
    assert signs_below(tmp_path / "out") == {}


def test_results_of_a_folder_of_files_name_nobody(objects: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    shutil.copytree(objects, folder)
    scenario = ["scenarios/real-dicom.yaml", "-r", "1", "--set", "demand.count=10", "-j", "1"]
    chosen = ["--set", f"demand.dicom.folder={folder}", "--set", "policies=[round-robin]"]
    chosen += ["--set", "baseline=round-robin", "--set", "demand.dicom.modalities=null"]
    said = CliRunner().invoke(cli, ["run", *scenario, *chosen, "-o", str(tmp_path / "out")])
    assert said.exit_code == 0, said.output
    assert list((tmp_path / "out").glob("*/unused-files.txt")) != []
    assert signs_below(tmp_path / "out") == {}
    assert signs_in(said.stdout.encode()) == []


def test_no_library_says_an_identifier_aloud(tmp_path: Path) -> None:
    path = write(planted_everywhere(sequences=64), tmp_path / "a.dcm")
    code = (
        "import sys; from pathlib import Path\n"
        "from simgrid.dicom.deidentify import deidentify_file\n"
        "from simgrid.dicom.pseudonyms import fresh\n"
        "deidentify_file(Path(sys.argv[1]), fresh())"
    )
    said = subprocess.run([sys.executable, "-c", code, path], capture_output=True)
    assert (said.returncode, marks_in(said.stdout + said.stderr)) == (0, [])
