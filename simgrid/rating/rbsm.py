"""RBSM, the rating-based semantic matching: equation 2 of the study (doi 10.1016/j.cmpb.2015.10.005).

Read literally, eq. 2 divides by the sum over the entities l of the upper level, so the single entity at
the root gets 1 for every candidate, and the entities below it get shares that no longer say how well
anybody fits.
Four readings are offered by name:

- ``absolute`` (default): at every node, the sum over the conditions met divided by the sum over the
  conditions that the inspection poses, under normal weights and leaf ratings of 1. A radiologist who meets
  everything gets 1 for a routine inspection. Dividing node by node keeps a dimension with eleven conditions
  from counting less than one with five. An urgent inspection uses the urgent weights above and the normal
  ones below the fraction bar: its Subspecialty rating is smaller by w(urgent)/w(normal) of the Subspecialty
  edge at the root, which is how urgency moves trade-offs between inspections while the best candidate
  stays (at a node that gains weight in urgent cases, such as Response time, it may exceed 1);
- ``relative``: absolute divided by its largest value over the candidates;
- ``share``: absolute divided by its sum over the candidates;
- ``literal``: eq. 2 as printed.

0/0 is 0 throughout.
"""

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from simgrid.rating.errors import Problem, RatingError
from simgrid.rating.ontology import Ontology
from simgrid.rating.tree import NORMAL, URGENT, Node

Floats = npt.NDArray[np.float64]
Normalisation = Literal["absolute", "relative", "share", "literal"]

SUBSPECIALTY = "Subspecialty"


def rbsm(
    demand: npt.ArrayLike,
    rating: npt.ArrayLike,
    *,
    ontology: Ontology | None = None,
    urgent: npt.ArrayLike | None = None,
    met: npt.ArrayLike | None = None,
    quantitative: Mapping[str, npt.ArrayLike] | None = None,
    candidates: npt.ArrayLike | None = None,
    normalisation: Normalisation = "absolute",
    node: str = SUBSPECIALTY,
) -> Floats:
    """Ratings (S, R) of R radiologists for S inspections at one node of the ontology (eq. 2).

    :param demand: (S, M) bool, inspection poses condition m; columns as ``ontology.conditions``.
    :param rating: (R, M) leaf ratings r_m from 0 to 1.
    :param ontology: the tree; default ``Ontology.default()``.
    :param urgent: (S,) bool, rows weighed by the urgent set; default none.
    :param met: (R, M) bool, q_m, the radiologist meets condition m; default ``rating > 0``.
    :param quantitative: leaf name to (S, R) from 0 to 1, rating times q of a quantitative leaf. Every such
        leaf below ``node`` has to be there; others are used by the literal reading alone, 0 where missing.
    :param candidates: (S, R) bool, who is rated; others get 0 and do not count in relative, share and
        literal. Default everybody.
    :param normalisation: which reading of eq. 2, see the module.
    :param node: ``Subspecialty`` (default), ``root`` for the whole tree, or any other inner node.
    :raises RatingError: (a ValueError) naming every array and cell that does not fit, all at once.
    """
    tree = ontology or Ontology.default()
    question = _Question(tree, demand, rating, urgent, met, quantitative or {}, candidates)
    question.check(node, normalisation)
    if normalisation == "literal":
        return _literal(question, node)
    value = _absolute(question, node)
    if normalisation == "absolute":
        return value
    whole = value.max(axis=1, initial=0.0) if normalisation == "relative" else value.sum(axis=1)
    return _divide(value, whole[:, np.newaxis])


def subspecialty_fit(
    demand: npt.ArrayLike, rating: npt.ArrayLike, *, ontology: Ontology | None = None
) -> Floats:
    """How well each of R radiologists fits each of K kinds of inspection, (K, R) from 0 to 1.

    The absolute Subspecialty rating under normal weights; 1 means every posed condition met with rating 1.
    Shapes and errors as in :func:`rbsm`.
    """
    return rbsm(demand, rating, ontology=ontology)


