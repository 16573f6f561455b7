"""Trees as arrays, calibration, verdicts, abstention, and the shipped weights."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simgrid.quality.classifier import abstention, inputs
from simgrid.quality.classifier.calibration import fit_curve, sigmoid
from simgrid.quality.classifier.classifier import Classifier
from simgrid.quality.classifier.judgement import DISTURBS, USELESS, conclude
from simgrid.quality.defect_names import DEFECTS, Defect
from simgrid.quality.image import Image
from simgrid.quality.measures.view import View


def slice_of_water(side: int = 256, noise: float = 8.0, seed: int = 0) -> Image:
    """A CT slice: a body with two lungs, a spine and noise."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    plane = np.full((side, side), -1000.0)
    plane[np.hypot(x / 0.8, y / 0.6) < 1] = 40
    for centre in (-0.35, 0.35):
        plane[np.hypot((x - centre) / 0.25, y / 0.35) < 1] = -850
    plane[np.hypot(x / 0.1, (y - 0.4) / 0.1) < 1] = 500
    plane += np.random.default_rng(seed).normal(0, noise, plane.shape)
    return Image(plane.astype(np.float32), "CT", spacing_mm=(1.5, 1.5))


def said(**given: tuple[float, float]) -> tuple[dict[Defect, float], dict[Defect, float]]:
    probability = {one: given.get(one, (0.0, 0.0))[0] for one in DEFECTS}
    severity = {one: given.get(one, (0.0, 0.0))[1] for one in DEFECTS}
    return probability, severity


def test_verdicts_follow_the_declared_rule() -> None:
    cases = [
        ({}, 0.1, "accept"),
        ({}, 0.9, "accept-with-note"),
        ({"noise": (0.9, DISTURBS - 0.01)}, 0.9, "accept-with-note"),
        ({"noise": (0.9, DISTURBS)}, 0.9, "repeat"),
        ({"noise": (0.49, 0.9)}, 0.4, "accept"),
        ({"metal": (0.9, USELESS - 0.01)}, 0.9, "accept-with-note"),
        ({"metal": (0.9, USELESS)}, 0.9, "reject"),
        ({"noise": (0.6, 0.5), "motion": (0.6, 0.9)}, 0.9, "reject"),
    ]
    for there, any_defect, verdict in cases:
        assert conclude(*said(**there), any_defect, "").verdict == verdict, there
    doubtful = conclude(*said(noise=(0.9, 0.9)), 0.9, "nothing but noise")
    assert (doubtful.verdict, doubtful.abstains, doubtful.why) == ("abstain", True, "nothing but noise")


def test_what_is_not_known_of_radiographs_is_noted_and_decides_nothing() -> None:
    """A real leg with white collimator borders is called inverted."""
    for modality, verdict in (("MR", "reject"), ("DX", "accept-with-note"), ("CR", "accept-with-note")):
        alone = conclude(*said(inversion=(0.9, 1.0)), 0.9, "", modality)
        assert (alone.verdict, "inversion (90% likely" in alone.why) == (verdict, True)
    beside = conclude(*said(inversion=(0.9, 1.0), noise=(0.9, DISTURBS)), 0.9, "", "CR")
    assert beside.verdict == "repeat"


def test_a_modality_that_is_none_is_not_repeated() -> None:
    """The element may hold anything, a name too."""
    strange = Image(np.zeros((64, 64), np.float32), "DOE JANE")
    assert "DOE" not in abstention.cannot_be_judged(strange)
    assert abstention.cannot_be_judged(Image(np.zeros((64, 64), np.float32), "US")).startswith(
        "US is not judged"
    )


def test_calibration_recovers_a_known_curve() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 3, 20_000)
    truth = rng.random(scores.size) < sigmoid(0.5 * scores - 1)
    assert fit_curve(scores, truth) == pytest.approx((0.5, -1), abs=0.05)
    assert fit_curve(scores, np.ones(scores.size, bool)) == (1.0, 0.0)


@settings(max_examples=20, deadline=None)
@given(rows=st.integers(1, 300), columns=st.integers(1, 300))
def test_shrinking_keeps_the_mean_of_what_divides_and_the_range_of_all(rows: int, columns: int) -> None:
    plane = np.random.default_rng(rows).normal(size=(rows, columns)).astype(np.float32)
    small = inputs.shrunk(plane, inputs.SIDE)
    assert small.shape == (inputs.SIDE, inputs.SIDE)
    assert small.min() >= plane.min() - 1e-4
    assert small.max() <= plane.max() + 1e-4


