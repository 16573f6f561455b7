"""The untouched test set: sources of role ``test``, judged with the shipped weights.

Their images are of unstated origin, under a copyleft licence, or real radiographs: nothing was ever learned
from them. Defects are drawn on them as in training, because no image of theirs comes with a known one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.classifier.calibration import any_score, curves, probabilities
from simgrid.quality.classifier.classifier import Classifier
from simgrid.quality.evaluation.auc import Estimate, aucs, calibration_errors, estimate, source_weights
from simgrid.quality.evaluation.scores import HEADS, Kept
from simgrid.quality.evaluation.tables import ANY, Row
from simgrid.quality.image import Image
from simgrid.quality.sources.images import available, load
from simgrid.quality.training.samples import Samples, joined, samples_of

SEED = 20260101
_MOST_IMAGES = 40


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Samples of test sources: by the training generator and by the second; probabilities and abstentions."""

    samples: Samples
    probability: NDArray[np.float64]
    judges: Mapping[str, NDArray[np.float64]]


def judged_test_role(
    classifier: Classifier, known: Kept, cache: Path | None, count: int
) -> dict[str, Judged]:
    """``count`` samples a source and generator: ``test`` and ``test, second generator``.

    ``known``: the scores that calibrate the trees alone.

    Raises:
        NotFetched: where no test source is in the cache.
    """
    images = {
        name: [one.image for one in load(name, cache) if np.ptp(one.image.pixels) > 0]
        for name in available("test", cache)
    }
    heads = curves(known.judges["trees"][:, :-1], known.truth[:, :-1], known.could[:, :-1])
    of_trees = np.vstack([heads, classifier.tree_curve])
    made = {}
    for title, second in (("test", False), ("test, second generator", True)):
        samples = joined(
            samples_of(name, spread(own), count, SEED, second=second) for name, own in images.items() if own
        )
        scores = classifier.score(samples.pictures, samples.features)
        could = samples.could[:, :-1]
        found = classifier.probabilities(scores, could)
        by_trees = np.column_stack(
            [scores.trees[:, :-1], any_score(probabilities(scores.trees, of_trees), could)]
        )
        by_both = np.column_stack([scores.fused[:, :-1], found[:, -1]])
        made[title] = Judged(samples, found, {"trees": by_trees, "fused": by_both})
    return made


def spread(images: list[Image]) -> list[Image]:
    """At most so many, evenly over a volume."""
    most = min(_MOST_IMAGES, len(images))
    return [images[k * len(images) // most] for k in range(most)]


def outside_rows(classifier: Classifier, cache: Path | None) -> list[Row]:
    """Of each source of role ``outside``: the share of its images on which the classifier abstains."""
    rows = []
    for name in available("outside", cache):
        judged = [classifier.judge([found.image])[0] for found in load(name, cache)]
        if judged:
            share = float(np.mean([one.abstains for one in judged]))
            found_share = Estimate(share, np.nan, np.nan, len(judged), 1)
            rows.append(Row("outside", "fused", name, "share abstained", found_share))
    return rows


def rows_of(found: Mapping[str, Judged]) -> list[Row]:
    """AUC by defect, by source and by modality, and calibration error."""
    rows = []
    for title, judged in found.items():
        samples = judged.samples
        weights = source_weights(samples.source)
        for judge, log_odds in judged.judges.items():
            for head in (ANY, *range(ANY)):
                own = samples.could[:, head]
                values = aucs(log_odds[own, head], samples.truth[own, head], weights[:, own])
                rows.append(Row(title, judge, HEADS[head], "AUC", estimate(values, samples.source[own])))
            for group in (samples.source, samples.kind):
                rows += _groups(title, judge, log_odds[:, ANY], samples, group)
        errors = calibration_errors(judged.probability[:, ANY], samples.truth[:, ANY], weights)
        rows.append(Row(title, "fused", "any", "ECE", estimate(errors, samples.source)))
    return rows


def _groups(
    title: str, judge: str, any_defect: NDArray[np.float64], samples: Samples, group: NDArray[np.str_]
) -> list[Row]:
    rows = []
    for name in np.unique(group):
        own = group == name
        values = aucs(any_defect[own], samples.truth[own, ANY], source_weights(samples.source[own]))
        rows.append(Row(title, judge, str(name), "AUC of any defect", estimate(values, samples.source[own])))
    return rows
