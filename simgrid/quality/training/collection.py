"""The samples of every training source, and each of them again for a picture of it. Needs no torch."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from simgrid.quality.image import Image
from simgrid.quality.sources.images import NotFetched, available, load
from simgrid.quality.sources.projections import projections
from simgrid.quality.training.processes import in_processes
from simgrid.quality.training.samples import Samples, joined, sample_image, samples_of
from simgrid.quality.training.steps import Context

PER_SOURCE, SMOKE_PER_SOURCE = 180, 12
SECOND_SHARE = 6  # one sample of the second generator for so many of the first
MOST_IMAGES, SMOKE_MOST_IMAGES = 60, 2
PROJECTED = " projected"


def all_samples(context: Context) -> tuple[Samples, Samples]:
    """Of every training source, its projections being another set; and those of the second generator.

    Raises:
        NotFetched: where the cache has none of them.
    """
    names = [name + how for how in (PROJECTED, "") for name in available("train", context.cache)]
    made = in_processes(_part, [(name, context) for name in names], context.threads)
    parts = [part for part in made if part is not None]
    if not parts:
        raise NotFetched("no image to train on is in the cache: run 'simgrid qa fetch-data' first")
    first, second = zip(*parts, strict=True)
    return joined(first), joined(second)


def _part(name: str, context: Context) -> tuple[Samples, Samples] | None:
    """Radiographs are scarce: three times as many samples of a volume's projections."""
    images = images_of(name, context.cache, smoke=context.smoke)
    if not images:
        return None
    count = SMOKE_PER_SOURCE if context.smoke else PER_SOURCE
    count *= 3 if name.endswith(PROJECTED) else 1
    first = samples_of(name, images, count, context.seed)
    second = samples_of(name, images, max(3, count // SECOND_SHARE), context.seed, second=True)
    source = np.array(name.removesuffix(PROJECTED), first.source.dtype)  # projections show the same patient
    return (
        replace(first, source=np.full(len(first), source)),
        replace(second, source=np.full(len(second), source)),
    )


def images_of(name: str, cache: Path | None, *, smoke: bool = False) -> list[Image]:
    """Clean images of a source, or of its projections (``NAME projected``): at most so many, spread out."""
    source = name.removesuffix(PROJECTED)
    drawn = projections(source, cache) if name.endswith(PROJECTED) else load(source, cache)
    if smoke:  # the first ones: whoever stops early reads less
        drawn = islice(drawn, SMOKE_MOST_IMAGES)
    images = [found.image for found in drawn if np.ptp(found.image.pixels) > 0]  # an atlas has empty slices
    if len(images) <= MOST_IMAGES:
        return images
    return [images[k * len(images) // MOST_IMAGES] for k in range(MOST_IMAGES)]


def image_again(key: str, seed: int, cache: Path | None, *, smoke: bool = False) -> Image:
    """The spoiled image of one sample, by its key (``NAME/NUMBER``)."""
    name, _, number = key.rpartition("/")
    return sample_image(name, images_of(name, cache, smoke=smoke), int(number), seed)
