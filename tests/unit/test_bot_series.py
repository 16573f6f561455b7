"""The bot tells of gaps and doubles in series, whatever comes first, and through kills."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pydicom
import pytest
from click.testing import CliRunner
from pydicom.data import get_testdata_file

from simgrid.cli.main import cli
from simgrid.quality.bot.among import SERIES
from simgrid.quality.bot.audit import verify
from simgrid.quality.check import check_below
from tests.bots import content, run, tools
from tests.planted import NUMBER, marks_below
from tests.unit.test_bot_kills import in_a_child, killing_once_at_each_point


def slices(folder: Path, heights: tuple[float, ...]) -> Path:
    """A series of real slices, one at each height in mm, named by its number."""
    folder.mkdir(exist_ok=True)
    for number, height in enumerate(heights):
        made = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
        made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number}"
        made.ImagePositionPatient = [-158.1, -179.0, height]
        made.save_as(folder / f"{number}.dcm")
    return folder


def rules_in(output: Path) -> list[str]:
    lines = [json.loads(line) for line in (output / SERIES).read_text().splitlines()]
    return sorted(one["rule"] for line in lines for one in line["findings"])


@pytest.fixture
def gapped(tmp_path: Path) -> Path:
    return slices(tmp_path / "in", (0.0, 5.0, 10.0, 20.0, 25.0, 25.0))


def test_the_bot_finds_what_check_finds(gapped: Path, tmp_path: Path) -> None:
    run(gapped, tmp_path / "out")
    rules = ("slices-missing", "slices-doubled", "slices-uneven", "duplicate-instance")
    checked = [one.rule for file in check_below(gapped) for one in file.findings if one.rule in rules]
    assert rules_in(tmp_path / "out") == sorted(checked) == ["slices-doubled", "slices-missing"]
    before = content(tmp_path / "out")
    run(gapped, tmp_path / "out")
    assert content(tmp_path / "out") == before


def test_a_slice_that_comes_later_closes_its_gap_and_one_that_leaves_opens_none(
    gapped: Path, tmp_path: Path
) -> None:
    (gapped / "5.dcm").unlink()
    output = tmp_path / "out"
    run(gapped, output)
    assert rules_in(output) == ["slices-missing"]
    (gapped / "0.dcm").unlink()
    run(gapped, output)
    assert rules_in(output) == ["slices-missing"]
    late = slices(tmp_path / "late", (0, 0, 0, 0, 0, 0, 15.0)) / "6.dcm"
    late.rename(gapped / "late.dcm")
    run(gapped, output)
    assert (output / SERIES).read_bytes() == b""
    entries = verify((output / "audit.jsonl").read_bytes()).entries
    assert [one.told["files"] for one in entries if one.step == "series"] == [1, 0]
    assert CliRunner().invoke(cli, ["qa", "audit", str(output), "--files"]).exit_code == 0
    (output / SERIES).write_text("{}\n")
    said = CliRunner().invoke(cli, ["qa", "audit", str(output), "--files"])
    assert (said.exit_code, f"{SERIES}: is not what line" in said.output) == (1, True)


def test_killed_once_before_every_effect_of_a_series(gapped: Path, tmp_path: Path) -> None:
    for name in ("1.dcm", "2.dcm"):
        (gapped / name).unlink()
    slices(tmp_path / "more", (25.0, 25.0, 25.0, 25.0))
    run(gapped, tmp_path / "peace")
    assert (tmp_path / "peace" / SERIES).exists()
    output, points = tmp_path / "out", tmp_path / "points"

    def until_killed() -> None:
        killing_once_at_each_point(points)
        run(gapped, output)

    kills = 0
    while (ended := in_a_child(until_killed)) == -signal.SIGKILL:
        kills += 1
    assert (ended, kills) == (0, len(points.read_text().splitlines()))
    assert any(SERIES in point for point in points.read_text().splitlines())
    assert content(output) == content(tmp_path / "peace")


def test_a_place_names_nobody_and_no_absurd_number(gapped: Path, tmp_path: Path) -> None:
    for path in gapped.iterdir():
        made = pydicom.dcmread(path)
        made.ImagePositionPatient = [NUMBER, 0, made.ImagePositionPatient[2]]
        made.PatientID, made.ImageType, made.Modality = NUMBER, ["QZPLANTED", "A"], "CT"
        made.save_as(path)
    run(gapped, tmp_path / "out", tools())
    assert marks_below(tmp_path / "out") == {}
