"""Boosted trees on ranks of measures, grown with scikit-learn and kept as plain arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression

from simgrid.quality.classifier.forest import Forest, Grove
from simgrid.quality.classifier.inputs import FAMILIES, LEVELS, centred
from simgrid.quality.defect_names import DEFECTS
from simgrid.quality.training.samples import Samples

HEADS = (*DEFECTS, "any")
FEWEST = 20  # positives below which a defect is not learned


@dataclass(frozen=True, slots=True)
class Size:
    """How much is grown: trees a model, leaves a tree, images a leaf at the least, forests averaged.

    ``by_kind``: whether each family of modalities has trees of its own beside those of all images.
    """

    trees: int = 110
    leaves: int = 12
    least: int = 12
    seeds: int = 2
    by_kind: bool = True


def edges_of(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """(features, LEVELS - 1) quantiles of the training images: what ranks are counted against."""
    shares = np.arange(1, LEVELS) / LEVELS
    found: NDArray[np.float32] = np.quantile(features, shares, axis=0, method="lower").T.astype(np.float32)
    return np.ascontiguousarray(found)


def grow_defects(
    ranks: NDArray[np.uint8], samples: Samples, size: Size, seed: int, *, heads: Sequence[str] = HEADS
) -> Grove:
    """One classifier a head: ten defects, each learned from images that can have it, and any of them.

    ``heads``: grow only these.
    """

    def grown(head: int, own: NDArray[np.bool_], seed: int) -> Any:
        own = own & samples.could[:, head] & (HEADS[head] in heads)
        truth = samples.truth[own, head]
        if min(int(truth.sum()), int((~truth).sum())) < FEWEST:
            return None
        model = HistGradientBoostingClassifier(**settings(size, seed))
        return model.fit(ranks[own].astype(np.float32), truth)

    return _grove(grown, len(HEADS), samples.kind, size, seed)


def grow_damages(
    ranks: NDArray[np.uint8], samples: Samples, size: Size, seed: int, *, heads: Sequence[str] = DEFECTS
) -> Grove:
    """One regression a defect, from the images that have it: how much damage it did."""

    def grown(head: int, own: NDArray[np.bool_], seed: int) -> Any:
        own = own & samples.truth[:, head] & (DEFECTS[head] in heads)
        if int(own.sum()) < FEWEST:
            return None
        model = HistGradientBoostingRegressor(**settings(size, seed))
        return model.fit(ranks[own].astype(np.float32), samples.damages[own, head])

    return _grove(grown, len(DEFECTS), samples.kind, replace(size, seeds=1), seed)


def _grove(
    grown: Callable[[int, NDArray[np.bool_], int], Any],
    heads: int,
    kind: NDArray[np.str_],
    size: Size,
    seed: int,
) -> Grove:
    def forest(own: NDArray[np.bool_], first: int, count: int) -> Forest:
        return forest_of(
            [[grown(head, own, first + 100 * k + head) for k in range(count)] for head in range(heads)]
        )

    kinds = FAMILIES if size.by_kind else ()
    return Grove(
        forest(np.ones(kind.size, bool), seed, size.seeds),
        tuple(forest(kind == one, seed + 1000 * (k + 1), 1) for k, one in enumerate(kinds)),
    )


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


def forest_of(models: Sequence[Sequence[Any]]) -> Forest:
    """Arrays of fitted models, several a head being averaged, None standing for one that always says 0."""
    nodes: list[tuple[int, int, int, float]] = []
    roots, owners, starts, depth = [], [], [], 0
    for number, several in enumerate(models):
        fitted = [model for model in several if model is not None]
        starts.append(float(np.mean([np.ravel(one._baseline_prediction)[0] for one in fitted] or [0.0])))
        for (tree,) in [trees for model in fitted for trees in model._predictors]:
            roots.append(len(nodes))
            owners.append(number)
            listed, deep = _flattened(tree.nodes, 1 / len(fitted))
            nodes.extend(listed)
            depth = max(depth, deep)
    feature, rank, child, value = zip(*nodes, strict=True) if nodes else ((), (), (), ())
    return Forest(
        feature=np.array(feature, np.uint16),
        rank=np.array(rank, np.uint8),
        child=np.array(child, np.uint8),
        value=np.array(value, np.float16),
        root=np.array(roots, np.int32),
        model=np.array(owners, np.uint8),
        start=np.array(starts, np.float64),
        depth=depth,
    )


def _flattened(tree: NDArray[Any], share: float) -> tuple[list[tuple[int, int, int, float]], int]:
    """Nodes in an order in which the children of a node are neighbours; the depth. Leaves times ``share``."""
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
            listed.append((0, 0, 0, share * float(node["value"])))
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
