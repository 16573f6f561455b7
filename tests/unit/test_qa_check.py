"""``simgrid qa check`` on real files, broken ones, and things that are no files."""

import json
from pathlib import Path

import numpy as np
import pydicom.data
import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.dicom.finding import Finding
from simgrid.dicom.pixels import ReadFile
from simgrid.quality.check import check, judge
from simgrid.quality.classifier.judgement import Judgement, nothing_said
from simgrid.quality.defect_names import DEFECTS
from simgrid.quality.image import Image
from simgrid.quality.opinion import opinion

REAL = Path(pydicom.data.__file__).parent / "test_files"
KEYS = ["path", "status", "reason", "verdict", "defects", "findings"]


@pytest.fixture
def folder(tmp_path):
    for name in ("CT_small.dcm", "MR_truncated.dcm", "README.txt"):
        (tmp_path / name).write_bytes((REAL / name).read_bytes())
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(cli, ["qa", "check", *map(str, arguments)])


def test_every_file_has_a_line_and_the_summary_counts_them(folder):
    result = run(folder)
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert len(lines) == 4
    assert lines[-1].startswith("3 files: ")
    assert any(line.startswith("reject") and "MR_truncated.dcm" in line for line in lines)


def test_json_has_exactly_the_documented_keys(folder):
    rows = [json.loads(line) for line in run(folder, "--json").stdout.splitlines()]
    assert [list(row) for row in rows] == [KEYS] * 3
    by_name = {Path(row["path"]).name: row for row in rows}
    assert list(by_name["CT_small.dcm"]["defects"]) == list(DEFECTS)
    assert by_name["README.txt"]["status"] == "listed"
    truncated = by_name["MR_truncated.dcm"]
    assert truncated["verdict"] == "reject"
    assert list(truncated["findings"][0]) == ["rule", "tag", "place", "severity", "message"]


def test_how_many_frames_were_judged_is_told(tmp_path):
    made = pydicom.dcmread(REAL / "CT_small.dcm")
    rng = np.random.default_rng(0)
    made.NumberOfFrames = 40
    made.PixelData = rng.integers(0, 4000, (40, made.Rows, made.Columns)).astype("<i2").tobytes()
    made.save_as(tmp_path / "film.dcm")
    found = check(tmp_path / "film.dcm")
    assert "of 14 planes" in found.reason
    (said,) = [one for one in found.findings if one.rule == "frames-sampled"]
    assert said.message == "14 of 40 frames were judged, at equal distances"
    made.NumberOfFrames = 4
    made.PixelData = made.PixelData[: 4 * made.Rows * made.Columns * 2]
    made.save_as(tmp_path / "few.dcm")
    assert "frames-sampled" not in {one.rule for one in check(tmp_path / "few.dcm").findings}


@pytest.mark.parametrize("slope", ["inf", "many", "0", ""])
def test_a_slope_that_is_no_number_is_told_as_such(tmp_path, slope):
    made = pydicom.dcmread(REAL / "CT_small.dcm")
    made[0x0028, 0x1053] = pydicom.DataElement(0x00281053, "LO", slope)
    made.save_as(tmp_path / "one.dcm")
    said = [one.message for one in check(tmp_path / "one.dcm").findings if one.rule == "rescale-unusable"]
    assert said == ["the slope is missing, zero or no finite number: stored values are judged"]


@pytest.mark.parametrize("frames", ["0", "-3"])
def test_a_number_of_frames_below_one_is_told(tmp_path, frames):
    made = pydicom.dcmread(REAL / "CT_small.dcm")
    made.NumberOfFrames = frames
    made.save_as(tmp_path / "one.dcm")
    found = check(tmp_path / "one.dcm")
    assert found.status == "judged"
    assert "frames-unreadable" in {one.rule for one in found.findings}


def test_a_path_that_is_not_there_is_a_usage_error(tmp_path):
    result = run(tmp_path / "nothing")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr
    assert "Traceback" not in result.output


def test_nothing_to_reject_is_success(tmp_path):
    (tmp_path / "note.txt").write_text("no image")
    result = run(tmp_path)
    assert result.exit_code == 0
    assert "1 listed" in result.stdout