class _Question:
    """The arrays of one call, converted once and checked together."""

    def __init__(
        self,
        ontology: Ontology,
        demand: npt.ArrayLike,
        rating: npt.ArrayLike,
        urgent: npt.ArrayLike | None,
        met: npt.ArrayLike | None,
        quantitative: Mapping[str, npt.ArrayLike],
        candidates: npt.ArrayLike | None,
    ) -> None:
        self.ontology = ontology
        self.demand: Floats = np.asarray(demand, dtype=np.float64)
        self.rating: Floats = np.asarray(rating, dtype=np.float64)
        self.met: Floats | None = None if met is None else np.asarray(met, dtype=np.float64)
        self.quantitative = {name: np.asarray(a, dtype=np.float64) for name, a in quantitative.items()}
        self.candidates = None if candidates is None else np.asarray(candidates, dtype=np.float64)
        rows = self.demand.shape[0] if self.demand.ndim else 0
        self.urgent: Floats = np.zeros(rows) if urgent is None else np.asarray(urgent, dtype=np.float64)

    def check(self, node: str, normalisation: str) -> None:
        """Raise RatingError with everything that does not fit together."""
        problems: list[Problem] = []
        if normalisation not in get_args(Normalisation):
            expected = ", ".join(get_args(Normalisation))
            problems.append(Problem(("normalisation",), f"is {normalisation!r}: expected one of {expected}"))
        S = self.demand.shape[0] if self.demand.ndim else 0
        R = self.rating.shape[0] if self.rating.ndim else 0
        M = len(self.ontology.conditions)
        arrays: list[tuple[str, npt.NDArray[np.generic] | None, tuple[int, ...], str]] = [
            ("demand", self.demand, (S, M), "(S, M)"),
            ("rating", self.rating, (R, M), "(R, M)"),
            ("met", self.met, (R, M), "(R, M)"),
            ("urgent", self.urgent, (S,), "(S,)"),
            ("candidates", self.candidates, (S, R), "(S, R)"),
        ]
        arrays += [(f"quantitative.{name}", a, (S, R), "(S, R)") for name, a in self.quantitative.items()]
        for name, array, shape, symbols in arrays:
            if array is not None and array.shape != shape:
                message = f"has shape {array.shape}: expected {symbols} = {shape}"
                message += ", M conditions in the ontology" if "M" in symbols else ""
                problems.append(Problem((name,), message))
        for name, array, _, _ in arrays:
            if array is not None and array.dtype != np.bool_:
                binary = name in ("demand", "met", "urgent", "candidates")
                problems.extend(_outside(name, array.astype(np.float64, copy=False), binary))
        problems.extend(self._name_problems(node))
        if problems:
            raise RatingError(problems)

    def _name_problems(self, node: str) -> list[Problem]:
        have = ", ".join(self.ontology.quantities)
        problems = [
            Problem(("quantitative", name), f"is not a quantitative leaf of the ontology: it has {have}")
            for name in self.quantitative
            if name not in self.ontology.quantities
        ]
        try:
            below = self.ontology.node(node)
        except RatingError as error:
            return [*problems, *(problem.under("node") for problem in error.problems)]
        problems += [
            Problem(("quantitative", leaf.name), f"is missing: rating the node {node!r} needs it, (S, R)")
            for leaf in below.walk()
            if leaf.quantitative and leaf.name not in self.quantitative
        ]
        return problems

    def fulfilled(self) -> Floats:
        """r_m q_m of every radiologist and condition, (R, M)."""
        return self.rating if self.met is None else self.rating * self.met

    def weights(self, inner: Node) -> Floats:
        """The weights of an inner node's children for every row, (S, children)."""
        return np.where(self.urgent[:, np.newaxis] > 0, inner.weights(URGENT), inner.weights(NORMAL))

    def hide_others(self, value: Floats) -> Floats:
        """0 for pairs that are not candidates."""
        return value if self.candidates is None else value * self.candidates


def _outside(name: str, array: Floats, binary: bool) -> list[Problem]:
    """Cells that are not finite and from 0 to 1 (or not 0 or 1)."""
    good = (array == 0) | (array == 1) if binary else (array >= 0) & (array <= 1)
    if good.all():
        return []
    expected = "0 or 1" if binary else "a number from 0 to 1"
    return [
        Problem((name, *(int(k) for k in cell)), f"is {array[tuple(cell)]:g}: expected {expected}")
        for cell in np.argwhere(~good)
    ]


