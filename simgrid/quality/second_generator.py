"""The same ten defects by other means: a second opinion on whoever learned from ``defects``.

A judge that was trained on one simulator may have learned the simulator. This one never leaves image space:
noise is filtered Gaussian noise, motion an average of moved copies, rings are painted over the radius,
streaks are drawn, shading is a polynomial. It shares no line with ``defects`` (a test reads the imports), is
used for evaluation only, and no weight, threshold or calibration may ever be fitted to it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial.legendre import legval2d
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.defect_names import Defect, family, possible
from simgrid.quality.image import Image

Plane = NDArray[np.float64]
Painter = Callable[[Plane, str, float, Generator], Plane]
WEAKEST, STRONGEST = 0.25, 1.0


def degrade(defect: Defect, image: Image, rng: Generator) -> Image:
    """The image with one defect of a random strength; its size, units and modality stay.

    :raises ValueError: for a defect that the modality cannot have.
    """
    if defect not in possible(image.modality):
        known = ", ".join(possible(image.modality)) or "none"
        raise ValueError(f"a {image.modality} image cannot have {defect}: its defects are {known}")
    strength = float(rng.uniform(WEAKEST, STRONGEST))
    plane = image.pixels.astype(np.float64)
    painted = _PAINTERS[defect](plane, family(image.modality), strength, rng)
    return image.with_pixels(_bounded(painted, image).astype(np.float32))


def _bounded(plane: Plane, image: Image) -> Plane:
    return plane if image.limits is None else np.clip(plane, *image.limits)


def _span(plane: Plane) -> tuple[float, float]:
    """The 1st and 99.5th percentile, apart even in a flat plane."""
    low, high = np.percentile(plane, (1, 99.5))
    return float(low), float(max(high, low + 1e-6 * max(1.0, abs(low))))


def _body(plane: Plane) -> NDArray[np.bool_]:
    """Where the patient is, roughly: the holes of what is brighter than a fifth of the span filled."""
    low, high = _span(plane)
    filled: NDArray[np.bool_] = ndimage.binary_fill_holes(plane > low + 0.2 * (high - low))
    return filled


def _noise(plane: Plane, modality: str, strength: float, rng: Generator) -> Plane:
    low, high = _span(plane)
    white = rng.standard_normal(plane.shape)
    if modality == "CT":  # no slow component: the texture of filtered back projection
        grain = white - 0.8 * ndimage.gaussian_filter(white, 1.2)
        depth = ndimage.gaussian_filter(_body(plane).astype(float), max(plane.shape) / 12)
        return np.asarray(plane + 140 * strength * grain * (0.4 + depth))
    if modality == "MR":
        amount = 0.16 * strength * (high - low)
        return low + np.hypot(plane - low + amount * white, amount * rng.standard_normal(plane.shape))
    relative = np.sqrt(np.clip((plane - low) / (high - low), 0.03, None))
    return np.asarray(plane + 0.16 * strength * (high - low) * relative * ndimage.gaussian_filter(white, 0.4))


def _motion(plane: Plane, modality: str, strength: float, rng: Generator) -> Plane:
    size = max(plane.shape)
    direction = rng.uniform(0, np.pi)
    reach = strength * size * (0.03 if modality == "CR" else 0.045)
    moments = np.linspace(-0.5, 0.5, 9) if modality == "CR" else rng.uniform(-0.5, 0.5, 5)
    copies = [
        _moved(plane, reach * at * np.sin(direction), reach * at * np.cos(direction), 4 * strength * at)
        for at in moments
    ]
    if modality == "CR":  # one exposure while the patient glides
        return np.asarray(np.mean(copies, axis=0))
    if modality == "CT":  # two or three positions, seen at once
        return np.asarray(0.4 * plane + 0.6 * np.mean(copies[:3], axis=0))
    rows = plane.shape[0]
    echo = np.mean([np.roll(one, round(rows * rng.uniform(0.08, 0.4)), axis=0) for one in copies], axis=0)
    return np.asarray(0.5 * plane + 0.5 * np.mean(copies, axis=0) + 0.12 * strength * (echo - np.mean(echo)))


def _moved(plane: Plane, down: float, right: float, degrees: float) -> Plane:
    turn = np.deg2rad(degrees)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    centre = (np.array(plane.shape) - 1) / 2
    offset = centre - matrix @ centre - np.array([down, right])
    return np.asarray(ndimage.affine_transform(plane, matrix, offset=offset, order=1, mode="nearest"))


def _blur(plane: Plane, modality: str, strength: float, rng: Generator) -> Plane:
    """A disc of confusion, as of a lens out of focus: no Gaussian."""
    radius = strength * max(plane.shape) / 110 + 0.6
    reach = int(np.ceil(radius))
    down, right = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(down, right), 0, 1)
    return np.asarray(ndimage.convolve(plane, disc / disc.sum(), mode="nearest"))


def _ghosting(plane: Plane, modality: str, strength: float, rng: Generator) -> Plane:
    axis = int(rng.integers(2))
    parts = int(rng.choice([2, 3, 4]))
    low, _ = _span(plane)
    signal = plane - low
    step = plane.shape[axis] // parts
    ghosts = sum(np.roll(signal, k * step, axis=axis) * rng.choice([-1, 1]) for k in range(1, parts))
    return np.asarray(low + np.abs(signal + 0.28 * strength * ghosts))


def _exposure(plane: Plane, modality: str, strength: float, rng: Generator) -> Plane:
    low, high = _span(plane)
    scaled = np.clip((plane - low) / (high - low), 0, 1.2)
    if rng.random() < 0.5:  # too much: the dark parts drown, contrast is lost at one end
        return low + (high - low) * np.clip(scaled * (1 + 1.6 * strength) - 0.9 * strength, 0, 1)
    levels = 2 ** (7 - 3 * strength)  # too little: few counts, coarse steps, grain
    grain = rng.standard_normal(plane.shape) * np.sqrt(0.02 + scaled) * 0.07 * strength
    dim = np.round((scaled ** (1 + strength) + grain) * levels) / levels
    return low + (high - low) * np.clip(dim, 0, 1) * (1 - 0.5 * strength)


def _ring(plane: Plane, modality: str, strength: float, rng: Generator) -> Plane:
    centre = [(size - 1) / 2 + rng.uniform(-2, 2) for size in plane.shape]
    down, right = np.ogrid[: plane.shape[0], : plane.shape[1]]
    radius = np.hypot(down - centre[0], right - centre[1])
    angle = np.arctan2(down - centre[0], right - centre[1])
    painted = plane.copy()
    for _ in range(int(rng.integers(2, 8))):
        at, width = rng.uniform(4, 0.42 * max(plane.shape)), rng.uniform(0.6, 1.3)
        part = 1.0 if rng.random() < 0.7 else np.cos((angle - rng.uniform(-np.pi, np.pi)) / 2) ** 4
        height = rng.choice([-1, 1]) * rng.uniform(80, 240) * strength
        painted += height * np.exp(-(((radius - at) / width) ** 2)) * part
    return np.asarray(painted)


def _metal(plane: Plane, modality: str, strength: float, rng: Generator) -> Plane:
    places = np.argwhere(ndimage.binary_erosion(_body(plane), iterations=4))
    size = max(plane.shape)
    painted, down, right = plane.copy(), *np.ogrid[: plane.shape[0], : plane.shape[1]]
    for _ in range(int(rng.integers(1, 4))):
        row, column = places[rng.integers(len(places))] if len(places) else np.array(plane.shape) // 2
        radius = size * rng.uniform(0.012, 0.014 + 0.02 * strength)
        if modality == "CT":
            painted += _streaks(down - row, right - column, radius, strength, rng)
        turn, long = rng.uniform(0, np.pi), rng.uniform(1, 2 if modality == "CT" else 6)
        along = (down - row) * np.sin(turn) + (right - column) * np.cos(turn)
        across = (down - row) * np.cos(turn) - (right - column) * np.sin(turn)
        inside = (along / (radius * long)) ** 2 + (across / radius) ** 2 < 1
        low, high = _span(plane)
        painted[inside] = 3000.0 if modality == "CT" else max(high, plane.max()) + 0.1 * (high - low)
    return painted


def _streaks(down: Plane, right: Plane, radius: float, strength: float, rng: Generator) -> Plane:
    """Bright and dark rays from a point, fading with distance, in HU."""
    angle, distance = np.arctan2(down, right), np.hypot(down, right)
    rays = np.zeros(distance.shape)
    for _ in range(int(rng.integers(6, 16))):
        off = np.angle(np.exp(1j * (angle - rng.uniform(-np.pi, np.pi))))
        rays += rng.choice([-1, 1], p=[0.6, 0.4]) * np.exp(-((off / rng.uniform(0.02, 0.12)) ** 2))
    fading = np.exp(-distance / (0.25 * max(distance.shape)))
    return np.asarray(900 * strength * rays * fading * (distance > radius))


def _truncation(plane: Plane, modality: str, strength: float, rng: Generator) -> Plane:
    if modality == "CT":
        return _narrow_field(plane, strength, rng)
    axis, end = int(rng.integers(2)), int(rng.integers(2))
    if modality == "MR":
        return _folded(plane, axis, 0.05 + 0.13 * strength)
    cut = round(plane.shape[axis] * (0.08 + 0.25 * strength))
    covered = np.moveaxis(plane.copy(), axis, 0)  # the beam stands wrong: part of the anatomy is not there
    covered[slice(0, cut) if end else slice(-cut, None)] = _span(plane)[0]
    return np.moveaxis(covered, 0, axis)


def _folded(plane: Plane, axis: int, share: float) -> Plane:
    """A field too small: along ``axis`` what lies outside comes in again on the other side."""
    low, _ = _span(plane)
    along = np.moveaxis(plane - low, axis, 0)
    cut, across = (round(size * share) for size in along.shape)
    field = along[cut : len(along) - cut].copy()
    field[:cut] += along[len(along) - cut :]
    field[len(field) - cut :] += along[:cut]
    field = field[:, across : along.shape[1] - across]
    grown = ndimage.zoom(field, [a / b for a, b in zip(along.shape, field.shape, strict=True)], order=1)
    return np.asarray(np.moveaxis(grown, 0, axis) + low)


def _narrow_field(plane: Plane, strength: float, rng: Generator) -> Plane:
    """A CT field smaller than the patient: nothing outside a circle, a bright rim inside it."""
    body = _body(plane)
    rows, columns = np.nonzero(body) if body.any() else np.nonzero(np.ones_like(body))
    middle = rows.mean(), columns.mean()
    half = np.sqrt(len(rows) / np.pi)
    circle = half * (1.05 - 0.4 * strength)
    down, right = np.ogrid[: plane.shape[0], : plane.shape[1]]
    off = rng.uniform(-0.12, 0.12, 2) * half
    distance = np.hypot(down - middle[0] - off[0], right - middle[1] - off[1])
    rim = 350 * strength * np.exp(-np.clip(circle - distance, 0, None) / (0.08 * circle))
    return np.where(distance < circle, plane + rim, float(plane.min()))


def _inversion(plane: Plane, modality: str, strength: float, rng: Generator) -> Plane:
    """Black for white, with a little more or less contrast, kept within the plane's own ends."""
    low, high = _span(plane)
    turned = (low + high) / 2 - (plane - (low + high) / 2) * (0.8 + 0.3 * strength)
    return np.clip(turned, min(low, plane.min()), max(high, plane.max()))


def _bias(plane: Plane, modality: str, strength: float, rng: Generator) -> Plane:
    down, right = np.meshgrid(*(np.linspace(-1, 1, size) for size in plane.shape), indexing="ij")
    weights = rng.standard_normal((3, 3)) / (1 + np.add.outer(np.arange(3), np.arange(3)))
    weights[0, 0] = 0
    field = legval2d(down, right, weights)
    field = (field - field.mean()) / max(float(np.ptp(field)), 1e-9)
    low, _ = _span(plane)
    return np.asarray(low + (plane - low) * np.exp(2.2 * strength * field))


_PAINTERS: dict[Defect, Painter] = {
    "noise": _noise,
    "motion": _motion,
    "blur": _blur,
    "ghosting": _ghosting,
    "exposure": _exposure,
    "ring": _ring,
    "metal": _metal,
    "truncation": _truncation,
    "inversion": _inversion,
    "bias": _bias,
}
