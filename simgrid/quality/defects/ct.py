"""CT: what goes wrong between tube and detector, made in the sinogram and reconstructed.

Filtered back-projection is linear, so a defective image is the image plus the reconstruction of what the
defect changes in its sinogram. What is not changed keeps its every detail: nothing is blurred by being
projected and reconstructed, which a classifier would learn instead of the defect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.defects.projector import (
    Scanner,
    back_project,
    fitted,
    noise_kept,
    project,
    scanner,
    shifted,
    window_of,
)
from simgrid.quality.defects.receipt import Parameter, Parameters, number, numbers, word
from simgrid.quality.defects.scales import log_between
from simgrid.quality.image import Image, Pixels

WATER_PER_MM = 0.0193  # attenuation at 70 keV, the mean energy of a 120 kV beam (NIST XCOM: 0.193 /cm)
AIR_HU = -1000.0
LOWEST_HU, HIGHEST_HU = -1024.0, 3071.0  # what twelve bits hold
FIELD_MM = 350.0  # a body field of view, where a file tells no spacing

Sinogram = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scan:
    """A plane of Hounsfield units made ready: its scanner, its pixel in mm, and its line integrals."""

    image: Image
    scan: Scanner
    pixel_mm: float
    lines: Sinogram  # attenuation along each ray, without a unit

    def with_change(self, change: Sinogram, window: float = 1.0) -> Pixels:
        """The image with a change of its line integrals reconstructed on top."""
        per_mm = back_project(self.scan, change, window) / self.pixel_mm
        added = per_mm[window_of(self.image.pixels.shape, self.scan.size)] * (1000 / WATER_PER_MM)
        return within_scale(self.image, self.image.pixels + added)


def scan_of(image: Image) -> Scan:
    """Project the image. Below -1000 HU is no attenuation less than air's, but padding."""
    attenuation = np.maximum(image.pixels - AIR_HU, 0) * np.float32(WATER_PER_MM / 1000)
    square = fitted(attenuation, 0.0)
    tables, pixel = scanner(square.shape[0]), pixel_mm(image)
    return Scan(image, tables, pixel, project(tables, square) * np.float32(pixel))


def pixel_mm(image: Image) -> float:
    """The side of a pixel: of the file, or such that the longer side of the plane is a body's 350 mm."""
    if image.spacing_mm is None or min(image.spacing_mm) <= 0:
        return float(FIELD_MM / max(image.pixels.shape))
    return math.sqrt(image.spacing_mm[0] * image.spacing_mm[1])


def within_scale(image: Image, pixels: NDArray[np.floating]) -> Pixels:
    """Clipped to what the file can hold; padding outside the scanner's round field stays what it was."""
    low, high = image.limits or (LOWEST_HU, HIGHEST_HU)
    low, high = min(low, float(image.pixels.min())), max(high, float(image.pixels.max()))
    return np.where(padding(image), image.pixels, np.clip(pixels, low, high)).astype(np.float32)


def padding(image: Image) -> NDArray[np.bool_]:
    """Pixels that were never measured: below the scale, or outside the round field and all alike."""
    rows, columns = image.pixels.shape
    down, across = np.ogrid[:rows, :columns]
    radius = np.hypot(down - (rows - 1) / 2, across - (columns - 1) / 2)
    outside = radius > max(rows, columns) / 2
    lowest = image.pixels.min()
    padded = np.asarray(outside & (image.pixels == lowest) & (lowest <= AIR_HU))
    return np.asarray(padded | (image.pixels < LOWEST_HU))


def body(image: Image) -> NDArray[np.bool_]:
    """Where the patient is: above -300 HU; everything where nothing is."""
    inside = image.pixels > -300
    return inside if inside.any() else np.ones_like(inside)


