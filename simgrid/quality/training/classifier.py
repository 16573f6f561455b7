"""The classifier's training step: samples, scores on sources left out, calibration, final weights, card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.classifier import inputs
from simgrid.quality.classifier.calibration import any_score, crossed_probabilities, curves, fit_curve
from simgrid.quality.classifier.classifier import NETWORK, TREES
from simgrid.quality.classifier.inputs import FAMILIES
from simgrid.quality.evaluation.auc import source_weights
from simgrid.quality.evaluation.goals import earns
from simgrid.quality.evaluation.scores import KEPT, from_bytes
from simgrid.quality.evaluation.tables import differences
from simgrid.quality.evaluation.weak_spots import rows_on_left_out, weak_spots
from simgrid.quality.measures import NAMES
from simgrid.quality.sources.images import NotFetched
from simgrid.quality.training import network, trees
from simgrid.quality.training.card import card
from simgrid.quality.training.collection import all_samples
from simgrid.quality.training.deterministic import npz_bytes
from simgrid.quality.training.folds import FOLDS, Plan, Unseen, folds_of, unseen_scores
from simgrid.quality.training.network import Course
from simgrid.quality.training.samples import Samples
from simgrid.quality.training.steps import Context
from simgrid.quality.training.trees import Size

SCORES = f"evaluation/{KEPT}"
TREE_SHARE = 0.9  # of the fused score; 0.5 was the plan, then 0.8, then this, after looks at the folds
KNOWN_RANGE = 0.002  # of training images below and above what is taken for a measure's range
KNOWN_SHARE = 0.98  # of images of a left-out source that shall pass as known


def train(context: Context) -> Mapping[str, bytes]:
    """Everything that ``classifier`` needs, and the scores that ``evaluation`` reads.

    Raises:
        NotFetched: where too few sources are in the cache to leave some out, or a modality has none.
    """
    samples, second = all_samples(context)
    enough(samples)
    context.tell(f"{len(samples)} samples of {np.unique(samples.source).size} sources")
    return taught(samples, second, context)


def enough(samples: Samples) -> None:
    """Raise NotFetched unless every fold can leave a source out, and every modality is there."""
    sources = np.unique(samples.source).size
    absent = [kind for kind in FAMILIES if not (samples.kind == kind).any()]
    way_out = "run 'simgrid qa fetch-data' first"
    if sources < FOLDS:
        raise NotFetched(
            f"{sources} training sources are in the cache, {FOLDS} or more are needed: {way_out}"
        )
    if absent:
        raise NotFetched(f"no image of {' and '.join(absent)} to train on is in the cache: {way_out}")


def taught(samples: Samples, second: Samples, context: Context) -> Mapping[str, bytes]:
    """What is trained on samples and scored on these and on those of the ``second`` generator."""
    plan = Plan(
        Size(15, 8, 5, 1) if context.smoke else Size(),
        Course(epochs=2) if context.smoke else Course(),
        context.seed,
        context.threads,
    )
    folds = folds_of(samples.source.tolist(), samples.kind.tolist())
    fold, other = (np.array([folds[source] for source in one.source.tolist()]) for one in (samples, second))
    left_out = [(fold == k, other == k) for k in range(max(folds.values()) + 1)]
    unseen = unseen_scores(samples, second, left_out, plan)
    context.tell("sources left out: scored")
    by_kind = [(samples.kind == k, second.kind == k) for k in FAMILIES]
    kinds = unseen_scores(samples, second, by_kind, plan, alone=False)
    context.tell("modalities left out: scored")
    files = weights(samples, unseen, fold, plan)
    context.tell("final weights: made")
    files[SCORES] = npz_bytes(_kept(samples, second, fold, unseen, kinds, context))
    scores = from_bytes(files[SCORES])
    said = [earns(differences(scores, source_weights(scores.source))), weak_spots(rows_on_left_out(scores))]
    files["weights/classifier.md"] = card(samples, folds, plan, files, said[0], said[1]).encode()
    return files


def fused(unseen: Unseen) -> NDArray[np.float64]:
    """The shipped mixture of log odds."""
    return TREE_SHARE * unseen.trees + (1 - TREE_SHARE) * unseen.network


def weights(samples: Samples, unseen: Unseen, fold: NDArray[np.int64], plan: Plan) -> dict[str, bytes]:
    """The two files of weights, taught by all sources and calibrated on scores of sources left out."""
    edges = trees.edges_of(samples.features)
    ranks = inputs.ranks(samples.features, edges)
    made = network.teach(
        samples, inputs.centred(ranks), plan.course, plan.seed, threads=plan.threads, with_measures=True
    )
    low, high, limit = known(samples, fold)
    mixed = fused(unseen)
    arrays: dict[str, NDArray[np.generic]] = {
        "names": np.array(NAMES),
        "edges": edges,
        "share": np.array([TREE_SHARE]),
        **_curves(mixed, samples, fold),
        "tree_curve": np.array(fit_curve(unseen.trees[:, -1], samples.truth[:, -1])),
        "network_curve": np.array(fit_curve(unseen.network[:, -1], samples.truth[:, -1])),
        "known_low": low,
        "known_high": high,
        "known_limit": limit,
    }
    arrays |= trees.grow_defects(ranks, samples, plan.size, plan.seed).arrays("defects")
    arrays |= trees.grow_damages(ranks, samples, plan.size, plan.seed).arrays("damages")
    return {f"weights/{NETWORK}": network.exported(made), f"weights/{TREES}": npz_bytes(arrays)}


def _curves(
    scores: NDArray[np.float64], samples: Samples, fold: NDArray[np.int64]
) -> dict[str, NDArray[np.generic]]:
    """Slopes and offsets: of each head, and of any defect out of them, both on sources left out."""
    every = curves(scores, samples.truth, samples.could)
    crossed = crossed_probabilities(scores, samples.truth, samples.could, fold)
    mixed = any_score(crossed, samples.could[:, :-1])
    return {"curves": every, "any_curve": np.array(fit_curve(mixed, samples.truth[:, -1]))}


def known(
    samples: Samples, fold: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Range of each measure by family, and the share outside that most images of unseen sources keep to."""
    measures = samples.features[:, : len(NAMES)]
    lows, highs, limits = [], [], []
    for kind in FAMILIES:
        own = samples.kind == kind
        low, high = _range(measures[own])
        shares = [np.zeros(1)]
        for k in np.unique(fold[own]):
            out = fold[own] == k
            if out.all():
                continue
            without_low, without_high = _range(measures[own][~out])
            strange = (measures[own][out] < without_low) | (measures[own][out] > without_high)
            shares.append(strange.mean(axis=1))
        lows.append(low)
        highs.append(high)
        limits.append(float(np.quantile(np.concatenate(shares), KNOWN_SHARE)))
    return np.stack(lows), np.stack(highs), np.array(limits, np.float32)


