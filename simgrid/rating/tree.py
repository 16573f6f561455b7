"""The nodes of the tree and the weights on its edges; ``ontology`` makes a checked whole of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simgrid.rating.ahp import AhpWeights, ahp_weights
from simgrid.rating.errors import Problem

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NORMAL = "normal"
URGENT = "urgent"
WEIGHT_SETS = (NORMAL, URGENT)
ROOT = "root"
PROVENANCE = ("stated", "derived", "assumed")


@dataclass(frozen=True, slots=True)
class Weighting:
    """The weights of one node's children under one weight set, and where they come from.

    ``judgements`` holds one matrix for each expert, rows in the order of the children, as they were given;
    it is empty when the weights themselves were given. ``consistency_ratio`` is 0 then.
    """

    weights: tuple[float, ...]
    judgements: tuple[tuple[tuple[float, ...], ...], ...] = ()
    consistency_ratio: float = 0.0
    provenance: str = "assumed"
    source: str = ""

    @classmethod
    def from_judgements(
        cls, judgements: npt.ArrayLike, labels: Sequence[str], provenance: str = "assumed", source: str = ""
    ) -> Weighting:
        """Weights by eq. 1 from (n, n) or (E, n, n) judgements; raises JudgementError like ahp_weights."""
        answer: AhpWeights = ahp_weights(judgements, labels=labels)
        array = np.array(judgements, dtype=np.float64)
        experts = array[np.newaxis] if array.ndim == 2 else array
        cells = tuple(tuple(tuple(row) for row in expert) for expert in experts.tolist())
        return cls(tuple(answer.weights.tolist()), cells, answer.consistency_ratio, provenance, source)

    @classmethod
    def equal(cls, n: int) -> Weighting:
        """The same weight for each of n children."""
        return cls(tuple([1.0 / n] * n), source="equal weights")


@dataclass(frozen=True, slots=True)
class Node:
    """One entity of the tree.

    An inner node has ``children`` and, for each weight set, a weighting of them. A leaf is a condition:
    qualitative (an inspection demands it by name, a radiologist has a rating for it) or ``quantitative``
    (its rating is computed for each pair of inspection and radiologist, from 0 to 1).
    """

    name: str
    children: tuple[Node, ...] = ()
    weightings: tuple[tuple[str, Weighting], ...] = ()
    quantitative: bool = False

    def weighting(self, weight_set: str) -> Weighting:
        """The weighting of the children under a weight set; urgent falls back to normal, normal to equal."""
        given = dict(self.weightings)
        return given.get(weight_set) or given.get(NORMAL) or Weighting.equal(len(self.children))

    def weights(self, weight_set: str) -> Floats:
        """The children's weights as an array (n,) that sums to 1."""
        return np.array(self.weighting(weight_set).weights)

    def walk(self) -> Iterator[Node]:
        """This node and everything below it, parents first, in the order written."""
        yield self
        for child in self.children:
            yield from child.walk()


def tree_problems(root: Node) -> list[Problem]:
    """Names, children and weights that do not fit, below a root and at it."""
    problems: list[Problem] = []
    inner = [node.name for node in root.walk() if node.children]
    quantities = [node.name for node in root.walk() if node.quantitative]
    for kind, names in (("inner nodes", inner), ("quantitative leaves", quantities)):
        for name in sorted({name for name in names if names.count(name) > 1}):
            problems.append(Problem((name,), f"names {names.count(name)} {kind}: expected one of each name"))
    if not root.children:
        problems.append(Problem((root.name,), "has no children: expected at least one"))

    def visit(node: Node, path: tuple[str, ...]) -> None:
        names = [child.name for child in node.children]
        for name in sorted({name for name in names if names.count(name) > 1}):
            problems.append(Problem((*path, name), f"appears {names.count(name)} times among its siblings"))
        if node.quantitative and node.children:
            problems.append(Problem(path, "has children: a quantitative node is a leaf"))
        problems.extend(problem.under(*path) for problem in _weighting_problems(node))
        for child in node.children:
            visit(child, (*path, child.name))

    visit(root, (root.name,))
    return problems


def _weighting_problems(node: Node) -> Iterator[Problem]:
    for weight_set, weighting in node.weightings:
        path = ("weights", weight_set)
        if weight_set not in WEIGHT_SETS:
            yield Problem(path, f"is not a weight set: expected {' or '.join(WEIGHT_SETS)}")
        if not node.children:
            yield Problem(path, "weighs the children of a leaf: expected children, or no weights")
            continue
        weights = np.array(weighting.weights)
        if len(weights) != len(node.children):
            yield Problem(path, f"has {len(weights)} weights for {len(node.children)} children")
        elif not (np.isfinite(weights).all() and (weights >= 0).all() and abs(weights.sum() - 1) < 1e-6):
            yield Problem(path, f"sums to {weights.sum():.6g}: expected weights of at least 0 that sum to 1")
        if weighting.provenance not in PROVENANCE:
            expected = ", ".join(PROVENANCE)
            yield Problem((*path, "provenance"), f"is {weighting.provenance!r}: expected one of {expected}")
