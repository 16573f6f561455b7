"""Simulated defects against what their physics says, in numbers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.transform import radon

from simgrid.quality.defects import SIMULATIONS, Receipt, apply
from simgrid.quality.defects.ct import WATER_PER_MM, pixel_mm
from simgrid.quality.defects.ct_metal import METALS, transmitted, water_corrected
from simgrid.quality.defects.projector import back_project, noise_kept, project, scanner, shifted
from simgrid.quality.defects.radiograph import detected, exposure
from simgrid.quality.defects.receipt import Parameter
from simgrid.quality.image import Image

SIDE = 128


def grid(side: int = SIDE) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    down, across = np.mgrid[:side, :side] - side // 2
    return down.astype(float), across.astype(float)


def disc(radius: float, row: float = 0, column: float = 0, side: int = SIDE) -> NDArray[np.float64]:
    """A disc with an edge of about a pixel."""
    down, across = grid(side)
    return 1 / (1 + np.exp(2 * (np.hypot(down - row, across - column) - radius)))


def water(side: int = SIDE) -> Image:
    """A water phantom of 200 mm in a field of 256 mm."""
    return Image((1000 * disc(0.39 * side, side=side) - 1000).astype(np.float32), "CT", "", (256 / side,) * 2)


def made(image: Image, defect: str, seed: int = 5, **parameters: Parameter) -> NDArray[np.float64]:
    """What the simulation makes, before it is rounded to the whole numbers of a file."""
    simulation = SIMULATIONS[image.modality, defect]  # type: ignore[index]
    return simulation.apply(image, parameters, np.random.default_rng(seed)).astype(float)


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
