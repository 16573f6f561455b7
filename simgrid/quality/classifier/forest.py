"""Boosted trees as plain arrays: no scikit-learn, no pickle, some microseconds an image.

Nodes of all trees lie one after another; the two children of a node are neighbours, so that one number names
both. Trees split on ranks of measures (``inputs.ranks``), which are whole numbers: no threshold is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Several boosted models, each the sum of its trees.

    Per node: ``feature`` and ``rank`` (left if the image's rank of that feature is not above), ``child`` (the
    left one, counted from the tree's root; 0 at a leaf), ``value`` of a leaf. Per tree: ``root`` and
    ``model``. Per model: its ``start``. ``depth``: of the deepest tree.
    """

    feature: NDArray[np.uint8]
    rank: NDArray[np.uint8]
    child: NDArray[np.uint8]
    value: NDArray[np.float16]
    root: NDArray[np.int32]
    model: NDArray[np.uint8]
    start: NDArray[np.float64]
    depth: int

    def evaluate(self, ranks: NDArray[np.uint8]) -> NDArray[np.float64]:
        """(n, features) to (n, models): log odds of classifiers, values of regressions."""
        return np.stack([self._one(row) for row in ranks]) if len(ranks) else np.zeros((0, self.start.size))

    def _one(self, row: NDArray[np.uint8]) -> NDArray[np.float64]:
        at: NDArray[np.signedinteger] = self.root
        for _ in range(self.depth):
            child = self.child[at].astype(np.int32)
            right = row[self.feature[at]] > self.rank[at]
            at = np.where(child > 0, self.root + child + right, at)
        values = self.value[at].astype(np.float64)
        return self.start + np.bincount(self.model, weights=values, minlength=self.start.size)

    def arrays(self, prefix: str) -> dict[str, NDArray[np.generic]]:
        """For an NPZ file; ``depth`` as an array of one."""
        names = ("feature", "rank", "child", "value", "root", "model", "start")
        found: dict[str, NDArray[np.generic]] = {f"{prefix}_{name}": getattr(self, name) for name in names}
        return found | {f"{prefix}_depth": np.array([self.depth], np.int32)}


def from_arrays(arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> Forest:
    """Back from ``Forest.arrays``, with the types that the file has."""
    names: Sequence[str] = ("feature", "rank", "child", "value", "root", "model", "start")
    parts = {name: np.asarray(arrays[f"{prefix}_{name}"]) for name in names}
    return Forest(**parts, depth=int(arrays[f"{prefix}_depth"][0]))
