"""Simulated defects of radiographs against what their physics says, in numbers."""

from __future__ import annotations

import numpy as np
import pytest

from simgrid.quality.defects import Receipt, apply
from simgrid.quality.defects.radiograph import detected, exposure
from simgrid.quality.defects.receipt import Parameter
from simgrid.quality.image import Image
from tests.defects_made import SIDE, disc, made

# --- radiographs -----------------------------------------------------------------------------------------
LEVELS: dict[str, Parameter] = {"low": 0.0, "high": 1000.0, "latitude": 4.0}


@pytest.mark.parametrize("value", [0.0, 400.0, 800.0])
def test_counted_photons_are_poisson(value: float) -> None:
    flat = Image(np.full((SIDE, SIDE), value, np.float32), "CR")
    noisy = made(flat, "noise", **LEVELS, photons=5000.0, electronic=0.0, spread=0.0)
    photons = exposure(noisy, LEVELS) * 5000
    expected = 5000 * np.exp(-4 * value / 1000)
    assert photons.mean() == pytest.approx(expected, rel=0.01)
    assert photons.var() == pytest.approx(expected, rel=0.05)


def test_the_detector_is_linear_in_dose_until_it_is_full() -> None:
    generator = np.random.default_rng(3)
    reading: dict[str, Parameter] = {"photons": 2e5, "headroom": 2.0, "bits": 12}
    signal = {
        dose: float(detected(np.full(4000, 0.1 * dose), reading, generator).mean())
        for dose in (0.5, 1, 2, 4, 8, 16, 19, 21, 40)
    }
    for dose, read in signal.items():
        assert read == pytest.approx(min(0.1 * dose, 2.0), rel=0.005), dose


def test_twice_the_dose_is_darker_by_the_logarithm_and_ranging_takes_it_back() -> None:
    flat = Image(np.full((64, 64), 600, np.float32), "CR", "", None, (-2000.0, 3000.0))
    reading: dict[str, Parameter] = {"photons": 1e6, "headroom": 50.0, "bits": 16}
    for ranging, expected in ((0.0, -np.log(2) * 250), (1.0, 0.0), (0.5, -np.log(2) * 125)):
        shown = made(flat, "exposure", **LEVELS, **reading, dose=2.0, ranging=ranging)
        assert shown.mean() - 600 == pytest.approx(expected, abs=1)


@pytest.mark.parametrize(
    ("defect", "parameters"),
    [
        ("blur", {"fwhm": 5.0}),
        ("motion", {"length": 9.0, "degrees": 30.0, "bend": 0.2, "rest": 0.4}),
    ],
)
def test_blur_and_motion_keep_the_number_of_photons(defect: str, parameters: dict[str, Parameter]) -> None:
    image = Image((900 - 700 * disc(25, 8, -6)).astype(np.float32), "CR")
    before = exposure(image.pixels, LEVELS).sum()
    blurred = made(image, defect, **LEVELS, **parameters)
    assert exposure(blurred, LEVELS).sum() == pytest.approx(before, rel=2e-3)
    assert np.abs(np.diff(blurred, axis=1)).max() < 0.8 * np.abs(np.diff(image.pixels, axis=1)).max()


def test_motion_smears_along_its_direction_only() -> None:
    plane = np.full((SIDE, SIDE), 1000, np.float32)
    plane[:, 64:] = 0  # an edge along the rows
    image = Image(plane, "CR")
    rest: dict[str, Parameter] = {"length": 8.0, "bend": 0.0, "rest": 0.0}
    across = made(image, "motion", **LEVELS, **rest, degrees=0.0)
    along = made(image, "motion", **LEVELS, **rest, degrees=90.0)
    assert ((across[64] > 20) & (across[64] < 980)).sum() in range(6, 11)
    assert np.abs(along[40:90] - plane[40:90]).max() < 1


def test_steel_hides_by_its_thickness_down_to_scatter_and_blades_by_their_share() -> None:
    flat = Image(np.full((SIDE, SIDE), 200, np.float32), "CR", "", None, (-500.0, 3000.0))
    one = {"shape": "disc", "row": 64.0, "column": 64.0, "long": 12.0, "short": 12.0, "degrees": 0.0}
    thin = made(flat, "metal", **LEVELS, objects=[one | {"thick_mm": 1.0}])
    assert thin[64, 64] - 200 == pytest.approx(0.64 * 250, abs=1)
    assert thin[64, 84] == 200
    thick = made(flat, "metal", **LEVELS, objects=[one | {"thick_mm": 500.0}])
    assert thick[64, 64] == pytest.approx(-np.log(0.004) * 250, abs=1)
    blades: dict[str, Parameter] = {"blades": [0.25, 0.0, 0.0, 0.125], "degrees": 0.0, "penumbra": 1.0}
    shut = made(flat, "truncation", **LEVELS, **blades, transmission=0.01, shown="exposed")
    assert (shut > 1000).mean() == pytest.approx(1 - 0.75 * 0.875, abs=0.01)
    assert shut[2, 2] - 200 == pytest.approx(-np.log(0.01) * 250, abs=1)


# --- inversion -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("family", ["CT", "MR", "CR"])
def test_inverted_twice_is_the_image(family: str) -> None:
    image = Image(np.arange(400, dtype=np.float32).reshape(20, 20) * 4 - 300, family)
    receipt = Receipt("inversion", 1, {"family": family, "low": -300.0, "high": 1296.0}, 0)
    once = apply(image, receipt)
    assert np.array_equal(once.pixels, 996 - image.pixels)
    assert np.array_equal(apply(once, receipt).pixels, image.pixels)
