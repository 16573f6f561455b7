"""What training kept for evaluation: scores by weights that never saw the image's source."""

from __future__ import annotations

import io
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.classifier.calibration import fit_curve, probabilities
from simgrid.quality.defect_names import DEFECTS

HEADS: tuple[str, ...] = (*DEFECTS, "any")
JUDGES: tuple[str, ...] = ("logistic", "trees", "network alone", "fused", "fused, pictures shuffled")
KEPT = "out_of_fold.npz"


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """n samples. ``judges``: name to log odds (n, 11). ``second``: the same of images spoiled by the second
    generator, or None. ``kinds``: the fused log odds with the image's whole modality left out."""

    source: NDArray[np.str_]
    kind: NDArray[np.str_]
    fold: NDArray[np.uint8]
    truth: NDArray[np.bool_]
    could: NDArray[np.bool_]
    damages: NDArray[np.float64]
    severity: NDArray[np.float64]
    tree_severity: NDArray[np.float64]
    judges: dict[str, NDArray[np.float64]]
    kinds: NDArray[np.float64]
    ranks: NDArray[np.uint8]
    names: tuple[str, ...]
    second: SecondKept
    key: NDArray[np.str_]
    seed: int
    smoke: bool


@dataclass(frozen=True, slots=True, eq=False)
class SecondKept:
    """Images of the same sources, spoiled by ``second_generator``, judged by the same folds' weights."""

    source: NDArray[np.str_]
    kind: NDArray[np.str_]
    truth: NDArray[np.bool_]
    could: NDArray[np.bool_]
    judges: dict[str, NDArray[np.float64]]


def kept(path: Path | None = None) -> Kept:
    """From a file of ``simgrid qa train``, or the one that belongs to the shipped weights.

    Raises:
        FileNotFoundError: where there is none.
    """
    return from_bytes(
        path.read_bytes() if path else (files("simgrid.quality.evaluation") / KEPT).read_bytes()
    )


def from_bytes(content: bytes) -> Kept:
    """From what such a file holds."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    share = float(arrays["share"][0])

    def wide(name: str) -> NDArray[np.float64]:
        return np.asarray(arrays[name], np.float64)

    def fused(trees: str, network: str) -> NDArray[np.float64]:
        return share * wide(trees) + (1 - share) * wide(network)

    judges = (
        wide("logistic"),
        wide("trees"),
        wide("plain"),
        fused("trees", "network"),
        fused("trees", "shuffled"),
    )
    second = SecondKept(
        arrays["second_source"],
        arrays["second_kind"],
        arrays["second_truth"],
        arrays["second_could"],
        {"trees": wide("second_trees"), "fused": fused("second_trees", "second_network")},
    )
    return Kept(
        source=arrays["source"],
        kind=arrays["kind"],
        fold=arrays["fold"],
        truth=arrays["truth"],
        could=arrays["could"],
        damages=wide("damages"),
        severity=np.clip((wide("tree_damages") + wide("network_damages")) / 2, 0, 1),
        tree_severity=np.clip(wide("tree_damages"), 0, 1),
        judges=dict(zip(JUDGES, judges, strict=True)),
        kinds=fused("kind_trees", "kind_network"),
        ranks=arrays["ranks"],
        names=tuple(str(name) for name in arrays["names"]),
        second=second,
        key=arrays["key"],
        seed=int(arrays["seed"][0]),
        smoke=bool(arrays["smoke"][0]),
    )


def cross_calibrated(scores: Kept, judge: str = "fused") -> NDArray[np.float64]:
    """Probabilities (n, 11) with curves fitted on other folds: unseen in training and calibration."""
    found = np.zeros_like(scores.judges[judge])
    for k in np.unique(scores.fold):
        out = scores.fold == k
        curves = [
            fit_curve(scores.judges[judge][~out & own, head], scores.truth[~out & own, head])
            for head, own in enumerate(scores.could.T)
        ]
        found[out] = probabilities(scores.judges[judge][out], np.array(curves))
    return found
