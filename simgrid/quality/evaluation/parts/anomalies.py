"""Whether anomaly maps point at lesions: put in at three contrasts, and the few real ones.

The figure is the area under the curve over the body's pixels: how often a pixel of the lesion has a higher
value than one outside it. The control is a threshold of intensity: how far a pixel's value is from the
body's median. It needs no learning, and finds whatever is very bright.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage
from scipy.stats import rankdata

from simgrid.quality.anomaly import Anomalies, by_rule, grid, on_image
from simgrid.quality.evaluation.parts.found import Found, mean_of
from simgrid.quality.image import Image
from simgrid.quality.sources.catalogue import choose
from simgrid.quality.sources.held_out import HELD_OUT
from simgrid.quality.sources.images import available, load
from simgrid.randomness import stream

PART = "anomaly"
CONTRASTS = (0.1, 0.2, 0.4)  # CT: of 400 HU; MR: of the slice's span
LESIONS = 24  # a source
Mask = NDArray[np.bool_]
Judge = Callable[[Image], NDArray[np.float64]]


def measure(anomalies: Anomalies, cache: Path | None = None) -> list[Found]:
    """Areas for every contrast on sources held out, and on the real lesions of the test role.

    Raises:
        NotFetched: where no source is in the cache.
    """
    judges: dict[str, Judge] = {
        "network": anomalies.learned,
        "rule": by_rule,
        "intensity (control)": by_intensity,
    }
    rows: list[Found] = []
    for modality in ("CT", "MR"):
        names = [one for one in HELD_OUT if choose(one)[0].modality == modality]
        names = [one for one in names if one in available("train", cache)]
        for contrast in CONTRASTS:
            areas = [found for name in names for found in _inserted(name, contrast, judges, cache)]
            rows += _rows(f"{modality}, contrast {contrast:.0%}", areas)
    return rows + _rows("real lesions", _real(judges, cache))


def _rows(on: str, areas: Sequence[dict[str, float]]) -> list[Found]:
    if not areas:
        return []
    rows = [mean_of(PART, judge, on, "AUC", [one[judge] for one in areas]) for judge in areas[0]]
    less = [one["network"] - one["intensity (control)"] for one in areas]
    return [*rows, mean_of(PART, "network - control", on, "AUC difference", less)]


def by_intensity(image: Image) -> NDArray[np.float64]:
    """How far a pixel is from the body's median, in a soft-tissue window where there are Hounsfield units."""
    plane = image.pixels.astype(np.float64)
    plane = np.clip(plane, -160, 240) if image.modality == "CT" else plane
    body = body_of(image)
    return np.abs(plane - np.median(plane[body])) if body.any() else np.zeros(plane.shape)


def body_of(image: Image) -> Mask:
    """The patient's pixels, as the maps know them."""
    return on_image(grid(image)[1].astype(np.float64), image) > 0.5


def _inserted(
    name: str, contrast: float, judges: dict[str, Judge], cache: Path | None
) -> list[dict[str, float]]:
    images = [one.image for one in load(name, cache)]
    rng = stream(17, 0, "lesions", name)  # the same places at every contrast
    found = []
    for number in range(LESIONS):
        made = with_lesion(images[number * len(images) // LESIONS], contrast, rng)
        if made is not None:
            found.append(areas(*made, judges))
    return found


def with_lesion(image: Image, contrast: float, rng: Generator) -> tuple[Image, Mask] | None:
    """A smooth disc of 5 to 14 mm radius, lighter or darker, inside the body; None where there is no room."""
    inside = ndimage.binary_erosion(grid(image)[1], iterations=4)
    places = np.argwhere(inside)
    if not len(places):
        return None
    spacing = image.spacing_mm or (1.0, 1.0)
    place = (places[rng.integers(len(places))] + 0.5) * np.array(image.pixels.shape) / inside.shape
    down, right = (np.arange(size) for size in image.pixels.shape)
    distance = np.hypot((down[:, None] - place[0]) * spacing[0], (right[None, :] - place[1]) * spacing[1])
    radius, sign = rng.uniform(5, 14), rng.choice([-1, 1])
    span = 400.0 if image.modality == "CT" else float(np.subtract(*np.percentile(image.pixels, (99, 1))))
    edge = np.clip((radius - distance) / 3 + 0.5, 0, 1)
    pixels = image.pixels + sign * contrast * span * edge
    return image.with_pixels(pixels.astype(np.float32)), distance < radius


def _real(judges: dict[str, Judge], cache: Path | None) -> list[dict[str, float]]:
    """Of every case with a mask, the mean over its slices that show the lesion."""
    found = []
    for name in available("test", cache):
        if choose(name)[0].vocabulary != "lesion":
            continue
        slices = [
            areas(one.image, one.labels > 0, judges)
            for one in load(name, cache)
            if one.labels is not None and (one.labels > 0).sum() > 20
        ]
        if slices:
            found.append({judge: float(np.nanmean([one[judge] for one in slices])) for judge in judges})
    return found


def areas(image: Image, lesion: Mask, judges: dict[str, Judge]) -> dict[str, float]:
    """The area of each judge's map over the pixels of the body and of the lesion."""
    where = body_of(image) | lesion
    return {name: auc(judge(image)[where], lesion[where]) for name, judge in judges.items()}


def auc(scores: NDArray[np.float64], truth: Mask) -> float:
    """How often a true pixel has a higher score than another; ties count half."""
    positive = int(truth.sum())
    negative = truth.size - positive
    if not positive or not negative:
        return float("nan")
    ranks = rankdata(scores)
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))
