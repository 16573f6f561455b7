"""Simulated defects of MR against what their physics says, in numbers."""

from __future__ import annotations

import numpy as np
import pytest

from simgrid.quality.defects.receipt import Parameter
from simgrid.quality.image import Image
from tests.defects_made import SIDE, disc, grid, made


# --- MR --------------------------------------------------------------------------------------------------
def test_background_of_mr_noise_is_rayleigh_and_bright_signal_gaussian() -> None:
    for acquired in (1.0, 0.6):
        dark = made(Image(np.zeros((SIDE, SIDE), np.float32), "MR"), "noise", sigma=20.0, acquired=acquired)
        assert dark.mean() == pytest.approx(np.sqrt(np.pi / 2) * 20, rel=0.03)
        assert dark.std() == pytest.approx(np.sqrt(2 - np.pi / 2) * 20, rel=0.05)
    bright = made(Image(np.full((SIDE, SIDE), 900, np.float32), "MR"), "noise", sigma=20.0, acquired=1.0)
    assert bright.mean() == pytest.approx(900 + 20**2 / (2 * 900), abs=1)
    assert bright.std() == pytest.approx(20, rel=0.05)


@pytest.mark.parametrize("encode", [0, 1])
@pytest.mark.parametrize("kind", ["amplitude", "phase"])
@pytest.mark.parametrize("period", [2, 4, 8])
def test_ghosts_stand_every_nth_of_the_field_along_the_phase_encoding(
    encode: int, kind: str, period: int
) -> None:
    """The k-th ghost is as high as the modulation's k-th Fourier coefficient, and lies k N/period away."""
    plane = np.zeros((SIDE, SIDE), np.float32)
    plane[50, 70] = 1000
    ghosted = made(
        Image(plane, "MR"), "ghosting", kind=kind, encode=encode, period=period, depth=0.4, phase=0.0
    )
    swing = 0.4 * np.cos(2 * np.pi * np.arange(period) / period)
    heights = np.abs(np.fft.fft(np.exp(1j * swing) if kind == "phase" else 1 + swing)) / period
    if kind == "amplitude" and period > 2:
        assert heights[1] == pytest.approx(0.2)
    for ghost, height in enumerate(heights):
        row, column = (np.array([50, 70]) + ghost * SIDE // period * np.eye(2, dtype=int)[encode]) % SIDE
        assert ghosted[row, column] == pytest.approx(1000 * height, abs=0.1)
        ghosted[row, column] = 0
    assert ghosted.max() < 0.1


def test_a_spike_is_a_wave_of_its_frequency_and_height() -> None:
    plane = np.full((SIDE, SIDE), 500, np.float32)
    striped = made(
        Image(plane, "MR"), "ghosting", kind="spike", encode=0, row=10, column=-7, height=50.0, phase=0.0
    )
    spectrum = np.abs(np.fft.fft2(striped - striped.mean()))
    assert np.unravel_index(int(spectrum.argmax()), spectrum.shape) in {(10, SIDE - 7), (SIDE - 10, 7)}
    assert striped.max() == pytest.approx(550, abs=2)


@pytest.mark.parametrize("encode", [0, 1])
def test_what_lies_outside_half_a_field_wraps_to_the_other_side(encode: int) -> None:
    plane = np.zeros((SIDE, SIDE), np.float32)
    place = [64, 64]
    place[encode] = 64 + 40  # eight pixels beyond the edge of the inner half
    plane[place[0], place[1]] = 1000
    parameters: dict[str, Parameter] = {"encode": encode, "share": 0.5, "middle": 0.5}
    narrow = made(Image(plane, "MR"), "truncation", shown="narrow field", **parameters)
    place[encode] = 64 - 24
    assert narrow[place[0], place[1]] == 1000
    assert narrow.sum() == pytest.approx(1000)
    aside = made(Image(plane, "MR"), "truncation", shown="narrow field", **(parameters | {"middle": 0.4}))
    place[encode] = 104 - 64  # the field is rows 19 to 82, and 104 lies a field further
    assert aside[place[0], place[1]] == 1000
    small = made(Image(plane, "MR"), "truncation", shown="small field", **parameters)
    found = np.unravel_index(int(small.argmax()), small.shape)
    assert abs(int(found[encode]) - (64 - 48)) <= 1


def test_lines_of_one_pose_are_the_image_and_lines_of_two_ghost() -> None:
    image = Image((1000 * disc(30) - 300 * disc(8, 10, 5)).astype(np.float32), "MR")
    pose = {"start": 0.0, "rows": 3.0, "columns": -5.0, "degrees": 0.0}
    moved = made(image, "motion", encode=0, shots=1, poses=[pose])
    assert np.abs(moved - np.roll(image.pixels, (3, -5), (0, 1))).max() < 0.5
    resting = pose | {"rows": 0.0, "columns": 0.0}
    still = made(image, "motion", encode=0, shots=3, poses=[resting])
    assert np.abs(still - image.pixels).max() < 0.1
    twice = made(image, "motion", encode=0, shots=2, poses=[pose | {"start": 0.5}])
    background = disc(34) < 0.5
    along, aside = background.copy(), background.copy()
    along[:, :20], along[:, -20:] = False, False
    aside[:20], aside[-20:] = False, False
    assert twice[along].std() > 1.5 * twice[aside & (np.abs(grid()[1]) > 40)].std()


def test_the_bias_field_has_the_ratio_it_was_given_and_keeps_the_mean() -> None:
    flat = Image(np.full((SIDE, SIDE), 100, np.float32), "MR")
    rest: dict[str, Parameter] = {"row": 0.1, "column": 0.7, "radius": 0.6, "turned": 1, "terms": [0.4] * 9}
    for kind in ("coil", "smooth"):
        biased = made(flat, "bias", kind=kind, ratio=3.0, **rest)
        assert biased.max() / biased.min() == pytest.approx(3, rel=1e-4)
        assert biased.mean() == pytest.approx(100, rel=1e-4)
        assert np.abs(np.diff(np.log(biased), axis=0)).max() < 0.1


@pytest.mark.parametrize("edge", ["sharp", "soft"])
def test_the_cut_of_k_space_keeps_the_mean_and_nothing_beyond(edge: str) -> None:
    image = Image((300 + 500 * disc(30, 4, 9)).astype(np.float32), "MR")
    blurred = made(image, "blur", rows=0.25, columns=0.5, edge=edge)
    assert blurred.mean() == pytest.approx(image.pixels.mean(), rel=1e-5)
    spectrum = np.abs(np.fft.fft2(blurred))
    assert spectrum[20 : SIDE - 19].max() < 1e-4 * spectrum.max()
    assert spectrum[:, 36 : SIDE - 35].max() < 1e-4 * spectrum.max()
