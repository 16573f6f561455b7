"""The tree as data: what it holds, how it is edited, and what it is refused for."""

import copy
import json

import numpy as np
import pytest

from simgrid.rating import Node, Ontology, OntologyError, RatingError, Weighting
from simgrid.rating.tree import NORMAL, URGENT


@pytest.fixture(scope="module")
def tree() -> Ontology:
    return Ontology.default()


def small() -> dict[str, object]:
    return {
        "weights": {
            "normal": {"judgements": [[1, 3], ["1/3", 1]], "provenance": "stated", "source": "panel"}
        },
        "children": {
            "Subspecialty": {"children": {"Modality": {"children": {"CT": {}, "MR": None}}}},
            "Workload": {"children": {"Within limit": {"quantitative": True}}},
        },
    }


def refusal(mapping: object) -> str:
    with pytest.raises(OntologyError) as caught:
        Ontology.from_mapping(mapping)  # type: ignore[arg-type]
    return str(caught.value)


# The tree that travels with simgrid


def test_the_four_nodes_and_the_four_dimensions(tree: Ontology):
    assert [node.name for node in tree.root.children] == [
        "Subspecialty",
        "Response time",
        "Workload",
        "Technical",
    ]
    assert tree.dimensions == ("Modality", "Body part", "Anatomy", "Disease")
    assert set(tree.quantities) == {
        *("Delivery", "Availability", "Reading", "Within limit", "Monitor", "Storage", "Bandwidth")
    }


def test_urgent_cases_care_less_for_subspecialty_and_workload_and_more_for_time(tree: Ontology):
    normal, urgent = tree.root.weights(NORMAL), tree.root.weights(URGENT)
    subspecialty, response, workload, _ = urgent - normal
    assert subspecialty < 0
    assert workload < 0
    assert response > 0
    assert urgent.argmax() == 1


def test_every_judgement_says_where_it_comes_from_and_contradicts_no_other(tree: Ontology):
    weightings = [w for node in tree.root.walk() for _, w in node.weightings]
    assert len(weightings) >= 5
    for weighting in weightings:
        assert weighting.judgements
        assert weighting.source
        assert weighting.provenance == "assumed"
        assert weighting.consistency_ratio < 0.1


def test_weights_without_judgements_are_equal(tree: Ontology):
    weights = tree.node("Body part").weights(NORMAL)
    assert weights == pytest.approx(np.full(14, 1 / 14))


# Editing


def test_the_mapping_gives_the_tree_back_through_json(tree: Ontology):
    again = Ontology.from_mapping(json.loads(json.dumps(tree.to_mapping())))
    assert again == tree
    assert again.conditions == tree.conditions


def test_columns_follow_the_tree():
    tree = Ontology.from_mapping(small())
    assert [(c.dimension, c.name) for c in tree.conditions] == [("Modality", "CT"), ("Modality", "MR")]
    assert tree.column("Modality", "MR") == 1
    assert tree.quantities == ("Within limit",)
    assert tree.root.weights(NORMAL) == pytest.approx([0.75, 0.25])
    assert tree.root.weights(URGENT) == pytest.approx([0.75, 0.25])
    assert tree.root.weighting(NORMAL).source == "panel"


def test_weights_may_be_given_by_name_in_any_order():
    mapping = small()
    mapping["weights"] = {"normal": {"weights": {"Workload": 0.9, "Subspecialty": 0.1}}}
    tree = Ontology.from_mapping(mapping)
    assert tree.root.weights(NORMAL).tolist() == [0.1, 0.9]
    assert Ontology.from_mapping(tree.to_mapping()) == tree


def test_several_experts_survive_the_round_trip():
    mapping = small()
    mapping["weights"] = {"normal": {"judgements": [[[1, 2], ["1/2", 1]], [[1, 8], ["1/8", 1]]]}}
    tree = Ontology.from_mapping(mapping)
    assert tree.root.weights(NORMAL) == pytest.approx([0.8, 0.2])
    assert Ontology.from_mapping(tree.to_mapping()) == tree


def test_one_judgement_changed(tree: Ontology):
    changed = tree.with_judgement("root", "Subspecialty", "Response time", 5)
    assert changed.root.weights(NORMAL)[0] > tree.root.weights(NORMAL)[0]
    assert changed.root.weights(URGENT) == pytest.approx(tree.root.weights(URGENT))
    assert np.array(changed.root.weighting(NORMAL).judgements)[0, 1, 0] == pytest.approx(1 / 5)
    own = tree.with_judgement("Response time", "Delivery", "Reading", 1, URGENT)
    assert own.node("Response time").weights(NORMAL) == pytest.approx([0.2, 0.4, 0.4])
    assert own.node("Response time").weights(URGENT)[0] > 0.2


def test_judgements_that_cannot_be_changed(tree: Ontology):
    with pytest.raises(RatingError, match=r"Body part\.weights\.normal hold no judgements"):
        tree.with_judgement("Body part", "Brain", "Knee", 2)
    with pytest.raises(RatingError, match=r"root\.Speed is not a child: expected one of Subspecialty"):
        tree.with_judgement("root", "Speed", "Workload", 2)


# Demand and ratings by name


def test_demand_by_name(tree: Ontology):
    wanted = tree.demand([{"Modality": "CT", "Body part": ["Knee", "Leg"], "Disease": None}, {}])
    assert wanted.sum(axis=1).tolist() == [3, 0]
    assert wanted[0, tree.column("Body part", "Leg")]


