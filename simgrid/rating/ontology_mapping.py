"""Between nested plain mappings (JSON, YAML) and the ontology, strictly and with all problems at once.

The shape, for the root and for every node below it::

    weights:
      normal: {judgements: [[1, 2], [1/2, 1]], provenance: assumed, source: "why"}
      urgent: {weights: {Subspecialty: 0.3, Workload: 0.7}}
    children:
      Subspecialty: {children: {...}}
      Workload: {children: {Within limit: {quantitative: true}}}

A judgement matrix has its rows and columns in the order of the children; three levels of lists are several
experts. Cells may be fractions written as text (``1/3``). Without ``weights`` all children weigh the same;
without ``urgent`` the normal weights hold for urgent inspections too. An empty mapping is a qualitative leaf.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from fractions import Fraction

from simgrid.rating.errors import JudgementError, OntologyError, Problem
from simgrid.rating.tree import PROVENANCE, ROOT, WEIGHT_SETS, Node, Weighting

Path = tuple[str | int, ...]

_NODE_KEYS = ("weights", "children", "quantitative")
_WEIGHTING_KEYS = ("judgements", "weights", "provenance", "source")


def read_root(mapping: object) -> Node:
    """The root node from a mapping.

    :raises OntologyError: every problem at once, each with its dotted place.
    """
    problems: list[Problem] = []
    node = _read_node(ROOT, mapping, (), problems)
    if not node.children and not problems:
        problems.append(Problem(("children",), "is missing: expected a mapping from name to node"))
    if problems:
        raise OntologyError(problems)
    return node


def _read_node(name: str, value: object, path: Path, problems: list[Problem]) -> Node:
    fields = _as_mapping({} if value is None else value, path, problems)
    _refuse_unknown(fields, _NODE_KEYS, path, problems)
    quantitative = fields.get("quantitative", False)
    if not isinstance(quantitative, bool):
        problems.append(Problem((*path, "quantitative"), f"is {quantitative!r}: expected true or false"))
        quantitative = False
    named = _as_mapping(fields.get("children", {}), (*path, "children"), problems)
    children = tuple(
        _read_node(str(child), inner, (*path, "children", str(child)), problems)
        for child, inner in named.items()
    )
    weightings = _read_weightings(fields, tuple(child.name for child in children), path, problems)
    if quantitative and children:
        problems.append(
            Problem((*path, "quantitative"), "is true on a node with children: a condition is a leaf")
        )
    return Node(name, children, weightings, quantitative)


def _read_weightings(
    fields: Mapping[str, object], names: tuple[str, ...], path: Path, problems: list[Problem]
) -> tuple[tuple[str, Weighting], ...]:
    if "weights" not in fields:
        return ()
    place = (*path, "weights")
    if not names:
        problems.append(Problem(place, "stands on a leaf: expected children to weigh, or no weights"))
        return ()
    sets = _as_mapping(fields["weights"], place, problems)
    _refuse_unknown(sets, WEIGHT_SETS, place, problems)
    read = {
        weight_set: _read_weighting(sets[weight_set], names, (*place, weight_set), problems)
        for weight_set in WEIGHT_SETS
        if weight_set in sets
    }
    if read and "normal" not in read:
        problems.append(Problem((*place, "normal"), "is missing: expected judgements or weights"))
    return tuple((weight_set, weighting) for weight_set, weighting in read.items() if weighting is not None)


def _read_weighting(
    value: object, names: tuple[str, ...], path: Path, problems: list[Problem]
) -> Weighting | None:
    before = len(problems)
    fields = _as_mapping(value, path, problems)
    _refuse_unknown(fields, _WEIGHTING_KEYS, path, problems)
    provenance, source = fields.get("provenance", "assumed"), fields.get("source", "")
    if provenance not in PROVENANCE:
        message = f"is {provenance!r}: expected one of {', '.join(PROVENANCE)}"
        problems.append(Problem((*path, "provenance"), message))
    if not isinstance(source, str):
        problems.append(Problem((*path, "source"), f"is {source!r}: expected text"))
    if ("judgements" in fields) == ("weights" in fields):
        problems.append(Problem(path, "has to hold either judgements or weights"))
        return None
    if "weights" in fields:
        weights = _read_weights(fields["weights"], names, (*path, "weights"), problems)
        return Weighting(weights, (), 0.0, str(provenance), str(source)) if len(problems) == before else None
    cells = _without_fractions(fields["judgements"], (*path, "judgements"), problems)
    if len(problems) > before:
        return None
    try:
        return Weighting.from_judgements(cells, names, str(provenance), str(source))  # type: ignore[arg-type]
    except JudgementError as error:
        problems.extend(problem.under(*path) for problem in error.problems)
        return None


def _read_weights(
    value: object, names: tuple[str, ...], path: Path, problems: list[Problem]
) -> tuple[float, ...]:
    """Weights by name of the child, each at least 0, together 1."""
    given = _as_mapping(value, path, problems)
    _refuse_unknown(given, names, path, problems)
    weights = []
    for name in names:
        weight = given.get(name)
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight <= 1:
            message = "is missing" if weight is None else f"is {weight!r}"
            problems.append(Problem((*path, name), f"{message}: expected a number from 0 to 1"))
        else:
            weights.append(float(weight))
    if len(weights) == len(names) and abs(sum(weights) - 1) > 1e-6:
        problems.append(Problem(path, f"sum to {sum(weights):.6g}: expected 1"))
    return tuple(weights)


def _without_fractions(value: object, path: Path, problems: list[Problem]) -> object:
    """The matrix with every text such as ``1/3`` read as a number; other text is a problem."""
    if isinstance(value, (list, tuple)):
        return [_without_fractions(part, (*path, index), problems) for index, part in enumerate(value)]
    if not isinstance(value, str):
        return value
    try:
        return float(Fraction(value.strip()))
    except (ValueError, ZeroDivisionError, OverflowError):
        problems.append(Problem(path, f"is {value!r}: expected a number or a fraction such as 1/3"))
        return 1.0


def _as_mapping(value: object, path: Path, problems: list[Problem]) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    problems.append(Problem(path or ("ontology",), f"is {value!r}: expected a mapping"))
    return {}


def _refuse_unknown(
    given: Mapping[str, object], known: tuple[str, ...], path: Path, problems: list[Problem]
) -> None:
    for key in given:
        if key not in known:
            close = get_close_matches(str(key), known, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(known)}"
            problems.append(Problem((*path, str(key)), f"is not known: {hint}"))


def write_node(node: Node) -> dict[str, object]:
    """The mapping of a node and everything below it; ``read_root`` of the root's gives it back."""
    written: dict[str, object] = {}
    if node.weightings:
        names = tuple(child.name for child in node.children)
        written["weights"] = {name: _write_weighting(weighting, names) for name, weighting in node.weightings}
    if node.children:
        written["children"] = {child.name: write_node(child) for child in node.children}
    if node.quantitative:
        written["quantitative"] = True
    return written


def _write_weighting(weighting: Weighting, names: tuple[str, ...]) -> dict[str, object]:
    origin = {"provenance": weighting.provenance, "source": weighting.source}
    if not weighting.judgements:
        return {"weights": dict(zip(names, weighting.weights, strict=True)), **origin}
    experts = [[[_write_cell(cell) for cell in row] for row in expert] for expert in weighting.judgements]
    return {"judgements": experts if len(experts) > 1 else experts[0], **origin}


def _write_cell(cell: float) -> float | str:
    """Reciprocals of whole numbers as fractions, which lose nothing and read well."""
    inverse = 1.0 / cell
    if cell < 1 and inverse.is_integer() and 1.0 / inverse == cell:
        return f"1/{int(inverse)}"
    return cell