def _range(measures: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    low, high = np.quantile(measures, (KNOWN_RANGE, 1 - KNOWN_RANGE), axis=0).astype(np.float32)
    margin = 0.05 * (high - low)
    return low - margin, high + margin


def _kept(
    samples: Samples,
    second: Samples,
    fold: NDArray[np.int64],
    unseen: Unseen,
    kinds: Unseen,
    context: Context,
) -> dict[str, NDArray[np.generic]]:
    """What evaluation needs without torch, scikit-learn or an image: truth, ranks of measures, scores."""
    ranks = inputs.ranks(samples.features, trees.edges_of(samples.features))
    half = {one.name: getattr(unseen, one.name).astype(np.float16) for one in fields(unseen)}
    return {
        "second_source": second.source,
        "second_kind": second.kind,
        "second_truth": second.truth,
        "second_could": second.could,
        "source": samples.source,
        "key": samples.key,
        "seed": np.array([context.seed]),
        "smoke": np.array([context.smoke]),
        "kind": samples.kind,
        "fold": fold.astype(np.uint8),
        "truth": samples.truth,
        "could": samples.could,
        "damages": samples.damages.astype(np.float16),
        "ranks": ranks[:, : len(NAMES)],
        "names": np.array(NAMES),
        "share": np.array([TREE_SHARE]),
        **half,
        "kind_trees": kinds.trees.astype(np.float16),
        "kind_network": kinds.network.astype(np.float16),
    }
