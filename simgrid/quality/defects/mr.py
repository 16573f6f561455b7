"""MR: what goes wrong while k-space is filled, line by line.

Phase encoding runs along the rows or along the columns (``encode``: 0 or 1); lines are acquired in order,
the lowest frequency in the middle. Images are magnitudes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from simgrid.quality.defects.receipt import Parameter, Parameters, ReceiptError, number, numbers, word
from simgrid.quality.defects.scales import log_between
from simgrid.quality.image import Image, Pixels

KSpace = NDArray[np.complex64]


def to_k(pixels: NDArray[np.floating]) -> KSpace:
    """k-space with its centre in the middle."""
    return np.asarray(fft.fftshift(fft.fft2(pixels.astype(np.float32))), np.complex64)


def from_k(lines: NDArray[np.complexfloating]) -> Pixels:
    """The magnitude image of k-space."""
    return np.asarray(np.abs(fft.ifft2(fft.ifftshift(lines))), np.float32)


def signal(pixels: NDArray[np.floating]) -> float:
    """The mean of the patient, which is what exceeds a tenth of the 99th percentile; 1 for an empty image."""
    bright = float(np.percentile(pixels, 99))
    inside = pixels[pixels > 0.1 * bright]
    level = float(np.abs(inside).mean()) if inside.size else float(np.abs(pixels).mean())
    return level or 1.0


def within_scale(image: Image, pixels: NDArray[np.floating]) -> Pixels:
    """Clipped to what the file can hold."""
    if image.limits is None:
        return pixels.astype(np.float32)
    low, high = image.limits
    low, high = min(low, float(image.pixels.min())), max(high, float(image.pixels.max()))
    return np.asarray(np.clip(pixels, low, high), np.float32)


def _encode(rng: np.random.Generator) -> int:
    return int(rng.integers(0, 2))


def _along(image: Image, parameters: Parameters) -> NDArray[np.float64]:
    """Number of each line of k-space, 0 in the middle, shaped to broadcast over the plane."""
    axis = round(number(parameters, "encode"))
    if axis not in (0, 1):
        raise ReceiptError(f"receipt: parameters.encode is {axis}: expected 0 (rows) or 1 (columns)")
    count = image.pixels.shape[axis]
    line = np.arange(count, dtype=np.float64) - count // 2
    return np.asarray(line[:, None] if axis == 0 else line[None, :])


def draw_noise(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """A signal-to-noise ratio between 40 and 3; some scanners interpolate, which leaves coarser noise."""
    ratio = log_between(40, 3, severity)
    share = 1.0 if rng.random() < 0.6 else float(rng.uniform(0.55, 0.95))
    return {"sigma": signal(image.pixels) / ratio, "ratio": ratio, "acquired": share}


def apply_noise(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Gaussian noise of ``sigma`` in both channels and the magnitude of their sum: Rician.

    ``acquired``: the share of k-space along each axis that the noise fills; the rest is zero-filled.
    Source: Gudbjartsson and Patz 1995, doi 10.1002/mrm.1910340618.
    """
    channels = rng.normal(0, 1, (2, *image.pixels.shape)).astype(np.float32)
    noise = channels[0] + 1j * channels[1]
    share = number(parameters, "acquired")
    if share < 1:
        kept = np.logical_and.outer(*(_kept(count, share) for count in image.pixels.shape))
        noise = fft.ifft2(fft.ifftshift(fft.fftshift(fft.fft2(noise)) * kept)) / np.sqrt(kept.mean())
    return within_scale(image, np.abs(image.pixels + number(parameters, "sigma") * noise))


def _kept(count: int, share: float) -> NDArray[np.bool_]:
    line = np.arange(count) - count // 2
    return np.asarray(np.abs(line) <= share * count / 2)


