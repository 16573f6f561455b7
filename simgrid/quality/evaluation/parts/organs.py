"""Dice per organ on sources held out, against an atlas: the mean shape of each organ in training slices.

The control knows the outline of the patient and nothing inside: each organ is where it was on average, in the
coordinates of the body's bounding box, at the threshold that is best on the training slices. A network that
does no better has learned where organs usually are and does not look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.anomaly import grid
from simgrid.quality.evaluation.parts.found import Found, difference_of, ratio_of
from simgrid.quality.segmentation.label_maps import UNKNOWN, labels_of
from simgrid.quality.segmentation.organs import ORGANS, Labels, Organ, Segmenter, nearest, to_grid
from simgrid.quality.sources.held_out import HELD_OUT
from simgrid.quality.sources.images import SourceImage, available, load

PART = "segmentation"
SIDE = 64  # of the atlas
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
ATLAS_SOURCES = ("totalsegmentator-ct-torso", "mricron-colin27")
FEW = 2  # slices an organ must be on to be reported


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """One slice on the grid: channels, true labels, the body, and which source it is of."""

    plane: NDArray[np.float32]
    labels: Labels
    body: NDArray[np.bool_]
    modality: str


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """Of an organ, the share of training slices showing it where it is, over the body's box (SIDE, SIDE)."""

    shape: NDArray[np.float64]
    threshold: float

    def on(self, body: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Where the organ should be in this body."""
        box = _box(body)
        size = tuple(one.stop - one.start for one in box)
        there = np.zeros(body.shape, bool)
        axes = [np.clip((np.arange(n) + 0.5) * SIDE / n - 0.5, 0, SIDE - 1) for n in size]
        grown = ndimage.map_coordinates(self.shape, np.meshgrid(*axes, indexing="ij"), order=1)
        there[box] = grown > self.threshold
        return there


def measure(segmenter: Segmenter, cache: Path | None = None) -> list[Found]:
    """Dice of network and atlas and their difference, for each organ of each source held out.

    Raises:
        NotFetched: where the sources are not in the cache.
    """
    atlases = atlases_of([one for name in ATLAS_SOURCES for one in slices_of(name, cache)])
    rows: list[Found] = []
    for source in HELD_OUT:
        if source in available("train", cache):
            rows += _of_source(source, list(slices_of(source, cache)), segmenter, atlases)
    return rows


def slices_of(source: str, cache: Path | None) -> Iterator[Slice]:
    """The labelled slices of a source on the grid."""
    if source in available("train", cache):
        for one in load(source, cache):
            made = slice_of(one)
            if made is not None:
                yield made


def slice_of(found: SourceImage) -> Slice | None:
    """A labelled slice on the grid; None without labels."""
    labels = labels_of(found)
    if labels is None:
        return None
    plane, body = grid(found.image)
    return Slice(to_grid(found.image), nearest(labels, plane.shape[1:]), body, found.image.modality)


def atlases_of(slices: list[Slice]) -> Mapping[Organ, Atlas]:
    """One of every organ that the slices show."""
    found: dict[Organ, Atlas] = {}
    for number, organ in enumerate(ORGANS, start=1):
        shown = [one for one in slices if (one.labels == number).any() and one.body.any()]
        if not shown:
            continue
        shape = np.mean([_in_box(one.labels == number, one.body) for one in shown], axis=0)
        best = max(THRESHOLDS, key=lambda at: _dice_of(Atlas(shape, at * shape.max()), number, shown))
        found[organ] = Atlas(shape, best * float(shape.max()))
    return found


def _dice_of(atlas: Atlas, number: int, slices: list[Slice]) -> float:
    counts = np.sum([_overlap(atlas.on(one.body), one.labels, number) for one in slices], axis=0)
    return float(2 * counts[0] / counts[1])


def _of_source(
    source: str, slices: list[Slice], segmenter: Segmenter, atlases: Mapping[Organ, Atlas]
) -> list[Found]:
    rows = []
    seen = [segmenter.on_grid(one.plane) for one in slices]
    for number, organ in enumerate(ORGANS, start=1):
        if sum((one.labels == number).any() for one in slices) < FEW:
            continue
        by_network = np.array(
            [_overlap(a == number, b.labels, number) for a, b in zip(seen, slices, strict=True)]
        )
        rows.append(
            ratio_of(PART, "network", f"{source}: {organ}", "Dice", 2 * by_network[:, 0], by_network[:, 1])
        )
        if organ in atlases:
            by_atlas = np.array([_overlap(atlases[organ].on(one.body), one.labels, number) for one in slices])
            on = f"{source}: {organ}"
            rows.append(
                ratio_of(PART, "atlas mean (control)", on, "Dice", 2 * by_atlas[:, 0], by_atlas[:, 1])
            )
            rows.append(_difference(on, by_network, by_atlas))
    return rows


def _difference(on: str, network: NDArray[np.float64], atlas: NDArray[np.float64]) -> Found:
    def paired(chosen: NDArray[np.int64]) -> float:
        (a, b), (c, d) = network[chosen].sum(axis=0), atlas[chosen].sum(axis=0)
        return float(2 * a / b - 2 * c / d) if b and d else float("nan")

    return difference_of(PART, "network - control", on, "Dice difference", len(network), paired)


def _overlap(said: NDArray[np.bool_], labels: Labels, number: int) -> tuple[float, float]:
    """Pixels in both, and in either counted twice where in both; pixels without a label count for nothing."""
    known, true = labels != UNKNOWN, labels == number
    return float((said & true).sum()), float((said & known).sum() + true.sum())


def _box(body: NDArray[np.bool_]) -> tuple[slice, slice]:
    if not body.any():
        return slice(0, body.shape[0]), slice(0, body.shape[1])
    rows, columns = np.flatnonzero(body.any(axis=1)), np.flatnonzero(body.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _in_box(mask: NDArray[np.bool_], body: NDArray[np.bool_]) -> NDArray[np.float64]:
    part = mask[_box(body)].astype(np.float64)
    axes = [np.clip((np.arange(SIDE) + 0.5) * n / SIDE - 0.5, 0, n - 1) for n in part.shape]
    return np.asarray(ndimage.map_coordinates(part, np.meshgrid(*axes, indexing="ij"), order=1))