def _divide(above: Floats, below: Floats) -> Floats:
    """above / below with 0/0 := 0."""
    return np.divide(above, below, out=np.zeros_like(above), where=np.broadcast_to(below > 0, above.shape))


def _absolute(question: _Question, name: str) -> Floats:
    """The absolute reading: linear in the leaf ratings, so one matrix product does it."""
    tree = question.ontology
    on_conditions: Floats = np.zeros_like(question.demand)
    on_quantities: dict[str, Floats] = {}

    def descend(node: Node, share: Floats) -> None:
        """Spread the share (S,) that a node has of the result over the leaves below it."""
        posed = np.stack([_posed(question, node, child) for child in node.children], axis=1)
        below = (posed * node.weights(NORMAL)).sum(axis=1)
        parts = _divide(share[:, np.newaxis] * posed * question.weights(node), below[:, np.newaxis])
        for child, part in zip(node.children, parts.T, strict=True):
            if child.children:
                descend(child, part)
            elif child.quantitative:
                on_quantities[child.name] = part
            else:
                on_conditions[:, tree.column(node.name, child.name)] = part

    descend(tree.node(name), _edge_factor(question, name))
    value: Floats = on_conditions @ question.fulfilled().T
    for leaf, part in on_quantities.items():
        value += part[:, np.newaxis] * question.quantitative[leaf]
    return question.hide_others(value)


def _posed(question: _Question, node: Node, child: Node) -> Floats:
    """1 where the inspection poses any condition at or below the child, (S,)."""
    if child.children:
        below = np.stack([_posed(question, child, grandchild) for grandchild in child.children])
        posed: Floats = below.max(axis=0)
        return posed
    if child.quantitative:
        return np.ones(len(question.demand))
    return question.demand[:, question.ontology.column(node.name, child.name)]


def _edge_factor(question: _Question, name: str) -> Floats:
    """Row's weight over normal weight, multiplied along the edges from the root to the node, (S,)."""
    factor: Floats = np.ones(len(question.demand))
    for parent, place in _way_to(question.ontology.root, name):
        normal = parent.weights(NORMAL)[place]
        factor = _divide(factor * question.weights(parent)[:, place], np.full_like(factor, normal))
    return factor


def _way_to(node: Node, name: str) -> list[tuple[Node, int]]:
    """The edges from a node down to the inner node of this name, as (parent, place among the children)."""
    for place, child in enumerate(node.children):
        if child.children and child.name == name:
            return [(node, place)]
        below = _way_to(child, name)
        if below:
            return [(node, place), *below]
    return []


def _literal(question: _Question, name: str) -> Floats:
    """Eq. 2 as printed: every level divided by the sum over all entities of that level."""
    S, R = len(question.demand), len(question.rating)
    root = question.ontology.root
    levels = [[root]]
    while any(node.children for node in levels[-1]):
        levels.append([child for node in levels[-1] for child in node.children])
    ratings: dict[str, Floats] = {}
    for level in reversed(levels):
        inner = [node for node in level if node.children]
        sums = [question.hide_others(_weighted_sum(question, node, ratings)) for node in inner]
        whole = np.sum(sums, axis=0) if sums else np.zeros((S, R))
        for node, value in zip(inner, sums, strict=True):
            ratings[node.name] = _divide(value, whole)
    return ratings[name]


def _weighted_sum(question: _Question, node: Node, ratings: Mapping[str, Floats]) -> Floats:
    """sum_m w_m r_m q_m c_lm of one inner node l, (S, R); a qualitative q_m needs the demand as well."""
    weights = question.weights(node)
    value: Floats = np.zeros((len(question.demand), len(question.rating)))
    columns = []
    for place, child in enumerate(node.children):
        if child.children:
            value += weights[:, place, np.newaxis] * ratings[child.name]
        elif child.quantitative:
            if child.name in question.quantitative:
                value += weights[:, place, np.newaxis] * question.quantitative[child.name]
        else:
            columns.append((place, question.ontology.column(node.name, child.name)))
    if columns:
        places, at = (list(part) for part in zip(*columns, strict=True))
        value += (question.demand[:, at] * weights[:, places]) @ question.fulfilled()[:, at].T
    return value
