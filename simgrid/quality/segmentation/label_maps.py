"""The label maps of the sources in the network's own organs: many names become few."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.image import Image
from simgrid.quality.segmentation.organs import ORGANS, Labels, Organ
from simgrid.quality.sources.catalogue import choose, label_names
from simgrid.quality.sources.images import SourceImage

UNKNOWN = 255
_STARTS: dict[str, Organ] = {
    "liver": "liver",
    "spleen": "spleen",
    "kidney_right": "kidney",
    "kidney_left": "kidney",
    "stomach": "stomach",
    "small_bowel": "bowel",
    "duodenum": "bowel",
    "colon": "bowel",
    "vertebra": "bone",
    "sacrum": "bone",
    "rib_": "bone",
    "hip": "bone",
    "femur": "bone",
    "humerus": "bone",
    "scapula": "bone",
    "clavicula": "bone",
    "sternum": "bone",
    "autochthon": "muscle",
    "iliopsoas": "muscle",
    "gluteus": "muscle",
    "urinary_bladder": "bladder",
    "aorta": "vessel",
    "inferior_vena_cava": "vessel",
    "heart": "heart",
    "brain": "brain",
}
_BRAINS = ("tissue", "aal")  # maps of parts of the brain alone
_GAP_MM = 6.0  # between those parts: fluid, and white matter between grey
_PARTLY = ("totalsegmentator-ct-thorax",)  # where most organs have no label
_BODY_HU = -300.0
_HEADS = ("pydicom-data-ct-head", "pydicom-ct-skull-base")  # no map, but an organ that cannot be there
_ATLAS = "totalsegmentator-ct-brain-atlas"  # of brains without a skull
_NOTHING = ("pydicom-data-mr-shoulder",)  # none of the organs but bone and muscle, which MR has no map of
_BONE_HU = 250.0


def organ_of(name: str) -> int:
    """The label, in ``Anatomy``'s numbering, of a structure's name; 0 for what is not looked for."""
    for start, organ in _STARTS.items():
        if name.startswith(start):
            return ORGANS.index(organ) + 1
    return 0


def labels_of(found: SourceImage) -> Labels | None:
    """The organs of a plane (rows, columns), ``UNKNOWN`` where the map is silent; None without a map.

    Single heads and a shoulder have none and are labelled by thresholds, so that a network which has seen
    livers in torsos only learns where there are none.
    """
    if found.labels is None:
        return _by_threshold(found)
    vocabulary = choose(found.source)[0].vocabulary
    if vocabulary in _BRAINS:
        return _brain(found.labels > 0, found.image)
    labels: Labels = _table(vocabulary)[found.labels]
    if found.source in _PARTLY:
        tissue = found.image.pixels > _BODY_HU
        labels[(labels == 0) & tissue] = UNKNOWN
    return labels


def _by_threshold(found: SourceImage) -> Labels | None:
    pixels = found.image.pixels
    bone, brain = ORGANS.index("bone") + 1, ORGANS.index("brain") + 1
    if found.source in _NOTHING:
        return np.zeros(pixels.shape, np.uint8)
    if found.source == _ATLAS:
        return np.asarray((pixels > _BODY_HU) * brain, np.uint8)
    if found.source not in _HEADS:
        return None
    skull = pixels > _BONE_HU
    inside = ndimage.binary_fill_holes(ndimage.binary_closing(skull, iterations=3)) & (pixels > _BODY_HU)
    return np.where(skull, bone, np.where(inside, brain, 0)).astype(np.uint8)


@cache
def _table(vocabulary: str) -> Labels:
    table = np.zeros(256, np.uint8)
    for value, name in label_names(vocabulary).items():
        table[value] = organ_of(name)
    return table


def _brain(parts: NDArray[np.bool_], image: Image) -> Labels:
    """Parts of a brain as one: gaps closed, holes filled."""
    reach = round(_GAP_MM / (image.spacing_mm or (1.0, 1.0))[0])
    closed = ndimage.binary_closing(np.pad(parts, reach + 1), iterations=max(1, reach))
    filled = ndimage.binary_fill_holes(closed)[reach + 1 : -reach - 1, reach + 1 : -reach - 1]
    return np.asarray(filled * (ORGANS.index("brain") + 1), np.uint8)
