"""Segmentation, denoiser and anomaly detector: networks that run without torch, and their yardsticks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from simgrid.quality.anomaly import Anomalies, by_rule
from simgrid.quality.enhancement.denoise import PLANES, Denoiser, told, with_told
from simgrid.quality.evaluation.parts import anomalies, denoising, found, organs
from simgrid.quality.image import Image
from simgrid.quality.network import Network, UnreadableWeights, from_bytes, open_network
from simgrid.quality.segmentation.findings import findings, of_file
from simgrid.quality.segmentation.label_maps import UNKNOWN, organ_of
from simgrid.quality.segmentation.organs import ORGANS, Segmenter, to_grid
from simgrid.quality.training import anomaly as anomaly_training
from simgrid.quality.training import denoiser as denoiser_training
from simgrid.quality.training import segmentation as organ_training
from simgrid.quality.training.anomaly import AnomalySettings
from simgrid.quality.training.denoiser import DenoiserSettings
from simgrid.quality.training.segmentation import Example, SegmentationSettings
from tests.slices import example, slice_of


@pytest.fixture(scope="module")
def denoiser_pair() -> tuple[torch.nn.Module, Denoiser, bytes]:
    model = denoiser_training.fit([slice_of("CT"), slice_of("MR")], DenoiserSettings(steps=3))
    content = denoiser_training.to_onnx(model)
    return model, Denoiser(from_bytes(content)), content


@pytest.fixture(scope="module")
def organ_pair() -> tuple[torch.nn.Module, Segmenter, bytes]:
    settings = SegmentationSettings(steps=3)
    model = organ_training.fit({"a": [example(0), example(1)]}, settings)
    content = organ_training.to_onnx(model)
    return model, Segmenter(from_bytes(content)), content


def output(model: torch.nn.Module, x: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return np.asarray(model(torch.from_numpy(x)).numpy())


def test_the_file_computes_what_torch_computes(denoiser_pair, organ_pair) -> None:
    x = np.random.default_rng(1).random((1, PLANES, 38, 52)).astype(np.float32)
    mine, torchs = denoiser_pair[1].network(image=x)[0], output(denoiser_pair[0], x)
    assert np.abs(mine - torchs).max() < 0.02 * np.abs(torchs).max()  # weights are kept in half precision
    y = np.random.default_rng(2).random((1, 2, 40, 56)).astype(np.float32)
    mine, torchs = organ_pair[1].network(slice=y)[0], output(organ_pair[0], y)
    assert np.abs(mine - torchs).max() < 0.02 * np.abs(torchs).max()  # weights are kept in half precision


def test_training_again_gives_the_same_weights(denoiser_pair) -> None:
    settings = DenoiserSettings(steps=4)
    images = [slice_of("CT"), slice_of("MR")]
    one, two = (denoiser_training.fit(images, settings).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], two[name]) for name in one)
    other = denoiser_training.fit(images, replace(settings, seed=8)).state_dict()
    assert not all(torch.equal(one[name], other[name]) for name in one)
    assert denoiser_training.to_onnx(denoiser_pair[0]) == denoiser_pair[2]
    assert len(denoiser_pair[2]) <= 80_000


def test_a_critic_changes_the_weights() -> None:
    images, settings = [slice_of("CT")], DenoiserSettings(steps=3)
    plain = denoiser_training.fit(images, settings).state_dict()
    against = denoiser_training.fit(images, replace(settings, adversarial=0.01)).state_dict()
    assert not all(torch.equal(plain[name], against[name]) for name in plain)


@pytest.mark.parametrize("shape", [(33, 47), (64, 64), (9, 11)])
def test_denoising_keeps_shape_units_and_limits(denoiser_pair, shape: tuple[int, int]) -> None:
    denoiser = denoiser_pair[1]
    image = Image(slice_of(shape=shape).pixels, "CT", "CHEST", (1.0, 1.0), (-1000.0, 40.0))
    clean = denoiser.denoise(image)
    assert clean.pixels.shape == shape
    assert clean.pixels.dtype == np.float32
    assert (clean.body_part, clean.spacing_mm, clean.limits) == ("CHEST", (1.0, 1.0), (-1000.0, 40.0))
    assert clean.pixels.max() <= 40
    assert clean.pixels.min() >= -1000
    assert clean.pixels.tobytes() == denoiser.denoise(image).pixels.tobytes()
    flat = denoiser.denoise(Image(np.zeros(shape, np.float32), "MR"))
    assert np.isfinite(flat.pixels).all()


def test_tiles_leave_no_seam(denoiser_pair) -> None:
    """What is computed in tiles is what is computed at once."""
    denoiser = denoiser_pair[1]
    large = slice_of(shape=(530, 40)).pixels
    low, span = denoising.scale(large)
    scaled = (large - low) / span
    shown = with_told(scaled, told(scaled, "CT"))
    whole = large - span * denoiser.network(image=shown[None])[0][0, 0]
    assert np.allclose(denoiser.denoise(Image(large, "CT")).pixels, whole, atol=1e-3 * span)


@pytest.mark.parametrize("sigma", [0.01, 0.05, 0.2])
def test_levels_tell_the_strength_of_white_noise(sigma: float) -> None:
    grain = sigma * np.random.default_rng(0).standard_normal((256, 256))
    level = (np.log10(sigma) + 2) / 2
    assert told(grain, "CT") == pytest.approx((level, level, 0), abs=0.03)
    assert told(grain, "MR")[2] == 1


def test_the_noise_of_a_magnitude_lifts_what_is_dark() -> None:
    rng, dark = np.random.default_rng(4), np.zeros((64, 64), np.float32)
    lifted = [denoiser_training.noised(dark, rng, magnitude=True).min() for _ in range(8)]
    assert sum(least >= 0 for least in lifted) >= 3
    assert denoiser_training.noised(dark, rng, magnitude=False).min() < 0


def test_a_denoiser_of_another_shape_is_refused_by_name(tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper

    one = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, "rows", "columns"])
    other = helper.make_tensor_value_info("noise", TensorProto.FLOAT, [1, 1, "rows", "columns"])
    graph = helper.make_graph([helper.make_node("Identity", ["image"], ["noise"])], "x", [one], [other])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(model, tmp_path / "old.onnx")
    with pytest.raises(UnreadableWeights, match=r"old\.onnx"):
        Denoiser.load(tmp_path / "old.onnx")


def test_own_total_variation_is_that_of_scikit_image() -> None:
    from skimage.restoration import denoise_tv_chambolle

    plane = np.random.default_rng(0).random((40, 50)) + np.eye(40, 50)
    other = denoise_tv_chambolle(plane, weight=0.2, eps=0, max_num_iter=500)
    assert np.abs(denoising.total_variation(plane, 0.2, steps=500) - other).max() < 0.01


def test_a_sharpener_is_caught_inventing_and_a_smoother_is_not() -> None:
    from scipy import ndimage

    def smooth(image: Image) -> Image:
        return image.with_pixels(ndimage.gaussian_filter(image.pixels, 2))

    rows = denoising.hallucinations({"sharp": denoising.sharpened, "smooth": smooth})
    assert {row.judge: row.low > 1.2 for row in rows} == {"sharp": True, "smooth": False}
    assert next(row for row in rows if row.judge == "smooth").high < 1


def test_contrast_lost_is_all_where_everything_is_wiped_out() -> None:
    class Wipe(Network):
        __slots__ = ()

        def __call__(self, **inputs: np.ndarray) -> tuple[np.ndarray, ...]:
            return (inputs["image"][:, :1],)  # everything is noise

    image = slice_of("CT", (64, 64))
    wiped = Denoiser(Wipe(None))
    assert denoising.contrast_lost(image, wiped.denoise(image), 1000, wiped) == pytest.approx(1, abs=1e-6)


class BrightIsLiver(Network):
    """Stands for a perfect network on the phantoms: what is bright on the soft-tissue window is liver."""

    __slots__ = ()

    def __call__(self, **inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        soft = inputs["slice"][0, 0]
        scores = np.zeros((1, len(ORGANS) + 1, *soft.shape), np.float32)
        scores[0, 1] = 10 * (soft - 0.56)
        return (scores,)


KNOWING = Segmenter(BrightIsLiver(None))


def test_an_organ_is_measured_where_it_is(organ_pair) -> None:
    image = slice_of(seed=9)
    seen = KNOWING.anatomy(image)
    truth = image.pixels > 64
    said = seen.labels == 1
    assert 2 * (said & truth).sum() / (said.sum() + truth.sum()) > 0.9
    assert seen.area_cm2["liver"] == pytest.approx(said.sum() * 0.09)
    assert seen.at_edge_mm["liver"] == 0
    trained = organ_pair[1].anatomy(image)
    assert trained.labels.tobytes() == organ_pair[1].anatomy(image).labels.tobytes()
    assert len(organ_pair[2]) <= 250_000


def test_the_same_slice_in_other_pixels_shows_the_same() -> None:
    image = slice_of(seed=9)
    fine = Image(np.kron(image.pixels, np.ones((2, 2), np.float32)), "CT", "ABDOMEN", (1.5, 1.5))
    one, two = (KNOWING.anatomy(each).area_cm2["liver"] for each in (image, fine))
    assert two == pytest.approx(one, rel=0.05)


@pytest.mark.parametrize("shape", [(17, 23), (61, 200), (8, 8)])
def test_odd_and_flat_slices_are_survived(organ_pair, shape: tuple[int, int]) -> None:
    for modality in ("CT", "MR"):
        for spacing in (None, (0.7, 0.9)):
            image = Image(np.zeros(shape, np.float32), modality, spacing_mm=spacing)
            assert organ_pair[1].anatomy(image).labels.shape == shape
            assert np.isfinite(by_rule(image)).all()
            assert by_rule(image).shape == shape


def test_other_modalities_have_no_slices(organ_pair) -> None:
    radiograph = Image(np.zeros((20, 20), np.float32), "CR")
    with pytest.raises(ValueError, match="this is CR"):
        organ_pair[1].anatomy(radiograph)
    with pytest.raises(ValueError, match="this is CR"):
        by_rule(radiograph)
    assert findings(radiograph, organ_pair[1]) == ()


def test_a_liver_in_a_neck_is_told_and_one_in_an_abdomen_is_not() -> None:
    image = slice_of(seed=9)
    neck = Image(image.pixels, "CT", "NECK", image.spacing_mm)
    told = [one for one in findings(neck, KNOWING) if one.rule == "body-part-against-organs"]
    assert [one.tag for one in told] == ["(0018,0015)"]
    assert "liver" in told[0].message
    assert not [one for one in findings(image, KNOWING) if one.rule == "body-part-against-organs"]
    cut = Image(np.ascontiguousarray(image.pixels[:, 45:]), "CT", "ABDOMEN", image.spacing_mm)
    assert "organ-cut-off" in {one.rule for one in findings(cut, KNOWING)}
    assert "organ-cut-off" not in {one.rule for one in findings(image, KNOWING)}


def test_a_file_is_asked_for_organs_only_where_they_could_contradict() -> None:
    class Never(Network):
        __slots__ = ()

        def __call__(self, **inputs: np.ndarray) -> tuple[np.ndarray, ...]:
            raise AssertionError("asked")

    image = slice_of(seed=9)
    abdomen, neck = image, Image(image.pixels, "CT", "neck", image.spacing_mm)
    assert of_file([abdomen], Segmenter(Never(None))) == of_file([], KNOWING) == ()
    with pytest.raises(AssertionError, match="asked"):
        of_file([neck], Segmenter(Never(None)))
    told = of_file([abdomen, neck, abdomen], KNOWING)
    assert [one.rule for one in told] == ["body-part-against-organs"]


def test_names_of_label_maps_become_organs() -> None:
    assert ORGANS[organ_of("kidney_left") - 1] == "kidney"
    assert ORGANS[organ_of("vertebrae_L1") - 1] == "bone"
    assert organ_of("thyroid_gland") == 0
    assert len(ORGANS) < UNKNOWN


def test_an_atlas_knows_the_place_and_not_the_image() -> None:
    """The control finds an organ that lies where it always lies, and misses it where it lies elsewhere."""
    usual = [replace_labels(example(seed)) for seed in range(3)]
    atlases = organs.atlases_of(usual)
    mirrored = replace(
        usual[0],
        labels=np.ascontiguousarray(usual[0].labels[:, ::-1]),
        body=np.ascontiguousarray(usual[0].body[:, ::-1]),
    )
    assert organs._dice_of(atlases["liver"], 1, [usual[0]]) > 0.85
    assert organs._dice_of(atlases["liver"], 1, [mirrored]) < 0.2


def replace_labels(made: Example) -> organs.Slice:
    body = made.channels[1] > 0.35
    return organs.Slice(made.channels, made.labels, body, "CT")


def test_foreign_patches_are_where_the_mask_says() -> None:
    rng = np.random.default_rng(4)
    own, other = (np.clip(example(seed).channels[:, :96, :96], 0, 1) for seed in (0, 1))
    for _ in range(6):
        mixed, mask = anomaly_training.with_foreign(own, other, rng)
        assert mixed.shape == own.shape
        changed = np.abs(mixed[0] - own[0])
        assert mask.max() == 0 or changed[mask > 0].mean() > 5 * changed[mask == 0].mean()


class DarkIsForeign(Network):
    """Answers with how dark a pixel is."""

    __slots__ = ()

    def __call__(self, **inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        return (8 * (0.5 - inputs["slice"][:, :1]),)


def test_a_map_of_anomalies_lies_on_the_image_and_inside_the_body() -> None:
    image = slice_of(seed=8, shape=(121, 147))
    shown = Anomalies(DarkIsForeign(None)).learned(image)
    assert shown.shape == image.pixels.shape
    assert 0 <= shown.min() <= shown.max() <= 1
    assert shown[0, 0] == 0  # outside the body
    assert shown[60, 100] > shown[60, 45]  # the organ is bright


def test_the_anomaly_network_is_taught_the_same_twice() -> None:
    planes = {"a": [to_grid(slice_of(seed=seed)) for seed in range(3)]}
    one, two = (anomaly_training.fit(planes, AnomalySettings(steps=3)).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_inserted_lesions_and_the_control_that_sees_only_the_bright_ones() -> None:
    """In a body that is bright in places, a threshold of intensity finds a strong lesion and no faint one."""
    image = slice_of(seed=3)
    judges = {"rule": by_rule, "intensity": anomalies.by_intensity}
    means = {}
    for contrast in (0.05, 1.0):
        rng = np.random.default_rng(0)
        areas = []
        for _ in range(6):
            made = anomalies.with_lesion(image, contrast, rng)
            assert made is not None
            areas.append(anomalies.areas(*made, judges))
        means[contrast] = {name: float(np.mean([one[name] for one in areas])) for name in judges}
    assert means[1.0]["intensity"] > 0.85
    assert means[0.05]["intensity"] < 0.75
    assert anomalies.auc(np.array([0.0, 1, 2, 3]), np.array([False, True, False, True])) == 0.75


def test_intervals_hold_the_value_and_shrink_with_units() -> None:
    rng = np.random.default_rng(0)
    few, many = (found.mean_of("p", "j", "on", "x", rng.normal(1, 1, n).tolist()) for n in (8, 800))
    for one in (few, many):
        assert one.low < one.value < one.high
    assert many.high - many.low < (few.high - few.low) / 4
    alone = found.mean_of("p", "j", "on", "x", [2.0])
    assert alone.value == 2
    assert np.isnan(alone.low)
    assert found.as_csv([few]).splitlines()[0] == found.HEADER
    assert found.mean_of("p", "j", "on", "x", [1.0, 3.0]) == found.mean_of("p", "j", "on", "x", [1.0, 3.0])


def test_weights_that_are_none_say_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableWeights, match="is not there"):
        open_network(tmp_path / "none.onnx")
    (tmp_path / "bad.onnx").write_bytes(b"no network")
    with pytest.raises(UnreadableWeights, match=r"bad\.onnx is no ONNX network"):
        open_network(tmp_path / "bad.onnx")
