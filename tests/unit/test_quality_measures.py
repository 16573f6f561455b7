"""Measures against their definitions on images whose answer is known, and on images that are none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simgrid.quality.image import Image
from simgrid.quality.measures import NAMES, SAYS, measure
from simgrid.quality.measures.contrast import efc, snr
from simgrid.quality.measures.view import LARGEST, View, otsu, reduced


def of(pixels: NDArray[np.floating], modality: str = "MR") -> dict[str, float]:
    return dict(zip(NAMES, measure(Image(pixels.astype(np.float32), modality)), strict=True))


def phantom(side: int = 256, noise: float = 0.0, seed: int = 0) -> NDArray[np.float64]:
    """A soft-edged ellipse of 100 with three inserts in air of 0."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    body = 100 / (1 + np.exp((np.hypot(x / 0.6, y / 0.75) - 1) * side / 3))
    for column, row, value in ((-0.2, 0.1, 40), (0.25, -0.2, -30), (0.1, 0.35, 60)):
        body = body + value / (1 + np.exp((np.hypot(x - column, y - row) / 0.1 - 1) * side / 20))
    return body + np.random.default_rng(seed).normal(0, noise, body.shape) if noise else body


def test_every_measure_has_a_name_a_meaning_and_a_value() -> None:
    assert 60 <= len(NAMES) == len(set(NAMES))
    assert measure(Image(phantom().astype(np.float32), "CT")).shape == (len(NAMES),)
    assert all(SAYS[name].strip() for name in NAMES)


def test_snr_is_mean_over_sample_deviation() -> None:
    assert snr(np.array([8.0, 10.0, 12.0])) == pytest.approx(10 / 2)


def test_entropy_focus_criterion_at_its_ends_and_by_definition() -> None:
    point = np.zeros((64, 64), np.float32)
    point[10, 10] = 7
    assert efc(point) == pytest.approx(0, abs=1e-6)
    two = np.zeros((64, 64), np.float32)
    two[:, :32] = 3
    n, b = 64 * 64, 3 * np.sqrt(64 * 32)
    by_definition = 64 * 32 * (3 / b) * np.log(3 / b) / (n / np.sqrt(n) * np.log(1 / np.sqrt(n)))
    assert efc(two) == pytest.approx(by_definition, rel=1e-5)


def test_foreground_to_background_energy_by_definition() -> None:
    """Half the image at 1, half at 0.1 of the range between P0.5 and P99.5: ln (1 / 0.01)."""
    pixels = np.full((128, 128), 0.1)
    pixels[:, 64:] = 1.0
    pixels[:2] = 0.0
    assert of(pixels)["fber"] == pytest.approx(np.log(100), rel=1e-3)


def test_joint_variation_of_two_tissues() -> None:
    rng = np.random.default_rng(1)
    pixels = np.zeros((256, 256))
    pixels[64:192, 64:128] = 60 + rng.normal(0, 2, (128, 64))
    pixels[64:192, 128:192] = 100 + rng.normal(0, 2, (128, 64))
    assert of(pixels)["cjv"] == pytest.approx(4 / 40, rel=0.1)


@pytest.mark.parametrize("sigma", [1.0, 3.0, 10.0])
def test_noise_measures_recover_white_noise(sigma: float) -> None:
    pixels = phantom(noise=sigma)
    found, span = of(pixels), View(Image(pixels.astype(np.float32), "MR")).span[1]
    for name in ("noise_wavelet_mad", "noise_immerkaer", "noise_air", "noise_p50"):
        assert found[name] * span == pytest.approx(sigma, rel=0.12), name
    assert found["noise_wavelet_slope"] == pytest.approx(0, abs=0.15)


def test_blur_lowers_sharpness_and_widens_edges() -> None:
    from scipy.ndimage import gaussian_filter

    sharp, soft = of(phantom()), of(gaussian_filter(phantom(), 3))
    assert soft["sharp_laplacian"] < sharp["sharp_laplacian"]
    assert soft["edge_width"] > 1.3 * sharp["edge_width"]
    assert soft["fwhm_x"] > 1.1 * sharp["fwhm_x"]
    assert soft["reblur_x"] > sharp["reblur_x"]


