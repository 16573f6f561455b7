"""Whether the classifier's heat lies on a defect that was put into one part of an image, and nowhere else.

The figure is the share of the heat inside the box; the box itself has a ninth of the image. The control is a
network of the same shape with random weights: its heat shows what architecture and image do by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.classifier import inputs
from simgrid.quality.classifier.classifier import HEADS, Classifier
from simgrid.quality.defect_names import Defect
from simgrid.quality.defects import apply, draw
from simgrid.quality.evaluation.parts.found import Found, mean_of
from simgrid.quality.explanation.heat import Heat, Inside, cam, inside, on_image
from simgrid.quality.image import Image
from simgrid.quality.measures.view import View
from simgrid.quality.sources.held_out import HELD_OUT
from simgrid.quality.sources.images import available, load
from simgrid.randomness import stream

PART = "explanation"
LOCAL: tuple[Defect, ...] = ("noise", "blur", "motion")
PLANTED = 12  # images a source
WIDTHS = (len(inputs.CHANNELS), 12, 24, 48, 96, 128)
SEEN_LAYER, HIDDEN = 3, 96
Weights = list[NDArray[np.float64]]


def measure(classifier: Classifier, cache: Path | None = None) -> list[Found]:
    """Share of heat in the planted box, by defect and for all, on sources of both roles.

    Raises:
        NotFetched: where no source is in the cache.
    """
    rows: list[Found] = []
    sources = [(one, "train") for one in HELD_OUT] + [(one, "test") for one in available("test", cache)]
    there = {*available("train", cache), *available("test", cache)}
    for role in ("train", "test"):
        names = [name for name, own in sources if own == role and name in there]
        found = [one for name in names for one in _of_source(classifier, name, cache)]
        where = "sources it learned from" if role == "train" else "test sources"
        for defect in (*LOCAL, "any of them"):
            chosen = [one for one in found if defect in (one[0], "any of them")]
            if chosen:
                rows += _rows(f"{where}: {defect}", [(one[1], one[2]) for one in chosen])
    return rows


def _rows(on: str, shares: Sequence[tuple[float, ...]]) -> list[Found]:
    network, random = [one[0] for one in shares], [one[1] for one in shares]
    less = [one[0] - one[1] for one in shares]
    return [
        mean_of(PART, "network", on, "heat in the box", network),
        mean_of(PART, "random weights (control)", on, "heat in the box", random),
        mean_of(PART, "network - control", on, "heat difference", less),
    ]


def _of_source(classifier: Classifier, name: str, cache: Path | None) -> list[tuple[str, float, float]]:
    images = [one.image for one in load(name, cache) if np.ptp(one.image.pixels) > 0]
    found: list[tuple[str, float, float]] = []
    for number in range(PLANTED):
        defect = LOCAL[number % len(LOCAL)]
        rng = stream(23, number, "explanation", name)
        spoiled, box = planted(images[number * len(images) // PLANTED], defect, rng)
        head = HEADS.index(defect)
        maps = (cam(inside(classifier, spoiled), head), cam(at_random(spoiled, rng), head))
        shares = [share(on_image(one, spoiled.pixels.shape), box) for one in maps]
        found.append((defect, shares[0], shares[1]))
    return found


def planted(image: Image, defect: Defect, rng: Generator) -> tuple[Image, NDArray[np.bool_]]:
    """The image with the defect in a box of a ninth of it, where there is something to see, and the box."""
    receipt = draw(defect, image, rng, severity=0.9)
    spoiled = apply(image, receipt).pixels
    rows, columns = image.pixels.shape
    shown = np.abs(image.pixels - np.median(image.pixels)).astype(np.float64)
    middles = ndimage.uniform_filter(shown, (rows // 3, columns // 3), mode="constant")
    ranks = middles[rows // 6 : -rows // 6, columns // 6 : -columns // 6]
    best = np.argwhere(ranks >= np.quantile(ranks, 0.6))
    top, left = best[rng.integers(len(best))]
    box = np.zeros(image.pixels.shape, bool)
    box[top : top + rows // 3, left : left + columns // 3] = True
    soft = ndimage.gaussian_filter(box.astype(np.float32), max(1.0, rows / 100))
    return image.with_pixels(image.pixels * (1 - soft) + spoiled * soft), box


def share(heat: Heat, box: NDArray[np.bool_]) -> float:
    """Of all heat, what lies in the box; what it would have by chance where there is no heat at all."""
    whole = float(heat.sum())
    return float(heat[box].sum()) / whole if whole > 0 else float(box.mean())


def at_random(image: Image, rng: Generator) -> Inside:
    """What a network of the same shape holds for the image when its weights were drawn and never trained."""
    weights: Weights = [
        rng.standard_normal((after, before, 3, 3)) * np.sqrt(2 / (9 * before))
        for before, after in pairwise(WIDTHS)
    ]
    mixing = rng.standard_normal((2 * WIDTHS[-1], HIDDEN)) * np.sqrt(1 / WIDTHS[-1])
    heads = rng.standard_normal((HIDDEN, len(HEADS))) * np.sqrt(1 / HIDDEN)
    x = inputs.pictures(View(image))[None].astype(np.float64)
    for weight in weights[:SEEN_LAYER]:
        x = convolved(x, weight)
    channels = x.shape[1]
    step = 0.02 * max(float(x.std()), 1e-6)
    moved = np.repeat(x, channels + 1, axis=0)
    moved[np.arange(channels), np.arange(channels)] += step
    for weight in weights[SEEN_LAYER:]:
        moved = convolved(moved, weight)
    pooled = np.concatenate([moved.mean((2, 3)), moved.max((2, 3))], axis=1)
    odds = np.maximum(pooled @ mixing, 0) @ heads
    return Inside(x[0], (odds[:-1] - odds[-1]) / step)


def convolved(x: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, before, rows, columns) by (after, before, 3, 3), stride 2, padded by one, rectified."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))[:, :, ::2, ::2]
    summed: NDArray[np.float64] = np.einsum("nchwij,ocij->nohw", windows, weight, optimize=True)
    return np.maximum(summed, 0)
