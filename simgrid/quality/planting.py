"""Which real image an inspection has, and what is wrong with each of its acquisitions: drawn, not judged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgrid.domain.imaging import ImagePool, Pictures, PlantedImage
from simgrid.domain.units import BoolArray, FloatArray, IntArray
from simgrid.quality.classifier.judgement import REPEAT_HELPS
from simgrid.quality.defect_names import DEFECTS, possible
from simgrid.quality.pool import Pool
from simgrid.quality.verdicts import shared_damages
from simgrid.randomness import stream


def plant(
    rules: ImagePool, images: Pool, modality: Sequence[str], defect: BoolArray, seed: int, replication: int
) -> tuple[Pictures, BoolArray]:
    """Pictures of S inspections, and which acquisitions (S, A) are defective in truth.

    ``modality`` (S,); ``defect`` (S, A): which acquisitions have a defect of any severity. Every draw belongs
    to its inspection and acquisition: who judges, and what was judged before, changes none.
    """
    rows, attempts = defect.shape
    of_row = np.asarray(modality, dtype=np.str_)
    chance = {
        name: stream(seed, replication, "pictures", name).random((rows, attempts))
        for name in ("defect", "severity", "look")
    }
    picked: FloatArray = np.asarray(stream(seed, replication, "pictures", "image").random(rows))
    image: IntArray = np.full(rows, -1, dtype=np.int64)
    kind: IntArray = np.full((rows, attempts), -1, dtype=np.int64)
    for name in np.unique(of_row).tolist():
        mine = np.flatnonzero(of_row == name)
        there = np.array(images.of_family(name), dtype=np.int64)
        numbers, upper = _weighted(rules, name)
        if len(there):
            image[mine] = there[(picked[mine] * len(there)).astype(np.int64)]
        if len(numbers):
            drawn = numbers[np.searchsorted(upper, chance["defect"][mine], side="right")]
            kind[mine] = np.where(defect[mine], drawn, -1)
    level = np.searchsorted(_upper(rules.shares), chance["severity"], side="right")
    severity = np.where(defect, np.array(rules.levels)[level], 0.0)
    pictures = Pictures(
        source=rules.source,
        folder=rules.folder,
        names=tuple(one.name for one in images.images),
        defects=DEFECTS,
        image=image,
        defect=kind,
        severity=severity,
        look=(chance["look"] * rules.looks).astype(np.int64),
    )
    return pictures, _defective(rules, pictures, defect)


def _defective(rules: ImagePool, pictures: Pictures, defect: BoolArray) -> BoolArray:
    """Where enough of the image is spoiled; each different image is measured once.

    Where the pool has no image of the modality there is nothing to measure, and every defect is one.
    """
    damages, known = shared_damages(), dict[PlantedImage, bool]()
    defective = defect.copy()
    for row, acquisition in np.argwhere(defect & (pictures.image >= 0)[:, None]).tolist():
        planted = pictures.of(row, acquisition)
        if planted is None:
            continue
        if planted not in known:
            known[planted] = damages.of(planted) >= rules.relevant
        defective[row, acquisition] = known[planted]
    return defective


def _weighted(rules: ImagePool, modality: str) -> tuple[IntArray, FloatArray]:
    """The defects that are drawn for a modality, as numbers, and the upper end of each one's share."""
    weight = {name: rules.weights.get(name, 0.0) if rules.weights else 1.0 for name in possible(modality)}
    if not rules.weights:
        weight |= {name: 0.0 for name in weight if name not in REPEAT_HELPS}
    names = [name for name, one in weight.items() if one > 0]
    numbers = np.array([DEFECTS.index(name) for name in names], dtype=np.int64)
    return numbers, _upper([weight[name] for name in names])


def _upper(weights: Sequence[float]) -> FloatArray:
    """Cumulated shares without the last, which is 1 whatever rounding says."""
    cumulated = np.cumsum(np.array(weights, dtype=np.float64))
    return (cumulated / cumulated[-1])[:-1] if len(cumulated) else cumulated
