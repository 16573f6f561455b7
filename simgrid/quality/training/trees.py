"""Boosted trees on ranks of measures, grown with scikit-learn and kept as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression

from simgrid.quality.classifier.forest import Forest
from simgrid.quality.classifier.inputs import LEVELS, centred
from simgrid.quality.training.samples import Samples

FEWEST = 20  # positives below which a defect is not learned


@dataclass(frozen=True, slots=True)
class Size:
    """How much is grown: trees a model, leaves a tree, images a leaf at the least."""

    trees: int = 110
    leaves: int = 12
    least: int = 12


def edges_of(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """(features, LEVELS - 1) quantiles of the training images: what ranks are counted against."""
    shares = np.arange(1, LEVELS) / LEVELS
    found: NDArray[np.float32] = np.quantile(features, shares, axis=0, method="lower").T.astype(np.float32)
    return np.ascontiguousarray(found)


def grow_defects(ranks: NDArray[np.uint8], samples: Samples, size: Size, seed: int) -> Forest:
    """One classifier a head: ten defects, each learned from images that can have it, and any of them."""
    models: list[Any] = []
    for head in range(samples.truth.shape[1]):
        own = samples.could[:, head]
        truth = samples.truth[own, head]
        if min(int(truth.sum()), int((~truth).sum())) < FEWEST:
            models.append(None)
            continue
        model = HistGradientBoostingClassifier(**settings(size, seed + head))
        models.append(model.fit(ranks[own].astype(np.float32), truth))
    return forest_of(models)


def grow_damages(ranks: NDArray[np.uint8], samples: Samples, size: Size, seed: int) -> Forest:
    """One regression a defect, from the images that have it: how much damage it did."""
    models: list[Any] = []
    for head in range(samples.damages.shape[1]):
        own = samples.truth[:, head]
        if int(own.sum()) < FEWEST:
            models.append(None)
            continue
        model = HistGradientBoostingRegressor(**settings(size, seed + head))
        models.append(model.fit(ranks[own].astype(np.float32), samples.damages[own, head]))
    return forest_of(models)


def settings(size: Size, seed: int) -> dict[str, Any]:
    """What scikit-learn is told."""
    return {
        "max_iter": size.trees,
        "learning_rate": 0.08,
        "max_leaf_nodes": size.leaves,
        "min_samples_leaf": size.least,
        "l2_regularization": 1.0,
        "max_features": 0.3,
        "early_stopping": False,
        "random_state": seed,
    }


def forest_of(models: Sequence[Any]) -> Forest:
    """Arrays of fitted models, None standing for one that always says 0."""
    nodes: list[tuple[int, int, int, float]] = []
    roots, owners, starts, depth = [], [], [], 0
    for number, model in enumerate(models):
        starts.append(0.0 if model is None else float(np.ravel(model._baseline_prediction)[0]))
        for (tree,) in [] if model is None else model._predictors:
            roots.append(len(nodes))
            owners.append(number)
            listed, deep = _flattened(tree.nodes)
            nodes.extend(listed)
            depth = max(depth, deep)
    feature, rank, child, value = zip(*nodes, strict=True) if nodes else ((), (), (), ())
    return Forest(
        feature=np.array(feature, np.uint8),
        rank=np.array(rank, np.uint8),
        child=np.array(child, np.uint8),
        value=np.array(value, np.float16),
        root=np.array(roots, np.int32),
        model=np.array(owners, np.uint8),
        start=np.array(starts, np.float64),
        depth=depth,
    )


def _flattened(tree: NDArray[Any]) -> tuple[list[tuple[int, int, int, float]], int]:
    """Nodes in an order in which the children of a node are neighbours; and the depth."""
    order, children, depth = [0], {}, {0: 0}
    for at in order:
        if not tree[at]["is_leaf"]:
            children[at] = len(order)
            for side in ("left", "right"):
                depth[int(tree[at][side])] = depth[at] + 1
                order.append(int(tree[at][side]))
    listed = []
    for at in order:
        node = tree[at]
        if at in children:
            listed.append((int(node["feature_idx"]), int(np.floor(node["num_threshold"])), children[at], 0.0))
        else:
            listed.append((0, 0, 0, float(node["value"])))
    return listed, max(depth.values())


def logistic(train: Samples, ranks: NDArray[np.uint8], unseen: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Log odds (n, 11) of the plainest judge there is, for the table: a line through the ranks."""
    found = np.zeros((len(unseen), train.truth.shape[1]))
    for head in range(train.truth.shape[1]):
        own = train.could[:, head]
        truth = train.truth[own, head]
        if min(int(truth.sum()), int((~truth).sum())) < FEWEST:
            continue
        line = LogisticRegression(C=0.05, max_iter=300).fit(centred(ranks[own]), truth)
        found[:, head] = line.decision_function(centred(unseen))
    return found
