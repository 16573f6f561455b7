"""Where the classifier was surest and wrong: keys of the images, and what was said of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.defect_names import DEFECTS
from simgrid.quality.evaluation.scores import Kept, cross_calibrated

A_SIDE = 8


@dataclass(frozen=True, slots=True)
class Failure:
    """``key``: of the sample. ``said``: probability of any defect. ``truth``: the defects that are there."""

    key: str
    said: float
    truth: tuple[str, ...]


def failures(scores: Kept) -> tuple[list[Failure], list[Failure]]:
    """The surest misses and the surest false alarms, at most one of each source in each."""
    found = cross_calibrated(scores)[:, -1]
    there = scores.truth[:, -1]
    missed = np.flatnonzero(there)[np.argsort(found[there], kind="stable")]
    alarms = np.flatnonzero(~there)[np.argsort(-found[~there], kind="stable")]
    return _listed(scores, found, missed), _listed(scores, found, alarms)


def _listed(scores: Kept, said: NDArray[np.float64], order: NDArray[np.int64]) -> list[Failure]:
    chosen: dict[str, Failure] = {}
    for row in order.tolist():
        source = str(scores.source[row])
        if source not in chosen and len(chosen) < A_SIDE:
            truth = tuple(one for one, true in zip(DEFECTS, scores.truth[row], strict=False) if true)
            chosen[source] = Failure(str(scores.key[row]), float(said[row]), truth)
    return list(chosen.values())
