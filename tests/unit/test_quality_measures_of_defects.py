"""Measures written for one defect answer to it, and are finite everywhere."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.image import Image
from simgrid.quality.measures import NAMES, measure


def of(pixels: NDArray[np.floating], modality: str = "MR") -> dict[str, float]:
    found = measure(Image(pixels.astype(np.float32), modality))
    return dict(zip(NAMES, found.tolist(), strict=True))


def phantom(noise: float = 1.0) -> NDArray[np.float64]:
    y, x = np.mgrid[-1:1:256j, -1:1:256j]
    body = 100 / (1 + np.exp((np.hypot(x / 0.45, y / 0.6) - 1) * 60))
    body = body + 30 / (1 + np.exp((np.hypot(x - 0.1, y - 0.2) / 0.12 - 1) * 20))
    return body + np.random.default_rng(0).normal(0, noise, body.shape)


@pytest.mark.parametrize("period", [2, 3, 4])
def test_a_copy_is_seen_at_its_distance_and_not_elsewhere(period: int) -> None:
    clean = phantom()
    away = np.roll(clean, round(256 / period), axis=0) + np.roll(clean, -round(256 / period), axis=0)
    ghosted, before = of(clean + 0.08 * away), of(clean)
    assert ghosted["copy_edges"] > before["copy_edges"] + 0.015
    assert ghosted["copy_air"] > before["copy_air"] + 0.003
    wrong = of(clean + 0.08 * np.roll(clean, 107, axis=0))
    assert wrong["copy_edges"] < ghosted["copy_edges"]


def test_a_single_wrong_frequency_stands_alone() -> None:
    stripes = 2 * np.cos(np.arange(256) * 0.9)[:, None] * np.ones(256)
    assert of(phantom() + stripes)["lone_frequency"] > of(phantom())["lone_frequency"] + 2


def test_a_coil_is_found_by_the_slopes_it_gives_to_flat_tissue() -> None:
    across = np.linspace(-1, 1, 256)[None, :]
    found, even = of(phantom() * np.exp(0.6 * across)), of(phantom())
    assert found["shade_slope"] == pytest.approx(0.6, rel=0.35)
    assert even["shade_slope"] < 0.15
    assert found["shade_tiles"] > even["shade_tiles"]


def test_rings_are_found_around_an_axis_off_the_middle() -> None:
    clean = 40 + np.random.default_rng(1).normal(0, 5, (256, 256))
    heights = 30 * ndimage.gaussian_filter1d(np.random.default_rng(5).normal(0, 1, 400), 1.5)
    for down, across in ((0, 0), (5, -4)):
        middle = np.array([127.5 + down, 127.5 + across])[:, None, None]
        away = np.hypot(*(np.mgrid[:256, :256] - middle))
        found = of(clean + heights[away.astype(int)] * (away < 90), "CT")
        assert found["axis_off"] == pytest.approx(np.hypot(down, across) / 256, abs=0.01)
        assert found["axis_rings"] > of(clean, "CT")["axis_rings"] + 0.3


def test_blur_widens_edges_and_ends_the_spectrum_earlier() -> None:
    sharp, soft = of(phantom()), of(ndimage.gaussian_filter(phantom(), 2))
    assert soft["across_p50"] > sharp["across_p50"]
    assert soft["fall_low"] < sharp["fall_low"]
    lines = np.fft.fft2(phantom())
    lines[60:-60] = 0
    assert of(np.abs(np.fft.ifft2(lines)))["cut_y"] > sharp["cut_y"] + 1


def test_a_clip_is_a_lump() -> None:
    clipped = phantom()
    clipped[100:106, 120:126] = 250
    assert of(clipped, "CR")["lump_score"] > 2 * of(phantom(), "CR")["lump_score"]


def test_noise_hides_more_of_a_window_the_stronger_it_is() -> None:
    flat = 10 * phantom(0) - 1000
    grain = np.random.default_rng(2).normal(0, 1, flat.shape)
    hidden = [of(flat + sigma * grain, "CT")["hidden_grey_lung"] for sigma in (5, 50, 200)]
    assert hidden == sorted(hidden)
    assert hidden[-1] > 0.5 > hidden[0]


@pytest.mark.parametrize("modality", ["CT", "MR", "CR"])
def test_always_finite(modality: str) -> None:
    odd = [np.zeros((64, 64)), np.array([[3.0]]), np.arange(300.0)[None, :], np.eye(1, 4096).reshape(64, 64)]
    odd.append(np.where(np.eye(50) > 0, np.nan, np.inf))
    for pixels in odd:
        assert np.isfinite(list(of(pixels, modality).values())).all()


def test_names_are_not_given_twice() -> None:
    assert len(set(NAMES)) == len(NAMES)
