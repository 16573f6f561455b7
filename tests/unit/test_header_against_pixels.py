"""Headers against pixels and files against each other: each rule broken once, and real files."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from simgrid.dicom.finding import Finding
from simgrid.dicom.header import Header
from simgrid.dicom.pixels import read_images
from simgrid.dicom.series_header import read_series_header, series_header
from simgrid.dicom.units import Plane
from simgrid.quality.check import check_below
from simgrid.quality.rules import body_part, consistency, series
from simgrid.quality.rules.names import RULES
from tests.header_oracle import checked, encoded, read, real_files
from tests.valid_headers import cr, ct, mr

SIZE = 128


def image(make: Callable[[int], Dataset], values: np.ndarray) -> Dataset:
    dataset = make(1)
    dataset.Rows, dataset.Columns = values.shape
    dataset.PixelData = values.astype(np.uint16).tobytes()
    return dataset


def head() -> np.ndarray:
    """Stored values of a CT with intercept -1024: air around a disc of tissue with some noise."""
    down, right = np.ogrid[:SIZE, :SIZE]
    inside = np.hypot(down - SIZE / 2, right - SIZE / 2) < SIZE / 3
    noise = np.random.default_rng(1).normal(0, 15, (SIZE, SIZE))
    return np.clip(np.where(inside, 1064, 24) + noise, 0, 4095)


def found(dataset: Dataset, folder: Path) -> dict[str, Finding]:
    file = folder / "one.dcm"
    file.write_bytes(encoded(dataset))
    one = read_images(file)
    assert one.status == "judged", one.detail
    return {each.rule: each for each in consistency.check(one.header, one.planes)}


def test_a_good_ct_and_a_good_radiograph_have_no_finding(tmp_path: Path) -> None:
    assert found(image(ct, head()), tmp_path) == {}
    assert found(image(cr, head()), tmp_path) == {}


def _with(make: Callable[[int], Dataset], values: np.ndarray, **elements: object) -> Dataset:
    dataset = image(make, values)
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def _longer() -> Dataset:
    dataset = image(ct, head())
    dataset.PixelData += b"\0" * 64
    return dataset


def _vertebra_named(part: str, density: float = 1200.0) -> Dataset:
    values = np.full((SIZE, SIZE), 1064.0) + np.random.default_rng(2).normal(0, 15, (SIZE, SIZE))
    down, right = np.ogrid[:SIZE, :SIZE]
    values[np.hypot(down - 70, right - 64) < 17] = density
    values[:3] = values[-3:] = 24
    return _with(ct, values, BodyPartExamined=part, PixelSpacing=["1", "1"])


BREACHES: tuple[tuple[str, Callable[[], Dataset]], ...] = (
    ("pixel-bytes-left-over", _longer),
    ("field-of-view", lambda: _with(ct, head(), PixelSpacing=["0.01", "0.01"])),
    ("rescale-negative", lambda: _with(ct, head(), RescaleSlope="-1", RescaleIntercept="1064")),
    ("blank-image", lambda: image(ct, np.full((SIZE, SIZE), 7))),
    ("bits-unused", lambda: image(mr, head() // 100)),
    ("window-misses-image", lambda: _with(ct, head(), WindowCenter="3000", WindowWidth="100")),
    ("hounsfield-units", lambda: _with(ct, head() + 600, RescaleIntercept="0")),
    ("inverted-appearance", lambda: _with(ct, 2500 - head(), RescaleIntercept="-1964")),
    ("body-part-contradicts", lambda: _vertebra_named("NECK")),
)


@pytest.mark.parametrize(("rule", "make"), BREACHES, ids=[rule for rule, _ in BREACHES])
def test_each_breach_is_found(rule: str, make: Callable[[], Dataset], tmp_path: Path) -> None:
    one = found(make(), tmp_path)[rule]
    assert one.severity == RULES[rule].severity
    assert one.message.endswith(RULES[rule].way_out)


def test_a_window_is_turned_over_with_the_pixels(tmp_path: Path) -> None:
    dataset = _with(
        cr, head(), PhotometricInterpretation="MONOCHROME1", WindowCenter="1064", WindowWidth="100"
    )
    assert found(dataset, tmp_path) == {}
    dataset.WindowCenter = "3000"
    assert set(found(dataset, tmp_path)) == {"window-misses-image"}


def test_the_skull_and_the_trunk_are_no_contradiction(tmp_path: Path) -> None:
    assert "body-part-contradicts" not in found(_vertebra_named("HEAD", density=2000.0), tmp_path)
    assert "body-part-contradicts" not in found(_vertebra_named("ABDOMEN"), tmp_path)


def test_the_spine_named_neck_is_found_and_named_heads_are_not() -> None:
    files = {Path(name).name: path for name, path in real_files().items()}
    rules = {one.rule for one in _consistent(files["bad_sequence.dcm"])}
    assert "body-part-contradicts" in rules
    for name in ("J2K_pixelrep_mismatch.dcm", "693_UNCR.dcm"):
        one = read_images(files[name])
        named = Header(modality="CT", body_part="HEAD")
        assert not list(body_part.check_body_part(named, one.planes[0])), name


def body(height_mm: float, width_mm: float, ground: float = -1000.0) -> Plane:
    """An ellipse of soft tissue with two hollows, a thin table under it, 1 by 2 mm a pixel."""
    down, right = np.ogrid[-250:250, -250:250:2]
    pixels = np.full((500, 250), ground, dtype=np.float32)
    pixels[(down / height_mm * 2) ** 2 + (right / width_mm * 2) ** 2 < 1] = 40.0
    pixels[(down / 40) ** 2 + ((np.abs(right) - width_mm / 4) / 30) ** 2 < 1] = -850.0
    pixels[int(250 + height_mm / 2 + 3) : int(250 + height_mm / 2 + 6)] = 100.0
    return Plane(pixels, "CT", "HEAD", (1.0, 2.0), None, 0)


def test_no_head_is_as_large_as_a_trunk() -> None:
    trunk, head = body(230, 360), body(220, 180)
    assert body_part.body_area(trunk) == pytest.approx(np.pi * 23 * 36 / 4, rel=0.03)
    assert body_part.body_area(head) == pytest.approx(np.pi * 22 * 18 / 4, rel=0.03)
    for name, plane, told in (
        *((name, trunk, 1) for name in ("HEAD", "BRAIN", "SKULL")),
        *((name, trunk, 0) for name in ("NECK", "CHEST", "ABDOMEN", "")),
        *(("HEAD", one, 0) for one in (head, body(230, 360, ground=0.0))),  # no outline, nothing said
    ):
        found = list(body_part.check_body_part(Header(modality="CT", body_part=name), plane))
        assert [one.rule for one in found] == ["body-part-contradicts"] * told, name


def _consistent(path: Path) -> tuple[Finding, ...]:
    one = read_images(path)
    return consistency.check(one.header, one.planes)


def test_a_disc_is_measured_in_millimetres() -> None:
    down, right = np.ogrid[:200, :100]
    wide = np.hypot((down - 100) * 0.5, (right - 50) * 1.0) < 15
    pixels = np.where(wide, 200.0, 40.0).astype(np.float32)
    diameter, density = body_part.largest_bone_disc(Plane(pixels, "CT", "", (0.5, 1.0), None, 0))
    assert diameter == pytest.approx(30, abs=2)
    assert density == pytest.approx(200)


def slices(positions: list[float], **differing: list[object]) -> dict[Path, object]:
    made = {}
    for number, at in enumerate(positions):
        dataset = ct(1)
        dataset.SOPInstanceUID = f"1.2.3.{number}"
        dataset.ImagePositionPatient = ["0", "0", str(at)]
        for keyword, values in differing.items():
            setattr(dataset, keyword, values[number])
        made[Path(f"{number:03}.dcm")] = series_header(dataset)
    return made


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ([0, 2, 4, 6, 8, 10], {}),
        ([0, 2, 4, 10, 12, 14], {"003.dcm": ["slices-missing"]}),
        ([14, 12, 10, 4, 2, 0], {"002.dcm": ["slices-missing"]}),
        ([0, 2, 4, 4, 6, 8], {"003.dcm": ["slices-doubled"]}),
        ([0, 2, 4, 6.7, 8.7, 10.7], {"003.dcm": ["slices-uneven"]}),
        ([0, 50], {}),
    ],
)
def test_distances_between_slices(positions: list[float], expected: dict[str, list[str]]) -> None:
    answer = series.check(slices(positions))  # type: ignore[arg-type]
    assert {str(path): [one.rule for one in several] for path, several in answer.items()} == expected


def test_slices_of_different_echoes_may_lie_in_one_place() -> None:
    echoes = slices([0, 0, 2, 2, 4, 4, 6, 6], EchoTime=["1", "2"] * 4)
    assert series.check(echoes) == {}  # type: ignore[arg-type]


def test_one_instance_in_two_files_is_told_at_the_second(tmp_path: Path) -> None:
    for name in ("a.dcm", "b.dcm"):
        (tmp_path / name).write_bytes(encoded(image(ct, head())))
    (tmp_path / "c.txt").write_text("no image")
    told = {Path(one.path).name: [each.rule for each in one.findings] for one in check_below(tmp_path)}
    assert told["a.dcm"] == []
    assert told["b.dcm"] == ["duplicate-instance"]


def test_reading_a_place_in_a_series_warns_of_nothing_and_fails_for_nothing(tmp_path: Path) -> None:
    odd = image(ct, head())
    odd.AcquisitionNumber = "1"
    odd["AcquisitionNumber"]._value = "Zebulon"
    (tmp_path / "odd.dcm").write_bytes(encoded(odd))
    (tmp_path / "cut.dcm").write_bytes(encoded(image(ct, head()))[:300])
    (tmp_path / "text.dcm").write_text("no image")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = {path.name: read_series_header(path) for path in sorted(tmp_path.iterdir())}
    assert [name for name, one in read.items() if one is not None] == ["odd.dcm"]
    assert read_series_header(tmp_path / "absent.dcm") is None


def test_no_error_beside_dciodvfy_on_files_that_are_read() -> None:
    """Rules that hold headers against pixels never go beyond a warning: the image decides."""
    assert {one.severity for one in RULES.values()} <= {"warning", "note"}


def test_findings_of_a_file_are_those_of_its_dataset() -> None:
    files = {Path(name).name: path for name, path in real_files().items()}
    for name in ("CT_small.dcm", "693_UNCR.dcm", "MR_small_padded.dcm", "JPEG2000.dcm"):
        dataset = read(files[name])
        assert dataset is not None
        ours = {(one.rule, one.tag) for one in checked(dataset) if one.tag < "(7fe0"}
        assert ours <= {(one.rule, one.tag) for one in read_images(files[name]).findings}, name


def test_headers_of_files_without_pixels_are_checked_too() -> None:
    """A plan, a report, and a CT whose pixels somebody has removed."""
    files = {Path(name).name: path for name, path in real_files().items()}
    for name, expected in (
        ("ExplVR_BigEndNoMeta.dcm", "PatientID"),
        ("reportsi.dcm", "SOPClassUID"),
        ("IM000000", "PixelData"),
    ):
        one = read_images(files[name])
        assert one.status == "listed"
        assert any(expected in each.place for each in one.findings), (name, one.findings)


def test_a_missing_pixel_element_is_missed_only_where_it_was_read() -> None:
    dataset = pydicom.dcmread(pydicom.data.get_testdata_file("CT_small.dcm"), stop_before_pixels=True)
    assert any(one.place == "PixelData" for one in checked(dataset))
