"""Equation 2 for any demand and any ratings, against sums written out one by one."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.rating import Node, Ontology, rbsm, subspecialty_fit

TREE = Ontology.from_mapping(
    {
        "weights": {
            "normal": {"judgements": [[1, 2, 3], ["1/2", 1, 2], ["1/3", "1/2", 1]]},
            "urgent": {"judgements": [[1, "1/3", 1], [3, 1, 3], [1, "1/3", 1]]},
        },
        "children": {
            "Subspecialty": {
                "weights": {
                    "normal": {"judgements": [[1, 3], ["1/3", 1]]},
                    "urgent": {"judgements": [[1, 2], ["1/2", 1]]},
                },
                "children": {
                    "Modality": {
                        "weights": {"normal": {"weights": {"CT": 0.5, "MR": 0.3, "DX": 0.2}}},
                        "children": {"CT": {}, "MR": {}, "DX": {}},
                    },
                    "Disease": {"children": {"Injury": {}, "Neoplasm": {}}},
                },
            },
            "Response time": {
                "children": {"Delivery": {"quantitative": True}, "Reading": {"quantitative": True}}
            },
            "Workload": {"children": {"Within limit": {"quantitative": True}}},
        },
    }
)
M = len(TREE.conditions)
READINGS = ("absolute", "relative", "share")


class Case:
    """One random question."""

    def __init__(self, seed: int, S: int, R: int) -> None:
        rng = np.random.default_rng(seed)
        self.demand = rng.random((S, M)) < 0.4
        self.rating = np.where(rng.random((R, M)) < 0.2, 0, rng.random((R, M)))
        self.met = rng.random((R, M)) < 0.8
        self.urgent = rng.random(S) < 0.5
        self.quantitative = {name: rng.random((S, R)) for name in TREE.quantities}

    def ask(self, **more: object) -> np.ndarray:
        return rbsm(
            self.demand,
            self.rating,
            ontology=TREE,
            urgent=self.urgent,
            met=self.met,
            quantitative=self.quantitative,
            **more,  # type: ignore[arg-type]
        )

    def leaf(self, parent: Node, child: Node, i: int, j: int) -> tuple[float, bool]:
        """r_m q_m of a leaf, and whether the inspection poses it."""
        if child.quantitative:
            return self.quantitative[child.name][i, j], True
        m = TREE.column(parent.name, child.name)
        return self.rating[j, m] * self.met[j, m], bool(self.demand[i, m])


cases = st.builds(Case, st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 5))


def absolute(case: Case, node: Node, i: int, j: int) -> tuple[float, bool]:
    """The absolute reading of one pair at one node, summed condition by condition."""
    above = below = 0.0
    row_set = "urgent" if case.urgent[i] else "normal"
    for m, child in enumerate(node.children):
        value, posed = absolute(case, child, i, j) if child.children else case.leaf(node, child, i, j)
        if posed:
            above += node.weights(row_set)[m] * value
            below += node.weights("normal")[m]
    return (above / below if below else 0.0), below > 0


def literal(case: Case, name: str, i: int, j: int) -> float:
    """Eq. 2 as printed for one pair: the double sum over l and m, c_lm asked for every two entities."""
    levels = [[TREE.root]]
    while any(node.children for node in levels[-1]):
        levels.append([child for node in levels[-1] for child in node.children])
    row_set = "urgent" if case.urgent[i] else "normal"
    found: dict[int, float] = {}
    for upper, lower in reversed(list(pairwise(levels))):
        sums = []
        for node in upper:
            total = 0.0
            for child in lower:
                for m, own in enumerate(node.children):
                    if own is child:
                        value, posed = (
                            (found[id(child)], True) if child.children else case.leaf(node, child, i, j)
                        )
                        total += node.weights(row_set)[m] * value * posed
            sums.append(total)
        for node, total in zip(upper, sums, strict=True):
            if node.children:
                found[id(node)] = total / sum(sums) if sum(sums) else 0.0
    return found[id(TREE.node(name))]


@settings(deadline=None, max_examples=40)
@given(cases, st.sampled_from(["root", "Subspecialty", "Modality", "Response time"]))
def test_matrix_products_equal_the_sums_written_out(case: Case, name: str):
    S, R = len(case.demand), len(case.rating)
    row_weights = {
        row_set: dict(zip("SRW", TREE.root.weights(row_set), strict=True)) for row_set in ("normal", "urgent")
    }
    edge = {"root": None, "Response time": "R"}.get(name, "S")
    expected = np.zeros((S, R))
    for i in range(S):
        factor = 1.0
        if edge and case.urgent[i]:
            factor = row_weights["urgent"][edge] / row_weights["normal"][edge]
            if name == "Modality":
                factor *= (
                    TREE.node("Subspecialty").weights("urgent")[0]
                    / TREE.node("Subspecialty").weights("normal")[0]
                )
        for j in range(R):
            expected[i, j] = factor * absolute(case, TREE.node(name), i, j)[0]
    value = case.ask(node=name)
    assert value == pytest.approx(expected)
    sums, tops = expected.sum(axis=1, keepdims=True), expected.max(axis=1, keepdims=True)
    share = np.divide(expected, sums, out=np.zeros_like(expected), where=sums > 0)
    relative = np.divide(expected, tops, out=np.zeros_like(expected), where=tops > 0)
    assert case.ask(node=name, normalisation="share") == pytest.approx(share)
    assert case.ask(node=name, normalisation="relative") == pytest.approx(relative)


@settings(deadline=None, max_examples=40)
@given(cases, st.sampled_from(["root", "Subspecialty", "Modality", "Response time"]))
def test_the_literal_reading_equals_eq_2_as_printed(case: Case, name: str):
    expected = [[literal(case, name, i, j) for j in range(len(case.rating))] for i in range(len(case.demand))]
    assert case.ask(node=name, normalisation="literal") == pytest.approx(np.array(expected))


@settings(deadline=None, max_examples=40)
@given(cases)
def test_the_literal_root_tells_nobody_apart(case: Case):
    assert case.ask(node="root", normalisation="literal") == pytest.approx(1)


@settings(deadline=None, max_examples=60)
@given(cases, st.sampled_from(["root", "Subspecialty"]))
def test_the_best_candidate_is_the_same_under_every_normalisation(case: Case, name: str):
    best = [case.ask(node=name, normalisation=reading).argmax(axis=1).tolist() for reading in READINGS]
    assert best[0] == best[1] == best[2]


@settings(deadline=None, max_examples=40)
@given(cases, st.sampled_from([*READINGS, "literal"]), st.randoms(use_true_random=False))
def test_the_order_of_radiologists_and_inspections_does_not_matter(case: Case, reading: str, random: object):
    rows, columns = list(range(len(case.demand))), list(range(len(case.rating)))
    random.shuffle(rows)  # type: ignore[attr-defined]
    random.shuffle(columns)  # type: ignore[attr-defined]
    straight = case.ask(normalisation=reading)
    case.demand, case.urgent = case.demand[rows], case.urgent[rows]
    case.rating, case.met = case.rating[columns], case.met[columns]
    case.quantitative = {name: a[np.ix_(rows, columns)] for name, a in case.quantitative.items()}
    assert case.ask(normalisation=reading) == pytest.approx(straight[np.ix_(rows, columns)])


@settings(deadline=None, max_examples=40)
@given(cases)
def test_fit_lies_between_nothing_and_everything(case: Case):
    fit = subspecialty_fit(case.demand, case.rating, ontology=TREE)
    assert ((fit >= 0) & (fit <= 1 + 1e-12)).all()
    ideal = subspecialty_fit(case.demand, np.ones((1, M)), ontology=TREE)
    assert ideal[:, 0] == pytest.approx(case.demand.any(axis=1).astype(float))


@settings(deadline=None, max_examples=40)
@given(cases, st.data())
def test_a_better_skill_never_lowers_the_absolute_rating(case: Case, data: st.DataObject):
    before = case.ask()
    j = data.draw(st.integers(0, len(case.rating) - 1))
    m = data.draw(st.integers(0, M - 1))
    case.rating[j, m] = 1.0
    after = case.ask()
    assert (after >= before - 1e-12).all()
    others = [k for k in range(len(case.rating)) if k != j]
    assert after[:, others] == pytest.approx(before[:, others])
