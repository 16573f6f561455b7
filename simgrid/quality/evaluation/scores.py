"""What training kept for evaluation: scores by weights that never saw the image's source."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.classifier.calibration import any_score, crossed_probabilities, curves, probabilities
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

    judges = dict(
        zip(
            JUDGES,
            (
                wide("logistic"),
                wide("trees"),
                wide("plain"),
                fused("trees", "network"),
                fused("trees", "shuffled"),
            ),
            strict=True,
        )
    )
    truth, could, fold = arrays["truth"], arrays["could"], arrays["fold"]
    others = {"trees": wide("second_trees"), "fused": fused("second_trees", "second_network")}
    second = _second(arrays, others, judges)
    kinds = fused("kind_trees", "kind_network")
    kind_number = np.unique(arrays["kind"], return_inverse=True)[1]
    return Kept(
        source=arrays["source"],
        kind=arrays["kind"],
        fold=fold,
        truth=truth,
        could=could,
        damages=wide("damages"),
        severity=np.clip((wide("tree_damages") + wide("network_damages")) / 2, 0, 1),
        tree_severity=np.clip(wide("tree_damages"), 0, 1),
        judges={
            name: _mixed(log_odds, could, fold, log_odds, truth, could, fold)
            for name, log_odds in judges.items()
        },
        kinds=_mixed(kinds, could, kind_number, kinds, truth, could, kind_number),
        ranks=arrays["ranks"],
        names=tuple(str(name) for name in arrays["names"]),
        second=second,
        key=arrays["key"],
        seed=int(arrays["seed"][0]),
        smoke=bool(arrays["smoke"][0]),
    )


def _second(
    arrays: Mapping[str, NDArray[Any]],
    others: Mapping[str, NDArray[np.float64]],
    judges: Mapping[str, NDArray[np.float64]],
) -> SecondKept:
    """``others``: log odds of the second generator's images, ``judges``: of the first's, which calibrate."""
    truth, could, fold = arrays["truth"], arrays["could"], arrays["fold"]
    theirs = _folds(arrays["second_source"], arrays["source"], fold)
    return SecondKept(
        arrays["second_source"],
        arrays["second_kind"],
        arrays["second_truth"],
        arrays["second_could"],
        {
            name: _mixed(log_odds, arrays["second_could"], theirs, judges[name], truth, could, fold)
            for name, log_odds in others.items()
        },
    )


def _folds(of: NDArray[np.str_], source: NDArray[np.str_], fold: NDArray[np.uint8]) -> NDArray[np.integer]:
    known = dict(zip(source.tolist(), fold.tolist(), strict=True))
    return np.array([known[name] for name in of.tolist()])


def _mixed(
    log_odds: NDArray[np.float64],
    could: NDArray[np.bool_],
    fold: NDArray[np.integer],
    known: NDArray[np.float64],
    truth: NDArray[np.bool_],
    known_could: NDArray[np.bool_],
    known_fold: NDArray[np.integer],
) -> NDArray[np.float64]:
    """The log odds with those of any defect mixed as the classifier does, by curves of the other folds."""
    found = log_odds.copy()
    for k in np.unique(fold):
        out, rest = fold == k, known_fold != k
        said = probabilities(log_odds[out], curves(known[rest], truth[rest], known_could[rest]))
        found[out, -1] = any_score(said, could[out, :-1])
    return found


def cross_calibrated(scores: Kept, judge: str = "fused") -> NDArray[np.float64]:
    """Probabilities (n, 11) with curves fitted on other folds: unseen in training and calibration."""
    return crossed_probabilities(scores.judges[judge], scores.truth, scores.could, scores.fold)