def draw_motion(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """One to four jerks, each to a new pose; the image keeps that of the middle of the scan.

    Shifts are 0.5 to 5 % of the field of view, rotations up to 6 degrees.
    """
    side = max(image.pixels.shape)
    jerks = [rng.uniform(0.4, 0.6), *rng.uniform(0.15, 0.85, int(rng.integers(0, 4)))]
    starts = [0.0, *sorted(float(start) for start in jerks)]
    at_centre = max(start for start in starts if start <= 0.5)
    poses = []
    for start in starts:
        direction = rng.uniform(0, 2 * np.pi)
        moved = 0.0 if start == at_centre else float(rng.uniform(0.5, 1.2))
        size = side * log_between(0.005, 0.05, severity) * moved
        poses.append(
            {
                "start": start,
                "rows": float(size * np.sin(direction)),
                "columns": float(size * np.cos(direction)),
                "degrees": float(log_between(0.5, 6.0, severity) * moved * rng.uniform(-1, 1)),
            }
        )
    shots = 1 if rng.random() < 0.6 else int(rng.integers(2, 5))
    return {"encode": _encode(rng), "shots": shots, "poses": poses}


def apply_motion(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Each line of k-space from the pose in which it was acquired.

    ``poses``: from ``start`` (share of the scan) on, the patient lies ``rows`` and ``columns`` pixels and
    ``degrees`` away from where the
    image shows it. Each of ``shots`` passes fills every so-manieth line: 1 fills them in order.
    """
    line = _along(image, parameters)
    place, shots = line - line.min(), max(1, round(number(parameters, "shots")))
    moment = (np.mod(place, shots) + place / line.size) / shots
    lines = to_k(image.pixels)
    mixed = lines.copy()
    for pose in numbers(parameters, "poses"):
        mixed = np.where(moment >= number(pose, "start"), _posed(image.pixels, lines, pose), mixed)
    return within_scale(image, from_k(mixed))


def _posed(pixels: Pixels, lines: KSpace, pose: Parameters) -> KSpace:
    degrees = number(pose, "degrees")
    if degrees:
        turned = ndimage.rotate(pixels, degrees, reshape=False, order=3, mode="nearest")
        lines = to_k(turned)
    rows, columns = pixels.shape
    down = (np.arange(rows) - rows // 2)[:, None] * (number(pose, "rows") / rows)
    across = (np.arange(columns) - columns // 2)[None, :] * (number(pose, "columns") / columns)
    return np.asarray(lines * np.exp(-2j * np.pi * (down + across)), np.complex64)


def draw_ghosting(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """Lines modulated with a period of 2 to 8, or (one in five) a spike that stripes the image."""
    parameters: dict[str, Parameter] = {"encode": _encode(rng), "phase": float(rng.uniform(0, 2 * np.pi))}
    if rng.random() < 0.2:
        rows, columns = image.pixels.shape
        place = [float(rng.uniform(-0.45, 0.45)) for _ in range(2)]
        spike = log_between(0.02, 0.3, severity) * signal(image.pixels)
        return parameters | {
            "kind": "spike",
            "row": round(place[0] * rows),
            "column": round(place[1] * columns),
            "height": float(spike),
        }
    return parameters | {
        "kind": str(rng.choice(["phase", "amplitude"])),
        "period": int(rng.choice([2, 2, 3, 4, 5, 6, 8])),
        "depth": log_between(0.06, 0.9, severity),
    }


def apply_ghosting(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Lines whose phase (radians) or amplitude swings by ``depth`` with a ``period``: ghosts.

    Copies appear every 1/period of the field along the phase encoding. A spike is one sample of k-space too
    large: stripes of ``height``.
    """
    lines = to_k(image.pixels)
    kind = word(parameters, "kind", "phase", "amplitude", "spike")
    if kind == "spike":
        rows, columns = image.pixels.shape
        row = (rows // 2 + round(number(parameters, "row"))) % rows
        column = (columns // 2 + round(number(parameters, "column"))) % columns
        wave = np.complex64(np.exp(1j * number(parameters, "phase")))
        lines[row, column] += np.float32(number(parameters, "height") * rows * columns) * wave
        return within_scale(image, from_k(lines))
    line = _along(image, parameters)
    swing = np.cos(2 * np.pi * line / number(parameters, "period") + number(parameters, "phase"))
    swing = swing * number(parameters, "depth")
    factor = np.exp(1j * swing) if kind == "phase" else 1 + swing
    return within_scale(image, from_k(lines * factor))


def draw_truncation(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """A field of view of 93 to 60 % of the patient's extent along the phase encoding, a little off centre."""
    encode = _encode(rng)
    bright = image.pixels > 0.1 * np.percentile(image.pixels, 99)
    held = np.flatnonzero(bright.any(axis=1 - encode))
    count = image.pixels.shape[encode]
    low, high = (int(held[0]), int(held[-1])) if held.size else (0, count - 1)
    share = (high - low + 1) / count * (0.93 - 0.33 * severity)
    return {
        "encode": encode,
        "share": float(np.clip(share, 0.1, 0.95)),
        "middle": float(((low + high) / 2 + rng.normal(0, 0.05) * count) / count),
        "shown": str(rng.choice(["small field", "narrow field"], p=[0.5, 0.5])),
    }


def apply_truncation(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Wrap: with a field of ``share`` of the plane around ``middle``, what lies outside is folded in.

    ``small field``: both directions are as small (the readout is filtered and does not fold), and the field
    fills the plane, so that pixels are smaller. ``narrow field``: the phase direction alone, the rest of the
    plane empty as some scanners pad it.
    """
    axis = round(number(parameters, "encode"))
    plane = image.pixels if axis == 0 else image.pixels.T
    share = float(np.clip(number(parameters, "share"), 0.05, 1))
    count = plane.shape[0]
    field = max(1, round(share * count))
    first = round(number(parameters, "middle") * count - field / 2)
    folded = np.zeros((field, plane.shape[1]), np.float32)
    np.add.at(folded, np.mod(np.arange(count) - first, field), plane - plane.min())
    folded += plane.min()
    if word(parameters, "shown", "small field", "narrow field") == "small field":
        width = max(1, round(share * plane.shape[1]))
        left = (plane.shape[1] - width) // 2
        whole = _resampled(folded[:, left : left + width], plane.shape)
    else:
        whole = np.full_like(plane, plane.min())
        top = int(np.clip(first, 0, count - field))
        whole[top : top + field] = folded
    return within_scale(image, whole if axis == 0 else whole.T)


def _resampled(pixels: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    grids = [
        (np.arange(count) + 0.5) * (old / count) - 0.5 for count, old in zip(shape, pixels.shape, strict=True)
    ]
    places = np.meshgrid(*grids, indexing="ij")
    return np.asarray(ndimage.map_coordinates(pixels, places, order=3, mode="nearest"), np.float32)


def draw_blur(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """The inner 70 to 20 % of k-space, cut sharply (ringing at edges) or with a soft edge."""
    share = log_between(0.7, 0.2, severity)
    other = share if rng.random() < 0.6 else min(1.0, share * float(rng.uniform(1.2, 2.5)))
    pair = [share, other] if rng.random() < 0.5 else [other, share]
    return {"rows": float(pair[0]), "columns": float(pair[1]), "edge": str(rng.choice(["sharp", "soft"]))}


def apply_blur(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Only ``rows`` and ``columns`` (shares) of k-space acquired: the mean stays, edges ring or soften."""
    soft = word(parameters, "edge", "sharp", "soft") == "soft"
    windows = [
        _cut(count, number(parameters, name), soft)
        for count, name in zip(image.pixels.shape, ("rows", "columns"), strict=True)
    ]
    return within_scale(image, from_k(to_k(image.pixels) * np.outer(*windows)))


def _cut(count: int, share: float, soft: bool) -> NDArray[np.float32]:
    line = np.abs(np.arange(count) - count // 2) / max(share * count / 2, 0.5)
    if soft:
        line = np.where(line <= 1, 0.54 + 0.46 * np.cos(np.pi * line), 0)
        return np.asarray(line, np.float32)
    return np.asarray(line <= 1, np.float32)


def draw_bias(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """A field whose largest sensitivity in the plane is 1.25 to 8 times its smallest."""
    coil = bool(rng.random() < 0.5)
    return {
        "kind": "coil" if coil else "smooth",
        "ratio": log_between(1.25, 8, severity),
        "row": float(rng.uniform(-0.7, 0.7)),
        "column": float(rng.choice([-1, 1]) * rng.uniform(0.5, 0.8)),
        "radius": float(rng.uniform(0.4, 1.0)),
        "turned": int(rng.integers(0, 2)),
        "terms": [float(term) for term in rng.normal(0, 1, 9)],
    }


def apply_bias(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Sensitivity that varies slowly: of a loop's axis beside the plane, or a cubic in its logarithm.

    A loop of ``radius`` at (``row``, ``column``), in half planes from the middle: (1 + (d/r)^2)^(-3/2), the
    law of Biot and Savart on its axis. ``ratio``: largest over smallest; the patient's mean signal stays.
    """
    rows, columns = image.pixels.shape
    down, across = np.linspace(-1, 1, rows)[:, None], np.linspace(-1, 1, columns)[None, :]
    if number(parameters, "turned"):
        down, across = across, down
    if word(parameters, "kind", "coil", "smooth") == "coil":
        away = np.hypot(down - number(parameters, "row"), across - number(parameters, "column"))
        shape = -1.5 * np.log1p((away / number(parameters, "radius")) ** 2)
    else:
        powers = [(i, j) for i in range(4) for j in range(4) if 1 <= i + j <= 3]
        terms = numbers(parameters, "terms")
        parts = [float(t) * down**i * across**j for t, (i, j) in zip(terms, powers, strict=True)]
        shape = np.sum(np.broadcast_arrays(*parts), axis=0)
    extent = float(np.ptp(shape)) or 1.0
    field = np.exp((shape - shape.min()) / extent * np.log(number(parameters, "ratio")))
    biased = image.pixels * field
    return within_scale(image, biased * (signal(image.pixels) / signal(biased)))
