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

    feature: NDArray[np.uint16]
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


@dataclass(frozen=True, slots=True, eq=False)
class Grove:
    """Trees grown on all images, and trees grown on each family of modalities alone; their mean counts.

    What noise or an edge is differs between modalities; what all have in common is learned from more images.
    """

    every: Forest
    kinds: tuple[Forest, ...]

    def evaluate(self, ranks: NDArray[np.uint8]) -> NDArray[np.float64]:
        """As ``Forest.evaluate``; the last columns of ``ranks`` tell the family, in the order of ``kinds``.

        A model that a family has no trees of is that of all images.
        """
        found = self.every.evaluate(ranks)
        for number, forest in enumerate(self.kinds):
            own = np.flatnonzero(ranks[:, number - len(self.kinds)] > 0)
            grown = np.unique(forest.model)
            if own.size and grown.size:
                both = np.ix_(own, grown)
                found[both] = (found[both] + forest.evaluate(ranks[own])[:, grown]) / 2
        return found

    def arrays(self, prefix: str) -> dict[str, NDArray[np.generic]]:
        """For an NPZ file."""
        found = self.every.arrays(prefix)
        for number, forest in enumerate(self.kinds):
            found |= forest.arrays(f"{prefix}_kind{number}")
        return found


def grove_from(arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> Grove:
    """Back from ``Grove.arrays``."""
    count = sum(name.startswith(f"{prefix}_kind") and name.endswith("_depth") for name in arrays)
    kinds = tuple(from_arrays(arrays, f"{prefix}_kind{number}") for number in range(count))
    return Grove(from_arrays(arrays, prefix), kinds)


def from_arrays(arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> Forest:
    """Back from ``Forest.arrays``, with the types that the file has."""
    names: Sequence[str] = ("feature", "rank", "child", "value", "root", "model", "start")
    parts = {name: np.asarray(arrays[f"{prefix}_{name}"]) for name in names}
    return Forest(**parts, depth=int(arrays[f"{prefix}_depth"][0]))