def test_shrinking_by_whole_tiles_is_their_mean() -> None:
    plane = np.arange(192.0 * 192).reshape(192, 192).astype(np.float32)
    assert np.allclose(inputs.shrunk(plane, 96), plane.reshape(96, 2, 96, 2).mean(axis=(1, 3)))


def test_ranks_count_the_edges_below() -> None:
    edges = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 5.0]], np.float32)
    values = np.array([[0.5, 0.0], [2.5, 0.1], [9.0, 9.0]], np.float32)
    assert inputs.ranks(values, edges).tolist() == [[0, 0], [2, 2], [3, 3]]


@pytest.mark.parametrize(
    ("image", "why"),
    [
        (Image(np.zeros((64, 64), np.float32), "US"), "US is not judged"),
        (Image(np.zeros((64, 64), np.float32), ""), "unknown modality"),
        (Image(np.zeros((64, 20), np.float32), "CT"), "too few"),
        (Image(np.full((64, 64), 7, np.float32), "CT"), "same value"),
        (Image(np.random.default_rng(0).normal(size=(200, 200)).astype(np.float32), "MR"), "noise"),
    ],
)
def test_says_nothing_where_it_should(image: Image, why: str) -> None:
    (found,) = Classifier.shipped().judge([image])
    assert (found.verdict, found.abstains) == ("abstain", True)
    assert why in found.why


def test_a_checkerboard_is_unlike_any_training_image() -> None:
    board = np.indices((200, 200)).sum(axis=0) % 2
    (found,) = Classifier.shipped().judge([Image((board * 1000.0).astype(np.float32), "MR")])
    assert found.abstains


def test_share_outside_counts_measures_beyond_the_range() -> None:
    low, high = np.zeros((3, 4), np.float32), np.ones((3, 4), np.float32)
    known = abstention.Known(low, high, np.zeros(3, np.float32))
    assert known.outside(np.array([0.5, -1, 2, 1]), "MR") == 0.5


def test_judging_repeats_and_does_not_depend_on_the_company() -> None:
    classifier, images = Classifier.shipped(), [slice_of_water(seed=k) for k in range(3)]
    together = classifier.judge(images)
    assert together == classifier.judge(images)
    assert together[::-1] == classifier.judge(images[::-1])
    assert [classifier.judge([one])[0] for one in images] == together


def test_judgements_are_probabilities_and_impossible_defects_are_none() -> None:
    (found,) = Classifier.shipped().judge([slice_of_water()])
    assert tuple(found.probability) == tuple(found.severity) == DEFECTS
    assert all(0 <= value <= 1 for value in (*found.probability.values(), *found.severity.values()))
    assert found.probability["ghosting"] == found.probability["bias"] == found.probability["exposure"] == 0


def test_weights_are_small_and_hold_no_objects() -> None:
    folder = files("simgrid.quality") / "weights"
    weights = [one for one in folder.iterdir() if one.name.endswith((".onnx", ".npz"))]
    assert sum(len(one.read_bytes()) for one in weights) <= 1.5e6
    for one in weights:
        if one.name.endswith(".npz"):
            with one.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                assert all(archive[name].dtype != object for name in archive.files)
    assert {one.name for one in folder.iterdir()} >= {one.name.rpartition(".")[0] + ".md" for one in weights}


def test_the_core_install_judges() -> None:
    """With torch and everything of the training extra blocked."""
    code = """
import sys
for name in ("torch", "sklearn", "skimage", "onnx", "onnxscript"):
    sys.modules[name] = None
import numpy as np
from simgrid.quality.classifier.classifier import Classifier
from simgrid.quality.image import Image
plane = np.add.outer(np.hanning(128), np.hanning(128)).astype(np.float32)
(found,) = Classifier.shipped().judge([Image(plane, "MR")])
print(found.verdict)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in {"accept", "accept-with-note", "repeat", "reject", "abstain"}


def pictures_of(image: Image) -> NDArray[np.float16]:
    return inputs.pictures(View(image))


def test_pictures_are_finite_and_gain_does_not_matter() -> None:
    image = slice_of_water()
    one, other = pictures_of(image), pictures_of(image.with_pixels(image.pixels * 3 + 100))
    assert one.shape == (len(inputs.CHANNELS), inputs.SIDE, inputs.SIDE)
    assert np.isfinite(one).all()
    assert np.abs(one.astype(float) - other).max() < 0.05
