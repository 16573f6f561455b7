"""A correction is kept only if the judge likes the image better for it, and is an image of its own."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from simgrid.dicom.derived import CannotBeDerived, derived_instance
from simgrid.dicom.filing import for_archive
from simgrid.dicom.pixels import ReadFile, read_images
from simgrid.dicom.structured_report import Assessment
from simgrid.quality.bot.fixes import attempt, changed, score, turned_over
from simgrid.quality.check import Checked
from simgrid.quality.defect_names import Defect
from simgrid.quality.opinion import UNJUDGED, Likelihood
from tests.bots import AT, SALT, named_ct, noisy_ct, run, smoothed, tools

MONO = ("CT_small.dcm", "MR_small_bigendian.dcm", "693_J2KI.dcm", "RG1_UNCI.dcm", "RG3_UNCI.dcm")


def judged(**probability: float) -> Checked:
    found = {
        **dict.fromkeys(UNJUDGED, Likelihood(0.0, 0.0)),
        **{n: Likelihood(p, 0.5) for n, p in probability.items()},
    }
    return Checked("", "judged", "", "accept", found, ())


def tried(
    before: Mapping[str, float], after: Mapping[str, float], defect: Defect = "noise"
) -> tuple[bool, bool]:
    read = read_images(Path(str(get_testdata_file("CT_small.dcm"))))
    trial = attempt(read, judged(**before), defect, smoothed, lambda _: judged(**after))
    return trial.tried, trial.kept


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"noise": 0.9}, {"noise": 0.2}, (True, True)),
        ({"noise": 0.1}, {"noise": 0.0}, (False, False)),  # unlikely
        ({"noise": 0.9}, {"noise": 0.88}, (True, False)),  # hardly better
        ({"noise": 0.9}, {"noise": 0.1, "blur": 0.6}, (True, False)),  # traded for blur
        ({"noise": 0.9, "blur": 0.6}, {"noise": 0.1, "blur": 0.6}, (True, True)),  # was there before
        ({"noise": 0.95}, {"noise": 0.6}, (True, False)),  # still there
    ],
)
def test_kept_only_if_better(
    before: dict[str, float], after: dict[str, float], said: tuple[bool, bool]
) -> None:
    assert tried(before, after) == said


def test_what_nobody_judges_is_not_corrected() -> None:
    assert tried({"ghosting": 0.9}, {}, "ghosting") == (False, False)  # no defect of CT
    read = replace(read_images(Path(str(get_testdata_file("CT_small.dcm")))))
    unjudged = Checked("", "judged", "", "accept", UNJUDGED, ())
    assert not attempt(read, unjudged, "noise", smoothed, lambda _: judged()).tried
    assert score(unjudged) == 0.0
    assert score(judged(noise=0.5, blur=0.5)) == 0.25


def errors(content: bytes, path: Path) -> set[str]:
    path.write_bytes(content)
    said = subprocess.run(
        [Path(sys.executable).parent / "dciodvfy", path], capture_output=True, text=True, errors="replace"
    )
    return {line for line in (said.stdout + said.stderr).splitlines() if line.startswith("Error")}


@pytest.mark.parametrize("name", MONO)
def test_a_derived_image_is_its_source_with_the_change_and_says_so(name: str, tmp_path: Path) -> None:
    path = Path(str(get_testdata_file(name)))
    source, read = pydicom.dcmread(path), read_images(path)
    change = np.zeros_like(read.planes[0].pixels)
    middle = change.shape[0] // 2, change.shape[1] // 2
    change[middle[0] : middle[0] + 3, middle[1] : middle[1] + 5] = 25.0
    made = derived_instance(source, ["denoise"], [change])
    assert derived_instance(source, ["denoise"], [change]) == made
    assert errors(made.content, tmp_path / "a.dcm") - errors(path.read_bytes(), tmp_path / "b.dcm") == set()
    after = read_images(tmp_path / "a.dcm")
    moved = after.planes[0].pixels - read.planes[0].pixels
    low, high = read.planes[0].limits or (-np.inf, np.inf)
    expected = np.clip(read.planes[0].pixels + change, low, high) - read.planes[0].pixels
    assert np.allclose(moved, expected, atol=0.51 * float(source.get("RescaleSlope") or 1))
    told = pydicom.dcmread(io.BytesIO(made.content))
    assert told.ImageType[0] == "DERIVED"
    assert told.SOPInstanceUID != source.SOPInstanceUID
    assert told.SeriesInstanceUID != source.SeriesInstanceUID
    assert told.StudyInstanceUID == source.StudyInstanceUID
    assert told.SourceImageSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID
    assert told.DerivationDescription


@pytest.mark.parametrize("name", MONO)
def test_turning_over_changes_what_is_seen_and_no_stored_value(name: str, tmp_path: Path) -> None:
    path = Path(str(get_testdata_file(name)))
    source = pydicom.dcmread(path)
    made = derived_instance(source, ["turn-over"])
    assert errors(made.content, tmp_path / "a.dcm") - errors(path.read_bytes(), tmp_path / "b.dcm") == set()
    told = pydicom.dcmread(io.BytesIO(made.content))
    assert {told.PhotometricInterpretation, source.PhotometricInterpretation} == {
        "MONOCHROME1",
        "MONOCHROME2",
    }
    assert np.array_equal(told.pixel_array, source.pixel_array)
    read, after = read_images(path), read_images(tmp_path / "a.dcm")
    seen = changed(read, turned_over).planes[0].pixels
    if source.Modality != "CT":  # whose units have one direction
        assert np.allclose(after.planes[0].pixels, seen, atol=0.5)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"SamplesPerPixel": 3}, "single-channel"),
        ({"SOPInstanceUID": ""}, "SOPInstanceUID"),
        ({"BitsAllocated": 32}, "cannot be|8 or 16"),
    ],
)
def test_what_cannot_be_derived_is_said(changes: dict[str, object], why: str) -> None:
    source = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    for name, value in changes.items():
        setattr(source, name, value)
    with pytest.raises(CannotBeDerived, match=why):
        derived_instance(source, ["denoise"], [np.zeros((128, 128), np.float32)])


def test_the_bot_writes_the_corrected_image_and_leaves_the_original(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = noisy_ct(tmp_path / "in" / "a.dcm")
    before = path.read_bytes()
    run(tmp_path / "in", tmp_path / "out", tools(identified=True))
    assert path.read_bytes() == before
    (made,) = (tmp_path / "out").glob("filed/*/*/derived.dcm")
    corrected, original = read_images(made), read_images(path)
    assert noise(corrected) < 0.6 * noise(original)
    (report,) = (tmp_path / "out").glob("filed/*/*/report.dcm")
    for one in (made, report):
        assert errors(one.read_bytes(), tmp_path / "x.dcm") == set()
    assert report_of(pydicom.dcmread(report)) == {"noise", "inversion", *UNJUDGED}


def noise(read: ReadFile) -> float:
    return float(np.diff(read.planes[0].pixels, axis=0).std())


def report_of(report: Dataset) -> set[str]:
    """The defects of which the report gives a probability."""
    told = set()
    for item in report.ContentSequence:
        for group in item.get("ContentSequence", ()):
            for one in group.get("ContentSequence", ()):
                if one.ValueType == "NUM":
                    told.add(one.ConceptNameCodeSequence[0].CodeMeaning.rpartition(" of ")[2])
    return told


def test_no_image_with_text_in_its_pixels_is_made_for_nobody(tmp_path: Path) -> None:
    named, plain = named_ct(tmp_path / "named.dcm"), Path(str(get_testdata_file("CT_small.dcm")))
    found = Assessment("accept", {}, AT)
    kept = for_archive(named, found, ["turn-over"], (), SALT)
    assert kept.derived is None
    assert kept.report is not None
    assert kept.why_not == ("no derived image: text-like areas in its pixels (1) may name someone",)
    for path, whose in ((plain, SALT), (named, None)):
        made = for_archive(path, found, ["turn-over"], (), whose)
        assert (made.derived is None, made.why_not) == (False, ())
