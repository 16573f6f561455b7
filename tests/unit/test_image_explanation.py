"""Why the classifier says so: heat and measures, without torch, and against random weights."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from click.testing import CliRunner
from PIL import Image as Picture
from pydicom.data import get_testdata_file

from simgrid.cli.main import cli
from simgrid.presentation.quality_explanation import explanation_figure
from simgrid.quality.classifier.classifier import HEADS, Classifier, WeightsError, session
from simgrid.quality.defect_names import possible
from simgrid.quality.evaluation.parts import explanations
from simgrid.quality.explanation.attribution import contributions
from simgrid.quality.explanation.heat import UNPLACED, Inside, cam, heat, inside, on_image
from simgrid.quality.image import Image
from simgrid.quality.measures import NAMES
from simgrid.quality.training.nudge import with_nudge
from simgrid.quality.training.onnx_bytes import onnx_bytes


def phantom(shape: tuple[int, int] = (120, 130)) -> Image:
    rng = np.random.default_rng(0)
    down, right = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    body = (down / 0.8) ** 2 + (right / 0.9) ** 2 < 1
    organ = (down / 0.4) ** 2 + ((right + 0.4) / 0.3) ** 2 < 1
    pixels = np.where(body, 20.0, -1000.0) + 90 * organ + 8 * rng.standard_normal(shape)
    return Image(pixels.astype(np.float32), "CT", "ABDOMEN", (2.0, 2.0))


def test_moving_nothing_changes_nothing() -> None:
    """The opened network answers what the plain one answers, and its map is what torch computes."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.Conv2d(3, 2, 3, padding=1), nn.ReLU())
    content = onnx_bytes(layers, [torch.zeros(1, 1, 8, 8)], ["x"], ["y"], half=False)
    opened = session(with_nudge(content, 1, 3))
    x = np.random.default_rng(0).random((2, 1, 8, 8)).astype(np.float32)
    plain = session(content).run(None, {"x": x})[0]
    y, seen = opened.run(["y", "map"], {"x": x})
    assert np.array_equal(y, plain)
    with torch.no_grad():
        assert np.allclose(seen, layers[:2](torch.from_numpy(x)).numpy(), atol=1e-6)
    moved = opened.run(["y"], {"x": x, "nudge": np.ones((2, 3, 1, 1), np.float32)})[0]
    with torch.no_grad():
        by_torch = layers[2:](torch.from_numpy(seen + 1)).numpy()
    assert np.allclose(moved, by_torch, atol=1e-5)
    with pytest.raises(ValueError, match="there is no number 3"):
        with_nudge(content, 3, 3)


def test_slopes_are_those_of_a_network_that_can_be_differentiated_by_hand() -> None:
    """Score = 2 a - 3 b of two channels: heat is where 2 a exceeds 3 b."""
    maps = np.zeros((2, 4, 4))
    maps[0, 0, 0], maps[1, 3, 3] = 1.0, 1.0
    found = cam(Inside(maps, np.array([[2.0], [-3.0]])), 0)
    assert found[0, 0] == 2
    assert found.sum() == 2
    assert on_image(found, (16, 16)).max() == 1
    assert np.unravel_index(on_image(found, (16, 16)).argmax(), (16, 16)) <= (3, 3)


def test_heat_lies_on_the_image_and_repeats() -> None:
    classifier, image = Classifier.shipped(), phantom()
    for defect in possible("CT"):
        found = heat(classifier, image, defect)
        assert found.shape == image.pixels.shape
        assert np.isfinite(found).all()
        assert 0 <= found.min() <= found.max() <= 1
    again = heat(classifier, image, "noise")
    assert again.tobytes() == heat(classifier, image, "noise").tobytes()
    slopes = inside(classifier, image).slopes
    assert slopes.shape[1] == len(HEADS)
    assert np.abs(slopes).max() > 0


def test_a_network_that_is_closed_says_so() -> None:
    class Closed:
        def get_overridable_initializers(self) -> list[object]:
            return []

    with pytest.raises(WeightsError, match="cannot be looked into"):
        heat(replace(Classifier.shipped(), session=Closed()), phantom(), "noise")


