"""CT: metal in the patient, seen by a beam of several energies and by a detector that starves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.defects.ct import (
    WATER_PER_MM,
    Scan,
    Sinogram,
    body,
    noisy_counts,
    pixel_mm,
    scan_of,
)
from simgrid.quality.defects.receipt import Parameter, Parameters, number, numbers, word
from simgrid.quality.defects.scales import log_between
from simgrid.quality.image import Image, Pixels

# A filtered 120 kV beam in five bins: keV 40, 55, 70, 90, 110; shares of the photons that a detector counts.
SHARES = np.array([0.12, 0.28, 0.28, 0.20, 0.12])
# Attenuation a millimetre at those energies: NIST XCOM mass attenuation times density; amalgam is half
# mercury, half silver at 10 g/cm3, with mercury's K edge at 83 keV.
WATER = np.array([0.0268, 0.0214, 0.0193, 0.0177, 0.0165])
METALS: Mapping[str, NDArray[np.float64]] = {
    "titanium": np.array([0.997, 0.436, 0.247, 0.150, 0.112]),
    "steel": np.array([2.85, 1.19, 0.638, 0.361, 0.254]),
    "amalgam": np.array([13.6, 5.8, 3.05, 4.2, 2.6]),
}
LONGEST_WATER_MM = 900.0


def draw(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """One to four ellipses in the patient: screws, pins, clips, a prosthesis; bone is preferred.

    Half axes are a share of the field of view: 0.15 to 2 %, the long one up to three times as much; fillings
    of amalgam half as much.
    """
    field = pixel_mm(image) * max(image.pixels.shape)
    bone = np.argwhere(image.pixels > 250)
    places = bone if len(bone) > 20 and rng.random() < 0.6 else np.argwhere(body(image))
    middle = (np.asarray(image.pixels.shape) - 1) / 2
    material = str(rng.choice(list(METALS), p=[0.5, 0.35, 0.15]))
    objects = []
    for _ in range(int(rng.integers(1, 5))):
        rows, columns = (places[rng.integers(len(places))] - middle) * pixel_mm(image)
        half = field * log_between(0.0015, 0.02, severity) * rng.uniform(0.6, 1.4)
        half *= 0.5 if material == "amalgam" else 1.0
        objects.append(
            {
                "rows_mm": float(rows),
                "columns_mm": float(columns),
                "long_mm": float(half * rng.uniform(1, 3)),
                "short_mm": float(half),
                "degrees": float(rng.uniform(0, 180)),
            }
        )
    return {
        "material": material,
        "objects": objects,
        "photons": float(np.exp(rng.uniform(np.log(1e5), np.log(2e6)))),
        "electronic": float(rng.uniform(2, 12)),
    }


def apply(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """The metal, the dark bands of beam hardening between its parts, and the streaks of starved rays.

    Rays through metal are summed over the beam's energies with the tissue as water, then corrected as a
    scanner corrects for water; only these rays change. ``photons`` leave the tube for each of them.
    """
    scan = scan_of(image)
    material = word(parameters, "material", *METALS)
    metal = sum((chords(scan, one) for one in numbers(parameters, "objects")), np.zeros_like(scan.lines))
    rays = metal > 1e-4
    change = np.zeros_like(scan.lines)
    if rays.any():
        tissue = np.maximum(scan.lines[rays], 0).astype(np.float64) / WATER_PER_MM
        counts = noisy_counts(
            transmitted(tissue, metal[rays], material),
            number(parameters, "photons"),
            number(parameters, "electronic"),
            rng,
        )
        seen = -np.log(counts / number(parameters, "photons"))
        change[rays] = water_corrected(seen) * WATER_PER_MM - tissue * WATER_PER_MM
    return scan.with_change(change, 0.8)


def transmitted(
    water_mm: NDArray[np.floating], metal_mm: NDArray[np.floating], material: str
) -> NDArray[np.float64]:
    """The share of a beam's photons that comes through so much water and metal."""
    total = np.zeros(np.shape(water_mm))
    for share, water, metal in zip(SHARES, WATER, METALS[material], strict=True):
        total += share * np.exp(-water * water_mm - metal * metal_mm)
    return total


def water_corrected(seen: NDArray[np.floating]) -> NDArray[np.float64]:
    """Millimetres of water that attenuate as much as was seen: what every scanner takes for granted."""
    water = np.linspace(-50, LONGEST_WATER_MM, 2048)
    attenuation = -np.log(transmitted(water, np.zeros_like(water), "steel"))
    return np.asarray(np.interp(seen, attenuation, water))


def chords(scan: Scan, shape: Parameters) -> Sinogram:
    """Millimetres of every ray inside an ellipse, averaged over the widths of element and focal spot.

    The chord of an ellipse with half axes a and b, at distance s from its centre, is
    2 a b sqrt(r^2 - s^2) / r^2 with r^2 = a^2 cos^2 + b^2 sin^2 of the angle between view and long axis.
    """
    long, short = number(shape, "long_mm"), number(shape, "short_mm")
    angles = scan.scan.angles[:, None]
    reach = np.hypot(
        long * np.cos(angles - np.deg2rad(number(shape, "degrees"))),
        short * np.sin(angles - np.deg2rad(number(shape, "degrees"))),
    )
    centre = np.cos(angles) * number(shape, "columns_mm") + np.sin(angles) * number(shape, "rows_mm")
    total = np.zeros_like(scan.lines)
    for part, weight in ((-1, 1), (-0.5, 2), (0, 2), (0.5, 2), (1, 1)):
        distance = (scan.scan.positions + part) * scan.pixel_mm - centre
        chord = 2 * long * short / reach**2 * np.sqrt(np.maximum(reach**2 - distance**2, 0))
        total += np.asarray(weight / 8 * chord, np.float32)
    return total