def draw_noise(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """Photons a ray such that a pixel in the middle of the patient has 8 to 120 HU of noise.

    The scale is a scanner's noise index: for white noise of the line integrals, the variance of a pixel of
    attenuation is pi^2 / (12 views pixel^2) times theirs (Kak and Slaney 5.2), less what the kernel smooths.
    """
    noise_hu = log_between(8, 120, severity)
    window = float(rng.uniform(0.5, 1.5))
    scan = scan_of(image)
    middle = np.argwhere(body(image)).mean(axis=0) - np.asarray(image.pixels.shape) // 2
    along = np.cos(scan.scan.angles) * middle[1] + np.sin(scan.scan.angles) * middle[0]
    elements = np.rint(along).astype(np.intp) + scan.scan.detectors // 2
    lost = np.exp(np.minimum(scan.lines[np.arange(scan.scan.views), elements], 14.0)).mean()
    smoothing = noise_kept(scan.scan, window) / scan.pixel_mm * np.pi / np.sqrt(12 * scan.scan.views)
    return {
        "photons": float(lost * (smoothing / (noise_hu / 1000 * WATER_PER_MM)) ** 2),
        "electronic": float(rng.uniform(2, 12)),
        "window": window,
    }


def apply_noise(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Poisson photons and Gaussian electronics on every ray, through the logarithm, reconstructed.

    ``photons`` leave the tube for each detector element and view; ``electronic`` is the detector's noise in
    photons; ``window`` the reconstruction kernel. Starved rays make the streaks of low dose.
    """
    scan = scan_of(image)
    counts = noisy_counts(
        np.exp(-scan.lines.astype(np.float64)),
        number(parameters, "photons"),
        number(parameters, "electronic"),
        rng,
    )
    change = -np.log(counts / number(parameters, "photons")) - scan.lines
    change[:, np.abs(scan.scan.positions) > scan.scan.size * np.sqrt(0.5)] = 0  # no ray crosses the plane
    return scan.with_change(change.astype(np.float32), number(parameters, "window"))


def noisy_counts(
    transmitted: NDArray[np.float64], photons: float, electronic: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Photons counted where a share of ``photons`` is transmitted; no less than the electronics' own noise.

    Scanners hold starved readings there before the logarithm, or smooth them (Hsieh 1998, doi
    10.1118/1.598410): without it every starved ray would be a streak across the image.
    """
    counted = rng.poisson(transmitted * photons) + rng.normal(0, 1, transmitted.shape) * electronic
    return np.maximum(counted, max(electronic, 1.0))


def draw_motion(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """A jerk part way (shift and rotation), or breathing (a shift to and fro), by the field of view."""
    scanned = scanner(fitted(image.pixels, 0).shape[0])
    field = pixel_mm(image) * max(image.pixels.shape)
    direction = rng.uniform(0, 2 * np.pi)
    size = field * log_between(0.003, 0.035, severity)
    turn = log_between(0.3, 5.0, severity) * rng.uniform(0.3, 1) * rng.choice([-1, 1])
    step = 180 / scanned.views
    return {
        "pattern": str(rng.choice(["jerk", "breathing"], p=[0.65, 0.35])),
        "rows_mm": float(size * np.sin(direction)),
        "columns_mm": float(size * np.cos(direction)),
        "degrees": float(np.rint(turn / step) * step),
        "scan": str(rng.choice(["full", "half"], p=[0.75, 0.25])),
        "start": float(rng.uniform(0.4, 0.8)),
        "takes": float(rng.uniform(0.01, 0.15)),
        "cycles": float(rng.uniform(1.0, 3.0)),
        "phase": float(rng.uniform(0, 2 * np.pi)),
    }


def apply_motion(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Views taken of a patient who moves: each as the patient lay at its moment.

    A jerk begins at ``start`` of the scan and ``takes`` a share of it; its rotation is a whole number of
    views, so that none is interpolated. Breathing moves every view by a sine of ``cycles`` in the scan. A
    full turn sees each ray twice, half a turn apart, and averages; a ``half`` scan sees it once.
    """
    scan = scan_of(image)
    halves = 2 if word(parameters, "scan", "full", "half") == "full" else 1
    time = np.arange(halves * scan.scan.views).reshape(halves, -1) / (halves * scan.scan.views)
    posed = np.mean([_posed(scan, parameters, moments) for moments in time], axis=0)
    return scan.with_change(posed - scan.lines)


def _posed(scan: Scan, parameters: Parameters, time: NDArray[np.float64]) -> Sinogram:
    """The sinogram whose views are taken at these moments (0 to 1) of the scan."""
    along = np.cos(scan.scan.angles) * number(parameters, "columns_mm")
    along = (along + np.sin(scan.scan.angles) * number(parameters, "rows_mm")) / scan.pixel_mm
    if word(parameters, "pattern", "jerk", "breathing") == "breathing":
        cycle = 2 * np.pi * number(parameters, "cycles") * time + number(parameters, "phase")
        return shifted(scan.lines, along * np.sin(cycle))
    moved = np.clip((time - number(parameters, "start")) / number(parameters, "takes"), 0, 1)
    turned = _turned(scan.lines, round(number(parameters, "degrees") * scan.scan.views / 180))
    blend = (moved > 0.5).astype(np.float32)[:, None]
    return shifted(scan.lines * (1 - blend) + turned * blend, along * moved)


def _turned(lines: Sinogram, views: int) -> Sinogram:
    """The sinogram of the plane turned by whole views; past half a turn the detector is mirrored."""
    mirrored = np.roll(lines[:, ::-1], 1, axis=1)  # the axis is at an element: -s of element j is count - j
    whole = np.concatenate([lines, mirrored])
    return np.roll(whole, views, axis=0)[: lines.shape[0]]


def draw_ring(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """Two to a dozen elements whose gain is wrong by as much as gives rings of 25 to 300 HU in the patient.

    A ring of radius r pixels is about 1 / (4 sqrt(r)) of an element's error over the pixel's side high, its
    dark edges as deep: inner rings are stronger, since elements err alike whichever ring they make. Contrasts
    hold at a fifth of the side.
    """
    pixel, side = pixel_mm(image), max(image.pixels.shape)
    contrast = log_between(25, 300, severity)
    error = contrast / 1000 * WATER_PER_MM * pixel * 4 * np.sqrt(0.2 * side)
    count = int(rng.integers(2 + round(3 * severity), 5 + round(9 * severity)))
    away = np.argwhere(body(image)) - np.asarray(image.pixels.shape) // 2
    rings = []
    for _ in range(count):
        gain = error * rng.uniform(0.4, 1) * rng.choice([-1, 1])
        whole = rng.random() < 0.7
        rings.append(
            {
                "element": round(float(np.hypot(*away[rng.integers(len(away))]))),
                "elements": int(rng.integers(1, 2 + side // 200)),
                "gain": float(np.clip(gain, -0.5, 0.5)),
                "from": 0.0 if whole else float(rng.uniform(0, 1)),
                "share": 1.0 if whole else float(rng.uniform(0.2, 0.8)),
            }
        )
    centre = rng.normal(0, 0.02, 2) * side * pixel if rng.random() < 0.5 else (0.0, 0.0)
    return {"rings": rings, "rows_mm": float(centre[0]), "columns_mm": float(centre[1])}


def apply_ring(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Elements with a gain error: the same error of the line integral in every view, -ln(1 + gain).

    The scan is a full turn: an element sees the other side half a turn later, and opposite rays are averaged.
    ``from`` and ``share`` of the turn: an element that drifts makes an arc. The axis of rotation lies
    ``rows_mm``, ``columns_mm`` from the middle of the image.
    """
    scan = scan_of(image)
    turn = np.zeros((2 * scan.scan.views, scan.scan.detectors), np.float32)
    view = np.arange(turn.shape[0]) / turn.shape[0]
    middle = scan.scan.detectors // 2
    for ring in numbers(parameters, "rings"):
        active = np.mod(view - number(ring, "from"), 1) < number(ring, "share")
        first = int(np.clip(middle + number(ring, "element"), 0, scan.scan.detectors - 1))
        last = first + max(1, round(number(ring, "elements")))
        turn[active, first:last] -= np.float32(np.log1p(number(ring, "gain")))
    mirrored = np.roll(turn[scan.scan.views :, ::-1], 1, axis=1)
    change = (turn[: scan.scan.views] + mirrored) / 2
    along = np.cos(scan.scan.angles) * number(parameters, "columns_mm")
    along = (along + np.sin(scan.scan.angles) * number(parameters, "rows_mm")) / scan.pixel_mm
    return scan.with_change(shifted(change.astype(np.float32), along))


def draw_truncation(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """A round field of measurement that leaves out 3 to 45 % of the patient."""
    pixel = pixel_mm(image)
    inside = np.argwhere(body(image))
    middle = (np.asarray(image.pixels.shape) - 1) / 2
    centre = rng.normal(0, 0.04, 2) * max(image.pixels.shape)
    distance = np.hypot(*(inside - middle - centre).T)
    radius = np.quantile(distance, 1 - log_between(0.03, 0.45, severity))
    return {
        "radius_mm": float(max(radius, 1) * pixel),
        "rows_mm": float(centre[0] * pixel),
        "columns_mm": float(centre[1] * pixel),
        "taper": float(rng.uniform(0, 0.3)),
        "shown": str(rng.choice(["field", "everything"], p=[0.6, 0.4])),
    }


def apply_truncation(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Rays outside the detector are not measured: the bright rim and the cupping of a patient too large.

    Missing rays are continued by a cosine that ends after ``taper`` of the radius (0: by nothing), as
    scanners do. ``shown``: the measured field with padding around it, or everything, as it comes out.
    """
    scan = scan_of(image)
    rows, columns = (number(parameters, name) / scan.pixel_mm for name in ("rows_mm", "columns_mm"))
    radius = number(parameters, "radius_mm") / scan.pixel_mm
    along = np.cos(scan.scan.angles) * columns + np.sin(scan.scan.angles) * rows
    position = scan.scan.positions[None, :] - along[:, None]
    edge = np.clip(
        along[:, None] + np.clip(position, -radius, radius), scan.scan.positions[0], scan.scan.positions[-1]
    )
    held = _at(scan.lines, edge + scan.scan.detectors // 2)
    beyond = np.abs(position) - radius
    fall = np.cos(np.pi / 2 * np.clip(beyond / max(number(parameters, "taper") * radius, 1e-6), 0, 1))
    measured = np.where(beyond <= 0, scan.lines, held * fall)
    pixels = scan.with_change((measured - scan.lines).astype(np.float32), 0.0)
    if word(parameters, "shown", "field", "everything") == "field":
        down, across = np.ogrid[: pixels.shape[0], : pixels.shape[1]]
        middle = (np.asarray(pixels.shape) - 1) / 2
        away = np.hypot(down - middle[0] - rows, across - middle[1] - columns)
        pixels = np.where(away > radius, within_scale(image, np.full_like(pixels, LOWEST_HU)), pixels)
    return pixels


def _at(lines: Sinogram, elements: NDArray[np.floating]) -> NDArray[np.float64]:
    """Each view read between its elements."""
    first = np.clip(np.floor(elements).astype(np.intp), 0, lines.shape[1] - 2)
    share = elements - first
    lower = np.take_along_axis(lines, first, axis=1)
    upper = np.take_along_axis(lines, first + 1, axis=1)
    return np.asarray(lower * (1 - share) + upper * share)


def draw_blur(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """A focal spot and kernel of 1.6 pixels to 2.2 % of the field, full width at half maximum."""
    side = max(image.pixels.shape)
    pixels = log_between(1.6, max(3.0, 0.022 * side), severity)
    return {"fwhm_mm": float(pixels * pixel_mm(image))}


def apply_blur(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """The Gaussian of a large focal spot or of a kernel too smooth; the mean stays."""
    sigma = min(number(parameters, "fwhm_mm") / pixel_mm(image) / 2.3548, max(image.pixels.shape))
    measured = np.where(padding(image), np.float32(AIR_HU), image.pixels)
    return within_scale(image, ndimage.gaussian_filter(measured, sigma, mode="reflect"))