def test_measures_that_are_ordinary_contribute_nothing() -> None:
    classifier = Classifier.shipped()
    found = contributions(classifier, phantom(), "noise")
    assert {one.measure for one in found} == set(NAMES)
    sizes = [abs(one.raises) for one in found]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 0
    middle = classifier.edges[:, classifier.edges.shape[1] // 2]
    at_middle = [one for one in found if one.value == middle[NAMES.index(one.measure)]]
    assert all(one.raises == 0 for one in at_middle)


def test_a_planted_defect_stays_in_its_box() -> None:
    image = phantom()
    spoiled, box = explanations.planted(image, "noise", np.random.default_rng(1))
    changed = np.abs(spoiled.pixels - image.pixels)
    assert box.mean() == pytest.approx(1 / 9, rel=0.05)
    assert changed[box].mean() > 20 * changed[~box].mean()
    assert explanations.share(box.astype(float), box) == 1
    assert explanations.share(np.zeros(box.shape), box) == box.mean()
    assert explanations.share(np.ones(box.shape), box) == pytest.approx(box.mean())


def test_random_weights_have_heat_of_their_own_that_knows_no_defect() -> None:
    image = phantom()
    one, two = (explanations.at_random(image, np.random.default_rng(seed)) for seed in (1, 2))
    assert one.maps.shape == (48, 12, 12)
    assert one.slopes.shape == (48, len(HEADS))
    assert not np.array_equal(one.maps, two.maps)
    windows = explanations.convolved(np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3)))
    assert windows.tolist() == [[[[4.0, 6.0], [6.0, 9.0]]]]


def test_pictures_and_json_are_written_and_name_nobody(tmp_path: Path) -> None:
    source = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    source.PatientName = "SECRET^NAME"
    file = tmp_path / "in.dcm"
    source.save_as(file)
    done = CliRunner().invoke(
        cli, ["qa", "explain", str(file), "-o", str(tmp_path / "out"), "--defect", "noise"]
    )
    assert done.exit_code == 0, done.output
    told = json.loads((tmp_path / "out/explanation.json").read_text())
    assert [one["defect"] for one in told["explained"]] == ["noise"]
    png = (tmp_path / "out/explanation-noise.png").read_bytes()
    with Picture.open(io.BytesIO(png)) as picture:
        assert picture.width > 1000
    for written in (tmp_path / "out").iterdir():
        assert b"SECRET" not in written.read_bytes()
    image = phantom()
    args = (
        image,
        heat(Classifier.shipped(), image, "noise"),
        contributions(Classifier.shipped(), image, "noise"),
    )
    assert explanation_figure("a", *args, "t") == explanation_figure("a", *args, "t")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.dcm"], "does not exist"),
        (["CT_small.dcm", "--defect", "bias"], "CT can have noise"),
        (["CT_small.dcm", "--frame", "2"], "these were read: 1"),
        (["."], "is a folder"),
    ],
)
def test_what_cannot_be_explained_is_said(arguments: list[str], said: str, tmp_path: Path) -> None:
    first = arguments[0] if arguments[0] in ("none.dcm", ".") else get_testdata_file(arguments[0])
    done = CliRunner().invoke(cli, ["qa", "explain", first, *arguments[1:], "-o", str(tmp_path)])
    assert done.exit_code == 2
    assert said in done.output
    assert list(tmp_path.iterdir()) == []


def test_an_image_that_is_not_judged_has_nothing_to_explain(tmp_path: Path) -> None:
    made = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    made.Rows = made.Columns = 8
    made.PixelData = made.PixelData[:128]
    made.save_as(tmp_path / "small.dcm")
    done = CliRunner().invoke(
        cli, ["qa", "explain", str(tmp_path / "small.dcm"), "-o", str(tmp_path / "out")]
    )
    assert done.exit_code == 1
    assert "8 x 8 pixels are too few" in done.output
    assert not (tmp_path / "out").exists()


def test_the_verdict_stands_beside_what_is_explained(tmp_path: Path) -> None:
    file = str(get_testdata_file("CT_small.dcm"))
    done = CliRunner().invoke(cli, ["qa", "explain", file, "-o", str(tmp_path)])
    assert "accept: no defect found" in done.output.splitlines()
    assert f"ring: {UNPLACED}" in done.output.splitlines()
    (told,) = json.loads((tmp_path / "explanation.json").read_text())["explained"]
    assert told["heat"] == UNPLACED
    done = CliRunner().invoke(cli, ["qa", "explain", file, "-o", str(tmp_path), "--defect", "noise"])
    assert UNPLACED not in done.output
