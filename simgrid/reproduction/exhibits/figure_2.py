"""Figure 2: the tree of conditions with its weights, and the judgements that they come from."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from simgrid.rating import AhpWeights, Node, Ontology, ahp_weights
from simgrid.reproduction.exhibits.drawing import INK, NOTE_SIZE, SOFT
from simgrid.reproduction.exhibits.exhibit import Exhibit, Found, Table, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SETS = ("normal", "urgent")
_ROOM = 24
"""Letters for the first conditions of a dimension; of the others the number is told."""
_SETTLED = 12
"""Decimals of an index of consistency: beyond them is rounding, which differs between machines."""


def table(found: Found) -> Table:
    """One row an edge of the tree and set of weights; conditions of equal weight are left out."""
    del found
    columns = ("node", "child", "weights", "weight", "consistency_ratio", "gci", "gci_limit", "provenance")
    return Table(columns, tuple(_edges(Ontology.default().root)))


def _edges(node: Node) -> Iterator[tuple[Value, ...]]:
    for weights in SETS if node.children else ():
        weighing = node.weighting(weights)
        if not weighing.judgements:
            continue
        found = judged(node, weights)
        indices = (found.consistency_ratio, found.geometric_consistency_index)
        told = (*(round(one, _SETTLED) for one in indices), found.geometric_consistency_limit)
        for child, weight in zip(node.children, weighing.weights, strict=True):
            yield (node.name, child.name, weights, weight, *told, weighing.provenance)
    for child in node.children:
        yield from _edges(child)


def judged(node: Node, weights: str) -> AhpWeights:
    """The weights of a node's children once more from their judgements, with both indices."""
    return ahp_weights(np.array(node.weighting(weights).judgements))


def figure(found: Found) -> Figure:
    """The tree from left to right; beside it the judgements at its root."""
    from matplotlib.figure import Figure

    del found
    root = Ontology.default().root
    drawn = Figure(figsize=(10, 6.6))
    tree = drawn.add_axes((0.01, 0.06, 0.61, 0.86))
    _tree(tree, root)
    for number, weights in enumerate(SETS):
        panel = drawn.add_axes((0.64, 0.53 - 0.46 * number, 0.35, 0.38))
        _matrix(panel, root, weights)
    title = "Figure 2 again: our ontology, its weights for normal and urgent inspections"
    drawn.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    note = (
        "At each line: weight in normal and, where it differs, in urgent inspections; a line is as wide as "
        "its normal weight. All judgements are ours: the study's are not available."
    )
    drawn.text(0.01, 0.015, note, fontsize=NOTE_SIZE)
    return drawn


def _tree(panel: Axes, root: Node) -> None:
    panel.set_axis_off()
    panel.set_xlim(0, 1)
    leaves = [(child, grandchild) for child in root.children for grandchild in child.children]
    panel.set_ylim(len(leaves) - 0.4, -0.6)
    rows = {grandchild.name: float(row) for row, (_, grandchild) in enumerate(leaves)}
    middle = {one.name: float(np.mean([rows[leaf.name] for leaf in one.children])) for one in root.children}
    centre = float(np.mean(list(middle.values())))
    _name(panel, 0.0, centre, "Fit", bold=True)
    for one in root.children:
        _edge(panel, (0.05, centre), (0.22, middle[one.name]), _weights(root, one))
        _name(panel, 0.225, middle[one.name], one.name, bold=True)
        for leaf in one.children:
            _edge(panel, (0.425, middle[one.name]), (0.56, rows[leaf.name]), _weights(one, leaf))
            _name(panel, 0.565, rows[leaf.name], leaf.name)
            _name(panel, 0.71, rows[leaf.name], _below(leaf), soft=True)


def _weights(node: Node, child: Node) -> tuple[float, float]:
    place = [one.name for one in node.children].index(child.name)
    normal, urgent = (float(node.weights(weights)[place]) for weights in SETS)
    return normal, urgent


def _edge(
    panel: Axes, start: tuple[float, float], end: tuple[float, float], weights: tuple[float, float]
) -> None:
    normal, urgent = weights
    panel.plot(*zip(start, end, strict=True), color="0.75", lw=0.6 + 6 * normal, solid_capstyle="round")
    normal, urgent = normal + 1e-9, urgent + 1e-9  # a half is rounded up on every machine
    told = f"{normal:.2f}" if abs(normal - urgent) < 0.005 else f"{normal:.2f} | {urgent:.2f}"
    share = 0.62
    at = [first + share * (last - first) for first, last in zip(start, end, strict=True)]
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    panel.text(*at, told, fontsize=8, ha="center", va="center", bbox=box)


def _name(panel: Axes, x: float, y: float, text: str, *, bold: bool = False, soft: bool = False) -> None:
    weight, colour, size = "bold" if bold else "normal", SOFT if soft else INK, 7.5 if soft else 9
    panel.text(x, y, text, fontsize=size, fontweight=weight, color=colour, va="center")


def _below(leaf: Node) -> str:
    """The first conditions of a dimension, or that it is computed for each pair."""
    if leaf.quantitative:
        return "computed, 0 to 1"
    names = [one.name for one in leaf.children]
    named = 1
    while named < len(names) and len(", ".join(names[: named + 1])) <= _ROOM:
        named += 1
    return f"{', '.join(names[:named])}\nand {len(names) - named} more"


def _matrix(panel: Axes, root: Node, weights: str) -> None:
    """One judgement a cell, the weights as a last column, both indices beneath."""
    panel.set_axis_off()
    names = [one.name for one in root.children]
    found = judged(root, weights)
    (judgements,) = root.weighting(weights).judgements
    count = len(names)
    panel.set_xlim(-1.75, count + 1.0)
    panel.set_ylim(count + 0.9, -2.1)
    panel.set_title(f"Judgements, {weights}", fontsize=9, loc="left", fontweight="bold")
    for row, name in enumerate(names):
        panel.text(-0.55, row, name, ha="right", va="center", fontsize=8)
        panel.text(row, -0.62, name, ha="left", va="bottom", fontsize=8, rotation=30)
        for column in range(count):
            text = str(Fraction(judgements[row][column]).limit_denominator(9))
            panel.text(column, row, text, ha="center", va="center", fontsize=9)
        panel.text(count + 0.2, row, f"{found.weights[row]:.3f}", ha="center", va="center", fontsize=9)
    panel.text(count + 0.2, -0.62, "weight", ha="center", va="bottom", fontsize=8, fontweight="bold")
    for edge in (-0.5, count - 0.5):
        panel.plot([-0.5, count + 0.75], [edge, edge], color=SOFT, lw=0.8)
    said = (
        f"consistency ratio {found.consistency_ratio:.3f} (limit 0.10)\n"
        f"geometric consistency index {found.geometric_consistency_index:.3f} "
        f"(limit {found.geometric_consistency_limit:.2f})"
    )
    panel.text(-1.75, count - 0.25, said, fontsize=8, va="top", linespacing=1.4)


FIGURE_2 = Exhibit("figure-2", "Figure 2: the ontology and its weights", table=table, figure=figure)
