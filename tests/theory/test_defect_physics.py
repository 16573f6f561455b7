"""Simulated defects of CT, and of no strength at all, against what their physics says, in numbers."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.transform import radon

from simgrid.quality.defects.ct import WATER_PER_MM, pixel_mm
from simgrid.quality.defects.ct_metal import METALS, transmitted, water_corrected
from simgrid.quality.defects.projector import back_project, noise_kept, project, scanner, shifted
from simgrid.quality.defects.receipt import Parameter
from simgrid.quality.image import Image
from tests.defects_made import SIDE, disc, grid, made


def water(side: int = SIDE) -> Image:
    """A water phantom of 200 mm in a field of 256 mm."""
    return Image((1000 * disc(0.39 * side, side=side) - 1000).astype(np.float32), "CT", "", (256 / side,) * 2)


# --- the projector ---------------------------------------------------------------------------------------
def test_line_sums_of_a_disc_are_its_chords_and_conserve_its_mass() -> None:
    scan = scanner(SIDE)
    lines = project(scan, disc(40, 6, -9))
    assert np.allclose(lines.sum(axis=1), disc(40, 6, -9).sum(), rtol=1e-4)
    centre = np.cos(scan.angles) * -9 + np.sin(scan.angles) * 6
    away = scan.positions[None, :] - centre[:, None]
    inside = np.abs(away) < 36
    assert np.abs(lines - 2 * np.sqrt(np.maximum(40**2 - away**2, 0)))[inside].max() < 0.5


def test_line_sums_are_those_of_another_projector() -> None:
    """scikit-image turns the other way: its rows count upwards."""
    down, across = grid(64)
    plane = np.exp(-((down - 5) ** 2 + (across + 9) ** 2) / 40) + np.exp(-(down**2) / 90 - across**2 / 20)
    plane[np.hypot(down, across) > 31] = 0
    scan = scanner(64)
    theirs = radon(plane, -np.rad2deg(scan.angles), circle=True).T
    assert np.abs(project(scan, plane)[:, 32:96] - theirs).max() < 0.01 * theirs.max()


@pytest.mark.parametrize("side", [64, 128, 256])
def test_what_is_projected_and_reconstructed_comes_back(side: int) -> None:
    plane = disc(side * 0.4, side=side) + 0.5 * disc(side * 0.1, side * 0.1, -side * 0.2, side)
    rebuilt = back_project(scanner(side), project(scanner(side), plane), 0)
    assert np.sqrt(np.mean((rebuilt - plane) ** 2)) < 1.5e-3  # of a phantom of 1


def test_projecting_is_linear_and_a_shift_is_a_shift() -> None:
    scan = scanner(SIDE)
    first, second = disc(20, 5, 7), disc(12, -30, 4)
    both = project(scan, 2 * first - 3 * second)
    assert np.allclose(both, 2 * project(scan, first) - 3 * project(scan, second), atol=1e-3)
    along = np.cos(scan.angles) * 3 + np.sin(scan.angles) * -6
    assert np.abs(shifted(project(scan, first), along) - project(scan, disc(20, -1, 10))).max() < 0.02


# --- CT --------------------------------------------------------------------------------------------------
def test_ct_noise_variance_is_one_over_dose_and_as_large_as_theory_says() -> None:
    image, inner = water(), disc(15) > 0.5
    variances = {}
    for photons in (4e5, 8e5, 1.6e6, 3.2e6):
        noisy = [
            made(image, "noise", seed, photons=photons, electronic=0.0, window=1.0) - image.pixels
            for seed in range(6)
        ]
        variances[photons] = np.mean([noise[inner].var() for noise in noisy])
    scaled = [photons * variance for photons, variance in variances.items()]
    assert max(scaled) / min(scaled) < 1.15
    attenuation = 2 * 0.39 * 256 * WATER_PER_MM
    per_line = np.exp(attenuation) * (np.pi * noise_kept(scanner(SIDE), 1.0)) ** 2
    expected = per_line / (12 * scanner(SIDE).views) * (1000 / WATER_PER_MM / pixel_mm(image)) ** 2
    assert np.mean(scaled) == pytest.approx(expected, rel=0.12)


def test_ct_noise_is_strongest_behind_the_most_tissue() -> None:
    image = water()
    noise = np.std(
        [
            made(image, "noise", seed, photons=3e5, electronic=5.0, window=1.0) - image.pixels
            for seed in range(12)
        ],
        axis=0,
    )
    assert noise[disc(10) > 0.5].mean() > 1.3 * noise[(disc(49) > 0.5) & (disc(44) < 0.5)].mean()


def test_rings_are_rings_around_the_axis() -> None:
    image = water()
    ring: Parameter = [{"element": 25, "elements": 1, "gain": -0.03, "from": 0.0, "share": 1.0}]
    changed = made(image, "ring", rings=ring, rows_mm=0.0, columns_mm=0.0) - image.pixels
    down, across = grid()
    radius, angle = np.hypot(down, across), np.arctan2(down, across)
    profile = [changed[np.abs(radius - r) < 0.5].mean() for r in range(3, 45)]
    assert 3 + int(np.argmax(profile)) in (25, 26)
    on_ring = np.abs(radius - 25.2) < 0.8
    sectors = [changed[on_ring & (np.floor((angle + np.pi) / (np.pi / 4)) == k)].mean() for k in range(8)]
    assert min(sectors) > 0.7 * max(sectors) > 5
    assert changed[on_ring].mean() > 6 * np.abs(changed[(radius > 32) & (radius < 45)]).mean()


def test_an_element_that_drifts_makes_an_arc_on_one_side() -> None:
    image = water()
    ring: Parameter = [{"element": 25, "elements": 1, "gain": -0.03, "from": 0.0, "share": 0.5}]
    changed = made(image, "ring", rings=ring, rows_mm=0.0, columns_mm=0.0) - image.pixels
    down, across = grid()
    on_ring = np.abs(np.hypot(down, across) - 25.2) < 0.8
    halves = [changed[on_ring & side].mean() for side in (down > 3, down < -3)]
    assert max(halves) > 5 * abs(min(halves))


def test_a_patient_who_does_not_move_leaves_no_trace_and_one_who_moves_streaks() -> None:
    image = Image(water().pixels + (400 * disc(6, 20, 10)).astype(np.float32), "CT", "", (2.0, 2.0))
    still = {"pattern": "jerk", "scan": "full", "degrees": 0.0, "start": 0.5, "takes": 0.05}
    rest = {"cycles": 1.0, "phase": 0.0}
    unmoved = made(image, "motion", rows_mm=0.0, columns_mm=0.0, **still, **rest)
    assert np.abs(unmoved - image.pixels).max() < 0.1
    at_once = still | {"scan": "half", "start": -1.0}
    moved = made(image, "motion", rows_mm=8.0, columns_mm=-4.0, **at_once, **rest)
    assert np.abs(moved - np.roll(image.pixels, (4, -2), (0, 1)))[disc(50) > 0.5].mean() < 4
    turned = made(image, "motion", rows_mm=0.0, columns_mm=0.0, **(at_once | {"degrees": 90.0}), **rest)
    down, across = (int(value.mean()) for value in np.nonzero(turned * (disc(45) > 0.5) > 200))
    assert (down - 64, across - 64) == (10, -20) or (down - 64, across - 64) == (-10, 20)


def test_water_behind_water_is_corrected_and_metal_is_hardened() -> None:
    thickness = np.linspace(0, 400, 50)
    seen = -np.log(transmitted(thickness, np.zeros(50), "steel"))
    assert np.abs(water_corrected(seen) - thickness).max() < 0.01
    for metal in METALS:
        depth = np.array([0.5, 1.0, 2.0, 4.0, 8.0])
        apparent = water_corrected(-np.log(transmitted(np.full(5, 150.0), depth, metal))) - 150
        assert (np.diff(apparent / depth) < 0).all()  # twice the metal attenuates less than twice as much


def test_two_metals_are_bright_and_the_band_between_them_is_dark() -> None:
    image = water()
    objects: Parameter = [
        {"rows_mm": 0.0, "columns_mm": x, "long_mm": 5.0, "short_mm": 5.0, "degrees": 0.0}
        for x in (-40.0, 40.0)
    ]
    marred = made(image, "metal", objects=objects, material="titanium", photons=1e12, electronic=0.0)
    assert marred[64, 44] > 2000
    assert marred[64, 84] > 2000
    assert marred[63:66, 58:71].mean() < -40
    assert abs(marred[20:25, 60:70].mean()) < 40


def test_rays_through_metal_starve_behind_tissue_and_not_in_air() -> None:
    objects: Parameter = [
        {"rows_mm": 0.0, "columns_mm": 0.0, "long_mm": 4.0, "short_mm": 4.0, "degrees": 0.0}
    ]
    streaks = {}
    for name, image in (
        ("water", water()),
        ("air", water().with_pixels(np.full_like(water().pixels, -1000))),
    ):
        apart = [
            made(image, "metal", seed, objects=objects, material="titanium", photons=3e4, electronic=2.0)
            for seed in (1, 2)
        ]
        streaks[name] = np.abs(apart[0] - apart[1])[80:90, 50:80].mean()
    assert streaks["water"] > 2 * streaks["air"]


def test_a_truncated_patient_has_a_bright_rim_and_padding_outside() -> None:
    image = water()
    cut = made(image, "truncation", radius_mm=60.0, rows_mm=0.0, columns_mm=0.0, taper=0.0, shown="field")
    down, across = grid()
    radius = np.hypot(down, across) * 2
    assert (cut[(radius > 63) & (radius < 124)] == -1024).all()
    assert cut[np.abs(radius - 57) < 2].mean() > cut[radius < 20].mean() + 100
    whole = made(
        image, "truncation", radius_mm=120.0, rows_mm=0.0, columns_mm=0.0, taper=0.0, shown="everything"
    )
    assert np.abs(whole - image.pixels).max() < 15


# --- nothing of a defect is the image -------------------------------------------------------------------
NOTHING: list[tuple[str, str, dict[str, Parameter], float]] = [
    ("CT", "noise", {"photons": 1e15, "electronic": 0.0, "window": 1.0}, 0.05),
    ("CT", "ring", {"rings": [], "rows_mm": 4.0, "columns_mm": -3.0}, 0.01),
    (
        "CT",
        "metal",
        {"objects": [], "material": "steel", "photons": 1e5, "electronic": 5.0},
        0.01,
    ),
    ("CT", "blur", {"fwhm_mm": 0.0}, 0.01),
    ("MR", "noise", {"sigma": 0.0, "acquired": 0.7}, 0.01),
    ("MR", "ghosting", {"kind": "phase", "encode": 0, "period": 4, "depth": 0.0, "phase": 1.0}, 0.01),
    ("MR", "blur", {"rows": 1.01, "columns": 1.01, "edge": "sharp"}, 0.01),
    ("MR", "truncation", {"encode": 1, "share": 1.0, "middle": 0.5, "shown": "small field"}, 0.01),
    ("CR", "noise", {"photons": 1e12, "electronic": 0.0, "spread": 0.0}, 0.1),
    ("CR", "blur", {"fwhm": 0.0}, 0.01),
    ("CR", "motion", {"length": 0.0, "degrees": 20.0, "bend": 0.0, "rest": 0.0}, 0.01),
    ("CR", "metal", {"objects": []}, 0.01),
    (
        "CR",
        "exposure",
        {"dose": 1.0, "ranging": 0.5, "headroom": 30.0, "photons": 1e12, "bits": 24},
        0.2,
    ),
    (
        "CR",
        "truncation",
        {"blades": [0, 0, 0, 0], "degrees": 3.0, "penumbra": 1.0, "transmission": 0.01, "shown": "shutter"},
        0.01,
    ),
]


@pytest.mark.parametrize(("family", "defect", "parameters", "within"), NOTHING)
def test_nothing_of_a_defect_leaves_the_image_alone(
    family: str, defect: str, parameters: dict[str, Parameter], within: float
) -> None:
    """Whatever else a simulation did to every image would be learned in the place of the defect."""
    down, across = grid()
    texture = 20 * np.sin(down * 1.1) * np.cos(across * 1.7) + 0.37
    tissue = disc(50) * (400 + texture) - 150 * disc(9, 12, 20)
    pixels = tissue - 400 - 600 * (1 - disc(50)) if family == "CT" else np.abs(tissue)
    image = Image(pixels.astype(np.float32), family, "", (2.0, 2.0))
    levels = {"low": 0.0, "high": 450.0, "latitude": 4.0} if family == "CR" else {}
    assert np.abs(made(image, defect, **levels, **parameters) - image.pixels).max() < within