def test_ratings_by_name(tree: Ontology):
    given = tree.ratings([{"Modality": {"CT": 0.5}}, {}], default=0.2)
    assert given.shape == (2, len(tree.conditions))
    assert given[0, tree.column("Modality", "CT")] == 0.5
    assert given[1].tolist() == [0.2] * len(tree.conditions)


def test_unknown_names_come_all_at_once_with_the_known_ones(tree: Ontology):
    with pytest.raises(RatingError) as caught:
        tree.demand([{"Modality": "CTT"}, {"Bodypart": "Knee"}])
    assert "demand[0].Modality.CTT is not in the ontology: Modality has CT, MR" in str(caught.value)
    assert "demand[1].Bodypart.Knee is not in the ontology: its dimensions are Modality" in str(caught.value)
    with pytest.raises(RatingError) as caught:
        tree.ratings([{"Modality": {"CT": 1.5, "MR": float("nan"), "ZZ": 1}}])
    assert len(caught.value.problems) == 3
    with pytest.raises(RatingError, match="Anatomy has Head"):
        tree.column("Anatomy", "Tail")
    with pytest.raises(
        RatingError, match="is not an inner node of the ontology: expected one of root, Subspecialty"
    ):
        tree.node("CT")


# Refusals


def test_every_problem_of_a_mapping_at_once_with_its_dotted_place():
    mapping = copy.deepcopy(small())
    mapping["weights"]["normal"]["judgements"] = [[1, 3], ["1/2", 1]]  # type: ignore[index]
    mapping["weights"]["urgnt"] = {}  # type: ignore[index]
    mapping["children"]["Workload"]["children"]["Within limit"]["quantitative"] = "yes"  # type: ignore[index]
    mapping["children"]["Subspecialty"]["childs"] = {}  # type: ignore[index]
    lines = refusal(mapping).splitlines()
    cell = "weights.normal.judgements[1][0] is 0.5 (Workload over Subspecialty)"
    assert f"{cell} but judgements[0][1] is 3: expected 1/3" in lines
    assert "weights.urgnt is not known: did you mean 'urgent'?" in lines
    assert "children.Workload.children.Within limit.quantitative is 'yes': expected true or false" in lines
    assert "children.Subspecialty.childs is not known: did you mean 'children'?" in lines
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (
            {"normal": {"judgements": [[1, "often"], [1, 1]]}},
            "judgements[0][1] is 'often': expected a number or a",
        ),
        ({"normal": {"judgements": [[1, "1/0"], [1, 1]]}}, "judgements[0][1] is '1/0'"),
        ({"normal": {"judgements": [[1]]}}, "compare 1 things, but 2 labels"),
        ({"normal": {"judgements": [[1, 2], [0.5, 1]], "weights": {}}}, "either judgements or weights"),
        ({"normal": {}}, "weights.normal has to hold either judgements or weights"),
        ({"normal": {"weights": {"Subspecialty": 0.5}}}, "weights.normal.weights.Workload is missing"),
        ({"normal": {"weights": {"Subspecialty": 0.5, "Workload": 0.4}}}, "sum to 0.9: expected 1"),
        (
            {"normal": {"weights": {"Subspecialty": 2, "Workload": True}}},
            "Workload is True: expected a number",
        ),
        ({"normal": {"weights": {"Speed": 1}}}, "weights.Speed is not known"),
        ({"urgent": {"weights": {"Subspecialty": 0.5, "Workload": 0.5}}}, "weights.normal is missing"),
        ({"normal": {"judgements": [[1, 1], [1, 1]], "provenance": "rumour"}}, "provenance is 'rumour'"),
        ({"normal": {"judgements": [[1, 1], [1, 1]], "source": 3}}, "source is 3: expected text"),
        ("equal", "weights is 'equal': expected a mapping"),
    ],
)
def test_refused_weights(weights: object, message: str):
    assert message in refusal({**small(), "weights": weights})


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({}, "children is missing"),
        ("tree", "ontology is 'tree': expected a mapping"),
        ({"children": {"A": {"weights": {}}}}, "children.A.weights stands on a leaf"),
        (
            {"children": {"A": {"quantitative": True, "children": {"B": {}}}}},
            "quantitative is true on a node with",
        ),
        (
            {"children": {"A": {"children": {"B": {}}}, "C": {"children": {"A": {"children": {"D": {}}}}}}},
            "A names 2",
        ),
        (
            {"children": {"A": {"children": {"Q": {"quantitative": True}}}, "Q": {"quantitative": True}}},
            "Q names 2 quantitative leaves",
        ),
    ],
)
def test_refused_trees(mapping: object, message: str):
    assert message in refusal(mapping)


def test_a_tree_built_in_code_is_checked_too():
    with pytest.raises(OntologyError) as caught:
        Ontology(
            Node(
                "root",
                (Node("A"), Node("A"), Node("B", weightings=((NORMAL, Weighting((1.0,))),))),
                ((NORMAL, Weighting((0.5, 0.5))), ("weekend", Weighting((0.5, 0.5, 0.5), provenance="?"))),
            )
        )
    text = str(caught.value)
    assert "root.A appears 2 times among its siblings" in text
    assert "root.weights.normal has 2 weights for 3 children" in text
    assert "root.weights.weekend is not a weight set" in text
    assert "root.weights.weekend sums to 1.5" in text
    assert "root.weights.weekend.provenance is '?'" in text
    assert "root.B.weights.normal weighs the children of a leaf" in text
    with pytest.raises(OntologyError, match="has no children"):
        Ontology(Node("root"))
