"""The ontology: the tree of conditions whose edges carry AHP weights, as data that a user can edit.

Root, then Subspecialty, Response time, Workload and Technical; below Subspecialty the dimensions Modality,
Body part, Anatomy and Disease, each with its conditions by name. Start from :meth:`Ontology.default`,
or write ``to_mapping()`` to a file, edit it, and read it back with ``from_mapping``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from simgrid.rating.errors import OntologyError, Problem, RatingError
from simgrid.rating.ontology_mapping import read_root, write_node
from simgrid.rating.tree import NORMAL, Node, Weighting, tree_problems

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Condition:
    """A qualitative leaf: which dimension asks (``Body part``) and what it asks for (``Knee``)."""

    dimension: str
    name: str


@dataclass(frozen=True, slots=True)
class Ontology:
    """A checked tree. ``conditions`` (M,) fixes the columns of demand and rating matrices.

    ``quantities`` names the quantitative leaves in the order of the tree.

    :raises OntologyError: naming every node whose names, children or weights do not fit, all at once.
    """

    root: Node
    conditions: tuple[Condition, ...] = field(init=False, repr=False, compare=False)
    quantities: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _columns: Mapping[tuple[str, str], int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        problems = tree_problems(self.root)
        if problems:
            raise OntologyError(problems)
        inner = [node for node in self.root.walk() if node.children]
        conditions = tuple(
            Condition(node.name, leaf.name)
            for node in inner
            for leaf in node.children
            if not leaf.children and not leaf.quantitative
        )
        quantities = tuple(node.name for node in self.root.walk() if node.quantitative)
        object.__setattr__(self, "conditions", conditions)
        object.__setattr__(self, "quantities", quantities)
        columns = {(condition.dimension, condition.name): k for k, condition in enumerate(conditions)}
        object.__setattr__(self, "_columns", columns)

    @classmethod
    def default(cls) -> "Ontology":
        """The tree that travels with simgrid; its judgements are ours, each with provenance and source."""
        return _default_ontology()

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> "Ontology":
        """A tree from nested mappings, as JSON or YAML give them; see ``ontology_mapping`` for the shape.

        :raises OntologyError: every problem at once, each with its dotted place in the mapping.
        """
        return cls(read_root(mapping))

    def to_mapping(self) -> dict[str, object]:
        """Nested plain mappings from which ``from_mapping`` builds an equal ontology."""
        return write_node(self.root)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The nodes that hold qualitative conditions, in the order of the tree."""
        return tuple(dict.fromkeys(condition.dimension for condition in self.conditions))

    def names(self, dimension: str) -> tuple[str, ...]:
        """The conditions of one dimension, e.g. every body part."""
        return tuple(condition.name for condition in self.conditions if condition.dimension == dimension)

    def column(self, dimension: str, name: str) -> int:
        """The column of a condition in demand and rating matrices.

        :raises RatingError: for a condition that the tree does not have, naming those that it has.
        """
        try:
            return self._columns[dimension, name]
        except KeyError:
            raise RatingError([Problem((dimension, name), self._way_out(dimension))]) from None

    def node(self, name: str) -> Node:
        """The inner node of this name; :raises RatingError: naming the inner nodes that there are."""
        inner = [node for node in self.root.walk() if node.children]
        for node in inner:
            if node.name == name:
                return node
        have = ", ".join(node.name for node in inner)
        raise RatingError([Problem((name,), f"is not an inner node of the ontology: expected one of {have}")])

    def with_judgement(
        self, node: str, over: str, under: str, value: float, weight_set: str = NORMAL
    ) -> "Ontology":
        """This ontology with one judgement changed: ``over`` matters ``value`` times as much as ``under``.

        Both are children of ``node``. The reciprocal judgement follows; of several experts all change.
        Urgent judgements that fall back to the normal ones become a set of their own.

        :raises RatingError: for names that the tree does not have, or weights that are not judged.
        """
        inner = self.node(node)
        names = [child.name for child in inner.children]
        old = inner.weighting(weight_set)
        problems = [
            Problem((node, name), f"is not a child: expected one of {', '.join(names)}")
            for name in (over, under)
            if name not in names
        ]
        if not old.judgements:
            problems.append(
                Problem((node, "weights", weight_set), "hold no judgements that could be changed")
            )
        if problems:
            raise RatingError(problems)
        experts = np.array(old.judgements)
        row, column = names.index(over), names.index(under)
        experts[:, row, column], experts[:, column, row] = value, 1.0 / value
        new = Weighting.from_judgements(experts, names, old.provenance, old.source)
        changed = replace(inner, weightings=tuple({**dict(inner.weightings), weight_set: new}.items()))
        return Ontology(_with_node(self.root, changed))

    def demand(self, rows: Sequence[Mapping[str, str | Sequence[str] | None]]) -> Bools:
        """What each inspection asks for, (S, M), from rows such as ``{"Modality": "CT", "Disease": None}``.

        A value may be one name, several, or None (not known: that dimension asks for nothing).

        :raises RatingError: naming every row and name that the tree does not have, all at once.
        """
        wanted: Bools = np.zeros((len(rows), len(self.conditions)), dtype=bool)
        problems: list[Problem] = []
        for index, row in enumerate(rows):
            for dimension, value in row.items():
                for name in (value,) if isinstance(value, str) else value or ():
                    column = self._columns.get((dimension, name))
                    if column is None:
                        problems.append(Problem(("demand", index, dimension, name), self._way_out(dimension)))
                    else:
                        wanted[index, column] = True
        if problems:
            raise RatingError(problems)
        return wanted

    def ratings(self, rows: Sequence[Mapping[str, Mapping[str, float]]], default: float = 0.0) -> Floats:
        """Leaf ratings (R, M) from 0 to 1, from rows such as ``{"Modality": {"CT": 0.9}, ...}``.

        Conditions that a row does not mention get ``default``.

        :raises RatingError: naming every row, condition and value that does not fit, all at once.
        """
        given: Floats = np.full((len(rows), len(self.conditions)), default, dtype=np.float64)
        problems: list[Problem] = []
        for index, row in enumerate(rows):
            for dimension, values in row.items():
                for name, value in values.items():
                    column = self._columns.get((dimension, name))
                    path = ("ratings", index, dimension, name)
                    if column is None:
                        problems.append(Problem(path, self._way_out(dimension)))
                    elif not 0 <= value <= 1:
                        problems.append(Problem(path, f"is {value!r}: expected a number from 0 to 1"))
                    else:
                        given[index, column] = value
        if problems:
            raise RatingError(problems)
        return given

    def _way_out(self, dimension: str) -> str:
        if dimension in self.dimensions:
            return f"is not in the ontology: {dimension} has {', '.join(self.names(dimension))}"
        return f"is not in the ontology: its dimensions are {', '.join(self.dimensions)}"


@lru_cache(maxsize=1)
def _default_ontology() -> Ontology:
    text = resources.files("simgrid.rating").joinpath("data/ontology.json").read_text(encoding="utf-8")
    return Ontology.from_mapping(json.loads(text))


def _with_node(node: Node, changed: Node) -> Node:
    """The tree below a node with the inner node of one name replaced."""
    if node.children and node.name == changed.name:
        return changed
    return replace(node, children=tuple(_with_node(child, changed) for child in node.children))