def test_rings_raise_ring_energy_and_leave_its_control() -> None:
    clean = phantom(noise=1.0)
    r = np.hypot(*(np.mgrid[:256, :256] - 127.5))
    ringed = clean + 4 * np.random.default_rng(5).normal(0, 1, 400)[r.astype(int)] * (r < 120)
    before, after = of(clean), of(ringed)
    assert after["ring_excess"] > before["ring_excess"] + 1
    assert after["ring_energy_median"] > before["ring_energy_median"] + 1


def test_half_field_ghost_is_seen_where_it_is() -> None:
    clean = phantom(noise=1.0)
    ghosted = clean + 0.15 * np.roll(clean, 128, axis=0)
    assert of(ghosted)["ghost_half_y"] > of(clean)["ghost_half_y"] + 0.05
    assert of(ghosted)["ghost_y"] > of(clean)["ghost_y"] + 0.02


def test_inversion_turns_the_border_bright() -> None:
    clean = phantom(noise=1.0)
    assert of(clean)["border_less_centre"] < 0 < of(-clean)["border_less_centre"]


def test_clipping_at_the_limits_of_the_file() -> None:
    pixels = np.clip(phantom() * 40, 0, 4095).astype(np.float32)
    found = dict(zip(NAMES, measure(Image(pixels, "CR", limits=(0.0, 4095.0))), strict=True))
    assert found["clipped_limit_high"] == pytest.approx(float(np.mean(pixels >= 4095)))
    assert found["clipped_limit_high"] > 0.02


def test_shading_is_explained_by_a_quadratic() -> None:
    shade = np.exp(np.linspace(-0.5, 0.5, 256))[None, :]
    shaded, even = of(phantom() * shade), of(phantom())
    assert shaded["bias_linear"] == pytest.approx(0.5, rel=0.25)
    assert shaded["bias_linear"] > 3 * even["bias_linear"]


def test_otsu_splits_two_levels_between_them() -> None:
    shares = np.zeros(128)
    shares[20] = shares[100] = 0.5
    assert 20 / 128 < otsu(shares) <= 100 / 128


@settings(max_examples=12, deadline=None)
@given(gain=st.floats(0.01, 100), offset=st.floats(-500, 500), seed=st.integers(0, 5))
def test_gain_and_offset_do_not_matter(gain: float, offset: float, seed: int) -> None:
    """Within float32; what sits on a step (share of silent blocks, counts of levels) may move a little."""
    pixels = phantom(96, noise=5.0, seed=seed)
    one, other = of(pixels), of(pixels * gain + offset)
    stepped = {"levels", "noise_silent", "mode", "threshold"}
    for name in set(NAMES) - stepped:
        assert other[name] == pytest.approx(one[name], rel=0.05, abs=0.05), name


ODD = {
    "constant": np.zeros((64, 64)),
    "one pixel": np.array([[3.0]]),
    "one row": np.arange(300.0)[None, :],
    "one column": np.arange(5.0)[:, None],
    "one bright": np.eye(1, 4096).reshape(64, 64),
    "huge": np.full((40, 40), 3e38) * np.sign(np.arange(1600).reshape(40, 40) % 7 - 3),
    "prime": np.random.default_rng(0).normal(size=(37, 641)),
    "not finite": np.where(np.eye(50) > 0, np.nan, np.inf),
    "binary": (np.arange(10000).reshape(100, 100) % 17 < 5).astype(float),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("modality", ["CT", "MR", "CR", "US", ""])
@pytest.mark.filterwarnings("error")
def test_always_finite(name: str, modality: str) -> None:
    found = measure(Image(ODD[name].astype(np.float32), modality, limits=(0.0, 0.0)))
    assert np.isfinite(found).all()


@settings(max_examples=10, deadline=None)
@given(rows=st.integers(1, 90), columns=st.integers(1, 90), seed=st.integers(0, 9))
def test_any_shape_is_measured(rows: int, columns: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    assert np.isfinite(measure(Image(pixels, "CT"))).all()


def test_large_planes_are_averaged_not_sampled() -> None:
    pixels = np.random.default_rng(0).normal(size=(1400, 1300)).astype(np.float32)
    small = reduced(pixels)
    assert max(small.shape) <= LARGEST
    assert small.std() == pytest.approx(1 / 3, rel=0.02)


def test_measuring_changes_nothing_and_repeats() -> None:
    pixels = phantom(noise=2.0).astype(np.float32)
    image = Image(pixels.copy(), "CT")
    assert np.array_equal(measure(image), measure(image))
    assert np.array_equal(image.pixels, pixels)
