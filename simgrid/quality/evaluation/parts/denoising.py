"""What the denoiser gains, what it costs in contrast, and what it invents.

The noise is that of the two defect generators; neither was used in training. Total variation (Chambolle,
doi 10.1023/B:JMIV.0000011325.36760.1e) is given the strength that is best for each image, which only
those have who know the clean image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.defects import apply, draw
from simgrid.quality.enhancement.denoise import Denoiser, scale
from simgrid.quality.evaluation.parts.found import Found, mean_of
from simgrid.quality.image import Image
from simgrid.quality.second_generator import degrade
from simgrid.quality.sources.held_out import HELD_OUT
from simgrid.quality.sources.images import available, load
from simgrid.randomness import stream

PART = "denoiser"
SLICES, SIDE = 2, 256
WEIGHTS = (0.01, 0.02, 0.04, 0.06, 0.09, 0.13, 0.18, 0.25, 0.35)
DISC_RADIUS, DISC_CONTRAST = 7, 0.06  # pixels; share of the image's span
Plane = NDArray[np.float64]
Restore: TypeAlias = Callable[[Image], Image]


def measure(denoiser: Denoiser, cache: Path | None = None) -> list[Found]:
    """Gain over the noisy image, gain of total variation, contrast lost; sources held out and of role test.

    Raises:
        NotFetched: where no source is in the cache.
    """
    sources = [name for name in HELD_OUT if name in available("train", cache)]
    rows: list[Found] = []
    for where, names in (("held out", sources), ("test", list(available("test", cache)))):
        found = [_of_source(name, denoiser, cache) for name in names]
        rows += _rows(where, [one for one in found if one])
    return rows + hallucinations({"network": denoiser.denoise, "unsharp mask (control)": sharpened})


def _rows(where: str, sources: Sequence[dict[str, float]]) -> list[Found]:
    if not sources:
        return []
    names = {
        "dB before": ("noisy", "PSNR dB"),
        "gain": ("network", "gain dB"),
        "variation": ("total variation at its best", "gain dB"),
        "over variation": ("network - total variation", "gain dB"),
        "loss": ("network", "disc contrast lost"),
    }
    return [
        mean_of(PART, judge, where, of, [one[key] for one in sources]) for key, (judge, of) in names.items()
    ]


def _of_source(name: str, denoiser: Denoiser, cache: Path | None) -> dict[str, float]:
    """Means over slices, generators and strengths; empty where nothing of the source can be noisy."""
    found: dict[str, list[float]] = {}
    for number, clean in enumerate(_chosen(name, cache)):
        for noisy in _noisy(clean, name, number):
            for key, value in one_image(clean, noisy, denoiser).items():
                found.setdefault(key, []).append(value)
    return {key: float(np.mean(values)) for key, values in found.items()}


def _chosen(name: str, cache: Path | None) -> list[Image]:
    """Some slices, evenly over the source, and of each the middle."""
    images = [one.image for one in load(name, cache) if np.ptp(one.image.pixels) > 0]
    step = max(1, len(images) // SLICES)
    return [_middle(one) for one in images[step // 2 :: step][:SLICES]]


def _middle(image: Image) -> Image:
    starts = [max(0, (size - SIDE) // 2) for size in image.pixels.shape]
    cut = image.pixels[starts[0] : starts[0] + SIDE, starts[1] : starts[1] + SIDE]
    return image.with_pixels(np.ascontiguousarray(cut))


def _noisy(clean: Image, name: str, number: int) -> Iterator[Image]:
    rng = stream(11, number, "denoising", name)
    yield apply(clean, draw("noise", clean, rng))
    yield degrade("noise", clean, rng)


def one_image(clean: Image, noisy: Image, denoiser: Denoiser) -> dict[str, float]:
    """Decibels before, gained by the network and by total variation at its best; contrast of a disc lost."""
    _, span = scale(clean.pixels)
    before = psnr(noisy.pixels, clean.pixels, span)
    restored = denoiser.denoise(noisy)
    after = psnr(restored.pixels, clean.pixels, span)
    low, noisy_span = scale(noisy.pixels)
    scaled = (noisy.pixels.astype(np.float64) - low) / noisy_span
    best = max(psnr(smooth * noisy_span + low, clean.pixels, span) for smooth in paths(scaled))
    return {
        "dB before": before,
        "gain": after - before,
        "variation": best - before,
        "over variation": after - best,
        "loss": contrast_lost(noisy, restored, span, denoiser),
    }


def psnr(one: NDArray[np.floating], other: NDArray[np.floating], span: float) -> float:
    """Decibels of the span over the root mean square of the difference; 99 where there is none."""
    error = float(np.mean((np.asarray(one, np.float64) - other) ** 2))
    return min(99.0, float(-10 * np.log10(max(error, 1e-30) / span**2)))


def contrast_lost(noisy: Image, restored: Image, span: float, denoiser: Denoiser) -> float:
    """Share of a faint disc's contrast that is gone: the same noise with and without it, its inner half."""
    middle = [size // 2 for size in noisy.pixels.shape]
    down, right = np.ogrid[: noisy.pixels.shape[0], : noisy.pixels.shape[1]]
    distance = np.hypot(down - middle[0], right - middle[1])
    disc = (distance < DISC_RADIUS) * np.float32(DISC_CONTRAST * span)
    unlimited = Image(noisy.pixels + disc.astype(np.float32), noisy.modality, noisy.body_part)
    with_disc = denoiser.denoise(unlimited).pixels
    inner = distance < DISC_RADIUS * 0.7
    return 1 - float((with_disc - restored.pixels)[inner].mean()) / (DISC_CONTRAST * span)


def paths(scaled: Plane) -> Iterator[Plane]:
    """Total variation at every strength that is tried."""
    for weight in WEIGHTS:
        yield total_variation(scaled, weight)


def total_variation(plane: Plane, weight: float, steps: int = 60) -> Plane:
    """The plane whose total variation times ``weight`` plus half its squared distance is least, nearly."""
    dual = np.zeros((2, *plane.shape))
    for _ in range(steps):
        slope = _gradient(_divergence(dual) - plane / weight)
        dual = (dual + 0.25 * slope) / (1 + 0.25 * np.sqrt((slope**2).sum(axis=0)))
    return plane - weight * _divergence(dual)


def _gradient(plane: Plane) -> Plane:
    slope = np.zeros((2, *plane.shape))
    slope[0, :-1], slope[1, :, :-1] = np.diff(plane, axis=0), np.diff(plane, axis=1)
    return slope


def _divergence(dual: Plane) -> Plane:
    found = dual[0] + dual[1]
    found[1:] -= dual[0, :-1]
    found[:, 1:] -= dual[1, :, :-1]
    return np.asarray(found)


def hallucinations(judges: dict[str, Restore]) -> list[Found]:
    """Structure of blob size in flat, noisy phantoms: after over before. Above 1, something was invented."""
    return [
        mean_of(
            PART,
            judge,
            "flat phantoms",
            "structure after / before",
            [added(flat, restore) for flat in flats()],
        )
        for judge, restore in judges.items()
    ]


def flats() -> list[Image]:
    """Bodies with nothing inside, CT, MR and radiographs, at four strengths of noise."""
    down, right = np.mgrid[-1:1:192j, -1:1:192j]
    body = (down / 0.8) ** 2 + (right / 0.9) ** 2 < 1
    levels = {"CT": (-1000.0, 40.0), "MR": (0.0, 600.0), "CR": (300.0, 2600.0)}
    made = []
    for modality, (air, tissue) in levels.items():
        for number, strength in enumerate((0.01, 0.03, 0.06, 0.1)):
            rng = stream(5, number, "flat phantom", modality)
            grain = rng.standard_normal(body.shape) * strength * (tissue - air)
            pixels = np.where(body, tissue, air) + ndimage.gaussian_filter(grain, 0.5 * (number % 2))
            made.append(Image(pixels.astype(np.float32), modality))
    return made


def added(flat: Image, restore: Restore) -> float:
    """Spread of blobs of 3 to 10 pixels well inside the body, after over before."""
    inside = (slice(66, 126), slice(66, 126))
    before, after = (_blobs(one.pixels)[inside].std() for one in (flat, restore(flat)))
    return float(after / max(before, 1e-12))


def sharpened(image: Image) -> Image:
    """An unsharp mask: looks crisp, and makes blobs out of noise."""
    fine = image.pixels - ndimage.gaussian_filter(image.pixels, 2.0)
    return image.with_pixels((image.pixels + 1.5 * fine).astype(np.float32))


def _blobs(pixels: NDArray[np.float32]) -> NDArray[np.float64]:
    plane = pixels.astype(np.float64)
    return np.asarray(ndimage.gaussian_filter(plane, 1.5) - ndimage.gaussian_filter(plane, 4.0))
