"""Clean images made various, defects drawn on them: what trees and network learn from, and are tested on.

Every sample has a random stream of its own (seed, source, number), so that a set of samples is the same
however many processes make it. Sources count alike: each gives the same number of samples, whether it is one
slice or a volume.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.classifier import inputs
from simgrid.quality.defect_names import DEFECTS, Defect, family, possible
from simgrid.quality.defects import PHYSICAL_ORDER, apply, damage, draw
from simgrid.quality.image import Image
from simgrid.quality.measures import measure_view
from simgrid.quality.measures.view import View
from simgrid.quality.second_generator import degrade
from simgrid.randomness import stream

Spoil: TypeAlias = Callable[[Image, Iterable[Defect], Generator], tuple[Image, dict[Defect, float]]]
CLEAN, TWO = 0.35, 0.2  # shares of samples without a defect, and with two
LARGEST_SIDE = 512
FIRST, SECOND = "sample", "second sample"  # names of the random streams


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """n images as the classifier sees them, and what is true of them.

    ``pictures`` (n, 4, side, side), ``features`` (n, features), ``truth`` (n, 11): the ten defects and any;
    ``could`` (n, 11): which of these the modality can have; ``damages`` (n, 10): measured, 0 where absent;
    ``source`` and ``kind`` (CT, MR or CR) by sample; ``key``: what makes its image again.
    """

    pictures: NDArray[np.float16]
    features: NDArray[np.float32]
    truth: NDArray[np.bool_]
    could: NDArray[np.bool_]
    damages: NDArray[np.float32]
    source: NDArray[np.str_]
    kind: NDArray[np.str_]
    key: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.truth)

    def chosen(self, which: NDArray[np.bool_]) -> Samples:
        """The samples of a mask."""
        return Samples(*(getattr(self, one.name)[which] for one in fields(self)))


def joined(parts: Iterable[Samples]) -> Samples:
    """One after another."""
    all_parts = list(parts)
    return Samples(
        *(np.concatenate([getattr(part, one.name) for part in all_parts]) for one in fields(Samples))
    )


def samples_of(
    source: str, images: Sequence[Image], count: int, seed: int, *, second: bool = False
) -> Samples:
    """``count`` samples of one source's images, taken in turn.

    ``second``: spoiled by ``second_generator``, for evaluation; it measures no damage, which is left 0.
    """
    spoil = with_other_defects if second else with_defects
    named = SECOND if second else FIRST
    made = [
        _seen(*_drawn(images[k % len(images)], stream(seed, 0, named, source, str(k)), spoil))
        for k in range(count)
    ]
    pictures, features, truth, damages = (np.stack(part) for part in list(zip(*made, strict=True))[:4])
    kinds = [one[4] for one in made]
    could = np.array([[*(one in possible(kind) for one in DEFECTS), True] for kind in kinds])
    names = np.full(count, source, "U40")
    keys = np.array([f"{source}/{k}" for k in range(count)], "U60")
    return Samples(pictures, features, truth, could, damages, names, np.array(kinds, "U4"), keys)


def sample_image(source: str, images: Sequence[Image], number: int, seed: int) -> Image:
    """The pixels of one of ``samples_of``."""
    rng = stream(seed, 0, FIRST, source, str(number))
    return _drawn(images[number % len(images)], rng, with_defects)[0]


def _drawn(image: Image, rng: Generator, spoil: Spoil) -> tuple[Image, dict[Defect, float]]:
    clean = varied(image, rng)
    return spoil(clean, drawn_defects(image.modality, rng), rng)


def _seen(
    spoiled: Image, damages: dict[Defect, float]
) -> tuple[NDArray[np.float16], NDArray[np.float32], NDArray[np.bool_], NDArray[np.float32], str]:
    truth = np.array([*(one in damages for one in DEFECTS), bool(damages)])
    sizes = np.array([damages.get(one, 0.0) for one in DEFECTS], np.float32)
    view = View(spoiled)
    features = inputs.features(measure_view(view), spoiled.modality)
    return inputs.pictures(view), features, truth, sizes, family(spoiled.modality)


def drawn_defects(modality: str, rng: Generator) -> tuple[Defect, ...]:
    """None, one or two of those that the modality can have, each as likely as another."""
    mine = possible(modality)
    at = rng.random()
    count = 0 if at < CLEAN else 2 if at > 1 - TWO else 1
    return tuple(mine[k] for k in rng.choice(len(mine), count, replace=False))


def with_defects(
    image: Image, defects: Iterable[Defect], rng: Generator
) -> tuple[Image, dict[Defect, float]]:
    """The image with the defects, from the patient to the file, and what damage each of them did."""
    damages: dict[Defect, float] = {}
    for defect in sorted(defects, key=PHYSICAL_ORDER.index):
        spoiled = apply(image, draw(defect, image, rng))
        damages[defect] = damage(image, spoiled)
        image = spoiled
    return image, damages


def with_other_defects(
    image: Image, defects: Iterable[Defect], rng: Generator
) -> tuple[Image, dict[Defect, float]]:
    """By the second generator."""
    chosen = sorted(defects, key=PHYSICAL_ORDER.index)
    for defect in chosen:
        image = degrade(defect, image, rng)
    return image, dict.fromkeys(chosen, 0.0)


def varied(image: Image, rng: Generator) -> Image:
    """What differs between scanners and is no defect: matrix, orientation, tone, some noise or softness."""
    pixels: NDArray[Any] = image.pixels
    if rng.random() < 0.5:
        pixels = pixels[:, ::-1]
    if image.modality == "MR" and rng.random() < 0.3:
        pixels = np.rot90(pixels, int(rng.integers(1, 4)))
    pixels = _other_matrix(np.ascontiguousarray(pixels), rng)
    if rng.random() < 0.3:
        pixels = ndimage.gaussian_filter(pixels, float(rng.uniform(0.2, 0.5)))
    low, high = (float(value) for value in np.percentile(pixels, (0.5, 99.5)))
    span = max(high - low, 1e-6)
    if image.modality != "CT":
        shown = np.clip((pixels - low) / span, 0, None) ** float(rng.uniform(0.8, 1.25))
        pixels = low + span * shown
    if rng.random() < 0.5:
        most = 6.0 if image.modality == "CT" else 0.01 * span
        pixels = pixels + rng.uniform(0, most) * rng.standard_normal(pixels.shape)
    zoomed = pixels.shape[0] / image.pixels.shape[0]
    spacing = image.spacing_mm and (image.spacing_mm[0] / zoomed, image.spacing_mm[1] / zoomed)
    bounded = pixels if image.limits is None else np.clip(pixels, *image.limits)
    return Image(bounded.astype(np.float32), image.modality, image.body_part, spacing, image.limits)


def _other_matrix(pixels: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    """Resampled to another number of pixels, most often fewer; large planes to LARGEST_SIDE at most."""
    side = max(pixels.shape)
    low, high = (0.9, 2.0) if side <= 128 else (0.7, 1.3) if side <= 256 else (0.5, 1.0)
    factor = min(float(rng.uniform(low, high)) if rng.random() < 0.7 else 1.0, LARGEST_SIDE / side)
    if factor == 1.0:
        return pixels
    if factor < 1:  # no aliases: soften as the coarser matrix of a scanner would
        pixels = ndimage.gaussian_filter(pixels, 0.35 / factor)
    resampled: NDArray[np.float32] = ndimage.zoom(pixels, factor, order=1 if factor < 1 else 3)
    return resampled