def test_only_the_files_own_identity_makes_it_unusable():
    """A sequence that refers to another study without naming it can be mended without the patient."""

    def verdict(place):
        missing = Finding("type-1-missing", "(0020,000d)", place, "error", "is missing")
        return judge(ReadFile("judged", "", "", findings=(missing,)), "one.dcm").verdict

    assert verdict("StudyInstanceUID") == "reject"
    assert verdict("RelatedSeriesSequence[1] > StudyInstanceUID") != "reject"


def test_the_gravest_voice_decides(monkeypatch):
    def said(verdict):
        nothing = dict.fromkeys(DEFECTS, 0.0)
        return Judgement(nothing, nothing, verdict == "abstain", "because", verdict, 0.5)

    planes = [Image(np.zeros((40, 40), np.float32), "CT")] * 4
    for verdicts, expected in (
        (["accept"] * 4, "accept"),
        (["repeat", "accept", "accept", "accept"], "repeat"),  # a quarter of the planes
        (["abstain", "accept", "accept", "accept"], "abstain"),
    ):
        left = iter(verdicts)
        monkeypatch.setattr("simgrid.quality.opinion._of_plane", lambda _, left=left: said(next(left)))
        assert opinion(planes).verdict == expected
    long = [said("repeat"), *[said("accept")] * 7]
    left = iter(long)
    monkeypatch.setattr("simgrid.quality.opinion._of_plane", lambda _: next(left))
    assert opinion(planes * 2).verdict == "accept"  # one of eight is no reason


def test_one_image_that_nobody_thought_of_does_not_end_the_run(monkeypatch):
    def fails(self, images):
        raise ZeroDivisionError

    monkeypatch.setattr("simgrid.quality.classifier.classifier.Classifier.judge", fails)
    found = opinion([Image(np.zeros((40, 40), np.float32), "CT")])
    assert (found.verdict, found.why) == ("abstain", "judging it fails with ZeroDivisionError")


def test_a_long_film_is_judged_on_planes_at_equal_distances(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "simgrid.quality.opinion._of_plane", lambda one: seen.append(one.frame) or nothing_said("no")
    )
    opinion([Image(np.zeros((40, 40), np.float32), "CT", frame=number) for number in range(100)])
    assert seen == list(range(0, 100, 7))


def test_a_plane_larger_than_any_scanners_is_not_judged(monkeypatch):
    monkeypatch.setattr("simgrid.quality.opinion.PIXELS_AT_MOST", 1000)
    found = opinion([Image(np.zeros((40, 40), np.float32), "CT")])
    assert (found.verdict, found.why) == ("abstain", "1600 pixels are more than any scanner's plane has")


@pytest.mark.parametrize("absent", [False, True])
def test_an_image_without_pixels_is_rejected_whether_the_element_is_empty_or_absent(tmp_path, absent):
    made = pydicom.dcmread(REAL / "CT_small.dcm")
    made.PixelData = b""
    if absent:
        del made.PixelData
    made.save_as(tmp_path / "hollow.dcm")
    result = run(tmp_path)
    assert result.exit_code == 1
    assert result.stdout.startswith("reject")
    assert ("its pixel element is empty" in result.stdout) is not absent


def test_what_is_no_image_stays_listed_and_an_empty_file_is_called_so(tmp_path):
    (tmp_path / "zero.dcm").touch()
    report = pydicom.dcmread(REAL / "test-SR.dcm")
    report.add_new("PixelData", "OW", b"")
    report.save_as(tmp_path / "report.dcm")
    result = run(tmp_path)
    assert result.exit_code == 0
    assert "zero.dcm  empty file: it has 0 bytes" in result.stdout
    assert "2 listed (1 no pixel data, 1 empty file)" in result.stdout


@pytest.mark.parametrize("frames", ["-3", "30"])
def test_an_impossible_number_of_frames_is_said_in_plain_words(tmp_path, frames):
    made = pydicom.dcmread(REAL / "CT_small.dcm")
    made.NumberOfFrames = frames
    made.save_as(tmp_path / "frames.dcm")
    (row,) = (json.loads(line) for line in run(tmp_path, "--json").stdout.splitlines())
    said = [one["message"] for one in row["findings"] if one["rule"] == "value-not-permitted"]
    assert said == [
        "NumberOfFrames (0028,0008) is not 1, the only value permitted (C.7.6.6): give it a permitted value"
    ]
